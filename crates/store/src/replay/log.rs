//! The raw log, read from its beginning.

use model::{ConnectionId, Timestamp};

use crate::backend::{Row, params};
use crate::pages::{self, page_columns};
use crate::{Store, StoreError};

/// A page of the raw log, without its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedPage {
    pub number: i64,
    /// The first page of the reading that it belongs to; `None` for pages of before that was noted.
    pub group: Option<i64>,
    pub stream: String,
    /// The task as the engine described it to itself.
    pub task: String,
    pub received_at: Timestamp,
    pub status: u16,
    /// Bodies go when a page changed nothing, or when it is old.
    pub has_body: bool,
}

/// How many pages a connection's log has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoggedPages {
    pub pages: u64,
    pub with_body: u64,
}

macro_rules! logged_columns {
    () => {
        "number, page_group, stream, task, received_at, status,
         case when body is null then 0 else 1 end"
    };
}

const AFTER: &str = concat!(
    "select ",
    logged_columns!(),
    " from pages where connection = ?1 and number > ?2 order by number limit ?3"
);
const ONE: &str = concat!(
    "select ",
    logged_columns!(),
    " from pages where connection = ?1 and number = ?2"
);
const BODY: &str = concat!(
    "select ",
    page_columns!(),
    " from pages where connection = ?1 and number = ?2 and body is not null"
);

impl Store {
    /// At most `most` pages with a higher number than `after`, in order.
    pub async fn logged_pages(
        &self,
        connection: ConnectionId,
        after: i64,
        most: usize,
    ) -> Result<Vec<LoggedPage>, StoreError> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let params = params![connection, after, most];
        let rows = self
            .read(move |tx| Box::pin(async move { tx.query(AFTER, &params).await }))
            .await?;
        rows.iter().map(logged_page).collect()
    }

    /// A page and its decompressed body; `None` where there is no such page, or no body any more.
    pub async fn logged_page(
        &self,
        connection: ConnectionId,
        number: i64,
    ) -> Result<Option<(LoggedPage, Vec<u8>)>, StoreError> {
        let (page, body) = self
            .read(move |tx| {
                Box::pin(async move {
                    let of = params![connection, number];
                    let page = tx.query_first(ONE, &of).await?;
                    Ok((page, tx.query_first(BODY, &of).await?))
                })
            })
            .await?;
        let (Some(page), Some(body)) = (page, body) else {
            return Ok(None);
        };
        let plain = self.compute(move || pages::plain_of(&body)).await??;
        Ok(Some((logged_page(&page)?, plain)))
    }

    pub async fn count_logged_pages(
        &self,
        connection: ConnectionId,
    ) -> Result<LoggedPages, StoreError> {
        let sql = "select count(*), count(case when body is null then null else 1 end)
            from pages where connection = ?1";
        let row = self
            .read(move |tx| {
                Box::pin(async move { tx.query_first(sql, &params![connection]).await })
            })
            .await?;
        let Some(row) = row else {
            return Ok(LoggedPages::default());
        };
        Ok(LoggedPages {
            pages: row.i64(0)?.unsigned_abs(),
            with_body: row.i64(1)?.unsigned_abs(),
        })
    }
}

fn logged_page(row: &Row) -> Result<LoggedPage, StoreError> {
    Ok(LoggedPage {
        number: row.i64(0)?,
        group: row.opt_i64(1)?,
        stream: row.text(2)?.to_owned(),
        task: row.text(3)?.to_owned(),
        received_at: row.time(4)?,
        status: u16::try_from(row.i64(5)?).map_err(|_| StoreError::Corrupt {
            what: "raw page",
            reason: "its status is out of range".to_owned(),
        })?,
        has_body: row.bool(6)?,
    })
}
