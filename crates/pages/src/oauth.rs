//! Consent at the provider: the way there and the way back.
//!
//! What must survive the way is in `state`: the ticket, sealed, with a nonce that a cookie ties to
//! this browser, so that nobody can have another's browser finish a flow that they began. From a
//! frame all of this happens in a window of its own, because providers refuse to be framed; what it
//! came to is handed to the frame by an address of ours ([`handover`]).

use std::collections::BTreeMap;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::{CatalogueEntry, Engine};
use maud::html;
use model::{Language, Secret, Timestamp};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use crate::connect::{entry_of, keep_agreement};
use crate::consent;
use crate::files::{hex, unhex};
use crate::journey::Journey;
use crate::layout::{Leave, Page, Sheet, see_other};
use crate::outcome::{Failure, Reason, Refusal, Stop};
use crate::policy::Policy;
use crate::site::{Shared, Site};
use crate::texts::texts;
use crate::ticket::{self, Purpose, Ticket};
use crate::visit::Visit;

const COOKIE: &str = "gladhand_oauth";
/// For consenting at the provider, with signing in there.
const LIFE: Duration = Duration::from_secs(600);

#[derive(Debug, Serialize, Deserialize)]
struct FlowState {
    ticket: Ticket,
    /// Provider code.
    provider: String,
    /// Also in the browser's cookie.
    nonce: String,
    /// The hash of what was agreed to, which is kept already.
    agreement: String,
    /// In a window that a framed page opened.
    is_popup: bool,
    made_at: Timestamp,
}

/// `GET /oauth/start/{code}?ticket=…&agreement=…`
pub async fn start(
    State(site): State<Shared>,
    Path(code): Path<String>,
    visit: Visit,
) -> Result<Response, Stop> {
    let sealed = visit.query("ticket").unwrap_or_default();
    let journey = Journey::resume(&site, &visit, sealed).await?;
    let entry = entry_of(&journey, &code)?;
    let is_popup = visit.query("popup").is_some();
    let language = journey.language();
    // Whoever was sent here from elsewhere has not read what they agree to.
    if visit.is_from_us == Some(false) {
        return Ok(see_other(&form_of(&site, journey.ticket, &entry)));
    }
    let given = visit.query("agreement").unwrap_or_default();
    let agreement = match keep_agreement(&site, &journey, &entry, given).await {
        Ok(hash) => hash,
        Err(Failure::Stop(stop)) => return Err(journey.stop(stop.reason)),
        Err(Failure::Refusal(refusal)) => {
            let next = refused(&site, journey.ticket, &entry, refusal);
            return Ok(next_page(&next, is_popup, language));
        }
    };
    let nonce = ticket::nonce(&site);
    let state = FlowState {
        ticket: journey.ticket.clone(),
        provider: entry.code.to_owned(),
        nonce: nonce.clone(),
        agreement: hex(&agreement),
        is_popup,
        made_at: site.now(),
    };
    let state = ticket::seal(&site, &state, Purpose::OAuth);
    let address = site.engine.authorization_url(entry.code, &state);
    let address = address.ok_or_else(|| journey.stop(Reason::NotHere))?;
    let mut response = see_other(&address);
    set_cookie(&site, &mut response, &nonce, LIFE);
    Ok(response)
}

