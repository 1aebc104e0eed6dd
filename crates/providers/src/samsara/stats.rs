//! Stats history straight into columns.
//!
//! This is the hot path: pages are megabytes, so the JSON is walked once, a reading borrows from
//! the page while it is checked and its numbers are pushed where they stay. A vehicle's columns are
//! filled before its id is known, because nothing says that `id` comes first.
//!
//! The walk is there twice. [`quick`] goes over a sound page without serde; where it gives up,
//! [`visitors`] reads the page from its beginning and decides. What a row means is said once, here.
//!
//! A reading that cannot be used becomes a notice. A page whose *shape* is other than asked for
//! (readings not in a list, a vehicle that is no object) is refused whole: a window that was read
//! proves what it did not list, so half a page must never pass for one.

mod date;
mod quick;
#[cfg(test)]
mod tests;
mod visitors;

use std::borrow::Cow;

use model::history::{EngineState, LocationColumns, LocationPoint};
use model::issue::IssueCode;
use model::units::{degrees_e7, hundredths, km_from_metres, kph_from_mph, psi_from_kpa};
use model::{Points, SeriesKey, SeriesPoints, StatType, Timestamp, Values, Window};
use provider::{Answer, Excerpt, Notice, Page, ProviderError, Shape, SignalDescriptor, Task};

use super::DESCRIPTOR;
use super::errors::{text, unreadable};
use super::map;
use super::place::next;
use super::wire::stats::{GpsRow, ReverseGeo, StatRow};
use super::wire::{Object, Scalar};
use date::LastDate;

const A_PAGE: &str = "an object with `data`, a list of vehicles, and `pagination`";
/// Nothing is colder.
const ABSOLUTE_ZERO_CELSIUS: f64 = -273.15;

pub fn read(task: &Task<'_>, answer: &Answer<'_>) -> Result<Page, ProviderError> {
    let body = text(answer, A_PAGE)?;
    let signals = DESCRIPTOR.signals(task.stream);
    let is_feed = matches!(task.stream.shape, Shape::Feed(_));
    let mut reading = Reading {
        task,
        signals,
        body_start: body.as_ptr() as usize,
        // What a feed gives is of any time: its window says when it was begun.
        window: match is_feed {
            true => map::ALWAYS,
            false => map::window(task),
        },
        date: LastDate::default(),
        page: Page::default(),
    };
    let pagination = match quick::read(&mut reading, body) {
        Some(pagination) => pagination,
        None => {
            reading.page = Page::default();
            visitors::read(&mut reading, body)
                .map_err(|error| unreadable(answer, &error, A_PAGE))?
        }
    };
    let mut page = reading.page;
    page.next = next(task, answer, &pagination)?;
    Ok(page)
}

/// What is known while a page is walked.
struct Reading<'t> {
    task: &'t Task<'t>,
    signals: &'static [SignalDescriptor],
    /// Address of the body's first byte: a borrowed text's offset is its address minus this.
    body_start: usize,
    window: Window,
    date: LastDate,
    page: Page,
}

/// A member of a reading and what is wrong with it.
type Wrong = (&'static str, Cow<'static, str>);

impl Reading<'_> {
    /// The reading's time and where it lies. `Ok(None)` when it is outside the window: Samsara's
    /// own example of a history answer has such readings, so they are no fault and no notice; they
    /// belong to another window and come with it.
    fn time(&mut self, time: &Scalar<'_>) -> Result<Option<(Timestamp, u32)>, Wrong> {
        let Scalar::Text(text) = time else {
            return Err(("time", format!("{}, not a time", time.kind()).into()));
        };
        let Some(at) = self.date.parse(text) else {
            return Err(("time", "not an RFC 3339 time".into()));
        };
        if !self.window.contains(at) {
            return Ok(None);
        }
        let offset = match text {
            Cow::Borrowed(text) => (text.as_ptr() as usize).wrapping_sub(self.body_start),
            Cow::Owned(_) => usize::MAX,
        };
        Ok(Some((at, u32::try_from(offset).unwrap_or(u32::MAX))))
    }

    fn notice(&mut self, place: String, reason: Cow<'static, str>) {
        self.page.notices.push(Notice {
            code: IssueCode::ProviderSourceDataInvalid,
            place,
            reason: reason.into_owned(),
        });
    }

    /// One vehicle is read: its columns get their owner.
    fn finish_vehicle(&mut self, index: usize, id: &Scalar<'_>, columns: Vec<Points>) {
        let count: usize = columns.iter().map(Points::len).sum();
        let source_id = match id {
            Scalar::Text(text) if !text.is_empty() => text.as_ref(),
            other => {
                self.page.notices.push(Notice {
                    code: IssueCode::InvalidSourceIdentifier,
                    place: format!("data[{index}].id"),
                    reason: format!("{}, not an id: {count} readings lost", other.kind()),
                });
                return;
            }
        };
        let asked = self.task.partitions;
        if !asked.is_empty() && !asked.iter().any(|asked| asked.source_id == source_id) {
            let reason = format!("a vehicle that was not asked for: {count} readings left out");
            self.notice(format!("data[{index}].id"), reason.into());
            return;
        }
        let vehicle = self.task.ids.vehicle(source_id);
        for (signal, points) in self.signals.iter().zip(columns) {
            if !points.is_empty() {
                self.page.points.push(SeriesPoints {
                    vehicle,
                    series: SeriesKey::new(signal.kind, signal.name),
                    rank: signal.rank,
                    points,
                });
            }
        }
    }
}

