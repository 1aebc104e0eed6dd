//! Keys of applications. A secret key's text is shown once, when it is made; what stays is its
//! hash. A publishable key's text is kept, sealed: links show it.

use model::{ApplicationId, KeyId, Secret, Timestamp};

use crate::backend::{Row, Tx, Value, params};
use crate::{Environment, Store, StoreError, hash_secret};

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
    /// Refused from then on: it has a successor.
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

impl ApiKey {
    /// Neither revoked nor expired.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && !self.is_expired(now)
    }

    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|expires_at| expires_at <= now)
    }
}

impl KeyKind {
    pub fn name(self) -> &'static str {
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

    /// How its texts begin.
    pub fn prefix(self, environment: Environment) -> &'static str {
        match (self, environment) {
            (KeyKind::Secret, Environment::Production) => "sk_prod_",
            (KeyKind::Secret, Environment::Sandbox) => "sk_sandbox_",
            (KeyKind::Publishable, Environment::Production) => "pk_prod_",
            (KeyKind::Publishable, Environment::Sandbox) => "pk_sandbox_",
        }
    }
}

const KEYS: &str =
    "select id, application, kind, hint, created_at, expires_at, revoked_at from keys";

const INSERT: &str = "insert into keys
    (id, application, kind, hint, hash, sealed, created_at, expires_at, revoked_at)
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

impl Store {
    /// [`StoreError::Conflict`] when the key is there already or its application is not.
    pub async fn insert_key(&self, key: &ApiKey, text: &Secret) -> Result<(), StoreError> {
        let params = self.key_params(key, text);
        self.write(move |tx| Box::pin(async move { tx.execute(INSERT, &params).await.map(|_| ()) }))
            .await
    }

    fn key_params(&self, key: &ApiKey, text: &Secret) -> Vec<Value> {
        let sealed = match key.kind {
            KeyKind::Secret => None,
            KeyKind::Publishable => Some(self.vault().seal(text, &bound_to(key.id))),
        };
        params![
            key.id,
            key.application,
            key.kind.name(),
            &key.hint,
            hash_secret(text.reveal()),
            sealed,
            key.created_at,
            key.expires_at,
            key.revoked_at,
        ]
        .to_vec()
    }

    /// The key with this hash, revoked and expired ones included (the caller says why it refuses).
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

    pub async fn key(&self, id: KeyId) -> Result<Option<ApiKey>, StoreError> {
        self.read(move |tx| Box::pin(async move { read_key(tx, id).await }))
            .await
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

    /// The texts of its publishable keys, in the order of creation. Those that were made before
    /// texts were kept have none.
    pub async fn key_texts(
        &self,
        application: ApplicationId,
    ) -> Result<Vec<(KeyId, Secret)>, StoreError> {
        let rows = self
            .read(move |tx| {
                Box::pin(async move {
                    let sql = "select id, sealed from keys
                        where application = ?1 and sealed is not null order by id";
                    tx.query(sql, &params![application]).await
                })
            })
            .await?;
        rows.iter().map(|row| self.key_text(row)).collect()
    }

    /// The newest publishable key that opens Link, for links to show.
    pub async fn publishable_key(
        &self,
        application: ApplicationId,
        now: Timestamp,
    ) -> Result<Option<Secret>, StoreError> {
        let row = self
            .read(move |tx| {
                Box::pin(async move {
                    let sql = "select id, sealed from keys
                        where application = ?1 and sealed is not null and revoked_at is null
                            and (expires_at is null or expires_at > ?2)
                        order by expires_at is not null, id desc limit 1";
                    tx.query_first(sql, &params![application, now]).await
                })
            })
            .await?;
        let found = row.map(|row| self.key_text(&row)).transpose()?;
        Ok(found.map(|(_, text)| text))
    }

    fn key_text(&self, row: &Row) -> Result<(KeyId, Secret), StoreError> {
        let id = row.parsed(0, |text| text.parse().ok())?;
        Ok((id, self.vault().unseal(row.blob(1)?, &bound_to(id))?))
    }

    /// Revoking a revoked key changes nothing.
    pub async fn revoke_key(&self, id: KeyId, now: Timestamp) -> Result<ApiKey, StoreError> {
        let revoked = self
            .write(move |tx| {
                Box::pin(async move {
                    let sql = "update keys set revoked_at = ?2
                        where id = ?1 and revoked_at is null";
                    tx.execute(sql, &params![id, now]).await?;
                    read_key(tx, id).await
                })
            })
            .await?;
        revoked.ok_or(StoreError::NotFound { what: "key" })
    }

    /// Puts the successor beside the key `old`, which ends at `old_ends` (or before, where that was
    /// settled). [`StoreError::NotFound`], and nothing changed, when it is not live.
    pub async fn replace_key(
        &self,
        old: KeyId,
        old_ends: Timestamp,
        successor: &ApiKey,
        text: &Secret,
    ) -> Result<ApiKey, StoreError> {
        let params = self.key_params(successor, text);
        let now = successor.created_at;
        let replaced = self
            .write(move |tx| {
                Box::pin(async move {
                    let sql = "update keys set expires_at =
                            case when expires_at <= ?2 then expires_at else ?2 end
                        where id = ?1 and revoked_at is null
                            and (expires_at is null or expires_at > ?3)";
                    if tx.execute(sql, &params![old, old_ends, now]).await? == 0 {
                        return Ok(None);
                    }
                    tx.execute(INSERT, &params).await?;
                    read_key(tx, old).await
                })
            })
            .await?;
        replaced.ok_or(StoreError::NotFound { what: "live key" })
    }
}

/// What a publishable key's text is sealed to.
fn bound_to(id: KeyId) -> String {
    format!("{id}/text")
}

async fn read_key(tx: &mut Tx<'_>, id: KeyId) -> Result<Option<ApiKey>, StoreError> {
    let row = tx
        .query_first(&keys_sql("where id = ?1"), &params![id])
        .await?;
    row.as_ref().map(key_of).transpose()
}

fn keys_sql(rest: &str) -> String {
    format!("{KEYS} {rest}")
}

fn key_of(row: &Row) -> Result<ApiKey, StoreError> {
    Ok(ApiKey {
        id: row.parsed(0, |text| text.parse().ok())?,
        application: row.parsed(1, |text| text.parse().ok())?,
        kind: row.parsed(2, KeyKind::from_name)?,
        hint: row.text(3)?.to_owned(),
        created_at: row.time(4)?,
        expires_at: row.opt_time(5)?,
        revoked_at: row.opt_time(6)?,
    })
}