/// `GET /oauth/callback/{code}?code=…&state=…`, or `error=…` in the place of `code`.
pub async fn callback(
    State(site): State<Shared>,
    Path(provider): Path<String>,
    visit: Visit,
) -> Result<Response, Stop> {
    let flow = flow_of(&site, &visit, &provider)?;
    let journey = Journey::resume_with(&site, &visit, flow.ticket).await?;
    let entry = entry_of(&journey, &flow.provider)?;
    let agreement = unhex(&flow.agreement).ok_or(Reason::ForeignState)?;
    let language = journey.language();
    let next = match granted(&visit) {
        Err(refusal) => refused(&site, journey.ticket, &entry, refusal),
        Ok(code) => {
            let field = Engine::CODE_FIELD.to_owned();
            let credentials = BTreeMap::from([(field, Secret::new(code))]);
            let mut journey = journey;
            journey.is_framed = flow.is_popup;
            // One flow is one consent, however often its answer is read.
            journey.ticket.form = flow.nonce;
            let given = consent::give(&site, &visit, &journey, &entry, credentials, agreement);
            match given.await {
                Ok(address) => address,
                Err(Failure::Stop(stop)) => return Err(journey.stop(stop.reason)),
                Err(Failure::Refusal(refusal)) => refused(&site, journey.ticket, &entry, refusal),
            }
        }
    };
    let mut response = next_page(&next, flow.is_popup, language);
    set_cookie(&site, &mut response, "", Duration::ZERO);
    Ok(response)
}

/// The flow, if this browser began it, for this provider and not too long ago.
fn flow_of(site: &Site, visit: &Visit, provider: &str) -> Result<FlowState, Reason> {
    let sealed = visit.query("state").unwrap_or_default();
    let flow: Option<FlowState> = ticket::open(site, sealed, Purpose::OAuth);
    let flow = flow.ok_or(Reason::ForeignState)?;
    let cookie = visit.cookie(COOKIE).unwrap_or_default();
    let is_ours: bool = cookie.as_bytes().ct_eq(flow.nonce.as_bytes()).into();
    let is_fresh = site.now().since(flow.made_at) <= LIFE;
    // A brand's accounts may come back to the address of its platform: the app is the platform's.
    let is_place = engine::catalogue_entry(&flow.provider)
        .is_some_and(|entry| entry.code == provider || entry.base_code == provider);
    match is_ours && is_fresh && is_place {
        true => Ok(flow),
        false => Err(Reason::ForeignState),
    }
}

fn granted(visit: &Visit) -> Result<&str, Refusal> {
    match (visit.query("error"), visit.query("code")) {
        (Some("access_denied"), _) => Err(Refusal::Denied),
        (None, Some(code)) => Ok(code),
        _ => Err(Refusal::NoConsent),
    }
}

/// The form with what went wrong above it.
fn refused(site: &Site, ticket: Ticket, entry: &CatalogueEntry, refusal: Refusal) -> String {
    let ticket = Ticket {
        refusal: Some(refusal),
        ..ticket
    };
    form_of(site, ticket, entry)
}

fn form_of(site: &Site, ticket: Ticket, entry: &CatalogueEntry) -> String {
    format!("/provider/{}?ticket={}", entry.code, ticket.seal(site))
}

fn next_page(address: &str, is_popup: bool, language: Language) -> Response {
    match is_popup {
        true => handover(address, language),
        false => see_other(address),
    }
}

/// Has the script give the address to the page that opened this window, and close it. Where there
/// is no such page any more (a provider may cut the tie between the two), the window goes on by
/// itself.
fn handover(address: &str, language: Language) -> Response {
    let texts = texts(language);
    let told = texts.handover;
    let sheet = Sheet {
        language,
        who: None,
        template: None,
        origins: &[],
        leave: Leave::Message,
        leaving_says: "EXIT",
        address: None,
    };
    let main = html! {
        div data-handover=(address) {
            h1 { (told.heading) }
            p { (told.sentence) }
            p { a .primary href=(address) { (texts.handover_link) } }
        }
    };
    Page {
        status: StatusCode::OK,
        html: sheet.render(told.heading, &main),
        policy: Policy::default(),
    }
    .into_response()
}

fn set_cookie(site: &Site, response: &mut Response, value: &str, life: Duration) {
    let secure = if site.is_https() { "; Secure" } else { "" };
    let cookie = format!(
        "{COOKIE}={value}; Path=/oauth; Max-Age={}; HttpOnly; SameSite=Lax{secure}",
        life.as_secs()
    );
    let cookie = HeaderValue::try_from(cookie).expect("letters, digits and punctuation");
    response.headers_mut().insert(header::SET_COOKIE, cookie);
}
