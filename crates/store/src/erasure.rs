//! Erasing a connection's data, a bounded transaction at a time.
//!
//! Only the bare row stays: whose it was, at which provider, under which names of the client's. A
//! crash at any step costs that step; whoever comes next goes on from what is still there. Nothing
//! is added meanwhile, because every writer holds the connection's row and looks at fence or status
//! first.
//!
//! SQLite overwrites with zeros what is deleted, but not the copies that its trees leave in the
//! unused part of a page when they move rows to another: one row in many thousands was found there,
//! on pages that others still use. So a file that is small enough is written anew
//! ([`Store::rebuild_file`]). What was written before lies in the log beside the file until that is
//! cut off ([`Store::truncate_log`]). What backups, archives and PostgreSQL's own files keep is
//! beyond this program.

use model::connection::ConnectionStatus::{Deleted, Deleting, PendingDeletion};
use model::{ConnectionId, Timestamp};

use crate::backend::{Dialect, Row, Tx, Value, params};
use crate::connections::{connection_of, lock_connection};
use crate::lifecycle::{close, status_of, wrong_state};
use crate::{Connection, Store, StoreError};

/// What one step of an erasure removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// All of one table; none: nothing was left to remove.
    pub rows: u64,
    /// Of their larger columns, about.
    pub bytes: u64,
}

/// A table with connections' data.
struct Emptied {
    table: &'static str,
    /// What tells a connection's rows apart, in the order of an index.
    keys: &'static str,
    /// Bytes of a row's larger columns, in SQL.
    bytes: &'static str,
    /// Which rows go, in SQL, where some stay.
    only: &'static str,
}

const fn all_of(table: &'static str, keys: &'static str, bytes: &'static str) -> Emptied {
    Emptied {
        table,
        keys,
        bytes,
        only: "",
    }
}

/// What opens the account goes first.
const EMPTIED: [Emptied; 14] = [
    all_of("credentials", "version", "octet_length(sealed)"),
    all_of("public_tokens", "hash", "64"),
    all_of("consents", "id", "256"),
    all_of(
        "records",
        "model, id",
        "octet_length(body) + octet_length(raw)",
    ),
    all_of("blocks", "vehicle, series, day, part", "octet_length(body)"),
    all_of("history_tail", "seq", "octet_length(body)"),
    all_of("pages", "number", "coalesce(octet_length(body), 256)"),
    all_of("raw_rows", "page, start, length", "octet_length(data)"),
    all_of("coverage", "stream, shard", "octet_length(body)"),
    all_of("positions", "stream, slot", "octet_length(body)"),
    all_of("listing_doubts", "stream", "64"),
    all_of("issues", "id", "256"),
    all_of("syncs", "id", "256"),
    Emptied {
        only: "and kind = 'dot_number'",
        ..all_of("connection_labels", "kind, label", "64")
    },
];

/// Rows of one step …
const ROWS_A_STEP: usize = 4_000;
/// … and their bytes, beyond which it takes no further row.
const BYTES_A_STEP: u64 = 16 << 20;
/// Pages of the database file that one step gives back: 4 MiB, hence a few milliseconds.
const RECLAIMED_PAGES: u64 = 1_024;

const DUE: &str = "select id from connections
    where status in ('pending_deletion', 'deleting') and delete_at <= ?1
    order by delete_at, id limit ?2";

/// What the bare row does not have.
const STRIP: &str = "update connections set source_id = null, account = '{}', options = '{}',
    filters = '{}', base_url = null, cadence_ms = null, history_from = null, next_sync_at = null,
    time_zone = null, time_zone_source = null where id = ?1";

