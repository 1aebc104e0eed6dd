//! A visit with everything that its pages need: the ticket, and what the store says today about
//! what it names.

use model::connection::ConnectionStatus;
use model::link::{ConsentTexts, LinkOptions};
use model::{ConnectionId, Language, Timestamp};
use store::{ApiKey, Application, Connection, KeyKind, Template};

use crate::layout::{Leave, Sheet};
use crate::outcome::{Reason, Stop};
use crate::parameters::{EXTERNAL_ID, Mistakes, REDIRECT_URL, TEMPLATE, Wrong};
use crate::policy::Policy;
use crate::redirect::Redirect;
use crate::site::Site;
use crate::texts::{Texts, texts};
use crate::ticket::{self, OpenedWith, Ticket, TicketError};
use crate::visit::Visit;

/// The template that is taken where a link names none.
const DEFAULT_TEMPLATE: &str = "default";

#[derive(Debug)]
pub struct Journey {
    pub ticket: Ticket,
    pub application: Application,
    pub template: Option<Template>,
    /// Where the browser goes at the end; only where it stands on its own.
    pub redirect: Option<Redirect>,
    /// To sign in to again.
    pub connection: Option<Connection>,
    pub is_framed: bool,
}

impl Journey {
    /// A visit that begins, with what was wrong about its link so far.
    pub async fn begin(
        site: &Site,
        visit: &Visit,
        application: Application,
        opened_with: OpenedWith,
        asked: (LinkOptions, Mistakes),
        connection: Option<Connection>,
    ) -> Result<Journey, Stop> {
        let (options, mut mistakes) = asked;
        let language = visit.best_language();
        let mut ticket = Ticket::new(site, application.id, opened_with, options, language);
        ticket.connection = connection.as_ref().map(|connection| connection.id);
        let mut journey = Journey::load(site, visit, ticket, application, &mut mistakes).await?;
        journey.connection = connection;
        let form = journey.template.as_ref().map(|template| &template.form);
        let needs_external_id = form.is_some_and(|form| form.require_external_id);
        let is_new = journey.connection.is_none();
        if is_new && needs_external_id && journey.ticket.options.external_id.is_none() {
            mistakes.push((EXTERNAL_ID, Wrong::Required));
        }
        match mistakes.is_empty() {
            true => Ok(journey),
            false => Err(journey.stop(Reason::WrongParameters(mistakes))),
        }
    }

    /// The visit of the ticket in the query or the form.
    pub async fn resume(site: &Site, visit: &Visit, sealed: &str) -> Result<Journey, Stop> {
        let ticket = match Ticket::open(site, sealed) {
            Ok(ticket) => ticket,
            Err(TicketError::Foreign) => return Err(Reason::ForeignTicket.into()),
            Err(TicketError::Expired(ticket)) => {
                let journey = Journey::of(site, visit, *ticket).await?;
                return Err(journey.stop(Reason::ExpiredTicket));
            }
        };
        Journey::resume_with(site, visit, ticket).await
    }

    /// The visit of a ticket that is known to be good, if what it was opened with still is.
    pub async fn resume_with(site: &Site, visit: &Visit, ticket: Ticket) -> Result<Journey, Stop> {
        let journey = Journey::of(site, visit, ticket).await?;
        match opens(site, &journey.ticket.opened_with).await {
            Ok(()) => Ok(journey),
            Err(stop) => Err(journey.stop(stop.reason)),
        }
    }

    /// The visit of a ticket that is known to be good, whatever became of what it was opened with.
    pub async fn of(site: &Site, visit: &Visit, mut ticket: Ticket) -> Result<Journey, Stop> {
        if let Some(language) = visit.language {
            ticket.language = language;
        }
        let store = site.engine.store();
        let application = store.application(ticket.application).await?;
        let application = application.ok_or(Reason::UnknownKey)?;
        let mut mistakes = Mistakes::new();
        let mut journey = Journey::load(site, visit, ticket, application, &mut mistakes).await?;
        // An address or a template that was there when the visit began.
        if !mistakes.is_empty() {
            return Err(journey.stop(Reason::WrongParameters(mistakes)));
        }
        if let Some(id) = journey.ticket.connection {
            let found = connection_of(site, &journey.application, id).await;
            match found {
                Ok(connection) => journey.connection = Some(connection),
                Err(stop) => return Err(journey.stop(stop.reason)),
            }
        }
        Ok(journey)
    }

    /// Looks up the template and the address to go to.
    async fn load(
        site: &Site,
        visit: &Visit,
        ticket: Ticket,
        application: Application,
        mistakes: &mut Mistakes,
    ) -> Result<Journey, Stop> {
        let store = site.engine.store();
        let template = match ticket.options.template {
            // An archived one goes on serving the links that name it.
            Some(id) => {
                let found = store.template(id).await?;
                let found = found.filter(|template| template.application == application.id);
                if found.is_none() {
                    mistakes.push((TEMPLATE, Wrong::UnknownTemplate));
                }
                found
            }
            None => {
                let found = store
                    .template_named(application.id, DEFAULT_TEMPLATE)
                    .await?;
                found.filter(|template| template.archived_at.is_none())
            }
        };
        let redirect = redirect_of(&ticket.options, &application, template.as_ref(), mistakes);
        Ok(Journey {
            is_framed: visit.is_framed.unwrap_or(false),
            ticket,
            application,
            template,
            redirect,
            connection: None,
        })
    }

