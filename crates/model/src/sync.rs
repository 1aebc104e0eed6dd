//! Syncs, as a client sees them.

use serde::{Deserialize, Serialize};

use crate::ids::{IssueId, SyncId};
use crate::time::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SyncStatus {
    Requested,
    InProgress,
    Completed,
    Failed,
}

impl SyncStatus {
    pub const ALL: [SyncStatus; 4] = [
        SyncStatus::Requested,
        SyncStatus::InProgress,
        SyncStatus::Completed,
        SyncStatus::Failed,
    ];

    pub fn name(self) -> &'static str {
        match self {
            SyncStatus::Requested => "requested",
            SyncStatus::InProgress => "in_progress",
            SyncStatus::Completed => "completed",
            SyncStatus::Failed => "failed",
        }
    }

    pub fn from_name(name: &str) -> Option<SyncStatus> {
        SyncStatus::ALL
            .into_iter()
            .find(|status| status.name() == name)
    }

    /// Completed or failed: nothing moves any more (until a retry).
    pub fn is_over(self) -> bool {
        matches!(self, SyncStatus::Completed | SyncStatus::Failed)
    }
}

/// Something that the provider is asked to do by hand for a sync. Gladhand records the wish and
/// returns it; no connector acts on one yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderRequestKind {
    HistoricalFiles,
}

/// The contract's `Sync` with issues as ids.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sync {
    pub id: SyncId,
    pub status: SyncStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// 0 to 100, two decimals, never falling.
    pub progress: f64,
    pub issues: Vec<IssueId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_from: Option<Timestamp>,
    pub attempts: u32,
    pub requested_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub provider_requests: Vec<ProviderRequestKind>,
}
