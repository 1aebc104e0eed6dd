//! A provider that repeats what it was asked, headers and body, wherever it can: in refusals, in
//! pages that say that it is down, and in the midst of good answers.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use model::Timestamp;
use serde_json::Value;
use simulator::{ProviderServer, SimAnswer, SimRequest};
use world::Encoding;

/// Stands in every refusal that repeats something.
pub const MARK: &str = "this-is-what-you-asked";
/// Stands in every good answer that does.
pub const PAGE_MARK: &str = "by-the-way-you-asked";
/// The paths that are down when they are asked for the first time.
const DOWN_AT_FIRST: usize = 2;

pub struct Echoing {
    pub inner: Arc<dyn ProviderServer>,
    /// Refused for good, with an echo.
    pub refused: &'static str,
    asked: Mutex<BTreeSet<String>>,
    /// Secrets that were handed out: sessions and tokens.
    issued: Mutex<BTreeSet<String>>,
}

impl Echoing {
    pub fn new(inner: Arc<dyn ProviderServer>, refused: &'static str) -> Arc<Echoing> {
        Arc::new(Echoing {
            inner,
            refused,
            asked: Mutex::default(),
            issued: Mutex::default(),
        })
    }

    pub fn issued(&self) -> Vec<String> {
        let issued = self.issued.lock().expect("unpoisoned");
        issued.iter().cloned().collect()
    }

    fn note_issued(&self, answer: &SimAnswer) {
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let mut issued = self.issued.lock().expect("unpoisoned");
        for secret in [
            &body["access_token"],
            &body["refresh_token"],
            &body["result"]["credentials"]["sessionId"],
        ] {
            issued.extend(secret.as_str().map(str::to_owned));
        }
    }
}

/// As a JSON text, secrets in front: only the beginning of a refusal is kept.
fn echo(request: &SimRequest) -> String {
    let is_short = |(name, _): &&(String, String)| name.len() <= "authorization".len();
    let headers = request.headers.iter().filter(is_short);
    let headers: Vec<String> = headers
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let body = String::from_utf8_lossy(&request.body);
    let text = format!("{MARK} {} {body}", headers.join(" "));
    Value::from(text).to_string()
}

fn refusal(status: u16, request: &SimRequest) -> SimAnswer {
    SimAnswer {
        status,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: Bytes::from(format!(r#"{{"message":{}}}"#, echo(request))),
        encoding: Encoding::Identity,
        delay: std::time::Duration::ZERO,
        cut_after_bytes: None,
    }
}

impl ProviderServer for Echoing {
    fn answer(&self, request: &SimRequest, now: Timestamp) -> SimAnswer {
        if request.path.starts_with("/echo") || request.path.contains(self.refused) {
            return refusal(422, request);
        }
        let is_new = {
            let mut asked = self.asked.lock().expect("unpoisoned");
            asked.insert(request.path.clone()) && asked.len() <= DOWN_AT_FIRST
        };
        if is_new {
            return refusal(503, request);
        }
        let mut answer = self.inner.answer(request, now);
        if answer.encoding == Encoding::Identity && answer.status == 200 {
            self.note_issued(&answer);
            if let Some(open) = answer.body.strip_suffix(b"}") {
                let member = format!(r#","{PAGE_MARK}":{}}}"#, echo(request));
                answer.body = [open, member.as_bytes()].concat().into();
            }
        }
        answer
    }

    fn requests(&self) -> u64 {
        self.inner.requests()
    }
}
