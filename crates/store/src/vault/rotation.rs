//! Data keys as they are stored: loaded when the store opens, joined by a new one, and what older
//! ones sealed sealed anew.
//!
//! Nothing waits for a rotation. Values are sealed anew in small batches, each by a compare-and-set
//! on the old bytes: what somebody changed meanwhile is sealed by the new key already. A rotation
//! that ended early is gone on with by the next, which leaves no value behind either. An older key
//! that seals nothing is forgotten at the next opening and not at once, because a value that it
//! sealed a moment before may still be on its way into the database.

use model::Timestamp;

use super::columns::{SEALED_COLUMNS, SealedColumn};
use super::{MARK, MasterKey, VaultError, header};
use crate::backend::{Dialect, Row, StampSource, Tx, Value, params};
use crate::{Store, StoreError};

/// Values that one transaction seals anew.
const BATCH: usize = 200;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataKeyStatus {
    pub number: u32,
    pub created_at: Timestamp,
    /// How many it seals.
    pub values: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultStatus {
    /// Where the master key is kept.
    pub master_key_from: String,
    /// By number; the last one seals new values.
    pub data_keys: Vec<DataKeyStatus>,
    /// Sealed by the master key itself, before there were data keys.
    pub values_of_master_key: u64,
}

/// A stretch of a rotation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resealed {
    pub values: u64,
    /// Left as they are, because they open with no key: damaged, and no rotation's doing.
    pub unopenable: u64,
    /// Nothing else is left to be sealed anew.
    pub is_finished: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// Of the new data key.
    pub number: u32,
    pub values: u64,
    pub unopenable: u64,
}

impl Store {
    /// Makes the first data key where there is none. [`VaultError::WrongMasterKey`] when the master
    /// key is not the one that sealed what is there.
    pub(crate) async fn load_data_keys(&self) -> Result<(), StoreError> {
        let mut rows = self.data_key_rows().await?;
        if rows.is_empty() {
            self.check_master_key().await?;
            self.insert_data_key(1, None).await?;
            // Another process may have been the first.
            rows = self.data_key_rows().await?;
        }
        for row in &rows {
            let number = row.u32(0)?;
            let key = self.vault().open_data_key(number, row.blob(1)?)?;
            self.vault().add_data_key(number, key);
        }
        self.forget_idle_data_keys().await
    }

    /// A new data key, which seals from now on. Returns its number.
    pub async fn add_data_key(&self, now: Timestamp) -> Result<u32, StoreError> {
        let _changing = self.vault().0.changes.lock().await;
        let number = self.vault().newest_data_key() + 1;
        let key = self.insert_data_key(number, Some(now)).await?;
        self.vault().add_data_key(number, key);
        tracing::info!(vault.data_key = number, "a new data key seals");
        Ok(number)
    }

    /// Seals some values of older keys anew, about `limit`. To be called until it is finished.
    pub async fn reseal(&self, limit: usize) -> Result<Resealed, StoreError> {
        let mut done = Resealed::default();
        let mut missed = 0;
        for column in &SEALED_COLUMNS {
            let mut after = String::new();
            loop {
                let rows = self.older_values(column, &after).await?;
                let Some(last) = rows.last() else { break };
                after = last.text(0)?.to_owned();
                let changes = self.sealed_anew(column, &rows, &mut done)?;
                let tried = changes.len() as u64;
                let changed = self.exchange(column, changes).await?;
                done.values += changed;
                missed += tried - changed;
                if done.values >= limit as u64 {
                    return Ok(done);
                }
            }
        }
        // A pass that found work is followed by one that shows that none is left.
        done.is_finished = done.values == 0 && missed == 0;
        Ok(done)
    }

    /// A new data key, and everything sealed anew by it. `progress` is told how many values are
    /// done and how many were to do.
    pub async fn rotate_data_key(
        &self,
        now: Timestamp,
        progress: &(dyn Fn(u64, u64) + Send + Sync),
    ) -> Result<Rotated, StoreError> {
        let number = self.add_data_key(now).await?;
        let total = self.values_of_older_keys().await?;
        let mut values = 0;
        loop {
            let stretch = self.reseal(BATCH).await?;
            values += stretch.values;
            progress(values, total);
            if stretch.is_finished {
                return Ok(Rotated {
                    number,
                    values,
                    unopenable: stretch.unopenable,
                });
            }
        }
    }

