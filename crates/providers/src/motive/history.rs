//! Positions straight into columns, and what their rows say of the engine besides.
//!
//! This is the hot path: a day of one vehicle is up to a megabyte, so the JSON is walked once, a
//! row borrows from the page while it is checked and its numbers are pushed where they stay.
//!
//! A value that cannot be used becomes a notice, and the others of its row stay. A page whose
//! *shape* is other than asked for is refused whole: a window that was read proves what it did not
//! list, so half a page must never pass for one. The answer does not name its vehicle, which is the
//! one that was asked about, and has whole UTC days: rows outside the window come with their own.

mod visitors;

use std::borrow::Cow;

use model::history::{EngineState, LocationPoint};
use model::issue::IssueCode;
use model::units::{degrees_e7, hundredths};
use model::{Points, SeriesKey, SeriesPoints, Timestamp, Values, Window};
use provider::{Answer, Notice, Page, ProviderError, Task};

use super::DESCRIPTOR;
use super::errors::{text, unreadable};
use super::map;
use super::wire::events::LocationRow;
use super::wire::{Object, Scalar};

const A_PAGE: &str = "an object with `vehicle_locations`, a list";
const MS_PER_HOUR: f64 = 3_600_000.0;
/// More is no duration that an engine has run.
const MOST_MS: f64 = 9e15;

/// The places of the signals in the descriptor's list of them.
const LOCATION: usize = 0;
const ODOMETER_TRUE: usize = 1;
const ODOMETER_VIRTUAL: usize = 2;
const ENGINE_HOURS_TRUE: usize = 3;
const ENGINE_HOURS_VIRTUAL: usize = 4;
const FUEL_PRIMARY: usize = 5;
const FUEL: usize = 6;
const BATTERY_VOLTAGE: usize = 7;
const TYPE: usize = 8;

pub fn read(task: &Task<'_>, answer: &Answer<'_>) -> Result<Page, ProviderError> {
    let body = text(answer, A_PAGE)?;
    let signals = DESCRIPTOR.signals(task.stream);
    let mut reading = Reading {
        task,
        body_start: body.as_ptr() as usize,
        window: map::window(task),
        driver: LastDriver::default(),
        columns: signals.iter().map(|s| Points::new(s.kind)).collect(),
        notices: Vec::new(),
    };
    let count =
        visitors::read(&mut reading, body).map_err(|error| unreadable(answer, &error, A_PAGE))?;
    let Reading {
        columns,
        mut notices,
        ..
    } = reading;
    let Some(asked) = task.partitions.first() else {
        notices.push(Notice {
            code: IssueCode::InvalidSourceIdentifier,
            place: "vehicle_locations".to_owned(),
            reason: format!("{count} positions of nobody: the answer does not name its vehicle"),
        });
        return Ok(Page {
            notices,
            ..Page::default()
        });
    };
    let vehicle = task.ids.vehicle(&asked.source_id);
    let points = signals
        .iter()
        .zip(columns)
        .filter(|(_, points)| !points.is_empty())
        .map(|(signal, points)| SeriesPoints {
            vehicle,
            series: SeriesKey::new(signal.kind, signal.name),
            rank: signal.rank,
            points,
        })
        .collect();
    Ok(Page {
        points,
        notices,
        ..Page::default()
    })
}

/// What is known while a page is walked.
struct Reading<'t> {
    task: &'t Task<'t>,
    /// Address of the body's first byte: a borrowed text's offset is its address minus this.
    body_start: usize,
    window: Window,
    driver: LastDriver,
    /// One for each signal, in their order.
    columns: Vec<Points>,
    notices: Vec<Notice>,
}

/// The driver of the row before, who is that of the next one as a rule.
#[derive(Default)]
struct LastDriver {
    source_id: String,
    id: String,
}

/// When and where a row is, and its own id.
struct Key<'r> {
    at: Timestamp,
    raw_offset: u32,
    source_id: Cow<'r, str>,
}

/// A member of a row and what is wrong with it.
type Wrong = (&'static str, Cow<'static, str>);

