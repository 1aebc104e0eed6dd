//! Everything that a request can end in but success: its status, what the client reads, and what
//! only the log reads.

use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::RequestSyncError;
use model::SyncId;
use model::envelope::{ErrorBody, ErrorDetail, ErrorPathDetail};
use store::StoreError;

use crate::rate_limit::{Budget, TooSoon};

#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// 400: the request is malformed at these places.
    #[error("the request is malformed")]
    BadRequest(Vec<ErrorPathDetail>),
    /// 401: no key, or one that opens nothing.
    #[error("not authenticated: {0}")]
    Unauthorized(&'static str),
    /// 403: the key is good, the connection is not the caller's.
    #[error("forbidden: {0}")]
    Forbidden(&'static str),
    /// 404, with what was looked for.
    #[error("not found: {0}")]
    NotFound(String),
    /// 405
    #[error("the method is not allowed here")]
    MethodNotAllowed,
    /// 409
    #[error("{message}: {detail}")]
    Conflict {
        message: &'static str,
        detail: String,
    },
    /// 413
    #[error("the body is too large")]
    PayloadTooLarge,
    /// 415
    #[error("the body is not JSON by its Content-Type")]
    UnsupportedMediaType,
    /// 422: well-formed, and impossible now.
    #[error("{message}")]
    Unprocessable {
        message: String,
        places: Vec<ErrorPathDetail>,
    },
    /// 429: a budget of requests is used up.
    #[error("too many requests of one {budget}")]
    TooManyRequests {
        budget: Budget,
        /// After so many whole seconds it is worth asking again.
        retry_after_s: u64,
    },
    /// 422: the provider cannot be asked for this connection, or refuses it what it asks.
    #[error("{message}")]
    ProviderRefused { code: &'static str, message: String },
    /// 429: the provider's quota is used up.
    #[error("the provider's quota is used up")]
    ProviderThrottled { retry_after_s: u64 },
    /// 501: the connection's provider has nothing of the kind.
    #[error("the provider does not offer this")]
    NotOffered,
    /// 502: the provider is down, or what it says makes no sense.
    #[error("bad gateway: {0}")]
    BadGateway(String),
    /// 504
    #[error("the deadline passed")]
    GatewayTimeout,
    /// 500: our fault. The client reads nothing of the cause.
    #[error("internal error: {0}")]
    Internal(String),
}

/// Left in a response's extensions for the one place that logs.
#[derive(Clone, Debug)]
pub(crate) struct ErrorNote {
    pub code: &'static str,
    /// For the operator alone.
    pub internal: Option<Arc<str>>,
}

/// One place of a request and what is wrong there.
pub(crate) fn place(
    path: impl Into<String>,
    message: impl Into<String>,
    suggestion: Option<String>,
) -> ErrorPathDetail {
    ErrorPathDetail {
        message: message.into(),
        path: path.into(),
        suggestion,
    }
}

impl ApiError {
    pub(crate) fn malformed(
        path: impl Into<String>,
        message: impl Into<String>,
        suggestion: impl Into<String>,
    ) -> ApiError {
        ApiError::BadRequest(vec![place(path, message, Some(suggestion.into()))])
    }

    pub(crate) fn internal(cause: impl std::fmt::Display) -> ApiError {
        ApiError::Internal(cause.to_string())
    }

    pub(crate) fn sync_running(id: SyncId) -> ApiError {
        ApiError::Conflict {
            message: "Sync already in progress",
            detail: format!("{id} is not over yet: wait for it, or cancel it"),
        }
    }

    pub(crate) fn status(&self) -> StatusCode {
        match self {
            ApiError::BadRequest(_) => StatusCode::BAD_REQUEST,
            ApiError::Unauthorized(_) => StatusCode::UNAUTHORIZED,
            ApiError::Forbidden(_) => StatusCode::FORBIDDEN,
            ApiError::NotFound(_) => StatusCode::NOT_FOUND,
            ApiError::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            ApiError::Conflict { .. } => StatusCode::CONFLICT,
            ApiError::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ApiError::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ApiError::Unprocessable { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            ApiError::ProviderRefused { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            ApiError::TooManyRequests { .. } | ApiError::ProviderThrottled { .. } => {
                StatusCode::TOO_MANY_REQUESTS
            }
            ApiError::NotOffered => StatusCode::NOT_IMPLEMENTED,
            ApiError::BadGateway(_) => StatusCode::BAD_GATEWAY,
            ApiError::GatewayTimeout => StatusCode::GATEWAY_TIMEOUT,
            ApiError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The contract's `code`; 405, 413 and 415 are ours.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            ApiError::BadRequest(_) => "bad_request",
            ApiError::Unauthorized(_) => "unauthorized",
            ApiError::Forbidden(_) => "forbidden",
            ApiError::NotFound(_) => "not_found",
            ApiError::MethodNotAllowed => "method_not_allowed",
            ApiError::Conflict { .. } => "conflict",
            ApiError::PayloadTooLarge => "payload_too_large",
            ApiError::UnsupportedMediaType => "unsupported_media_type",
            ApiError::Unprocessable { .. } => "unprocessable_entity",
            ApiError::ProviderRefused { code, .. } => code,
            ApiError::TooManyRequests { .. } | ApiError::ProviderThrottled { .. } => {
                "too_many_requests"
            }
            ApiError::NotOffered => "not_implemented",
            ApiError::BadGateway(_) => "bad_gateway",
            ApiError::GatewayTimeout => "gateway_timeout",
            ApiError::Internal(_) => "internal_server_error",
        }
    }

    fn message(&self) -> String {
        match self {
            ApiError::BadRequest(places) => match places.as_slice() {
                [one] => one.message.clone(),
                many => format!("{} things are wrong with the request", many.len()),
            },
            ApiError::Unauthorized(_) => "Unauthorized Request".to_owned(),
            ApiError::Forbidden(_) => "Forbidden Request".to_owned(),
            ApiError::NotFound(_) => "Resource not found".to_owned(),
            ApiError::MethodNotAllowed => "Method not allowed".to_owned(),
            ApiError::Conflict { message, .. } => (*message).to_owned(),
            ApiError::PayloadTooLarge => "Request body too large".to_owned(),
            ApiError::UnsupportedMediaType => "Unsupported media type".to_owned(),
            ApiError::Unprocessable { message, .. } | ApiError::ProviderRefused { message, .. } => {
                message.clone()
            }
            ApiError::TooManyRequests { .. } | ApiError::ProviderThrottled { .. } => {
                "Too Many Requests".to_owned()
            }
            ApiError::NotOffered => "Not Implemented".to_owned(),
            ApiError::BadGateway(_) => "Provider Unavailable".to_owned(),
            ApiError::GatewayTimeout => "Gateway Timeout".to_owned(),
            ApiError::Internal(_) => "Internal Server Error".to_owned(),
        }
    }

    fn detail(&self) -> Option<ErrorDetail> {
        let text = |text: &str| Some(ErrorDetail::Text(text.to_owned()));
        match self {
            ApiError::BadRequest(places) | ApiError::Unprocessable { places, .. } => {
                Some(ErrorDetail::Places(places.clone()))
            }
            ApiError::Unauthorized(detail) | ApiError::Forbidden(detail) => text(detail),
            ApiError::NotFound(detail) | ApiError::Conflict { detail, .. } => text(detail),
            ApiError::MethodNotAllowed => text("The Allow header lists the methods of this path"),
            ApiError::PayloadTooLarge => text("Send a shorter body"),
            ApiError::UnsupportedMediaType => {
                text("Send JSON with the header Content-Type: application/json")
            }
            ApiError::TooManyRequests { budget, .. } => text(match budget {
                Budget::Connection => {
                    "This connection's requests come faster than the server takes them; spread \
                     them out"
                }
                Budget::Application => {
                    "The requests of all your connections together come faster than the server \
                     takes them; spread them out"
                }
            }),
            // 422 has a list; here no place of the request is wrong.
            ApiError::ProviderRefused { .. } => Some(ErrorDetail::Places(Vec::new())),
            ApiError::ProviderThrottled { .. } => {
                text("The provider's quota for this account is used up")
            }
            ApiError::NotOffered => text("The connection's provider offers nothing of the kind"),
            ApiError::BadGateway(detail) => text(detail),
            // The contract gives 504 no detail, and the cause of a 500 is the operator's.
            ApiError::GatewayTimeout | ApiError::Internal(_) => None,
        }
    }

    fn retry_after_s(&self) -> Option<u64> {
        match self {
            ApiError::TooManyRequests { retry_after_s, .. }
            | ApiError::ProviderThrottled { retry_after_s } => Some(*retry_after_s),
            _ => None,
        }
    }

    pub(crate) fn body(&self) -> ErrorBody {
        ErrorBody {
            code: self.code().to_owned(),
            message: self.message(),
            detail: self.detail(),
            retry_after: self.retry_after_s(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self.body()).expect("texts and lists of texts are JSON");
        let json = HeaderValue::from_static("application/json");
        let mut response = (self.status(), [(header::CONTENT_TYPE, json)], body).into_response();
        if let ApiError::Unauthorized(_) = self {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after_s() {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        let note = ErrorNote {
            code: self.code(),
            internal: match self {
                ApiError::Internal(cause) => Some(cause.into()),
                _ => None,
            },
        };
        response.extensions_mut().insert(note);
        response
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> ApiError {
        match error {
            StoreError::NotFound { what } => ApiError::NotFound(format!("There is no such {what}")),
            StoreError::Conflict { what } => ApiError::Conflict {
                message: "Already exists",
                detail: format!("{what} exists already"),
            },
            StoreError::SyncRunning(id) => ApiError::sync_running(id),
            error @ StoreError::ReplayRunning(_) => ApiError::Conflict {
                message: "Replay in progress",
                detail: error.to_string(),
            },
            StoreError::SyncState { status } => ApiError::Unprocessable {
                message: format!("The sync is {status}"),
                places: Vec::new(),
            },
            StoreError::ConnectionState { status } => ApiError::Unprocessable {
                message: match status {
                    "deleting" => {
                        "The connection is being deleted, and nobody can call that off any more"
                    }
                    "deleted" => "The connection is deleted",
                    _ => "The connection's status does not allow this",
                }
                .to_owned(),
                places: Vec::new(),
            },
            StoreError::Stale
            | StoreError::Unavailable { .. }
            | StoreError::Owned { .. }
            | StoreError::NewerSchema { .. }
            | StoreError::Corrupt { .. }
            | StoreError::Vault(_) => ApiError::internal(error),
        }
    }
}

impl From<TooSoon> for ApiError {
    fn from(too_soon: TooSoon) -> ApiError {
        ApiError::TooManyRequests {
            budget: too_soon.budget,
            retry_after_s: too_soon.retry_after_s,
        }
    }
}

impl From<RequestSyncError> for ApiError {
    fn from(error: RequestSyncError) -> ApiError {
        match error {
            RequestSyncError::ConnectionClosed(status) => ApiError::Conflict {
                message: "Connection cannot be synced",
                detail: format!("the connection is {}", status.name()),
            },
            RequestSyncError::Store(error) => error.into(),
        }
    }
}

/// An error that the HTTP library itself answered, in our form.
pub(crate) fn from_library(status: StatusCode, path: &str) -> ApiError {
    match status {
        StatusCode::NOT_FOUND => ApiError::NotFound(format!("There is nothing at {path}")),
        StatusCode::METHOD_NOT_ALLOWED => ApiError::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::PayloadTooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ApiError::UnsupportedMediaType,
        status if status.is_client_error() => ApiError::malformed(
            "{request}",
            "the request cannot be read",
            "Percent-encode the path as UTF-8",
        ),
        status => ApiError::internal(format_args!("the HTTP library answered {status}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(error: &ApiError) -> String {
        serde_json::to_string(&error.body()).expect("JSON")
    }

    #[test]
    fn detail_is_a_list_of_places_for_400_and_422_and_a_text_elsewhere() {
        let wrong = ApiError::malformed("{requestQuery}.limit", "too small", "Send 1 or more");
        assert_eq!(
            body(&wrong),
            concat!(
                r#"{"code":"bad_request","message":"too small","detail":[{"message":"too small","#,
                r#""path":"{requestQuery}.limit","suggestion":"Send 1 or more"}]}"#
            )
        );
        let state = ApiError::from(StoreError::SyncState { status: "failed" });
        assert_eq!(
            body(&state),
            r#"{"code":"unprocessable_entity","message":"The sync is failed","detail":[]}"#
        );
        assert_eq!(
            body(&ApiError::Forbidden("why")),
            r#"{"code":"forbidden","message":"Forbidden Request","detail":"why"}"#
        );
        assert_eq!(
            body(&ApiError::GatewayTimeout),
            r#"{"code":"gateway_timeout","message":"Gateway Timeout"}"#
        );
    }

    #[test]
    fn too_many_requests_say_when_to_come_again_in_body_and_header() {
        let error = ApiError::TooManyRequests {
            budget: Budget::Connection,
            retry_after_s: 7,
        };
        let body: serde_json::Value = serde_json::from_str(&body(&error)).expect("JSON");
        assert_eq!(body["code"], "too_many_requests");
        assert_eq!(body["retryAfter"], 7);
        let response = error.into_response();
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(response.headers()["retry-after"], "7");
    }

    #[test]
    fn a_running_sync_is_named() {
        let id: SyncId = "sync_01GV12VR4DJP70GD1ZBK0SDWFH".parse().expect("an id");
        let error = ApiError::from(StoreError::SyncRunning(id));
        assert_eq!(error.status(), StatusCode::CONFLICT);
        assert!(body(&error).contains("sync_01GV12VR4DJP70GD1ZBK0SDWFH"));
    }

    #[test]
    fn the_cause_of_an_internal_error_stays_inside() {
        let error = ApiError::internal("the disk is full");
        assert!(!body(&error).contains("disk"));
        let response = error.into_response();
        let note = response.extensions().get::<ErrorNote>().expect("noted");
        assert_eq!(note.internal.as_deref(), Some("the disk is full"));
    }
}
