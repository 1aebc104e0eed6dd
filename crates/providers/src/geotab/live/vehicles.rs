//! Where vehicles are, from the present of all devices in one question. One that has never sent a
//! position is no row at all, and those of trailers are not vehicles.

use std::collections::BTreeMap;

use model::history::EngineState;
use model::live::{FuelTanks, LatestVehicleLocation};
use model::units::{from_hundredths, hundredths, km_from_metres};
use provider::{Answer, LiveAnswer, LiveRow, LiveRows, LiveStep, Notice, Partition, ProviderError};
use serde_json::json;

use super::super::map::{Fields, RawRow};
use super::super::requests::{Paging, TRAILER_GROUP, get, several};
use super::super::streams::{
    ENGINE_HOURS, FUEL_LEVEL, IGNITION, MOST_CALLS, ODOMETER, RAW_ODOMETER, VIEW_STATUS,
};
use super::super::wire::Object;
use super::super::wire::events::{StatusInfoRow, StatusRow};
use super::{Asking, answered, status_infos};

const DIAGNOSTICS: [&str; 5] = [ODOMETER, RAW_ODOMETER, ENGINE_HOURS, FUEL_LEVEL, IGNITION];

/// Whom a question names; nobody where all are asked about, which is one call too.
fn named<'c>(asking: Asking<'c>) -> &'c [Partition] {
    match asking.call.members {
        members if members.len() <= MOST_CALLS => members,
        _ => &[],
    }
}

pub fn step(asking: Asking<'_>, answer: Option<&Answer<'_>>) -> Result<LiveStep, ProviderError> {
    let named = named(asking);
    let Some(answer) = answer else {
        return Ok(ask(named));
    };
    let mut notices = Vec::new();
    let mut rows = Vec::new();
    for call in answered(VIEW_STATUS, answer, named.len().max(1))? {
        for (device, raw, info) in status_infos(answer, &call, &mut notices) {
            let asked = asking.call.members;
            if asked.is_empty() || asked.iter().any(|asked| asked.source_id == device) {
                rows.extend(vehicle(asking, &device, &raw, &info, &mut notices));
            }
        }
    }
    Ok(LiveStep::Done(LiveAnswer {
        rows: LiveRows::VehicleLocations(rows),
        notices,
    }))
}

fn ask(named: &[Partition]) -> LiveStep {
    let search = || json!({ "diagnostics": DIAGNOSTICS.map(|id| json!({ "id": id })) });
    let of = |search| get("DeviceStatusInfo", search, Paging::Whole);
    let calls = match named {
        [] => vec![of(search())],
        named => named
            .iter()
            .map(|member| {
                let mut search = search();
                search["deviceSearch"] = json!({ "id": member.source_id });
                of(search)
            })
            .collect(),
    };
    LiveStep::Ask {
        request: several(calls, "Get DeviceStatusInfo"),
        state: None,
    }
}

fn vehicle(
    asking: Asking<'_>,
    device: &str,
    raw: &RawRow<'_>,
    row: &StatusInfoRow<'_>,
    notices: &mut Vec<Notice>,
) -> Option<LiveRow<LatestVehicleLocation>> {
    let ids = asking.call.ids;
    let mut fields = Fields::of(raw, notices);
    let groups = fields.references("groups", row.groups);
    if groups.iter().any(|group| group == TRAILER_GROUP) {
        return None;
    }
    let place = fields.position(("latitude", &row.latitude), ("longitude", &row.longitude))?;
    let located_at = fields.required_time("dateTime", &row.date_time)?;
    let speed = fields.amount("speed", &row.speed, |kph| kph);
    let is_driving = fields.truth("isDriving", &row.is_driving);
    let measured = measured(&mut fields, row);
    let value = |id: &str| measured.get(id).copied();
    let amount = |value: f64| hundredths(value).filter(|v| *v >= 0).map(from_hundredths);
    let odometer = value(ODOMETER).or(value(RAW_ODOMETER));
    let row = LatestVehicleLocation {
        provider: asking.provider.to_owned(),
        vehicle: ids.vehicle(device),
        driver: fields
            .reference("driver", &row.driver)
            .map(|driver| ids.driver(&driver)),
        located_at,
        location: place,
        address: None,
        heading: fields.bearing("bearing", &row.bearing),
        speed,
        odometer: odometer.and_then(|metres| amount(km_from_metres(metres))),
        fuel: value(FUEL_LEVEL)
            .and_then(|level| amount(level.clamp(0.0, 100.0)))
            .map(|primary_percentage| FuelTanks {
                primary_percentage,
                secondary_percentage: None,
            }),
        engine_state: engine_state(value(IGNITION), is_driving, speed),
        engine_runtime: value(ENGINE_HOURS)
            .map(|seconds| seconds * 1_000.0)
            .filter(|ms| (0.0..=9e15).contains(ms))
            .map(|ms| ms.round() as i64),
    };
    Some(LiveRow {
        row,
        raw: vec![raw.text.to_owned()],
    })
}

/// Values by diagnostic.
fn measured(fields: &mut Fields<'_>, row: &StatusInfoRow<'_>) -> BTreeMap<String, f64> {
    let rows = fields.list::<Object<StatusRow<'_>>>("statusData", row.status_data);
    let mut measured = BTreeMap::new();
    for (index, row) in rows.iter().enumerate() {
        let member = format!("statusData[{index}]");
        let Some(row) = fields.object(&member, row) else {
            continue;
        };
        let diagnostic = fields.required(&format!("{member}.diagnostic"), &row.diagnostic);
        let value = fields.number(&format!("{member}.data"), &row.data);
        measured.extend(diagnostic.zip(value));
    }
    measured
}

/// A vehicle that stands with its ignition on idles.
fn engine_state(
    ignition: Option<f64>,
    is_driving: Option<bool>,
    speed: Option<f64>,
) -> Option<EngineState> {
    match (ignition?, is_driving, speed) {
        (0.0, ..) => Some(EngineState::Off),
        (1.0, Some(false) | None, Some(0.0)) => Some(EngineState::Idle),
        (1.0, ..) => Some(EngineState::On),
        _ => None,
    }
}
