//! What every request passes on its way in and every answer on its way out.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use model::Ulid;

use crate::Shared;
use crate::compression::{self, Coding, SMALLEST_BODY};
use crate::error::{self, ApiError, ErrorNote};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const LONGEST_REQUEST_ID: usize = 128;
/// Compressing more than this would hold up other requests of the same thread.
const LARGEST_INLINE_BODY: usize = 256 * 1_024;

/// Gives the request its id, puts errors of the HTTP library into our form, and logs errors once.
pub(crate) async fn identify(State(api): State<Shared>, request: Request, next: Next) -> Response {
    let id = request_id(&api, request.headers());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let mut response = in_our_form(next.run(request).await, &path);
    if let Some(note) = response.extensions().get::<ErrorNote>() {
        let status = response.status().as_u16();
        let id = id.to_str().unwrap_or_default();
        match &note.internal {
            Some(cause) => tracing::error!(
                request.id = id, %method, path, status, code = note.code, %cause, "request failed"
            ),
            None => tracing::info!(
                request.id = id, %method, path, status, code = note.code, "request refused"
            ),
        }
    }
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

/// The client's own id where it is a plain word, else a new one.
fn request_id(api: &Shared, headers: &HeaderMap) -> HeaderValue {
    let sane = |value: &&HeaderValue| {
        (1..=LONGEST_REQUEST_ID).contains(&value.len())
            && value
                .as_bytes()
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte))
    };
    if let Some(theirs) = headers.get(REQUEST_ID).filter(sane) {
        return theirs.clone();
    }
    let ulid = Ulid::new(api.engine.clock().now(), api.engine.entropy().u128());
    HeaderValue::try_from(format!("req_{ulid}")).expect("letters and digits")
}

fn in_our_form(response: Response, path: &str) -> Response {
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    if !is_error || response.extensions().get::<ErrorNote>().is_some() {
        return response;
    }
    let mut ours = error::from_library(status, path).into_response();
    if let Some(allow) = response.headers().get(header::ALLOW) {
        ours.headers_mut().insert(header::ALLOW, allow.clone());
    }
    ours
}

/// Answers 504 when the deadline passes. It is measured in real time whatever clock the engine
/// has: a client waits in no other.
pub(crate) async fn deadline(State(api): State<Shared>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(api.config.request_deadline, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::GatewayTimeout.into_response(),
    }
}

/// Compresses the answer as the client asked.
pub(crate) async fn compress(request: Request, next: Next) -> Response {
    let coding = compression::negotiate(request.headers());
    let mut response = next.run(request).await;
    let vary = HeaderValue::from_static("accept-encoding");
    response.headers_mut().append(header::VARY, vary);
    match coding.name() {
        None => response,
        Some(name) => compressed(response, coding, name).await,
    }
}

async fn compressed(response: Response, coding: Coding, name: &'static str) -> Response {
    let (mut parts, body) = response.into_parts();
    let plain = match axum::body::to_bytes(body, usize::MAX).await {
        Ok(plain) => plain,
        Err(error) => return ApiError::internal(error).into_response(),
    };
    if plain.len() < SMALLEST_BODY {
        return Response::from_parts(parts, Body::from(plain));
    }
    let encoded = match plain.len() <= LARGEST_INLINE_BODY {
        true => coding.encode(&plain),
        false => {
            let work = tokio::task::spawn_blocking(move || coding.encode(&plain));
            work.await
                .unwrap_or_else(|error| Err(std::io::Error::other(error)))
        }
    };
    match encoded {
        Ok(encoded) => {
            let name = HeaderValue::from_static(name);
            parts.headers.insert(header::CONTENT_ENCODING, name);
            parts.headers.remove(header::CONTENT_LENGTH);
            Response::from_parts(parts, Body::from(encoded))
        }
        Err(error) => ApiError::internal(error).into_response(),
    }
}
