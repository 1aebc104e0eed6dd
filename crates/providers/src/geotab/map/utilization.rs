//! How a vehicle was used, day by day: no entity of the platform, but the sum of its trips.
//!
//! A trip that goes on behind midnight is cut there, its kilometres by time. Idling lies in the
//! stop after the drive and is counted from the stop's beginning. Fuel comes by trip with the time
//! of its stop and is not cut. A day without any of it has no record: nothing says whether the
//! vehicle stood or was not there.

use std::collections::BTreeMap;

use model::units::{from_hundredths, hundredths};
use model::utilization::{UtilizationDurations, VehicleUtilizationDay};
use model::{Date, Draft, RawRange, Timestamp, Window};
use provider::{Page, ProviderError};

use super::super::requests::ROWS_LIMIT;
use super::super::requests::TRIPS_LIMIT;
use super::super::wire::events::FuelUsedRow;
use super::super::{Reading, calls};
use super::trips::{Driven, driven};
use super::{Fields, RawRow, parse, window};

/// Days that one trip may have a part in; more is no trip.
const MOST_DAYS: usize = 32;

#[derive(Default)]
struct Used {
    km: f64,
    driving_ms: i64,
    idling_ms: i64,
    litres: Option<f64>,
    raw: Vec<RawRange>,
}

type Days = BTreeMap<(String, Date), Used>;

pub fn page(reading: &Reading<'_>) -> Result<Page, ProviderError> {
    let (answered, _) = calls::of_task(reading, 2, 0, TRIPS_LIMIT.min(ROWS_LIMIT))?;
    let mut page = Page::default();
    let mut days = Days::new();
    for (index, call) in answered.iter().enumerate() {
        for raw in call.raw_rows(reading.answer) {
            match index % 2 {
                0 => {
                    if let Some(trip) = driven(reading, raw, &mut page) {
                        add_trip(reading, &trip, &mut days, &mut page);
                    }
                }
                _ => add_fuel(reading, &raw, &mut days, &mut page),
            }
        }
    }
    for ((device, date), used) in days {
        draft(reading, &device, date, used, &mut page);
    }
    Ok(page)
}

fn add_trip(reading: &Reading<'_>, trip: &Driven<'_>, days: &mut Days, page: &mut Page) {
    if trip.stopped_at > reading.answer.received_at {
        return;
    }
    let mut fields = Fields::of(&trip.raw, &mut page.notices);
    let km = fields.amount("distance", &trip.row.distance, |km| km);
    let idling = fields.duration("idlingDuration", &trip.row.idling_duration);
    let driving = fields.duration("drivingDuration", &trip.row.driving_duration);
    let length_ms = trip
        .stopped_at
        .millis()
        .saturating_sub(trip.started_at.millis());
    // Driving and the stretch from start to stop are the same, as far as anybody has seen.
    let driving = driving.unwrap_or(length_ms);
    for (date, part) in parts(reading, trip.started_at, trip.stopped_at) {
        let share = match length_ms {
            0 => 1.0,
            length_ms => part.length_ms() as f64 / length_ms as f64,
        };
        let day = days.entry((trip.device.clone(), date)).or_default();
        day.km += km.unwrap_or(0.0) * share;
        day.driving_ms += (driving as f64 * share).round() as i64;
        day.raw.push(trip.raw.range);
    }
    let idled_until = Timestamp::from_millis(
        trip.stopped_at
            .millis()
            .saturating_add(idling.unwrap_or_default()),
    );
    for (date, part) in parts(reading, trip.stopped_at, idled_until) {
        let day = days.entry((trip.device.clone(), date)).or_default();
        day.idling_ms += part.length_ms();
        if !day.raw.contains(&trip.raw.range) {
            day.raw.push(trip.raw.range);
        }
    }
}

/// What of a stretch lies in the days that were asked about. An empty one is of the day it is on.
fn parts(reading: &Reading<'_>, from: Timestamp, until: Timestamp) -> Vec<(Date, Window)> {
    let (zone, asked) = (reading.task.zone, window(reading.task));
    let mut parts = Vec::new();
    let mut at = from.max(asked.from);
    let end = until.min(asked.until);
    if from == until && asked.contains(from) {
        parts.push((zone.date_of(from), Window { from, until }));
    }
    while at < end && parts.len() < MOST_DAYS {
        let date = zone.date_of(at);
        let part_end = zone.day(date).until.min(end);
        if part_end <= at {
            break;
        }
        parts.push((
            date,
            Window {
                from: at,
                until: part_end,
            },
        ));
        at = part_end;
    }
    parts
}

fn add_fuel(reading: &Reading<'_>, raw: &RawRow<'_>, days: &mut Days, page: &mut Page) {
    let Some(row) = parse::<FuelUsedRow<'_>>(raw, &mut page.notices) else {
        return;
    };
    let mut fields = Fields::of(raw, &mut page.notices);
    let Some(device) = fields.asked(reading.task, "device", &row.device) else {
        return;
    };
    let Some(at) = fields.required_time("dateTime", &row.date_time) else {
        return;
    };
    let litres = fields.amount("totalFuelUsed", &row.total_fuel_used, |litres| litres);
    let (Some(litres), true) = (litres, window(reading.task).contains(at)) else {
        return;
    };
    let date = reading.task.zone.date_of(at);
    let day = days.entry((device, date)).or_default();
    day.litres = Some(day.litres.unwrap_or_default() + litres);
    day.raw.push(raw.range);
}

fn draft(reading: &Reading<'_>, device: &str, date: Date, used: Used, page: &mut Page) {
    let ids = reading.task.ids;
    let day = reading.task.zone.day(date);
    let rounded = |number: f64| hundredths(number).map(from_hundredths);
    let Some(distance) = rounded(used.km) else {
        let mut fields = Fields::new("result", &mut page.notices);
        fields.invalid("distance", &format!("{} km is no day's distance", used.km));
        return;
    };
    let record = VehicleUtilizationDay {
        provider: reading.provider.to_owned(),
        vehicle: ids.vehicle(device),
        date,
        start_at: day.from,
        end_at: day.until,
        fuel_consumed: used.litres.and_then(rounded),
        distance,
        durations: Some(UtilizationDurations {
            driving: Some(used.driving_ms),
            idling: Some(used.idling_ms),
        }),
    };
    page.drafts.push(Draft::new(ids, &record, used.raw));
}
