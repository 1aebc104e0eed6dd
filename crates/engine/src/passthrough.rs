//! A request of the client's own, sent to the provider in the connection's name.
//!
//! It goes to the connection's base URL and nowhere else, signed with credentials that the client
//! never sees: neither in what is answered, nor by making the request go astray. A path that could
//! leave the base URL and headers that would replace ours are refused, redirects are answers like
//! any other, and the provider's answer is not judged: its errors are the client's to read.

use bytes::Bytes;
use model::Timestamp;
use provider::{Auth, Request, Secret};
use store::Connection;
use world::{HttpAnswer, HttpRequest, Method};

use crate::access::{self, Redaction};
use crate::disposition::unanswered;
use crate::engine::Engine;
use crate::live::{LiveError, connected_provider};
use crate::live_call::{DEADLINE, Line, refused};

const LONGEST_PATH: usize = 8_192;
const MOST_HEADERS: usize = 64;
const LONGEST_HEADER: usize = 8_192;
/// Of a decompressed answer.
const MOST_ANSWER_BYTES: usize = 16 << 20;

/// Headers that belong to one connection between two machines, lower-case.
const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];
/// And what only the server may say to a provider.
const REFUSED_HEADERS: [&str; 7] = [
    "accept-encoding",
    "authorization",
    "content-length",
    "cookie",
    "expect",
    "host",
    "http2-settings",
];
/// And what a client is not told of an answer: the body comes decompressed, and cookies are of the
/// account's session.
const HIDDEN_HEADERS: [&str; 4] = [
    "content-encoding",
    "content-length",
    "set-cookie",
    "set-cookie2",
];

/// A request that is safe to sign: made by [`PassthroughRequest::new`] alone.
#[derive(Clone, Debug)]
pub struct PassthroughRequest {
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<Bytes>,
}

/// What of a request may not be sent, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PassthroughRefusal {
    Path(&'static str),
    Headers(&'static str),
    /// By its place in the list that was given.
    Header(usize, &'static str),
}

#[derive(Clone, Debug)]
pub struct PassthroughAnswer {
    pub status: u16,
    /// Lower-case names; without those of the connection itself and without cookies.
    pub headers: Vec<(String, String)>,
    /// Decompressed.
    pub body: Bytes,
    pub received_at: Timestamp,
}

impl PassthroughAnswer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl PassthroughRequest {
    /// All that is wrong with it, where anything is. `path` may carry a query.
    pub fn new(
        method: Method,
        path: &str,
        headers: &[(String, String)],
        body: Option<String>,
    ) -> Result<PassthroughRequest, Vec<PassthroughRefusal>> {
        let mut refusals = Vec::new();
        refusals.extend(wrong_path(path).map(PassthroughRefusal::Path));
        if headers.len() > MOST_HEADERS {
            refusals.push(PassthroughRefusal::Headers("are more than 64"));
        }
        let mut lowered: Vec<(String, String)> = Vec::with_capacity(headers.len() + 2);
        for (index, (name, value)) in headers.iter().enumerate() {
            let name = name.to_ascii_lowercase();
            let twice = lowered.iter().any(|(known, _)| *known == name);
            let wrong = wrong_header(&name, value).or(twice.then_some("is there twice"));
            refusals.extend(wrong.map(|why| PassthroughRefusal::Header(index, why)));
            lowered.push((name, value.clone()));
        }
        if !refusals.is_empty() {
            return Err(refusals);
        }
        let typed = lowered.iter().any(|(name, _)| name == "content-type");
        if body.is_some() && !typed {
            lowered.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        Ok(PassthroughRequest {
            method,
            path: path.to_owned(),
            headers: lowered,
            body: body.map(Bytes::from),
        })
    }
}

/// Whatever a URL parser, a proxy or the provider makes of it, the path must stay below the base
/// URL.
fn wrong_path(path: &str) -> Option<&'static str> {
    if !path.starts_with('/') || path.starts_with("//") {
        return Some("must begin with one slash: the host is the provider's");
    }
    if path.len() > LONGEST_PATH {
        return Some("must have at most 8192 characters");
    }
    if !path.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Some("must be percent-encoded: no spaces, control or non-ASCII characters");
    }
    if path.contains(['\\', '#']) {
        return Some("must have no backslash and no fragment");
    }
    let before_query = path.split('?').next().unwrap_or_default();
    // What stands encoded may be decoded on its way.
    let lowered = before_query.to_ascii_lowercase();
    let decoded = lowered
        .replace("%25", "%")
        .replace("%2e", ".")
        .replace("%2f", "/")
        .replace("%5c", "/");
    if decoded.starts_with("//") {
        return Some("must begin with one slash: the host is the provider's");
    }
    let climbs = |segment: &str| {
        let name = segment.split(';').next().unwrap_or_default();
        name == "." || name == ".."
    };
    decoded
        .split('/')
        .any(climbs)
        .then_some("must have no segments . and ..")
}

fn wrong_header(name: &str, value: &str) -> Option<&'static str> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_token) {
        return Some("is no name of a header");
    }
    let is_text = |byte: u8| byte.is_ascii_graphic() || byte == b' ' || byte == b'\t';
    if value.len() > LONGEST_HEADER || !value.bytes().all(is_text) {
        return Some("must be a short text of printable ASCII");
    }
    let is_ours = HOP_BY_HOP.contains(&name) || REFUSED_HEADERS.contains(&name);
    is_ours.then_some("is the server's to set")
}