impl Store {
    /// Connections whose data is to go by now, the longest due first.
    pub async fn due_erasures(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<ConnectionId>, StoreError> {
        let params = params![now, i64::try_from(limit).unwrap_or(i64::MAX)];
        let rows = self
            .read(move |tx| Box::pin(async move { tx.query(DUE, &params).await }))
            .await?;
        rows.iter()
            .map(|row| row.parsed(0, |text| text.parse().ok()))
            .collect()
    }

    /// From here on nobody can change its mind. False where the deletion was called off, or is not
    /// due.
    pub async fn begin_erasure(
        &self,
        id: ConnectionId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                let row = lock_connection(tx, id).await?;
                match status_of(&row)? {
                    Deleting => return Ok(true),
                    PendingDeletion => {}
                    _ => return Ok(false),
                }
                let sql = "select 1 from connections where id = ?1 and delete_at <= ?2";
                if tx.query_first(sql, &params![id, now]).await?.is_none() {
                    return Ok(false);
                }
                close(tx, id, Deleting, now).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Removes some rows of one table; where none is left in any, what the bare row does not have
    /// goes too. [`StoreError::ConnectionState`] unless the erasure has begun.
    pub async fn erase_some(&self, id: ConnectionId) -> Result<Erased, StoreError> {
        let erased = self
            .write(move |tx| Box::pin(erase_step(tx, id, ROWS_A_STEP, BYTES_A_STEP)))
            .await?;
        if erased.rows == 0 {
            // Decoded blocks are found by the hash of a body that nobody has any more, but they
            // are the connection's positions all the same.
            self.blocks().forget();
        }
        Ok(erased)
    }

    /// Ends the erasure. [`StoreError::ConnectionState`] unless it has begun.
    pub async fn finish_erasure(
        &self,
        id: ConnectionId,
        now: Timestamp,
    ) -> Result<Connection, StoreError> {
        let row = self
            .write(move |tx| {
                Box::pin(async move {
                    lock_deleting(tx, id).await?;
                    let sql = "update connections set status = ?2, updated_at = ?3,
                        deleted_at = ?3 where id = ?1";
                    tx.execute(sql, &params![id, Deleted.name(), now]).await?;
                    lock_connection(tx, id).await
                })
            })
            .await?;
        connection_of(&row, self.vault())
    }

    /// SQLite: writes the file anew, while writers wait, if it has so many bytes at most; false
    /// where it has more. PostgreSQL: true.
    pub async fn rebuild_file(&self, bytes_most: u64) -> Result<bool, StoreError> {
        let bytes = self
            .read(|tx| Box::pin(async move { file_bytes(tx).await }))
            .await?;
        if bytes > bytes_most {
            return Ok(false);
        }
        self.vacuum().await?;
        Ok(true)
    }

    /// Gives some of the file's free space back to the disk; how many pages of the file are still
    /// free. PostgreSQL sees to that by itself.
    pub async fn reclaim_some(&self) -> Result<u64, StoreError> {
        self.write(|tx| Box::pin(reclaim(tx))).await
    }
}

/// Of PostgreSQL none.
async fn file_bytes(tx: &mut Tx<'_>) -> Result<u64, StoreError> {
    if tx.dialect() == Dialect::Postgres {
        return Ok(0);
    }
    let sql = "select page_count * page_size from pragma_page_count, pragma_page_size";
    match tx.query_first(sql, &[]).await? {
        Some(row) => Ok(u64::try_from(row.i64(0)?).unwrap_or(0)),
        None => Ok(0),
    }
}

async fn reclaim(tx: &mut Tx<'_>) -> Result<u64, StoreError> {
    if tx.dialect() == Dialect::Postgres {
        return Ok(0);
    }
    let sql = format!("pragma incremental_vacuum({RECLAIMED_PAGES})");
    tx.query(&sql, &[]).await?;
    match tx.query_first("pragma freelist_count", &[]).await? {
        Some(row) => Ok(u64::try_from(row.i64(0)?).unwrap_or(0)),
        None => Ok(0),
    }
}

async fn lock_deleting(tx: &mut Tx<'_>, id: ConnectionId) -> Result<Row, StoreError> {
    let row = lock_connection(tx, id).await?;
    match status_of(&row)? {
        Deleting => Ok(row),
        status => Err(wrong_state(status)),
    }
}

/// Up to so many rows, or somewhat more than so many bytes.
pub(crate) async fn erase_step(
    tx: &mut Tx<'_>,
    id: ConnectionId,
    rows_most: usize,
    bytes_most: u64,
) -> Result<Erased, StoreError> {
    lock_deleting(tx, id).await?;
    for emptied in &EMPTIED {
        let erased = erase_of(tx, id, emptied, rows_most, bytes_most).await?;
        if erased.rows > 0 {
            return Ok(erased);
        }
    }
    tx.execute(STRIP, &params![id]).await?;
    Ok(Erased::default())
}

/// The first rows of a connection in a table, up to the one that reaches a limit.
async fn erase_of(
    tx: &mut Tx<'_>,
    id: ConnectionId,
    emptied: &Emptied,
    rows_most: usize,
    bytes_most: u64,
) -> Result<Erased, StoreError> {
    let Emptied {
        table,
        keys,
        bytes,
        only,
    } = emptied;
    let sql = format!(
        "select cast({bytes} as bigint), {keys} from {table}
         where connection = ?1 {only} order by {keys} limit {rows_most}"
    );
    let found = tx.query(&sql, &params![id]).await?;
    let mut erased = Erased::default();
    let mut last = None;
    for row in &found {
        erased.bytes += u64::try_from(row.i64(0)?).unwrap_or(0);
        last = Some(row);
        if erased.bytes >= bytes_most {
            break;
        }
    }
    let Some(last) = last else {
        return Ok(erased);
    };
    let mut params = vec![Value::from(id)];
    params.extend_from_slice(&last.0[1..]);
    let places: Vec<String> = (2..=params.len()).map(|n| format!("?{n}")).collect();
    let sql = format!(
        "delete from {table} where connection = ?1 {only} and ({keys}) <= ({})",
        places.join(", ")
    );
    erased.rows = tx.execute(&sql, &params).await?;
    Ok(erased)
}
