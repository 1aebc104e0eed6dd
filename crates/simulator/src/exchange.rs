//! A question to a simulated provider and its answer, whatever lies in between.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use model::Timestamp;
use world::Encoding;

/// What answers as a provider would: a function of the request and the time (and, for sessions,
/// rate limits and faults, of the requests before).
pub trait ProviderServer: Send + Sync {
    fn answer(&self, request: &SimRequest, now: Timestamp) -> SimAnswer;

    /// How many requests came so far.
    fn requests(&self) -> u64;
}

/// A request, from HTTP or from a test.
#[derive(Clone, Default)]
pub struct SimRequest {
    pub method: String,
    /// Host and port that it was sent to (`127.0.0.1:8931`), for servers that are several.
    pub host: String,
    /// Begins with a slash; without the query.
    pub path: String,
    /// As it came, percent-encoded, without the question mark.
    pub query: String,
    /// Any case of names.
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl fmt::Debug for SimRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers and bodies of questions hold credentials.
        f.debug_struct("SimRequest")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("query", &self.query)
            .finish_non_exhaustive()
    }
}

impl SimRequest {
    /// A GET of a path with its query.
    pub fn get(path_and_query: &str) -> SimRequest {
        let (path, query) = path_and_query
            .split_once('?')
            .unwrap_or((path_and_query, ""));
        SimRequest {
            method: "GET".to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            ..SimRequest::default()
        }
    }

    /// A POST of a JSON text.
    pub fn post(path: &str, body: impl Into<Bytes>) -> SimRequest {
        SimRequest {
            method: "POST".to_owned(),
            path: path.to_owned(),
            body: body.into(),
            ..SimRequest::default()
        }
    }

    pub fn with_header(mut self, name: &str, value: &str) -> SimRequest {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// What is sent, and how badly.
#[derive(Clone, Debug)]
pub struct SimAnswer {
    pub status: u16,
    /// Lower-case names; without `content-length`.
    pub headers: Vec<(String, String)>,
    /// As it goes over the wire.
    pub body: Bytes,
    pub encoding: Encoding,
    /// To wait before sending.
    pub delay: Duration,
    /// The connection breaks after so many bytes of the body, all of which were announced.
    pub cut_after_bytes: Option<usize>,
}

impl SimAnswer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}
