//! Trips, which get a new id whenever they are calculated anew, and the fuel that each took.
//!
//! A trip comes into the database when it is over. It is calculated again when the next one begins,
//! because only then the length of the stop, and the idling in it, are known. Trips under way are
//! not shown.

use model::{Timestamp, Window};

use super::database::{Database, Revision, Standing};
use super::ids;
use super::rows::{Row, Selection};
use super::rpc::{Refusal, Search};
use crate::faults::{EventKind, RowFault};
use crate::fleet::{Signal, Trip};
use crate::samsara::wire::Json;
use crate::shown::after;
use crate::truth::arithmetic::rounded;

/// How far back the trip before is looked for: spare trucks stand for days.
const LONGEST_STOP_DAYS: i64 = 14;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TripRow {
    pub trip: Trip,
    /// Makes the id.
    pub number: u64,
    /// When the vehicle moved again.
    pub next_start: Option<Timestamp>,
    /// In the stop after the trip.
    pub idle_ms: i64,
}

impl TripRow {
    /// Tens of metres, as it is written.
    pub fn distance_dam(&self) -> i64 {
        rounded(self.trip.metres.into(), 10)
    }

    pub fn driving_ms(&self) -> i64 {
        self.trip.until.millis() - self.trip.from.millis()
    }

    /// Centilitres, as they are written.
    pub fn fuel_cl(&self) -> i64 {
        rounded(self.trip.fuel_ml.into(), 10)
    }
}

