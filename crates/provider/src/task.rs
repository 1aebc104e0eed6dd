//! What is to be read next.

use std::fmt;

use model::{DriverId, IdSpace, Model, RecordId, Ulid, VehicleId, Window, Zone};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::descriptor::Stream;

/// The provider's own continuation, opaque to everybody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position(pub String);

/// Whom a partitioned stream is asked about. Its text is the record's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Member {
    Vehicle(VehicleId),
    Driver(DriverId),
}

impl Member {
    pub fn record(self) -> RecordId {
        match self {
            Member::Vehicle(id) => id.into(),
            Member::Driver(id) => id.into(),
        }
    }

    pub fn model(self) -> Model {
        self.record().model
    }

    pub fn ulid(self) -> Ulid {
        self.record().ulid
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.record(), f)
    }
}

impl Serialize for Member {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Member, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        let vehicle = text.parse().map(Member::Vehicle);
        vehicle
            .or_else(|_| text.parse().map(Member::Driver))
            .map_err(serde::de::Error::custom)
    }
}

/// One vehicle or driver that a partitioned stream is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    pub member: Member,
    pub source_id: String,
}

/// One page's worth of reading: this stream, for these partitions, over this window, from here.
#[derive(Clone, Copy, Debug)]
pub struct Task<'a> {
    pub stream: &'static Stream,
    pub ids: &'a IdSpace,
    /// The zone that the connection's days and months are in.
    pub zone: &'a Zone,
    /// Empty for streams that are not partitioned.
    pub partitions: &'a [Partition],
    /// Always there for window streams, whole days or months for those grains. For feeds: from
    /// when the feed was begun until now.
    pub window: Option<Window>,
    pub position: Option<&'a Position>,
}