    /// Data keys are sealed by the new master key from now on: the next opening needs it. Values
    /// stay as they are, but for those that the old master key itself sealed. Returns how many data
    /// keys there are.
    pub async fn change_master_key(&self, new: MasterKey) -> Result<usize, StoreError> {
        while !self.reseal(BATCH).await?.is_finished {}
        let _changing = self.vault().0.changes.lock().await;
        let (vault, master) = (self.vault().clone(), new.clone());
        let changed = self
            .write(move |tx| {
                Box::pin(async move {
                    let sql = "select number, sealed from data_keys order by number";
                    let mut changes = Vec::new();
                    for row in tx.query(sql, &[]).await? {
                        let number = row.u32(0)?;
                        let key = vault.open_data_key(number, row.blob(1)?)?;
                        let sealed = vault.seal_data_key(&master, number, &key);
                        changes.push(params![number, sealed].to_vec());
                    }
                    let count = changes.len();
                    let sql = "update data_keys set sealed = ?2 where number = ?1";
                    tx.execute_each(sql, changes).await?;
                    Ok(count)
                })
            })
            .await?;
        let from = new.from().to_owned();
        self.vault().change_keys(|keys| keys.master = new);
        tracing::info!(
            vault.master_key = from,
            "another master key seals data keys"
        );
        Ok(changed)
    }

    pub async fn vault_status(&self) -> Result<VaultStatus, StoreError> {
        let rows = self.data_key_rows().await?;
        let mut data_keys = Vec::with_capacity(rows.len());
        for row in &rows {
            let number = row.u32(0)?;
            data_keys.push(DataKeyStatus {
                number,
                created_at: row.time(2)?,
                values: self
                    .count_values("substr(?c, 1, 8) = ?1", header(number).to_vec())
                    .await?,
            });
        }
        let marked = "substr(?c, 1, 4) <> ?1";
        Ok(VaultStatus {
            master_key_from: self.vault().master().from().to_owned(),
            data_keys,
            values_of_master_key: self.count_values(marked, MARK.to_vec()).await?,
        })
    }

    /// What a rotation has yet to do, values that open with no key included.
    pub async fn values_of_older_keys(&self) -> Result<u64, StoreError> {
        self.count_values("substr(?c, 1, 8) <> ?1", self.newest_header())
            .await
    }

    fn newest_header(&self) -> Vec<u8> {
        header(self.vault().newest_data_key()).to_vec()
    }

    /// Number, sealed key, time.
    async fn data_key_rows(&self) -> Result<Vec<Row>, StoreError> {
        self.read(|tx| {
            Box::pin(async move {
                let sql = "select number, sealed, created_at from data_keys order by number";
                tx.query(sql, &[]).await
            })
        })
        .await
    }

    /// Nothing happens when there is one of this number; without `now` the store's own time counts.
    async fn insert_data_key(
        &self,
        number: u32,
        now: Option<Timestamp>,
    ) -> Result<[u8; 32], StoreError> {
        let key = self.vault().make_data_key();
        let master = self.vault().master();
        let sealed = self.vault().seal_data_key(&master, number, &key);
        let stamps = self.stamps().clone();
        self.write(move |tx| {
            Box::pin(async move {
                let now = match now {
                    Some(now) => now,
                    None => time_of(tx, &stamps).await?,
                };
                let sql = "insert into data_keys (number, sealed, created_at) values (?1, ?2, ?3)
                    on conflict (number) do nothing";
                match tx.execute(sql, &params![number, sealed, now]).await? {
                    0 if number > 1 => Err(StoreError::Conflict { what: "data key" }),
                    _ => Ok(()),
                }
            })
        })
        .await?;
        Ok(key)
    }

    /// Before there is a data key that would tell: whether the master key opens what is sealed.
    async fn check_master_key(&self) -> Result<(), StoreError> {
        for column in &SEALED_COLUMNS {
            let rows = self.older_values(column, "").await?;
            let opens = |row: &Row| -> Result<bool, StoreError> {
                let bound_to = column.bound_to(row.text(0)?);
                Ok(self.vault().unseal(row.blob(1)?, &bound_to).is_ok())
            };
            if let Some(row) = rows.first()
                && !opens(row)?
            {
                let from = self.vault().master().from().to_owned();
                return Err(VaultError::WrongMasterKey { from }.into());
            }
        }
        Ok(())
    }

