//! Identifiers: a prefix and a ULID, computed rather than looked up.
//!
//! A record's id follows from its connection, its model and its natural key, so a location can
//! name its vehicle before that vehicle was ever fetched, a replay gives the ids it gave the first
//! time, and the hot path looks nothing up. The hash, its byte encoding and the vectors in the
//! tests below are frozen: changing any of them would give every stored row a second identity.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use twox_hash::XxHash3_128;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use crate::history::SeriesKey;
use crate::record::{Model, RecordId};
use crate::time::Timestamp;

const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters in the text form of a ULID.
pub const ULID_LEN: usize = 26;
const RANDOM_BITS: u32 = 80;
const RANDOM_MASK: u128 = (1 << RANDOM_BITS) - 1;
/// Highest value of the 48 time bits, in milliseconds since 1970 (the year 10889).
const MAX_TIME_MS: i64 = (1 << 48) - 1;

/// 48 bits of time in milliseconds, 80 bits of anything; 26 characters of Crockford's base 32.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ulid(u128);

impl Ulid {
    /// The time is clamped to what 48 bits hold (1970 to 10889): a provider's nonsense date must
    /// not make an id impossible.
    pub fn new(time: Timestamp, random: u128) -> Ulid {
        let time_ms = time.millis().clamp(0, MAX_TIME_MS) as u128;
        Ulid((time_ms << RANDOM_BITS) | (random & RANDOM_MASK))
    }

    pub fn time(self) -> Timestamp {
        Timestamp::from_millis((self.0 >> RANDOM_BITS) as i64)
    }

    pub fn to_bits(self) -> u128 {
        self.0
    }

    pub fn from_bits(bits: u128) -> Ulid {
        Ulid(bits)
    }

    /// The 26 characters, without a prefix and without allocating.
    pub fn encode(self) -> [u8; ULID_LEN] {
        let mut text = [b'0'; ULID_LEN];
        let mut bits = self.0;
        for slot in text.iter_mut().rev() {
            *slot = CROCKFORD[(bits & 31) as usize];
            bits >>= 5;
        }
        text
    }

    fn decode(text: &str) -> Option<Ulid> {
        let bytes = text.as_bytes();
        // 26 characters hold 130 bits; a first character above 7 would overflow 128.
        if bytes.len() != ULID_LEN || bytes[0] > b'7' {
            return None;
        }
        let mut bits: u128 = 0;
        for byte in bytes {
            let digit = CROCKFORD.iter().position(|c| c == byte)?;
            bits = (bits << 5) | digit as u128;
        }
        Some(Ulid(bits))
    }
}

impl fmt::Display for Ulid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.encode()).expect("Crockford's alphabet is ASCII"))
    }
}

impl fmt::Debug for Ulid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Ulid {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Ulid, IdError> {
        Ulid::decode(text).ok_or_else(|| IdError {
            wanted: "",
            text: text.to_owned(),
        })
    }
}

/// The text is not an identifier of the kind that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdError {
    /// The prefix that was expected, with its underscore (`vcl_`).
    pub wanted: &'static str,
    pub text: String,
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is not an id of the form {}{{26 characters of Crockford's base 32}}",
            self.text, self.wanted
        )
    }
}

impl std::error::Error for IdError {}

fn id_schema(prefix: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(format!(
            "An identifier: `{prefix}` and {ULID_LEN} characters of Crockford's base 32."
        )))
        // 26 characters hold 130 bits and an id has 128: the first is at most 7.
        .pattern(Some(format!(
            "^{prefix}[0-7][0-9A-HJKMNP-TV-Z]{{{}}}$",
            ULID_LEN - 1
        )))
        .examples([format!("{prefix}01GV12VR4DJP70GD1ZBK0SDWFH")])
        .into()
}

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Ulid);

        impl $name {
            pub const PREFIX: &'static str = $prefix;

            pub fn new(time: Timestamp, random: u128) -> $name {
                $name(Ulid::new(time, random))
            }

            pub fn ulid(self) -> Ulid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($prefix)?;
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<$name, IdError> {
                text.strip_prefix($prefix)
                    .and_then(Ulid::decode)
                    .map($name)
                    .ok_or_else(|| IdError { wanted: $prefix, text: text.to_owned() })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$name, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                id_schema($prefix)
            }
        }

        impl utoipa::ToSchema for $name {}
    )*};
}

