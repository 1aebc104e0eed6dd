//! History: points in compressed columns.
//!
//! Locations and stat logs are nearly all of the volume. Their points lie in blocks, one for each
//! (connection, vehicle, series, UTC day, part), at most 8,192 points each; small changes first lie
//! in the connection's tail. [`Store::prepare_history`] merges and encodes before the commit's
//! transaction, `apply` stores bytes within it, [`Store::read_history`] serves.
//!
//! Who does what: [`columns`] holds points; [`codec`] with [`integers`], [`texts`] and [`bytes`]
//! encodes them; [`merge`] compares and lays over; [`incoming`] sorts what was read; [`day`] knows
//! a day's parts, [`tail`] the trickle; [`plan`] decides what is written. All of these are pure.
//! [`replay`] works out what stored pages give when they are mapped again.
//! Only [`prepare`], [`replay`] and [`read`] speak SQL; [`rows`] picks the rows that are served,
//! [`points`] is what they are served as, [`blocks`] keeps what was decoded not long ago.
//!
//! Absent here: drivers joined from assignments (the reader's business), and the raw rows.

mod blocks;
mod bytes;
mod codec;
mod columns;
mod day;
mod incoming;
mod integers;
mod merge;
mod plan;
mod points;
mod prepare;
mod read;
mod replay;
mod rows;
mod tail;
mod texts;

#[cfg(test)]
mod tests;

use model::{SeriesKey, SeriesPoints, StatType, Timestamp, Ulid, VehicleId, Window};

use crate::pages::RawPointer;

pub(crate) use blocks::Blocks;
pub use points::{HistoryPoints, PointRow, PointValue};
pub use prepare::PreparedHistory;
pub(crate) use prepare::apply;
pub use replay::{HistoryExtent, HistoryFold, PointCounts};
#[cfg(test)]
pub(crate) use tests::{Chance, conformance};

/// Points and the page they were read from.
#[derive(Clone, Debug)]
pub struct PagePoints {
    pub page: i64,
    pub points: SeriesPoints,
}

/// A window that was read to its end for one vehicle: points of these series inside it that were
/// not listed are withdrawn.
#[derive(Clone, Debug)]
pub struct ReadWindow {
    pub vehicle: VehicleId,
    pub series: Vec<SeriesKey>,
    pub window: Window,
    /// The number of the first page of the reading.
    pub group: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HistoryKinds {
    Locations,
    /// Empty means all.
    Stats(Vec<StatType>),
}

/// The place of a point in the order (time, id).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PointPosition {
    pub time: Timestamp,
    pub ulid: Ulid,
}

#[derive(Clone, Debug)]
pub struct HistoryQuery {
    pub vehicle: VehicleId,
    pub kinds: HistoryKinds,
    pub window: Window,
    /// Strictly after this point.
    pub after: Option<PointPosition>,
    pub limit: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub struct HistoryRow {
    pub ulid: Ulid,
    pub time: Timestamp,
    pub source_id: Option<Box<str>>,
    pub modified_at: Timestamp,
    pub raw: Option<RawPointer>,
    pub value: RowValue,
}

#[derive(Clone, Debug, PartialEq)]
pub enum RowValue {
    Location {
        latitude_e7: i32,
        longitude_e7: i32,
        heading_centi: Option<i32>,
        speed_centi_kph: Option<i32>,
        /// Text of a `DriverId`.
        driver: Option<Box<str>>,
        address: Option<Box<str>>,
    },
    /// Fixed-point, as `StatType::member` says.
    Stat { stat: StatType, value: i64 },
}

#[derive(Clone, Debug, Default)]
pub struct HistoryPage {
    /// Ordered by (time, id).
    pub rows: Vec<HistoryRow>,
    /// There is more after the last row.
    pub more: bool,
}
