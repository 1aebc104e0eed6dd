//! Credentials that a provider refuses end the connection's syncs, unless they are others by then.
//!
//! Between a question and its refusal the account's owner may have given new credentials: what was
//! refused says nothing of those.

use model::connection::ConnectionStatus;
use model::{ConnectionId, Timestamp};

use crate::backend::params;
use crate::connections::{ConnectionPatch, lock_connection, patch_connection};
use crate::{Store, StoreError};

impl Store {
    /// Whether the account's owner gave other credentials after this.
    pub async fn were_given_after(
        &self,
        connection: ConnectionId,
        asked_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let params = params![connection, asked_at];
        let newer = self
            .read(move |tx| Box::pin(async move { tx.query_first(GIVEN_AFTER, &params).await }))
            .await?;
        Ok(newer.is_some())
    }

    /// Disconnects a connection whose credentials were refused to what was asked at `asked_at`.
    /// False, and nothing changed, where it is not connected any more or has other credentials.
    pub async fn disconnect_refused(
        &self,
        connection: ConnectionId,
        asked_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                let row = lock_connection(tx, connection).await?;
                let status = row.parsed(3, ConnectionStatus::from_name)?;
                let params = params![connection, asked_at];
                let newer = tx.query_first(GIVEN_AFTER, &params).await?;
                if status != ConnectionStatus::Connected || newer.is_some() {
                    return Ok(false);
                }
                let patch = ConnectionPatch {
                    status: Some(ConnectionStatus::Disconnected),
                    ..ConnectionPatch::default()
                };
                patch_connection(tx, connection, &row, &patch, now).await?;
                Ok(true)
            })
        })
        .await
    }
}

const GIVEN_AFTER: &str =
    "select 1 from credentials where connection = ?1 and given_at is not null and given_at > ?2";
