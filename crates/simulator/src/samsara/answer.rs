//! Answers before they are sent, and refusals in Samsara's words.

use super::wire::Json;

/// A request that is refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    pub status: u16,
    pub message: String,
    /// Seconds, with a fraction (429 only).
    pub retry_after_s: Option<f64>,
    /// The oldest endpoints answer in plain text also below 500.
    pub is_plain: bool,
}

impl Refusal {
    pub fn bad(message: impl Into<String>) -> Refusal {
        Refusal::of(400, message)
    }

    pub fn of(status: u16, message: impl Into<String>) -> Refusal {
        Refusal {
            status,
            message: message.into(),
            retry_after_s: None,
            is_plain: false,
        }
    }

    /// A 400 of an endpoint under `/v1`.
    pub fn v1(reason: &str) -> Refusal {
        Refusal {
            is_plain: true,
            ..Refusal::bad(format!("rpc error: code = InvalidArgument desc = {reason}"))
        }
    }

    pub fn throttled(retry_after_s: f64) -> Refusal {
        Refusal {
            retry_after_s: Some(retry_after_s),
            ..Refusal::of(429, "Exceeded rate limit.")
        }
    }

    /// Content type and body: JSON below 500 as a rule, plain text from there on.
    pub fn body(&self, request_id: &str) -> (&'static str, Vec<u8>) {
        if self.is_plain || self.status >= 500 {
            return (
                "text/plain; charset=utf-8",
                self.message.clone().into_bytes(),
            );
        }
        let mut json = Json::default();
        json.raw("{").text_member("message", &self.message);
        json.text_member("requestId", request_id).raw("}");
        ("application/json", json.bytes)
    }
}
