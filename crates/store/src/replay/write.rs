//! Committing what a replay changes: under its lease, with a stamp of its own, whole or not at all.

use model::{ConnectionId, Timestamp};

use super::records::{PreparedRecords, Touched, Withdrawal};
use crate::backend::{CommitTicket, StampSource, Tx, Value, params};
use crate::claim::hold_lease;
use crate::commit::{take_stamp, write_progress, write_state};
use crate::connections::json_text;
use crate::coverage::PositionRow;
use crate::{Lease, Store, StoreError};

#[derive(Debug, Default)]
pub struct ReplayCheckpoint {
    pub now: Timestamp,
    /// The lease is prolonged to this.
    pub lease_until: Timestamp,
    pub records: PreparedRecords,
    pub positions: Vec<PositionRow>,
    /// 0 to 100; the stored figure never falls.
    pub progress: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplayCommitted {
    /// `modifiedAt` of every row that changed.
    pub stamp: Timestamp,
    pub cancel_requested: bool,
}

/// Places of the stamp among the parameters of [`WRITE`].
const STAMP: usize = 10;

/// The last parameter says what becomes of `withdrawn_at`: 0 nothing, 1 it is lifted, 2 it is made.
const WRITE: &str = "insert into records (connection, model, id, natural_key, stream, vehicle,
    driver, status, started_at, ended_at, added_at, modified_at, content_hash, page, raw, body,
    unmapped, withdrawn_at)
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?12, ?13, ?14, ?15, ?16,
    case when cast(?17 as bigint) = 2 then cast(?11 as bigint) end)
    on conflict (connection, model, id) do update set
    stream = excluded.stream, vehicle = excluded.vehicle, driver = excluded.driver,
    status = excluded.status, started_at = excluded.started_at, ended_at = excluded.ended_at,
    modified_at = excluded.modified_at, content_hash = excluded.content_hash,
    page = excluded.page, raw = excluded.raw, body = excluded.body, unmapped = excluded.unmapped,
    withdrawn_at = case when cast(?17 as bigint) = 0 then records.withdrawn_at
        else excluded.withdrawn_at end";

const WITHDRAW: &str = "update records set withdrawn_at = ?4, modified_at = ?4, unmapped = ?5
    where connection = ?1 and model = ?2 and id = ?3";

impl Store {
    /// [`StoreError::Stale`] when the lease is no longer the one that counts; nothing changed then.
    pub async fn commit_replay(
        &self,
        lease: &Lease,
        checkpoint: ReplayCheckpoint,
    ) -> Result<ReplayCommitted, StoreError> {
        let ticket = self.commit_ticket(lease.connection).await;
        let (lease, stamps) = (lease.clone(), self.stamps().clone());
        let (committed, ticket) = self
            .write(move |tx| Box::pin(write_replay(tx, lease, checkpoint, stamps, ticket)))
            .await?;
        drop(ticket);
        Ok(committed)
    }
}

async fn write_replay(
    tx: &mut Tx<'_>,
    lease: Lease,
    checkpoint: ReplayCheckpoint,
    stamps: StampSource,
    ticket: CommitTicket,
) -> Result<(ReplayCommitted, CommitTicket), StoreError> {
    let id = lease.connection;
    let (connection, sync) = hold_lease(tx, &lease).await?;
    let stamp = take_stamp(tx, &connection, checkpoint.now, &stamps).await?;
    let (mut written, mut withdrawn) = (Vec::new(), Vec::new());
    for row in checkpoint.records.0 {
        match write_params(id, &row, stamp) {
            Some(params) => written.push(params),
            None => withdrawn.push(
                params![
                    id,
                    row.id.model.name(),
                    row.id.ulid,
                    stamp,
                    row.known.unmapped
                ]
                .to_vec(),
            ),
        }
    }
    tx.execute_each(WRITE, written).await?;
    tx.execute_each(WITHDRAW, withdrawn).await?;
    write_state(tx, id, Vec::new(), checkpoint.positions).await?;
    let sql = "update connections set commit_stamp = ?2 where id = ?1";
    tx.execute(sql, &params![id, stamp]).await?;
    let (progress, until) = (checkpoint.progress, checkpoint.lease_until);
    let cancel_requested =
        write_progress(tx, &lease, &sync, progress, until, Vec::new(), stamp).await?;
    let committed = ReplayCommitted {
        stamp,
        cancel_requested,
    };
    Ok((committed, ticket))
}

/// Of [`WRITE`]; `None` for a row whose content stays.
fn write_params(connection: ConnectionId, row: &Touched, stamp: Timestamp) -> Option<Vec<Value>> {
    let draft = row.content.as_ref()?;
    let withdrawal: i64 = match row.withdrawal {
        Withdrawal::Kept => 0,
        Withdrawal::Lifted => 1,
        Withdrawal::Made => 2,
    };
    let mut params = params![
        connection,
        draft.id.model.name(),
        draft.id.ulid,
        &draft.natural_key,
        &row.known.stream,
        draft.vehicle.map(|id| id.0),
        draft.driver.map(|id| id.0),
        draft.status.map(|status| status.name()),
        draft.started_at,
        draft.ended_at,
        Value::Null,
        row.known.hash.clone(),
        row.known.page,
        json_text(&draft.raw),
        &draft.body,
        row.known.unmapped,
        withdrawal,
    ];
    params[STAMP] = Value::from(stamp);
    Some(params.to_vec())
}