/// The readings of one signal of one vehicle.
struct ReadingsOf<'r, 't> {
    reading: &'r mut Reading<'t>,
    vehicle_index: usize,
    signal: &'static SignalDescriptor,
    points: &'r mut Points,
}

impl ReadingsOf<'_, '_> {
    fn notice(&mut self, row: usize, member: &str, reason: Cow<'static, str>) {
        let (vehicle, signal) = (self.vehicle_index, self.signal.name);
        let dot = if member.is_empty() { "" } else { "." };
        let place = format!("data[{vehicle}].{signal}[{row}]{dot}{member}");
        self.reading.notice(place, reason);
    }

    fn wrong(&mut self, row: usize, (member, reason): Wrong) {
        self.notice(row, member, reason);
    }

    fn no_reading(&mut self, index: usize, kind: &'static str) {
        self.notice(index, "", format!("{kind}, not a reading").into());
    }

    fn position_or_odd(&mut self, index: usize, row: &Object<GpsRow<'_>>) {
        match row {
            Object::Present(row) => self.position(index, row),
            Object::Absent => self.no_reading(index, "null"),
            Object::Odd(kind) => self.no_reading(index, kind),
        }
    }

    fn stat_or_odd(&mut self, stat: StatType, index: usize, row: &Object<StatRow<'_>>) {
        match row {
            Object::Present(row) => self.stat(stat, index, row),
            Object::Absent => self.no_reading(index, "null"),
            Object::Odd(kind) => self.no_reading(index, kind),
        }
    }

    fn push_key(&mut self, time: Timestamp, raw_offset: u32) {
        self.points.time.push(time);
        self.points.source_id.push(None);
        self.points.raw_offset.push(raw_offset);
    }

    fn stat(&mut self, stat: StatType, index: usize, row: &StatRow<'_>) {
        match self.reading.time(&row.time) {
            Ok(None) => {}
            Ok(Some((time, raw_offset))) => match fixed_point(stat, &row.value) {
                Ok(value) => {
                    if let Values::Stat(values) = &mut self.points.values {
                        values.push(value);
                        self.push_key(time, raw_offset);
                    }
                }
                Err(reason) => self.notice(index, "value", reason),
            },
            Err(wrong) => self.wrong(index, wrong),
        }
    }

    fn position(&mut self, index: usize, row: &GpsRow<'_>) {
        let (time, raw_offset) = match self.reading.time(&row.time) {
            Ok(None) => return,
            Ok(Some(key)) => key,
            Err(wrong) => return self.wrong(index, wrong),
        };
        let place = coordinate("latitude", &row.latitude, 90.0)
            .and_then(|lat| Ok((lat, coordinate("longitude", &row.longitude, 180.0)?)));
        let (latitude_e7, longitude_e7) = match place {
            Ok(place) => place,
            Err(wrong) => return self.wrong(index, wrong),
        };
        // A position without its heading, speed or address is still a position.
        let heading = self.optional(index, heading_centi(&row.heading_degrees));
        let speed = self.optional(index, speed_centi_kph(&row.speed_miles_per_hour));
        let address = self.optional(index, address(&row.reverse_geo));
        if let Values::Location(columns) = &mut self.points.values {
            LocationColumns::push(
                columns,
                LocationPoint {
                    latitude_e7,
                    longitude_e7,
                    heading_centi: heading,
                    speed_centi_kph: speed,
                    driver: None,
                    address,
                },
            );
            self.push_key(time, raw_offset);
        }
    }

    fn optional<T>(&mut self, index: usize, member: Result<Option<T>, Wrong>) -> Option<T> {
        member.unwrap_or_else(|wrong| {
            self.wrong(index, wrong);
            None
        })
    }
}

