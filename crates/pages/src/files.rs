//! The stylesheet and the script, and how files are given to those who have them already.

use std::sync::OnceLock;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::site::Shared;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Bytes of a hash that an entity tag shows: enough to tell versions of one file apart.
const TAG_BYTES: usize = 12;

/// Each made when it is first asked for.
#[derive(Default)]
pub struct Files {
    style: OnceLock<File>,
    script: OnceLock<File>,
}

pub struct File {
    kind: HeaderValue,
    body: Bytes,
    tag: HeaderValue,
}

impl File {
    /// `kind` is a media type; one that is none is given as bytes.
    pub fn new(kind: &str, body: impl Into<Bytes>) -> File {
        let body = body.into();
        let hash = Sha256::digest(&body);
        let tag = format!("W/\"{}\"", hex(&hash[..TAG_BYTES]));
        let unknown = || HeaderValue::from_static("application/octet-stream");
        File {
            kind: HeaderValue::from_str(kind).unwrap_or_else(|_| unknown()),
            body,
            tag: HeaderValue::try_from(tag).expect("digits and quotes"),
        }
    }

    /// 304 to those who have it already. They ask every time: a new version is seen at once.
    pub fn answer(&self, asked: &HeaderMap) -> Response {
        let mut response = match is_known(asked, &self.tag) {
            true => StatusCode::NOT_MODIFIED.into_response(),
            false => self.body.clone().into_response(),
        };
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, self.kind.clone());
        headers.insert(header::ETAG, self.tag.clone());
        let cached = HeaderValue::from_static("no-cache");
        headers.insert(header::CACHE_CONTROL, cached);
        response
    }
}

/// Whether `If-None-Match` names the tag; weak and strong are compared alike (RFC 9110, 13.1.2).
fn is_known(asked: &HeaderMap, tag: &HeaderValue) -> bool {
    let opaque = |text: &str| text.trim().trim_start_matches("W/").to_owned();
    let ours = tag.to_str().map(opaque).unwrap_or_default();
    let named = asked.get_all(header::IF_NONE_MATCH).iter();
    named
        // What is no text names no tag of ours.
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|theirs| theirs.trim() == "*" || opaque(theirs) == ours)
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// 64 hexadecimal digits.
pub fn unhex(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let high = char::from(pair[0]).to_digit(16)?;
        let low = char::from(pair[1]).to_digit(16)?;
        *byte = u8::try_from(high * 16 + low).ok()?;
    }
    Some(bytes)
}

pub async fn style(State(site): State<Shared>, asked: HeaderMap) -> Response {
    let make = || File::new("text/css; charset=utf-8", STYLE);
    site.files.style.get_or_init(make).answer(&asked)
}

pub async fn script(State(site): State<Shared>, asked: HeaderMap) -> Response {
    let make = || File::new("text/javascript; charset=utf-8", SCRIPT);
    site.files.script.get_or_init(make).answer(&asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_tag_is_recognised() {
        let file = File::new("text/plain", "text");
        let tag = file.tag.to_str().expect("digits").to_owned();
        let check = |text: &str, want: bool| {
            let mut asked = HeaderMap::new();
            let value = HeaderValue::from_str(text).expect("a header");
            asked.insert(header::IF_NONE_MATCH, value);
            assert_eq!(is_known(&asked, &file.tag), want, "{text}");
        };
        check(&tag, true);
        check(tag.trim_start_matches("W/"), true);
        check("\"other\"", false);
        assert!(!is_known(&HeaderMap::new(), &file.tag));
    }

    /// Nothing that the policy would refuse, and nothing that could put markup into a page.
    #[test]
    fn the_files_need_nothing_from_elsewhere() {
        for forbidden in [
            "innerHTML",
            "outerHTML",
            "document.write",
            "eval(",
            "\"*\"",
            "http",
        ] {
            assert!(!SCRIPT.contains(forbidden), "{forbidden}");
        }
        for forbidden in ["@import", "url(", "http"] {
            assert!(!STYLE.contains(forbidden), "{forbidden}");
        }
    }

    #[test]
    fn hashes_are_read_as_they_are_written() {
        let hash: [u8; 32] = std::array::from_fn(|i| i as u8 * 7);
        assert_eq!(unhex(&hex(&hash)), Some(hash));
        assert_eq!(unhex(&"g".repeat(64)), None);
        assert_eq!(unhex("00"), None);
        assert_eq!(unhex("é"), None);
    }
}
