//! A checkpoint on its way into the store.
//!
//! While one is merged, encoded and committed, the next is gathered; there is never more than one
//! on its way, because what is merged must be what is stored.

use std::sync::Arc;

use model::ConnectionId;
use store::{Checkpoint, Committed, CoverageRow, IssueSeen, Store, StoreError};

use crate::ask::Asker;
use crate::pending::Pending;
use crate::probe::{Probe, ProbePoint};

/// Everything that one commit holds, before its points are merged with those stored.
pub struct Gathered {
    pub pending: Pending,
    pub coverage: Vec<CoverageRow>,
    /// 0 to 100.
    pub progress: f64,
    pub issues: Vec<IssueSeen>,
}

pub struct Landed {
    pub committed: Committed,
    pub pages: u64,
}

/// Merges and commits. The lease is prolonged by it.
pub async fn commit(
    store: Store,
    connection: ConnectionId,
    asker: Arc<Asker>,
    probe: Option<Arc<dyn Probe>>,
    gathered: Gathered,
) -> Result<Landed, StoreError> {
    let Gathered {
        pending,
        coverage,
        progress,
        issues,
    } = gathered;
    let history = match (pending.points.is_empty(), pending.read.is_empty()) {
        (true, true) => None,
        _ => Some(
            store
                .prepare_history(connection, pending.points, pending.read)
                .await?,
        ),
    };
    let lease = &asker.keeper.lease;
    if let Some(probe) = &probe {
        probe.reached(ProbePoint::BeforeCommit, lease.sync).await;
    }
    let pages = pending.pages.len() as u64;
    let checkpoint = Checkpoint {
        now: asker.clock.now(),
        lease_until: asker.keeper.next_until(),
        pages: pending.pages,
        drafts: pending.drafts,
        withdrawals: pending.withdrawals,
        listings: pending.listings,
        history,
        coverage,
        positions: pending.positions,
        account: pending.account,
        progress,
        issues,
    };
    let committed = store.commit(lease, checkpoint).await?;
    if let Some(probe) = &probe {
        probe.reached(ProbePoint::AfterCommit, lease.sync).await;
    }
    asker.keeper.committed(committed.cancel_requested).await;
    Ok(Landed { committed, pages })
}
