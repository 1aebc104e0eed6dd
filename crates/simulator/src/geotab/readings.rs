//! Positions and status data: most of what this server ever says, written row after row.
//!
//! A `Get` about one device has two rows more than there are records: what the values would be at
//! the bounds of the question. They have no id.

use std::time::Duration;

use model::{Timestamp, Window};

use super::database::{Database, Log, Status};
use super::entity::Entity;
use super::gauges::{Gauge, Value};
use super::ids;
use super::rows::{Place, Row, Selection, list, most_rows};
use super::rpc::{Call, Refusal, Search};
use crate::samsara::wire::Json;
use crate::shown::after;

/// Slots of one moment: sixteen kinds of status data, and for late rows a few places each.
const PLACES: u64 = 32;
const FIRST_SLICE: Duration = Duration::from_secs(3_600);
const LONGEST_SLICE: Duration = Duration::from_secs(24 * 3_600);

/// A row of either kind.
#[derive(Clone, Copy, Debug)]
enum Reading {
    Log(Log),
    Status(Status),
}

#[derive(Clone, Copy, Debug)]
struct Fed {
    version: u64,
    vehicle: usize,
    reading: Reading,
}

impl Reading {
    fn times(&self) -> (Timestamp, Timestamp) {
        match self {
            Reading::Log(log) => (log.time, log.at),
            Reading::Status(status) => (status.time, status.at),
        }
    }

    fn kind(&self) -> u64 {
        match self {
            Reading::Log(_) => 0,
            Reading::Status(status) => status.gauge as u64,
        }
    }

    fn number(&self, vehicle: usize) -> u64 {
        ids::number(self.times().0, vehicle, self.kind() * PLACES)
    }

    /// Rows that arrive late at one moment do so in different places.
    fn version(&self, vehicle: usize) -> u64 {
        let (time, at) = self.times();
        let place = match time == at {
            true => 0,
            false => 1 + ids::scatter(time.millis().cast_unsigned()) % (PLACES - 1),
        };
        ids::number(at, vehicle, self.kind() * PLACES + place)
    }

    fn write(&self, json: &mut Json, vehicle: usize) {
        let device = ids::device_id(vehicle);
        match self {
            Reading::Log(log) => write_log(json, &device, log, Some(self.number(vehicle))),
            Reading::Status(status) => write_status(json, &device, status, vehicle),
        }
    }
}

fn write_log(json: &mut Json, device: &str, log: &Log, number: Option<u64>) {
    json.raw("{\"latitude\":")
        .decimal(log.position.latitude_e7.into(), 7);
    json.raw(",\"longitude\":")
        .decimal(log.position.longitude_e7.into(), 7);
    json.raw(",\"speed\":").integer(log.speed_kmh);
    json.raw(",\"dateTime\":").time(log.time);
    json.raw(",\"device\":{\"id\":\"").raw(device).raw("\"}");
    if let Some(number) = number {
        json.raw(",\"id\":\"").raw(&ids::id(number)).raw("\"");
    }
    json.raw("}");
}

/// A row with its id.
pub(super) fn write_status(json: &mut Json, device: &str, status: &Status, vehicle: usize) {
    let reading = Reading::Status(*status);
    let number = reading.number(vehicle);
    json.raw("{\"data\":");
    write_value(json, status.value);
    json.raw(",\"dateTime\":").time(status.time);
    json.raw(",\"device\":{\"id\":\"").raw(device);
    json.raw("\"},\"diagnostic\":{\"id\":\"")
        .raw(status.gauge.id())
        .raw("\"}");
    json.no_reference("controller", ids::NO_CONTROLLER, number);
    json.raw(",\"version\":\"")
        .raw(&ids::version(reading.version(vehicle)));
    json.raw("\",\"id\":\"").raw(&ids::id(number)).raw("\"}");
}

fn write_value(json: &mut Json, value: Value) {
    json.decimal(value.number, value.decimals);
}

