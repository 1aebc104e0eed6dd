//! Asking for a provider that is not in the list.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use model::ProviderRequestId;
use store::ProviderWish;

use crate::attempts::Subject;
use crate::form::Form;
use crate::journey::Journey;
use crate::layout::{Page, see_other};
use crate::outcome::{Reason, Stop};
use crate::redirect::Redirect;
use crate::site::{Shared, Site};
use crate::visit::Visit;

/// Of each field, in characters.
const LONGEST: usize = 200;

/// What was typed, for the form that comes back.
struct Typed<'a> {
    name: &'a str,
    contact: &'a str,
}

/// `GET /request?ticket=…&name=…`
pub async fn page(State(site): State<Shared>, visit: Visit) -> Result<Response, Stop> {
    let sealed = visit.query("ticket").unwrap_or_default();
    let journey = Journey::resume(&site, &visit, sealed).await?;
    let typed = Typed {
        name: visit.query("name").unwrap_or_default(),
        contact: "",
    };
    Ok(render(&site, &journey, &typed, false))
}

/// `POST /request` with the fields `ticket`, `name`, `contact` and `framed`.
pub async fn submit(State(site): State<Shared>, form: Form) -> Result<Response, Stop> {
    let mut journey = Journey::resume(&site, &form.visit, form.text("ticket")).await?;
    journey.is_framed = form.is_framed();
    let typed = Typed {
        name: form.text("name").trim(),
        contact: form.text("contact").trim(),
    };
    let is_usable =
        |text: &str| text.chars().count() <= LONGEST && !text.contains(char::is_control);
    if typed.name.is_empty() || !is_usable(typed.name) || !is_usable(typed.contact) {
        return Ok(render(&site, &journey, &typed, true));
    }
    let subjects = [
        Subject::WishesOfVisit(journey.ticket.visit.clone()),
        Subject::WishesOfApplication(journey.application.id),
    ];
    if let Err(wait) = site.admit(&subjects) {
        return Err(journey.stop(Reason::TooManyWishes(wait)));
    }
    let now = site.now();
    let wish = ProviderWish {
        id: ProviderRequestId::new(now, site.engine.entropy().u128()),
        application: journey.application.id,
        name: typed.name.to_owned(),
        contact: (!typed.contact.is_empty()).then(|| typed.contact.to_owned()),
        requested_at: now,
    };
    site.engine.store().add_provider_wish(&wish).await?;
    tracing::info!(application.id = %journey.application.id, "a provider was asked for");
    match redirect_of(&journey) {
        Some(redirect) if !journey.is_framed => Ok(see_other(&redirect.plain())),
        _ => Ok(noted(&site, &journey, typed.name)),
    }
}

/// Where the template sends those who asked.
fn redirect_of(journey: &Journey) -> Option<Redirect> {
    let form = &journey.template.as_ref()?.form;
    let asked = form.unsupported_redirect_url.as_ref()?;
    let state = journey.ticket.options.state.as_ref();
    Redirect::registered(asked, state, &journey.application.redirects)
}

fn render(site: &Site, journey: &Journey, typed: &Typed<'_>, is_refused: bool) -> Response {
    let texts = journey.texts();
    let ticket = journey.ticket.seal(site);
    let framed = if journey.is_framed { "1" } else { "" };
    let invalid = is_refused.then_some("true");
    let main = html! {
        @if is_refused {
            div #problem .problem role="alert" tabindex="-1" {
                h2 { (texts.problem) }
                p { (texts.wish_unusable) }
                ul { li { a href="#wish-name" { (texts.wish_name) } } }
            }
        }
        h1 { (texts.wish_title) }
        p { (texts.wish_intro) }
        form method="post" action="/request" {
            input type="hidden" name="ticket" value=(ticket);
            input type="hidden" name="framed" value=(framed);
            div .field {
                label for="wish-name" { (texts.wish_name) }
                input #wish-name name="name" value=(typed.name) autocomplete="off"
                    aria-required="true" aria-invalid=[invalid];
            }
            div .field {
                label for="wish-contact" {
                    (texts.wish_contact) " " span .note { "(" (texts.optional) ")" }
                }
                input #wish-contact type="text" inputmode="email" name="contact"
                    value=(typed.contact) autocomplete="email"
                    aria-describedby="wish-contact-help";
                p #wish-contact-help .help { (texts.wish_contact_help) }
            }
            button .primary type="submit" { (texts.wish_button) }
        }
        (back(journey, &ticket))
    };
    let status = match is_refused {
        true => StatusCode::UNPROCESSABLE_ENTITY,
        false => StatusCode::OK,
    };
    answer(journey, status, &ticket, texts.wish_title, &main)
}

fn noted(site: &Site, journey: &Journey, name: &str) -> Response {
    let texts = journey.texts();
    let ticket = journey.ticket.seal(site);
    let main = html! {
        div .done {
            h1 { (texts.wish_noted_title) }
            p role="status" { ((texts.wish_noted)(name, journey.who())) }
            button .primary type="button" data-leave="EXIT" hidden { (texts.close) }
        }
        (back(journey, &ticket))
    };
    answer(
        journey,
        StatusCode::OK,
        &ticket,
        texts.wish_noted_title,
        &main,
    )
}

fn back(journey: &Journey, ticket: &str) -> Markup {
    html! {
        p { a href={ "/choose?ticket=" (ticket) } { (journey.texts().back_to_list) } }
    }
}

fn answer(
    journey: &Journey,
    status: StatusCode,
    ticket: &str,
    title: &str,
    main: &Markup,
) -> Response {
    let mut policy = journey.policy();
    if let Some(redirect) = redirect_of(journey) {
        policy.forms_lead_to = Some(redirect.origin());
    }
    let sheet = journey.sheet(format!("/request?ticket={ticket}"));
    Page {
        status,
        html: sheet.render(title, main),
        policy,
    }
    .into_response()
}
