//! Syncs, as a client sees them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{IssueId, SyncId};
use crate::time::Timestamp;

/// How far a sync is: asked for, running, or over in one of two ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProviderRequestKind {
    HistoricalFiles,
}

/// The contract's `Sync` with issues as ids.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Sync {
    pub id: SyncId,
    pub status: SyncStatus,
    /// Why it failed, in a sentence; only of failed ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "The provider refuses the credentials")]
    pub failure_reason: Option<String>,
    /// 0 to 100, two decimals, never falling.
    #[schema(minimum = 0, maximum = 100, example = 62.5)]
    pub progress: f64,
    /// What it met that left data out.
    pub issues: Vec<IssueId>,
    /// From when on history is read; absent where it goes on from the sync before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_from: Option<Timestamp>,
    /// How often it was begun: 0 before the first time.
    #[schema(example = 1)]
    pub attempts: u32,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When it was over; absent before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// What the provider was to be asked for by hand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub provider_requests: Vec<ProviderRequestKind>,
}
