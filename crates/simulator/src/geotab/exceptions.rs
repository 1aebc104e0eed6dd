//! Exception events: what broke a rule. Where, how fast and how hard is not in them; it is to be
//! found in the positions and accelerations of their time.
//!
//! What only cameras see is not seen here, but for telephones, which a rule of a partner reports.

use model::time::HOUR_MS;
use model::{Timestamp, Window};

use super::catalogue::{Rule, rule_of};
use super::database::{Database, Revision, Standing, revisions};
use super::ids;
use super::rows::{Row, Selection};
use super::rpc::{Refusal, Search};
use crate::faults::{EventKind, RowFault};
use crate::fleet::SafetyEvent;
use crate::samsara::wire::Json;
use crate::shown::after;

const MINUTE_MS: i64 = model::time::MINUTE_MS;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ExceptionRow {
    pub id: String,
    pub event: SafetyEvent,
    pub rule: Rule,
    pub created_at: Timestamp,
}

impl ExceptionRow {
    pub fn active_to(&self) -> Timestamp {
        self.event.until.unwrap_or(self.event.from)
    }
}

impl Database<'_> {
    /// The revisions of a vehicle's exceptions that began in the window.
    pub fn exception_revisions(
        &self,
        vehicle: usize,
        window: Window,
    ) -> Vec<Revision<ExceptionRow>> {
        let Some(window) = self.until_now(window) else {
            return Vec::new();
        };
        let events = self.world.safety_events(vehicle, window).into_iter();
        events
            .filter_map(|event| Some((rule_of(event.kind)?, event)))
            .flat_map(|(rule, event)| self.revisions_of_event(rule, event))
            .collect()
    }

    fn revisions_of_event(&self, rule: Rule, event: SafetyEvent) -> Vec<Revision<ExceptionRow>> {
        let fault = self
            .faults
            .event_fault(EventKind::Safety, event.vehicle, event.from);
        let created_at = match fault {
            RowFault::Late { at } => at.max(event.published_at),
            _ => event.published_at,
        };
        let coin = self
            .faults
            .event_coin(EventKind::Safety, event.vehicle, event.from);
        let row = ExceptionRow {
            id: ids::id_of_uuid(&event.id),
            event,
            rule,
            created_at,
        };
        let began = (created_at, Standing::Live, row.clone());
        let (RowFault::Edited { at } | RowFault::Withdrawn { at }) = fault else {
            return revisions(vec![began]);
        };
        let at = at.max(after(created_at, MINUTE_MS));
        let standing = match fault {
            RowFault::Withdrawn { .. } => Standing::Invalid,
            _ if coin => Standing::Dismissed,
            _ => Standing::Deleted,
        };
        let mut all = revisions(vec![began, (at, standing, row.clone())]);
        if standing == Standing::Deleted {
            // Processed again: the same under another id.
            let again = ExceptionRow {
                id: ids::hashed_id(&format!("{} again", row.event.id)),
                created_at: at,
                ..row
            };
            all.extend(revisions(vec![(at, Standing::Live, again)]));
        }
        all
    }

    pub(super) fn exception_rows(
        &self,
        search: Search<'_>,
        selection: &Selection,
    ) -> Result<Vec<Row>, Refusal> {
        let window = selection.window(search)?;
        let rule = search.id_in("ruleSearch");
        let began = match selection.since {
            // It may have been published a day after it ended.
            Some(since) => Window {
                from: after(self.may_have_changed(since).from, -24 * HOUR_MS),
                until: after(self.now, 1),
            },
            None => Window {
                from: after(window.from, -HOUR_MS),
                until: window.until,
            },
        };
        let mut rows = Vec::new();
        for vehicle in selection.vehicles(self.world, search.without_id()) {
            for revision in self.exception_revisions(vehicle, began) {
                let row = &revision.row;
                let is_wanted = match revision.standing {
                    Standing::Live => true,
                    Standing::Dismissed => search.flag("includeDismissedEvents"),
                    Standing::Invalid => search.flag("includeInvalidated"),
                    Standing::Deleted | Standing::Inactive => search.flag("includeDeleted"),
                };
                let touches = row.event.from < window.until && row.active_to() >= window.from;
                if selection.shows(self.now, revision.at, revision.until)
                    && is_wanted
                    && touches
                    && rule.is_none_or(|rule| rule == row.rule.id())
                {
                    rows.push(exception_row(&revision));
                }
            }
        }
        Ok(rows)
    }
}

fn exception_row(revision: &Revision<ExceptionRow>) -> Row {
    let row = &revision.row;
    let event = &row.event;
    let mixed = ids::mix(&row.id, 3);
    let version = ids::number(revision.at, event.vehicle, mixed);
    let mut json = Json::default();
    json.raw("{").time_member("activeFrom", event.from);
    json.time_member("activeTo", row.active_to());
    let duration_ms = row.active_to().millis() - event.from.millis();
    // Kilometres at the highest speed: a little more than were driven.
    let metres = i64::from(event.speed_centi_kmh) * duration_ms / 360_000;
    json.decimal_member("distance", metres, 3);
    json.span_member("duration", duration_ms);
    json.key("rule")
        .raw("{\"state\":\"ExceptionRuleStateActiveId\",\"reason\":\"ExceptionRuleReasonNoneId\"");
    json.text_member("id", &row.rule.id()).raw("}");
    json.reference("device", &ids::device_id(event.vehicle));
    json.no_reference("diagnostic", ids::NO_DIAGNOSTIC, mixed);
    json.driver_reference(event.driver, mixed);
    json.text_member(
        "state",
        match revision.standing {
            Standing::Dismissed => "ExceptionEventStateDismissedId",
            Standing::Invalid => "ExceptionEventStateInvalidId",
            _ => "ExceptionEventStateValidId",
        },
    );
    if let Some(limit_centi_kmh) = event.limit_centi_kmh {
        json.key("details").raw("{");
        json.decimal_member("maxSpeed", event.speed_centi_kmh.into(), 2);
        json.decimal_member("speedLimit", limit_centi_kmh.into(), 2);
        json.raw("}");
    }
    json.time_member("lastModifiedDateTime", revision.at);
    json.time_member("createdDateTime", row.created_at);
    if revision.standing == Standing::Deleted {
        json.time_member("deletedDateTime", revision.at);
    }
    json.version_member(version);
    json.text_member("id", &row.id).raw("}");
    Row::new(row.id.clone(), version, event.from, json)
}
