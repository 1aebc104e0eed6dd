//! JSON as Samsara writes it, straight into bytes: history is most of what this server ever says.

use model::Timestamp;

use crate::fleet::{Address, Fix, Position, Signal};

/// A stat type as a request names it, and the keys under which answers give it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatType {
    /// In `types`, and the key in feed and history, where it is a list.
    pub list_key: &'static str,
    /// The key in the snapshot, where it is one object.
    pub snapshot_key: &'static str,
    /// `None`: Samsara has it, this fleet does not.
    pub source: Option<Source>,
}

/// What a stat type is read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Signal(Signal),
    FaultCodes,
    /// Fixes in the words of the old location endpoints.
    OldLocation,
}

impl Source {
    /// `None`: not a signal.
    pub fn signal(self) -> Option<Signal> {
        match self {
            Source::Signal(signal) => Some(signal),
            Source::OldLocation => Some(Signal::Position),
            Source::FaultCodes => None,
        }
    }
}

/// The name under which Samsara gives a signal in feed and history.
pub fn signal_name(signal: Signal) -> &'static str {
    match signal {
        Signal::Position => "gps",
        Signal::EngineState => "engineStates",
        Signal::FuelPercent => "fuelPercents",
        Signal::BusOdometerMetres => "obdOdometerMeters",
        Signal::GpsOdometerMetres => "gpsOdometerMeters",
        Signal::BusEngineSeconds => "obdEngineSeconds",
        Signal::EstimatedEngineSeconds => "syntheticEngineSeconds",
        Signal::FuelUsedMillilitres => "fuelConsumedMilliliters",
        Signal::OilPressureKpa => "engineOilPressureKPa",
        Signal::CoolantMilliCelsius => "engineCoolantTemperatureMilliC",
        Signal::EngineRpm => "engineRpm",
        Signal::BatteryMillivolts => "batteryMilliVolts",
    }
}

/// Stat types that exist and of which no vehicle of this fleet has any.
const OTHER_TYPES: [&str; 50] = [
    "ambientAirTemperatureMilliC",
    "auxInput1",
    "auxInput2",
    "auxInput3",
    "auxInput4",
    "auxInput5",
    "auxInput6",
    "auxInput7",
    "auxInput8",
    "auxInput9",
    "auxInput10",
    "auxInput11",
    "auxInput12",
    "auxInput13",
    "barometricPressurePa",
    "defLevelMilliPercent",
    "ecuDoorStatus",
    "ecuSpeedMph",
    "engineImmobilizer",
    "engineLoadPercent",
    "evAverageBatteryTemperatureMilliCelsius",
    "evBatteryCurrentMilliAmp",
    "evBatteryStateOfHealthMilliPercent",
    "evBatteryVoltageMilliVolt",
    "evChargingCurrentMilliAmp",
    "evChargingEnergyMicroWh",
    "evChargingStatus",
    "evChargingVoltageMilliVolt",
    "evConsumedEnergyMicroWh",
    "evDistanceDrivenMeters",
    "evRegeneratedEnergyMicroWh",
    "evStateOfChargeMilliPercent",
    "gpsDistanceMeters",
    "idlingDurationMilliseconds",
    "intakeManifoldTemperatureMilliC",
    "nfcCardScans",
    "seatbeltDriver",
    "spreaderActive",
    "spreaderAirTemp",
    "spreaderBlastState",
    "spreaderGranularName",
    "spreaderGranularRate",
    "spreaderLiquidName",
    "spreaderLiquidRate",
    "spreaderOnState",
    "spreaderPlowStatus",
    "spreaderPrewetName",
    "spreaderPrewetRate",
    "spreaderRoadTemp",
    "tellTales",
];

impl StatType {
    pub fn from_name(name: &str) -> Option<StatType> {
        let known = Signal::ALL
            .into_iter()
            .map(|signal| (signal_name(signal), Some(Source::Signal(signal))))
            .chain([("faultCodes", Some(Source::FaultCodes))])
            .chain(OTHER_TYPES.into_iter().map(|name| (name, None)))
            .find(|(known, _)| *known == name)?;
        let (list_key, source) = known;
        Some(StatType {
            list_key,
            snapshot_key: match list_key {
                "engineStates" => "engineState",
                "fuelPercents" => "fuelPercent",
                "nfcCardScans" => "nfcCardScan",
                same => same,
            },
            source,
        })
    }

