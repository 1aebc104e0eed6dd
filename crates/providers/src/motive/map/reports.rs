//! What Motive sums up: a vehicle's day, and what it drove in each jurisdiction in a month. The
//! rows do not say of which day or month they are; that is the task's.

use std::collections::BTreeMap;

use model::ifta::IftaVehicleMonth;
use model::issue::IssueCode;
use model::units::{from_hundredths, hundredths};
use model::utilization::{UtilizationDurations, VehicleUtilizationDay};
use model::{Draft, RawRange};
use provider::{Answer, Page, ProviderError, Task};

use super::super::DESCRIPTOR;
use super::super::place::whole;
use super::super::units::Units;
use super::super::wire::Scalar;
use super::super::wire::envelope::open;
use super::super::wire::reports::{IftaRow, UtilizationRow};
use super::{Fields, IFTA, RawRow, contract_state, is_asked, parse, rows, window};

pub fn day(task: &Task<'_>, raw: &RawRow<'_>, page: &mut Page) {
    let Some(row) = parse::<UtilizationRow<'_>>(raw, &mut page.notices) else {
        return;
    };
    let mut fields = Fields::of(raw, &mut page.notices);
    let Some(vehicle) = fields.required("vehicle", &row.vehicle) else {
        return;
    };
    if !is_asked(task, &vehicle) || is_without_data(&mut fields, &row) {
        return;
    }
    const DISTANCE: &str = "total_distance";
    if matches!(row.total_distance, Scalar::Absent) {
        fields.invalid(DISTANCE, "missing: the row is left out");
    }
    let units = Units::of_vehicle(&row.vehicle);
    let Some(distance) = fields.amount(DISTANCE, &row.total_distance, |n| units.km(n)) else {
        return;
    };
    let date = task.zone.date_of(window(task).from);
    let day = task.zone.day(date);
    let durations = UtilizationDurations {
        driving: fields.seconds("driving_time", &row.driving_time),
        idling: fields.seconds("idle_time", &row.idle_time),
    };
    let record = VehicleUtilizationDay {
        provider: DESCRIPTOR.code.to_owned(),
        vehicle: task.ids.vehicle(&vehicle),
        date,
        start_at: day.from,
        end_at: day.until,
        fuel_consumed: fuel(&mut fields, units, &row.total_fuel),
        distance,
        durations: (durations != UtilizationDurations::default()).then_some(durations),
    };
    page.drafts
        .push(Draft::new(task.ids, &record, vec![raw.range]));
}

/// Vehicles that reported nothing are listed with zeros and a message. That is no day of zero
/// kilometres, so it is none.
fn is_without_data(fields: &mut Fields<'_>, row: &UtilizationRow<'_>) -> bool {
    let numbers = [
        &row.total_distance,
        &row.total_fuel,
        &row.driving_time,
        &row.idle_time,
    ];
    let all_zero = numbers
        .iter()
        .all(|value| value.number().is_none_or(|n| n == 0.0));
    all_zero && fields.text("message", &row.message).is_some()
}

/// Gallons in an answer to a question for litres are not converted but left out: the vendor's
/// advice, as such an answer contradicts itself.
fn fuel(fields: &mut Fields<'_>, units: Units, value: &Scalar<'_>) -> Option<f64> {
    const MEMBER: &str = "total_fuel";
    match units {
        Units::Metric => fields.amount(MEMBER, value, |litres| litres),
        Units::Imperial => {
            if !matches!(value, Scalar::Absent) {
                let reason = "in gallons although litres were asked for: left out";
                fields.notice(IssueCode::ProviderSourceDataInvalid, MEMBER, reason);
            }
            None
        }
    }
}

/// Kilometres, and the rows that they come from.
#[derive(Default)]
struct Driven {
    km: f64,
    raw: Vec<RawRange>,
}

/// Jurisdictions that the contract has no code for are one, so all rows of a vehicle are needed at
/// once: an answer with more pages than one is asked for again for fewer vehicles.
pub fn ifta(task: &Task<'_>, answer: &Answer<'_>) -> Result<Page, ProviderError> {
    let opened = open(answer, IFTA)?;
    whole(answer, &opened)?;
    let mut page = Page::default();
    let mut driven: BTreeMap<(String, Option<String>), Driven> = BTreeMap::new();
    for raw in rows(answer, &opened, &mut page.notices) {
        let Some(row) = parse::<IftaRow<'_>>(&raw, &mut page.notices) else {
            continue;
        };
        let mut fields = Fields::of(&raw, &mut page.notices);
        let Some(vehicle) = fields.required("vehicle", &row.vehicle) else {
            continue;
        };
        if !is_asked(task, &vehicle) {
            continue;
        }
        if matches!(row.distance, Scalar::Absent) {
            fields.invalid("distance", "missing: the row is left out");
        }
        let Some(number) = fields.number("distance", &row.distance) else {
            continue;
        };
        let jurisdiction = fields.text("jurisdiction", &row.jurisdiction);
        let code = jurisdiction.as_deref().and_then(contract_state);
        let of_vehicle = driven.entry((vehicle, code)).or_default();
        of_vehicle.km += Units::of_vehicle(&row.vehicle).km(number);
        of_vehicle.raw.push(raw.range);
    }
    let month = task.zone.date_of(window(task).from).month();
    for ((vehicle, jurisdiction), Driven { km, raw }) in driven {
        let distance = hundredths(km).filter(|km| *km >= 0).map(from_hundredths);
        let Some(distance) = distance else {
            let mut fields = Fields::new(opened.list, &mut page.notices);
            fields.invalid("", &format!("{km} km of one vehicle are no distance"));
            continue;
        };
        let vehicle = task.ids.vehicle(&vehicle);
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
    Ok(page)
}
