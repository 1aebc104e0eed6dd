//! Duty statuses as Motive has them: changes of status, in whole seconds, cut into drivers' days.
//!
//! Two neighbours in one status are one event, whoever edited them into it, and keep the number of
//! the first. Cut at a midnight, each piece keeps the event's number; what the driver noted stands
//! on the first piece alone. Personal conveyance is a kind of time off duty and a yard move a kind
//! of time on duty.

use jiff::civil::Date;
use model::time::SECOND_MS;
use model::{Timestamp, Window};

use super::ids;
use crate::fleet::{DutySpan, DutyStatus};
use crate::shown::duty::ShownDay;
use crate::shown::{Shown, after, instant, overlaps};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DutyEvent {
    pub id: i64,
    pub status: DutyStatus,
    pub from: Timestamp,
    /// `None`: under way.
    pub until: Option<Timestamp>,
    /// Never empty.
    pub note: Option<&'static str>,
    pub codriver: Option<usize>,
}

/// The part of an event that lies on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub event: DutyEvent,
    pub from: Timestamp,
    /// `None`: under way.
    pub until: Option<Timestamp>,
    day_ends: Timestamp,
}

/// A driver's day so far.
pub(crate) struct DutyDay {
    pub shown: ShownDay,
    pub pieces: Vec<Piece>,
    /// Each once, in the order in which they came along.
    pub codrivers: Vec<usize>,
}

/// The word for a status, without what `sds_type` adds.
pub(crate) fn wire_type(status: DutyStatus) -> &'static str {
    match status {
        DutyStatus::OffDuty | DutyStatus::PersonalConveyance => "off_duty",
        DutyStatus::SleeperBed => "sleeper",
        DutyStatus::Driving => "driving",
        DutyStatus::OnDuty | DutyStatus::YardMove => "on_duty",
    }
}

pub(crate) fn sds_type(status: DutyStatus) -> Option<&'static str> {
    match status {
        DutyStatus::PersonalConveyance => Some("pc"),
        DutyStatus::YardMove => Some("ym"),
        _ => None,
    }
}

impl Piece {
    /// Whole seconds until its end, or until `now` or the day's end.
    pub fn seconds(&self, now: Timestamp) -> i64 {
        let so_far = now.floor_to(SECOND_MS).min(self.day_ends);
        let until = self.until.unwrap_or(so_far);
        (until.millis() - self.from.millis()).max(0) / SECOND_MS
    }

    /// Whether the event begins here.
    pub fn is_first(&self) -> bool {
        self.from == self.event.from
    }
}

impl DutyDay {
    pub fn of(shown: &Shown<'_>, driver: usize, date: Date) -> Option<DutyDay> {
        let day = shown.daily_log(driver, date)?;
        let window = day.day;
        // On the last day of a history that has ended, what is under way is not cut: no other day
        // says that it goes on.
        let is_cut = date
            .tomorrow()
            .is_ok_and(|next| shown.daily_log(driver, next).is_some());
        let mut pieces = Vec::new();
        let mut codrivers = Vec::new();
        for event in events(shown, driver, window) {
            let from = event.from.max(window.from);
            let until = match event.until {
                Some(until) => Some(until.min(window.until)),
                None => is_cut.then_some(window.until),
            };
            if until.is_some_and(|until| until <= from) || from >= window.until {
                continue;
            }
            if let Some(codriver) = event.codriver.filter(|one| !codrivers.contains(one)) {
                codrivers.push(codriver);
            }
            pieces.push(Piece {
                event,
                from,
                until,
                day_ends: window.until,
            });
        }
        Some(DutyDay {
            shown: day,
            pieces,
            codrivers,
        })
    }

    /// Of all pieces with the status.
    pub fn seconds(&self, is_counted: impl Fn(DutyStatus) -> bool, now: Timestamp) -> i64 {
        let counted = |piece: &&Piece| is_counted(piece.event.status);
        let pieces = self.pieces.iter().filter(counted);
        pieces.map(|piece| piece.seconds(now)).sum()
    }

    /// Of all types of the word.
    pub fn seconds_of(&self, wire: &str, now: Timestamp) -> i64 {
        self.seconds(|status| wire_type(status) == wire, now)
    }

    /// Driving, yard moves and personal conveyance.
    pub fn metres(&self) -> i64 {
        let shown = &self.shown;
        shown.driven_m + shown.yard_move_m + shown.personal_conveyance_m
    }
}

/// The events that overlap `window`, by time and whole. They tile the time from the beginning of
/// history until now.
pub(crate) fn events(shown: &Shown<'_>, driver: usize, window: Window) -> Vec<DutyEvent> {
    let mut spans = shown.duty_log(driver, window);
    while let Some(before) = spans.first().and_then(|first| before(shown, driver, first)) {
        spans.insert(0, before);
    }
    while let Some(next) = spans.last().and_then(|last| next(shown, driver, last)) {
        spans.push(next);
    }
    let mut merged: Vec<DutyEvent> = Vec::new();
    for span in &spans {
        let until = shown.is_over(span.until).then_some(span.until);
        let until = until.map(|until| until.floor_to(SECOND_MS));
        let note = span.remark.filter(|note| !note.is_empty());
        match merged.last_mut() {
            Some(last) if last.status == span.status => {
                last.until = until;
                last.note = last.note.or(note);
                last.codriver = last.codriver.or(span.codriver);
            }
            _ => merged.push(DutyEvent {
                id: ids::event(driver, span.from),
                status: span.status,
                from: span.from.floor_to(SECOND_MS),
                until,
                note,
                codriver: span.codriver,
            }),
        }
    }
    merged.retain(|event| {
        let until = event.until.unwrap_or(Timestamp::MAX);
        event.from < until && overlaps(event.from, until, window)
    });
    merged
}

/// The span that ends where this one begins, if it is in the same status.
fn before(shown: &Shown<'_>, driver: usize, span: &DutySpan) -> Option<DutySpan> {
    let before = shown
        .duty_log(driver, instant(after(span.from, -1)))
        .pop()?;
    (before.from < span.from && before.status == span.status).then_some(before)
}

/// The span that begins where this one ends, if it is in the same status.
fn next(shown: &Shown<'_>, driver: usize, span: &DutySpan) -> Option<DutySpan> {
    if !shown.is_over(span.until) {
        return None;
    }
    let next = shown.duty_log(driver, instant(span.until)).pop()?;
    (next.from > span.from && next.status == span.status).then_some(next)
}
