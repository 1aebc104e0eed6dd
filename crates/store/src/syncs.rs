//! Syncs: a row each, claimed by lease, guarded by a fencing number.
//!
//! requested → in_progress → completed | failed. A worker claims a connection through its sync; the
//! claim raises the connection's fence, and every later write of that worker names the number it
//! was given. Whoever comes with an older number changes nothing ([`StoreError::Stale`]).

use model::sync::{ProviderRequestKind, SyncStatus};
use model::{ConnectionId, IssueId, SyncId, Timestamp};

use crate::backend::{Row, Tx, params};
use crate::connections::{json_text, lock_connection};
use crate::lifecycle::lock_staying;
use crate::{Connection, Store, StoreError};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncTrigger {
    /// Asked for by a client.
    Requested,
    /// Made by the cadence.
    Cadence,
    /// Not a sync: stored pages are being mapped again.
    Replay,
}

#[derive(Clone, Debug, PartialEq)]
pub struct SyncRow {
    pub id: SyncId,
    pub connection: ConnectionId,
    pub status: SyncStatus,
    pub trigger: SyncTrigger,
    pub requested_at: Timestamp,
    /// Where history starts for this sync.
    pub start_from: Option<Timestamp>,
    /// The client named `startFrom` or `days`: finished intervals from there on are read again.
    pub explicit_start: bool,
    pub provider_requests: Vec<ProviderRequestKind>,
    pub attempts: u32,
    /// Attempts in a row that ended without a checkpoint.
    pub barren_attempts: u32,
    /// 0 to 100, never falling.
    pub progress: f64,
    pub failure_reason: Option<String>,
    /// Issues met, in the order first met.
    pub issues: Vec<IssueId>,
    pub started_at: Option<Timestamp>,
    pub completed_at: Option<Timestamp>,
    /// Not claimed before this: a pause after a failed attempt, or a provider's quota.
    pub not_before: Option<Timestamp>,
    pub cancel_requested: bool,
    pub lease_until: Option<Timestamp>,
}

#[derive(Clone, Debug)]
pub struct NewSync {
    pub id: SyncId,
    pub trigger: SyncTrigger,
    pub requested_at: Timestamp,
    pub start_from: Option<Timestamp>,
    pub explicit_start: bool,
    pub provider_requests: Vec<ProviderRequestKind>,
}

/// The right to write for a connection, until it expires or somebody else is given a newer one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    pub sync: SyncId,
    pub connection: ConnectionId,
    pub owner: String,
    pub fence: i64,
}

#[derive(Clone, Debug)]
pub struct Claim {
    pub lease: Lease,
    pub sync: SyncRow,
    pub connection: Connection,
}

/// How a worker gives a sync back.
#[derive(Clone, Debug, PartialEq)]
pub enum SyncOutcome {
    /// Progress becomes 100; issues of `clean_streams` that this sync did not meet are resolved.
    Completed {
        clean_streams: Vec<String>,
    },
    Failed {
        reason: String,
    },
    /// The attempt failed; the next begins no sooner than `not_before`.
    RetryLater {
        not_before: Timestamp,
        reason: String,
    },
    /// Waiting for a quota: spends no attempt.
    Snoozed {
        until: Timestamp,
    },
    /// A graceful stop: spends no attempt, claimable at once.
    Released,
}

/// Ordered newest first.
#[derive(Clone, Debug, Default)]
pub struct SyncQuery {
    pub status: Option<SyncStatus>,
    /// Strictly older than this one.
    pub after: Option<SyncId>,
    pub limit: usize,
}

impl SyncTrigger {
    pub(crate) fn name(self) -> &'static str {
        match self {
            SyncTrigger::Requested => "requested",
            SyncTrigger::Cadence => "cadence",
            SyncTrigger::Replay => "replay",
        }
    }

    fn from_name(name: &str) -> Option<SyncTrigger> {
        [
            SyncTrigger::Requested,
            SyncTrigger::Cadence,
            SyncTrigger::Replay,
        ]
        .into_iter()
        .find(|trigger| trigger.name() == name)
    }
}

/// Why a sync failed that its client cancelled.
pub(crate) const CANCELLED: &str = "the sync was cancelled";

macro_rules! select_syncs {
    ($rest:literal) => {
        concat!(
            "select id, connection, status, started_by, requested_at, start_from, explicit_start,
             provider_requests, attempts, barren_attempts, progress, failure_reason, issues,
             started_at, completed_at, not_before, cancel_requested, lease_until, lease_owner,
             fence, spends_attempt, checkpointed from syncs where ",
            $rest
        )
    };
}

