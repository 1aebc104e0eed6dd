//! Hours of service: changes of duty status, each of which lasts until the driver's next.
//!
//! The statuses before and behind a window come with it. The one before is given too, because its
//! end has become known. What was noted beside a log is asked together with the logs a second time,
//! for so many notes a page as fit, so that a page explains itself.

use std::collections::BTreeMap;

use model::hos::{HosLog, HosRemark, HosStatus};
use model::{Draft, Timestamp};
use provider::{Excerpt, Notice, Page, ProviderError};
use serde::{Deserialize, Serialize};

use super::super::calls::Call;
use super::super::place::{after_step, step};
use super::super::requests::DUTY_LIMIT;
use super::super::streams::MOST_CALLS;
use super::super::wire::Scalar;
use super::super::wire::events::{AnnotationRow, DutyRow};
use super::super::{Reading, calls};
use super::{Fields, RawRow, parse, window};

/// More notes than this nobody writes beside one log.
const MOST_NOTES: usize = 20;

/// Kinds of logs that are no duty status.
const OTHERS: &[&str] = &[
    "Exemption16H",
    "AdverseWeather",
    "Connected",
    "Disconnected",
    "Authority",
    "Login",
    "Logoff",
    "Certify",
    "EnginePowerup",
    "EngineShutdown",
    "EnginePowerupPC",
    "EngineShutdownPC",
    "INT_PC",
    "INT_D",
    "INT_CoDriver",
    "ExemptionOffDutyDeferral",
    "HosEnabled",
    "HosDisabled",
    "WorkExemption",
    "RailroadExemption",
];

/// A log and its annotations, which are to be asked. Stored in positions: frozen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Annotated {
    pub log: String,
    pub annotations: Vec<String>,
}

/// A log that counts, in its place among the others of its driver.
pub struct Log<'a> {
    pub raw: RawRow<'a>,
    pub row: DutyRow<'a>,
    pub id: String,
    pub driver: String,
    pub at: Timestamp,
    /// `None` where it only ends what was before.
    pub status: Option<HosStatus>,
}

/// By driver, in order of time.
pub type LogsOfDrivers<'a> = BTreeMap<String, Vec<Log<'a>>>;

pub fn page(reading: &Reading<'_>) -> Result<Page, ProviderError> {
    let asked: Vec<Annotated> = step(reading.task);
    let notes: usize = asked.iter().map(|log| log.annotations.len()).sum();
    let (answered, behind) = calls::of_task(reading, 1, notes, DUTY_LIMIT)?;
    let mut page = Page::default();
    let drivers = logs_of_drivers(reading, answered.iter(), &mut page.notices);
    let mut remarks = remarks(reading, &asked, &behind, &mut page);
    let mut annotated: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for logs in drivers.values() {
        for (log, ended_at) in of_window(reading, logs) {
            let mut fields = Fields::of(&log.raw, &mut page.notices);
            let mut notes = fields.references("annotations", log.row.annotations);
            notes.truncate(MOST_NOTES);
            if let Some(remarks) = remarks.remove(&log.id) {
                draft(reading, log, ended_at, remarks, &mut page);
            } else if !notes.is_empty() {
                annotated.insert(&log.id, notes);
            } else if asked.is_empty() {
                draft(reading, log, ended_at, Vec::new(), &mut page);
            }
        }
    }
    let last = asked.last().map(|log| log.log.as_str());
    let room = MOST_CALLS.saturating_sub(answered.len());
    page.next = after_step(&next_notes(annotated, last, room));
    Ok(page)
}

/// So many logs behind the last as `room` calls have notes.
fn next_notes(
    annotated: BTreeMap<&str, Vec<String>>,
    last: Option<&str>,
    room: usize,
) -> Vec<Annotated> {
    let mut next: Vec<Annotated> = Vec::new();
    let mut calls = 0;
    for (log, annotations) in annotated {
        if last.is_some_and(|last| log <= last) {
            continue;
        }
        calls += annotations.len();
        if calls > room && !next.is_empty() {
            break;
        }
        next.push(Annotated {
            log: log.to_owned(),
            annotations,
        });
    }
    next
}

/// The logs that count of all calls, whenever they began.
pub fn logs_of_drivers<'c, 'a: 'c>(
    reading: &Reading<'a>,
    calls: impl Iterator<Item = &'c Call<'a>>,
    notices: &mut Vec<Notice>,
) -> LogsOfDrivers<'a> {
    let mut drivers = LogsOfDrivers::new();
    for call in calls {
        for raw in call.raw_rows(reading.answer) {
            if let Some(log) = log(reading, raw, notices) {
                drivers.entry(log.driver.clone()).or_default().push(log);
            }
        }
    }
    for logs in drivers.values_mut() {
        logs.sort_by(|one, other| (one.at, &one.id).cmp(&(other.at, &other.id)));
        logs.dedup_by(|later, earlier| later.id == earlier.id);
    }
    drivers
}

fn log<'a>(reading: &Reading<'_>, raw: RawRow<'a>, notices: &mut Vec<Notice>) -> Option<Log<'a>> {
    let row = parse::<DutyRow<'_>>(&raw, notices)?;
    let mut fields = Fields::of(&raw, notices);
    if !counts(&mut fields, &row) {
        return None;
    }
    let status = status(&mut fields, "status", &row.status)?;
    let id = fields.source_id("id", &row.id)?;
    let driver = fields.asked(reading.task, "driver", &row.driver)?;
    let at = fields.required_time("dateTime", &row.date_time)?;
    Some(Log {
        raw,
        row,
        id,
        driver,
        at,
        status,
    })
}

