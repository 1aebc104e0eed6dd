//! Where vehicles and trailers are.
//!
//! The second version of the list has what gateways read, the third km/h and whether the engine is
//! on, and only of vehicles that are active and have a gateway: a vehicle's present is made of
//! both. One that has never sent a position is no row at all.

use std::collections::BTreeMap;

use model::coordinates::{Coordinates, FormattedAddress};
use model::history::EngineState;
use model::live::{FuelTanks, LatestTrailerLocation, LatestVehicleLocation};
use model::{DriverId, Timestamp};
use provider::{LiveCall, LiveRow, LiveRows, Notice};

use super::super::map::{ASSETS, Fields, RawRow, VEHICLES as LISTED_VEHICLES, parse};
use super::super::requests::{of_each, paged};
use super::super::units::Units;
use super::super::wire::entities::AssetLocationRow;
use super::super::wire::events::{LatestRow, LocationRow, StateFix, StateRow};
use super::super::wire::{Object, Scalar};
use super::super::{DESCRIPTOR, streams};
use super::{Ask, Operation, is_asked};

pub static VEHICLES: Operation<BTreeMap<String, Vehicle>> = Operation {
    asks: &[
        Ask {
            permission: streams::READ_LATEST,
            wrapper: LISTED_VEHICLES,
            request: |call, walk| {
                of_each(
                    paged("/v2/vehicle_locations", walk),
                    "vehicle_ids[]",
                    call.members,
                )
            },
            row: latest,
        },
        Ask {
            permission: streams::READ_LATEST,
            wrapper: LISTED_VEHICLES,
            request: |call, walk| {
                of_each(
                    paged("/v3/vehicle_locations", walk),
                    "vehicle_ids[]",
                    call.members,
                )
            },
            row: state,
        },
    ],
    is_done: |_| false,
    finish: |call, vehicles| {
        let rows = vehicles.into_iter();
        let rows = rows.filter_map(|(source_id, vehicle)| vehicle.row(call, &source_id));
        LiveRows::VehicleLocations(rows.collect())
    },
};

pub static TRAILERS: Operation<Vec<LiveRow<LatestTrailerLocation>>> = Operation {
    asks: &[Ask {
        permission: streams::READ_ASSET_LOCATIONS,
        wrapper: ASSETS,
        request: |_, walk| paged("/v1/asset_locations", walk),
        row: trailer,
    }],
    is_done: |_| false,
    finish: |_, rows| LiveRows::TrailerLocations(rows),
};

/// A position with all that belongs to it.
struct Fix {
    at: Timestamp,
    place: Coordinates,
    address: Option<FormattedAddress>,
    heading: Option<f64>,
    speed_kph: Option<f64>,
}

/// What both answers said of a vehicle.
#[derive(Default)]
pub struct Vehicle {
    fix: Option<Fix>,
    driver: Option<DriverId>,
    odometer_km: Option<f64>,
    fuel: Option<FuelTanks>,
    engine_runtime_ms: Option<i64>,
    engine_state: Option<EngineState>,
    raw: Vec<String>,
}

impl Vehicle {
    fn row(self, call: &LiveCall<'_>, source_id: &str) -> Option<LiveRow<LatestVehicleLocation>> {
        let fix = self.fix?;
        let row = LatestVehicleLocation {
            provider: DESCRIPTOR.code.to_owned(),
            vehicle: call.ids.vehicle(source_id),
            driver: self.driver,
            located_at: fix.at,
            location: fix.place,
            address: fix.address,
            heading: fix.heading,
            speed: fix.speed_kph,
            odometer: self.odometer_km,
            fuel: self.fuel,
            engine_state: self.engine_state,
            engine_runtime: self.engine_runtime_ms,
        };
        Some(LiveRow { row, raw: self.raw })
    }
}

const OF: &str = "current_location";

fn at(member: &str) -> String {
    format!("{OF}.{member}")
}

fn latest(
    call: &LiveCall<'_>,
    raw: &RawRow<'_>,
    vehicles: &mut BTreeMap<String, Vehicle>,
    notices: &mut Vec<Notice>,
) {
    let Some(row) = parse::<LatestRow<'_>>(raw, notices) else {
        return;
    };
    let mut fields = Fields::of(raw, notices);
    let Some(source_id) = fields.source_id(&row.id) else {
        return;
    };
    if !is_asked(call, &source_id) {
        return;
    }
    let units = Units::of(&row.metric_units);
    let driver = fields.reference("current_driver", &row.current_driver);
    let mut vehicle = Vehicle {
        driver: driver.map(|driver| call.ids.driver(&driver)),
        raw: vec![raw.text.to_owned()],
        ..Vehicle::default()
    };
    if let Some(location) = fields.object(OF, &row.current_location) {
        vehicle.fix = latest_fix(&mut fields, location, units);
        vehicle.odometer_km = either(
            ("true_odometer", &location.true_odometer),
            ("odometer", &location.odometer),
            |member, value| fields.amount(&at(member), value, |n| units.km(n)),
        );
        vehicle.engine_runtime_ms = either(
            ("true_engine_hours", &location.true_engine_hours),
            ("engine_hours", &location.engine_hours),
            |member, value| fields.hours(&at(member), value),
        );
        vehicle.fuel = fuel(&mut fields, location);
        vehicle.engine_state = match &location.location_type {
            Scalar::Text(text) => state_of_type(text),
            _ => None,
        };
    }
    vehicles.insert(source_id, vehicle);
}

/// The first that has a value.
fn either<'s, 'a, T>(
    first: (&str, &'s Scalar<'a>),
    second: (&str, &'s Scalar<'a>),
    mut read: impl FnMut(&str, &'s Scalar<'a>) -> Option<T>,
) -> Option<T> {
    let value = read(first.0, first.1);
    value.or_else(|| read(second.0, second.1))
}

