//! What Samsara sums up: a vehicle's day, and what it drove in each jurisdiction in a month. The
//! rows do not say of which day or month they are; that is the task's.

use std::collections::BTreeMap;

use model::ifta::IftaVehicleMonth;
use model::units::{from_hundredths, hundredths, km_from_metres};
use model::utilization::{UtilizationDurations, VehicleUtilizationDay};
use model::{Draft, Month, RawRange, VehicleId};
use provider::{Answer, Page, ProviderError, Task};

use super::super::DESCRIPTOR;
use super::super::errors::{text, unreadable};
use super::super::place::next;
use super::super::wire::reports::{
    FuelEnergyRow, IftaOfVehicle, IftaReports, JurisdictionRow, VehicleReports,
};
use super::super::wire::{Envelope, Scalar};
use super::{Fields, RawRow, contract_state, parse, window};

const REPORTS: &str = "an object with `data.vehicleReports`, a list, and `pagination`";

pub fn utilization(task: &Task<'_>, answer: &Answer<'_>) -> Result<Page, ProviderError> {
    let body = text(answer, REPORTS)?;
    let answered: Envelope<'_, VehicleReports<'_>> =
        serde_json::from_str(body).map_err(|error| unreadable(answer, &error, REPORTS))?;
    let mut page = Page {
        next: next(task, answer, &answered.pagination)?,
        ..Page::default()
    };
    for (index, row) in answered.data.vehicle_reports.iter().enumerate() {
        let row = RawRow::new(format!("data.vehicleReports[{index}]"), answer, row);
        day(task, &row, &mut page);
    }
    Ok(page)
}

fn day(task: &Task<'_>, raw: &RawRow<'_>, page: &mut Page) {
    let Some(row) = parse::<FuelEnergyRow<'_>>(raw, &mut page.notices) else {
        return;
    };
    let mut fields = Fields::of(raw, &mut page.notices);
    let Some(vehicle) = fields.required("vehicle", &row.vehicle) else {
        return;
    };
    if !fields.is_asked(task, "vehicle.id", &vehicle) {
        return;
    }
    const DISTANCE: &str = "distanceTraveledMeters";
    if matches!(row.distance_traveled_meters, Scalar::Absent) {
        fields.invalid(DISTANCE, "missing: the row is left out");
    }
    let Some(distance) = fields.amount(DISTANCE, &row.distance_traveled_meters, km_from_metres)
    else {
        return;
    };
    let date = task.zone.date_of(window(task).from);
    let day = task.zone.day(date);
    let durations = durations(&mut fields, &row);
    let record = VehicleUtilizationDay {
        provider: DESCRIPTOR.code.to_owned(),
        vehicle: task.ids.vehicle(&vehicle),
        date,
        start_at: day.from,
        end_at: day.until,
        fuel_consumed: fields.amount("fuelConsumedMl", &row.fuel_consumed_ml, |ml| ml / 1_000.0),
        distance,
        durations: (durations != UtilizationDurations::default()).then_some(durations),
    };
    page.drafts
        .push(Draft::new(task.ids, &record, vec![raw.range]));
}

/// An engine that runs and does not idle drives. Nothing says that its run time has the idle time
/// in it; where it cannot, how long was driven is not known.
fn durations(fields: &mut Fields<'_>, row: &FuelEnergyRow<'_>) -> UtilizationDurations {
    let idling = fields.milliseconds(
        "engineIdleTimeDurationMs",
        &row.engine_idle_time_duration_ms,
    );
    let running = fields.milliseconds("engineRunTimeDurationMs", &row.engine_run_time_duration_ms);
    let driving = match (running, idling) {
        (Some(running), Some(idling)) => Some(running - idling).filter(|driving| *driving >= 0),
        _ => None,
    };
    if driving.is_none() && running.is_some() && idling.is_some() {
        fields.invalid("engineRunTimeDurationMs", "less than the idle time");
    }
    UtilizationDurations { driving, idling }
}

pub fn ifta(task: &Task<'_>, answer: &Answer<'_>) -> Result<Page, ProviderError> {
    let body = text(answer, REPORTS)?;
    let answered: Envelope<'_, IftaReports<'_>> =
        serde_json::from_str(body).map_err(|error| unreadable(answer, &error, REPORTS))?;
    let mut page = Page {
        next: next(task, answer, &answered.pagination)?,
        ..Page::default()
    };
    let month = task.zone.date_of(window(task).from).month();
    for (index, report) in answered.data.vehicle_reports.iter().enumerate() {
        let place = format!("data.vehicleReports[{index}]");
        let mut fields = Fields::new(place.clone(), &mut page.notices);
        let Some(vehicle) = fields.required("vehicle", &report.vehicle) else {
            continue;
        };
        if fields.is_asked(task, "vehicle.id", &vehicle) {
            let vehicle = task.ids.vehicle(&vehicle);
            months(task, answer, (&place, vehicle, month), report, &mut page);
        }
    }
    Ok(page)
}

/// Metres, and the rows that they come from.
#[derive(Default)]
struct Driven {
    metres: f64,
    raw: Vec<RawRange>,
}

fn months(
    task: &Task<'_>,
    answer: &Answer<'_>,
    (place, vehicle, month): (&str, VehicleId, Month),
    report: &IftaOfVehicle<'_>,
    page: &mut Page,
) {
    // Jurisdictions that the contract has no code for (those of Mexico, for one) are one.
    let mut driven: BTreeMap<Option<String>, Driven> = BTreeMap::new();
    for (index, row) in report.jurisdictions.iter().enumerate() {
        let raw = RawRow::new(format!("{place}.jurisdictions[{index}]"), answer, row);
        let Some(row) = parse::<JurisdictionRow<'_>>(&raw, &mut page.notices) else {
            continue;
        };
        let mut fields = Fields::of(&raw, &mut page.notices);
        let jurisdiction = fields.text("jurisdiction", &row.jurisdiction);
        if matches!(row.total_meters, Scalar::Absent) {
            fields.invalid("totalMeters", "missing: the row is left out");
        }
        let Some(metres) = fields.number("totalMeters", &row.total_meters) else {
            continue;
        };
        let code = jurisdiction.as_deref().and_then(contract_state);
        let driven = driven.entry(code).or_default();
        driven.metres += metres;
        driven.raw.push(raw.range);
    }
    for (jurisdiction, Driven { metres, raw }) in driven {
        let distance = hundredths(km_from_metres(metres)).filter(|km| *km >= 0);
        let Some(distance) = distance.map(from_hundredths) else {
            let mut fields = Fields::new(place, &mut page.notices);
            fields.invalid("jurisdictions", &format!("{metres} m is no distance"));
            continue;
        };
        let key = IftaVehicleMonth::key(vehicle, month, jurisdiction.as_deref());
        let record = IftaVehicleMonth {
            id: task.ids.ifta_report(&key),
            provider: DESCRIPTOR.code.to_owned(),
            vehicle,
            month,
            jurisdiction,
            distance,
        };
        page.drafts.push(Draft::new(task.ids, &record, raw));
    }
}
