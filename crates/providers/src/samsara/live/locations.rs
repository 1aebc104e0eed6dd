//! Where vehicles and trailers are.
//!
//! A snapshot takes three stat types at most, so a vehicle's present is asked in two questions. One
//! that has never sent a position is no row at all.

use std::collections::BTreeMap;

use model::Timestamp;
use model::coordinates::{Coordinates, FormattedAddress};
use model::history::EngineState;
use model::live::{FuelTanks, LatestTrailerLocation, LatestVehicleLocation};
use model::units::{km_from_metres, kph_from_mph};
use provider::{Excerpt, LiveCall, LiveRow, LiveRows, Notice, Request};

use super::super::map::{Fields, RawRow, parse};
use super::super::wire::stats::{GpsRow, SnapshotRow, StatRow};
use super::super::wire::{Object, Scalar};
use super::super::{DESCRIPTOR, streams};
use super::{Operation, is_asked, of_members};

pub static VEHICLES: Operation<BTreeMap<String, Vehicle>> = Operation {
    permission: streams::READ_STATISTICS,
    asks: &[
        |call| snapshot(call, "gps,engineStates,fuelPercents"),
        |call| snapshot(call, "obdOdometerMeters,gpsOdometerMeters,obdEngineSeconds"),
    ],
    row: vehicle,
    finish: |call, vehicles| {
        let rows = vehicles.into_iter();
        let rows = rows.filter_map(|(source_id, vehicle)| vehicle.row(call, &source_id));
        LiveRows::VehicleLocations(rows.collect())
    },
};

pub static TRAILERS: Operation<Vec<LiveRow<LatestTrailerLocation>>> = Operation {
    permission: streams::READ_TRAILER_STATISTICS,
    asks: &[|_| Request::get("/fleet/trailers/stats").query("types", "gps")],
    row: trailer,
    finish: |_, rows| LiveRows::TrailerLocations(rows),
};

fn snapshot(call: &LiveCall<'_>, types: &str) -> Request {
    let request = Request::get("/fleet/vehicles/stats").query("types", types);
    of_members(request, "vehicleIds", call)
}

/// A position with all that belongs to it.
struct Fix {
    at: Timestamp,
    place: Coordinates,
    address: Option<FormattedAddress>,
    heading: Option<f64>,
    speed: Option<f64>,
}

/// What both answers said of a vehicle.
#[derive(Default)]
pub struct Vehicle {
    fix: Option<Fix>,
    engine_state: Option<EngineState>,
    fuel: Option<FuelTanks>,
    bus_odometer: Option<f64>,
    gps_odometer: Option<f64>,
    engine_runtime: Option<i64>,
    raw: Vec<String>,
}

impl Vehicle {
    fn row(self, call: &LiveCall<'_>, source_id: &str) -> Option<LiveRow<LatestVehicleLocation>> {
        let fix = self.fix?;
        let row = LatestVehicleLocation {
            provider: DESCRIPTOR.code.to_owned(),
            vehicle: call.ids.vehicle(source_id),
            driver: None,
            located_at: fix.at,
            location: fix.place,
            address: fix.address,
            heading: fix.heading,
            speed: fix.speed,
            odometer: self.bus_odometer.or(self.gps_odometer),
            fuel: self.fuel,
            engine_state: self.engine_state,
            engine_runtime: self.engine_runtime,
        };
        Some(LiveRow { row, raw: self.raw })
    }
}