typed_ids! {
    /// An application: the owner of keys and connections.
    ApplicationId = "app_";
    /// A secret or publishable key of an application (the id is public, the key is not).
    KeyId = "key_";
    /// One customer's authorised account at a provider.
    ConnectionId = "conn_";
    /// A finished consent, and the agreement that was accepted with it.
    ConsentId = "agr_";
    /// How an application asks for consent.
    TemplateId = "ltp_";
    ShortLinkId = "slk_";
    /// Somebody's wish for a provider that is not there.
    ProviderRequestId = "upr_";
    SyncId = "sync_";
    IssueId = "isu_";
    VehicleId = "vcl_";
    DriverId = "drv_";
    GroupId = "group_";
    DeviceId = "dvc_";
    TrailerId = "trl_";
    TripId = "trp_";
    SafetyEventId = "sft_evt_";
    FaultCodeEventId = "fc_evt_";
    HosLogId = "hos_log_";
    HosDailyLogId = "hos_day_";
    /// One vehicle, month and jurisdiction.
    IftaReportId = "ifta_rpt_";
    /// One point of a vehicle's location history.
    VehicleLocationId = "vcl_loc_";
    /// One point of a vehicle's stat history.
    StatLogId = "vcl_st_";
}

/// All that is needed to compute the ids of one connection's records: the connection's own id and
/// its immutable creation time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdSpace {
    pub connection: ConnectionId,
    pub created_at: Timestamp,
}

impl IdSpace {
    /// The id of a record: the connection's creation time, and XXH3-128 cut to 80 bits over
    /// `"gladhand.record.v1\0"`, the connection's 16 bytes (big endian), the model's name, a NUL
    /// and the natural key.
    pub fn record(&self, model: Model, natural_key: &str) -> RecordId {
        let mut bytes = Vec::with_capacity(64 + natural_key.len());
        bytes.extend_from_slice(b"gladhand.record.v1\0");
        bytes.extend_from_slice(&self.connection.0.to_bits().to_be_bytes());
        bytes.extend_from_slice(model.name().as_bytes());
        bytes.push(0);
        bytes.extend_from_slice(natural_key.as_bytes());
        RecordId {
            model,
            ulid: Ulid::new(self.created_at, XxHash3_128::oneshot(&bytes)),
        }
    }

    pub fn vehicle(&self, source_id: &str) -> VehicleId {
        VehicleId(self.record(Model::Vehicle, source_id).ulid)
    }

    pub fn driver(&self, source_id: &str) -> DriverId {
        DriverId(self.record(Model::Driver, source_id).ulid)
    }

    pub fn group(&self, source_id: &str) -> GroupId {
        GroupId(self.record(Model::Group, source_id).ulid)
    }

    pub fn device(&self, source_id: &str) -> DeviceId {
        DeviceId(self.record(Model::Device, source_id).ulid)
    }

    pub fn trailer(&self, source_id: &str) -> TrailerId {
        TrailerId(self.record(Model::Trailer, source_id).ulid)
    }

    /// Of an event by its key: see each model's [`crate::Record::natural_key`].
    pub fn trip(&self, key: &str) -> TripId {
        TripId(self.record(Model::Trip, key).ulid)
    }

    pub fn safety_event(&self, key: &str) -> SafetyEventId {
        SafetyEventId(self.record(Model::SafetyEvent, key).ulid)
    }

    pub fn hos_log(&self, key: &str) -> HosLogId {
        HosLogId(self.record(Model::HosLog, key).ulid)
    }

    pub fn hos_daily_log(&self, key: &str) -> HosDailyLogId {
        HosDailyLogId(self.record(Model::HosDailyLog, key).ulid)
    }

    pub fn fault_code_event(&self, key: &str) -> FaultCodeEventId {
        FaultCodeEventId(self.record(Model::FaultCodeEvent, key).ulid)
    }

    pub fn ifta_report(&self, key: &str) -> IftaReportId {
        IftaReportId(self.record(Model::IftaVehicleMonth, key).ulid)
    }
}

/// Computes the ids of one series' points. The part of the hashed bytes that all points of a series
/// share is written once, because a page of history asks for thousands of these.
///
/// The hash is XXH3-128 cut to 80 bits over `"gladhand.point.v1\0"`, the vehicle's 16 bytes, the
/// series kind's name, a NUL, the signal's name, a NUL, the time in milliseconds (8 bytes, big
/// endian), and either a zero byte or a one byte and the source id.
pub struct PointIds {
    bytes: Vec<u8>,
    shared: usize,
}