/// Places of the columns that only the store itself reads.
pub(crate) const LEASE_OWNER: usize = 18;
pub(crate) const FENCE: usize = 19;
pub(crate) const SPENDS_ATTEMPT: usize = 20;
pub(crate) const CHECKPOINTED: usize = 21;

pub(crate) const BY_ID: &str = select_syncs!("connection = ?1 and id = ?2");
const RUNNING: &str = "select id, started_by from syncs
    where connection = ?1 and status in ('requested', 'in_progress')";
const LIST: &str = select_syncs!(
    "connection = ?1 and (cast(?2 as text) is null or status = ?2) and id < ?3
     and started_by <> 'replay' order by id desc limit ?4"
);

impl Store {
    /// Fails with [`StoreError::SyncRunning`] when one is requested or in progress. Moves the
    /// connection's `history_from` back to the sync's start when that is earlier. `fail_at_once`
    /// gives a reason with which the sync is over before it began (a disconnected connection).
    pub async fn request_sync(
        &self,
        connection: ConnectionId,
        new: &NewSync,
        fail_at_once: Option<&str>,
    ) -> Result<SyncRow, StoreError> {
        let (new, fail_at_once) = (new.clone(), fail_at_once.map(str::to_owned));
        self.write(move |tx| {
            Box::pin(async move {
                lock_staying(tx, connection).await?;
                refuse_while_running(tx, connection).await?;
                insert_sync(tx, connection, &new, fail_at_once.as_deref()).await?;
                if let Some(start) = new.start_from {
                    let sql = "update connections set history_from = ?2
                        where id = ?1 and (history_from is null or history_from > ?2)";
                    tx.execute(sql, &params![connection, start]).await?;
                }
                found(tx, connection, new.id).await
            })
        })
        .await
    }

    pub async fn sync(
        &self,
        connection: ConnectionId,
        id: SyncId,
    ) -> Result<Option<SyncRow>, StoreError> {
        let row = self
            .read(move |tx| {
                Box::pin(async move { tx.query_first(BY_ID, &params![connection, id]).await })
            })
            .await?;
        let sync = row.as_ref().map(sync_of).transpose()?;
        Ok(sync.filter(|sync| sync.trigger != SyncTrigger::Replay))
    }

    pub async fn list_syncs(
        &self,
        connection: ConnectionId,
        query: &SyncQuery,
    ) -> Result<Vec<SyncRow>, StoreError> {
        let params = params![
            connection,
            query.status.map(SyncStatus::name),
            // Ids consist of characters below `~`.
            query.after.map_or("~".to_owned(), |id| id.to_string()),
            i64::try_from(query.limit).unwrap_or(i64::MAX),
        ];
        let rows = self
            .read(move |tx| Box::pin(async move { tx.query(LIST, &params).await }))
            .await?;
        rows.iter().map(sync_of).collect()
    }

    /// The newest sync, for `lastSync`.
    pub async fn last_sync(&self, connection: ConnectionId) -> Result<Option<SyncRow>, StoreError> {
        let query = SyncQuery {
            limit: 1,
            ..SyncQuery::default()
        };
        Ok(self.list_syncs(connection, &query).await?.pop())
    }

    /// A failed sync goes back to requested, with its parameters, progress and attempts.
    /// [`StoreError::SyncState`] when it has not failed, [`StoreError::SyncRunning`] while another
    /// runs.
    pub async fn retry_sync(
        &self,
        connection: ConnectionId,
        id: SyncId,
        now: Timestamp,
    ) -> Result<SyncRow, StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                lock_staying(tx, connection).await?;
                let sync = named(tx, connection, id).await?;
                if sync.status != SyncStatus::Failed {
                    return Err(StoreError::SyncState {
                        status: sync.status.name(),
                    });
                }
                refuse_while_running(tx, connection).await?;
                // It waits from now on: one that failed long ago overtakes nobody.
                let sql = "update syncs set status = 'requested', failure_reason = null,
                    completed_at = null, not_before = ?3, cancel_requested = 0,
                    barren_attempts = 0, lease_owner = null, lease_until = null,
                    spends_attempt = 1, checkpointed = 0
                    where connection = ?1 and id = ?2";
                tx.execute(sql, &params![connection, id, now]).await?;
                found(tx, connection, id).await
            })
        })
        .await
    }

    /// Requested: failed at once. In progress: marked; its worker ends it (or, when its lease has
    /// run out, it fails at once). [`StoreError::SyncState`] when it is over.
    pub async fn cancel_sync(
        &self,
        connection: ConnectionId,
        id: SyncId,
        now: Timestamp,
    ) -> Result<SyncRow, StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                lock_connection(tx, connection).await?;
                let sync = named(tx, connection, id).await?;
                if sync.status.is_over() {
                    return Err(StoreError::SyncState {
                        status: sync.status.name(),
                    });
                }
                if sync.lease_until.is_some_and(|until| until > now) {
                    let sql = "update syncs set cancel_requested = 1
                        where connection = ?1 and id = ?2";
                    tx.execute(sql, &params![connection, id]).await?;
                } else {
                    fail_sync(tx, connection, id, CANCELLED, now).await?;
                }
                found(tx, connection, id).await
            })
        })
        .await
    }
}

