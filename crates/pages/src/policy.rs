//! What browsers are told they may do with our answers, and the ends of visits as pages.
//!
//! `Referrer-Policy` is `same-origin`: nobody else ever sees an address of ours. The stricter
//! `no-referrer` would also have browsers withhold `Origin` from our own forms (`null`), which is
//! what tells them from other people's.
//!
//! `Cross-Origin-Opener-Policy` is left out on purpose: with it, a window that a provider's consent
//! was given in could not tell the page that opened it.

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use maud::html;

use crate::layout::{IsPage, Page, Sheet};
use crate::outcome::{Reason, Stop, details};
use crate::site::Shared;
use crate::texts::texts;
use crate::visit::Visit;

/// Whose frames a page may stand in, and where its forms may lead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Registered origins; none: no frame at all.
    pub framed_by: Vec<String>,
    /// The origin of the redirect address: browsers hold a form's redirects against the policy.
    pub forms_lead_to: Option<String>,
}

impl Policy {
    /// Of `Content-Security-Policy`. An origin that could not stand in it is left out: it would end
    /// the directive that it stands in.
    pub fn text(&self) -> String {
        let is_plain = |origin: &&String| {
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b":/.-[]".contains(&byte);
            origin.bytes().all(allowed)
        };
        let framed_by: Vec<&str> = self
            .framed_by
            .iter()
            .filter(is_plain)
            .map(String::as_str)
            .collect();
        let framed_by = match framed_by.is_empty() {
            true => "'none'".to_owned(),
            false => framed_by.join(" "),
        };
        let forms_lead_to = self.forms_lead_to.iter().filter(is_plain);
        let forms_lead_to: String = forms_lead_to.map(|origin| format!(" {origin}")).collect();
        format!(
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
             form-action 'self'{forms_lead_to}; frame-ancestors {framed_by}; base-uri 'none'"
        )
    }
}

/// Of what is no page: it needs nothing.
const NOTHING: &str = "default-src 'none'; form-action 'none'; frame-ancestors 'none'; \
    base-uri 'none'";

const ALWAYS: [(HeaderName, &str); 3] = [
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

const UNLESS_SAID: [(HeaderName, &str); 2] = [
    (header::CONTENT_SECURITY_POLICY, NOTHING),
    (header::CACHE_CONTROL, "no-store"),
];

/// Gives every answer its headers, and every stop its page.
pub async fn protect(State(site): State<Shared>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let visit = Visit::read(&parts, &site);
    // The pattern: an address may hold a ticket, a code or an id.
    let route = parts.extensions.get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("", MatchedPath::as_str);
    let response = next.run(Request::from_parts(parts, body)).await;
    let mut response = as_page(response, &visit, route);
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    for (name, value) in UNLESS_SAID {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

fn as_page(mut response: Response, visit: &Visit, route: &str) -> Response {
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let stop = response.extensions_mut().remove::<Stop>();
    let is_page = response.extensions().get::<IsPage>().is_some();
    let stop = match stop {
        Some(stop) => stop,
        None if is_error && !is_page => Stop::of(from_library(status)),
        None => return response,
    };
    match &stop.reason {
        Reason::Internal(cause) | Reason::Unavailable(cause) => {
            tracing::error!(route, status = status.as_u16(), %cause, "a page failed");
        }
        reason => {
            let reason = reason.name();
            tracing::info!(
                route,
                status = status.as_u16(),
                reason,
                "a visit was stopped"
            );
        }
    }
    let mut page = page_of(&stop, visit).into_response();
    if let Some(allow) = response.headers_mut().remove(header::ALLOW) {
        page.headers_mut().insert(header::ALLOW, allow);
    }
    page
}

/// What the HTTP library refuses by itself: paths that are no text, bodies that break off.
fn from_library(status: StatusCode) -> Reason {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => Reason::TooLarge,
        StatusCode::METHOD_NOT_ALLOWED => Reason::WrongMethod,
        status if status.is_server_error() => Reason::Internal(format!("answered {status}")),
        _ => Reason::NotHere,
    }
}

fn page_of(stop: &Stop, visit: &Visit) -> Page {
    let language = stop.language.unwrap_or_else(|| visit.best_language());
    let told = stop.reason.told(texts(language));
    let details = details(&stop.reason, language);
    let sheet = Sheet {
        language,
        who: stop.who.as_deref(),
        template: None,
        origins: &stop.origins,
        leave: stop.leave.clone(),
        leaving_says: "EXIT",
        address: None,
    };
    let main = html! {
        h1 { (told.heading) }
        p { (told.sentence) }
        @if !details.is_empty() {
            ul { @for line in &details { li { (line) } } }
        }
    };
    Page {
        status: stop.reason.status(),
        html: sheet.render(told.heading, &main),
        policy: Policy {
            framed_by: stop.origins.clone(),
            forms_lead_to: None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_names_whom_the_application_registered() {
        let policy = Policy::default().text();
        assert!(policy.contains("frame-ancestors 'none'; base-uri 'none'"));
        assert!(policy.contains("form-action 'self';"));
        let policy = Policy {
            framed_by: vec![
                "https://app.example.com".to_owned(),
                "http://127.0.0.1:3000".to_owned(),
                "https://evil.example; script-src *".to_owned(),
            ],
            forms_lead_to: Some("https://back.example.com".to_owned()),
        };
        let text = policy.text();
        let framed_by = "frame-ancestors https://app.example.com http://127.0.0.1:3000;";
        assert!(text.contains(framed_by), "{text}");
        assert!(text.contains("form-action 'self' https://back.example.com;"));
        assert!(!text.contains("evil") && !text.contains("unsafe"));
    }
}