impl Database<'_> {
    pub(super) fn get_readings(&self, call: &Call, entity: Entity) -> Result<Json, Refusal> {
        let most = most_rows(call, entity)?;
        let search = call.search();
        let selection = Selection { since: None };
        let vehicles = selection.vehicles(self.world, search);
        let window = selection.window(search)?;
        let gauges = match search.id_in("diagnosticSearch") {
            Some(id) => Gauge::from_id(id).into_iter().collect(),
            None => Gauge::ALL.to_vec(),
        };
        let is_of_one = search.id_in("deviceSearch").is_some();
        let mut found: Vec<(usize, Reading)> = Vec::new();
        for vehicle in &vehicles {
            self.each(entity, *vehicle, &gauges, window, |reading| {
                found.push((*vehicle, reading));
            });
        }
        found.sort_by_key(|(vehicle, reading)| (reading.times().0, *vehicle, reading.kind()));
        let is_sorted = call.params.get("sort").is_some_and(|sort| sort.is_object());
        if is_sorted || search.text("id").is_some() || call.params.contains_key("propertySelector")
        {
            let written = found.iter().map(|(vehicle, reading)| {
                let mut json = Json::default();
                reading.write(&mut json, *vehicle);
                let (time, _) = reading.times();
                let id = ids::id(reading.number(*vehicle));
                Row::new(id, reading.version(*vehicle), time, json)
            });
            return list(call, entity, written.collect());
        }
        let mut json = Json::default();
        json.raw("[");
        if is_of_one && search.text("fromDate").is_some() {
            self.interpolated(&mut json, &vehicles, &gauges, entity, window.from);
        }
        for (vehicle, reading) in found.iter().take(most) {
            reading.write(json.comma(), *vehicle);
        }
        if is_of_one && search.text("toDate").is_some() && found.len() < most {
            let until = after(window.until, -1);
            self.interpolated(&mut json, &vehicles, &gauges, entity, until);
        }
        json.raw("]");
        Ok(json)
    }

    /// Rows that are only counted.
    pub(super) fn counted_readings(
        &self,
        search: Search<'_>,
        entity: Entity,
    ) -> Result<Vec<Row>, Refusal> {
        let selection = Selection { since: None };
        let window = selection.window(search)?;
        let mut rows = Vec::new();
        for vehicle in selection.vehicles(self.world, search) {
            self.each(entity, vehicle, &Gauge::ALL, window, |reading| {
                let id = ids::id(reading.number(vehicle));
                let (time, _) = reading.times();
                rows.push(Row::new(
                    id,
                    reading.version(vehicle),
                    time,
                    Json::default(),
                ));
            });
        }
        Ok(rows)
    }

    fn each(
        &self,
        entity: Entity,
        vehicle: usize,
        gauges: &[Gauge],
        window: Window,
        mut each: impl FnMut(Reading),
    ) {
        if entity == Entity::LogRecord {
            self.logs(vehicle, window, |log| each(Reading::Log(log)));
            return;
        }
        for gauge in gauges {
            self.statuses(vehicle, *gauge, window, |status| {
                each(Reading::Status(status));
            });
        }
    }

    /// What the record would be at `time`, if anything is known of the device by then.
    fn interpolated(
        &self,
        json: &mut Json,
        vehicles: &[usize],
        gauges: &[Gauge],
        entity: Entity,
        time: Timestamp,
    ) {
        let time = time.min(self.now);
        for vehicle in vehicles {
            let device = ids::device_id(*vehicle);
            if entity == Entity::LogRecord {
                if let Some(last) = self.last_log(*vehicle, time) {
                    let log = Log { time, ..last };
                    write_log(json.comma(), &device, &log, None);
                }
                continue;
            }
            let [gauge] = gauges else {
                continue;
            };
            if let Some(last) = self.last_status(*vehicle, *gauge, time) {
                json.comma().raw("{\"data\":");
                write_value(json, last.value);
                json.raw(",\"dateTime\":").time(time);
                json.raw(",\"device\":{\"id\":\"").raw(&device);
                json.raw("\"},\"diagnostic\":{\"id\":\"")
                    .raw(gauge.id())
                    .raw("\"}}");
            }
        }
    }

    pub(super) fn feed_readings(&self, entity: Entity, place: &Place) -> Json {
        let (fed, to_version) = match place.version {
            Some(known) => self.fed(entity, known, place.most),
            None => (Vec::new(), ids::last_number(self.now)),
        };
        let mut json = Json::default();
        json.raw("{\"data\":[");
        for row in &fed {
            row.reading.write(json.comma(), row.vehicle);
        }
        json.raw("],\"toVersion\":")
            .text(&ids::version(to_version))
            .raw("}");
        json
    }

    /// At most `most` rows with versions above `known`, and where a client stands that has them.
    fn fed(&self, entity: Entity, known: u64, most: usize) -> (Vec<Fed>, u64) {
        let head = after(self.now, 1);
        let mut fed: Vec<Fed> = Vec::new();
        let mut from = ids::instant_of(known).max(self.world.config().begins_at);
        let mut slice = FIRST_SLICE;
        while from < head {
            let arrived = Window {
                from,
                until: from.saturating_add(slice).min(head),
            };
            let mut rows = self.arrived(entity, arrived);
            rows.retain(|row| row.version > known);
            fed.extend(rows);
            if fed.len() >= most {
                fed.truncate(most);
                let last = fed.last().map_or(known, |row| row.version);
                return (fed, last);
            }
            from = arrived.until;
            slice = (slice * 2).min(LONGEST_SLICE);
        }
        (fed, ids::last_number(self.now).max(known))
    }

    /// Rows that arrived in the window, by version; no two have the same.
    fn arrived(&self, entity: Entity, arrived: Window) -> Vec<Fed> {
        let mut rows: Vec<Fed> = Vec::new();
        for vehicle in 0..self.world.vehicles().len() {
            let mut take = |reading: Reading| {
                rows.push(Fed {
                    version: reading.version(vehicle),
                    vehicle,
                    reading,
                });
            };
            if entity == Entity::LogRecord {
                self.logs_arrived(vehicle, arrived, |log| take(Reading::Log(log)));
                continue;
            }
            for gauge in Gauge::ALL {
                self.statuses_arrived(vehicle, gauge, arrived, |status| {
                    take(Reading::Status(status));
                });
            }
        }
        rows.sort_by_key(|row| (row.version, row.reading.times().0));
        let mut last = 0;
        for row in &mut rows {
            row.version = row.version.max(last + 1);
            last = row.version;
        }
        rows
    }
}
