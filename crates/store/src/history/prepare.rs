//! Merging with what is stored, before the commit's transaction, and storing the result within it.

use std::collections::BTreeSet;

use model::{ConnectionId, Timestamp};

use super::day::StoredPart;
use super::incoming::{DayRun, Incoming};
use super::plan::{Plan, StoredDays, Writes};
use super::tail::Tail;
use super::{PagePoints, ReadWindow};
use crate::backend::{Row, Tx, Value, params};
use crate::{Store, StoreError};

/// Merged and encoded, ready to be stored by [`Store::commit`]: it holds what it was merged with,
/// so it is good only under the lease it was made under.
#[derive(Debug, Default)]
pub struct PreparedHistory {
    pub(super) writes: Writes,
}

impl PreparedHistory {
    /// Nothing will be written: everything that was read was there already.
    pub fn changes_nothing(&self) -> bool {
        self.writes.days.is_empty() && self.writes.tail.is_none()
    }
}

/// What a commit did to the history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Applied {
    pub(crate) added: u64,
    pub(crate) modified: u64,
    /// Listed again with the same value, or by an older page than the stored one.
    pub(crate) unchanged: u64,
    pub(crate) withdrawn: u64,
    /// Numbers of the pages with a point that is new or other, sorted.
    pub(crate) pages_changed: Vec<i64>,
    /// Groups of pages whose windows took points away.
    pub(crate) groups_changed: BTreeSet<i64>,
}

impl Store {
    /// Merges what was read with what is stored. Reads the store, writes nothing.
    ///
    /// Points of the windows in `read` that `points` does not list are withdrawn. Refuses columns
    /// of unequal length or of another kind than their series' ([`StoreError::Corrupt`]).
    pub async fn prepare_history(
        &self,
        connection: ConnectionId,
        points: Vec<PagePoints>,
        read: Vec<ReadWindow>,
    ) -> Result<PreparedHistory, StoreError> {
        let incoming = self
            .compute(move || Incoming::gather(points, read))
            .await??;
        if incoming.series.is_empty() {
            return Ok(PreparedHistory::default());
        }
        self.merge_history(connection, incoming).await
    }

    /// The days of what came in, with what came in.
    pub(super) async fn merge_history(
        &self,
        connection: ConnectionId,
        incoming: Incoming,
    ) -> Result<PreparedHistory, StoreError> {
        let runs = incoming.day_runs();
        let (stored, tail) = self
            .read(move |tx| {
                Box::pin(async move {
                    let stored = load_days(tx, connection, runs).await?;
                    Ok((stored, load_tail(tx, connection).await?))
                })
            })
            .await?;
        let (plan, missing) = self
            .compute(move || {
                let plan = Plan::new(incoming, stored, tail)?;
                let missing = plan.missing()?;
                Ok::<_, StoreError>((plan, missing))
            })
            .await??;
        let runs = missing.clone();
        let stored = match runs.is_empty() {
            true => StoredDays::new(),
            false => {
                self.read(move |tx| Box::pin(load_days(tx, connection, runs)))
                    .await?
            }
        };
        let writes = self
            .compute(move || plan.finish(&missing, stored))
            .await??;
        Ok(PreparedHistory { writes })
    }
}

/// Columns of a part in the order that [`stored_part`] reads them; the body may be left out.
pub(super) const PART_COLUMNS: &str = "day, part, rank, count, first_ms, last_ms, stamp";

/// A part and its day.
pub(super) fn stored_part(row: &Row) -> Result<(i64, StoredPart), StoreError> {
    let out_of_range = |what: &str| StoreError::Corrupt {
        what: "block of points",
        reason: format!("its {what} is out of range"),
    };
    let part = StoredPart {
        part: row.i64(1)?,
        rank: u8::try_from(row.i64(2)?).map_err(|_| out_of_range("rank"))?,
        count: usize::try_from(row.i64(3)?).map_err(|_| out_of_range("count"))?,
        first: row.time(4)?,
        last: row.time(5)?,
        stamp: row.time(6)?,
        body: row.opt_blob(7)?.cloned().unwrap_or_default(),
    };
    Ok((row.i64(0)?, part))
}

