//! Duty statuses.
//!
//! Motive lists them by the driver's days and cuts them at midnight, so one status is a piece in
//! each of several logs. Pieces of one status that touch where a day ends are one again, under the
//! id of the first. The days on either side of a window are asked for as well; a status that still
//! reaches beyond them has a start or an end that is not known, and its driver is asked about alone
//! over more days. One that reaches beyond those too is left out with a notice.
//!
//! A status has no place and no vehicle of its own: the vehicle is the log's, where it has exactly
//! one.

use std::collections::BTreeMap;

use model::hos::{HosLog, HosRemark, HosStatus};
use model::issue::IssueCode;
use model::zone::Date;
use model::{Draft, DriverId, RawRange, Timestamp, VehicleId, Window};
use provider::{Answer, Page, ProviderError, Task};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::DESCRIPTOR;
use super::super::place::{Reach, next_reach, reaches, whole};
use super::super::requests::asked_log_days;
use super::super::wire::Reference;
use super::super::wire::envelope::open;
use super::super::wire::reports::{DutyRow, LogRow, RemarkRow};
use super::hos::{log_date, status};
use super::{Fields, LOGS, RawRow, is_asked, parse, rows, unwrap_rows, window};

/// So many days more are asked for where a status reaches beyond one side, or both: with the
/// window's own and those around it never more than a page.
const DAYS_BEYOND_ONE_SIDE: u32 = 60;
const DAYS_BEYOND_BOTH: u32 = 44;

pub fn logs(task: &Task<'_>, answer: &Answer<'_>) -> Result<Page, ProviderError> {
    let opened = open(answer, LOGS)?;
    whole(answer, &opened)?;
    let mut page = Page::default();
    let mut drivers: BTreeMap<String, OfDriver> = BTreeMap::new();
    for raw in rows(answer, &opened, &mut page.notices) {
        log(task, answer, &raw, &mut drivers, &mut page);
    }
    let alone = reaches(task);
    let asked_days = task
        .window
        .map(|window| asked_log_days(window, alone.first()));
    let mut beyond = Vec::new();
    for (driver, of_driver) in drivers {
        let chains = of_driver.chains();
        let chains = chains
            .into_iter()
            .filter(|chain| chain.touches(window(task)));
        let mut open = (false, false);
        for chain in chains {
            let reaches = chain.reaches_beyond(&of_driver, asked_days);
            if reaches == (false, false) {
                let record = chain.record(task, &driver, &of_driver);
                let raw = chain.pieces.iter().map(|piece| piece.range).collect();
                page.drafts.push(Draft::new(task.ids, &record, raw));
            } else if !alone.is_empty() {
                chain.left_out(&mut page);
            }
            open = (open.0 || reaches.0, open.1 || reaches.1);
        }
        beyond.extend(reach(driver, open));
    }
    page.next = match alone.split_first() {
        Some((_, rest)) => next_reach(rest),
        None => next_reach(&beyond),
    };
    Ok(page)
}

fn reach(driver: String, (back, ahead): (bool, bool)) -> Option<Reach> {
    let days = match (back, ahead) {
        (false, false) => return None,
        (true, true) => DAYS_BEYOND_BOTH,
        _ => DAYS_BEYOND_ONE_SIDE,
    };
    Some(Reach {
        driver,
        days_back: if back { days } else { 0 },
        days_ahead: if ahead { days } else { 0 },
    })
}

/// What an answer says of one driver.
#[derive(Default)]
struct OfDriver {
    logs: Vec<Log>,
    pieces: Vec<Piece>,
}

struct Log {
    date: Date,
    vehicle: Option<VehicleId>,
    codrivers: Vec<DriverId>,
    remarks: Vec<HosRemark>,
}

/// A status, or the part of one that lies in a log.
#[derive(Clone)]
struct Piece {
    id: String,
    log: usize,
    is_first_of_log: bool,
    is_last_of_log: bool,
    status: HosStatus,
    started_at: Timestamp,
    ended_at: Option<Timestamp>,
    notes: Option<String>,
    place: String,
    range: RawRange,
}

/// One status.
struct Chain {
    /// By time, never empty.
    pieces: Vec<Piece>,
}

