//! What providers repeat of the secrets that signed a request, overwritten before anybody reads it.
//!
//! Error pages of gateways like to show the request that they refuse. What is read from an answer
//! goes into the raw log, into issues and errors, so nothing of it may be what opened the account.
//! The length stays, so that offsets and lengths in the answer go on being right.

use bytes::Bytes;
use memchr::memmem::Finder;
use provider::Secret;
use world::{Encoding, HttpAnswer};

/// A shorter text may stand anywhere by chance.
const SHORTEST_SECRET: usize = 8;

/// Finds the secrets of one request.
#[derive(Default)]
pub struct Redaction(Vec<Finder<'static>>);

impl Redaction {
    /// The secrets as they are, and as JSON and URLs write them where that differs.
    pub fn of(secrets: &[Secret]) -> Redaction {
        let mut forms: Vec<String> = Vec::with_capacity(secrets.len());
        let long = |secret: &&Secret| secret.reveal().len() >= SHORTEST_SECRET;
        for secret in secrets.iter().filter(long) {
            let plain = secret.reveal();
            for form in [plain.to_owned(), in_json(plain), in_url(plain)] {
                if !forms.contains(&form) {
                    forms.push(form);
                }
            }
        }
        Redaction(
            forms
                .iter()
                .map(|form| Finder::new(form).into_owned())
                .collect(),
        )
    }

    pub fn is_needed(&self, bytes: &[u8]) -> bool {
        self.0.iter().any(|secret| secret.find(bytes).is_some())
    }

    /// Overwrites with asterisks; how many secrets there were.
    fn overwrite(&self, bytes: &mut [u8]) -> usize {
        let mut count = 0;
        for secret in &self.0 {
            let mut from = 0;
            while let Some(at) = secret.find(&bytes[from..]) {
                let (start, end) = (from + at, from + at + secret.needle().len());
                bytes[start..end].fill(b'*');
                (from, count) = (end, count + 1);
            }
        }
        count
    }

    pub fn text(&self, text: String) -> String {
        if !self.is_needed(text.as_bytes()) {
            return text;
        }
        let mut bytes = text.into_bytes();
        self.overwrite(&mut bytes);
        // Whole characters went and ASCII came, so nothing is lost here.
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// An answer that repeats a secret is kept as plain text from here on.
    pub fn answer(&self, mut answer: HttpAnswer) -> HttpAnswer {
        let mut count = 0;
        for (_, value) in &mut answer.headers {
            if self.is_needed(value.as_bytes()) {
                *value = self.text(std::mem::take(value));
                count += 1;
            }
        }
        if self.is_needed(&answer.body) {
            let mut body = Vec::from(std::mem::take(&mut answer.body));
            count += self.overwrite(&mut body);
            answer.body = Bytes::from(body);
            answer.wire_body = answer.body.clone();
            answer.encoding = Encoding::Identity;
        }
        if count > 0 {
            tracing::warn!(
                count,
                status = answer.status,
                "an answer repeated secrets that its request was signed with; they are overwritten"
            );
        }
        answer
    }
}

/// Without the quotes.
fn in_json(text: &str) -> String {
    let quoted = serde_json::to_string(text).expect("a text is JSON");
    quoted[1..quoted.len() - 1].to_owned()
}

fn in_url(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            true => encoded.push(char::from(byte)),
            false => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(secrets: &[&str]) -> Redaction {
        let secrets: Vec<Secret> = secrets.iter().copied().map(Secret::new).collect();
        Redaction::of(&secrets)
    }

    #[test]
    fn secrets_are_overwritten_wherever_they_stand() {
        let check = |secrets: &[&str], text: &str, want: &str| {
            assert_eq!(of(secrets).text(text.to_owned()), want, "{text}");
        };
        check(&["12345678"], "12345678", "********");
        check(
            &["12345678"],
            "a 12345678,1234567812345678 b",
            "a ********,**************** b",
        );
        check(&["12345678"], "1234567 é 2345678", "1234567 é 2345678");
        check(
            &["abcdefgh", "12345678"],
            "12345678abcdefgh",
            "****************",
        );
        check(&["sécrétée"], "é sécrétée é", "é *********** é");
        check(
            &["a\"b\\cdefg"],
            r#"{"k":"a\"b\\cdefg"}"#,
            r#"{"k":"***********"}"#,
        );
        check(
            &["p+s/w=rd"],
            "?password=p%2Bs%2Fw%3Drd&x=1",
            "?password=**************&x=1",
        );
        check(&["short", ""], "short", "short");
        check(&[], "anything", "anything");
    }

    fn answer(value: &str, body: &str) -> HttpAnswer {
        HttpAnswer {
            status: 403,
            headers: vec![("x-echo".to_owned(), value.to_owned())],
            wire_body: Bytes::from_static(b"compressed"),
            encoding: Encoding::Gzip,
            body: Bytes::from(body.to_owned()),
        }
    }

    #[test]
    fn an_answer_that_repeats_a_secret_is_kept_plain() {
        let redaction = of(&["12345678"]);
        let shown = redaction.answer(answer("Bearer 12345678", "no 12345678"));
        assert_eq!(shown.header("x-echo"), Some("Bearer ********"));
        assert_eq!(shown.body, "no ********");
        assert_eq!(shown.wire_body, shown.body);
        assert_eq!(shown.encoding, Encoding::Identity);
    }

    #[test]
    fn any_other_answer_is_left_as_it_came() {
        let shown = of(&["12345678"]).answer(answer("Bearer 1234", "no 1234"));
        assert_eq!(shown.header("x-echo"), Some("Bearer 1234"));
        assert_eq!(shown.body, "no 1234");
        assert_eq!(shown.wire_body, "compressed");
        assert_eq!(shown.encoding, Encoding::Gzip);
    }
}
