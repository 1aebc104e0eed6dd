//! Replay: stored pages mapped again with today's mapping.
//!
//! Two passes. The first takes every page with a body in the order of its number, maps it, and
//! corrects its records ([`run`]); on the way it notes whose points of which days the page may have
//! ([`readings`]). The second works out day by day, for a few vehicles at a time, which points all
//! of those pages give together, and corrects what is stored ([`history`]). Both run under the
//! connection's lease, in checkpoints; what a crash cuts off is done by the next replay.
//!
//! Absent here: the rules of what a page may change (the store's), questions to the provider (none
//! are asked), and what pages say of the account, which every sync reads anew.

mod history;
mod job;
mod mapping;
mod readings;
mod run;
mod summary;

use model::{ConnectionId, SyncId, Timestamp};
use provider::Descriptor;
use serde::Serialize;
use store::StoreError;

pub(crate) use job::Replays;
pub use summary::{PageSummary, PointSummary, RecordSummary, ReplaySummary, StreamSummary};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplayRequest {
    /// Only what this stream and the feed or window beside it gave.
    pub stream: Option<String>,
    /// Nothing is written.
    pub dry_run: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error("this program has no provider `{0}`")]
    UnknownProvider(String),
    #[error("there is no stream `{stream}`")]
    UnknownStream {
        stream: String,
        known: Vec<&'static str>,
    },
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplayState {
    Running,
    Completed,
    Failed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplayPhase {
    Records,
    History,
}

/// How far a replay is, and what it did.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplayStatus {
    pub id: SyncId,
    pub connection_id: ConnectionId,
    pub status: ReplayState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    pub dry_run: bool,
    pub started_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    pub phase: ReplayPhase,
    /// 0 to 100.
    pub progress: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    pub summary: ReplaySummary,
}

impl ReplayStatus {
    pub fn is_over(&self) -> bool {
        self.status != ReplayState::Running
    }
}

/// The stream that owns what the named one gives, if that is there.
fn owner_of(
    descriptor: &'static Descriptor,
    stream: &Option<String>,
) -> Result<Option<&'static str>, ReplayError> {
    let Some(name) = stream else {
        return Ok(None);
    };
    match descriptor.stream(name) {
        Some(stream) => Ok(Some(descriptor.owner(stream))),
        None => Err(ReplayError::UnknownStream {
            stream: name.clone(),
            known: descriptor.streams.iter().map(|s| s.name).collect(),
        }),
    }
}
