//! What was measured while an event lasted.

use model::coordinates::Coordinates;
use model::units::round2;
use model::{RawRange, Timestamp};
use provider::Page;

use super::super::super::Reading;
use super::super::super::calls::Call;
use super::super::super::wire::Scalar;
use super::super::super::wire::events::{LogRow, StatusRow};
use super::super::{Fields, parse};
use super::Event;

const STANDARD_GRAVITY: f64 = 9.806_65;

#[derive(Default)]
pub struct Evidence {
    /// Where the vehicle was reported nearest in time to the beginning.
    pub start_location: Option<Coordinates>,
    /// The same of the end.
    pub end_location: Option<Coordinates>,
    /// km/h, of the positions from beginning to end.
    pub maximum_speed: Option<f64>,
    pub average_speed: Option<f64>,
    /// g; the strongest: braking and one side are negative.
    pub g_force_forward_backward: Option<f64>,
    pub g_force_side_to_side: Option<f64>,
    /// Rows of the places.
    pub raw: Vec<RawRange>,
}

/// A position that was recorded, not interpolated.
struct Fix {
    at: Timestamp,
    place: Coordinates,
    speed: Option<f64>,
    raw: RawRange,
}

impl Evidence {
    /// `calls` are of positions, of accelerations along the vehicle and across it.
    pub fn read(
        reading: &Reading<'_>,
        event: &Event,
        calls: &[Call<'_>],
        page: &mut Page,
    ) -> Evidence {
        let [positions, along, across] = calls else {
            return Evidence::default();
        };
        let fixes = fixes(reading, positions, page);
        let mut evidence = Evidence {
            g_force_forward_backward: strongest(reading, event, along, page),
            g_force_side_to_side: strongest(reading, event, across, page),
            ..Evidence::default()
        };
        evidence.place(event, &fixes);
        let lasted = event.from_ms..=event.until_ms;
        let speeds: Vec<f64> = fixes
            .iter()
            .filter(|fix| lasted.contains(&fix.at.millis()))
            .filter_map(|fix| fix.speed)
            .collect();
        if let Some(fastest) = speeds.iter().copied().reduce(f64::max) {
            evidence.maximum_speed = Some(round2(fastest));
            let mean = speeds.iter().sum::<f64>() / speeds.len() as f64;
            evidence.average_speed = Some(round2(mean));
        }
        evidence
    }

    fn place(&mut self, event: &Event, fixes: &[Fix]) {
        let nearest = |to_ms: i64| {
            fixes
                .iter()
                .min_by_key(|fix| (fix.at.millis().abs_diff(to_ms), fix.at))
        };
        let (start, end) = (nearest(event.from_ms), nearest(event.until_ms));
        self.start_location = start.map(|fix| fix.place);
        self.end_location = end.map(|fix| fix.place);
        self.raw = start.into_iter().map(|fix| fix.raw).collect();
        self.raw
            .extend(end.map(|fix| fix.raw).filter(|raw| !self.raw.contains(raw)));
    }
}

fn fixes(reading: &Reading<'_>, call: &Call<'_>, page: &mut Page) -> Vec<Fix> {
    let mut fixes = Vec::new();
    for raw in call.raw_rows(reading.answer) {
        let Some(row) = parse::<LogRow<'_>>(&raw, &mut page.notices) else {
            continue;
        };
        if matches!(row.id, Scalar::Absent) {
            continue;
        }
        let mut fields = Fields::of(&raw, &mut page.notices);
        let at = fields.required_time("dateTime", &row.date_time);
        let place = fields.position(("latitude", &row.latitude), ("longitude", &row.longitude));
        let speed = fields.amount("speed", &row.speed, |kph| kph);
        fixes.extend(at.zip(place).map(|(at, place)| Fix {
            at,
            place,
            speed,
            raw: raw.range,
        }));
    }
    fixes
}

/// From m/s².
fn strongest(
    reading: &Reading<'_>,
    event: &Event,
    call: &Call<'_>,
    page: &mut Page,
) -> Option<f64> {
    let mut strongest: Option<f64> = None;
    for raw in call.raw_rows(reading.answer) {
        let Some(row) = parse::<StatusRow<'_>>(&raw, &mut page.notices) else {
            continue;
        };
        if matches!(row.id, Scalar::Absent) {
            continue;
        }
        let mut fields = Fields::of(&raw, &mut page.notices);
        let Some(at) = fields.required_time("dateTime", &row.date_time) else {
            continue;
        };
        let force = fields.number("data", &row.data);
        if (event.from_ms..=event.until_ms).contains(&at.millis()) {
            let stronger = |a: f64, b: f64| if b.abs() > a.abs() { b } else { a };
            strongest = strongest.into_iter().chain(force).reduce(stronger);
        }
    }
    strongest.map(|force| round2(force / STANDARD_GRAVITY))
}