    /// What the location endpoints give.
    pub fn old_location() -> StatType {
        StatType {
            list_key: "locations",
            snapshot_key: "location",
            source: Some(Source::OldLocation),
        }
    }

    /// Types that count as one against the limit of three share this number.
    pub fn counts_as(&self) -> &'static str {
        match self.list_key {
            "auxInput3" | "auxInput4" | "auxInput5" | "auxInput6" | "auxInput7" | "auxInput8"
            | "auxInput9" | "auxInput10" => "auxInput3",
            own => own,
        }
    }
}

/// Writes JSON; the caller sees to it that brackets match.
#[derive(Default)]
pub struct Json {
    pub bytes: Vec<u8>,
}

impl Json {
    pub fn raw(&mut self, text: &str) -> &mut Json {
        self.bytes.extend_from_slice(text.as_bytes());
        self
    }

    /// A quoted string.
    pub fn text(&mut self, text: &str) -> &mut Json {
        self.bytes.push(b'"');
        for char in text.chars() {
            match char {
                '"' => self.raw("\\\""),
                '\\' => self.raw("\\\\"),
                '\n' => self.raw("\\n"),
                control if control < ' ' => self.raw(&format!("\\u{:04x}", u32::from(control))),
                other => self.raw(other.encode_utf8(&mut [0; 4])),
            };
        }
        self.bytes.push(b'"');
        self
    }

    pub fn integer(&mut self, number: i64) -> &mut Json {
        let mut digits = [0; 20];
        let mut at = digits.len();
        let mut left = number.unsigned_abs();
        loop {
            at -= 1;
            digits[at] = b'0' + (left % 10) as u8;
            left /= 10;
            if left == 0 {
                break;
            }
        }
        if number < 0 {
            self.bytes.push(b'-');
        }
        self.bytes.extend_from_slice(&digits[at..]);
        self
    }

    /// `number / 10^decimals` without trailing zeros.
    pub fn decimal(&mut self, number: i64, decimals: u32) -> &mut Json {
        let unit = 10_i64.pow(decimals);
        if number < 0 {
            self.bytes.push(b'-');
        }
        let (whole, mut part) = (number.abs() / unit, number.abs() % unit);
        self.integer(whole);
        if part != 0 {
            let mut width = decimals as usize;
            while part % 10 == 0 {
                part /= 10;
                width -= 1;
            }
            self.bytes.push(b'.');
            let start = self.bytes.len();
            self.bytes.resize(start + width, b'0');
            for slot in self.bytes[start..].iter_mut().rev() {
                *slot = b'0' + (part % 10) as u8;
                part /= 10;
            }
        }
        self
    }

    /// With milliseconds, as stats and drivers have it.
    pub fn time(&mut self, time: Timestamp) -> &mut Json {
        self.bytes.push(b'"');
        self.bytes.extend_from_slice(&time.encode());
        self.bytes.push(b'"');
        self
    }

    /// Without milliseconds, as vehicles have it.
    pub fn time_in_seconds(&mut self, time: Timestamp) -> &mut Json {
        self.bytes.push(b'"');
        self.bytes.extend_from_slice(&time.encode()[..19]);
        self.raw("Z\"")
    }

    /// A member with a comma before it, unless it is the object's first.
    pub fn key(&mut self, name: &str) -> &mut Json {
        if !matches!(self.bytes.last(), None | Some(b'{')) {
            self.bytes.push(b',');
        }
        self.bytes.push(b'"');
        self.raw(name).raw("\":")
    }

    /// A comma unless a list or object was just opened.
    pub fn comma(&mut self) -> &mut Json {
        if !matches!(self.bytes.last(), None | Some(b'[' | b'{')) {
            self.bytes.push(b',');
        }
        self
    }

    pub fn flag_member(&mut self, name: &str, flag: bool) -> &mut Json {
        self.key(name).raw(if flag { "true" } else { "false" })
    }

    pub fn integer_member(&mut self, name: &str, number: i64) -> &mut Json {
        self.key(name).integer(number)
    }

