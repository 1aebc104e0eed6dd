//! Credentials: one sealed, versioned row a connection.

use model::{ConnectionId, Secret, Timestamp};

use crate::backend::params;
use crate::{Store, StoreError};

#[derive(Clone, Debug)]
pub struct StoredCredentials {
    /// JSON object of credential fields.
    pub secret: Secret,
    pub version: i64,
}

/// What a connection's credentials are sealed to.
pub(crate) fn bound_to(connection: ConnectionId) -> String {
    format!("{connection}/credentials")
}

impl Store {
    pub async fn credentials(
        &self,
        connection: ConnectionId,
    ) -> Result<Option<StoredCredentials>, StoreError> {
        let row = self
            .read(move |tx| {
                Box::pin(async move {
                    let sql = "select sealed, version from credentials where connection = ?1";
                    tx.query_first(sql, &params![connection]).await
                })
            })
            .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        Ok(Some(StoredCredentials {
            secret: self.vault().unseal(row.blob(0)?, &bound_to(connection))?,
            version: row.i64(1)?,
        }))
    }

    /// Compare and set: false, and nothing changed, when the stored version is another one.
    pub async fn replace_credentials(
        &self,
        connection: ConnectionId,
        secret: &Secret,
        expected_version: i64,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sealed = self.vault().seal(secret, &bound_to(connection));
        let params = params![connection, expected_version, sealed, now];
        self.write(move |tx| {
            Box::pin(async move {
                let sql = "update credentials
                    set sealed = ?3, version = version + 1, updated_at = ?4
                    where connection = ?1 and version = ?2";
                Ok(tx.execute(sql, &params).await? == 1)
            })
        })
        .await
    }
}
