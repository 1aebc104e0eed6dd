//! The sheet that every page is: a header with who asks and a way out, one heading, the languages.
//!
//! There is no link that skips to the main part: before it come a logo and one button.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};
use model::Language;
use store::Template;

use crate::policy::Policy;
use crate::texts::texts;

/// How a visit is left from its header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leave {
    /// By a message to whoever opened the page; the script shows the button if there is anybody.
    Message,
    /// By going to this address, unless the page turns out to be framed.
    Redirect(String),
}

pub struct Sheet<'a> {
    pub language: Language,
    pub who: Option<&'a str>,
    pub template: Option<&'a Template>,
    /// Whom the script may send messages to.
    pub origins: &'a [String],
    pub leave: Leave,
    /// `EXIT`, or `CLOSE` once there is nothing left to do.
    pub leaving_says: &'static str,
    /// Of this page, with all that it needs but the language; `None`: no other language is offered.
    pub address: Option<String>,
}

impl Sheet<'_> {
    pub fn render(&self, title: &str, main: &Markup) -> Markup {
        let texts = texts(self.language);
        html! {
            (DOCTYPE)
            html lang=(self.language.tag()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="robots" content="noindex";
                    title { (title) }
                    link rel="icon" href="/icon.svg";
                    link rel="stylesheet" href="/link.css";
                    @if let Some(template) = self.template {
                        link rel="stylesheet" href={ "/templates/" (template.id) "/theme.css" };
                    }
                    script src="/link.js" defer {}
                }
                body data-origins=(self.origins.join(" ")) {
                    header {
                        (self.mark())
                        (self.way_out(texts.close))
                    }
                    main { (main) }
                    @if let Some(address) = &self.address {
                        footer { (self.languages(address, texts.languages)) }
                    }
                }
            }
        }
    }

    fn mark(&self) -> Markup {
        let with_logo = self.template.filter(|template| template.logo.is_some());
        let who = self.who.unwrap_or_default();
        html! {
            @if let Some(template) = with_logo {
                img .mark src={ "/templates/" (template.id) "/logo" } alt=(who);
            } @else {
                span .mark { (who) }
            }
        }
    }

    fn way_out(&self, label: &str) -> Markup {
        html! {
            @match &self.leave {
                Leave::Message => {
                    button .close type="button" data-leave=(self.leaving_says) aria-label=(label)
                        hidden { "×" }
                }
                Leave::Redirect(address) => {
                    a .close href=(address) data-leave=(self.leaving_says) aria-label=(label) {
                        "×"
                    }
                }
            }
        }
    }

    fn languages(&self, address: &str, label: &str) -> Markup {
        html! {
            nav aria-label=(label) {
                @for language in Language::ALL {
                    @let tag = language.tag();
                    @if language == self.language {
                        span aria-current="true" lang=(tag) { (language.name()) }
                    } @else {
                        a href={ (address) "&lang=" (tag) } lang=(tag) hreflang=(tag) {
                            (language.name())
                        }
                    }
                }
            }
        }
    }
}

/// A page, ready to go out.
pub struct Page {
    pub status: StatusCode,
    pub html: Markup,
    pub policy: Policy,
}

/// Marks answers that are pages: what has none and is an error is the library's.
#[derive(Clone, Copy)]
pub struct IsPage;

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
            (header::CONTENT_SECURITY_POLICY, self.policy.text()),
        ];
        let mut response = (self.status, headers, self.html.into_string()).into_response();
        response.extensions_mut().insert(IsPage);
        response
    }
}

/// 303: what comes next is asked for with GET whatever this was asked with.
pub fn see_other(address: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response()
}