async fn load_days(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
    runs: Vec<DayRun>,
) -> Result<StoredDays, StoreError> {
    let sql = format!(
        "select {PART_COLUMNS}, body from blocks
         where connection = ?1 and vehicle = ?2 and series = ?3 and day >= ?4 and day <= ?5
         order by day, part"
    );
    let rows: Vec<Vec<Value>> = runs
        .iter()
        .map(|run| {
            let (vehicle, series) = &run.series;
            let (first, last) = (run.first_day, run.last_day);
            params![connection, *vehicle, series.to_string(), first, last].to_vec()
        })
        .collect();
    let mut days = StoredDays::new();
    for (run, rows) in runs.into_iter().zip(tx.query_each(&sql, rows).await?) {
        for row in &rows {
            let (day, part) = stored_part(row)?;
            days.entry((run.series.clone(), day))
                .or_default()
                .push(part);
        }
    }
    Ok(days)
}

pub(super) async fn load_tail(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
) -> Result<Tail, StoreError> {
    let sql =
        "select seq, stamp, points, body from history_tail where connection = ?1 order by seq";
    let mut tail = Tail::default();
    for row in tx.query(sql, &params![connection]).await? {
        tail.push(row.i64(0)?, row.time(1)?, row.i64(2)?, row.blob(3)?.clone())?;
    }
    Ok(tail)
}

/// Stores what was prepared, inside the commit's transaction and with its stamp.
pub(crate) async fn apply(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
    prepared: PreparedHistory,
    stamp: Timestamp,
) -> Result<Applied, StoreError> {
    let writes = prepared.writes;
    let connection_text = connection.to_string();
    let (mut written, mut emptied) = (Vec::new(), Vec::new());
    for day in writes.days {
        let (vehicle, series) = (day.series.0.to_string(), day.series.1.to_string());
        let key = |part: i64| {
            params![
                &connection_text,
                vehicle.as_str(),
                series.as_str(),
                day.day,
                part
            ]
            .to_vec()
        };
        emptied.extend(day.encoded.emptied.into_iter().map(key));
        for part in day.encoded.written {
            let mut row = key(part.part);
            row.extend(params![
                i64::from(day.rank),
                part.count as i64,
                part.first,
                part.last,
                stamp,
                part.body,
            ]);
            written.push(row);
        }
    }
    if !emptied.is_empty() {
        let sql = "delete from blocks where connection = ?1 and vehicle = ?2 and series = ?3
                   and day = ?4 and part = ?5";
        tx.execute_each(sql, emptied).await?;
    }
    if !written.is_empty() {
        let sql = "insert into blocks (connection, vehicle, series, day, part, rank, count,
                                       first_ms, last_ms, stamp, body)
                   values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
                   on conflict (connection, vehicle, series, day, part) do update set
                     rank = excluded.rank, count = excluded.count,
                     first_ms = excluded.first_ms, last_ms = excluded.last_ms,
                     stamp = excluded.stamp, body = excluded.body";
        tx.execute_each(sql, written).await?;
    }
    if let Some(seq) = writes.folded_through {
        let sql = "delete from history_tail where connection = ?1 and seq <= ?2";
        tx.execute(sql, &params![&connection_text, seq]).await?;
    }
    if let Some(row) = writes.tail {
        let sql = "insert into history_tail (connection, seq, stamp, points, body)
                   values (?1, ?2, ?3, ?4, ?5)";
        let row = params![&connection_text, row.seq, stamp, row.points, row.body];
        tx.execute(sql, &row).await?;
    }
    Ok(Applied {
        added: writes.counts.added,
        modified: writes.counts.modified,
        unchanged: writes.counts.unchanged,
        withdrawn: writes.counts.withdrawn,
        pages_changed: writes.pages_changed,
        groups_changed: writes.groups_changed,
    })
}
