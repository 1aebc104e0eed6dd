//! The page of one provider: what is agreed to, then credentials or the way to the provider.
//!
//! The agreement's hash travels with the form: what is recorded is the text that was shown, also
//! where an application changed it in between.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use engine::{CatalogueEntry, CredentialField, FieldKind};
use maud::{Markup, html};
use model::{Language, Secret};
use store::hash_secret;

use crate::consent;
use crate::files::hex;
use crate::form::Form;
use crate::journey::Journey;
use crate::layout::{Page, see_other};
use crate::outcome::{Failure, Reason, Refusal, Stop};
use crate::site::{Shared, Site};
use crate::texts::Texts;
use crate::ticket;
use crate::visit::Visit;

/// Characters of one credential; keys of some providers are signed texts.
const LONGEST_CREDENTIAL: usize = 4_000;

/// What comes back with a refusal: all but the secrets.
pub struct Filled {
    refusal: Option<Refusal>,
    /// Of fields that are shown while they are typed, by their names.
    typed: BTreeMap<&'static str, String>,
}

impl Filled {
    pub fn empty() -> Filled {
        Filled {
            refusal: None,
            typed: BTreeMap::new(),
        }
    }
}

/// `GET /provider/{code}?ticket=…`
pub async fn page(
    State(site): State<Shared>,
    Path(code): Path<String>,
    visit: Visit,
) -> Result<Response, Stop> {
    let sealed = visit.query("ticket").unwrap_or_default();
    let journey = Journey::resume(&site, &visit, sealed).await?;
    let entry = entry_of(&journey, &code)?;
    Ok(render(&site, journey, &entry, &Filled::empty()))
}

/// `POST /provider/{code}` with the fields `ticket`, `agreement`, `framed` and `credential.NAME`.
pub async fn submit(
    State(site): State<Shared>,
    Path(code): Path<String>,
    form: Form,
) -> Result<Response, Stop> {
    let mut journey = Journey::resume(&site, &form.visit, form.text("ticket")).await?;
    journey.is_framed = form.is_framed();
    let entry = entry_of(&journey, &code)?;
    match attempt(&site, &form, &journey, &entry).await {
        Ok(address) => Ok(see_other(&address)),
        Err(Failure::Stop(stop)) => Err(journey.stop(stop.reason)),
        Err(Failure::Refusal(refusal)) => {
            let names = shown(&entry).filter(|field| field.kind == FieldKind::Name);
            let typed = names.map(|field| (field.name, typed(&form, field).to_owned()));
            let filled = Filled {
                refusal: Some(refusal),
                typed: typed.collect(),
            };
            Ok(render(&site, journey, &entry, &filled))
        }
    }
}

async fn attempt(
    site: &Site,
    form: &Form,
    journey: &Journey,
    entry: &CatalogueEntry,
) -> Result<String, Failure> {
    let credentials = credentials(form, entry).map_err(Failure::Refusal)?;
    let given = form.text("agreement");
    let agreement = keep_agreement(site, journey, entry, given).await?;
    consent::give(site, &form.visit, journey, entry, credentials, agreement).await
}

/// Keeps the text that was agreed to, if `given` is its hash.
pub async fn keep_agreement(
    site: &Site,
    journey: &Journey,
    entry: &CatalogueEntry,
    given: &str,
) -> Result<[u8; 32], Failure> {
    let text = journey.agreement(entry.name);
    if given != hex(&hash_secret(&text)) {
        return Err(Failure::Refusal(Refusal::AgreementChanged));
    }
    let kept = site.engine.store().keep_agreement(&text, site.now()).await;
    Ok(kept.map_err(Stop::from)?)
}

/// The provider, if this visit may connect it.
pub fn entry_of(journey: &Journey, code: &str) -> Result<CatalogueEntry, Stop> {
    let of_connection = journey.connection.as_ref();
    let only = of_connection
        .map(|connection| connection.provider.as_str())
        .or(journey.ticket.options.provider.as_deref());
    let entry = engine::catalogue_entry(code);
    let entry = entry.filter(|entry| only.is_none_or(|only| only == entry.code));
    entry.ok_or_else(|| journey.stop(Reason::NotHere))
}

/// Whether there is any way to connect accounts of it here.
pub fn has_a_way(site: &Site, entry: &CatalogueEntry) -> bool {
    shown(entry).next().is_some() || site.engine.has_oauth(entry.code)
}

/// The fields that people fill in.
fn shown(entry: &CatalogueEntry) -> impl Iterator<Item = &'static CredentialField> {
    let fields = entry.credentials.iter();
    fields.filter(|field| field.kind != FieldKind::Grant)
}

