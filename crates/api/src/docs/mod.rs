//! `/docs`: the API's description as a page for people.
//!
//! Everything on it is read from the document that [`crate::description`] serves, so the page says
//! what programs are told, and what follows from this server's configuration (its address, its
//! rate limits). It is rendered here, whole, and works without its script, which only adds a box
//! that narrows the page down.
//!
//! Absent here: anything from another host (the policy below would refuse it), and any way of
//! calling the API from the page, which would have it handle keys.

mod document;
mod operation;
mod page;
mod prose;
mod schema;

use std::sync::OnceLock;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};

use crate::Shared;
use document::Document;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Our own stylesheet and script, and nothing else from anywhere.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

/// Bytes of a hash that an entity tag shows: enough to tell versions of one page apart.
const TAG_BYTES: usize = 12;

/// The three files, each made when it is first asked for.
#[derive(Default)]
pub(crate) struct Site {
    page: OnceLock<File>,
    style: OnceLock<File>,
    script: OnceLock<File>,
}

struct File {
    kind: HeaderValue,
    body: Bytes,
    tag: HeaderValue,
}

impl File {
    fn new(kind: &'static str, body: impl Into<Bytes>) -> File {
        let body = body.into();
        let hash = Sha256::digest(&body);
        let digits: String = hash[..TAG_BYTES]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        // Weak, because the same page goes out in several content codings.
        let tag = HeaderValue::try_from(format!("W/\"{digits}\"")).expect("digits and quotes");
        File {
            kind: HeaderValue::from_static(kind),
            body,
            tag,
        }
    }

    /// 304 to those who have it already.
    fn answer(&self, asked: &HeaderMap) -> Response {
        let mut response = match is_known(asked, &self.tag) {
            true => StatusCode::NOT_MODIFIED.into_response(),
            false => self.body.clone().into_response(),
        };
        let fixed = [
            (header::CACHE_CONTROL, "no-cache"),
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        let headers = response.headers_mut();
        let mut set = |name: HeaderName, value: HeaderValue| headers.insert(name, value);
        for (name, value) in fixed {
            set(name, HeaderValue::from_static(value));
        }
        set(header::CONTENT_TYPE, self.kind.clone());
        set(header::ETAG, self.tag.clone());
        response
    }
}

/// Whether `If-None-Match` names the tag; weak and strong are compared alike (RFC 9110, 13.1.2).
fn is_known(asked: &HeaderMap, tag: &HeaderValue) -> bool {
    let opaque = |text: &str| text.trim().trim_start_matches("W/").to_owned();
    let ours = tag.to_str().map(opaque).unwrap_or_default();
    asked
        .get_all(header::IF_NONE_MATCH)
        .iter()
        // What is no text names no tag of ours.
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|theirs| theirs.trim() == "*" || opaque(theirs) == ours)
}

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/docs", get(page))
        .route("/docs/style.css", get(style))
        .route("/docs/script.js", get(script))
}

async fn page(State(api): State<Shared>, asked: HeaderMap) -> Response {
    let make = || {
        let html = page::render(&Document::described(), &api.config).into_string();
        File::new("text/html; charset=utf-8", html)
    };
    api.docs.page.get_or_init(make).answer(&asked)
}

async fn style(State(api): State<Shared>, asked: HeaderMap) -> Response {
    let make = || File::new("text/css; charset=utf-8", STYLE);
    api.docs.style.get_or_init(make).answer(&asked)
}

async fn script(State(api): State<Shared>, asked: HeaderMap) -> Response {
    let make = || File::new("text/javascript; charset=utf-8", SCRIPT);
    api.docs.script.get_or_init(make).answer(&asked)
}

#[cfg(test)]
mod tests;