fn latest_fix(fields: &mut Fields<'_>, row: &LocationRow<'_>, units: Units) -> Option<Fix> {
    let at_time = fields.required_time(&at("located_at"), &row.located_at)?;
    let place = fields.position([&at("lat"), &at("lon")], &row.lat, &row.lon)?;
    let address = fields.text(&at("description"), &row.description);
    Some(Fix {
        at: at_time,
        place,
        address: address.map(|formatted| FormattedAddress { formatted }),
        heading: fields.heading(&at("bearing"), &row.bearing),
        speed_kph: fields.amount(&at("speed"), &row.speed, |n| units.km(n)),
    })
}

/// Without the first tank there is no such object in the contract.
fn fuel(fields: &mut Fields<'_>, row: &LocationRow<'_>) -> Option<FuelTanks> {
    let primary = fields.percentage(
        &at("fuel_primary_remaining_percentage"),
        &row.fuel_primary_remaining_percentage,
    );
    let secondary = fields.percentage(
        &at("fuel_secondary_remaining_percentage"),
        &row.fuel_secondary_remaining_percentage,
    );
    Some(FuelTanks {
        primary_percentage: primary?,
        secondary_percentage: secondary,
    })
}

fn state_of_type(location_type: &str) -> Option<EngineState> {
    match location_type {
        "engine_stop" | "ignition_off" => Some(EngineState::Off),
        "engine_start" | "ignition_on" | "vehicle_moving" | "gps_moving" => Some(EngineState::On),
        _ => None,
    }
}

fn state(
    call: &LiveCall<'_>,
    raw: &RawRow<'_>,
    vehicles: &mut BTreeMap<String, Vehicle>,
    notices: &mut Vec<Notice>,
) {
    let Some(row) = parse::<StateRow<'_>>(raw, notices) else {
        return;
    };
    let mut fields = Fields::of(raw, notices);
    let Some(source_id) = fields.source_id(&row.id) else {
        return;
    };
    if !is_asked(call, &source_id) {
        return;
    }
    let vehicle = vehicles.entry(source_id).or_default();
    vehicle.raw.push(raw.text.to_owned());
    let Some(location) = fields.object(OF, &row.current_location) else {
        return;
    };
    let kph = fields.amount(&at("kph"), &location.kph, |kph| kph);
    if let Some(state) = engine_state(&mut fields, location, kph) {
        vehicle.engine_state = Some(state);
    }
    let Some(newer) = state_fix(&mut fields, location, kph) else {
        return;
    };
    // The same position as a rule, of which this list has the speed and that one the address.
    match &mut vehicle.fix {
        Some(known) if known.at >= newer.at => {
            if known.at == newer.at {
                known.speed_kph = newer.speed_kph.or(known.speed_kph);
            }
        }
        fix => *fix = Some(newer),
    }
}

/// Standing with the engine on is idling: our rule.
fn engine_state(
    fields: &mut Fields<'_>,
    row: &StateFix<'_>,
    kph: Option<f64>,
) -> Option<EngineState> {
    let member = at("vehicle_state");
    match fields.text(&member, &row.vehicle_state)?.as_str() {
        "off" => Some(EngineState::Off),
        "on" if kph == Some(0.0) => Some(EngineState::Idle),
        "on" => Some(EngineState::On),
        other => {
            fields.unknown_word(&member, other, "state of a vehicle");
            None
        }
    }
}

fn state_fix(fields: &mut Fields<'_>, row: &StateFix<'_>, kph: Option<f64>) -> Option<Fix> {
    let at_time = fields.required_time(&at("located_at"), &row.located_at)?;
    let place = fields.position([&at("lat"), &at("lon")], &row.lat, &row.lon)?;
    let address = fields.text(&at("current_location"), &row.current_location);
    let address = address.or_else(|| {
        let city = fields.text(&at("city"), &row.city)?;
        let state = fields.text(&at("state"), &row.state)?;
        Some(format!("{city}, {state}"))
    });
    Some(Fix {
        at: at_time,
        place,
        address: address.map(|formatted| FormattedAddress { formatted }),
        heading: fields.heading(&at("bearing"), &row.bearing),
        speed_kph: kph,
    })
}

fn trailer(
    call: &LiveCall<'_>,
    raw: &RawRow<'_>,
    rows: &mut Vec<LiveRow<LatestTrailerLocation>>,
    notices: &mut Vec<Notice>,
) {
    let Some(row) = parse::<AssetLocationRow<'_>>(raw, notices) else {
        return;
    };
    let mut fields = Fields::of(raw, notices);
    let Some(source_id) = fields.source_id(&row.id) else {
        return;
    };
    // One without a tracker has no position.
    if matches!(row.current_location, Object::Absent) {
        return;
    }
    let Some(location) = fields.object(OF, &row.current_location) else {
        return;
    };
    let Some(located_at) = fields.required_time(&at("located_at"), &location.located_at) else {
        return;
    };
    let place = fields.position([&at("lat"), &at("lon")], &location.lat, &location.lon);
    let Some(place) = place else {
        return;
    };
    let address = fields.text(&at("description"), &location.description);
    let row = LatestTrailerLocation {
        provider: DESCRIPTOR.code.to_owned(),
        trailer: call.ids.trailer(&source_id),
        located_at,
        location: place,
        address: address.map(|formatted| FormattedAddress { formatted }),
        heading: None,
        speed: None,
    };
    rows.push(LiveRow {
        row,
        raw: vec![raw.text.to_owned()],
    });
}
