//! What a vehicle drove in each jurisdiction in a month: the sum of its stretches there, which the
//! server cuts at the bounds of the question.

use std::collections::BTreeMap;

use model::ifta::IftaVehicleMonth;
use model::units::{from_hundredths, hundredths};
use model::{Draft, RawRange};
use provider::{Page, ProviderError};

use super::super::requests::FUEL_TAX_LIMIT;
use super::super::wire::Scalar;
use super::super::wire::events::FuelTaxRow;
use super::super::{Reading, calls};
use super::{Fields, RawRow, contract_state, parse, window};

/// No vehicle drives further without leaving; what is more is a broken odometer.
const MOST_KM: f64 = 1e6;

#[derive(Default)]
struct Driven {
    km: f64,
    raw: Vec<RawRange>,
}

/// Jurisdictions that the contract has no code for (those of Mexico, for one) are one.
type ByJurisdiction = BTreeMap<(String, Option<String>), Driven>;

pub fn page(reading: &Reading<'_>) -> Result<Page, ProviderError> {
    let (answered, _) = calls::of_task(reading, 1, 0, FUEL_TAX_LIMIT)?;
    let mut page = Page::default();
    let mut driven = ByJurisdiction::new();
    for call in &answered {
        for raw in call.raw_rows(reading.answer) {
            add(reading, &raw, &mut driven, &mut page);
        }
    }
    let task = reading.task;
    let month = task.zone.date_of(window(task).from).month();
    for ((device, jurisdiction), Driven { km, raw }) in driven {
        let vehicle = task.ids.vehicle(&device);
        let distance = hundredths(km).filter(|km| *km >= 0).map(from_hundredths);
        let Some(distance) = distance else {
            let mut fields = Fields::new("result", &mut page.notices);
            fields.invalid("exitOdometer", &format!("{km} km is no distance"));
            continue;
        };
        let key = IftaVehicleMonth::key(vehicle, month, jurisdiction.as_deref());
        let record = IftaVehicleMonth {
            id: task.ids.ifta_report(&key),
            provider: reading.provider.to_owned(),
            vehicle,
            month,
            jurisdiction,
            distance,
        };
        page.drafts.push(Draft::new(task.ids, &record, raw));
    }
    Ok(page)
}

fn add(reading: &Reading<'_>, raw: &RawRow<'_>, driven: &mut ByJurisdiction, page: &mut Page) {
    let Some(row) = parse::<FuelTaxRow<'_>>(raw, &mut page.notices) else {
        return;
    };
    let mut fields = Fields::of(raw, &mut page.notices);
    let Some(device) = fields.asked(reading.task, "device", &row.device) else {
        return;
    };
    let Some(entered_at) = fields.required_time("enterTime", &row.enter_time) else {
        return;
    };
    let left_at = fields.time("exitTime", &row.exit_time);
    let asked = window(reading.task);
    // The server rounds what it is asked outwards to hours.
    if entered_at >= asked.until || left_at.is_some_and(|left_at| left_at <= asked.from) {
        return;
    }
    let jurisdiction = fields.text("jurisdiction", &row.jurisdiction);
    let Some(km) = distance(&mut fields, &row) else {
        return;
    };
    let code = jurisdiction.as_deref().and_then(contract_state);
    let driven = driven.entry((device, code)).or_default();
    driven.km += km;
    driven.raw.push(raw.range);
}

/// By the vehicle's odometer, or by that of the receiver.
fn distance(fields: &mut Fields<'_>, row: &FuelTaxRow<'_>) -> Option<f64> {
    let known = fields.count();
    let mut between = |of: [(&str, &Scalar<'_>); 2]| {
        let [enter, exit] = of.map(|(member, value)| fields.number(member, value));
        Some(exit? - enter?)
    };
    let km = between([
        ("enterOdometer", &row.enter_odometer),
        ("exitOdometer", &row.exit_odometer),
    ])
    .or_else(|| {
        between([
            ("enterGpsOdometer", &row.enter_gps_odometer),
            ("exitGpsOdometer", &row.exit_gps_odometer),
        ])
    });
    match km {
        Some(km) if (0.0..=MOST_KM).contains(&km) => return Some(km),
        Some(km) => fields.invalid("exitOdometer", &format!("{km} km after it came in")),
        None if fields.count() == known => {
            fields.invalid("exitOdometer", "no odometer: the row is left out");
        }
        None => {}
    }
    None
}