impl Reading<'_> {
    fn wrong(&mut self, index: usize, (member, reason): Wrong) {
        let dot = if member.is_empty() { "" } else { "." };
        self.notices.push(Notice {
            code: IssueCode::ProviderSourceDataInvalid,
            place: format!("vehicle_locations[{index}].vehicle_location{dot}{member}"),
            reason: reason.into_owned(),
        });
    }

    fn row_or_odd(&mut self, index: usize, row: &Object<LocationRow<'_>>) {
        match row {
            Object::Present(row) => self.row(index, row),
            Object::Absent => self.wrong(index, ("", "missing, not a position".into())),
            Object::Odd(kind) => self.wrong(index, ("", format!("{kind}, not a position").into())),
        }
    }

    fn row(&mut self, index: usize, row: &LocationRow<'_>) {
        let key = match self.key(row) {
            Ok(Some(key)) => key,
            Ok(None) => return,
            Err(wrong) => return self.wrong(index, wrong),
        };
        self.location(index, &key, row);
        self.stat(
            index,
            &key,
            ODOMETER_TRUE,
            odometer("true_odometer", &row.true_odometer),
        );
        self.stat(
            index,
            &key,
            ODOMETER_VIRTUAL,
            odometer("odometer", &row.odometer),
        );
        let hours = engine_hours("true_engine_hours", &row.true_engine_hours);
        self.stat(index, &key, ENGINE_HOURS_TRUE, hours);
        let hours = engine_hours("engine_hours", &row.engine_hours);
        self.stat(index, &key, ENGINE_HOURS_VIRTUAL, hours);
        let level = percentage(
            "fuel_primary_remaining_percentage",
            &row.fuel_primary_remaining_percentage,
        );
        self.stat(index, &key, FUEL_PRIMARY, level);
        self.stat(index, &key, FUEL, amount("fuel", &row.fuel));
        let voltage = amount("battery_voltage", &row.battery_voltage);
        self.stat(index, &key, BATTERY_VOLTAGE, voltage);
        self.stat(index, &key, TYPE, engine_state(&row.location_type));
    }

    /// `Ok(None)` for a row outside the window.
    fn key<'r>(&self, row: &'r LocationRow<'_>) -> Result<Option<Key<'r>>, Wrong> {
        let Scalar::Text(text) = &row.located_at else {
            let reason = format!("{}, not a time", row.located_at.kind());
            return Err(("located_at", reason.into()));
        };
        let Some(at) = Timestamp::parse(text) else {
            return Err(("located_at", "not an RFC 3339 time".into()));
        };
        if !self.window.contains(at) {
            return Ok(None);
        }
        let offset = match text {
            Cow::Borrowed(text) => (text.as_ptr() as usize).wrapping_sub(self.body_start),
            Cow::Owned(_) => usize::MAX,
        };
        let Some(source_id) = row.id.id() else {
            return Err(("id", format!("{}, not an id", row.id.kind()).into()));
        };
        Ok(Some(Key {
            at,
            raw_offset: u32::try_from(offset).unwrap_or(u32::MAX),
            source_id,
        }))
    }

    fn push_key(&mut self, signal: usize, key: &Key<'_>) {
        let points = &mut self.columns[signal];
        points.time.push(key.at);
        points.source_id.push(Some(&key.source_id));
        points.raw_offset.push(key.raw_offset);
    }

    fn stat(
        &mut self,
        index: usize,
        key: &Key<'_>,
        signal: usize,
        value: Result<Option<i64>, Wrong>,
    ) {
        match value {
            Ok(None) => {}
            Ok(Some(value)) => {
                if let Values::Stat(values) = &mut self.columns[signal].values {
                    values.push(value);
                    self.push_key(signal, key);
                }
            }
            Err(wrong) => self.wrong(index, wrong),
        }
    }

    fn location(&mut self, index: usize, key: &Key<'_>, row: &LocationRow<'_>) {
        let place = coordinate("lat", &row.lat, 90.0)
            .and_then(|lat| Ok((lat, coordinate("lon", &row.lon, 180.0)?)));
        let (latitude_e7, longitude_e7) = match place {
            Ok(place) => place,
            Err(wrong) => return self.wrong(index, wrong),
        };
        // A position without its heading, speed, driver or address is still a position.
        let heading_centi = self.optional(index, heading_centi(&row.bearing));
        let speed_centi_kph = self.optional(index, speed_centi_kph(&row.speed));
        let address = self.optional(index, address(&row.description));
        let has_driver = self.is_driven(index, row);
        if let Values::Location(columns) = &mut self.columns[LOCATION].values {
            columns.push(LocationPoint {
                latitude_e7,
                longitude_e7,
                heading_centi,
                speed_centi_kph,
                driver: has_driver.then_some(self.driver.id.as_str()),
                address,
            });
            self.push_key(LOCATION, key);
        }
    }

    /// Whether the row names its driver, who is [`Reading::driver`] then.
    fn is_driven(&mut self, index: usize, row: &LocationRow<'_>) -> bool {
        let driver = match &row.driver {
            Object::Absent => return false,
            Object::Present(driver) => driver,
            Object::Odd(kind) => {
                self.wrong(index, ("driver", format!("{kind}, not an object").into()));
                return false;
            }
        };
        let Some(source_id) = driver.id.id() else {
            let reason = format!("{}, not an id", driver.id.kind());
            self.wrong(index, ("driver.id", reason.into()));
            return false;
        };
        if self.driver.source_id != source_id {
            self.driver = LastDriver {
                id: self.task.ids.driver(&source_id).to_string(),
                source_id: source_id.into_owned(),
            };
        }
        true
    }

    fn optional<T>(&mut self, index: usize, member: Result<Option<T>, Wrong>) -> Option<T> {
        member.unwrap_or_else(|wrong| {
            self.wrong(index, wrong);
            None
        })
    }
}

