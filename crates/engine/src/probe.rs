//! Places in a sync where a test may look on, or let the world end.
//!
//! In production nobody is there and nothing happens.

use std::future::Future;
use std::pin::Pin;

use model::SyncId;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProbePoint {
    Claimed,
    BeforeCommit,
    AfterCommit,
    BeforeFinish,
    AfterFinish,
}

/// Told when a sync reaches a point; the sync goes on when the future completes.
pub trait Probe: Send + Sync {
    fn reached(&self, point: ProbePoint, sync: SyncId) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}