fn coordinate(member: &'static str, value: &Scalar<'_>, most: f64) -> Result<i32, Wrong> {
    let Scalar::Number(degrees) = value else {
        return Err((member, format!("{}, not a number", value.kind()).into()));
    };
    if degrees.abs() > most {
        return Err((member, format!("outside ±{most}°").into()));
    }
    degrees_e7(*degrees).ok_or((member, "not a coordinate".into()))
}

fn heading_centi(value: &Scalar<'_>) -> Result<Option<i32>, Wrong> {
    const MEMBER: &str = "headingDegrees";
    match value {
        Scalar::Absent => Ok(None),
        Scalar::Number(degrees) if (0.0..=360.0).contains(degrees) => {
            Ok(Some((degrees * 100.0).round() as i32))
        }
        Scalar::Number(_) => Err((MEMBER, "outside 0 to 360°".into())),
        other => Err((MEMBER, format!("{}, not a number", other.kind()).into())),
    }
}

fn speed_centi_kph(value: &Scalar<'_>) -> Result<Option<i32>, Wrong> {
    const MEMBER: &str = "speedMilesPerHour";
    match value {
        Scalar::Absent => Ok(None),
        Scalar::Number(mph) => hundredths(kph_from_mph(*mph))
            .and_then(|centi| i32::try_from(centi).ok())
            .filter(|centi| *centi >= 0)
            .map(Some)
            .ok_or((MEMBER, "not a speed".into())),
        other => Err((MEMBER, format!("{}, not a number", other.kind()).into())),
    }
}

fn address<'a>(reverse_geo: &'a Object<ReverseGeo<'_>>) -> Result<Option<&'a str>, Wrong> {
    let geo = match reverse_geo {
        Object::Absent => return Ok(None),
        Object::Present(geo) => geo,
        Object::Odd(kind) => {
            return Err(("reverseGeo", format!("{kind}, not an object").into()));
        }
    };
    match &geo.formatted_location {
        Scalar::Absent => Ok(None),
        Scalar::Text(text) => Ok((!text.is_empty()).then_some(text.as_ref())),
        other => {
            let reason = format!("{}, not a text", other.kind());
            Err(("reverseGeo.formattedLocation", reason.into()))
        }
    }
}

/// The value in the fixed point of its stat, from Samsara's unit (which is in the signal's name).
fn fixed_point(stat: StatType, value: &Scalar<'_>) -> Result<i64, Cow<'static, str>> {
    if stat == StatType::EngineState {
        return engine_state(value).map(|state| state as i64);
    }
    let Scalar::Number(number) = value else {
        return Err(format!("{}, not a number", value.kind()).into());
    };
    let number = *number;
    if number < 0.0 && stat != StatType::EngineCoolantTemperature {
        return Err(format!("{number} is negative").into());
    }
    let fixed = match stat {
        StatType::Odometer => hundredths(km_from_metres(number)),
        StatType::TotalFuelConsumption => hundredths(number / 1_000.0),
        StatType::FuelLevel if number > 100.0 => None,
        StatType::FuelLevel | StatType::EngineRpm => hundredths(number),
        StatType::EngineRuntime => whole_milliseconds(number),
        StatType::EngineOilPressure => hundredths(psi_from_kpa(number)),
        StatType::EngineCoolantTemperature => Some(number / 1_000.0)
            .filter(|celsius| *celsius >= ABSOLUTE_ZERO_CELSIUS)
            .and_then(hundredths),
        StatType::BatteryVoltage => hundredths(number / 1_000.0),
        // None of these is a signal of any stream here.
        StatType::EngineState
        | StatType::EngineOilPercentage
        | StatType::EngineOilTemperature
        | StatType::CoolantPercentage => None,
    };
    fixed.ok_or_else(|| format!("{number} is out of range for {}", stat.name()).into())
}

fn engine_state(value: &Scalar<'_>) -> Result<EngineState, Cow<'static, str>> {
    let Scalar::Text(text) = value else {
        return Err(format!("{}, not an engine state", value.kind()).into());
    };
    match text.as_ref() {
        "Off" => Ok(EngineState::Off),
        "On" => Ok(EngineState::On),
        "Idle" => Ok(EngineState::Idle),
        other => {
            let shown = Excerpt::of(other.as_bytes());
            Err(format!("`{shown}` is neither `Off`, `On` nor `Idle`").into())
        }
    }
}

fn whole_milliseconds(seconds: f64) -> Option<i64> {
    let milliseconds = (seconds * 1_000.0).round();
    (milliseconds <= 9e15).then_some(milliseconds as i64)
}
