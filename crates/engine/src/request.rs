//! Asking for a sync.

use model::Timestamp;
use model::connection::ConnectionStatus;
use model::sync::ProviderRequestKind;
use store::StoreError;

/// Where history starts for a sync.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum StartFrom {
    /// Go on from what was asked for before; now, for a connection without a sync.
    #[default]
    Continue,
    /// From here: what was finished since is read again.
    At(Timestamp),
}

#[derive(Clone, Debug, Default)]
pub struct SyncRequest {
    pub start_from: StartFrom,
    pub provider_requests: Vec<ProviderRequestKind>,
}

#[derive(Debug, thiserror::Error)]
pub enum RequestSyncError {
    /// Archived or on its way to deletion: there is nothing to sync.
    #[error("the connection is {}", .0.name())]
    ConnectionClosed(ConnectionStatus),
    #[error(transparent)]
    Store(#[from] StoreError),
}
