//! Safety events: exceptions to those rules that are about safety.
//!
//! An exception has neither a place nor a speed nor a force. They are found in the positions and
//! accelerations of its time, and the type of one of a customer's rules in that rule's name: all of
//! it is asked together with the exceptions a second time, for so many events a page as fit, so
//! that a page explains itself. What is dismissed or invalid is not listed, and so is gone.

mod evidence;

use std::collections::{BTreeMap, BTreeSet};

use model::issue::IssueCode;
use model::safety::{SafetyEvent, SafetyEventStats, SafetyEventType};
use model::{Draft, Timestamp};
use provider::{Excerpt, Notice, Page, ProviderError};
use serde::{Deserialize, Serialize};

use super::super::calls::Call;
use super::super::place::{after_step, step};
use super::super::requests::EXCEPTIONS_LIMIT;
use super::super::streams::MOST_CALLS;
use super::super::wire::entities::RuleRow;
use super::super::wire::events::ExceptionRow;
use super::super::{Reading, calls};
use super::safety_rules::{ById, by_id, by_name};
use super::{Fields, RawRow, parse, window};
use evidence::Evidence;

/// Of each event: positions, and accelerations along and across.
const CALLS_AN_EVENT: usize = 3;
/// What lasts longer is looked at for this long.
const LONGEST_LOOK_MS: i64 = 60 * 60 * 1_000;

/// What is to be asked of an event. Stored in positions: frozen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub id: String,
    pub device: String,
    /// Milliseconds since 1970.
    pub from_ms: i64,
    /// The same; the end of what is looked at.
    pub until_ms: i64,
}

struct Exception<'a> {
    raw: RawRow<'a>,
    row: ExceptionRow<'a>,
    asked: Event,
    rule: String,
    ended_at: Option<Timestamp>,
}

pub fn page(reading: &Reading<'_>) -> Result<Page, ProviderError> {
    let asked: Vec<Event> = step(reading.task);
    let more = match asked.len() {
        0 => 0,
        events => 1 + events * CALLS_AN_EVENT,
    };
    let (answered, behind) = calls::of_task(reading, 1, more, EXCEPTIONS_LIMIT)?;
    let mut page = Page::default();
    let mut events: BTreeMap<String, Exception<'_>> = BTreeMap::new();
    for call in &answered {
        for raw in call.raw_rows(reading.answer) {
            if let Some(event) = exception(reading, raw, &mut page.notices) {
                events.insert(event.asked.id.clone(), event);
            }
        }
    }
    if let Some((rules, measured)) = behind.split_first() {
        let rules = rule_names(reading, rules, &mut page);
        let mut unclear = BTreeSet::new();
        for (event, measured) in asked.iter().zip(measured.chunks(CALLS_AN_EVENT)) {
            if let Some(exception) = events.get(&event.id) {
                let evidence = Evidence::read(reading, event, measured, &mut page);
                match event_type(&exception.rule, &rules) {
                    Some(found) => draft(reading, exception, found, &evidence, &mut page),
                    None => {
                        unclear.insert(exception.rule.as_str());
                    }
                }
            }
        }
        report(&unclear, &rules, &mut page);
    }
    let room = MOST_CALLS.saturating_sub(answered.len() + 1) / CALLS_AN_EVENT;
    let last = asked.last().map(|event| event.id.as_str());
    let next: Vec<Event> = events
        .into_values()
        .map(|event| event.asked)
        .filter(|event| last.is_none_or(|last| event.id.as_str() > last))
        .take(room.max(1))
        .collect();
    page.next = after_step(&next);
    Ok(page)
}

/// An exception that may be a safety event of this window. Every page lists all of them again, and
/// says again what is wrong with them.
fn exception<'a>(
    reading: &Reading<'_>,
    raw: RawRow<'a>,
    notices: &mut Vec<Notice>,
) -> Option<Exception<'a>> {
    let row = parse::<ExceptionRow<'_>>(&raw, notices)?;
    let mut fields = Fields::of(&raw, notices);
    let id = fields.source_id("id", &row.id)?;
    let device = fields.asked(reading.task, "device", &row.device)?;
    let rule = fields.required("rule", &row.rule)?;
    let started_at = fields.required_time("activeFrom", &row.active_from)?;
    let ended_at = fields.time("activeTo", &row.active_to);
    // Exceptions are listed by overlap and kept by their beginning.
    if by_id(&rule) == ById::Other
        || !is_valid(&mut fields, &row)
        || !window(reading.task).contains(started_at)
    {
        return None;
    }
    let ended_at = ended_at.filter(|ended_at| {
        let fits = *ended_at >= started_at;
        if !fits {
            fields.invalid("activeTo", "before the start");
        }
        // The end of what lasts is 2050.
        fits && *ended_at <= reading.answer.received_at
    });
    let from_ms = started_at.millis();
    let looked_ms = match ended_at {
        Some(ended_at) => (ended_at.millis() - from_ms).min(LONGEST_LOOK_MS),
        None => 0,
    };
    Some(Exception {
        asked: Event {
            id,
            device,
            from_ms,
            until_ms: from_ms + looked_ms,
        },
        raw,
        row,
        rule,
        ended_at,
    })
}