    pub fn time_member(&mut self, name: &str, time: Timestamp) -> &mut Json {
        self.key(name).time(time)
    }

    /// `latitude` and `longitude`.
    pub fn place_members(&mut self, place: Position) -> &mut Json {
        self.key("latitude").decimal(place.latitude_e7.into(), 7);
        self.key("longitude").decimal(place.longitude_e7.into(), 7)
    }

    pub fn text_member(&mut self, name: &str, text: &str) -> &mut Json {
        self.key(name).text(text)
    }

    pub fn optional_member(&mut self, name: &str, text: Option<&str>) -> &mut Json {
        match text {
            Some(text) => self.text_member(name, text),
            None => self,
        }
    }
}

/// A fix, as snapshot, feed and history give it.
pub fn write_fix(json: &mut Json, fix: &Fix, is_ecu_speed: bool) {
    json.raw("{\"time\":").time(fix.time);
    json.raw(",\"latitude\":")
        .decimal(fix.latitude_e7.into(), 7);
    json.raw(",\"longitude\":")
        .decimal(fix.longitude_e7.into(), 7);
    json.raw(",\"headingDegrees\":")
        .integer(fix.heading_degrees.into());
    json.raw(",\"speedMilesPerHour\":")
        .decimal(fix.speed_centi_mph.into(), 2);
    json.raw(",\"isEcuSpeed\":")
        .raw(if is_ecu_speed { "true" } else { "false" });
    write_reverse_geo(json, fix.address);
    if fix.is_at_home {
        json.raw(",\"address\":{\"id\":\"88000013\",\"name\":\"Home yard\"}");
    }
    json.raw("}");
}

fn write_reverse_geo(json: &mut Json, address: Option<Address>) {
    if let Some(address) = address {
        let city = address.city();
        json.raw(",\"reverseGeo\":{\"formattedLocation\":\"")
            .integer(address.number.into())
            .raw(" ")
            .raw(address.street())
            .raw(", ")
            .raw(city.name)
            .raw(", ")
            .raw(city.state)
            .raw("\"}");
    }
}

/// A fix, as the old location endpoints give it.
pub fn write_old_location(json: &mut Json, fix: &Fix) {
    json.raw("{\"time\":").time(fix.time);
    json.raw(",\"latitude\":")
        .decimal(fix.latitude_e7.into(), 7);
    json.raw(",\"longitude\":")
        .decimal(fix.longitude_e7.into(), 7);
    json.raw(",\"heading\":")
        .integer(fix.heading_degrees.into());
    json.raw(",\"speed\":")
        .decimal(fix.speed_centi_mph.into(), 2);
    write_reverse_geo(json, fix.address);
    json.raw("}");
}

/// A reading, as snapshot, feed and history give it.
pub fn write_reading(json: &mut Json, signal: Signal, time: Timestamp, value: i64) {
    json.raw("{\"time\":").time(time).raw(",\"value\":");
    if signal == Signal::EngineState {
        json.text(match value {
            0 => "Off",
            1 => "On",
            _ => "Idle",
        });
    } else {
        json.integer(value);
    }
    json.raw("}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts_are_json() {
        let mut json = Json::default();
        json.raw("[").decimal(-867_816_000, 7).raw(",");
        json.decimal(4_830, 2).raw(",").decimal(-5, 7).raw(",");
        json.decimal(0, 2).raw(",").integer(i64::MIN).raw(",");
        json.text("a\"\\\u{1}é").raw("]");
        let text = String::from_utf8(json.bytes).unwrap();
        assert_eq!(
            text,
            "[-86.7816,48.3,-0.0000005,0,-9223372036854775808,\"a\\\"\\\\\\u0001é\"]"
        );
    }

    #[test]
    fn three_types_have_two_names() {
        let key = |name| StatType::from_name(name).unwrap().snapshot_key;
        assert_eq!(key("engineStates"), "engineState");
        assert_eq!(key("fuelPercents"), "fuelPercent");
        assert_eq!(key("nfcCardScans"), "nfcCardScan");
        assert_eq!(key("gps"), "gps");
        assert!(StatType::from_name("bogusType").is_none());
    }
}
