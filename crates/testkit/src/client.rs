//! A client of the API, in process, that holds every answer against the contract.
//!
//! Requests go straight into the router, without a socket. Whatever a test asks for, each answer is
//! decompressed, must carry `X-Request-Id`, and must be one that the contract allows; a test only
//! says what it wants beyond that. [`Coverage`] remembers which operations were met.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, header};
use serde_json::Value;
use tower::ServiceExt;

use crate::contract::{Contract, Operation};

/// Under which the contract's paths are served.
pub const PREFIX: &str = "/tsp/v1";

/// Larger answers than any test asks for.
const LARGEST_BODY_BYTES: usize = 256 << 20;

/// Which operations were answered how.
#[derive(Debug, Default)]
pub struct Coverage(Mutex<BTreeSet<(Operation, u16)>>);

impl Coverage {
    fn note(&self, operation: Operation, status: u16) {
        let mut met = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        met.insert((operation, status));
    }

    /// The statuses that an operation was answered with.
    pub fn statuses(&self, operation_id: &str) -> Vec<u16> {
        let met = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_operation = met
            .iter()
            .filter(|(operation, _)| operation.id == operation_id);
        of_operation.map(|(_, status)| *status).collect()
    }

    /// # Panics
    /// When there is an operation of the contract that was never called, naming all such.
    pub fn assert_all_operations_called(&self, contract: &Contract) {
        let met = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let never: Vec<String> = contract
            .operations()
            .iter()
            .filter(|operation| !met.iter().any(|(called, _)| called == *operation))
            .map(ToString::to_string)
            .collect();
        assert!(never.is_empty(), "never called:\n{}", never.join("\n"));
    }
}

/// Somebody who calls the API, with or without a key and a token.
#[derive(Clone)]
pub struct Client {
    router: Router,
    contract: Option<Arc<Contract>>,
    pub coverage: Arc<Coverage>,
    key: Option<String>,
    token: Option<String>,
}

impl Client {
    /// A stranger: no key, no token.
    pub fn new(router: Router) -> Client {
        Client {
            router,
            contract: Contract::shared(),
            coverage: Arc::default(),
            key: None,
            token: None,
        }
    }

    pub fn with_key(&self, key: &str) -> Client {
        Client {
            key: Some(key.to_owned()),
            ..self.clone()
        }
    }

    pub fn without_key(&self) -> Client {
        Client {
            key: None,
            ..self.clone()
        }
    }

    pub fn with_token(&self, token: &str) -> Client {
        Client {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    pub fn without_token(&self) -> Client {
        Client {
            token: None,
            ..self.clone()
        }
    }

    /// The same key and token at another server; what it is asked counts for the same coverage.
    pub fn with_router(&self, router: Router) -> Client {
        Client {
            router,
            ..self.clone()
        }
    }

    pub fn contract(&self) -> Option<&Contract> {
        self.contract.as_deref()
    }

    /// A request under [`PREFIX`], not sent yet. `path` may carry a query.
    pub fn call(&self, method: &str, path: &str) -> Call<'_> {
        let mut headers = HeaderMap::new();
        if let Some(key) = &self.key {
            let value = HeaderValue::try_from(format!("Bearer {key}"));
            headers.insert(header::AUTHORIZATION, value.expect("a key is a plain word"));
        }
        if let Some(token) = &self.token {
            let value = HeaderValue::try_from(token.as_str()).expect("a token is a plain word");
            headers.insert("connection-token", value);
        }
        Call {
            client: self,
            method: method.to_owned(),
            path: path.to_owned(),
            headers,
            body: Body::empty(),
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call("GET", path).send().await
    }

    /// Without a body.
    pub async fn post(&self, path: &str) -> Answer {
        self.call("POST", path).send().await
    }

    pub async fn post_json(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path).json(body).send().await
    }

    pub async fn patch_json(&self, path: &str, body: &Value) -> Answer {
        self.call("PATCH", path).json(body).send().await
    }

    /// The rows of every page, from the first to the one without `next`.
    ///
    /// # Panics
    /// When a page is not answered with 200, or a cursor comes twice.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let mut rows = Vec::new();
        let mut seen = BTreeSet::new();
        let mut page = self.get(path).await.ok();
        loop {
            rows.extend(
                page["results"]
                    .as_array()
                    .expect("a page has results")
                    .iter()
                    .cloned(),
            );
            let Some(next) = page["next"].as_str() else {
                return rows;
            };
            assert!(
                seen.insert(next.to_owned()),
                "{path}: the cursor {next} came twice"
            );
            let separator = if path.contains('?') { '&' } else { '?' };
            page = self
                .get(&format!("{path}{separator}cursor={next}"))
                .await
                .ok();
        }
    }
}

/// A request under way.
pub struct Call<'a> {
    client: &'a Client,
    method: String,
    path: String,
    headers: HeaderMap,
    body: Body,
}

