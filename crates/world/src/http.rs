//! A request and its answer, as far as connectors need HTTP; and who sends them.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    pub const ALL: [Method; 5] = [
        Method::Get,
        Method::Post,
        Method::Put,
        Method::Patch,
        Method::Delete,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }

    /// Upper case alone, as HTTP has it.
    pub fn from_name(name: &str) -> Option<Method> {
        Method::ALL.into_iter().find(|method| method.name() == name)
    }
}

/// Which machines a request may end up at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Only those of the public internet, whatever a name resolves to.
    Public,
    /// Also loopback, link-local and private addresses: the operator named the host.
    Anywhere,
}

#[derive(Clone)]
pub struct HttpRequest {
    pub method: Method,
    pub url: String,
    /// Lower-case names. Values may be secrets: `Debug` shows only the names.
    pub headers: Vec<(String, String)>,
    pub body: Option<Bytes>,
    /// For the whole exchange, body included.
    pub timeout: Duration,
    pub reach: Reach,
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("url", &self.url)
            .field("headers", &names)
            .field("body_bytes", &self.body.as_ref().map_or(0, Bytes::len))
            .finish()
    }
}

/// How a body came over the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Identity,
    Gzip,
}

#[derive(Clone, Debug)]
pub struct HttpAnswer {
    pub status: u16,
    /// Lower-case names.
    pub headers: Vec<(String, String)>,
    /// As it came.
    pub wire_body: Bytes,
    pub encoding: Encoding,
    /// Decompressed; the same bytes as `wire_body` when it came plain.
    pub body: Bytes,
}

impl HttpAnswer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Why there is no answer. Texts never hold headers or bodies.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    #[error("no answer within {}", seconds(.after))]
    TimedOut { after: Duration },
    #[error("cannot connect: {reason}")]
    Connect { reason: String },
    /// The connection broke, or the body ended early or would not decompress.
    #[error("the answer broke off: {reason}")]
    Interrupted { reason: String },
    #[error("the answer is larger than {limit_bytes} bytes")]
    TooLarge { limit_bytes: u64 },
    /// [`Reach::Public`], and the host's addresses are of this machine or a private network.
    #[error(
        "{host} is not on the public internet: name it in providers.CODE.base_url, or allow all \
         such addresses with http.allow_private_addresses"
    )]
    NotPublic { host: String },
    #[error("the request cannot be sent: {reason}")]
    Unsendable { reason: String },
}

fn seconds(duration: &Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

pub type Sending = Pin<Box<dyn Future<Output = Result<HttpAnswer, TransportError>> + Send>>;

/// Sends one request. Redirects are answers like any other: nobody follows them unseen.
pub trait Transport: Send + Sync {
    fn send(&self, request: HttpRequest) -> Sending;
}