fn log(
    task: &Task<'_>,
    answer: &Answer<'_>,
    raw: &RawRow<'_>,
    drivers: &mut BTreeMap<String, OfDriver>,
    page: &mut Page,
) {
    let Some(row) = parse::<LogRow<'_>>(raw, &mut page.notices) else {
        return;
    };
    let mut fields = Fields::of(raw, &mut page.notices);
    let Some(driver) = fields.required("driver", &row.driver) else {
        return;
    };
    let Some(date) = log_date(&mut fields, &row.date) else {
        return;
    };
    if !is_asked(task, &driver) {
        return;
    }
    let vehicles = ids_of(&mut fields, "vehicles", row.vehicles);
    let log = Log {
        date,
        vehicle: match vehicles.as_slice() {
            [only] => Some(task.ids.vehicle(only)),
            _ => None,
        },
        codrivers: ids_of(&mut fields, "co_drivers", row.co_drivers)
            .iter()
            .map(|codriver| task.ids.driver(codriver))
            .collect(),
        remarks: remarks(&mut fields, row.remarks),
    };
    let events: Vec<&RawValue> = fields.list("events", row.events);
    let at = |index: usize| format!("{}.events[{index}]", raw.place);
    let events = unwrap_rows(answer, &events, "event", at, &mut page.notices);
    let of_driver = drivers.entry(driver).or_default();
    let index = of_driver.logs.len();
    of_driver.logs.push(log);
    let mut pieces: Vec<Piece> = events
        .iter()
        .filter_map(|event| piece(event, index, page))
        .collect();
    pieces.sort_by_key(|piece| piece.started_at);
    if let Some(first) = pieces.first_mut() {
        first.is_first_of_log = true;
    }
    if let Some(last) = pieces.last_mut() {
        last.is_last_of_log = true;
    }
    of_driver.pieces.extend(pieces);
}

fn piece(raw: &RawRow<'_>, log: usize, page: &mut Page) -> Option<Piece> {
    let row = parse::<DutyRow<'_>>(raw, &mut page.notices)?;
    let mut fields = Fields::of(raw, &mut page.notices);
    let id = fields.source_id(&row.id)?;
    let started_at = fields.required_time("start_time", &row.start_time)?;
    if fields.text("type", &row.duty_type).is_none() {
        fields.invalid("type", "missing: the row is left out");
        return None;
    }
    Some(Piece {
        id,
        log,
        is_first_of_log: false,
        is_last_of_log: false,
        status: status(&mut fields, "type", &row.duty_type, &row.sds_type)?,
        started_at,
        ended_at: fields.end("end_time", &row.end_time, started_at),
        notes: fields.text("notes", &row.notes),
        place: raw.place.clone(),
        range: raw.range,
    })
}

/// Vehicles or drivers that a log lists, each in a wrapper of its own.
fn ids_of(fields: &mut Fields<'_>, member: &str, list: Option<&RawValue>) -> Vec<String> {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Wrapped<'a> {
        #[serde(borrow)]
        vehicle: Reference<'a>,
        #[serde(borrow)]
        co_driver: Reference<'a>,
    }
    let wrapped: Vec<Wrapped<'_>> = fields.list(member, list);
    let mut ids = Vec::with_capacity(wrapped.len());
    for (index, row) in wrapped.iter().enumerate() {
        let at = |item: &str| format!("{member}[{index}].{item}.id");
        ids.extend(fields.id(&at("vehicle"), &row.vehicle.id));
        ids.extend(fields.id(&at("co_driver"), &row.co_driver.id));
    }
    ids
}

/// Those that say something.
fn remarks(fields: &mut Fields<'_>, list: Option<&RawValue>) -> Vec<HosRemark> {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Wrapped<'a> {
        #[serde(borrow)]
        remark: RemarkRow<'a>,
    }
    let wrapped: Vec<Wrapped<'_>> = fields.list("remarks", list);
    let mut remarks = Vec::with_capacity(wrapped.len());
    for (index, Wrapped { remark }) in wrapped.iter().enumerate() {
        let at = |member: &str| format!("remarks[{index}].remark.{member}");
        let notes = fields.text(&at("notes"), &remark.notes);
        let submitted_at = fields.time(&at("time"), &remark.time);
        if let Some(notes) = notes {
            remarks.push(HosRemark {
                source_id: fields.id(&at("id"), &remark.id),
                submitted_at,
                notes,
            });
        }
    }
    remarks
}

