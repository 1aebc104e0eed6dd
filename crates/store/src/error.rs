//! What can go wrong with stored data, as few meanings.

use model::SyncId;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No such row, or not this tenant's.
    #[error("{what} not found")]
    NotFound { what: &'static str },
    /// Another row holds this place.
    #[error("{what} exists already")]
    Conflict { what: &'static str },
    /// The lease was lost: somebody else holds the connection now, and nothing was changed.
    #[error("the lease on the connection was lost")]
    Stale,
    /// A sync of this connection is not over yet.
    #[error("sync {0} is not over yet")]
    SyncRunning(SyncId),
    /// Stored pages of this connection are being mapped again.
    #[error("stored pages are being mapped again ({0}): wait until that is over")]
    ReplayRunning(SyncId),
    /// The sync is not in a state in which this can be done.
    #[error("the sync is {status}")]
    SyncState { status: &'static str },
    /// The connection is not in a status in which this can be done: as a rule because its data
    /// goes or is gone.
    #[error("the connection is {status}")]
    ConnectionState { status: &'static str },
    /// The database cannot be reached or will not work just now: try again later.
    #[error("the database is unavailable: {reason}")]
    Unavailable { reason: String },
    /// Another process owns the SQLite file.
    #[error(
        "the store at {path} is owned by another process; talk to the running server, or stop it"
    )]
    Owned { path: String },
    /// The database was written by a newer Gladhand.
    #[error(
        "the database has schema {found}, this program knows up to {known}: run the newer program"
    )]
    NewerSchema { found: i64, known: i64 },
    /// Stored data that cannot be read: a bug or a damaged disk, never the caller's fault.
    #[error("stored {what} cannot be read: {reason}")]
    Corrupt { what: &'static str, reason: String },
    #[error(transparent)]
    Vault(#[from] crate::vault::VaultError),
}