/// Logs that an edit replaced, that the driver has yet to accept or that are ignored do not.
fn counts(fields: &mut Fields<'_>, row: &DutyRow<'_>) -> bool {
    let is_active = match fields.text("state", &row.state).as_deref() {
        None | Some("Active") => true,
        Some("Inactive" | "Requested" | "Rejected") => false,
        Some(other) => {
            let shown = Excerpt::of(other.as_bytes());
            fields.invalid("state", &format!("`{shown}` is no known state: left out"));
            false
        }
    };
    let is_of_record = match fields.whole_number("eventRecordStatus", &row.event_record_status) {
        None | Some(1) => true,
        Some(2..=4) => false,
        Some(other) => {
            let reason = format!("{other} is no known record status: left out");
            fields.invalid("eventRecordStatus", &reason);
            false
        }
    };
    let is_ignored = fields.truth("isIgnored", &row.is_ignored);
    is_active && is_of_record && is_ignored != Some(true)
}

/// `Some(None)` for what ends a special status without beginning another; `None` for what is no
/// duty status, or not known, which is reported.
pub fn status(
    fields: &mut Fields<'_>,
    member: &str,
    value: &Scalar<'_>,
) -> Option<Option<HosStatus>> {
    let Some(name) = fields.text(member, value) else {
        if matches!(value, Scalar::Absent | Scalar::Text(_)) {
            fields.invalid(member, "missing: the row is left out");
        }
        return None;
    };
    let status = match name.as_str() {
        "ON" | "Work" => HosStatus::OnDuty,
        "OFF" | "Rest" => HosStatus::OffDuty,
        "D" => HosStatus::Driving,
        "SB" => HosStatus::SleeperBed,
        "PC" | "PC_Exempted" => HosStatus::PersonalConveyance,
        "YM" => HosStatus::YardMove,
        "WT" => HosStatus::WaitingTime,
        "SituationalDrivingClear" => return Some(None),
        other => {
            let is_known = OTHERS.contains(&other)
                || other.ends_with("Compliance")
                || other.starts_with("Canada")
                || other.starts_with("OperatingZone");
            if !is_known {
                let shown = Excerpt::of(other.as_bytes());
                fields.invalid(member, &format!("`{shown}` is no known kind of log"));
            }
            return None;
        }
    };
    Some(Some(status))
}

/// Logs that begin in the window, and the one before it if it has ended, each with its end.
fn of_window<'l, 'a>(
    reading: &Reading<'_>,
    logs: &'l [Log<'a>],
) -> Vec<(&'l Log<'a>, Option<Timestamp>)> {
    let asked = window(reading.task);
    let mut found = Vec::new();
    for (index, log) in logs.iter().enumerate() {
        let ended_at = logs.get(index + 1).map(|next| next.at);
        let reaches_in = ended_at.is_some_and(|ended_at| ended_at >= asked.from);
        let is_wanted = asked.contains(log.at) || (log.at < asked.from && reaches_in);
        if is_wanted && log.status.is_some() {
            found.push((log, ended_at));
        }
    }
    found
}

/// What was noted beside each log that was asked about.
fn remarks(
    reading: &Reading<'_>,
    asked: &[Annotated],
    calls: &[Call<'_>],
    page: &mut Page,
) -> BTreeMap<String, Vec<HosRemark>> {
    let mut calls = calls.iter();
    let mut remarks = BTreeMap::new();
    for log in asked {
        let noted: &mut Vec<HosRemark> = remarks.entry(log.log.clone()).or_default();
        for call in calls.by_ref().take(log.annotations.len()) {
            for raw in call.raw_rows(reading.answer) {
                noted.extend(remark(&raw, &mut page.notices));
            }
        }
    }
    remarks
}

fn remark(raw: &RawRow<'_>, notices: &mut Vec<Notice>) -> Option<HosRemark> {
    let row = parse::<AnnotationRow<'_>>(raw, notices)?;
    let mut fields = Fields::of(raw, notices);
    Some(HosRemark {
        source_id: fields.text("id", &row.id),
        submitted_at: fields.time("dateTime", &row.date_time),
        notes: fields.text("comment", &row.comment)?,
    })
}

fn draft(
    reading: &Reading<'_>,
    log: &Log<'_>,
    ended_at: Option<Timestamp>,
    remarks: Vec<HosRemark>,
    page: &mut Page,
) {
    let Some(status) = log.status else {
        return;
    };
    let ids = reading.task.ids;
    let mut fields = Fields::of(&log.raw, &mut page.notices);
    let location = match fields.object("location", &log.row.location) {
        Some(location) => fields.point("location.location", &location.location),
        None => None,
    };
    let codrivers = fields.references("coDrivers", log.row.co_drivers);
    let record = HosLog {
        id: ids.hos_log(&log.id),
        status,
        source_id: log.id.clone(),
        provider: reading.provider.to_owned(),
        driver: ids.driver(&log.driver),
        vehicle: fields
            .reference("device", &log.row.device)
            .map(|device| ids.vehicle(&device)),
        codrivers: codrivers.iter().map(|driver| ids.driver(driver)).collect(),
        location,
        remarks,
        started_at: log.at,
        ended_at,
    };
    page.drafts
        .push(Draft::new(ids, &record, vec![log.raw.range]));
}
