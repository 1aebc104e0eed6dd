//! What a client of Gladhand can see: identifiers, times, units, entities, points, envelopes.
//!
//! Everything here is plain data. This crate does no I/O, asks for no time and no chance, and knows
//! no provider and no database; that is why every other crate may depend on it. The arithmetic of
//! identifiers lives here too ([`ids`]), because an id that two crates computed differently would
//! be a doubled row.

pub mod connection;
pub mod driver;
pub mod envelope;
pub mod group;
pub mod history;
pub mod ids;
pub mod issue;
pub mod provider;
pub mod record;
pub mod secret;
pub mod sync;
pub mod time;
pub mod units;
pub mod vehicle;

pub use history::{
    LocationColumns, Points, SeriesKey, SeriesKind, SeriesPoints, StatType, TextColumn, Values,
};
pub use ids::{
    ApplicationId, ConnectionId, DeviceId, DriverId, GroupId, IdSpace, IssueId, KeyId, PointIds,
    StatLogId, SyncId, Ulid, VehicleId, VehicleLocationId,
};
pub use record::{Draft, Model, RawRange, Record, RecordId, RecordStatus};
pub use secret::Secret;
pub use time::{Timestamp, Window};
