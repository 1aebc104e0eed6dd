//! The raw log's end: a page's body goes after a time, the rows that records are made of stay.
//!
//! The page's own row stays as well, with its hash, time and request. Points lose their raw rows:
//! there are too many of them. The engine decides when; one call is one short transaction.

use std::collections::{BTreeMap, BTreeSet};

use model::{ConnectionId, RawRange, Timestamp};

use crate::backend::{Row, Tx, params};
use crate::connections::lock_connection;
use crate::lifecycle::{is_leaving, status_of};
use crate::pages::{self, page_columns};
use crate::{Store, StoreError};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retired {
    /// Whose bodies were dropped.
    pub pages: u64,
    /// That records point to and that are kept.
    pub rows_moved: u64,
    /// That a record points to and that are not in the page, or whose page cannot be read.
    pub rows_lost: u64,
    /// Of the bodies that were dropped, compressed.
    pub bytes: u64,
}

const OLDEST: &str = concat!(
    "select ",
    page_columns!(),
    ", number from pages where connection = ?1 and body is not null and received_at < ?2
      order by received_at, number limit ?3"
);

const POINTED_TO: &str =
    "select raw from records where connection = ?1 and page = ?2 and withdrawn_at is null";

const KEEP_ROW: &str = "insert into raw_rows (connection, page, start, length, stream, received_at,
    data) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
    on conflict (connection, page, start, length) do nothing";

const DROP_BODY: &str = "update pages set body = null where connection = ?1 and number = ?2";

impl Store {
    /// Connections with pages received before this whose bodies are still there; not those whose
    /// pages are being mapped again or erased just now.
    pub async fn pages_to_retire(
        &self,
        before: Timestamp,
    ) -> Result<Vec<ConnectionId>, StoreError> {
        // One look into an index for each connection.
        let sql = "select c.id from connections c where exists (select 1 from pages p
                where p.connection = c.id and p.body is not null and p.received_at < ?1)
            and c.status <> 'deleting'
            and not exists (select 1 from syncs s where s.connection = c.id
                and s.status = 'in_progress' and s.started_by = 'replay')
            order by c.id";
        let rows = self
            .read(move |tx| Box::pin(async move { tx.query(sql, &params![before]).await }))
            .await?;
        rows.iter()
            .map(|row| row.parsed(0, |text| text.parse().ok()))
            .collect()
    }

    /// Drops the bodies of the oldest pages received before `before`, `most` of them at most, after
    /// the rows that live records point to were put aside; [`Store::raw_rows`] finds them there.
    /// Fewer than `most` pages were retired: for now that was all. Their bodies are in memory
    /// meanwhile, so `most` should be a few.
    pub async fn retire_pages(
        &self,
        connection: ConnectionId,
        before: Timestamp,
        most: usize,
    ) -> Result<Retired, StoreError> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let found = self
            .read(move |tx| Box::pin(read_oldest(tx, connection, before, most)))
            .await?;
        let mut retired = Retired::default();
        if !found.is_empty() {
            let leaving = self
                .compute(move || {
                    let pages = found.into_iter();
                    let leaving = pages.map(|(row, ranges)| LeavingPage::new(&row, ranges));
                    leaving.collect::<Result<Vec<_>, _>>()
                })
                .await??;
            retired = self
                .write(move |tx| Box::pin(drop_bodies(tx, connection, leaving)))
                .await?;
        }
        self.reclaim_some().await?;
        Ok(retired)
    }
}

type Ranges = BTreeSet<(u32, u32)>;

async fn read_oldest(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
    before: Timestamp,
    most: i64,
) -> Result<Vec<(Row, Ranges)>, StoreError> {
    let rows = tx.query(OLDEST, &params![connection, before, most]).await?;
    let numbers: Vec<i64> = rows
        .iter()
        .map(|row| row.i64(pages::NUMBER))
        .collect::<Result<_, _>>()?;
    let ranges = pointed_to(tx, connection, &numbers).await?;
    Ok(rows.into_iter().zip(ranges).collect())
}

/// The places in each page that live records point to.
async fn pointed_to(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
    numbers: &[i64],
) -> Result<Vec<Ranges>, StoreError> {
    let asked = numbers
        .iter()
        .map(|number| params![connection, *number].to_vec());
    let answers = tx.query_each(POINTED_TO, asked.collect()).await?;
    let mut of_pages = Vec::with_capacity(answers.len());
    for rows in answers {
        let mut ranges = Ranges::new();
        for row in &rows {
            let pointers: Vec<RawRange> = row.json(0)?;
            ranges.extend(pointers.iter().map(|range| (range.offset, range.length)));
        }
        of_pages.push(ranges);
    }
    Ok(of_pages)
}

/// A page whose body is to go, and what stays of it.
struct LeavingPage {
    number: i64,
    stream: String,
    received_at: Timestamp,
    bytes: u64,
    /// By place, compressed; `None` where the page has no such place.
    rows: BTreeMap<(u32, u32), Option<Vec<u8>>>,
}

impl LeavingPage {
    fn new(row: &Row, ranges: Ranges) -> Result<LeavingPage, StoreError> {
        let body = row.blob(pages::PAGE_BODY)?;
        let number = row.i64(pages::NUMBER)?;
        // A body that nobody can read serves nobody: it goes too, and what is lost is counted.
        let plain = match ranges.is_empty() {
            true => Vec::new(),
            false => pages::plain_of(row).unwrap_or_else(|error| {
                tracing::warn!(page = number, error = %error, "a raw page is lost");
                Vec::new()
            }),
        };
        let mut rows = BTreeMap::new();
        for (offset, length) in ranges {
            let start = offset as usize;
            let packed = match plain.get(start..start.saturating_add(length as usize)) {
                Some(slice) => Some(pages::pack(slice)?),
                None => None,
            };
            rows.insert((offset, length), packed);
        }
        Ok(LeavingPage {
            number,
            stream: row.text(pages::STREAM)?.to_owned(),
            received_at: row.time(pages::RECEIVED_AT)?,
            bytes: body.len() as u64,
            rows,
        })
    }
}

async fn drop_bodies(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
    leaving: Vec<LeavingPage>,
) -> Result<Retired, StoreError> {
    let row = lock_connection(tx, connection).await?;
    if is_leaving(status_of(&row)?) {
        // Its pages are being erased: nothing of them is to be kept.
        return Ok(Retired::default());
    }
    let numbers: Vec<i64> = leaving.iter().map(|page| page.number).collect();
    let now_pointed_to = pointed_to(tx, connection, &numbers).await?;
    let mut retired = Retired::default();
    let (mut kept, mut dropped) = (Vec::new(), Vec::new());
    for (page, ranges) in leaving.into_iter().zip(now_pointed_to) {
        // A commit since the page was read has made records of other rows: it waits for its turn.
        if !ranges.iter().all(|range| page.rows.contains_key(range)) {
            continue;
        }
        for ((offset, length), data) in page.rows {
            let Some(data) = data else {
                retired.rows_lost += 1;
                continue;
            };
            kept.push(
                params![
                    connection,
                    page.number,
                    offset,
                    length,
                    &page.stream,
                    page.received_at,
                    data,
                ]
                .to_vec(),
            );
        }
        dropped.push(params![connection, page.number].to_vec());
        retired.bytes += page.bytes;
    }
    retired.rows_moved = kept.len() as u64;
    tx.execute_each(KEEP_ROW, kept).await?;
    retired.pages = tx.execute_each(DROP_BODY, dropped).await?;
    Ok(retired)
}
