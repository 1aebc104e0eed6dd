//! The end of a listing: what it did not name is gone, unless that is too much to be believed.

use std::collections::HashSet;

use model::time::HOUR_MS;
use model::{ConnectionId, Timestamp, Ulid};

use super::{ListingEnd, ListingVerdict};
use crate::StoreError;
use crate::backend::{Tx, params};

/// A listing is doubted that would remove more rows than this …
const REMOVED_ROWS_BELIEVED: u64 = 5;
/// … and more than this share of them, in percent …
const REMOVED_PERCENT_BELIEVED: u64 = 20;
/// … until one says so again this much later.
const DOUBT_MS: i64 = HOUR_MS;

const LIVE: &str = "select id from records where connection = ?1 and model = ?2 and stream = ?3
    and deleted_at is null and withdrawn_at is null";

const DELETE: &str = "update records set deleted_at = ?4, modified_at = ?4
    where connection = ?1 and model = ?2 and id = ?3";

pub(super) async fn end_listing(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
    listing: ListingEnd,
    now: Timestamp,
    stamp: Timestamp,
) -> Result<ListingVerdict, StoreError> {
    let seen: HashSet<Ulid> = listing.seen.into_iter().collect();
    let mut live = 0;
    let mut gone = Vec::new();
    for model in listing.models {
        let params = params![connection, model.name(), listing.stream];
        for row in tx.query(LIVE, &params).await? {
            let id: Ulid = row.parsed(0, |text| text.parse().ok())?;
            live += 1;
            if !seen.contains(&id) {
                gone.push(params![connection, model.name(), id, stamp].to_vec());
            }
        }
    }
    let records = gone.len() as u64;
    let unlikely =
        records > REMOVED_ROWS_BELIEVED && records * 100 > live * REMOVED_PERCENT_BELIEVED;
    let doubt = params![connection, listing.stream, now];
    if unlikely {
        // The first doubt's time stays; a later listing is compared with it.
        let sql = "insert into listing_doubts (connection, stream, doubted_at)
            values (?1, ?2, ?3) on conflict (connection, stream) do nothing";
        tx.execute(sql, &doubt).await?;
        let sql = "select doubted_at from listing_doubts where connection = ?1 and stream = ?2";
        let row = tx
            .query_first(sql, &doubt[..2])
            .await?
            .ok_or(StoreError::NotFound { what: "doubt" })?;
        if now.millis().saturating_sub(row.i64(0)?) < DOUBT_MS {
            return Ok(ListingVerdict::Doubted { records });
        }
    }
    let sql = "delete from listing_doubts where connection = ?1 and stream = ?2";
    tx.execute(sql, &doubt[..2]).await?;
    tx.execute_each(DELETE, gone).await?;
    Ok(ListingVerdict::Removed { records })
}
