//! Duty status logs, what was noted beside them, and the hours that drivers have left.
//!
//! A log keeps its id when it is edited and gets a higher version; one that an edit has replaced
//! becomes inactive. Between the statuses lie logs of other kinds, which are no statuses.

use model::time::{DAY_MS, SECOND_MS};
use model::{Timestamp, Window};

use super::database::{Database, Revision, Standing, revisions};
use super::ids;
use super::rows::{Row, Selection};
use super::rpc::{Refusal, Search};
use crate::faults::{EventKind, RowFault};
use crate::fleet::{DutySpan, DutyStatus, Signal};
use crate::samsara::wire::Json;
use crate::shown::{after, instant};

/// Slots of what begins at one moment: a status, a sign-in before it, notes.
const STATUS_SLOT: u64 = 0;
const LOGIN_SLOT: u64 = 1;
const NOTE_SLOT: u64 = 2;
const EDITED_NOTE_SLOT: u64 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DutyRow {
    pub driver: usize,
    pub number: u64,
    pub span: DutySpan,
    /// Of its annotation, if it has one.
    pub note: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoteRow {
    pub driver: usize,
    pub number: u64,
    /// When it was written.
    pub at: Timestamp,
    pub comment: &'static str,
    pub log: u64,
}

impl Database<'_> {
    /// The revisions of a driver's statuses that begin in the window, by time.
    pub fn duty_revisions(&self, driver: usize, window: Window) -> Vec<Revision<DutyRow>> {
        let Some(window) = self.until_now(window) else {
            return Vec::new();
        };
        let spans = self.world.duty_log(driver, window).into_iter();
        spans
            .filter(|span| window.contains(span.from))
            .flat_map(|span| self.revisions_of_span(driver, &span))
            .filter(|revision| revision.at <= self.now)
            .collect()
    }

    fn revisions_of_span(&self, driver: usize, span: &DutySpan) -> Vec<Revision<DutyRow>> {
        let fault = self
            .faults
            .event_fault(EventKind::DutyChange, driver, span.from);
        let first = self.duty_row(driver, *span, false);
        let mut history = vec![(span.from, Standing::Live, first)];
        if let RowFault::Edited { at } | RowFault::Withdrawn { at } = fault {
            let shown = self.shown(at).duty_log(driver, instant(span.from));
            match shown.into_iter().find(|shown| shown.from == span.from) {
                None => history.push((at, Standing::Inactive, first)),
                Some(edited) if edited.status != span.status || edited.remark != span.remark => {
                    let is_noted = edited.remark != span.remark;
                    let row = self.duty_row(driver, edited, is_noted);
                    history.push((at, Standing::Live, row));
                }
                Some(_) => {}
            }
        }
        revisions(history)
    }

    fn duty_row(&self, driver: usize, span: DutySpan, is_noted: bool) -> DutyRow {
        let slot = if is_noted {
            EDITED_NOTE_SLOT
        } else {
            NOTE_SLOT
        };
        let has_note = span.remark.is_some_and(|remark| !remark.is_empty());
        DutyRow {
            driver,
            number: ids::number(span.from, driver, STATUS_SLOT),
            span,
            note: has_note.then(|| ids::number(span.from, driver, slot)),
        }
    }

    /// The statuses that begin in the window, as they are now, by time.
    pub fn duty_logs(&self, driver: usize, window: Window) -> Vec<DutyRow> {
        let all = self.duty_revisions(driver, window).into_iter();
        all.filter(|revision| revision.is_live(self.now))
            .map(|revision| revision.row)
            .collect()
    }

    /// The last status that begins at `time` or before.
    pub fn duty_before(&self, driver: usize, time: Timestamp) -> Option<DutyRow> {
        self.looking_back(time, |window| self.duty_logs(driver, window).pop())
    }

    /// The first status that begins after `time`.
    fn duty_after(&self, driver: usize, time: Timestamp) -> Option<DutyRow> {
        let mut from = after(time, 1);
        while from <= self.now {
            let until = after(from, DAY_MS);
            let found = self.duty_logs(driver, Window { from, until });
            if let Some(first) = found.into_iter().next() {
                return Some(first);
            }
            from = until;
        }
        None
    }

    /// Notes to statuses that begin in the window, whatever has become of those.
    pub fn notes(&self, driver: usize, window: Window) -> Vec<NoteRow> {
        let mut notes: Vec<NoteRow> = Vec::new();
        for revision in self.duty_revisions(driver, window) {
            let row = &revision.row;
            let noted = row.note.zip(row.span.remark);
            let Some((number, comment)) = noted else {
                continue;
            };
            if notes.iter().all(|known| known.number != number) {
                notes.push(NoteRow {
                    driver,
                    number,
                    at: revision.at,
                    comment,
                    log: row.number,
                });
            }
        }
        notes
    }

    pub(super) fn duty_rows(
        &self,
        search: Search<'_>,
        selection: &Selection,
    ) -> Result<Vec<Row>, Refusal> {
        let window = match selection.since {
            Some(since) => self.may_have_changed(since),
            None => selection.window(search)?,
        };
        let statuses = search.ids_in("statuses");
        let is_wanted = |status: &str| {
            statuses
                .as_ref()
                .is_none_or(|wanted| wanted.contains(&status))
        };
        let device = search.id_in("deviceSearch").map(ids::vehicle_of);
        let mut rows = Vec::new();
        for driver in selection.drivers(self.world, search) {
            let mut found = self.duty_revisions(driver, window);
            if search.flag("includeBoundaryLogs") && selection.since.is_none() {
                let edges = [
                    self.duty_before(driver, after(window.from, -1)),
                    self.duty_after(driver, after(window.until, -1)),
                ];
                for edge in edges.into_iter().flatten() {
                    let all = self.duty_revisions(driver, instant(edge.span.from));
                    found.extend(all);
                }
            }
            for revision in found {
                let span = &revision.row.span;
                // Whoever comes on duty has signed in just before, whatever became of the status.
                let signed_in_at = after(span.from, -SECOND_MS);
                if span.status == DutyStatus::OnDuty
                    && revision.at == span.from
                    && selection.shows(self.now, span.from, None)
                    && window.contains(signed_in_at)
                    && is_wanted("Login")
                {
                    rows.push(login_row(&revision.row));
                }
                let is_shown = selection.shows(self.now, revision.at, revision.until)
                    && device.is_none_or(|device| device == span.vehicle);
                if !is_shown {
                    continue;
                }
                let is_active = revision.standing == Standing::Live;
                if is_wanted(status_name(span.status))
                    && (is_active || search.flag("includeModifications"))
                {
                    rows.push(self.duty_row_written(&revision));
                }
            }
        }
        Ok(rows)
    }

    fn duty_row_written(&self, revision: &Revision<DutyRow>) -> Row {
        let row = &revision.row;
        let span = &row.span;
        let is_active = revision.standing == Standing::Live;
        let is_edited = revision.at != span.from;
        let id = ids::id(row.number);
        let version = ids::number(revision.at, row.driver, u64::from(is_edited));
        let mut json = Json::default();
        json.raw("{");
        if let Some(note) = row.note {
            json.key("annotations").raw("[{\"id\":");
            json.text(&ids::id(note)).raw("}]");
        }
        if let Some(codriver) = span.codriver {
            json.key("coDrivers").raw("[{\"id\":");
            json.text(&ids::user_id(codriver)).raw("}]");
        }
        json.time_member("dateTime", span.from);
        json.integer_member("deferralMinutes", 0);
        json.text_member("deferralStatus", "None");
        match span.vehicle {
            Some(vehicle) => json.reference("device", &ids::device_id(vehicle)),
            None => json.no_reference("device", ids::NO_DEVICE, row.number),
        };
        json.reference("driver", &ids::user_id(row.driver));
        if is_edited {
            json.time_member("editDateTime", revision.at);
        }
        let moment = span
            .vehicle
            .map(|vehicle| (vehicle, self.world.moment(vehicle, span.from)));
        if let Some((_, moment)) = &moment {
            json.decimal_member("engineHours", moment.engine_run_ms, 3);
        }
        json.integer_member("eventCode", 1);
        json.integer_member("eventRecordStatus", if is_active { 1 } else { 2 });
        json.integer_member("eventType", 1);
        json.text_member("id", &id);
        json.flag_member("isIgnored", false);
        json.flag_member("isTransitioning", false);
        // The first status was there before anybody could record it.
        if span.from != self.world.config().begins_at {
            json.key("location").raw("{\"location\":{\"x\":");
            json.decimal(span.position.longitude_e7.into(), 7)
                .raw(",\"y\":");
            json.decimal(span.position.latitude_e7.into(), 7).raw("}}");
        }
        json.text_member("malfunction", "None");
        if let Some((vehicle, moment)) = &moment
            && self.world.vehicles()[*vehicle].reports(Signal::BusOdometerMetres)
        {
            json.integer_member("odometer", moment.odometer_m);
        }
        let by_device = span.status == DutyStatus::Driving;
        let origin = if by_device { "Automatic" } else { "Manual" };
        json.text_member("origin", origin);
        let sequence = ids::scatter(row.number) & 0xffff;
        json.text_member("sequence", &format!("{sequence:x}"));
        let state = if is_active { "Active" } else { "Inactive" };
        json.text_member("state", state);
        json.text_member("status", status_name(span.status));
        json.version_member(version).raw("}");
        Row::new(id, version, span.from, json)
    }

    pub(super) fn note_rows(
        &self,
        search: Search<'_>,
        selection: &Selection,
    ) -> Result<Vec<Row>, Refusal> {
        let window = match selection.since {
            Some(since) => self.may_have_changed(since),
            // It may have been written long after the status began.
            None => Window {
                from: self.may_have_changed(selection.window(search)?.from).from,
                until: selection.window(search)?.until,
            },
        };
        let written = selection.window(search)?;
        let log = search.id_in("dutyStatusLogSearch");
        let logs = search.ids_in("dutyStatusLogIds");
        let mut rows = Vec::new();
        for driver in selection.drivers(self.world, search) {
            for note in self.notes(driver, window) {
                let of = ids::id(note.log);
                let is_wanted = log.is_none_or(|log| log == of)
                    && logs.as_ref().is_none_or(|logs| logs.contains(&of.as_str()));
                let is_asked_for = written.contains(note.at) || search.text("id").is_some();
                if selection.shows(self.now, note.at, None) && is_wanted && is_asked_for {
                    rows.push(note_row(&note));
                }
            }
        }
        Ok(rows)
    }

    /// One row for a driver who keeps a log.
    pub(super) fn availability_rows(&self, search: Search<'_>, selection: &Selection) -> Vec<Row> {
        let drivers = selection.drivers(self.world, search).into_iter();
        drivers
            .filter_map(|driver| {
                let clocks = self.world.clocks(driver, self.now)?;
                let id = ids::user_id(driver);
                let mut json = Json::default();
                json.raw("{").reference("driver", &id);
                json.span_member("cycle", clocks.cycle_ms);
                json.key("cycleAvailabilities").raw("[{");
                json.time_member("dateTime", self.now.start_of_utc_day());
                json.span_member("available", clocks.cycle_tomorrow_ms);
                json.raw("}]");
                json.span_member("driving", clocks.drive_ms);
                json.span_member("duty", clocks.shift_ms);
                json.key("recap").raw("[]");
                json.span_member("rest", clocks.until_break_ms);
                json.span_member("workday", clocks.shift_ms).raw("}");
                Some(Row::new(id, 0, self.now, json))
            })
            .collect()
    }
}

