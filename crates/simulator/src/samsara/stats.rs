//! Vehicle stats: the snapshot, the feed and the history.
//!
//! Pages walk vehicles, and what one vehicle has in the window lies on one page. History knows rows
//! by their reading time, the feed by the time at which they arrived or changed.

use std::collections::HashSet;
use std::time::Duration;

use model::{Timestamp, Window};

use super::answer::Refusal;
use super::entities::wants;
use super::faultcodes::write_fault_reading;
use super::paging::{Cursor, write_end};
use super::wire::{Json, Source, StatType, write_fix, write_old_location, write_reading};
use super::{Call, MOST_A_PAGE, SamsaraServer};
use crate::faults::{LONGEST_DELAY, RowFate, RowFault, edited_fix, edited_value};
use crate::fleet::{FaultReading, Fix, Reading, Signal, VehiclePlan};

const MOST_TYPES: usize = 3;
const MOST_DECORATIONS: usize = 2;
/// How far back a snapshot looks for a last value.
const SNAPSHOT_DAYS: u32 = 60;
/// A poll of the feed that comes late is given at most this much at once.
const FEED_STEP: Duration = Duration::from_secs(6 * 3_600);
/// Rows of the previous page's last vehicle that a repeating server gives again.
const REPEATED_ROWS: usize = 3;

/// What a stats request asks of every vehicle.
struct Wanted {
    types: Vec<StatType>,
    vehicles: Option<HashSet<String>>,
    groups: Option<HashSet<usize>>,
    limit: usize,
}

/// A row as it stands at some instant.
enum Row {
    Fix(Fix),
    Reading(Reading),
    Faults(FaultReading),
}

impl SamsaraServer {
    pub(super) fn stats_history(&self, call: &Call<'_>) -> Result<Json, Refusal> {
        self.history(call, &self.wanted(call)?)
    }

    fn history(&self, call: &Call<'_>, wanted: &Wanted) -> Result<Json, Refusal> {
        let window = call.parameters.window()?;
        let cursor = self.cursor(call)?;
        self.walk(call, wanted, &cursor, |json, plan, only_last| {
            window.is_some_and(|window| {
                self.write_lists(json, plan, wanted, call.now, only_last, |source, visit| {
                    self.rows_in(plan.index, source, window, call.now, visit);
                })
            })
        })
    }

    pub(super) fn old_locations(&self, call: &Call<'_>) -> Result<Json, Refusal> {
        self.snapshot(call, &self.wanted_locations(call)?)
    }

    pub(super) fn old_locations_feed(&self, call: &Call<'_>) -> Result<Json, Refusal> {
        self.feed(call, &self.wanted_locations(call)?)
    }

    pub(super) fn old_locations_history(&self, call: &Call<'_>) -> Result<Json, Refusal> {
        self.history(call, &self.wanted_locations(call)?)
    }

    pub(super) fn stats_feed(&self, call: &Call<'_>) -> Result<Json, Refusal> {
        self.feed(call, &self.wanted(call)?)
    }

    fn feed(&self, call: &Call<'_>, wanted: &Wanted) -> Result<Json, Refusal> {
        let mut cursor = self.cursor(call)?;
        if cursor.until == Timestamp::MIN {
            // The walk's first page: everything that is known now, its last values only.
            cursor.until = call.now;
        } else if cursor.next == 0 && !cursor.blank && cursor.from == cursor.until {
            cursor.until = cursor
                .from
                .saturating_add(FEED_STEP)
                .min(call.now)
                .max(cursor.from);
        }
        self.walk(call, wanted, &cursor, |json, plan, only_last| {
            self.write_lists(json, plan, wanted, call.now, only_last, |source, visit| {
                if cursor.from == Timestamp::MIN {
                    if let Some(row) = self.last_row(plan.index, source, cursor.until) {
                        visit(row);
                    }
                } else {
                    let arrived = (cursor.from, cursor.until);
                    self.rows_arrived(plan.index, source, arrived, visit);
                }
            })
        })
    }

