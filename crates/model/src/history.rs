//! History: a vehicle's points, in columns from the first moment.
//!
//! Vehicle locations and stat logs are nearly all of the volume, so a provider's mapping writes
//! each value straight into a column and no point ever exists as an object of its own. All numbers
//! are fixed-point integers: hundredths for measured values, 1e-7 degrees for coordinates, whole
//! milliseconds for durations.

use std::borrow::Cow;
use std::fmt;

use crate::ids::VehicleId;
use crate::time::Timestamp;

/// The value of a missing heading or speed: no real one comes near it.
pub const ABSENT: i32 = i32::MIN;

/// What a stat log measures. The wire name is the contract's `VehicleStatLog.type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatType {
    EngineState,
    Odometer,
    TotalFuelConsumption,
    FuelLevel,
    EngineRuntime,
    EngineOilPercentage,
    EngineOilPressure,
    EngineOilTemperature,
    EngineCoolantTemperature,
    CoolantPercentage,
    EngineRpm,
    BatteryVoltage,
}

/// How the integer of a stat point is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatUnit {
    /// Hundredths of the served number.
    Hundredths,
    /// Whole milliseconds.
    Milliseconds,
    /// An [`EngineState`] code.
    EngineState,
}

/// Codes of `engine_state` points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineState {
    Off = 0,
    On = 1,
    Idle = 2,
}

impl EngineState {
    pub fn from_code(code: i64) -> Option<EngineState> {
        match code {
            0 => Some(EngineState::Off),
            1 => Some(EngineState::On),
            2 => Some(EngineState::Idle),
            _ => None,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            EngineState::Off => "off",
            EngineState::On => "on",
            EngineState::Idle => "idle",
        }
    }
}

impl StatType {
    pub const ALL: [StatType; 12] = [
        StatType::EngineState,
        StatType::Odometer,
        StatType::TotalFuelConsumption,
        StatType::FuelLevel,
        StatType::EngineRuntime,
        StatType::EngineOilPercentage,
        StatType::EngineOilPressure,
        StatType::EngineOilTemperature,
        StatType::EngineCoolantTemperature,
        StatType::CoolantPercentage,
        StatType::EngineRpm,
        StatType::BatteryVoltage,
    ];

    pub fn name(self) -> &'static str {
        match self {
            StatType::EngineState => "engine_state",
            StatType::Odometer => "odometer",
            StatType::TotalFuelConsumption => "total_fuel_consumption",
            StatType::FuelLevel => "fuel_level",
            StatType::EngineRuntime => "engine_runtime",
            StatType::EngineOilPercentage => "engine_oil_percentage",
            StatType::EngineOilPressure => "engine_oil_pressure",
            StatType::EngineOilTemperature => "engine_oil_temperature",
            StatType::EngineCoolantTemperature => "engine_coolant_temperature",
            StatType::CoolantPercentage => "coolant_percentage",
            StatType::EngineRpm => "engine_rpm",
            StatType::BatteryVoltage => "battery_voltage",
        }
    }

    pub fn from_name(name: &str) -> Option<StatType> {
        StatType::ALL.into_iter().find(|stat| stat.name() == name)
    }

    /// The JSON member that carries the value beside `type`, and how its integer is read.
    pub fn member(self) -> (&'static str, StatUnit) {
        match self {
            StatType::EngineState => ("state", StatUnit::EngineState),
            StatType::Odometer => ("odometer", StatUnit::Hundredths),
            StatType::TotalFuelConsumption => ("fuelConsumed", StatUnit::Hundredths),
            StatType::FuelLevel => ("fuelPercentage", StatUnit::Hundredths),
            StatType::EngineRuntime => ("duration", StatUnit::Milliseconds),
            StatType::EngineOilPercentage | StatType::CoolantPercentage => {
                ("percentage", StatUnit::Hundredths)
            }
            StatType::EngineOilPressure => ("pressure", StatUnit::Hundredths),
            StatType::EngineOilTemperature | StatType::EngineCoolantTemperature => {
                ("temperature", StatUnit::Hundredths)
            }
            StatType::EngineRpm => ("rpm", StatUnit::Hundredths),
            StatType::BatteryVoltage => ("voltage", StatUnit::Hundredths),
        }
    }
}

/// Locations, or one type of stat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SeriesKind {
    Location,
    Stat(StatType),
}

impl SeriesKind {
    /// Part of every point's id: frozen.
    pub fn name(self) -> &'static str {
        match self {
            SeriesKind::Location => "location",
            SeriesKind::Stat(stat) => stat.name(),
        }
    }

    pub fn from_name(name: &str) -> Option<SeriesKind> {
        if name == "location" {
            return Some(SeriesKind::Location);
        }
        StatType::from_name(name).map(SeriesKind::Stat)
    }
}

/// One series of a vehicle: one source signal of one kind (`odometer` as `obdOdometerMeters`).
/// Text form `kind:signal`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesKey {
    pub kind: SeriesKind,
    /// The provider's own name of the signal.
    pub signal: Cow<'static, str>,
}

impl SeriesKey {
    pub fn new(kind: SeriesKind, signal: impl Into<Cow<'static, str>>) -> SeriesKey {
        SeriesKey {
            kind,
            signal: signal.into(),
        }
    }

    pub fn parse(text: &str) -> Option<SeriesKey> {
        let (kind, signal) = text.split_once(':')?;
        Some(SeriesKey {
            kind: SeriesKind::from_name(kind)?,
            signal: Cow::Owned(signal.to_owned()),
        })
    }
}

