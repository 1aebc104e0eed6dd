//! Automatic syncs: which connections are due, and when the next one is.
//!
//! A connection that is due while a sync of it is not over stays due; it gets its sync when that
//! one ends.

use std::collections::BTreeMap;
use std::time::Duration;

use model::{ConnectionId, SyncId, Timestamp};

use crate::backend::{Row, Tx, params};
use crate::connections::{lock_connection, millis};
use crate::syncs::{NewSync, SyncTrigger, insert_sync};
use crate::{Store, StoreError};

macro_rules! due_connections {
    () => {
        "from connections c
         where c.status = 'connected' and c.sync_mode = 'automatic' and c.next_sync_at is not null
         and not exists (select 1 from syncs s where s.connection = c.id
                         and s.status in ('requested', 'in_progress'))"
    };
}

const DUE: &str = concat!(
    "select c.id ",
    due_connections!(),
    " and c.next_sync_at <= ?1 order by c.next_sync_at limit ?2"
);
const STILL_DUE: &str = concat!(
    "select c.cadence_ms ",
    due_connections!(),
    " and c.next_sync_at <= ?2 and c.id = ?1"
);
const NEXT_DUE: &str = concat!("select min(c.next_sync_at) ", due_connections!());

/// What is decided for a connection before its row is held.
struct Planned {
    sync: SyncId,
    jitter_ms: i64,
}

impl Store {
    /// Makes a requested sync of every automatic, connected connection that is due and has none
    /// running, and sets its `next_sync_at` to its cadence from now plus the jitter that
    /// `jitter_ms` gives for it. `new_id` makes the sync's id. Returns how many syncs were made.
    pub async fn enqueue_due(
        &self,
        now: Timestamp,
        default_cadence: Duration,
        limit: usize,
        jitter_ms: &(dyn Fn(ConnectionId) -> u64 + Send + Sync),
        new_id: &(dyn Fn() -> SyncId + Send + Sync),
    ) -> Result<usize, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let due = self
            .read(move |tx| Box::pin(async move { tx.query(DUE, &params![now, limit]).await }))
            .await?;
        // Ordered by id, so that two nodes take the rows in the same order.
        let mut planned = BTreeMap::new();
        for row in &due {
            let id: ConnectionId = row.parsed(0, |text| text.parse().ok())?;
            let jitter_ms = i64::try_from(jitter_ms(id)).unwrap_or(i64::MAX);
            let sync = new_id();
            planned.insert(id, Planned { sync, jitter_ms });
        }
        if planned.is_empty() {
            return Ok(0);
        }
        self.write(move |tx| {
            Box::pin(async move {
                let mut made = 0;
                for (id, planned) in planned {
                    made += usize::from(enqueue(tx, id, planned, now, default_cadence).await?);
                }
                Ok(made)
            })
        })
        .await
    }

    /// When the next automatic sync of any connection is due that has none running.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let row = self
            .read(|tx| Box::pin(async move { tx.query_first(NEXT_DUE, &[]).await }))
            .await?;
        row.map_or(Ok(None), |row: Row| row.opt_time(0))
    }
}

async fn enqueue(
    tx: &mut Tx<'_>,
    id: ConnectionId,
    planned: Planned,
    now: Timestamp,
    default_cadence: Duration,
) -> Result<bool, StoreError> {
    lock_connection(tx, id).await?;
    let Some(row) = tx.query_first(STILL_DUE, &params![id, now]).await? else {
        return Ok(false);
    };
    let cadence_ms = row.opt_i64(0)?.unwrap_or(millis(default_cadence));
    let next = now
        .millis()
        .saturating_add(cadence_ms)
        .saturating_add(planned.jitter_ms);
    let new = NewSync {
        id: planned.sync,
        trigger: SyncTrigger::Cadence,
        requested_at: now,
        start_from: None,
        explicit_start: false,
        provider_requests: Vec::new(),
    };
    insert_sync(tx, id, &new, None).await?;
    // A connection whose history nobody asked for has it from its first automatic sync on.
    let sql = "update connections set next_sync_at = ?2,
        history_from = coalesce(history_from, ?3) where id = ?1";
    tx.execute(sql, &params![id, next, now]).await?;
    Ok(true)
}
