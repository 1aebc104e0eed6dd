//! Leases: how a worker takes a sync, keeps it and gives it back.
//!
//! Every step first takes the connection's row, so that a claim, a commit and a finish of one
//! connection never interleave. A worker that dies is noticed when its lease has run out: the next
//! claim counts that attempt as one that failed.

use std::time::Duration;

use model::connection::ConnectionStatus;
use model::sync::SyncStatus;
use model::{ConnectionId, IssueId, SyncId, Timestamp};

use crate::backend::{Row, Tx, params};
use crate::connections::{self, connection_of, lock_connection, millis};
use crate::replay::ABANDONED;
use crate::syncs::{self, CANCELLED, CHECKPOINTED, LEASE_OWNER, SPENDS_ATTEMPT};
use crate::syncs::{Claim, Lease, SyncOutcome, SyncRow, SyncTrigger, fail_sync, sync_of};
use crate::{Store, StoreError};

/// So many attempts in a row without a checkpoint, and a sync fails.
const BARREN_ATTEMPTS_MAX: u32 = 5;

const WAITING_LONGEST: &str = "select connection, id from syncs
    where status in ('requested', 'in_progress')
    and (lease_until is null or lease_until <= ?1)
    and (not_before is null or not_before <= ?1)
    order by requested_at, id limit 1";

/// The later of lease end and pause, the earliest of them all.
const NEXT_CLAIMABLE: &str = "select min(case
        when coalesce(lease_until, 0) > coalesce(not_before, 0) then lease_until
        else not_before end)
    from syncs where status in ('requested', 'in_progress')
    and (lease_until > 0 or not_before > 0)";

/// What became of the sync that had waited longest.
enum Candidate {
    Claimed {
        sync: Box<Row>,
        connection: Box<Row>,
        fence: i64,
    },
    /// Failed instead, or somebody was quicker: look for another one.
    Passed,
    Nobody,
}

impl Store {
    /// Claims the sync that has waited longest: requested, or in progress with its lease run out,
    /// and not waiting for a later time. `attempts` rises by one unless the sync was released or
    /// snoozed. On the way, syncs are failed that cannot go on: cancelled ones whose worker is
    /// gone, those of connections that are no longer connected, and those whose fifth attempt in a
    /// row ended without a checkpoint.
    pub async fn claim_sync(
        &self,
        owner: &str,
        now: Timestamp,
        lease_for: Duration,
    ) -> Result<Option<Claim>, StoreError> {
        loop {
            // Most looks find nothing, and a look needs no write lock.
            let waiting = self
                .read(move |tx| {
                    Box::pin(async move { tx.query_first(WAITING_LONGEST, &params![now]).await })
                })
                .await?;
            if waiting.is_none() {
                return Ok(None);
            }
            let name = owner.to_owned();
            let candidate = self
                .write(move |tx| Box::pin(claim_candidate(tx, name, now, lease_for)))
                .await?;
            match candidate {
                Candidate::Nobody => return Ok(None),
                Candidate::Passed => {}
                Candidate::Claimed {
                    sync,
                    connection,
                    fence,
                } => {
                    let sync = sync_of(&sync)?;
                    return Ok(Some(Claim {
                        lease: Lease {
                            sync: sync.id,
                            connection: sync.connection,
                            owner: owner.to_owned(),
                            fence,
                        },
                        connection: connection_of(&connection, self.vault())?,
                        sync,
                    }));
                }
            }
        }
    }

    /// When the next sync can be claimed that waits for something (lease end, pause or snooze).
    /// That time may have passed if nobody has claimed it yet.
    pub async fn next_claimable(&self) -> Result<Option<Timestamp>, StoreError> {
        let row = self
            .read(|tx| Box::pin(async move { tx.query_first(NEXT_CLAIMABLE, &[]).await }))
            .await?;
        row.map_or(Ok(None), |row| row.opt_time(0))
    }

    /// Prolongs a lease; tells whether the client asked to cancel.
    pub async fn renew_lease(&self, lease: &Lease, until: Timestamp) -> Result<bool, StoreError> {
        let params = params![lease.connection, lease.sync, lease.fence, until];
        let row = self
            .write(move |tx| {
                Box::pin(async move {
                    let sql = "update syncs set lease_until = ?4
                        where connection = ?1 and id = ?2 and fence = ?3
                        and status = 'in_progress' and lease_owner is not null
                        and exists (select 1 from connections c
                                    where c.id = ?1 and c.fence = ?3)
                        returning cancel_requested";
                    tx.query_first(sql, &params).await
                })
            })
            .await?;
        row.ok_or(StoreError::Stale)?.bool(0)
    }