fn number(member: &'static str, value: &Scalar<'_>) -> Result<Option<f64>, Wrong> {
    match value {
        Scalar::Absent => Ok(None),
        value => match value.number() {
            Some(number) => Ok(Some(number)),
            None => Err((member, format!("{}, not a number", value.kind()).into())),
        },
    }
}

/// A number that `fixed` can hold and that is not negative.
fn measured(
    member: &'static str,
    value: &Scalar<'_>,
    fixed: impl Fn(f64) -> Option<i64>,
) -> Result<Option<i64>, Wrong> {
    let Some(number) = number(member, value)? else {
        return Ok(None);
    };
    let fixed = fixed(number).filter(|_| number >= 0.0);
    fixed
        .map(Some)
        .ok_or_else(|| (member, format!("{number} is out of range").into()))
}

/// Of what is served with two decimals, in the unit that was asked for: volts, or litres that were
/// ever used.
fn amount(member: &'static str, value: &Scalar<'_>) -> Result<Option<i64>, Wrong> {
    measured(member, value, hundredths)
}

/// Kilometres: these rows have no flag that could say otherwise.
fn odometer(member: &'static str, value: &Scalar<'_>) -> Result<Option<i64>, Wrong> {
    measured(member, value, hundredths)
}

fn percentage(member: &'static str, value: &Scalar<'_>) -> Result<Option<i64>, Wrong> {
    measured(member, value, |percent| {
        hundredths(percent).filter(|_| percent <= 100.0)
    })
}

fn engine_hours(member: &'static str, value: &Scalar<'_>) -> Result<Option<i64>, Wrong> {
    measured(member, value, |hours| {
        let milliseconds = (hours * MS_PER_HOUR).round();
        (milliseconds <= MOST_MS).then_some(milliseconds as i64)
    })
}

/// Types of positions that say nothing of the engine give no state; which types there are is open.
fn engine_state(value: &Scalar<'_>) -> Result<Option<i64>, Wrong> {
    match value {
        Scalar::Absent => Ok(None),
        Scalar::Text(text) => Ok(match text.as_ref() {
            "engine_start" | "ignition_on" => Some(EngineState::On as i64),
            "engine_stop" | "ignition_off" => Some(EngineState::Off as i64),
            _ => None,
        }),
        other => Err(("type", format!("{}, not a text", other.kind()).into())),
    }
}

fn coordinate(member: &'static str, value: &Scalar<'_>, most: f64) -> Result<i32, Wrong> {
    let Some(degrees) = number(member, value)? else {
        return Err((member, "missing, not a number".into()));
    };
    if degrees.abs() > most {
        return Err((member, format!("outside ±{most}°").into()));
    }
    degrees_e7(degrees).ok_or((member, "not a coordinate".into()))
}

fn heading_centi(value: &Scalar<'_>) -> Result<Option<i32>, Wrong> {
    const MEMBER: &str = "bearing";
    match number(MEMBER, value)? {
        None => Ok(None),
        Some(degrees) if (0.0..=360.0).contains(&degrees) => {
            Ok(Some((degrees * 100.0).round() as i32))
        }
        Some(_) => Err((MEMBER, "outside 0 to 360°".into())),
    }
}

fn speed_centi_kph(value: &Scalar<'_>) -> Result<Option<i32>, Wrong> {
    let centi = measured("speed", value, hundredths)?;
    let fitting = centi.map(i32::try_from).transpose();
    fitting.map_err(|_| ("speed", "not a speed".into()))
}

fn address<'a>(value: &'a Scalar<'_>) -> Result<Option<&'a str>, Wrong> {
    match value {
        Scalar::Absent => Ok(None),
        Scalar::Text(text) => Ok((!text.trim().is_empty()).then_some(text.as_ref())),
        other => Err((
            "description",
            format!("{}, not a text", other.kind()).into(),
        )),
    }
}