impl Engine {
    /// Sends it once and gives back whatever the provider says.
    pub async fn passthrough(
        &self,
        connection: &Connection,
        request: PassthroughRequest,
    ) -> Result<PassthroughAnswer, LiveError> {
        let provider = connected_provider(connection)?;
        let line = self.line(connection, provider).await?;
        // In real time whatever clock the engine has: a client waits in no other.
        let answered = tokio::time::timeout(DEADLINE, line.pass(request)).await;
        answered.unwrap_or(Err(LiveError::TooSlow))
    }
}

impl Line {
    async fn pass(&self, request: PassthroughRequest) -> Result<PassthroughAnswer, LiveError> {
        let _place = self.place().await?;
        let path = request.path.split('?').next().unwrap_or_default();
        let body = request.body.as_deref().map(String::from_utf8_lossy);
        let asked = Request {
            body: body.map(std::borrow::Cow::into_owned),
            ..Request::get(path)
        };
        let signed = self.access.signed(&asked).await?;
        let Auth {
            headers: signatures,
            body: signed_body,
            secrets,
        } = signed.auth;
        let mut headers = request.headers;
        for (name, value) in signatures {
            if headers.iter().any(|(taken, _)| taken == name) {
                return Err(LiveError::HeaderTaken { name });
            }
            headers.push((name.to_owned(), value.reveal().to_owned()));
        }
        let signed_body = signed_body.map(|body| Bytes::from(body.reveal().to_owned()));
        let sent = HttpRequest {
            method: request.method,
            url: access::url(&signed.base_url, &request.path),
            headers,
            body: signed_body.or(request.body),
            timeout: DEADLINE,
            reach: signed.reach,
        };
        let answer = self.transport.send(sent).await;
        let answer = answer.map_err(|error| refused(unanswered(error)))?;
        presentable(answer, &secrets, self.clock.now())
    }
}

