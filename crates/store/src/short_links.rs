//! Short links: what a Link page is opened with, kept under a code of eight characters.
//!
//! A link is findable until it is deleted or its time is over. Its code, and its place as the one
//! link of its request, are free from then on; the row stays, so that deleting twice is known for
//! what it is.

use model::link::LinkOptions;
use model::{ApplicationId, ShortLinkId, Timestamp};

use crate::backend::{Row, Tx, Value, params};
use crate::connections::json_text;
use crate::{Store, StoreError};

#[derive(Clone, Debug, PartialEq)]
pub struct ShortLink {
    pub id: ShortLinkId,
    pub application: ApplicationId,
    /// Eight of `a-hjkmnp-z2-9`: none that is taken for another.
    pub code: String,
    pub options: LinkOptions,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

const COLUMNS: &str = "select id, application, code, body, created_at, expires_at from short_links";

impl Store {
    /// Makes a link, or gives back the one that the application made of an equal request
    /// (`request_hash` is SHA-256 of its canonical form) and that still leads somewhere: then the
    /// truth beside it is `true`. [`StoreError::Conflict`] of a `short link code` when another
    /// link has the code.
    pub async fn create_short_link(
        &self,
        link: &ShortLink,
        request_hash: [u8; 32],
    ) -> Result<(ShortLink, bool), StoreError> {
        let link = link.clone();
        let row = self
            .write(move |tx| {
                Box::pin(async move {
                    free_expired(tx, &link, request_hash).await?;
                    let sql = "insert into short_links
                        (id, application, code, request_hash, body, created_at, expires_at)
                        values (?1, ?2, ?3, ?4, ?5, ?6, ?7) on conflict do nothing";
                    let made = tx.execute(sql, &row_params(&link, request_hash)).await?;
                    if made > 0 {
                        return Ok(Ok((link, false)));
                    }
                    let sql = format!(
                        "{COLUMNS} where application = ?1 and request_hash = ?2
                            and deleted_at is null"
                    );
                    let params = params![link.application, request_hash];
                    match tx.query_first(&sql, &params).await? {
                        Some(row) => Ok(Err(row)),
                        None => Err(StoreError::Conflict {
                            what: "short link code",
                        }),
                    }
                })
            })
            .await?;
        match row {
            Ok(made) => Ok(made),
            Err(row) => Ok((link_of(&row)?, true)),
        }
    }

    /// The link that a code leads to; `None` when it was deleted or its time is over.
    pub async fn short_link_by_code(
        &self,
        code: &str,
        now: Timestamp,
    ) -> Result<Option<ShortLink>, StoreError> {
        // Whatever people type comes here; no text of other characters was ever a code.
        if !code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Ok(None);
        }
        let params = params![code, now];
        let row = self
            .read(move |tx| {
                Box::pin(async move {
                    let sql = format!(
                        "{COLUMNS} where code = ?1 and deleted_at is null and expires_at > ?2"
                    );
                    tx.query_first(&sql, &params).await
                })
            })
            .await?;
        row.as_ref().map(link_of).transpose()
    }

    /// `false` when it was deleted before. [`StoreError::NotFound`] when the application never had
    /// it.
    pub async fn delete_short_link(
        &self,
        application: ApplicationId,
        id: ShortLinkId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                let sql = "update short_links set deleted_at = ?3
                    where id = ?1 and application = ?2 and deleted_at is null";
                if tx.execute(sql, &params![id, application, now]).await? > 0 {
                    return Ok(true);
                }
                let sql = "select id from short_links where id = ?1 and application = ?2";
                match tx.query_first(sql, &params![id, application]).await? {
                    Some(_) => Ok(false),
                    None => Err(StoreError::NotFound { what: "short link" }),
                }
            })
        })
        .await
    }
}

/// What stands in a new link's way and leads nowhere any more.
async fn free_expired(
    tx: &mut Tx<'_>,
    link: &ShortLink,
    request_hash: [u8; 32],
) -> Result<(), StoreError> {
    let sql = "update short_links set deleted_at = expires_at
        where deleted_at is null and expires_at <= ?1
            and (code = ?2 or (application = ?3 and request_hash = ?4))";
    let params = params![link.created_at, &link.code, link.application, request_hash];
    tx.execute(sql, &params).await?;
    Ok(())
}

fn row_params(link: &ShortLink, request_hash: [u8; 32]) -> Vec<Value> {
    params![
        link.id,
        link.application,
        &link.code,
        request_hash,
        json_text(&link.options),
        link.created_at,
        link.expires_at,
    ]
    .to_vec()
}

fn link_of(row: &Row) -> Result<ShortLink, StoreError> {
    Ok(ShortLink {
        id: row.parsed(0, |text| text.parse().ok())?,
        application: row.parsed(1, |text| text.parse().ok())?,
        code: row.text(2)?.to_owned(),
        options: row.json(3)?,
        created_at: row.time(4)?,
        expires_at: row.time(5)?,
    })
}