fn vehicle(
    call: &LiveCall<'_>,
    raw: &RawRow<'_>,
    vehicles: &mut BTreeMap<String, Vehicle>,
    notices: &mut Vec<Notice>,
) {
    let Some(row) = parse::<SnapshotRow<'_>>(raw, notices) else {
        return;
    };
    let mut fields = Fields::of(raw, notices);
    let Some(source_id) = fields.source_id("id", &row.id) else {
        return;
    };
    if !is_asked(call, &mut fields, "id", &source_id) {
        return;
    }
    let vehicle = vehicles.entry(source_id).or_default();
    vehicle.raw.push(raw.text.to_owned());
    vehicle.fix = fix(&mut fields, &row.gps).or(vehicle.fix.take());
    if let Some(state) = fields.object("engineState", &row.engine_state) {
        vehicle.engine_state = engine_state(&mut fields, state);
    }
    if let Some(level) = value(&mut fields, "fuelPercent", &row.fuel_percent, |percent| {
        percent
    }) {
        match level {
            0.0..=100.0 => {
                vehicle.fuel = Some(FuelTanks {
                    primary_percentage: level,
                    secondary_percentage: None,
                });
            }
            _ => fields.invalid("fuelPercent.value", "more than 100 percent"),
        }
    }
    let odometer = ("obdOdometerMeters", &row.obd_odometer_meters);
    vehicle.bus_odometer =
        value(&mut fields, odometer.0, odometer.1, km_from_metres).or(vehicle.bus_odometer);
    let odometer = ("gpsOdometerMeters", &row.gps_odometer_meters);
    vehicle.gps_odometer =
        value(&mut fields, odometer.0, odometer.1, km_from_metres).or(vehicle.gps_odometer);
    if let Some(runtime) = fields.object("obdEngineSeconds", &row.obd_engine_seconds) {
        vehicle.engine_runtime = match &runtime.value {
            Scalar::Number(seconds) => {
                let runtime = Scalar::Number(seconds * 1_000.0);
                fields.milliseconds("obdEngineSeconds.value", &runtime)
            }
            other => fields.milliseconds("obdEngineSeconds.value", other),
        };
    }
}

/// The value of a stat, two decimals.
fn value(
    fields: &mut Fields<'_>,
    member: &str,
    stat: &Object<StatRow<'_>>,
    scale: fn(f64) -> f64,
) -> Option<f64> {
    let stat = fields.object(member, stat)?;
    fields.amount(&format!("{member}.value"), &stat.value, scale)
}

fn engine_state(fields: &mut Fields<'_>, state: &StatRow<'_>) -> Option<EngineState> {
    const MEMBER: &str = "engineState.value";
    let name = fields.text(MEMBER, &state.value)?;
    let state = match name.as_str() {
        "Off" => Some(EngineState::Off),
        "On" => Some(EngineState::On),
        "Idle" => Some(EngineState::Idle),
        _ => None,
    };
    if state.is_none() {
        let shown = Excerpt::of(name.as_bytes());
        fields.invalid(
            MEMBER,
            &format!("`{shown}` is neither `Off`, `On` nor `Idle`"),
        );
    }
    state
}

fn fix(fields: &mut Fields<'_>, gps: &Object<GpsRow<'_>>) -> Option<Fix> {
    let gps = fields.object("gps", gps)?;
    let at = fields.required_time("gps.time", &gps.time)?;
    let place = fields.position("gps", &gps.latitude, &gps.longitude)?;
    let address = match fields.object("gps.reverseGeo", &gps.reverse_geo) {
        Some(geo) => fields.text("gps.reverseGeo.formattedLocation", &geo.formatted_location),
        None => None,
    };
    Some(Fix {
        at,
        place,
        address: address.map(|formatted| FormattedAddress { formatted }),
        heading: fields.heading("gps.headingDegrees", &gps.heading_degrees),
        speed: fields.amount(
            "gps.speedMilesPerHour",
            &gps.speed_miles_per_hour,
            kph_from_mph,
        ),
    })
}

fn trailer(
    call: &LiveCall<'_>,
    raw: &RawRow<'_>,
    rows: &mut Vec<LiveRow<LatestTrailerLocation>>,
    notices: &mut Vec<Notice>,
) {
    let Some(row) = parse::<SnapshotRow<'_>>(raw, notices) else {
        return;
    };
    let mut fields = Fields::of(raw, notices);
    let Some(source_id) = fields.source_id("id", &row.id) else {
        return;
    };
    let Some(fix) = fix(&mut fields, &row.gps) else {
        return;
    };
    let row = LatestTrailerLocation {
        provider: DESCRIPTOR.code.to_owned(),
        trailer: call.ids.trailer(&source_id),
        located_at: fix.at,
        location: fix.place,
        address: fix.address,
        heading: fix.heading,
        speed: fix.speed,
    };
    rows.push(LiveRow {
        row,
        raw: vec![raw.text.to_owned()],
    });
}
