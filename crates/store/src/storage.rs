//! How much of what is stored: for operators and for the bench.

use crate::backend::{Dialect, Tx};
use crate::{Store, StoreError};

/// Bytes as the columns hold them, without what the database adds (pages, indexes, free space);
/// `database_bytes` has all of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StorageReport {
    /// Points in blocks and tail, tombstones of the tail included.
    pub points: u64,
    pub block_bytes: u64,
    pub tail_bytes: u64,
    /// Bodies of the raw log, compressed, and the rows kept of those that were retired.
    pub page_bytes: u64,
    pub record_bytes: u64,
    pub database_bytes: u64,
}

const POINTS: &str = "select cast((select coalesce(sum(count), 0) from blocks) as bigint)
    + cast((select coalesce(sum(points), 0) from history_tail) as bigint)";
const BLOCKS: &str = "select cast(coalesce(sum(octet_length(body)), 0) as bigint) from blocks";
const TAIL: &str = "select cast(coalesce(sum(octet_length(body)), 0) as bigint) from history_tail";
const PAGES: &str = "select
    cast((select coalesce(sum(octet_length(body)), 0) from pages) as bigint)
    + cast((select coalesce(sum(octet_length(data)), 0) from raw_rows) as bigint)";
const RECORDS: &str = "select cast(coalesce(sum(octet_length(body)), 0) as bigint) from records";
const SQLITE_FILE: &str = "select page_count * page_size from pragma_page_count, pragma_page_size";
const POSTGRES_DATABASE: &str = "select pg_database_size(current_database())";

impl Store {
    /// Looks at every row's size: seconds on a large database.
    pub async fn storage(&self) -> Result<StorageReport, StoreError> {
        self.read(|tx| Box::pin(report(tx))).await
    }
}

async fn report(tx: &mut Tx<'_>) -> Result<StorageReport, StoreError> {
    let database = match tx.dialect() {
        Dialect::Sqlite => SQLITE_FILE,
        Dialect::Postgres => POSTGRES_DATABASE,
    };
    Ok(StorageReport {
        points: number(tx, POINTS).await?,
        block_bytes: number(tx, BLOCKS).await?,
        tail_bytes: number(tx, TAIL).await?,
        page_bytes: number(tx, PAGES).await?,
        record_bytes: number(tx, RECORDS).await?,
        database_bytes: number(tx, database).await?,
    })
}

async fn number(tx: &mut Tx<'_>, sql: &str) -> Result<u64, StoreError> {
    match tx.query_first(sql, &[]).await? {
        Some(row) => Ok(u64::try_from(row.i64(0)?).unwrap_or(0)),
        None => Ok(0),
    }
}
