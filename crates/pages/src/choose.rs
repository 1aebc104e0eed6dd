//! The list of providers, and the search in it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use engine::CatalogueEntry;
use maud::{Markup, html};

use crate::connect;
use crate::journey::Journey;
use crate::layout::Page;
use crate::outcome::Stop;
use crate::site::{Shared, Site};
use crate::visit::Visit;

/// `GET /choose?ticket=…&q=…`
pub async fn page(State(site): State<Shared>, visit: Visit) -> Result<Response, Stop> {
    let sealed = visit.query("ticket").unwrap_or_default();
    let journey = Journey::resume(&site, &visit, sealed).await?;
    Ok(render(
        &site,
        &journey,
        visit.query("q").unwrap_or_default(),
    ))
}

/// All providers whose names or codes hold every word of `sought`.
pub fn render(site: &Site, journey: &Journey, sought: &str) -> Response {
    let texts = journey.texts();
    let ticket = journey.ticket.seal(site);
    let address = format!("/choose?ticket={ticket}&{}", query("q", sought));
    let listed = listed(site, journey);
    let found: Vec<&CatalogueEntry> = listed.iter().filter(|entry| holds(entry, sought)).collect();
    let own_title = journey.own_texts().and_then(|own| own.title.as_deref());
    let title = own_title.unwrap_or(texts.choose_title);
    let wish = format!("/request?ticket={ticket}&{}", query("name", sought));
    let main = html! {
        h1 { (title) }
        p { ((texts.choose_intro)(journey.who())) }
        form .search method="get" action="/choose" role="search" {
            input type="hidden" name="ticket" value=(ticket);
            label for="search" { (texts.search) }
            div .row {
                input #search type="search" name="q" value=(sought) autocomplete="off"
                    spellcheck="false" autocapitalize="none";
                button .quiet type="submit" { (texts.search_button) }
            }
        }
        p #found .note role="status" data-found=(texts.found) {
            @if found.is_empty() {
                ((texts.none_found)(sought))
            } @else if !sought.is_empty() {
                (texts.found.replace('#', &found.len().to_string()))
            }
        }
        ul #providers .providers {
            @for entry in &found {
                (row(entry, &ticket))
            }
        }
        p { a href=(wish) { (texts.not_listed) } }
    };
    Page {
        status: StatusCode::OK,
        html: journey.sheet(address).render(title, &main),
        policy: journey.policy(),
    }
    .into_response()
}

fn row(entry: &CatalogueEntry, ticket: &str) -> Markup {
    html! {
        li data-search=(searched(entry)) {
            a href={ "/provider/" (entry.code) "?ticket=" (ticket) } {
                img src={ "/providers/" (entry.code) "/icon.svg" } alt="" width="32" height="32";
                span { (entry.name) }
            }
        }
    }
}

/// Those that the link hints at, in its order, then all others by name.
fn listed(site: &Site, journey: &Journey) -> Vec<CatalogueEntry> {
    let hints = &journey.ticket.options.provider_hints;
    let only = journey.ticket.options.provider.as_deref();
    let mut entries = engine::catalogue();
    entries.retain(|entry| only.is_none_or(|only| entry.code == only));
    entries.retain(|entry| connect::has_a_way(site, entry));
    entries.sort_by_cached_key(|entry| {
        let hint = hints.iter().position(|code| code == entry.code);
        (hint.unwrap_or(usize::MAX), entry.name.to_lowercase())
    });
    entries
}

/// What a search looks in.
fn searched(entry: &CatalogueEntry) -> String {
    format!("{} {}", entry.name, entry.code).to_lowercase()
}

fn holds(entry: &CatalogueEntry, sought: &str) -> bool {
    let text = searched(entry);
    let sought = sought.to_lowercase();
    sought.split_whitespace().all(|word| text.contains(word))
}

fn query(name: &str, value: &str) -> String {
    let mut pair = url::form_urlencoded::Serializer::new(String::new());
    pair.append_pair(name, value).finish()
}
