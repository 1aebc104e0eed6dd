//! Where visits begin: an address with a key, a short link, a connection to sign in to again.
//!
//! Nothing is stored. What the address asks for is checked, looked up and put into a ticket.

use axum::extract::{Path, State};
use axum::response::Response;
use model::ConnectionId;
use store::{Application, hash_secret};

use crate::journey::{Journey, connection_of, live_key};
use crate::outcome::{Reason, Stop};
use crate::site::{Shared, Site};
use crate::ticket::OpenedWith;
use crate::visit::Visit;
use crate::{choose, connect, parameters};

/// `GET /?key=pk_…`
pub async fn with_key(State(site): State<Shared>, visit: Visit) -> Result<Response, Stop> {
    let (application, opened_with) = application_of(&site, &visit).await?;
    let asked = parameters::read(&visit.query, site.now());
    let journey = Journey::begin(&site, &visit, application, opened_with, asked, None).await?;
    first_page(&site, journey)
}

/// `GET /connection/{id}?key=pk_…`
pub async fn again(
    State(site): State<Shared>,
    Path(id): Path<String>,
    visit: Visit,
) -> Result<Response, Stop> {
    let (application, opened_with) = application_of(&site, &visit).await?;
    let asked = parameters::read_again(&visit.query);
    let found = match id.parse::<ConnectionId>() {
        Ok(id) => connection_of(&site, &application, id).await,
        Err(_) => Err(Reason::UnknownConnection.into()),
    };
    let (connection, stopped) = match found {
        Ok(connection) => (Some(connection), None),
        Err(stop) => (None, Some(stop)),
    };
    let begun = Journey::begin(&site, &visit, application, opened_with, asked, connection);
    let journey = begun.await?;
    match stopped {
        Some(stop) => Err(journey.stop(stop.reason)),
        None => first_page(&site, journey),
    }
}

/// `GET /{code}`
pub async fn short_link(
    State(site): State<Shared>,
    Path(code): Path<String>,
    visit: Visit,
) -> Result<Response, Stop> {
    let store = site.engine.store();
    let link = store.short_link_by_code(&code, site.now()).await?;
    let link = link.ok_or(Reason::UnknownLink)?;
    let application = store.application(link.application).await?;
    let application = application.ok_or(Reason::UnknownLink)?;
    let asked = (link.options, parameters::Mistakes::new());
    let opened_with = OpenedWith::Code(code);
    let journey = Journey::begin(&site, &visit, application, opened_with, asked, None).await?;
    first_page(&site, journey)
}

/// Whose key it is.
async fn application_of(site: &Site, visit: &Visit) -> Result<(Application, OpenedWith), Stop> {
    let text = visit.query("key").ok_or(Reason::UnknownKey)?;
    let store = site.engine.store();
    // Found by its hash, so how long this takes says nothing about keys that are nearly right.
    let key = store.find_key(hash_secret(text)).await?;
    let key = live_key(key, site.now())?;
    let application = store.application(key.application).await?;
    let application = application.ok_or(Reason::UnknownKey)?;
    Ok((application, OpenedWith::key(text)))
}

/// The one provider that can be meant, else the list.
fn first_page(site: &Site, journey: Journey) -> Result<Response, Stop> {
    let connected = journey.connection.as_ref();
    let code = connected.map(|connection| &connection.provider).or(journey
        .ticket
        .options
        .provider
        .as_ref());
    let Some(code) = code else {
        return Ok(choose::render(site, &journey, ""));
    };
    match engine::catalogue_entry(code) {
        Some(entry) => Ok(connect::render(
            site,
            journey,
            &entry,
            &connect::Filled::empty(),
        )),
        // A provider that this version of the program no longer has.
        None => Err(journey.stop(Reason::NotHere)),
    }
}
