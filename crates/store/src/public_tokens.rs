//! Public tokens: what a browser carries from the Link page to the application's server, which
//! exchanges it, once, for the connection's own token.
//!
//! A token is made together with the consent that it tells of; what is kept of it is its hash.

use model::{ApplicationId, ConnectionId, Timestamp};

use crate::backend::{Row, Tx, params};
use crate::{Store, StoreError};

/// What came of a public token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exchange {
    /// The connection that it stands for; the token is used up now.
    Connection(ConnectionId),
    /// It was exchanged before.
    Used,
    /// Its time was over before anybody exchanged it.
    Expired,
    /// Never made, swept away since, or another application's: these are not told apart.
    Unknown,
}

impl Store {
    /// Uses a token up; of two who try at once, one gets the connection. `hash` is
    /// [`crate::hash_secret`] of the token's text.
    pub async fn exchange_public_token(
        &self,
        application: ApplicationId,
        hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Exchange, StoreError> {
        self.write(move |tx| Box::pin(exchange(tx, application, hash, now)))
            .await
    }

    /// Forgets tokens whose time was over before then; how many.
    pub async fn sweep_public_tokens(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                let sql = "delete from public_tokens where expires_at < ?1";
                tx.execute(sql, &params![before]).await
            })
        })
        .await
    }
}

async fn exchange(
    tx: &mut Tx<'_>,
    application: ApplicationId,
    hash: [u8; 32],
    now: Timestamp,
) -> Result<Exchange, StoreError> {
    // The one statement decides: whoever comes second waits for the first and then finds the token
    // used.
    let sql = "update public_tokens set used_at = ?3
        where hash = ?1 and application = ?2 and used_at is null and expires_at > ?3";
    let used = tx.execute(sql, &params![hash, application, now]).await?;
    let sql = "select connection, used_at from public_tokens
        where hash = ?1 and application = ?2";
    let row = tx.query_first(sql, &params![hash, application]).await?;
    row.map_or(Ok(Exchange::Unknown), |row| outcome(&row, used > 0))
}

fn outcome(row: &Row, is_ours: bool) -> Result<Exchange, StoreError> {
    if is_ours {
        let connection = row.parsed(0, |text| text.parse().ok())?;
        return Ok(Exchange::Connection(connection));
    }
    Ok(match row.opt_time(1)? {
        Some(_) => Exchange::Used,
        None => Exchange::Expired,
    })
}