    async fn forget_idle_data_keys(&self) -> Result<(), StoreError> {
        let status = self.vault_status().await?;
        let Some((_newest, older)) = status.data_keys.split_last() else {
            return Ok(());
        };
        for key in older.iter().filter(|key| key.values == 0) {
            let number = key.number;
            self.write(move |tx| {
                Box::pin(async move {
                    let sql = "delete from data_keys where number = ?1";
                    tx.execute(sql, &params![number]).await
                })
            })
            .await?;
            tracing::info!(
                vault.data_key = number,
                "a data key that seals nothing is gone"
            );
        }
        Ok(())
    }

    /// Key and value of the next rows that the newest key did not seal.
    async fn older_values(
        &self,
        column: &SealedColumn,
        after: &str,
    ) -> Result<Vec<Row>, StoreError> {
        let SealedColumn {
            table, column, key, ..
        } = *column;
        let sql = format!(
            "select {key}, {column} from {table}
            where {column} is not null and substr({column}, 1, 8) <> ?1 and {key} > ?2
            order by {key} limit ?3"
        );
        let params = params![self.newest_header(), after, BATCH as i64];
        self.read(move |tx| Box::pin(async move { tx.query(&sql, &params).await }))
            .await
    }

    /// New value, key and old value of each row that opens.
    fn sealed_anew(
        &self,
        column: &SealedColumn,
        rows: &[Row],
        done: &mut Resealed,
    ) -> Result<Vec<Vec<Value>>, StoreError> {
        let mut changes = Vec::with_capacity(rows.len());
        for row in rows {
            let (key, old) = (row.text(0)?, row.blob(1)?);
            let bound_to = column.bound_to(key);
            match self.vault().unseal(old, &bound_to) {
                Ok(secret) => {
                    let new = self.vault().seal(&secret, &bound_to);
                    changes.push(params![new, key, old.clone()].to_vec());
                }
                Err(error) => {
                    done.unopenable += 1;
                    let (table, column) = (column.table, column.column);
                    tracing::warn!(table, column, key, %error, "a value cannot be sealed anew");
                }
            }
        }
        Ok(changes)
    }

    /// Returns how many rows still held the old value.
    async fn exchange(
        &self,
        column: &SealedColumn,
        changes: Vec<Vec<Value>>,
    ) -> Result<u64, StoreError> {
        let SealedColumn {
            table, column, key, ..
        } = *column;
        let sql = format!("update {table} set {column} = ?1 where {key} = ?2 and {column} = ?3");
        self.write(move |tx| Box::pin(async move { tx.execute_each(&sql, changes).await }))
            .await
    }

    /// In all sealed columns; `?c` of the condition is the column, `?1` the bytes.
    async fn count_values(&self, condition: &str, bytes: Vec<u8>) -> Result<u64, StoreError> {
        let counts = SEALED_COLUMNS.map(|sealed| {
            let SealedColumn { table, column, .. } = sealed;
            let condition = condition.replace("?c", column);
            format!("select count(*) from {table} where {column} is not null and {condition}")
        });
        self.read(move |tx| {
            Box::pin(async move {
                let mut total = 0;
                for sql in counts {
                    let row = tx.query_first(&sql, &params![bytes.clone()]).await?;
                    total += row.map_or(Ok(0), |row| row.i64(0))?.unsigned_abs();
                }
                Ok(total)
            })
        })
        .await
    }
}

/// Only the first data key is made without anybody who would say when.
async fn time_of(tx: &mut Tx<'_>, stamps: &StampSource) -> Result<Timestamp, StoreError> {
    match (stamps, tx.dialect()) {
        (StampSource::Clock(clock), _) => Ok(clock()),
        (StampSource::Database, Dialect::Postgres) => {
            let sql = "select cast(floor(extract(epoch from now()) * 1000) as bigint)";
            let row = tx.query_first(sql, &[]).await?;
            row.map_or(Ok(Timestamp::from_millis(0)), |row| row.time(0))
        }
        (StampSource::Given | StampSource::Database, _) => Ok(Timestamp::from_millis(0)),
    }
}