    pub fn language(&self) -> Language {
        self.ticket.language
    }

    pub fn texts(&self) -> &'static Texts {
        texts(self.ticket.language)
    }

    /// Who asks for the data, as its customers know it.
    pub fn who(&self) -> &str {
        let form = self.template.as_ref().map(|template| &template.form);
        let display_name = form.and_then(|form| form.display_name.as_deref());
        display_name.unwrap_or(&self.application.name)
    }

    /// The application's own texts in the visit's language.
    pub fn own_texts(&self) -> Option<&ConsentTexts> {
        let template = self.template.as_ref()?;
        template.form.texts.get(&self.ticket.language)
    }

    /// What the account's owner agrees to, word for word.
    pub fn agreement(&self, provider: &str) -> String {
        let own = self.own_texts().and_then(|texts| texts.agreement.clone());
        own.unwrap_or_else(|| (self.texts().agreement)(self.who(), provider))
    }

    pub fn leave(&self) -> Leave {
        match &self.redirect {
            Some(redirect) if !self.is_framed => Leave::Redirect(redirect.with_error()),
            _ => Leave::Message,
        }
    }

    /// Who may frame its pages, and where its forms may lead.
    pub fn policy(&self) -> Policy {
        Policy {
            framed_by: self.application.origins.clone(),
            forms_lead_to: self.redirect.as_ref().map(Redirect::origin),
        }
    }

    /// `address`: this page's own, with the ticket; languages are switched by it.
    pub fn sheet(&self, address: String) -> Sheet<'_> {
        Sheet {
            language: self.language(),
            who: Some(self.who()),
            template: self.template.as_ref(),
            origins: &self.application.origins,
            leave: self.leave(),
            leaving_says: "EXIT",
            address: Some(address),
        }
    }

    pub fn stop(&self, reason: Reason) -> Stop {
        Stop {
            reason,
            language: Some(self.language()),
            who: Some(self.who().to_owned()),
            origins: self.application.origins.clone(),
            leave: self.leave(),
        }
    }
}

/// The link's own address, else the template's.
fn redirect_of(
    options: &LinkOptions,
    application: &Application,
    template: Option<&Template>,
    mistakes: &mut Mistakes,
) -> Option<Redirect> {
    let find =
        |asked: &str| Redirect::registered(asked, options.state.as_ref(), &application.redirects);
    if let Some(asked) = &options.redirect_url {
        let found = find(asked);
        if found.is_none() {
            mistakes.push((REDIRECT_URL, Wrong::Unregistered));
        }
        return found;
    }
    let template = template?;
    let asked = template.form.redirect_url.as_ref()?;
    let found = find(asked);
    if found.is_none() {
        tracing::warn!(
            application.id = %application.id, template.id = %template.id,
            "a consent template's redirect address is no longer registered: the page stays"
        );
    }
    found
}

/// Whether what the visit was opened with is still good.
async fn opens(site: &Site, opened_with: &OpenedWith) -> Result<(), Stop> {
    let store = site.engine.store();
    match opened_with {
        OpenedWith::Key(encoded) => {
            let hash = ticket::key_hash(encoded).ok_or(Reason::ForeignTicket)?;
            let key = store.find_key(hash).await?;
            live_key(key, site.now()).map(|_| ()).map_err(Stop::of)
        }
        OpenedWith::Code(code) => {
            let link = store.short_link_by_code(code, site.now()).await?;
            link.map(|_| ()).ok_or(Reason::UnknownLink.into())
        }
    }
}

/// A publishable key that is neither revoked nor past its end.
pub fn live_key(key: Option<ApiKey>, now: Timestamp) -> Result<ApiKey, Reason> {
    let key = key.ok_or(Reason::UnknownKey)?;
    let is_over = key.expires_at.is_some_and(|end| end <= now);
    match key.kind {
        // It must not be in a browser at all, so nothing is said about it.
        KeyKind::Secret => Err(Reason::UnknownKey),
        KeyKind::Publishable if key.revoked_at.is_some() || is_over => Err(Reason::DeadKey),
        KeyKind::Publishable => Ok(key),
    }
}

/// The application's connection, if it can be signed in to again.
pub async fn connection_of(
    site: &Site,
    application: &Application,
    id: ConnectionId,
) -> Result<Connection, Stop> {
    let found = site.engine.store().connection(id).await?;
    let found = found.filter(|connection| connection.application == application.id);
    let connection = found.ok_or(Reason::UnknownConnection)?;
    match connection.status {
        ConnectionStatus::Connected
        | ConnectionStatus::Disconnected
        | ConnectionStatus::Archived => Ok(connection),
        closed @ (ConnectionStatus::PendingDeletion
        | ConnectionStatus::Deleting
        | ConnectionStatus::Deleted) => Err(Reason::ConnectionClosed(closed).into()),
    }
}