    pub(super) fn stats_snapshot(&self, call: &Call<'_>) -> Result<Json, Refusal> {
        self.snapshot(call, &self.wanted(call)?)
    }

    fn snapshot(&self, call: &Call<'_>, wanted: &Wanted) -> Result<Json, Refusal> {
        let at = call
            .parameters
            .time("time")?
            .unwrap_or(call.now)
            .min(call.now);
        let cursor = self.cursor(call)?;
        self.walk(call, wanted, &cursor, |json, plan, _| {
            let mut any = false;
            self.write_head(json, plan, wanted, call.now);
            for stat in &wanted.types {
                let Some(source) = stat.source else { continue };
                if let Some(row) = self.last_row(plan.index, source, at) {
                    any = true;
                    json.key(stat.snapshot_key);
                    write_row(json, plan, source, &row);
                }
            }
            json.raw("}");
            any
        })
    }

    fn wanted(&self, call: &Call<'_>) -> Result<Wanted, Refusal> {
        let types = read_types(&call.parameters.list("types"), "stat type", MOST_TYPES)?;
        if types.is_empty() {
            return Err(Refusal::bad("Missing parameter: types"));
        }
        let decorations = call.parameters.list("decorations");
        read_types(&decorations, "decoration", MOST_DECORATIONS)?;
        self.wanted_of(call, types)
    }

    fn wanted_locations(&self, call: &Call<'_>) -> Result<Wanted, Refusal> {
        self.wanted_of(call, vec![StatType::old_location()])
    }

    fn wanted_of(&self, call: &Call<'_>, types: Vec<StatType>) -> Result<Wanted, Refusal> {
        let limit = call.parameters.limit(MOST_A_PAGE)?;
        Ok(Wanted {
            types,
            vehicles: call.parameters.ids("vehicleIds", usize::MAX)?,
            groups: self.wanted_groups(&call.parameters)?,
            limit: limit.min(self.config.page_vehicles.max(1)),
        })
    }

    /// Gives vehicle after vehicle. `write` writes one whole object (only its last rows when told
    /// so) and says whether there was anything in it.
    fn walk(
        &self,
        call: &Call<'_>,
        wanted: &Wanted,
        cursor: &Cursor,
        mut write: impl FnMut(&mut Json, &VehiclePlan, bool) -> bool,
    ) -> Result<Json, Refusal> {
        let plans = self.world.vehicles();
        let is_feed = cursor.until != Timestamp::MIN;
        let mut json = Json::default();
        json.raw("{\"data\":[");
        if cursor.blank {
            let next = self.following(call, cursor, cursor.next, cursor.previous);
            write_end(&mut json, &next.encode(), true);
            return Ok(json);
        }
        let mut give = |json: &mut Json, plan: &VehiclePlan, only_last: bool| {
            let mark = json.bytes.len();
            json.comma();
            let any = write(json, plan, only_last);
            if !any {
                json.bytes.truncate(mark);
            }
            any
        };
        if self.faults.repeat && cursor.previous > 0 && !is_feed {
            give(&mut json, &plans[cursor.previous - 1], true);
        }
        let (mut next, mut given, mut previous) = (cursor.next, 0, cursor.previous);
        while next < plans.len()
            && given < wanted.limit
            && json.bytes.len() < self.config.page_bytes
        {
            let plan = &plans[next];
            next += 1;
            if wanted.includes(plan) && give(&mut json, plan, false) {
                given += 1;
                previous = next;
            }
        }
        if next < plans.len() {
            let cursor = self.following(call, cursor, next, previous);
            write_end(&mut json, &cursor.encode(), true);
        } else if is_feed {
            let done = Cursor {
                issued_at: call.now,
                next: 0,
                previous: 0,
                blank: false,
                from: cursor.until,
                ..*cursor
            };
            write_end(&mut json, &done.encode(), cursor.until < call.now);
        } else {
            write_end(&mut json, "", false);
        }
        Ok(json)
    }