/// A field that stands alone is needed whatever its descriptor says: the other ways of connecting
/// are not on the form.
fn is_needed(entry: &CatalogueEntry, field: &CredentialField) -> bool {
    field.required || shown(entry).count() == 1
}

/// Names are typed with spaces around them by accident; a password may be meant to have them.
fn typed<'a>(form: &'a Form, field: &CredentialField) -> &'a str {
    let text = form.text(&form_name(field));
    match field.kind {
        FieldKind::Name => text.trim(),
        FieldKind::Secret | FieldKind::Grant => text,
    }
}

fn form_name(field: &CredentialField) -> String {
    format!("credential.{}", field.name)
}

fn credentials(form: &Form, entry: &CatalogueEntry) -> Result<BTreeMap<String, Secret>, Refusal> {
    let mut given = BTreeMap::new();
    let (mut missing, mut unusable) = (Vec::new(), Vec::new());
    for field in shown(entry) {
        let text = typed(form, field);
        if text.is_empty() {
            if is_needed(entry, field) {
                missing.push(field.name.to_owned());
            }
        } else if text.chars().count() > LONGEST_CREDENTIAL || text.chars().any(char::is_control) {
            unusable.push(field.name.to_owned());
        } else {
            given.insert(field.name.to_owned(), Secret::new(text));
        }
    }
    if !unusable.is_empty() {
        return Err(Refusal::Unusable(unusable));
    }
    if given.is_empty() && missing.is_empty() {
        missing = shown(entry).map(|field| field.name.to_owned()).collect();
    }
    match missing.is_empty() {
        true => Ok(given),
        false => Err(Refusal::Missing(missing)),
    }
}

/// A form of its own each time, so that going back and connecting another account is another
/// consent.
pub fn render(
    site: &Site,
    mut journey: Journey,
    entry: &CatalogueEntry,
    filled: &Filled,
) -> Response {
    let told_before = journey.ticket.refusal.take();
    journey.ticket.form = ticket::nonce(site);
    let refusal = filled.refusal.as_ref().or(told_before.as_ref());
    let status = filled
        .refusal
        .as_ref()
        .map_or(StatusCode::OK, Refusal::status);
    let form = FormPage {
        journey: &journey,
        entry,
        filled,
        refusal,
        ticket: journey.ticket.seal(site),
        agreement: journey.agreement(entry.name),
        has_oauth: site.engine.has_oauth(entry.code),
    };
    let title = form.title();
    let address = format!("/provider/{}?ticket={}", entry.code, form.ticket);
    let in_title = match refusal {
        Some(_) => format!("{}: {title}", journey.texts().problem),
        None => title.clone(),
    };
    Page {
        status,
        html: journey.sheet(address).render(&in_title, &form.main(&title)),
        policy: journey.policy(),
    }
    .into_response()
}

struct FormPage<'a> {
    journey: &'a Journey,
    entry: &'a CatalogueEntry,
    filled: &'a Filled,
    refusal: Option<&'a Refusal>,
    ticket: String,
    agreement: String,
    has_oauth: bool,
}