impl Database<'_> {
    /// The revisions of all trips of a vehicle that are made from the drives of the window and
    /// from the one before it.
    pub fn trip_revisions(&self, vehicle: usize, window: Window) -> Vec<Revision<TripRow>> {
        let Some(window) = self.until_now(window) else {
            return Vec::new();
        };
        let mut drives = self.world.trips(vehicle, window);
        let first = drives.first().map_or(window.from, |drive| drive.from);
        drives.splice(0..0, self.drive_before(vehicle, first));
        let Some(last) = drives.last() else {
            return Vec::new();
        };
        let next = self.drive_after(vehicle, last.until);
        let begins = drives.iter().skip(1).map(|drive| Some(drive.from));
        let nexts: Vec<Option<Timestamp>> = begins.chain([next]).collect();
        let mut all = Vec::new();
        for (drive, next) in drives.iter().zip(nexts) {
            self.revisions_of_drive(drive, next, &mut all);
        }
        all
    }

    fn drive_before(&self, vehicle: usize, first: Timestamp) -> Option<Trip> {
        for back in 0..LONGEST_STOP_DAYS {
            let until = match back {
                0 => first,
                back => after(first.start_of_utc_day(), -(back - 1) * model::time::DAY_MS),
            };
            let from = after(until, -1).start_of_utc_day();
            if until <= self.world.config().begins_at {
                return None;
            }
            let drives = self.world.trips(vehicle, Window::new(from, until)?);
            if let Some(last) = drives.into_iter().rfind(|drive| drive.until <= first) {
                return Some(last);
            }
        }
        None
    }

    /// When the vehicle moved after `until`, as far as anybody knows now.
    fn drive_after(&self, vehicle: usize, until: Timestamp) -> Option<Timestamp> {
        let mut from = until;
        while from <= self.now {
            let day_ends = after(from.start_of_utc_day(), model::time::DAY_MS);
            let window = self.until_now(Window::new(from, day_ends)?)?;
            let drives = self.world.trips(vehicle, window);
            let next = drives.iter().map(|drive| drive.from);
            if let Some(next) = next.filter(|start| *start >= until).min() {
                return (next <= self.now).then_some(next);
            }
            from = day_ends;
        }
        None
    }

    /// What is shown of a drive, whenever that changes: the trips that are new then, and those that
    /// are no more.
    fn revisions_of_drive(
        &self,
        drive: &Trip,
        next: Option<Timestamp>,
        all: &mut Vec<Revision<TripRow>>,
    ) {
        let first = all.len();
        let fault = self
            .faults
            .event_fault(EventKind::Trip, drive.vehicle, drive.from);
        let changed_at = match fault {
            RowFault::None => None,
            RowFault::Late { at } | RowFault::Edited { at } | RowFault::Withdrawn { at } => {
                Some(at.max(drive.until))
            }
        };
        let mut instants: Vec<Timestamp> = [Some(drive.until), changed_at, next]
            .into_iter()
            .flatten()
            .filter(|at| *at <= self.now)
            .collect();
        instants.sort_unstable();
        instants.dedup();
        let mut ordinal = 0;
        for at in instants {
            let trips = self.trips_of_drive(drive, next.filter(|next| *next <= at), at);
            for known in first..all.len() {
                let revision = &mut all[known];
                let stays = trips.iter().any(|row| is_same(row, &revision.row));
                if revision.standing != Standing::Live || revision.until.is_some() || stays {
                    continue;
                }
                revision.until = Some(at);
                let row = revision.row;
                all.push(Revision {
                    at,
                    until: None,
                    standing: Standing::Deleted,
                    row,
                });
            }
            for mut row in trips {
                let is_known = all[first..].iter().any(|known| {
                    known.standing == Standing::Live
                        && known.until.is_none()
                        && is_same(&known.row, &row)
                });
                if is_known {
                    continue;
                }
                row.number = ids::number(row.trip.from, drive.vehicle, ordinal);
                ordinal += 1;
                all.push(Revision {
                    at,
                    until: None,
                    standing: Standing::Live,
                    row,
                });
            }
        }
    }

    /// As they are shown at `at`, without numbers.
    fn trips_of_drive(&self, drive: &Trip, next: Option<Timestamp>, at: Timestamp) -> Vec<TripRow> {
        let whole = Window {
            from: drive.from,
            until: drive.until,
        };
        let mut shown = self.shown(at).trips(drive.vehicle, whole);
        shown.retain(|shown| shown.is_over && shown.trip.from >= drive.from);
        let begins = shown.iter().skip(1).map(|shown| Some(shown.trip.from));
        let nexts: Vec<Option<Timestamp>> = begins.chain([next]).collect();
        let rows = shown.iter().zip(nexts).map(|(shown, next_start)| {
            let until = shown.trip.until;
            let idle_ms = next_start.map_or(0, |next| {
                let stop = self.world.utilization(drive.vehicle, until, next);
                stop.idle_ms
            });
            TripRow {
                trip: shown.trip,
                number: 0,
                next_start,
                idle_ms,
            }
        });
        rows.collect()
    }

    /// The fuel of trips, by the id that a trip's end gives it. `trips`: all revisions of them.
    pub fn fuel_revisions(&self, trips: &[Revision<TripRow>]) -> Vec<Revision<TripRow>> {
        let mut fuel: Vec<Revision<TripRow>> = Vec::new();
        for trip in trips.iter().filter(|trip| trip.standing == Standing::Live) {
            let is_next = |known: &&mut Revision<TripRow>| {
                known.row.trip.until == trip.row.trip.until && known.until == Some(trip.at)
            };
            let before = fuel.iter_mut().find(is_next);
            match before {
                // Calculating a trip anew does not always change its fuel.
                Some(before) if before.row.trip.fuel_ml == trip.row.trip.fuel_ml => {
                    before.until = trip.until;
                }
                _ => {
                    let mut row = trip.row;
                    row.number = ids::number(row.trip.until, row.trip.vehicle, 0);
                    fuel.push(Revision {
                        row,
                        ..trip.clone()
                    });
                }
            }
        }
        fuel
    }

    /// Rows for a `Get` or, with `since`, for a feed.
    pub(super) fn trip_rows(
        &self,
        search: Search<'_>,
        selection: &Selection,
    ) -> Result<Vec<Row>, Refusal> {
        let with_deleted = search.flag("includeDeleted");
        let overlapped = search.flag("includeOverlappedTrips");
        let driver = selection.driver(search, "userSearch");
        self.each_trip(search, selection, |revision, stops, rows| {
            let trip = &revision.row.trip;
            let is_asked_for = match stops {
                Some(window) if overlapped => trip.from < window.until && trip.until >= window.from,
                Some(window) => window.contains(trip.until),
                None => true,
            };
            let is_deleted = revision.standing == Standing::Deleted;
            let is_drivers = driver.as_ref().is_none_or(|wanted| *wanted == trip.driver);
            if is_asked_for && is_drivers && (with_deleted || !is_deleted) {
                rows.push(self.trip_row(revision));
            }
        })
    }

    pub(super) fn fuel_rows(
        &self,
        search: Search<'_>,
        selection: &Selection,
    ) -> Result<Vec<Row>, Refusal> {
        let mut rows = Vec::new();
        let window = selection.window(search)?;
        for vehicle in selection.vehicles(self.world, search) {
            let reach = match selection.since {
                Some(since) => self.may_have_changed(since),
                None => widened(window),
            };
            let trips = self.trip_revisions(vehicle, reach);
            for revision in self.fuel_revisions(&trips) {
                let is_asked_for =
                    selection.since.is_some() || window.contains(revision.row.trip.until);
                if selection.shows(self.now, revision.at, revision.until) && is_asked_for {
                    rows.push(fuel_row(&revision));
                }
            }
        }
        Ok(rows)
    }

    fn each_trip(
        &self,
        search: Search<'_>,
        selection: &Selection,
        mut each: impl FnMut(&Revision<TripRow>, Option<Window>, &mut Vec<Row>),
    ) -> Result<Vec<Row>, Refusal> {
        let mut rows = Vec::new();
        let stops = selection.window(search)?;
        for vehicle in selection.vehicles(self.world, search) {
            let reach = match selection.since {
                Some(since) => self.may_have_changed(since),
                None => widened(stops),
            };
            for revision in self.trip_revisions(vehicle, reach) {
                if selection.shows(self.now, revision.at, revision.until) {
                    let stops = selection.since.is_none().then_some(stops);
                    each(&revision, stops, &mut rows);
                }
            }
        }
        Ok(rows)
    }

    fn trip_row(&self, revision: &Revision<TripRow>) -> Row {
        let row = &revision.row;
        let trip = &row.trip;
        let plan = &self.world.vehicles()[trip.vehicle];
        let is_deleted = revision.standing == Standing::Deleted;
        let version = ids::number(
            revision.at,
            trip.vehicle,
            (row.number << 1) | u64::from(is_deleted),
        );
        let stop_ms = row
            .next_start
            .map_or(0, |next| next.millis() - trip.until.millis());
        let mut json = Json::default();
        json.raw("{");
        let distance = row.distance_dam();
        json.decimal_member("afterHoursDistance", distance, 2);
        json.span_member("afterHoursDrivingDuration", row.driving_ms());
        json.flag_member("afterHoursEnd", true);
        json.flag_member("afterHoursStart", true);
        json.span_member("afterHoursStopDuration", stop_ms);
        let average_centi_kmh = trip.metres * 360_000 / row.driving_ms().max(1);
        if distance > 0 {
            json.decimal_member("averageSpeed", average_centi_kmh, 2);
        }
        json.decimal_member("distance", distance, 2);
        json.span_member("drivingDuration", row.driving_ms());
        let moment = self.world.moment(trip.vehicle, trip.until);
        json.decimal_member("engineHours", moment.engine_run_ms, 3);
        json.span_member("idlingDuration", row.idle_ms);
        json.flag_member("isSeatBeltOff", false);
        json.integer_member("maximumSpeed", average_centi_kmh / 80 + 5);
        json.time_member("nextTripStart", row.next_start.unwrap_or(trip.until));
        if plan.reports(Signal::BusOdometerMetres) {
            json.integer_member("odometer", trip.odometer_end_m);
        }
        for range in ["speedRange1", "speedRange2", "speedRange3"] {
            json.integer_member(range, 0);
            json.span_member(&format!("{range}Duration"), 0);
        }
        json.time_member("start", trip.from);
        json.time_member("stop", trip.until);
        json.span_member("stopDuration", stop_ms);
        json.key("stopPoint").raw("{\"x\":");
        json.decimal(trip.end.longitude_e7.into(), 7).raw(",\"y\":");
        json.decimal(trip.end.latitude_e7.into(), 7).raw("}");
        json.integer_member("workDistance", 0);
        json.span_member("workDrivingDuration", 0);
        json.span_member("workStopDuration", 0);
        json.reference("device", &ids::device_id(trip.vehicle));
        json.driver_reference(trip.driver, row.number);
        if is_deleted {
            json.time_member("deletedDateTime", revision.at);
        }
        json.version_member(version);
        json.text_member("id", &ids::id(row.number)).raw("}");
        Row {
            begins_at: trip.from,
            ..Row::new(ids::id(row.number), version, trip.until, json)
        }
    }
}

/// A trip is the same while nothing of it has changed.
fn is_same(one: &TripRow, other: &TripRow) -> bool {
    let of = |row: &TripRow| {
        let trip = &row.trip;
        (trip.from, trip.until, trip.metres, row.next_start)
    };
    of(one) == of(other)
}

/// By a moment, because a drive that ends where a window begins does not overlap it.
fn widened(window: Window) -> Window {
    Window {
        from: after(window.from, -1),
        until: window.until,
    }
}

fn fuel_row(revision: &Revision<TripRow>) -> Row {
    let row = &revision.row;
    let version = ids::number(revision.at, row.trip.vehicle, 0);
    let id = ids::id(row.number);
    let mut json = Json::default();
    json.raw("{").text_member("confidence", "None");
    json.time_member("dateTime", row.trip.until);
    json.reference("device", &ids::device_id(row.trip.vehicle));
    json.decimal_member("totalFuelUsed", row.fuel_cl(), 2);
    json.decimal_member("totalIdlingFuelUsedL", row.fuel_cl() / 20, 2);
    json.version_member(version);
    json.text_member("id", &id).raw("}");
    Row::new(id, version, row.trip.until, json)
}
