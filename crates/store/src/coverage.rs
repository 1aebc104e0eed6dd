//! What a worker needs before it plans: what was read already, where listings stand, which
//! vehicles and drivers there are.
//!
//! Coverage and positions are the engine's own words (bytes here); the store's part is to commit
//! them with the data.

use model::{ConnectionId, Model, RecordId, RecordStatus};

use crate::backend::{Row, params};
use crate::{Store, StoreError};

/// The finished intervals of up to a few hundred partitions of one stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoverageRow {
    pub stream: String,
    pub shard: i64,
    pub body: Vec<u8>,
}

/// Where a task that spans commits stands. An empty body deletes the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PositionRow {
    pub stream: String,
    pub slot: String,
    pub body: Vec<u8>,
}

/// A vehicle or driver (or a row of any other model) as planning and filters see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownMember {
    pub id: RecordId,
    pub source_id: String,
    pub status: Option<RecordStatus>,
    pub deleted: bool,
}

#[derive(Clone, Debug, Default)]
pub struct SyncState {
    /// The number that the next raw page gets; they rise by one, per connection.
    pub next_page: i64,
    pub coverage: Vec<CoverageRow>,
    pub positions: Vec<PositionRow>,
}

impl Store {
    /// [`StoreError::NotFound`] when there is no such connection.
    pub async fn sync_state(&self, connection: ConnectionId) -> Result<SyncState, StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                let of = params![connection];
                let row = tx
                    .query_first("select next_page from connections where id = ?1", &of)
                    .await?
                    .ok_or(StoreError::NotFound { what: "connection" })?;
                let sql = "select stream, shard, body from coverage where connection = ?1
                    order by stream, shard";
                let coverage = tx.query(sql, &of).await?;
                let sql = "select stream, slot, body from positions where connection = ?1
                    order by stream, slot";
                let positions = tx.query(sql, &of).await?;
                Ok(SyncState {
                    next_page: row.i64(0)?,
                    coverage: coverage.iter().map(coverage_of).collect::<Result<_, _>>()?,
                    positions: positions
                        .iter()
                        .map(position_of)
                        .collect::<Result<_, _>>()?,
                })
            })
        })
        .await
    }

    /// Every vehicle, say, of the connection, deleted ones included, ordered by id.
    pub async fn known_members(
        &self,
        connection: ConnectionId,
        model: Model,
    ) -> Result<Vec<KnownMember>, StoreError> {
        let rows = self
            .read(move |tx| {
                Box::pin(async move {
                    let sql = "select id, natural_key, status, deleted_at from records
                        where connection = ?1 and model = ?2 and withdrawn_at is null
                        order by id";
                    tx.query(sql, &params![connection, model.name()]).await
                })
            })
            .await?;
        rows.iter().map(|row| known_member_of(model, row)).collect()
    }
}

fn coverage_of(row: &Row) -> Result<CoverageRow, StoreError> {
    Ok(CoverageRow {
        stream: row.text(0)?.to_owned(),
        shard: row.i64(1)?,
        body: row.blob(2)?.to_vec(),
    })
}

fn position_of(row: &Row) -> Result<PositionRow, StoreError> {
    Ok(PositionRow {
        stream: row.text(0)?.to_owned(),
        slot: row.text(1)?.to_owned(),
        body: row.blob(2)?.to_vec(),
    })
}

fn known_member_of(model: Model, row: &Row) -> Result<KnownMember, StoreError> {
    Ok(KnownMember {
        id: RecordId {
            model,
            ulid: row.parsed(0, |text| text.parse().ok())?,
        },
        source_id: row.text(1)?.to_owned(),
        status: row.opt_text(2)?.and_then(RecordStatus::from_name),
        deleted: row.opt_i64(3)?.is_some(),
    })
}
