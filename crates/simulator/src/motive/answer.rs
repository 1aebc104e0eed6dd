//! Refusals in Motive's words.

use crate::samsara::wire::Json;

/// A request that is refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    pub status: u16,
    pub body: Body,
    /// Whole seconds (429 only).
    pub retry_after_s: Option<u64>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// `error_message`, as the API says it.
    Message(String),
    /// What a proxy says when the API does not answer.
    Plain(&'static str),
}

impl Refusal {
    pub fn of(status: u16, message: impl Into<String>) -> Refusal {
        Refusal {
            status,
            body: Body::Message(message.into()),
            retry_after_s: None,
        }
    }

    pub fn bad(message: impl Into<String>) -> Refusal {
        Refusal::of(400, message)
    }

    pub fn not_found() -> Refusal {
        Refusal::of(404, "not found")
    }

    pub fn throttled(retry_after_s: u64) -> Refusal {
        Refusal {
            retry_after_s: Some(retry_after_s),
            ..Refusal::of(429, "too many requests")
        }
    }

    pub fn plain(status: u16, text: &'static str) -> Refusal {
        Refusal {
            status,
            body: Body::Plain(text),
            retry_after_s: None,
        }
    }

    /// Content type and body.
    pub fn body(&self) -> (&'static str, Vec<u8>) {
        let mut json = Json::default();
        match &self.body {
            Body::Plain(text) => return ("text/html", text.as_bytes().to_vec()),
            Body::Message(message) => {
                json.raw("{").text_member("error_message", message);
            }
        }
        json.raw("}");
        ("application/json", json.bytes)
    }
}