    /// A sync whose cancellation was asked for fails instead of waiting for another attempt.
    pub async fn finish_sync(
        &self,
        lease: &Lease,
        outcome: &SyncOutcome,
        now: Timestamp,
    ) -> Result<SyncRow, StoreError> {
        let (lease, outcome) = (lease.clone(), outcome.clone());
        self.write(move |tx| {
            Box::pin(async move {
                let (_, sync) = hold_lease(tx, &lease).await?;
                finish(tx, &lease, &sync, outcome, now).await?;
                syncs::found(tx, lease.connection, lease.sync).await
            })
        })
        .await
    }

    /// For the one process that owns a SQLite store, at its start: leases of a dead process end
    /// now. Returns how many.
    pub async fn void_leases(&self) -> Result<u64, StoreError> {
        self.write(|tx| {
            Box::pin(async move {
                let sql = "update syncs set lease_until = 0
                    where status = 'in_progress' and lease_until > 0";
                tx.execute(sql, &[]).await
            })
        })
        .await
    }
}

/// Takes the connection's row and makes sure that this lease is still the one that counts. Returns
/// the rows of the connection and of the sync.
pub(crate) async fn hold_lease(tx: &mut Tx<'_>, lease: &Lease) -> Result<(Row, Row), StoreError> {
    let connection = match lock_connection(tx, lease.connection).await {
        Err(StoreError::NotFound { .. }) => return Err(StoreError::Stale),
        other => other?,
    };
    let sync = tx
        .query_first(syncs::BY_ID, &params![lease.connection, lease.sync])
        .await?
        .ok_or(StoreError::Stale)?;
    let held = connection.i64(connections::FENCE)? == lease.fence
        && sync.opt_i64(syncs::FENCE)? == Some(lease.fence)
        && sync.opt_text(LEASE_OWNER)? == Some(lease.owner.as_str())
        && sync.parsed(2, SyncStatus::from_name)? == SyncStatus::InProgress;
    if held {
        Ok((connection, sync))
    } else {
        Err(StoreError::Stale)
    }
}

async fn claim_candidate(
    tx: &mut Tx<'_>,
    owner: String,
    now: Timestamp,
    lease_for: Duration,
) -> Result<Candidate, StoreError> {
    let Some(row) = tx.query_first(WAITING_LONGEST, &params![now]).await? else {
        return Ok(Candidate::Nobody);
    };
    let connection_id: ConnectionId = row.parsed(0, |text| text.parse().ok())?;
    let id: SyncId = row.parsed(1, |text| text.parse().ok())?;
    let connection = lock_connection(tx, connection_id).await?;
    let row = tx
        .query_first(syncs::BY_ID, &params![connection_id, id])
        .await?
        .ok_or(StoreError::NotFound { what: "sync" })?;
    let sync = sync_of(&row)?;
    let taken = sync.status.is_over()
        || sync.lease_until.is_some_and(|until| until > now)
        || sync.not_before.is_some_and(|time| time > now);
    if taken {
        return Ok(Candidate::Passed);
    }
    let barren = barren_attempts(&sync, &row)?;
    if let Some(reason) = cannot_go_on(&sync, barren, &connection)? {
        fail_sync(tx, connection_id, id, &reason, now).await?;
        return Ok(Candidate::Passed);
    }
    let fence = connection.i64(connections::FENCE)? + 1;
    let sql = "update connections set fence = ?2 where id = ?1";
    tx.execute(sql, &params![connection_id, fence]).await?;
    let sql = "update syncs set status = 'in_progress', attempts = ?3, barren_attempts = ?4,
        started_at = coalesce(started_at, ?5), not_before = null, lease_owner = ?6,
        lease_until = ?7, fence = ?8, spends_attempt = 1, checkpointed = 0
        where connection = ?1 and id = ?2";
    let params = params![
        connection_id,
        id,
        sync.attempts + u32::from(row.bool(SPENDS_ATTEMPT)?),
        barren,
        now,
        &owner,
        now.millis().saturating_add(millis(lease_for)),
        fence,
    ];
    tx.execute(sql, &params).await?;
    let claimed = tx
        .query_first(syncs::BY_ID, &params![connection_id, id])
        .await?
        .ok_or(StoreError::NotFound { what: "sync" })?;
    Ok(Candidate::Claimed {
        sync: Box::new(claimed),
        connection: Box::new(connection),
        fence,
    })
}