pub(crate) fn status_name(status: DutyStatus) -> &'static str {
    match status {
        DutyStatus::OffDuty => "OFF",
        DutyStatus::SleeperBed => "SB",
        DutyStatus::Driving => "D",
        DutyStatus::OnDuty => "ON",
        DutyStatus::YardMove => "YM",
        DutyStatus::PersonalConveyance => "PC",
    }
}

fn login_row(row: &DutyRow) -> Row {
    let time = after(row.span.from, -SECOND_MS);
    let number = ids::number(time, row.driver, LOGIN_SLOT);
    let id = ids::id(number);
    let version = ids::number(row.span.from, row.driver, LOGIN_SLOT);
    let mut json = Json::default();
    json.raw("{").time_member("dateTime", time);
    json.no_reference("device", ids::NO_DEVICE, number);
    json.reference("driver", &ids::user_id(row.driver));
    json.integer_member("eventCode", 1);
    json.integer_member("eventRecordStatus", 1);
    json.integer_member("eventType", 5);
    json.text_member("id", &id);
    json.flag_member("isIgnored", false);
    json.text_member("malfunction", "None");
    json.text_member("origin", "Automatic");
    json.text_member("state", "Active");
    json.text_member("status", "Login");
    json.version_member(version).raw("}");
    Row::new(id, version, time, json)
}

fn note_row(note: &NoteRow) -> Row {
    let id = ids::id(note.number);
    let version = ids::number(note.at, note.driver, note.number);
    let mut json = Json::default();
    json.raw("{").text_member("comment", note.comment);
    json.time_member("dateTime", note.at);
    json.reference("driver", &ids::user_id(note.driver));
    json.reference("dutyStatusLog", &ids::id(note.log));
    json.text_member("id", &id);
    json.version_member(version).raw("}");
    Row::new(id, version, note.at, json)
}