    fn write_head(&self, json: &mut Json, plan: &VehiclePlan, wanted: &Wanted, now: Timestamp) {
        json.raw("{").text_member("id", &plan.source_id);
        json.text_member("name", &self.vehicle_name(plan, now));
        if wanted.types != [StatType::old_location()] {
            self.write_external_ids(json, plan, "externalIds");
        }
    }

    fn write_lists(
        &self,
        json: &mut Json,
        plan: &VehiclePlan,
        wanted: &Wanted,
        now: Timestamp,
        only_last: bool,
        rows: impl Fn(Source, &mut dyn FnMut(Row)),
    ) -> bool {
        let mut any = false;
        self.write_head(json, plan, wanted, now);
        for stat in &wanted.types {
            let Some(source) = stat.source else { continue };
            let mark = json.bytes.len();
            json.key(stat.list_key).raw("[");
            let start = json.bytes.len();
            if only_last {
                let mut last = Vec::new();
                rows(source, &mut |row| last.push(row));
                for row in &last[last.len().saturating_sub(REPEATED_ROWS)..] {
                    json.comma();
                    write_row(json, plan, source, row);
                }
            } else {
                rows(source, &mut |row| {
                    json.comma();
                    write_row(json, plan, source, &row);
                    let signal = source.signal().unwrap_or(Signal::Position);
                    if self.faults.is_repeated(plan.index, signal, row.time()) {
                        json.comma();
                        write_row(json, plan, source, &row);
                    }
                });
            }
            if json.bytes.len() == start {
                json.bytes.truncate(mark);
            } else {
                any = true;
                json.raw("]");
            }
        }
        json.raw("}");
        any
    }

    /// Rows by reading time, as they stand at `now`.
    fn rows_in(
        &self,
        vehicle: usize,
        source: Source,
        window: Window,
        now: Timestamp,
        visit: &mut dyn FnMut(Row),
    ) {
        // A window that reaches into the future would have days made that nobody may see.
        let after_now = now.saturating_add(Duration::from_millis(1));
        let Some(window) = Window::new(window.from, window.until.min(after_now)) else {
            return;
        };
        let Some(signal) = source.signal() else {
            let readings = self.shown(now).fault_readings(vehicle, window);
            readings.into_iter().map(Row::Faults).for_each(visit);
            return;
        };
        self.each_row(
            vehicle,
            signal,
            window,
            &mut |row| match self.faults.row_fate(vehicle, signal, row.time(), now) {
                RowFate::Hidden => {}
                RowFate::AsProduced => visit(row),
                RowFate::Edited => visit(row.edited(signal)),
            },
        );
    }

    /// Rows that arrived or changed after `arrived.0` and not after `arrived.1`, as they stood at
    /// the latter. Withdrawals are not told.
    fn rows_arrived(
        &self,
        vehicle: usize,
        source: Source,
        arrived: (Timestamp, Timestamp),
        visit: &mut dyn FnMut(Row),
    ) {
        let (after, until) = arrived;
        let Some(window) = Window::new(
            after.saturating_sub(LONGEST_DELAY),
            until.saturating_add(Duration::from_millis(1)),
        ) else {
            return;
        };
        self.rows_in(vehicle, source, window, until, &mut |row| {
            let came_at = self.came_at(vehicle, source, row.time(), until);
            if came_at > after && came_at <= until {
                visit(row);
            }
        });
    }

    /// When a row that is shown at `now` arrived or last changed.
    fn came_at(
        &self,
        vehicle: usize,
        source: Source,
        time: Timestamp,
        now: Timestamp,
    ) -> Timestamp {
        let Some(signal) = source.signal() else {
            return self.shown(now).fault_reading_at(vehicle, time);
        };
        match self.faults.row_fault(vehicle, signal, time) {
            RowFault::Late { at } => at,
            RowFault::Edited { at } if at <= now => at,
            _ => time,
        }
    }