impl Call<'_> {
    /// Replaces the header of this name.
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        let value = HeaderValue::try_from(value).expect("a plain header");
        self.headers.insert(HeaderName::from_static(name), value);
        self
    }

    pub fn without_header(mut self, name: &'static str) -> Self {
        self.headers.remove(name);
        self
    }

    pub fn json(self, body: &Value) -> Self {
        self.text(&body.to_string())
    }

    /// A body called JSON, whatever it is.
    pub fn text(self, body: &str) -> Self {
        self.header("content-type", "application/json")
            .body(body.to_owned())
    }

    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// A body that begins and never ends.
    pub fn endless_body(self) -> Self {
        let never = futures_util::stream::pending::<Result<Bytes, std::io::Error>>();
        self.header("content-type", "application/json")
            .body(Body::from_stream(never))
    }

    /// # Panics
    /// When the answer is not one that the contract allows.
    pub async fn send(self) -> Answer {
        let uri = format!("{PREFIX}{}", self.path);
        let mut request = Request::builder()
            .method(self.method.as_str())
            .uri(&uri)
            .body(self.body)
            .expect("a well-formed request");
        *request.headers_mut() = self.headers;
        let answered = self.client.router.clone().oneshot(request).await;
        let answer = answered.unwrap_or_else(|never| match never {});
        let (parts, body) = answer.into_parts();
        let wire_body = axum::body::to_bytes(body, LARGEST_BODY_BYTES)
            .await
            .expect("a body in memory cannot break off");
        let answer = Answer {
            request: format!("{} {}", self.method, self.path),
            status: parts.status.as_u16(),
            body: decompressed(&parts.headers, &wire_body),
            wire_bytes: wire_body.len(),
            headers: parts.headers,
        };
        self.client.judge(&self.method, &self.path, &answer);
        answer
    }
}

impl Client {
    fn judge(&self, method: &str, path: &str, answer: &Answer) {
        assert!(
            answer.header("x-request-id").is_some(),
            "{answer}: no X-Request-Id"
        );
        // The provider's own bytes are of whatever kind it says.
        if !answer.body.is_empty() && !path.starts_with("/passthrough/raw") {
            assert_eq!(
                answer.header("content-type"),
                Some("application/json"),
                "{answer}"
            );
        }
        let Some(contract) = &self.contract else {
            return;
        };
        let path = path.split('?').next().unwrap_or_default();
        match contract.check(method, path, answer.status, &answer.body) {
            Ok(Some(operation)) => self.coverage.note(operation, answer.status),
            Ok(None) => {}
            Err(violation) => panic!("against the contract: {violation}\n{answer}"),
        }
    }
}

fn decompressed(headers: &HeaderMap, wire_body: &[u8]) -> Vec<u8> {
    match headers
        .get(header::CONTENT_ENCODING)
        .map(HeaderValue::as_bytes)
    {
        None => wire_body.to_vec(),
        Some(b"gzip") => world::inflate(wire_body, LARGEST_BODY_BYTES as u64)
            .expect("what is called gzip is gzip")
            .to_vec(),
        Some(b"zstd") => zstd::decode_all(wire_body).expect("what is called zstd is zstd"),
        Some(other) => panic!(
            "an unknown Content-Encoding: {}",
            String::from_utf8_lossy(other)
        ),
    }
}

/// An answer that the contract allows.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Method and path, for messages.
    pub request: String,
    pub status: u16,
    pub headers: HeaderMap,
    /// Decompressed.
    pub body: Vec<u8>,
    /// As many came over the wire.
    pub wire_bytes: usize,
}

impl Answer {
    /// The first header of this name, where it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// All headers of this name.
    pub fn header_texts(&self, name: &str) -> Vec<String> {
        let texts = self.headers.get_all(name).iter();
        texts
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .collect()
    }

    /// # Panics
    /// When the body is no JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{self}: {error}"))
    }

    /// The body of a 200.
    ///
    /// # Panics
    /// When it is none.
    pub fn ok(&self) -> Value {
        self.is(200)
    }

    /// The body of an answer with this status.
    ///
    /// # Panics
    /// When it has another.
    pub fn is(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self}");
        self.json()
    }

    /// A 400 or 422: path, message and suggestion of each place that is wrong.
    ///
    /// # Panics
    /// When it is none.
    pub fn places(&self) -> Vec<(String, String, String)> {
        assert!([400, 422].contains(&self.status), "{self}");
        let body = self.json();
        let text = |place: &Value, name: &str| place[name].as_str().unwrap_or_default().to_owned();
        let places = body["detail"].as_array().into_iter().flatten();
        places
            .map(|place| {
                (
                    text(place, "path"),
                    text(place, "message"),
                    text(place, "suggestion"),
                )
            })
            .collect()
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 600;
        let shown = &self.body[..self.body.len().min(LONGEST)];
        let body = String::from_utf8_lossy(shown);
        write!(f, "{} → {} {body}", self.request, self.status)
    }
}
