//! All SQL, and everything that stays.
//!
//! Two engines behind one set of methods: SQLite (embedded, the default, owned by one process) and
//! PostgreSQL (for those who outgrow one machine). Methods are named after what their callers do;
//! every method on a tenant's data takes the tenant first. What a sync brings is written by
//! [`Store::commit`] alone: pages, records, points, positions, coverage, progress and issues in one
//! transaction, guarded by the lease, or not at all.
//!
//! Absent here: HTTP, providers, clocks (every method that needs the time is given it).

mod addresses;
mod agreements;
mod applications;
mod backend;
mod cadence;
mod claim;
mod commit;
#[cfg(test)]
mod conformance;
mod connections;
mod consents;
mod coverage;
mod credentials;
pub mod dump;
mod erasure;
mod error;
mod facts;
mod history;
mod issues;
mod keys;
mod lifecycle;
mod migrations;
mod pages;
mod provider_requests;
mod public_tokens;
mod records;
mod refused;
mod replay;
mod retention;
pub mod scratch;
mod short_links;
mod storage;
mod syncs;
mod templates;
mod vault;

pub use addresses::{AddressError, origin_address, redirect_address};
pub use applications::{Application, ApplicationPatch, Environment};
pub use backend::{Execution, StampSource, Store, StoreConfig, Target};
pub use commit::{
    AccountUpdate, Checkpoint, Committed, IssueSeen, ListingEnd, ListingVerdict, PageDraft,
    WindowEnd,
};
pub use connections::{
    Connection, ConnectionPatch, ConnectionQuery, NewConnection, ZoneSetting, ZoneSource,
};
pub use consents::{ConsentOutcome, ConsentRow, NewConsent, Settled};
pub use coverage::{CoverageRow, KnownMember, PositionRow, SyncState};
pub use credentials::StoredCredentials;
pub use erasure::Erased;
pub use error::StoreError;
pub use facts::{FaultReadingRow, FaultReadings};
pub use history::{HistoryExtent, HistoryFold, PointCounts};
pub use history::{
    HistoryKinds, HistoryPage, HistoryPoints, HistoryQuery, HistoryRow, PagePoints, PointPosition,
    PointRow, PointValue, PreparedHistory, ReadWindow, RowValue,
};
pub use issues::IssueQuery;
pub use keys::{ApiKey, KeyKind};
pub use pages::{PageBody, RawPage, RawPointer, RawRow};
pub use provider_requests::ProviderWish;
pub use public_tokens::Exchange;
pub use records::{RecordOrder, RecordPage, RecordQuery, StoredRecord};
pub use replay::{
    LoggedPage, LoggedPages, PreparedRecords, RecordCounts, RecordReplay, ReplayCheckpoint,
    ReplayCommitted, ReplayedPage, ReplayedWindow, TouchedFact,
};
pub use retention::Retired;
pub use short_links::ShortLink;
pub use storage::StorageReport;
pub use syncs::{Claim, Lease, NewSync, SyncOutcome, SyncQuery, SyncRow, SyncTrigger};
pub use templates::{Logo, Template, TemplatePatch};
pub use vault::{
    DataKeyStatus, MasterKey, Nonces, RandomBytes, Resealed, Rotated, Vault, VaultError,
    VaultStatus, hash_secret,
};
