//! Credentials and what signing in made of them: one sealed, versioned row a connection.
//!
//! Whoever signs in holds the row for that time ([`Store::hold_credentials`]) and ends with a
//! compare-and-set that also lets go. A holder that dies is waited for until its time is up.

use model::{ConnectionId, Secret, Timestamp};

use crate::backend::{Row, params};
use crate::{Store, StoreError};

#[derive(Clone, Debug)]
pub struct StoredCredentials {
    /// A JSON object; the engine knows its shape.
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
        row.map(|row| self.unsealed(connection, &row)).transpose()
    }

    fn unsealed(
        &self,
        connection: ConnectionId,
        row: &Row,
    ) -> Result<StoredCredentials, StoreError> {
        Ok(StoredCredentials {
            secret: self.vault().unseal(row.blob(0)?, &bound_to(connection))?,
            version: row.i64(1)?,
        })
    }

    /// Takes hold of the row until `until`, and reads it; `None` while another holder has it (or
    /// where there is no row). Holding again what one holds prolongs it.
    pub async fn hold_credentials(
        &self,
        connection: ConnectionId,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<StoredCredentials>, StoreError> {
        let params = params![connection, holder, now, until];
        let row = self
            .write(move |tx| {
                Box::pin(async move {
                    let sql = "update credentials set held_by = ?2, held_until = ?4
                        where connection = ?1
                            and (held_by is null or held_by = ?2 or held_until <= ?3)";
                    if tx.execute(sql, &params).await? == 0 {
                        return Ok(None);
                    }
                    let sql = "select sealed, version from credentials where connection = ?1";
                    tx.query_first(sql, &params![connection]).await
                })
            })
            .await?;
        row.map(|row| self.unsealed(connection, &row)).transpose()
    }

    /// Lets go of the row without having changed it. Nothing happens where another holds it.
    pub async fn release_credentials(
        &self,
        connection: ConnectionId,
        holder: &str,
    ) -> Result<(), StoreError> {
        let params = params![connection, holder];
        self.write(move |tx| {
            Box::pin(async move {
                let sql = "update credentials set held_by = null, held_until = null
                    where connection = ?1 and held_by = ?2";
                tx.execute(sql, &params).await.map(|_| ())
            })
        })
        .await
    }

    /// Compare and set, and let go: false, and nothing changed, when the stored version is another
    /// one. `renew_at` is when [`Store::due_renewals`] names the connection.
    pub async fn replace_credentials(
        &self,
        connection: ConnectionId,
        secret: &Secret,
        expected_version: i64,
        renew_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sealed = self.vault().seal(secret, &bound_to(connection));
        let params = params![connection, expected_version, sealed, now, renew_at];
        self.write(move |tx| {
            Box::pin(async move {
                let sql = "update credentials
                    set sealed = ?3, version = version + 1, updated_at = ?4, renew_at = ?5,
                        held_by = null, held_until = null
                    where connection = ?1 and version = ?2";
                Ok(tx.execute(sql, &params).await? == 1)
            })
        })
        .await
    }

    /// That there is nothing to renew about credentials of this version.
    pub async fn never_renew(
        &self,
        connection: ConnectionId,
        version: i64,
    ) -> Result<(), StoreError> {
        let params = params![connection, version];
        self.write(move |tx| {
            Box::pin(async move {
                let sql = "update credentials set renew_at = null
                    where connection = ?1 and version = ?2";
                tx.execute(sql, &params).await.map(|_| ())
            })
        })
        .await
    }

    /// Connected connections whose credentials are to be renewed by now, the longest due first.
    pub async fn due_renewals(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<ConnectionId>, StoreError> {
        let params = params![now, limit as i64];
        let rows = self
            .read(move |tx| {
                Box::pin(async move {
                    let sql = "select k.connection from credentials k
                        join connections c on c.id = k.connection
                        where k.renew_at <= ?1 and c.status = 'connected'
                        order by k.renew_at, k.connection limit ?2";
                    tx.query(sql, &params).await
                })
            })
            .await?;
        rows.iter()
            .map(|row| row.parsed(0, |text| text.parse().ok()))
            .collect()
    }
}