/// The answer without what is not the client's to see.
fn presentable(
    answer: HttpAnswer,
    secrets: &[Secret],
    received_at: Timestamp,
) -> Result<PassthroughAnswer, LiveError> {
    if answer.body.len() > MOST_ANSWER_BYTES {
        return Err(LiveError::TooMuch);
    }
    let redaction = Redaction::of(secrets);
    if redaction.is_needed(&answer.body) {
        return Err(LiveError::Revealing);
    }
    let named: Vec<String> = answer
        .header("connection")
        .unwrap_or_default()
        .split(',')
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    let mut headers = answer.headers;
    headers.retain(|(name, value)| {
        !HOP_BY_HOP.contains(&name.as_str())
            && !HIDDEN_HEADERS.contains(&name.as_str())
            && !named.contains(name)
            && !redaction.is_needed(value.as_bytes())
    });
    Ok(PassthroughAnswer {
        status: answer.status,
        headers,
        body: answer.body,
        received_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use world::Encoding;

    fn path(path: &str) -> Result<PassthroughRequest, Vec<PassthroughRefusal>> {
        PassthroughRequest::new(Method::Get, path, &[], None)
    }

    fn header(name: &str, value: &str) -> Result<PassthroughRequest, Vec<PassthroughRefusal>> {
        let headers = [(name.to_owned(), value.to_owned())];
        PassthroughRequest::new(Method::Get, "/me", &headers, None)
    }

    #[test]
    fn paths_below_the_base_url_are_taken() {
        for good in [
            "/",
            "/fleet/vehicles?limit=5&after=a..b//c",
            "/a/b.c/..d/e..f/%20",
            "/@evil.example/x",
            "/a;v=1/b",
        ] {
            assert!(path(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn paths_that_could_lead_elsewhere_are_refused() {
        for bad in [
            "",
            "me",
            "http://evil.example/",
            "//evil.example/",
            "/%2fevil.example/",
            "/%5Cevil.example",
            "@evil.example/",
            ".evil.example/",
            ":8080/",
            "/\\evil.example",
            "/a/../b",
            "/a/..",
            "/./a",
            "/a/%2e%2E/b",
            "/a/.%2e/b",
            "/a/%2e%2e%2fb",
            "/a/%252e%252e/b",
            "/a/..%5cb",
            "/a/..;x=1/b",
            "/a#b",
            "/a b",
            "/a\r\nHost: evil.example",
            "/é",
            "/\u{7f}",
        ] {
            let refused = path(bad).expect_err(bad);
            assert!(
                matches!(refused[..], [PassthroughRefusal::Path(_)]),
                "{bad}"
            );
        }
        assert!(path(&format!("/{}", "a".repeat(LONGEST_PATH))).is_err());
    }

    #[test]
    fn headers_that_are_ours_or_malformed_are_refused() {
        for name in HOP_BY_HOP.iter().chain(&REFUSED_HEADERS) {
            let upper = name.to_ascii_uppercase();
            assert!(header(name, "x").is_err(), "{name}");
            assert!(header(&upper, "x").is_err(), "{upper}");
        }
        for (name, value) in [("", "x"), ("a b", "x"), ("a:", "x"), ("x-own", "a\r\nb: c")] {
            assert!(header(name, value).is_err(), "{name}: {value}");
        }
        let request = header("X-Own", "some text").expect("a good header");
        assert_eq!(
            request.headers,
            [("x-own".to_owned(), "some text".to_owned())]
        );
        let twice = [
            ("a".to_owned(), String::new()),
            ("A".to_owned(), String::new()),
        ];
        let refused = PassthroughRequest::new(Method::Get, "/", &twice, None);
        assert_eq!(
            refused.expect_err("twice"),
            [PassthroughRefusal::Header(1, "is there twice")]
        );
    }

    #[test]
    fn a_body_is_json_unless_it_is_called_something_else() {
        let body = Some("{}".to_owned());
        let typed = |headers: &[(String, String)]| {
            PassthroughRequest::new(Method::Post, "/", headers, body.clone())
                .expect("a good request")
                .headers
        };
        let json = ("content-type".to_owned(), "application/json".to_owned());
        assert_eq!(typed(&[]), [json]);
        let own = ("content-type".to_owned(), "text/csv".to_owned());
        assert_eq!(typed(std::slice::from_ref(&own)), [own]);
    }

    fn answer(headers: &[(&str, &str)], body: &'static [u8]) -> HttpAnswer {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        HttpAnswer {
            status: 200,
            headers: headers.iter().map(own).collect(),
            wire_body: Bytes::from_static(body),
            encoding: Encoding::Identity,
            body: Bytes::from_static(body),
        }
    }

    #[test]
    fn answers_lose_what_is_not_the_clients_to_see() {
        let received = answer(
            &[
                ("content-type", "text/plain"),
                ("set-cookie", "session=1"),
                ("connection", "close, X-Hop"),
                ("x-hop", "1"),
                ("transfer-encoding", "chunked"),
                ("content-encoding", "gzip"),
                ("x-echo", "token 0123456789"),
                ("x-own", "1"),
            ],
            b"fine",
        );
        let shown = presentable(
            received,
            &[Secret::new("0123456789")],
            Timestamp::from_millis(0),
        );
        let names: Vec<String> = shown
            .expect("presentable")
            .headers
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, ["content-type", "x-own"]);
    }

    #[test]
    fn an_answer_that_repeats_the_credentials_is_withheld() {
        let received = answer(&[], b"you sent 00123456789!");
        let shown = presentable(
            received,
            &[Secret::new("0123456789")],
            Timestamp::from_millis(0),
        );
        assert!(matches!(shown, Err(LiveError::Revealing)));
    }
}
