//! Applications and their keys. A key's text is shown once, when it is made; what stays is its
//! hash.

use model::{ApplicationId, KeyId, Timestamp};

use crate::backend::{Row, params};
use crate::{Store, StoreError};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    pub id: ApplicationId,
    pub name: String,
    pub created_at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// `sk_…`: full access, server side only.
    Secret,
    /// `pk_…`: may only open the hosted Link page.
    Publishable,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    pub id: KeyId,
    pub application: ApplicationId,
    pub kind: KeyKind,
    /// The key's last four characters, to tell keys apart in lists.
    pub hint: String,
    pub created_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
}

impl KeyKind {
    fn name(self) -> &'static str {
        match self {
            KeyKind::Secret => "secret",
            KeyKind::Publishable => "publishable",
        }
    }

    fn from_name(name: &str) -> Option<KeyKind> {
        [KeyKind::Secret, KeyKind::Publishable]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

const KEYS: &str = "select id, application, kind, hint, created_at, revoked_at from keys";

impl Store {
    /// [`StoreError::Conflict`] when the id is taken.
    pub async fn create_application(&self, application: &Application) -> Result<(), StoreError> {
        let params = params![application.id, &application.name, application.created_at];
        self.write(move |tx| {
            Box::pin(async move {
                let sql = "insert into applications (id, name, created_at) values (?1, ?2, ?3)";
                tx.execute(sql, &params).await?;
                Ok(())
            })
        })
        .await
    }

    /// In the order of creation.
    pub async fn list_applications(&self) -> Result<Vec<Application>, StoreError> {
        let rows = self
            .read(|tx| {
                Box::pin(async move {
                    let sql = "select id, name, created_at from applications order by id";
                    tx.query(sql, &[]).await
                })
            })
            .await?;
        rows.iter().map(application_of).collect()
    }

    pub async fn application(&self, id: ApplicationId) -> Result<Option<Application>, StoreError> {
        let row = self
            .read(move |tx| {
                Box::pin(async move {
                    let sql = "select id, name, created_at from applications where id = ?1";
                    tx.query_first(sql, &params![id]).await
                })
            })
            .await?;
        row.as_ref().map(application_of).transpose()
    }

    /// `hash` is [`crate::hash_secret`] of the key's text. [`StoreError::Conflict`] when the key is
    /// there already or its application is not.
    pub async fn insert_key(&self, key: &ApiKey, hash: [u8; 32]) -> Result<(), StoreError> {
        let params = params![
            key.id,
            key.application,
            key.kind.name(),
            &key.hint,
            hash,
            key.created_at,
            key.revoked_at,
        ];
        self.write(move |tx| {
            Box::pin(async move {
                let sql = "insert into keys
                    (id, application, kind, hint, hash, created_at, revoked_at)
                    values (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
                tx.execute(sql, &params).await?;
                Ok(())
            })
        })
        .await
    }

    /// The key with this hash, revoked ones included (the caller says why it refuses).
    pub async fn find_key(&self, hash: [u8; 32]) -> Result<Option<ApiKey>, StoreError> {
        let row = self
            .read(move |tx| {
                Box::pin(async move {
                    let sql = keys_sql("where hash = ?1");
                    tx.query_first(&sql, &params![hash]).await
                })
            })
            .await?;
        row.as_ref().map(key_of).transpose()
    }

    /// In the order of creation.
    pub async fn list_keys(&self, application: ApplicationId) -> Result<Vec<ApiKey>, StoreError> {
        let rows = self
            .read(move |tx| {
                Box::pin(async move {
                    let sql = keys_sql("where application = ?1 order by id");
                    tx.query(&sql, &params![application]).await
                })
            })
            .await?;
        rows.iter().map(key_of).collect()
    }

    /// Revoking a revoked key changes nothing.
    pub async fn revoke_key(&self, id: KeyId, now: Timestamp) -> Result<ApiKey, StoreError> {
        let row = self
            .write(move |tx| {
                Box::pin(async move {
                    let sql = "update keys set revoked_at = ?2
                        where id = ?1 and revoked_at is null";
                    tx.execute(sql, &params![id, now]).await?;
                    tx.query_first(&keys_sql("where id = ?1"), &params![id])
                        .await
                })
            })
            .await?;
        let row = row.ok_or(StoreError::NotFound { what: "key" })?;
        key_of(&row)
    }
}

fn keys_sql(rest: &str) -> String {
    format!("{KEYS} {rest}")
}

fn application_of(row: &Row) -> Result<Application, StoreError> {
    Ok(Application {
        id: row.parsed(0, |text| text.parse().ok())?,
        name: row.text(1)?.to_owned(),
        created_at: row.time(2)?,
    })
}

fn key_of(row: &Row) -> Result<ApiKey, StoreError> {
    Ok(ApiKey {
        id: row.parsed(0, |text| text.parse().ok())?,
        application: row.parsed(1, |text| text.parse().ok())?,
        kind: row.parsed(2, KeyKind::from_name)?,
        hint: row.text(3)?.to_owned(),
        created_at: row.time(4)?,
        revoked_at: row.opt_time(5)?,
    })
}