impl fmt::Display for SeriesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.name(), self.signal)
    }
}

/// Texts of a column, end to end in one allocation; an absent text takes no bytes and is told from
/// an empty one by its end being marked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextColumn {
    bytes: String,
    /// End of each text in `bytes`; the top bit marks an absent one.
    ends: Vec<u32>,
    present: usize,
}

const ABSENT_TEXT: u32 = 1 << 31;

impl TextColumn {
    pub fn push(&mut self, text: Option<&str>) {
        match text {
            Some(text) => {
                self.bytes.push_str(text);
                self.ends.push(self.bytes.len() as u32);
                self.present += 1;
            }
            None => self.ends.push(self.bytes.len() as u32 | ABSENT_TEXT),
        }
    }

    pub fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        if end & ABSENT_TEXT != 0 {
            return None;
        }
        let start = match index {
            0 => 0,
            _ => (self.ends[index - 1] & !ABSENT_TEXT) as usize,
        };
        Some(&self.bytes[start..end as usize])
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// How many texts are there (not absent).
    pub fn present(&self) -> usize {
        self.present
    }

    pub fn iter(&self) -> impl Iterator<Item = Option<&str>> {
        (0..self.len()).map(|index| self.get(index))
    }
}

/// The columns of locations, all of one length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocationColumns {
    pub latitude_e7: Vec<i32>,
    pub longitude_e7: Vec<i32>,
    /// Hundredths of a degree, 0 to 36,000; [`ABSENT`] when the row had none.
    pub heading_centi: Vec<i32>,
    /// Hundredths of a km/h; [`ABSENT`] when the row had none.
    pub speed_centi_kph: Vec<i32>,
    /// The driver whom the row itself carried, as the text of a `DriverId`.
    pub driver: TextColumn,
    /// The provider's formatted address.
    pub address: TextColumn,
}

impl LocationColumns {
    pub fn push(&mut self, point: LocationPoint<'_>) {
        self.latitude_e7.push(point.latitude_e7);
        self.longitude_e7.push(point.longitude_e7);
        self.heading_centi
            .push(point.heading_centi.unwrap_or(ABSENT));
        self.speed_centi_kph
            .push(point.speed_centi_kph.unwrap_or(ABSENT));
        self.driver.push(point.driver);
        self.address.push(point.address);
    }

    pub fn get(&self, index: usize) -> LocationPoint<'_> {
        let present = |value: i32| (value != ABSENT).then_some(value);
        LocationPoint {
            latitude_e7: self.latitude_e7[index],
            longitude_e7: self.longitude_e7[index],
            heading_centi: present(self.heading_centi[index]),
            speed_centi_kph: present(self.speed_centi_kph[index]),
            driver: self.driver.get(index),
            address: self.address.get(index),
        }
    }
}

/// One row of [`LocationColumns`], for pushing and for reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocationPoint<'a> {
    pub latitude_e7: i32,
    pub longitude_e7: i32,
    pub heading_centi: Option<i32>,
    pub speed_centi_kph: Option<i32>,
    pub driver: Option<&'a str>,
    pub address: Option<&'a str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Values {
    Location(LocationColumns),
    /// Fixed-point, read as [`StatType::member`] says.
    Stat(Vec<i64>),
}

/// Points of one series; every column has one entry a point. As a provider gives them they may be
/// in any order and hold one key twice (the later entry wins).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Points {
    pub time: Vec<Timestamp>,
    /// The provider's id of the point, where it has one: part of the point's key.
    pub source_id: TextColumn,
    /// Where the row lies in its page: the offset of any byte inside its innermost JSON object.
    /// `u32::MAX` when unknown.
    pub raw_offset: Vec<u32>,
    pub values: Values,
}

impl Points {
    pub fn new(kind: SeriesKind) -> Points {
        Points {
            time: Vec::new(),
            source_id: TextColumn::default(),
            raw_offset: Vec::new(),
            values: match kind {
                SeriesKind::Location => Values::Location(LocationColumns::default()),
                SeriesKind::Stat(_) => Values::Stat(Vec::new()),
            },
        }
    }

    pub fn len(&self) -> usize {
        self.time.len()
    }

    pub fn is_empty(&self) -> bool {
        self.time.is_empty()
    }

    /// Only the points of `from` or later, in their order.
    pub fn since(self, from: Timestamp) -> Points {
        if self.time.iter().all(|time| *time >= from) {
            return self;
        }
        let mut kept = Points {
            time: Vec::new(),
            source_id: TextColumn::default(),
            raw_offset: Vec::new(),
            values: match &self.values {
                Values::Location(_) => Values::Location(LocationColumns::default()),
                Values::Stat(_) => Values::Stat(Vec::new()),
            },
        };
        for (index, time) in self.time.iter().enumerate() {
            if *time < from {
                continue;
            }
            kept.time.push(*time);
            kept.source_id.push(self.source_id.get(index));
            kept.raw_offset.push(self.raw_offset[index]);
            match (&mut kept.values, &self.values) {
                (Values::Location(kept), Values::Location(all)) => kept.push(all.get(index)),
                (Values::Stat(kept), Values::Stat(all)) => kept.push(all[index]),
                _ => {}
            }
        }
        kept
    }
}

/// What a page says of one series of one vehicle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesPoints {
    pub vehicle: VehicleId,
    pub series: SeriesKey,
    /// Among the signals of one kind the lowest rank that has points on a UTC day answers for that
    /// day.
    pub rank: u8,
    pub points: Points,
}