    /// The latest row at or before `at`, as it stands then.
    fn last_row(&self, vehicle: usize, source: Source, at: Timestamp) -> Option<Row> {
        let mut until = at.saturating_add(Duration::from_millis(1));
        for _ in 0..SNAPSHOT_DAYS {
            let from = Timestamp::from_millis(until.millis() - 1).start_of_utc_day();
            let mut last = None;
            let window = Window::new(from, until)?;
            self.rows_in(vehicle, source, window, at, &mut |row| last = Some(row));
            if last.is_some() || from <= self.world.config().begins_at {
                return last;
            }
            until = from;
        }
        None
    }

    fn each_row(&self, vehicle: usize, signal: Signal, window: Window, visit: &mut dyn FnMut(Row)) {
        if signal == Signal::Position {
            self.world
                .fixes(vehicle, window, |fix| visit(Row::Fix(*fix)));
        } else {
            self.world.readings(vehicle, signal, window, |reading| {
                visit(Row::Reading(*reading))
            });
        }
    }

    /// The fixes of a vehicle as they stand at `now`, by time.
    pub(super) fn fixes_at(&self, vehicle: usize, window: Window, now: Timestamp) -> Vec<Fix> {
        let mut fixes = Vec::new();
        let source = Source::Signal(Signal::Position);
        self.rows_in(vehicle, source, window, now, &mut |row| {
            if let Row::Fix(fix) = row {
                fixes.push(fix);
            }
        });
        fixes
    }
}

impl Wanted {
    fn includes(&self, plan: &VehiclePlan) -> bool {
        self.vehicles
            .as_ref()
            .is_none_or(|ids| ids.contains(&plan.source_id))
            && wants(&self.groups, &plan.groups)
    }
}

impl Row {
    fn time(&self) -> Timestamp {
        match self {
            Row::Fix(fix) => fix.time,
            Row::Reading(reading) => reading.time,
            Row::Faults(reading) => reading.time,
        }
    }

    fn edited(self, signal: Signal) -> Row {
        match self {
            Row::Fix(fix) => Row::Fix(edited_fix(&fix)),
            Row::Reading(reading) => Row::Reading(Reading {
                value: edited_value(signal, reading.value),
                ..reading
            }),
            Row::Faults(reading) => Row::Faults(reading),
        }
    }
}

fn write_row(json: &mut Json, plan: &VehiclePlan, source: Source, row: &Row) {
    match (row, source) {
        (Row::Fix(fix), Source::OldLocation) => write_old_location(json, fix),
        (Row::Fix(fix), _) => write_fix(json, fix, plan.has_ecu_speed),
        (Row::Reading(reading), Source::Signal(signal)) => {
            write_reading(json, signal, reading.time, reading.value);
        }
        // No other source gives readings.
        (Row::Reading(_), _) => {}
        (Row::Faults(reading), _) => write_fault_reading(json, plan, reading),
    }
}

fn read_types(names: &[&str], what: &str, most: usize) -> Result<Vec<StatType>, Refusal> {
    let mut types: Vec<StatType> = Vec::new();
    let mut unknown = Vec::new();
    for name in names {
        match StatType::from_name(name) {
            Some(stat) if types.contains(&stat) => {}
            Some(stat) => types.push(stat),
            None => unknown.push(*name),
        }
    }
    if !unknown.is_empty() {
        return Err(Refusal::bad(format!(
            "Invalid {what}(s): {}",
            unknown.join(", ")
        )));
    }
    let counted: HashSet<&str> = types.iter().map(StatType::counts_as).collect();
    if counted.len() > most {
        return Err(Refusal::bad(format!(
            "Cannot request more than {most} {what}s but got {}",
            counted.len()
        )));
    }
    Ok(types)
}
