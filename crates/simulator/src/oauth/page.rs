//! What a browser and a token call get: the page with two buttons, the way back to the app, and
//! answers in the standard's JSON.
//!
//! The page is one that people, screen readers and browser tests can use without a script. Nobody
//! may put it into a frame, as the standard wants it: it is opened in a window of its own.

use crate::samsara::wire::Json;

/// Status, headers and body of what is no answer of the provider's API.
pub(crate) struct Page {
    pub status: u16,
    /// Lower-case names.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What the owner of an account is asked.
pub(super) struct Consent<'a> {
    pub provider: &'a str,
    pub organisation: &'a str,
    pub app: &'a str,
    pub scope: &'a str,
    /// Path and query that the buttons post to.
    pub action: &'a str,
}

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1rem/1.5 system-ui,sans-serif;margin:0;padding:1.5rem}\
main{max-width:26rem;margin:0 auto}\
button{font:inherit;padding:.6rem 1.2rem;margin-right:.5rem}";

impl Page {
    pub(super) fn consent(consent: &Consent<'_>) -> Page {
        let Consent {
            provider, scope, ..
        } = consent;
        let title = format!("Authorize · {provider} (simulated)");
        let (organisation, app) = (escaped(consent.organisation), escaped(consent.app));
        let (scope, action) = (escaped(scope), escaped(consent.action));
        let body = format!(
            "<main><h1>{provider} (simulated)</h1>\
             <p>The app <strong>{app}</strong> asks for access to the data of \
             <strong>{organisation}</strong>.</p>\
             <p>It asks for: {scope}</p>\
             <form method=\"post\" action=\"{action}\">\
             <button name=\"decision\" value=\"approve\">Approve</button>\
             <button name=\"decision\" value=\"deny\">Deny</button>\
             </form></main>"
        );
        Page::html(200, &title, &body)
    }

    /// For eyes: whoever came here came from an app that is not known, so there is no way back.
    pub fn refusal(status: u16, text: &str) -> Page {
        let body = format!(
            "<main><h1>Not authorized</h1><p>{}</p></main>",
            escaped(text)
        );
        Page::html(status, "Not authorized", &body)
    }

    pub fn redirect(to: String) -> Page {
        Page {
            status: 302,
            headers: vec![("location".to_owned(), to)],
            body: Vec::new(),
        }
    }

    pub fn json(status: u16, json: Json) -> Page {
        let headers = [
            ("content-type", "application/json; charset=utf-8"),
            ("cache-control", "no-store"),
        ];
        Page {
            status,
            headers: owned(&headers),
            body: json.bytes,
        }
    }

    /// `error` and `error_description` (RFC 6749).
    pub fn error(status: u16, error: &str, description: &str) -> Page {
        let mut json = Json::default();
        json.raw("{").text_member("error", error);
        json.text_member("error_description", description).raw("}");
        Page::json(status, json)
    }

    fn html(status: u16, title: &str, body: &str) -> Page {
        let title = escaped(title);
        let text = format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <title>{title}</title><link rel=\"icon\" href=\"data:,\">\
             <style>{STYLE}</style></head><body>{body}</body></html>"
        );
        let headers = [
            ("content-type", "text/html; charset=utf-8"),
            ("cache-control", "no-store"),
            ("content-security-policy", "frame-ancestors 'none'"),
        ];
        Page {
            status,
            headers: owned(&headers),
            body: text.into_bytes(),
        }
    }
}

fn owned(headers: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    headers.iter().map(owned).collect()
}

fn escaped(text: &str) -> String {
    let escape = |char| match char {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '"' => "&quot;".to_owned(),
        other => other.to_string(),
    };
    text.chars().map(escape).collect()
}

/// For a query.
pub(super) fn encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    text.bytes().map(encode).collect()
}
