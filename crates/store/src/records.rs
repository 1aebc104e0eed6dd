//! Records: every entity and event, one row each, whatever its model.

mod select;

use model::{
    ConnectionId, DriverId, Model, RawRange, RecordId, RecordStatus, Timestamp, Ulid, VehicleId,
};

use crate::backend::{Row, params};
use crate::pages::RawPointer;
use crate::{Store, StoreError};
use select::Select;

#[derive(Clone, Debug, PartialEq)]
pub struct StoredRecord {
    pub id: RecordId,
    pub status: Option<RecordStatus>,
    /// The JSON object as served, without `metadata` and `raw`.
    pub body: String,
    pub added_at: Timestamp,
    pub modified_at: Timestamp,
    /// When a listing no longer named it.
    pub deleted_at: Option<Timestamp>,
    pub raw: Vec<RawPointer>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordOrder {
    /// (modified_at, id).
    Modified,
    /// (started_at, id).
    Started,
}

#[derive(Clone, Debug)]
pub struct RecordQuery {
    pub model: Model,
    pub order: RecordOrder,
    /// Inclusive.
    pub modified_after: Option<Timestamp>,
    /// Exclusive.
    pub modified_before: Option<Timestamp>,
    /// Inclusive; what has no start is left out, as with the other three.
    pub started_after: Option<Timestamp>,
    /// Exclusive.
    pub started_before: Option<Timestamp>,
    /// Inclusive; what has not ended is left out.
    pub ended_after: Option<Timestamp>,
    /// Exclusive.
    pub ended_before: Option<Timestamp>,
    /// Records of these vehicles; empty means all. Each is a list of its own to be merged, so
    /// callers allow a few dozen at most.
    pub vehicles: Vec<VehicleId>,
    /// Records of these drivers, likewise.
    pub drivers: Vec<DriverId>,
    /// Also records that were deleted.
    pub include_deleted: bool,
    /// Strictly after this place in the order.
    pub after: Option<(Timestamp, Ulid)>,
    pub limit: usize,
}

impl RecordQuery {
    /// All live records of a model from the start of the order.
    pub fn of(model: Model, order: RecordOrder, limit: usize) -> RecordQuery {
        RecordQuery {
            model,
            order,
            modified_after: None,
            modified_before: None,
            started_after: None,
            started_before: None,
            ended_after: None,
            ended_before: None,
            vehicles: Vec::new(),
            drivers: Vec::new(),
            include_deleted: false,
            after: None,
            limit,
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct RecordPage {
    pub records: Vec<StoredRecord>,
    /// The place of the last record read; `None` when there is nothing beyond it.
    pub next: Option<(Timestamp, Ulid)>,
}

/// Rows read for one page of a list at most, as a multiple of its limit: a filter that keeps almost
/// nothing gives short pages instead of slow ones.
const SCANNED_PER_KEPT: usize = 20;
/// Rows read at once at least, whatever the limit.
const BATCH_MIN: usize = 32;

const COLUMNS: &str = "model, id, status, body, added_at, modified_at, deleted_at, page, raw,
    started_at";
const STARTED_AT: usize = 9;

const BY_ID: &str = "select model, id, status, body, added_at, modified_at, deleted_at, page, raw,
    started_at from records
    where connection = ?1 and model = ?2 and id = ?3 and withdrawn_at is null";

impl Store {
    /// Records for which `keep` says yes, up to the limit. A list ordered by modification first
    /// waits for a commit of this connection that is in flight, so that a client which polls from
    /// the start of its last pull misses nothing.
    pub async fn list_records(
        &self,
        connection: ConnectionId,
        query: &RecordQuery,
        keep: &(dyn Fn(&StoredRecord) -> bool + Send + Sync),
    ) -> Result<RecordPage, StoreError> {
        if query.order == RecordOrder::Modified {
            self.barrier(connection).await?;
        }
        let batch = query.limit.max(BATCH_MIN);
        let mut unread = query.limit.saturating_mul(SCANNED_PER_KEPT).max(batch);
        let mut page = RecordPage {
            records: Vec::new(),
            next: query.after,
        };
        while unread > 0 {
            let wanted = batch.min(unread);
            let select = Select::new(connection, query, page.next, wanted + 1);
            let rows = self
                .read(move |tx| Box::pin(async move { select.rows(tx).await }))
                .await?;
            for row in rows.iter().take(wanted) {
                if page.records.len() >= query.limit {
                    return Ok(page);
                }
                let record = record_of(row)?;
                let time = match query.order {
                    RecordOrder::Modified => record.modified_at,
                    RecordOrder::Started => row.time(STARTED_AT)?,
                };
                page.next = Some((time, record.id.ulid));
                if keep(&record) {
                    page.records.push(record);
                }
            }
            if rows.len() <= wanted {
                page.next = None;
                return Ok(page);
            }
            unread -= wanted;
        }
        Ok(page)
    }

    /// Deleted ones included.
    pub async fn record(
        &self,
        connection: ConnectionId,
        id: RecordId,
    ) -> Result<Option<StoredRecord>, StoreError> {
        Ok(self.records(connection, &[id]).await?.pop())
    }

    /// Those that exist, in any order: what `expand` asks for.
    pub async fn records(
        &self,
        connection: ConnectionId,
        ids: &[RecordId],
    ) -> Result<Vec<StoredRecord>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows = ids
            .iter()
            .map(|id| params![connection, id.model.name(), id.ulid].to_vec())
            .collect();
        let answers = self
            .read(move |tx| Box::pin(async move { tx.query_each(BY_ID, rows).await }))
            .await?;
        answers.iter().flatten().map(record_of).collect()
    }
}

fn record_of(row: &Row) -> Result<StoredRecord, StoreError> {
    let page = row.i64(7)?;
    let ranges: Vec<RawRange> = row.json(8)?;
    Ok(StoredRecord {
        id: RecordId {
            model: row.parsed(0, Model::from_name)?,
            ulid: row.parsed(1, |text| text.parse().ok())?,
        },
        status: row.opt_text(2)?.and_then(RecordStatus::from_name),
        body: row.text(3)?.to_owned(),
        added_at: row.time(4)?,
        modified_at: row.time(5)?,
        deleted_at: row.opt_time(6)?,
        raw: ranges
            .into_iter()
            .map(|range| RawPointer::Range { page, range })
            .collect(),
    })
}
