//! All SQL, and everything that stays.
//!
//! Two engines behind one set of methods: SQLite (embedded, the default, owned by one process) and
//! PostgreSQL (for those who outgrow one machine). Methods are named after what their callers do;
//! every method on a tenant's data takes the tenant first. What a sync brings is written by
//! [`Store::commit`] alone: pages, records, points, positions, coverage, progress and issues in one
//! transaction, guarded by the lease, or not at all.
//!
//! Absent here: HTTP, providers, clocks (every method that needs the time is given it).

mod applications;
mod backend;
mod cadence;
mod claim;
mod commit;
#[cfg(test)]
mod conformance;
mod connections;
mod coverage;
mod credentials;
mod error;
mod facts;
mod history;
mod issues;
mod migrations;
mod pages;
mod records;
mod replay;
mod retention;
pub mod scratch;
mod storage;
mod syncs;
mod vault;

pub use applications::{ApiKey, Application, KeyKind};
pub use backend::{Execution, StampSource, Store, StoreConfig, Target};
pub use commit::{
    AccountUpdate, Checkpoint, Committed, IssueSeen, ListingEnd, ListingVerdict, PageDraft,
    WindowEnd,
};
pub use connections::{
    Connection, ConnectionPatch, ConnectionQuery, NewConnection, ZoneSetting, ZoneSource,
};
pub use coverage::{CoverageRow, KnownMember, PositionRow, SyncState};
pub use credentials::StoredCredentials;
pub use error::StoreError;
pub use facts::{FaultReadingRow, FaultReadings};
pub use history::{HistoryExtent, HistoryFold, PointCounts};
pub use history::{
    HistoryKinds, HistoryPage, HistoryPoints, HistoryQuery, HistoryRow, PagePoints, PointPosition,
    PointRow, PointValue, PreparedHistory, ReadWindow, RowValue,
};
pub use issues::IssueQuery;
pub use pages::{PageBody, RawPage, RawPointer, RawRow};
pub use records::{RecordOrder, RecordPage, RecordQuery, StoredRecord};
pub use replay::{
    LoggedPage, LoggedPages, PreparedRecords, RecordCounts, RecordReplay, ReplayCheckpoint,
    ReplayCommitted, ReplayedPage, ReplayedWindow, TouchedFact,
};
pub use retention::Retired;
pub use storage::StorageReport;
pub use syncs::{Claim, Lease, NewSync, SyncOutcome, SyncQuery, SyncRow, SyncTrigger};
pub use vault::{Nonces, Vault, VaultError, hash_secret};