impl PointIds {
    pub fn new(vehicle: VehicleId, series: &SeriesKey) -> PointIds {
        let mut bytes = Vec::with_capacity(96);
        bytes.extend_from_slice(b"gladhand.point.v1\0");
        bytes.extend_from_slice(&vehicle.0.to_bits().to_be_bytes());
        bytes.extend_from_slice(series.kind.name().as_bytes());
        bytes.push(0);
        bytes.extend_from_slice(series.signal.as_bytes());
        bytes.push(0);
        let shared = bytes.len();
        PointIds { bytes, shared }
    }

    /// The ULID of the point at `time`; the caller gives it its prefix.
    pub fn ulid(&mut self, time: Timestamp, source_id: Option<&str>) -> Ulid {
        self.bytes.truncate(self.shared);
        self.bytes.extend_from_slice(&time.millis().to_be_bytes());
        match source_id {
            None => self.bytes.push(0),
            Some(source_id) => {
                self.bytes.push(1);
                self.bytes.extend_from_slice(source_id.as_bytes());
            }
        }
        Ulid::new(time, XxHash3_128::oneshot(&self.bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{SeriesKind, StatType};

    fn space() -> IdSpace {
        IdSpace {
            connection: "conn_01GV12VR4DJP70GD1ZBK0SDWFH"
                .parse()
                .expect("a valid id"),
            created_at: Timestamp::from_millis(1_678_406_345_869),
        }
    }

    #[test]
    fn text_form_round_trips_and_refuses_what_overflows() {
        for text in ["00000000000000000000000000", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"] {
            assert_eq!(text.parse::<Ulid>().expect("valid").to_string(), text);
        }
        for text in [
            "8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
            "0000000000000000000000000",
            "0000000000000000000000000I",
        ] {
            assert!(text.parse::<Ulid>().is_err(), "{text}");
        }
        assert!(
            "drv_01GV12VR4DJP70GD1ZBK0SDWFH"
                .parse::<VehicleId>()
                .is_err()
        );
    }

    /// Frozen: these values are in every database that exists. They were computed with another
    /// implementation of XXH3 (Python's `xxhash`).
    #[test]
    fn record_ids_keep_their_values() {
        assert_eq!(
            space().vehicle("281474980000001").to_string(),
            VEHICLE_VECTOR
        );
        assert_eq!(space().driver("281474980000001").to_string(), DRIVER_VECTOR);
        assert_eq!(space().group("").to_string(), GROUP_VECTOR);
    }

    #[test]
    fn point_ids_keep_their_values() {
        let vehicle = space().vehicle("281474980000001");
        let time = Timestamp::from_millis(1_767_268_800_123);
        let location = SeriesKey::new(SeriesKind::Location, "gps");
        let odometer = SeriesKey::new(SeriesKind::Stat(StatType::Odometer), "obdOdometerMeters");
        let mut locations = PointIds::new(vehicle, &location);
        assert_eq!(locations.ulid(time, None).to_string(), LOCATION_VECTOR);
        assert_eq!(
            locations.ulid(time, Some("")).to_string(),
            LOCATION_EMPTY_SOURCE_VECTOR
        );
        // The shared part survives a call with a source id.
        assert_eq!(locations.ulid(time, None).to_string(), LOCATION_VECTOR);
        assert_eq!(
            PointIds::new(vehicle, &odometer)
                .ulid(time, None)
                .to_string(),
            ODOMETER_VECTOR
        );
    }

    const VEHICLE_VECTOR: &str = "vcl_01GV4D0S4DSYR5ZEXFHS9BHSRA";
    const DRIVER_VECTOR: &str = "drv_01GV4D0S4D949VD5RYY4FXYYWQ";
    const GROUP_VECTOR: &str = "group_01GV4D0S4D2M73VR96GVXAHHWR";
    const LOCATION_VECTOR: &str = "01KDWPVNKV9WG8QVCAJV074J99";
    const LOCATION_EMPTY_SOURCE_VECTOR: &str = "01KDWPVNKV582AS80064RSFGVV";
    const ODOMETER_VECTOR: &str = "01KDWPVNKVQN690GJCE20HE2GJ";
}
