//! The end of a visit that connected an account.
//!
//! The public token comes here sealed, so that no address of ours shows it: it leaves in a message
//! to registered origins, or in the query of a registered address, as the protocol of the SDK has
//! it. Reading the page twice tells the same token twice; it can be exchanged once.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use engine::PUBLIC_TOKEN_LIFE;
use maud::html;
use model::{Secret, Timestamp};
use serde::{Deserialize, Serialize};

use crate::journey::Journey;
use crate::layout::{Leave, Page, Sheet, see_other};
use crate::outcome::{Reason, Stop};
use crate::site::{Shared, Site};
use crate::ticket::{self, Purpose, Ticket};
use crate::visit::Visit;

/// A consent that was given.
#[derive(Debug, Serialize, Deserialize)]
pub struct Done {
    pub ticket: Ticket,
    /// Provider code.
    pub provider: String,
    pub public_token: Secret,
    /// As far as was known when it was given.
    pub is_framed: bool,
    pub made_at: Timestamp,
}

impl Done {
    pub fn address(&self, site: &Site) -> String {
        format!("/done?done={}", ticket::seal(site, self, Purpose::Done))
    }
}

/// `GET /done?done=…`
pub async fn page(State(site): State<Shared>, visit: Visit) -> Result<Response, Stop> {
    let sealed = visit.query("done").unwrap_or_default();
    let done: Option<Done> = ticket::open(&site, sealed, Purpose::Done);
    let done = done.ok_or(Reason::ForeignTicket)?;
    let is_framed = visit.is_framed.unwrap_or(done.is_framed);
    let mut journey = Journey::of(&site, &visit, done.ticket).await?;
    journey.is_framed = is_framed;
    if site.now().since(done.made_at) > PUBLIC_TOKEN_LIFE {
        return Err(journey.stop(Reason::ExpiredTicket));
    }
    let token = done.public_token.reveal();
    match &journey.redirect {
        Some(redirect) if !is_framed => Ok(see_other(&redirect.with_token(token))),
        _ => Ok(render(&journey, &done.provider, token)),
    }
}

fn render(journey: &Journey, provider: &str, public_token: &str) -> Response {
    let texts = journey.texts();
    let entry = engine::catalogue_entry(provider);
    let name = entry.map_or(provider, |entry| entry.name);
    let title = (texts.done_title)(name);
    let own = journey.own_texts().and_then(|own| own.success.clone());
    let text = own.unwrap_or_else(|| (texts.done_text)(journey.who(), name));
    let sheet = Sheet {
        leave: Leave::Message,
        leaving_says: "CLOSE",
        // Read in another language, the page would tell of its success once more.
        address: None,
        ..journey.sheet(String::new())
    };
    let main = html! {
        div .done data-public-token=(public_token) {
            img src={ "/providers/" (provider) "/icon.svg" } alt="" width="48" height="48";
            h1 { (title) }
            p { (text) }
            button .primary type="button" data-leave="CLOSE" hidden { (texts.done_button) }
            p .note data-alone { (texts.done_no_button) }
        }
    };
    Page {
        status: StatusCode::OK,
        html: sheet.render(&title, &main),
        policy: journey.policy(),
    }
    .into_response()
}