impl OfDriver {
    /// The statuses that the pieces are of, by time.
    fn chains(&self) -> Vec<Chain> {
        let mut pieces = self.pieces.clone();
        pieces.sort_by(|a, b| (a.started_at, a.log, &a.id).cmp(&(b.started_at, b.log, &b.id)));
        pieces.dedup_by(|b, a| a.id == b.id && a.started_at == b.started_at);
        let mut chains: Vec<Chain> = Vec::with_capacity(pieces.len());
        for piece in pieces {
            match chains.last_mut() {
                Some(chain) if chain.goes_on_in(&piece) => chain.pieces.push(piece),
                _ => chains.push(Chain {
                    pieces: vec![piece],
                }),
            }
        }
        chains
    }
}

impl Chain {
    fn first(&self) -> &Piece {
        self.pieces.first().expect("a chain has a piece")
    }

    fn last(&self) -> &Piece {
        self.pieces.last().expect("a chain has a piece")
    }

    /// Only midnight cuts: two statuses of one log are two, although they touch and are alike.
    fn goes_on_in(&self, piece: &Piece) -> bool {
        let last = self.last();
        last.ended_at == Some(piece.started_at)
            && last.status == piece.status
            && (last.log != piece.log || last.id == piece.id)
    }

    fn touches(&self, window: Window) -> bool {
        let started_at = self.first().started_at;
        let lasts_into = self
            .last()
            .ended_at
            .is_none_or(|ended_at| ended_at > window.from);
        started_at < window.until && (started_at >= window.from || lasts_into)
    }

    /// Whether it may have begun before the first day that was asked for, and gone on after the
    /// last.
    fn reaches_beyond(&self, of_driver: &OfDriver, asked: Option<(Date, Date)>) -> (bool, bool) {
        let Some((first_day, last_day)) = asked else {
            return (false, false);
        };
        let (first, last) = (self.first(), self.last());
        let date = |piece: &Piece| of_driver.logs[piece.log].date;
        (
            first.is_first_of_log && date(first) <= first_day,
            last.is_last_of_log && last.ended_at.is_some() && date(last) >= last_day,
        )
    }

    fn left_out(&self, page: &mut Page) {
        let mut fields = Fields::new(self.first().place.clone(), &mut page.notices);
        let reason = format!(
            "a status of more than {DAYS_BEYOND_BOTH} days, left out: its start or end is not known"
        );
        fields.notice(IssueCode::ProviderCapabilityNotSupported, "", &reason);
    }

    fn record(&self, task: &Task<'_>, driver: &str, of_driver: &OfDriver) -> HosLog {
        let first = self.first();
        let log = &of_driver.logs[first.log];
        let ended_at = self.last().ended_at;
        let mut remarks: Vec<HosRemark> = Vec::new();
        for piece in &self.pieces {
            let of_log = of_driver.logs[piece.log].remarks.iter();
            remarks.extend(of_log.filter(|remark| piece.holds(remark)).cloned());
            let notes = piece.notes.iter().map(|notes| HosRemark {
                source_id: None,
                submitted_at: None,
                notes: notes.clone(),
            });
            remarks.extend(notes.filter(|_| piece.log == first.log));
        }
        HosLog {
            id: task.ids.hos_log(&first.id),
            status: first.status,
            source_id: first.id.clone(),
            provider: DESCRIPTOR.code.to_owned(),
            driver: task.ids.driver(driver),
            vehicle: log.vehicle,
            codrivers: log.codrivers.clone(),
            location: None,
            remarks,
            started_at: first.started_at,
            ended_at,
        }
    }
}

impl Piece {
    /// Whether a remark of its log was made in its time.
    fn holds(&self, remark: &HosRemark) -> bool {
        remark.submitted_at.is_some_and(|at| {
            at >= self.started_at && self.ended_at.is_none_or(|ended_at| at < ended_at)
        })
    }
}
