//! Drivers' days: no entity of the platform, but what a day holds of the duty statuses that it
//! touches, in the zone in which the driver lives. The day that is not over holds what has passed.
//!
//! Kilometres are what the odometer of the vehicle moved while a status lasted; of one that lasts
//! over midnight each day has its part by time. A status whose vehicle or odometer is not known
//! leaves the day without that distance, rather than with too short a one.

use std::collections::BTreeMap;
use std::time::Duration;

use model::hos::{HosDailyLog, HosDistances, HosStatus, HosStatusDurations};
use model::units::{from_hundredths, hundredths, km_from_metres};
use model::{Date, Draft, RawRange, Timestamp, Window, Zone};
use provider::{Page, ProviderError};

use super::super::requests::DUTY_LIMIT;
use super::super::wire::entities::UserRow;
use super::super::{Reading, calls};
use super::hos::{Log, logs_of_drivers};
use super::{Fields, parse, window};

/// The connection's midnight and a driver's are no further apart.
pub const FURTHEST_ZONES: Duration = Duration::from_secs(26 * 60 * 60);
/// So many days are made of one answer; windows have a few.
const MOST_DAYS: usize = 400;

/// A status from its beginning to its end.
struct Stretch {
    status: HosStatus,
    lasted: Window,
    /// Metres, where both odometers are known and of one vehicle.
    metres: Option<f64>,
    raw: RawRange,
}

pub fn page(reading: &Reading<'_>) -> Result<Page, ProviderError> {
    let (answered, _) = calls::of_task(reading, 2, 0, DUTY_LIMIT)?;
    let mut page = Page::default();
    let mut zones: BTreeMap<String, Zone> = BTreeMap::new();
    for call in answered.iter().step_by(2) {
        for raw in call.raw_rows(reading.answer) {
            let Some(row) = parse::<UserRow<'_>>(&raw, &mut page.notices) else {
                continue;
            };
            let mut fields = Fields::of(&raw, &mut page.notices);
            let id = fields.source_id("id", &row.id);
            let zone = fields.text("timeZoneId", &row.time_zone_id);
            let zone = zone.and_then(|name| Zone::named(&name));
            zones.extend(id.zip(zone));
        }
    }
    let logs = answered.iter().skip(1).step_by(2);
    let drivers = logs_of_drivers(reading, logs, &mut page.notices);
    for (driver, logs) in &drivers {
        // A zone that is not known was noticed when the driver was listed.
        let zone = zones.get(driver).unwrap_or(reading.task.zone);
        let stretches = stretches(reading, logs, &mut page);
        days(reading, driver, zone, &stretches, &mut page);
    }
    Ok(page)
}

fn stretches(reading: &Reading<'_>, logs: &[Log<'_>], page: &mut Page) -> Vec<Stretch> {
    let mut ends = Vec::with_capacity(logs.len());
    for log in logs {
        let mut fields = Fields::of(&log.raw, &mut page.notices);
        let device = fields.reference("device", &log.row.device);
        let odometer = fields.number("odometer", &log.row.odometer);
        ends.push((log.at, device.zip(odometer)));
    }
    ends.push((reading.answer.received_at, None));
    let mut stretches = Vec::new();
    for (log, pair) in logs.iter().zip(ends.windows(2)) {
        let [(from, start), (until, end)] = pair else {
            continue;
        };
        let metres = match (start, end) {
            (Some((vehicle, start)), Some((same, end))) if vehicle == same => {
                Some(end - start).filter(|metres| *metres >= 0.0)
            }
            _ => None,
        };
        let lasted = Window::new(*from, (*until).min(reading.answer.received_at));
        if let (Some(status), Some(lasted)) = (log.status, lasted) {
            stretches.push(Stretch {
                status,
                lasted,
                metres,
                raw: log.raw.range,
            });
        }
    }
    stretches
}

fn days(reading: &Reading<'_>, driver: &str, zone: &Zone, stretches: &[Stretch], page: &mut Page) {
    let (Some(first), Some(last)) = (stretches.first(), stretches.last()) else {
        return;
    };
    let asked = window(reading.task);
    let before = |until: Timestamp| Timestamp::from_millis(until.millis().saturating_sub(1));
    let zone_of_task = reading.task.zone;
    let first_date = zone_of_task
        .date_of(asked.from)
        .max(zone.date_of(first.lasted.from));
    let last_date = zone_of_task
        .date_of(before(asked.until))
        .min(zone.date_of(before(last.lasted.until)));
    let mut date = first_date;
    for _ in 0..MOST_DAYS {
        if date > last_date {
            return;
        }
        day(reading, driver, date, zone.day(date), stretches, page);
        date = date.next();
    }
}

/// What a day holds of each status.
#[derive(Default)]
struct Held {
    ms: i64,
    metres: f64,
    is_measured: bool,
    is_unknown: bool,
}

fn day(
    reading: &Reading<'_>,
    driver: &str,
    date: Date,
    day: Window,
    stretches: &[Stretch],
    page: &mut Page,
) {
    let mut held: BTreeMap<&'static str, Held> = BTreeMap::new();
    let mut raw = Vec::new();
    for stretch in stretches {
        let Some(part) = stretch.lasted.intersect(&day) else {
            continue;
        };
        let held = held.entry(stretch.status.name()).or_default();
        held.ms += part.length_ms();
        match stretch.metres {
            Some(metres) => {
                held.metres += metres * part.length_ms() as f64 / stretch.lasted.length_ms() as f64;
                held.is_measured = true;
            }
            None => held.is_unknown = true,
        }
        raw.push(stretch.raw);
    }
    if raw.is_empty() {
        return;
    }
    let ids = reading.task.ids;
    let source_id = format!("{driver}-{date}");
    let ms = |status: HosStatus| Some(held.get(status.name()).map_or(0, |held| held.ms));
    let distances = distances(&held);
    let record = HosDailyLog {
        id: ids.hos_daily_log(&source_id),
        source_id,
        provider: reading.provider.to_owned(),
        driver: ids.driver(driver),
        date,
        distances: (distances != HosDistances::default()).then_some(distances),
        status_durations: HosStatusDurations {
            on_duty: ms(HosStatus::OnDuty),
            off_duty: ms(HosStatus::OffDuty),
            driving: ms(HosStatus::Driving),
            waiting: ms(HosStatus::WaitingTime),
            sleeper_bed: ms(HosStatus::SleeperBed),
            personal_conveyance: ms(HosStatus::PersonalConveyance),
            yard_move: ms(HosStatus::YardMove),
        },
    };
    page.drafts.push(Draft::new(ids, &record, raw));
}

/// A status that the day has nothing of moved nobody, if odometers are known at all.
fn distances(held: &BTreeMap<&'static str, Held>) -> HosDistances {
    let is_measured = held.values().any(|held| held.is_measured);
    let km = |status: HosStatus| match held.get(status.name()) {
        Some(held) if held.is_unknown => None,
        Some(held) => hundredths(km_from_metres(held.metres)).map(from_hundredths),
        None => is_measured.then_some(0.0),
    };
    let driving = km(HosStatus::Driving);
    let personal_conveyance = km(HosStatus::PersonalConveyance);
    let yard_move = km(HosStatus::YardMove);
    let total = match (driving, personal_conveyance, yard_move) {
        (Some(driving), Some(personal), Some(yard)) => {
            hundredths(driving + personal + yard).map(from_hundredths)
        }
        _ => None,
    };
    HosDistances {
        total,
        driving,
        personal_conveyance,
        yard_move,
    }
}
