//! From credentials to a connection: what the form and the answer of an OAuth flow have in common.

use std::collections::BTreeMap;
use std::time::Duration;

use engine::{CatalogueEntry, Consent, FieldKind};
use model::connection::SyncMode;
use model::link::Backfill;
use model::{Secret, Timestamp};
use store::hash_secret;

use crate::attempts::Subject;
use crate::done::Done;
use crate::journey::Journey;
use crate::outcome::{Failure, Refusal};
use crate::site::Site;
use crate::visit::Visit;

const DAY_MS: f64 = 86_400_000.0;

/// Tries the credentials and keeps them; the address of the page that says so.
///
/// `agreement` is the hash of what was agreed to, by which it is kept already.
pub async fn give(
    site: &Site,
    visit: &Visit,
    journey: &Journey,
    entry: &CatalogueEntry,
    credentials: BTreeMap<String, Secret>,
    agreement: [u8; 32],
) -> Result<String, Failure> {
    let subjects = subjects(visit, journey, entry, &credentials);
    let admitted = site.admit(&subjects);
    admitted.map_err(|wait| Failure::Refusal(Refusal::too_many(wait)))?;
    let consent = consent(site, visit, journey, entry, credentials, agreement);
    let consented = site.engine.consent(consent).await?;
    let done = Done {
        ticket: journey.ticket.clone(),
        provider: entry.code.to_owned(),
        public_token: consented.public_token,
        is_framed: journey.is_framed,
        made_at: site.now(),
    };
    Ok(done.address(site))
}

/// Whose attempt it is.
fn subjects(
    visit: &Visit,
    journey: &Journey,
    entry: &CatalogueEntry,
    credentials: &BTreeMap<String, Secret>,
) -> Vec<Subject> {
    let mut subjects = vec![
        Subject::Visit(journey.ticket.visit.clone()),
        Subject::Application(journey.application.id),
    ];
    let name_field = entry
        .credentials
        .iter()
        .find(|field| field.kind == FieldKind::Name);
    if let Some(name) = name_field.and_then(|field| credentials.get(field.name)) {
        let account = format!("{}\0{}", entry.code, name.reveal().to_lowercase());
        subjects.push(Subject::Account(hash_secret(&account)));
    }
    subjects.extend(visit.address.map(Subject::address));
    subjects
}

fn consent(
    site: &Site,
    visit: &Visit,
    journey: &Journey,
    entry: &CatalogueEntry,
    credentials: BTreeMap<String, Secret>,
    agreement: [u8; 32],
) -> Consent {
    let options = &journey.ticket.options;
    // What a connection was made with stays when its owner signs in again.
    let template = journey.template.as_ref();
    let template = template.filter(|_| journey.connection.is_none());
    let form = template.map(|template| &template.form);
    let sync_mode = options.sync_mode.or(form.and_then(|form| form.sync_mode));
    let template_days = form.and_then(|form| form.backfill_days);
    let backfill = options.backfill.unwrap_or(Backfill {
        start_from: None,
        days: template_days,
    });
    let tags = match options.tags.is_empty() {
        true => form.map(|form| form.tags.clone()).unwrap_or_default(),
        false => options.tags.clone(),
    };
    Consent {
        application: journey.application.id,
        provider: entry.code.to_owned(),
        credentials,
        again: journey.connection.as_ref().map(|connection| connection.id),
        company_name: options.name.clone(),
        external_id: options.external_id.clone(),
        tags,
        sync_mode: sync_mode.unwrap_or(SyncMode::Automatic),
        backfill_from: backfill_from(backfill, site.now()),
        merges: journey.application.merges(),
        ticket: journey.ticket.consent_hash(entry.code),
        agreement,
        ip_address: visit.address.map(|address| address.to_string()),
        user_agent: visit.user_agent.clone(),
    }
}

fn backfill_from(backfill: Backfill, now: Timestamp) -> Option<Timestamp> {
    let days_ago = |days: f64| now.saturating_sub(Duration::from_millis((days * DAY_MS) as u64));
    backfill.start_from.or(backfill.days.map(days_ago))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_back_from_now() {
        let now = Timestamp::parse("2026-03-04T10:17:00Z").expect("a valid time");
        let start = Timestamp::parse("2026-01-01T00:00:00Z").expect("a valid time");
        let from = |start_from, days| backfill_from(Backfill { start_from, days }, now);
        assert_eq!(from(None, None), None);
        assert_eq!(from(Some(start), None), Some(start));
        assert_eq!(
            from(None, Some(1.5))
                .map(|from| from.to_string())
                .as_deref(),
            Some("2026-03-02T22:17:00.000Z")
        );
        assert_eq!(from(None, Some(0.0)), Some(now));
    }
}
