//! What a request says about the browser that sent it.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use model::Language;

use crate::site::{Shared, Site};

/// Kept with a consent; a longer one is cut.
const LONGEST_USER_AGENT: usize = 400;

#[derive(Clone, Debug)]
pub struct Visit {
    /// In the order in which they were given.
    pub query: Vec<(String, String)>,
    /// `lang`, if it names one of ours.
    pub language: Option<Language>,
    /// Of those that the browser accepts the one that it likes best.
    pub accepted_language: Language,
    /// Whether the page stands in a frame; `None` where the browser does not say.
    pub is_framed: Option<bool>,
    pub origin: Sender,
    /// Whether one of our own pages made the browser send this; `None` where it does not say.
    pub is_from_us: Option<bool>,
    pub address: Option<IpAddr>,
    pub user_agent: Option<String>,
    pub cookies: Vec<(String, String)>,
}

/// What `Origin` says about who made the browser send a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    Us,
    Others,
    /// Absent, or withheld (`null`).
    Unsaid,
}

impl FromRequestParts<Shared> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Shared) -> Result<Visit, Infallible> {
        Ok(Visit::read(parts, site))
    }
}

impl Visit {
    pub fn read(parts: &Parts, site: &Site) -> Visit {
        let headers = &parts.headers;
        let query = form_fields(parts.uri.query().unwrap_or_default().as_bytes());
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let address = match &site.config.client_ip_header {
            Some(name) => last_entry(headers, name).and_then(address_of),
            None => peer.map(|ConnectInfo(peer)| peer.ip()),
        };
        Visit {
            language: first(&query, "lang").and_then(Language::from_tag),
            accepted_language: accepted(text(headers, "accept-language")),
            is_framed: match text(headers, "sec-fetch-dest") {
                "iframe" | "frame" | "embed" | "object" => Some(true),
                "document" => Some(false),
                _ => None,
            },
            origin: match text(headers, "origin") {
                "" | "null" => Sender::Unsaid,
                origin if origin == site.origin => Sender::Us,
                _ => Sender::Others,
            },
            is_from_us: match text(headers, "sec-fetch-site") {
                "" => None,
                site => Some(site == "same-origin"),
            },
            address,
            user_agent: Some(text(headers, "user-agent"))
                .filter(|agent| !agent.is_empty())
                .map(|agent| agent.chars().take(LONGEST_USER_AGENT).collect()),
            cookies: cookies(headers),
            query,
        }
    }

    /// The first value of this name that is not empty.
    pub fn query(&self, name: &str) -> Option<&str> {
        first(&self.query, name)
    }

    pub fn cookie(&self, name: &str) -> Option<&str> {
        first(&self.cookies, name)
    }

    /// Before a ticket says otherwise.
    pub fn best_language(&self) -> Language {
        self.language.unwrap_or(self.accepted_language)
    }
}

/// Of a query or a body of a form.
pub fn form_fields(bytes: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(bytes).into_owned().collect()
}

/// The first of this name that is not empty: what is empty was not filled in.
pub fn first<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut found = fields.iter().filter(|(given, _)| given == name);
    found
        .find(|(_, value)| !value.is_empty())
        .map(|(_, value)| value.as_str())
}

/// Empty where there is none, or no text.
fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    let value = headers.get(name).map(|value| value.to_str());
    value.and_then(Result::ok).unwrap_or_default()
}

/// Proxies append what they saw; what stands before the last entry the browser may have written.
fn last_entry<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let last = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    last.rsplit(',').next().map(str::trim)
}

fn address_of(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    bare.parse().ok().or_else(with_port)
}

fn cookies(headers: &HeaderMap) -> Vec<(String, String)> {
    let lines = headers.get_all(header::COOKIE).iter();
    let pairs = lines
        // What is no text is no cookie of ours.
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'));
    pairs
        .filter_map(|pair| pair.trim().split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// The language of ours with the highest weight in `Accept-Language`, the earlier of equal ones.
fn accepted(header: &str) -> Language {
    let mut best = (0.0, Language::default());
    for entry in header.split(',') {
        let (range, weight) = entry.split_once(';').unwrap_or((entry, "q=1"));
        let primary = range.trim().split('-').next().unwrap_or_default();
        let weight = weight
            .trim()
            .trim_start_matches("q=")
            .parse()
            .unwrap_or(0.0);
        if let Some(language) = Language::from_tag(&primary.to_ascii_lowercase())
            && weight > best.0
        {
            best = (weight, language);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_that_is_liked_best_is_taken() {
        let check = |header: &str, want: Language| assert_eq!(accepted(header), want, "{header}");
        check("", Language::En);
        check("de", Language::En);
        check("fr", Language::Fr);
        check("fr-CA,fr;q=0.9,en;q=0.8", Language::Fr);
        check("de, es-419;q=0.7, fr;q=0.3", Language::Es);
        check("en;q=0.5, ES;q=0.9", Language::Es);
        check("fr;q=0", Language::En);
        check("fr;q=broken, es;q=0.1", Language::Es);
    }

    #[test]
    fn addresses_are_read_as_proxies_write_them() {
        let read = |text: &str| address_of(text).map(|address| address.to_string());
        assert_eq!(read("192.0.2.7").as_deref(), Some("192.0.2.7"));
        assert_eq!(read("192.0.2.7:4711").as_deref(), Some("192.0.2.7"));
        assert_eq!(read("[2001:db8::1]").as_deref(), Some("2001:db8::1"));
        assert_eq!(read("[2001:db8::1]:443").as_deref(), Some("2001:db8::1"));
        assert_eq!(read("unknown"), None);
    }

    #[test]
    fn what_is_empty_was_not_given() {
        let fields = form_fields(b"name=&name=A+%26+B&tags=x%2Cy");
        assert_eq!(first(&fields, "name"), Some("A & B"));
        assert_eq!(first(&fields, "tags"), Some("x,y"));
        assert_eq!(first(&fields, "none"), None);
    }
}
