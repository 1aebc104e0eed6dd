//! A replay holds its connection as a sync does, by a row and a lease, so that neither meets the
//! other. Its row is nobody's sync: it is not listed, not claimed and not tried again.

use std::time::Duration;

use model::{ConnectionId, SyncId, Timestamp};

use crate::backend::{Tx, params};
use crate::connections::{self, connection_of, millis};
use crate::lifecycle::lock_staying;
use crate::syncs::{self, SyncTrigger, fail_sync, found};
use crate::{Claim, Lease, Store, StoreError};

/// Why a replay failed that nobody ended.
pub(crate) const ABANDONED: &str = "the process that ran the replay has ended";

impl Store {
    /// Takes the connection for a replay. [`StoreError::SyncRunning`] or
    /// [`StoreError::ReplayRunning`] while something else has it; a replay whose lease has run out
    /// has it no longer. Given back by [`Store::finish_sync`].
    pub async fn begin_replay(
        &self,
        connection: ConnectionId,
        id: SyncId,
        owner: &str,
        now: Timestamp,
        lease_for: Duration,
    ) -> Result<Claim, StoreError> {
        let name = owner.to_owned();
        let (row, sync, fence) = self
            .write(move |tx| {
                Box::pin(async move {
                    let row = lock_staying(tx, connection).await?;
                    end_abandoned(tx, connection, now).await?;
                    syncs::refuse_while_running(tx, connection).await?;
                    let fence = row.i64(connections::FENCE)? + 1;
                    let sql = "update connections set fence = ?2 where id = ?1";
                    tx.execute(sql, &params![connection, fence]).await?;
                    let until = now.millis().saturating_add(millis(lease_for));
                    let sql = "insert into syncs (connection, id, status, started_by,
                        requested_at, explicit_start, provider_requests, attempts,
                        barren_attempts, progress, issues, started_at, cancel_requested,
                        lease_owner, lease_until, fence, spends_attempt, checkpointed)
                        values (?1, ?2, 'in_progress', ?3, ?4, 0, '[]', 1, 0, 0, '[]', ?4, 0,
                        ?5, ?6, ?7, 1, 0)";
                    let trigger = SyncTrigger::Replay.name();
                    let params = params![connection, id, trigger, now, name, until, fence];
                    tx.execute(sql, &params).await?;
                    Ok((row, found(tx, connection, id).await?, fence))
                })
            })
            .await?;
        Ok(Claim {
            lease: Lease {
                sync: id,
                connection,
                owner: owner.to_owned(),
                fence,
            },
            connection: connection_of(&row, self.vault())?,
            sync,
        })
    }
}

async fn end_abandoned(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "select id from syncs where connection = ?1 and status = 'in_progress'
        and started_by = ?2 and (lease_until is null or lease_until <= ?3)";
    let trigger = SyncTrigger::Replay.name();
    for row in tx.query(sql, &params![connection, trigger, now]).await? {
        let id: SyncId = row.parsed(0, |text| text.parse().ok())?;
        fail_sync(tx, connection, id, ABANDONED, now).await?;
    }
    Ok(())
}
