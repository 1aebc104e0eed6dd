//! A request without its credentials.

use std::fmt;

use crate::credentials::Secret;

/// So much of a body is shown in errors and kept in the raw log: who asked for what is in front.
const SHOWN_BODY_CHARS: usize = 600;

/// What to ask, below the provider's base URL. It holds nothing secret, so it is kept in the raw
/// log and shown in errors as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    pub method: Method,
    /// Begins with a slash.
    pub path: String,
    /// In order, not yet percent-encoded.
    pub query: Vec<(&'static str, String)>,
    /// Lower-case names.
    pub headers: Vec<(&'static str, String)>,
    /// JSON, for a POST. Where credentials belong in the body, [`Auth::body`] brings the whole.
    pub body: Option<String>,
    /// Which of the provider's quotas it counts against (`Get LogRecord`); empty where it has one
    /// for everything. See [`crate::Provider::quota`].
    pub quota: &'static str,
}

/// Connectors only read: GET, or POST where the provider takes questions that way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    #[default]
    Get,
    Post,
}

impl Method {
    pub fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
        }
    }
}

impl Request {
    pub fn get(path: impl Into<String>) -> Request {
        Request {
            path: path.into(),
            ..Request::default()
        }
    }

    /// `body` is JSON.
    pub fn post(path: impl Into<String>, body: impl Into<String>) -> Request {
        Request {
            method: Method::Post,
            path: path.into(),
            headers: vec![("content-type", "application/json".to_owned())],
            body: Some(body.into()),
            ..Request::default()
        }
    }

    pub fn query(mut self, name: &'static str, value: impl Into<String>) -> Request {
        self.query.push((name, value.into()));
        self
    }

    pub fn counted_as(mut self, quota: &'static str) -> Request {
        self.quota = quota;
        self
    }

    /// Path and query as sent, percent-encoded.
    pub fn path_and_query(&self) -> String {
        let mut text = self.path.clone();
        for (index, (name, value)) in self.query.iter().enumerate() {
            text.push(if index == 0 { '?' } else { '&' });
            percent_encode(name, &mut text);
            text.push('=');
            percent_encode(value, &mut text);
        }
        text
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method.name(), self.path_and_query())?;
        let Some(body) = &self.body else {
            return Ok(());
        };
        match body.char_indices().nth(SHOWN_BODY_CHARS) {
            Some((end, _)) => write!(f, " {}… ({} bytes)", &body[..end], body.len()),
            None => write!(f, " {body}"),
        }
    }
}

/// Everything but RFC 3986's unreserved characters, and the comma and colon that lists and times
/// are full of and every server takes plain.
fn percent_encode(value: &str, text: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~,:".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
}

/// What makes a request the account's own. Added when it is sent, never kept.
#[derive(Clone, Debug, Default)]
pub struct Auth {
    /// Lower-case header names.
    pub headers: Vec<(&'static str, Secret)>,
    /// Sent instead of the request's own body: the same question with the credentials in it.
    pub body: Option<Secret>,
    /// The bare secrets, which no answer may repeat.
    pub secrets: Vec<Secret>,
}

impl Auth {
    /// One header whose value is `prefix` and the secret (`Bearer `, or nothing).
    pub fn header(name: &'static str, prefix: &str, secret: &Secret) -> Auth {
        let value = Secret::new(format!("{prefix}{}", secret.reveal()));
        Auth {
            headers: vec![(name, value)],
            body: None,
            secrets: vec![secret.clone()],
        }
    }
}