impl FormPage<'_> {
    fn texts(&self) -> &'static Texts {
        self.journey.texts()
    }

    fn language(&self) -> Language {
        self.journey.language()
    }

    fn title(&self) -> String {
        let texts = self.texts();
        match self.journey.connection {
            Some(_) => (texts.again_title)(self.entry.name),
            None => (texts.connect_title)(self.entry.name),
        }
    }

    fn main(&self, title: &str) -> Markup {
        let texts = self.texts();
        let is_only_one =
            self.journey.connection.is_some() || self.journey.ticket.options.provider.is_some();
        html! {
            @if let Some(refusal) = self.refusal { (self.problem(refusal)) }
            div .heading {
                img src={ "/providers/" (self.entry.code) "/icon.svg" } alt="" width="40"
                    height="40";
                h1 { (title) }
            }
            (self.agreement())
            (self.ways())
            @if !is_only_one {
                p { a href={ "/choose?ticket=" (self.ticket) } { (texts.another_provider) } }
            }
        }
    }

    /// Read once, it folds: what is to be typed again should be in sight.
    fn agreement(&self) -> Markup {
        let heading = self.texts().agreement_heading;
        let paragraphs = html! {
            @for paragraph in self.agreement.split("\n\n") { p { (paragraph) } }
        };
        let was_read = match self.refusal {
            None | Some(Refusal::AgreementChanged) => false,
            Some(_) => true,
        };
        html! {
            @if was_read {
                details .agreement { summary { (heading) } (paragraphs) }
            } @else {
                section .agreement aria-labelledby="agreement" {
                    h2 #agreement { (heading) }
                    (paragraphs)
                }
            }
        }
    }

    /// Where the provider can be asked itself, typing comes second.
    fn ways(&self) -> Markup {
        let texts = self.texts();
        let has_fields = shown(self.entry).next().is_some();
        html! {
            @if self.has_oauth {
                (self.oauth_link())
                @if has_fields {
                    details open[self.filled.refusal.is_some()] {
                        summary { (texts.by_hand) }
                        (self.form())
                    }
                }
            } @else if has_fields {
                (self.form())
            }
        }
    }

    /// A link and no form: policies hold the redirects of forms against them, and the provider's
    /// address is not ours to name in one. Framed, it opens a window, because providers refuse to
    /// be framed.
    fn oauth_link(&self) -> Markup {
        let hash = hex(&hash_secret(&self.agreement));
        let address = format!(
            "/oauth/start/{}?ticket={}&agreement={hash}",
            self.entry.code, self.ticket
        );
        let label = (self.texts().oauth_button)(self.entry.name);
        html! {
            @if self.journey.is_framed {
                p {
                    a .primary href={ (address) "&popup=1" } data-popup target="_blank"
                        rel="opener" { (label) }
                }
            } @else {
                p { a .primary href=(address) data-popup { (label) } }
            }
        }
    }

    fn form(&self) -> Markup {
        let texts = self.texts();
        let none_needed = !shown(self.entry).any(|field| is_needed(self.entry, field));
        let framed = if self.journey.is_framed { "1" } else { "" };
        let checking = (texts.checking)(self.entry.name);
        html! {
            form method="post" action={ "/provider/" (self.entry.code) } autocomplete="off"
                data-checking=(checking) {
                input type="hidden" name="ticket" value=(self.ticket);
                input type="hidden" name="agreement" value=(hex(&hash_secret(&self.agreement)));
                input type="hidden" name="framed" value=(framed);
                h2 { (texts.credentials_heading) }
                p .note { ((texts.credentials_note)(self.entry.name)) }
                @if none_needed { p .note { (texts.one_is_enough) } }
                @for field in shown(self.entry) { (self.field(field)) }
                button .primary type="submit" { (texts.connect_button) }
                p .note role="status" data-progress {}
            }
        }
    }

    fn field(&self, field: &CredentialField) -> Markup {
        let texts = self.texts();
        let id = format!("credential-{}", field.name);
        let needed = is_needed(self.entry, field);
        let wrong = self.is_wrong(field);
        let described_by = match wrong {
            true => format!("{id}-wrong {id}-help"),
            false => format!("{id}-help"),
        };
        let (kind, value) = match field.kind {
            FieldKind::Name => ("text", self.filled.typed.get(field.name)),
            FieldKind::Secret | FieldKind::Grant => ("password", None),
        };
        html! {
            div .field {
                label for=(id) {
                    (field.label.in_language(self.language()))
                    @if !needed { " " span .note { "(" (texts.optional) ")" } }
                }
                @if wrong { p .wrong id={ (id) "-wrong" } { (self.wrong_field()) } }
                input id=(id) name=(form_name(field)) type=(kind) value=[value]
                    aria-required=[needed.then_some("true")] aria-invalid=[wrong.then_some("true")]
                    aria-describedby=(described_by) autocomplete=(completed_by(field.name))
                    autocapitalize="none" spellcheck="false";
                p .help id={ (id) "-help" } { (field.help.in_language(self.language())) }
            }
        }
    }

    /// Refused credentials are all in question: the provider does not say which of them.
    fn is_wrong(&self, field: &CredentialField) -> bool {
        match self.filled.refusal.as_ref() {
            Some(Refusal::Rejected) => true,
            Some(refusal) => refusal.fields().iter().any(|name| name == field.name),
            None => false,
        }
    }

    fn wrong_field(&self) -> &'static str {
        match self.refusal {
            Some(Refusal::Missing(_)) => self.texts().missing_field,
            Some(Refusal::Unusable(_)) => self.texts().unusable_field,
            _ => self.texts().check_field,
        }
    }

    fn problem(&self, refusal: &Refusal) -> Markup {
        let texts = self.texts();
        let wrong =
            shown(self.entry).filter(|field| refusal.fields().iter().any(|n| n == field.name));
        let wrong: Vec<_> = wrong.collect();
        html! {
            div #problem .problem role="alert" tabindex="-1" {
                h2 { (texts.problem) }
                p { (refusal.sentence(texts, self.entry.name)) }
                @if !wrong.is_empty() {
                    ul {
                        @for field in wrong {
                            li { a href={ "#credential-" (field.name) } {
                                (field.label.in_language(self.language()))
                            } }
                        }
                    }
                }
            }
        }
    }
}

/// What a password manager may fill in.
fn completed_by(name: &str) -> &'static str {
    match name {
        "username" => "username",
        "password" => "current-password",
        _ => "off",
    }
}