pub(crate) async fn refuse_while_running(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
) -> Result<(), StoreError> {
    let Some(row) = tx.query_first(RUNNING, &params![connection]).await? else {
        return Ok(());
    };
    let id = row.parsed(0, |text| text.parse().ok())?;
    Err(match row.parsed(1, SyncTrigger::from_name)? {
        SyncTrigger::Replay => StoreError::ReplayRunning(id),
        SyncTrigger::Requested | SyncTrigger::Cadence => StoreError::SyncRunning(id),
    })
}

/// A sync that a client may name: a replay is none.
async fn named(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
    id: SyncId,
) -> Result<SyncRow, StoreError> {
    match found(tx, connection, id).await? {
        sync if sync.trigger == SyncTrigger::Replay => Err(StoreError::NotFound { what: "sync" }),
        sync => Ok(sync),
    }
}

/// The caller holds the connection's row and knows that none is running.
pub(crate) async fn insert_sync(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
    new: &NewSync,
    fail_at_once: Option<&str>,
) -> Result<(), StoreError> {
    let status = match fail_at_once {
        Some(_) => SyncStatus::Failed,
        None => SyncStatus::Requested,
    };
    let sql = "insert into syncs (connection, id, status, started_by, requested_at, start_from,
        explicit_start, provider_requests, attempts, barren_attempts, progress, failure_reason,
        issues, completed_at, cancel_requested, spends_attempt, checkpointed)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, 0, 0, ?9, '[]', ?10, 0, 1, 0)";
    let params = params![
        connection,
        new.id,
        status.name(),
        new.trigger.name(),
        new.requested_at,
        new.start_from,
        new.explicit_start,
        json_text(&new.provider_requests),
        fail_at_once,
        fail_at_once.map(|_| new.requested_at),
    ];
    tx.execute(sql, &params).await?;
    Ok(())
}

pub(crate) async fn fail_sync(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
    id: SyncId,
    reason: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "update syncs set status = 'failed', failure_reason = ?3, completed_at = ?4,
        not_before = null, lease_owner = null, lease_until = null
        where connection = ?1 and id = ?2";
    tx.execute(sql, &params![connection, id, reason, now])
        .await?;
    Ok(())
}

/// What is requested or in progress ends with its connection.
pub(crate) async fn fail_unfinished(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
    reason: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "update syncs set status = 'failed', failure_reason = ?2, completed_at = ?3,
        not_before = null, lease_owner = null, lease_until = null
        where connection = ?1 and status in ('requested', 'in_progress')";
    tx.execute(sql, &params![connection, reason, now]).await?;
    Ok(())
}

pub(crate) async fn found(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
    id: SyncId,
) -> Result<SyncRow, StoreError> {
    let row = tx.query_first(BY_ID, &params![connection, id]).await?;
    sync_of(&row.ok_or(StoreError::NotFound { what: "sync" })?)
}

pub(crate) fn sync_of(row: &Row) -> Result<SyncRow, StoreError> {
    Ok(SyncRow {
        id: row.parsed(0, |text| text.parse().ok())?,
        connection: row.parsed(1, |text| text.parse().ok())?,
        status: row.parsed(2, SyncStatus::from_name)?,
        trigger: row.parsed(3, SyncTrigger::from_name)?,
        requested_at: row.time(4)?,
        start_from: row.opt_time(5)?,
        explicit_start: row.bool(6)?,
        provider_requests: row.json(7)?,
        attempts: row.u32(8)?,
        barren_attempts: row.u32(9)?,
        progress: row.f64(10)?,
        failure_reason: row.opt_text(11)?.map(str::to_owned),
        issues: row.json(12)?,
        started_at: row.opt_time(13)?,
        completed_at: row.opt_time(14)?,
        not_before: row.opt_time(15)?,
        cancel_requested: row.bool(16)?,
        lease_until: row.opt_time(17)?,
    })
}
