//! A successful answer: a JSON body, and the warnings that its query earned.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

pub(crate) struct Reply {
    status: StatusCode,
    body: Vec<u8>,
    warnings: Vec<String>,
}

impl Reply {
    /// A body that is JSON already.
    pub(crate) fn json(body: Vec<u8>) -> Reply {
        Reply {
            status: StatusCode::OK,
            body,
            warnings: Vec::new(),
        }
    }

    pub(crate) fn of(value: &impl Serialize) -> Reply {
        let body = serde_json::to_vec(value).expect("our answers are structs that JSON can hold");
        Reply::json(body)
    }

    pub(crate) fn created(value: &impl Serialize) -> Reply {
        Reply {
            status: StatusCode::CREATED,
            ..Reply::of(value)
        }
    }

    /// 202
    pub(crate) fn accepted(value: &impl Serialize) -> Reply {
        Reply {
            status: StatusCode::ACCEPTED,
            ..Reply::of(value)
        }
    }

    /// 204
    pub(crate) fn no_content() -> Reply {
        Reply {
            status: StatusCode::NO_CONTENT,
            ..Reply::json(Vec::new())
        }
    }

    pub(crate) fn warn(mut self, warnings: Vec<String>) -> Reply {
        self.warnings = warnings;
        self
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let json = HeaderValue::from_static("application/json");
        let mut response = match self.status {
            StatusCode::NO_CONTENT => self.status.into_response(),
            status => (status, [(header::CONTENT_TYPE, json)], self.body).into_response(),
        };
        for warning in self.warnings {
            // Warnings are made of our words and of names with harmless characters.
            if let Ok(value) = HeaderValue::try_from(format!("299 - \"{warning}\"")) {
                response.headers_mut().append(header::WARNING, value);
            }
        }
        response
    }
}
