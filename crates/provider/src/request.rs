//! A request without its credentials.

use std::fmt;

use crate::credentials::Secret;

/// What to ask, below the provider's base URL. It holds nothing secret, so it is kept in the raw
/// log and shown in errors as it is. All requests of this providers are GETs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Begins with a slash.
    pub path: String,
    /// In order, not yet percent-encoded.
    pub query: Vec<(&'static str, String)>,
    /// Lower-case names.
    pub headers: Vec<(&'static str, String)>,
}

impl Request {
    pub fn get(path: impl Into<String>) -> Request {
        Request {
            path: path.into(),
            ..Request::default()
        }
    }

    pub fn query(mut self, name: &'static str, value: impl Into<String>) -> Request {
        self.query.push((name, value.into()));
        self
    }

    /// Path and query as sent, percent-encoded.
    pub fn path_and_query(&self) -> String {
        let mut text = self.path.clone();
        for (index, (name, value)) in self.query.iter().enumerate() {
            text.push(if index == 0 { '?' } else { '&' });
            text.push_str(name);
            text.push('=');
            percent_encode(value, &mut text);
        }
        text
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GET {}", self.path_and_query())
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

/// What makes a request the account's own.
#[derive(Clone, Debug)]
pub struct Auth {
    /// Lower-case header name.
    pub header: &'static str,
    pub value: Secret,
}
