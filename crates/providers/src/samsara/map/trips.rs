//! Trips of the older API: one vehicle a call, which the answer does not name.
//!
//! Every trip that touches the window is listed, whenever it began. One that lasts has no end yet
//! and comes when it is over, with the window that its end lies in.

use model::issue::IssueCode;
use model::trip::Trip;
use model::units::km_from_metres;
use model::{Draft, Timestamp};
use provider::{Answer, Notice, Page, Partition, ProviderError, Task};

use super::super::DESCRIPTOR;
use super::super::errors::{text, unreadable};
use super::super::wire::Scalar;
use super::super::wire::events::{TripRow, Trips};
use super::{Fields, RawRow, parse, window};

const TRIPS: &str = "an object with `trips`, a list";
/// Larger than any time, so that it does not matter how exactly the greatest 64-bit number is read.
const NEVER_MS: f64 = 9e18;

pub fn read(task: &Task<'_>, answer: &Answer<'_>) -> Result<Page, ProviderError> {
    let body = text(answer, TRIPS)?;
    let answered: Trips<'_> =
        serde_json::from_str(body).map_err(|error| unreadable(answer, &error, TRIPS))?;
    let mut page = Page::default();
    let Some(vehicle) = task.partitions.first() else {
        page.notices.push(Notice {
            code: IssueCode::InvalidSourceIdentifier,
            place: "trips".to_owned(),
            reason: format!(
                "{} trips of nobody: the answer does not name its vehicle",
                answered.trips.len()
            ),
        });
        return Ok(page);
    };
    for (index, row) in answered.trips.iter().enumerate() {
        let row = RawRow::new(format!("trips[{index}]"), answer, row);
        trip(task, vehicle, &row, &mut page);
    }
    Ok(page)
}

fn trip(task: &Task<'_>, vehicle: &Partition, raw: &RawRow<'_>, page: &mut Page) {
    let Some(row) = parse::<TripRow<'_>>(raw, &mut page.notices) else {
        return;
    };
    let mut fields = Fields::of(raw, &mut page.notices);
    if matches!(row.end_ms, Scalar::Number(end) if end >= NEVER_MS) {
        return;
    }
    let Some(started_at) = moment(&mut fields, "startMs", &row.start_ms) else {
        return;
    };
    let Some(ended_at) = moment(&mut fields, "endMs", &row.end_ms) else {
        return;
    };
    let Some(duration) = ended_at
        .millis()
        .checked_sub(started_at.millis())
        .filter(|length| *length >= 0)
    else {
        fields.invalid("endMs", "before the start: the row is left out");
        return;
    };
    if started_at >= window(task).until {
        return;
    }
    // The vehicle's id and the start: trips have no id.
    let source_id = format!("{}-{}", vehicle.source_id, started_at.millis());
    let record = Trip {
        id: task.ids.trip(&source_id),
        source_id,
        provider: DESCRIPTOR.code.to_owned(),
        driver: fields
            .whole_number("driverId", &row.driver_id)
            .filter(|driver| *driver != 0)
            .map(|driver| task.ids.driver(&driver.to_string())),
        vehicle: task.ids.vehicle(&vehicle.source_id),
        start_location: fields.coordinates("startCoordinates", &row.start_coordinates),
        end_location: fields.coordinates("endCoordinates", &row.end_coordinates),
        distance: fields.amount("distanceMeters", &row.distance_meters, km_from_metres),
        duration,
        started_at,
        ended_at,
    };
    page.drafts
        .push(Draft::new(task.ids, &record, vec![raw.range]));
}

fn moment(fields: &mut Fields<'_>, member: &str, value: &Scalar<'_>) -> Option<Timestamp> {
    if matches!(value, Scalar::Absent) {
        fields.invalid(member, "missing: the row is left out");
    }
    fields
        .whole_number(member, value)
        .map(Timestamp::from_millis)
}