/// Neither dismissed by people nor made invalid by later data.
fn is_valid(fields: &mut Fields<'_>, row: &ExceptionRow<'_>) -> bool {
    match fields.reference("state", &row.state).as_deref() {
        None | Some("ExceptionEventStateValidId") => true,
        Some("ExceptionEventStateInvalidId" | "ExceptionEventStateDismissedId") => false,
        Some(other) => {
            let shown = Excerpt::of(other.as_bytes());
            fields.invalid("state", &format!("`{shown}` is no known state: left out"));
            false
        }
    }
}

/// By id.
fn rule_names(reading: &Reading<'_>, call: &Call<'_>, page: &mut Page) -> BTreeMap<String, String> {
    let mut rules = BTreeMap::new();
    for raw in call.raw_rows(reading.answer) {
        let Some(row) = parse::<RuleRow<'_>>(&raw, &mut page.notices) else {
            continue;
        };
        let mut fields = Fields::of(&raw, &mut page.notices);
        let id = fields.source_id("id", &row.id);
        let name = fields.text("name", &row.name);
        rules.extend(id.zip(name));
    }
    rules
}

/// With the word that the provider has for it: the rule's name, or its id.
fn event_type(rule: &str, rules: &BTreeMap<String, String>) -> Option<(SafetyEventType, String)> {
    let name = rules.get(rule);
    let found = match by_id(rule) {
        ById::Safety(found) => Some(found),
        ById::Other => None,
        ById::Custom => name.and_then(|name| by_name(name)),
    };
    let word = match by_id(rule) {
        ById::Custom => name.map_or(rule, String::as_str),
        _ => rule,
    };
    found.map(|found| (found, word.to_owned()))
}

/// Customers write rules about anything; which of them were taken for nothing is told.
fn report(unclear: &BTreeSet<&str>, rules: &BTreeMap<String, String>, page: &mut Page) {
    for rule in unclear {
        let name = Excerpt::of(rules.get(*rule).map_or(*rule, String::as_str).as_bytes());
        let mut fields = Fields::new("result", &mut page.notices);
        let reason = format!("no type for the rule `{name}`: its events are left out");
        fields.notice(IssueCode::ProviderCapabilityNotSupported, "", &reason);
    }
}

fn draft(
    reading: &Reading<'_>,
    exception: &Exception<'_>,
    (event_type, source_type): (SafetyEventType, String),
    evidence: &Evidence,
    page: &mut Page,
) {
    let ids = reading.task.ids;
    let Exception {
        raw, row, asked, ..
    } = exception;
    let mut fields = Fields::of(raw, &mut page.notices);
    let mut stats = SafetyEventStats {
        maximum_speed: evidence.maximum_speed,
        average_speed: evidence.average_speed,
        g_force_forward_backward: evidence.g_force_forward_backward,
        g_force_side_to_side: evidence.g_force_side_to_side,
        ..SafetyEventStats::default()
    };
    if let Some(details) = fields.object("details", &row.details) {
        let fastest = fields.amount("details.maxSpeed", &details.max_speed, |kph| kph);
        stats.maximum_speed = fastest.or(stats.maximum_speed);
        let limit = &details.speed_limit;
        stats.road_speed_limit = fields.amount("details.speedLimit", limit, |kph| kph);
    }
    let record = SafetyEvent {
        id: ids.safety_event(&asked.id),
        event_type,
        source_id: asked.id.clone(),
        provider: reading.provider.to_owned(),
        source_type: Some(source_type),
        driver: fields
            .reference("driver", &row.driver)
            .map(|driver| ids.driver(&driver)),
        vehicle: ids.vehicle(&asked.device),
        start_location: evidence.start_location,
        end_location: exception.ended_at.and(evidence.end_location),
        stats: (!stats.is_empty()).then_some(stats),
        camera_media: None,
        started_at: Timestamp::from_millis(asked.from_ms),
        ended_at: exception.ended_at,
    };
    let mut ranges = vec![raw.range];
    ranges.extend_from_slice(&evidence.raw);
    page.drafts.push(Draft::new(ids, &record, ranges));
}