/// Counts the attempt of a worker that never gave its lease back.
fn barren_attempts(sync: &SyncRow, row: &Row) -> Result<u32, StoreError> {
    let died = row.opt_text(LEASE_OWNER)?.is_some();
    let barren = died && !row.bool(CHECKPOINTED)?;
    Ok(sync.barren_attempts + u32::from(barren))
}

fn cannot_go_on(
    sync: &SyncRow,
    barren: u32,
    connection: &Row,
) -> Result<Option<String>, StoreError> {
    let status = connection.parsed(3, ConnectionStatus::from_name)?;
    if sync.trigger == SyncTrigger::Replay {
        return Ok(Some(ABANDONED.to_owned()));
    }
    if sync.cancel_requested {
        return Ok(Some(CANCELLED.to_owned()));
    }
    if status != ConnectionStatus::Connected {
        return Ok(Some(format!("the connection is {}", status.name())));
    }
    if barren >= BARREN_ATTEMPTS_MAX {
        return Ok(Some(format!(
            "{barren} attempts in a row ended without saving anything"
        )));
    }
    Ok(None)
}

async fn finish(
    tx: &mut Tx<'_>,
    lease: &Lease,
    row: &Row,
    outcome: SyncOutcome,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sync = sync_of(row)?;
    let (connection, id) = (lease.connection, lease.sync);
    match outcome {
        SyncOutcome::Completed { clean_streams } => {
            let sql = "update syncs set status = 'completed', progress = 100, completed_at = ?3,
                failure_reason = null, not_before = null, cancel_requested = 0,
                lease_owner = null, lease_until = null
                where connection = ?1 and id = ?2";
            tx.execute(sql, &params![connection, id, now]).await?;
            resolve_issues(tx, connection, &clean_streams, &sync.issues).await
        }
        SyncOutcome::Failed { reason } => fail_sync(tx, connection, id, &reason, now).await,
        _ if sync.cancel_requested => fail_sync(tx, connection, id, CANCELLED, now).await,
        SyncOutcome::RetryLater { not_before, reason } => {
            let barren = match row.bool(CHECKPOINTED)? {
                true => 0,
                false => sync.barren_attempts + 1,
            };
            if barren >= BARREN_ATTEMPTS_MAX {
                return fail_sync(tx, connection, id, &reason, now).await;
            }
            hand_back(tx, lease, Some(not_before), barren, true).await
        }
        SyncOutcome::Snoozed { until } => {
            hand_back(tx, lease, Some(until), sync.barren_attempts, false).await
        }
        SyncOutcome::Released => hand_back(tx, lease, None, sync.barren_attempts, false).await,
    }
}

async fn hand_back(
    tx: &mut Tx<'_>,
    lease: &Lease,
    not_before: Option<Timestamp>,
    barren: u32,
    spends_attempt: bool,
) -> Result<(), StoreError> {
    let sql = "update syncs set not_before = ?3, barren_attempts = ?4, spends_attempt = ?5,
        lease_owner = null, lease_until = null
        where connection = ?1 and id = ?2";
    let params = params![
        lease.connection,
        lease.sync,
        not_before,
        barren,
        spends_attempt
    ];
    tx.execute(sql, &params).await?;
    Ok(())
}

/// Issues of streams that were read without meeting them are over.
async fn resolve_issues(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
    clean_streams: &[String],
    met: &[IssueId],
) -> Result<(), StoreError> {
    let sql = "select id, stream from issues where connection = ?1 and status = 'ongoing'";
    let mut resolved = Vec::new();
    for row in tx.query(sql, &params![connection]).await? {
        let id: IssueId = row.parsed(0, |text| text.parse().ok())?;
        let stream = row.text(1)?;
        if clean_streams.iter().any(|clean| clean == stream) && !met.contains(&id) {
            resolved.push(params![connection, id].to_vec());
        }
    }
    let sql = "update issues set status = 'resolved' where connection = ?1 and id = ?2";
    tx.execute_each(sql, resolved).await?;
    Ok(())
}
