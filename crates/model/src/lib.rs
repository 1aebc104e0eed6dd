//! What a client of Gladhand can see: identifiers, times, units, entities, points, envelopes.
//!
//! Everything here is plain data. This crate does no I/O, asks for no time and no chance, and knows
//! no provider and no database; that is why every other crate may depend on it. The arithmetic of
//! identifiers lives here too ([`ids`]), because an id that two crates computed differently would
//! be a doubled row.

pub mod assignment;
pub mod connection;
pub mod coordinates;
pub mod device;
pub mod driver;
pub mod envelope;
pub mod fault;
pub mod group;
pub mod history;
pub mod hos;
pub mod idle;
pub mod ids;
pub mod ifta;
pub mod issue;
pub mod language;
pub mod link;
pub mod live;
pub mod provider;
pub mod record;
pub mod safety;
pub mod secret;
pub mod sync;
pub mod time;
pub mod trailer;
pub mod trip;
pub mod units;
pub mod utilization;
pub mod vehicle;
pub mod zone;

pub use history::{
    LocationColumns, Points, SeriesKey, SeriesKind, SeriesPoints, StatType, TextColumn, Values,
};
pub use ids::{
    ApplicationId, ConnectionId, ConsentId, DeviceId, DriverId, FaultCodeEventId, GroupId,
    HosDailyLogId, HosLogId, IdSpace, IftaReportId, IssueId, KeyId, PointIds, ProviderRequestId,
    SafetyEventId, ShortLinkId, StatLogId, SyncId, TemplateId, TrailerId, TripId, Ulid, VehicleId,
    VehicleLocationId,
};
pub use language::{Language, Words};
pub use record::{Draft, Model, RawRange, Record, RecordId, RecordStatus};
pub use secret::Secret;
pub use time::{Timestamp, Window};
pub use zone::{Date, Month, Zone};
