//! Driving periods and idling. Of both, only what is over counts.

use model::coordinates::Coordinates;
use model::idle::IdleEvent;
use model::issue::IssueCode;
use model::trip::Trip;
use model::units::{KM_PER_MILE, from_hundredths, hundredths};
use model::{Draft, Timestamp, Window};
use provider::{Page, Task};

use super::super::DESCRIPTOR;
use super::super::wire::Scalar;
use super::super::wire::events::{DrivingRow, IdleRow};
use super::{Fields, RawRow, is_asked, parse, window};

const COMPLETE: &str = "complete";
const IN_PROGRESS: &str = "in_progress";

pub fn trip(task: &Task<'_>, raw: &RawRow<'_>, page: &mut Page) {
    let Some(row) = parse::<DrivingRow<'_>>(raw, &mut page.notices) else {
        return;
    };
    let mut fields = Fields::of(raw, &mut page.notices);
    let Some(source_id) = fields.source_id(&row.id) else {
        return;
    };
    let Some(vehicle) = fields.required("vehicle", &row.vehicle) else {
        return;
    };
    if !is_asked(task, &vehicle) {
        return;
    }
    match fields.text("status", &row.status).as_deref() {
        Some(COMPLETE) => {}
        Some(IN_PROGRESS) => return,
        other => {
            let word = other.unwrap_or("nothing");
            let reason = format!("`{word}`, not `{COMPLETE}`: the period is left out");
            fields.notice(IssueCode::ProviderCapabilityNotSupported, "status", &reason);
            return;
        }
    }
    let times = [&row.start_time, &row.end_time];
    let Some((started_at, ended_at)) = span(&mut fields, times, window(task)) else {
        return;
    };
    let record = Trip {
        id: task.ids.trip(&source_id),
        source_id,
        provider: DESCRIPTOR.code.to_owned(),
        driver: fields
            .reference("driver", &row.driver)
            .map(|driver| task.ids.driver(&driver)),
        vehicle: task.ids.vehicle(&vehicle),
        start_location: place(
            &mut fields,
            ["origin_lat", "origin_lon"],
            [&row.origin_lat, &row.origin_lon],
        ),
        end_location: place(
            &mut fields,
            ["destination_lat", "destination_lon"],
            [&row.destination_lat, &row.destination_lon],
        ),
        distance: distance(&mut fields, &row),
        duration: ended_at.millis().saturating_sub(started_at.millis()),
        started_at,
        ended_at,
    };
    page.drafts
        .push(Draft::new(task.ids, &record, vec![raw.range]));
}

fn place(
    fields: &mut Fields<'_>,
    members: [&str; 2],
    values: [&Scalar<'_>; 2],
) -> Option<Coordinates> {
    fields.position(members, values[0], values[1])
}

/// Start and end of what touches the window. What began before it is taken too: it may have ended
/// since, and would otherwise wait for its window to be read again.
fn span(
    fields: &mut Fields<'_>,
    [start, end]: [&Scalar<'_>; 2],
    window: Window,
) -> Option<(Timestamp, Timestamp)> {
    let started_at = fields.required_time("start_time", start)?;
    let ended_at = fields.required_time("end_time", end)?;
    if ended_at < started_at {
        fields.invalid("end_time", "before the start: the row is left out");
        return None;
    }
    let touches =
        started_at < window.until && (started_at >= window.from || ended_at > window.from);
    touches.then_some((started_at, ended_at))
}

/// By the odometers, which are in kilometres whatever was asked for; else by the text, which names
/// its unit.
fn distance(fields: &mut Fields<'_>, row: &DrivingRow<'_>) -> Option<f64> {
    let start = fields.number("start_kilometers", &row.start_kilometers);
    let end = fields.number("end_kilometers", &row.end_kilometers);
    if let (Some(start), Some(end)) = (start, end) {
        let km = hundredths(end - start).filter(|km| *km >= 0);
        if km.is_none() {
            fields.invalid("end_kilometers", "less than at the start");
        }
        return km.map(from_hundredths);
    }
    let text = fields.text("distance", &row.distance)?;
    let km = kilometres(&text);
    if km.is_none() {
        fields.invalid("distance", "neither miles nor kilometres");
    }
    km
}

fn kilometres(text: &str) -> Option<f64> {
    let (number, unit) = text.trim().split_once(' ')?;
    let number: f64 = number.replace(',', "").parse().ok()?;
    let km = match unit.trim() {
        "mi" => number * KM_PER_MILE,
        "km" => number,
        _ => return None,
    };
    hundredths(km).filter(|km| *km >= 0).map(from_hundredths)
}

pub fn idling(task: &Task<'_>, raw: &RawRow<'_>, page: &mut Page) {
    let Some(row) = parse::<IdleRow<'_>>(raw, &mut page.notices) else {
        return;
    };
    let mut fields = Fields::of(raw, &mut page.notices);
    let Some(source_id) = fields.source_id(&row.id) else {
        return;
    };
    let Some(vehicle) = fields.required("vehicle", &row.vehicle) else {
        return;
    };
    if !is_asked(task, &vehicle) || matches!(row.end_time, Scalar::Absent) {
        return;
    }
    let times = [&row.start_time, &row.end_time];
    let Some((started_at, ended_at)) = span(&mut fields, times, window(task)) else {
        return;
    };
    let record = IdleEvent {
        source_id,
        vehicle: task.ids.vehicle(&vehicle),
        driver: fields
            .reference("driver", &row.driver)
            .map(|driver| task.ids.driver(&driver)),
        started_at,
        ended_at,
        location: place(&mut fields, ["lat", "lon"], [&row.lat, &row.lon]),
        fuel_consumed: fuel(&mut fields, &row),
    };
    page.drafts
        .push(Draft::new(task.ids, &record, vec![raw.range]));
}

/// Two readings of one counter, in litres whatever was asked for: as gallons, the sample's truck
/// would use four times what any engine does when it idles.
fn fuel(fields: &mut Fields<'_>, row: &IdleRow<'_>) -> Option<f64> {
    let start = fields.number("veh_fuel_start", &row.veh_fuel_start)?;
    let end = fields.number("veh_fuel_end", &row.veh_fuel_end)?;
    let litres = hundredths(end - start).filter(|litres| *litres >= 0);
    if litres.is_none() {
        fields.invalid("veh_fuel_end", "less than at the start");
    }
    litres.map(from_hundredths)
}
