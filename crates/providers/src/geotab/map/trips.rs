//! Trips. Their ids change with every recalculation, so a trip is its device and its start.
//!
//! They are found by their stop and kept by their start, hence the wider question. A trip knows
//! where it stopped and not where it began: that is where the one before it stopped, if that one
//! says that this one followed. Whether a trip is over is not said either: one whose stop is past
//! is, and where it goes on the feed tells.

use std::collections::BTreeMap;

use model::coordinates::Coordinates;
use model::trip::Trip;
use model::{Draft, Timestamp};
use provider::{Page, ProviderError};

use super::super::requests::TRIPS_LIMIT;
use super::super::wire::Scalar;
use super::super::wire::events::TripRow;
use super::super::{Reading, calls};
use super::{Fields, RawRow, parse, window};

/// A trip as it is read, in its place among the others of its device.
pub struct Driven<'a> {
    pub raw: RawRow<'a>,
    pub row: TripRow<'a>,
    pub device: String,
    pub started_at: Timestamp,
    pub stopped_at: Timestamp,
}

pub fn page(reading: &Reading<'_>) -> Result<Page, ProviderError> {
    let (answered, _) = calls::of_task(reading, 1, 0, TRIPS_LIMIT)?;
    let mut page = Page::default();
    let mut trips: Vec<Driven<'_>> = Vec::new();
    for call in &answered {
        for raw in call.raw_rows(reading.answer) {
            trips.extend(driven(reading, raw, &mut page));
        }
    }
    let stops = stops(&trips, &mut page);
    for trip in trips {
        let begins_here = window(reading.task).contains(trip.started_at);
        if !begins_here || trip.stopped_at > reading.answer.received_at {
            continue;
        }
        let start_location = stops.get(&(trip.device.clone(), trip.started_at)).copied();
        draft(reading, &trip, start_location, &mut page);
    }
    Ok(page)
}

/// A row that is a trip: with somebody who drove and when. Those that were calculated away are not.
pub fn driven<'a>(reading: &Reading<'_>, raw: RawRow<'a>, page: &mut Page) -> Option<Driven<'a>> {
    let row = parse::<TripRow<'_>>(&raw, &mut page.notices)?;
    let mut fields = Fields::of(&raw, &mut page.notices);
    let device = fields.asked(reading.task, "device", &row.device)?;
    let started_at = fields.required_time("start", &row.start)?;
    let stopped_at = fields.required_time("stop", &row.stop)?;
    if stopped_at < started_at {
        fields.invalid("stop", "before the start: the row is left out");
        return None;
    }
    if !matches!(row.deleted_date_time, Scalar::Absent) {
        return None;
    }
    Some(Driven {
        raw,
        row,
        device,
        started_at,
        stopped_at,
    })
}

/// Where devices were when their next trips began.
fn stops(trips: &[Driven<'_>], page: &mut Page) -> BTreeMap<(String, Timestamp), Coordinates> {
    let mut stops = BTreeMap::new();
    for trip in trips {
        let mut fields = Fields::of(&trip.raw, &mut page.notices);
        let next = fields.time("nextTripStart", &trip.row.next_trip_start);
        let Some(next) = next.filter(|next| *next >= trip.stopped_at) else {
            continue;
        };
        // A stop that was noticed as unusable is so for its own trip, below.
        let mut unheard = Vec::new();
        let mut quiet = Fields::new("", &mut unheard);
        if let Some(place) = quiet.point("stopPoint", &trip.row.stop_point)
            && next > trip.started_at
        {
            stops.insert((trip.device.clone(), next), place);
        }
    }
    stops
}

fn draft(
    reading: &Reading<'_>,
    trip: &Driven<'_>,
    start_location: Option<Coordinates>,
    page: &mut Page,
) {
    let ids = reading.task.ids;
    let row = &trip.row;
    let mut fields = Fields::of(&trip.raw, &mut page.notices);
    let source_id = format!("{}-{}", trip.device, trip.started_at.millis());
    let record = Trip {
        id: ids.trip(&source_id),
        source_id,
        provider: reading.provider.to_owned(),
        driver: fields
            .reference("driver", &row.driver)
            .map(|driver| ids.driver(&driver)),
        vehicle: ids.vehicle(&trip.device),
        start_location,
        end_location: fields.point("stopPoint", &row.stop_point),
        distance: fields.amount("distance", &row.distance, |km| km),
        duration: trip
            .stopped_at
            .millis()
            .saturating_sub(trip.started_at.millis()),
        started_at: trip.started_at,
        ended_at: trip.stopped_at,
    };
    page.drafts
        .push(Draft::new(ids, &record, vec![trip.raw.range]));
}
