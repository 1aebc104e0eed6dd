//! Numbered migrations, run at start in one transaction.
//!
//! One text for both engines; `{blob}` and `{text}` stand for what they spell differently. Texts
//! compare by their bytes on both, because ids are ordered by them. A migration that was released
//! is never edited: a change is a new number.

use crate::StoreError;
use crate::backend::{Dialect, Tx, params};

/// In order; the first is number 1.
const MIGRATIONS: [&str; 4] = [
    include_str!("0001_spine.sql"),
    include_str!("0002_contract.sql"),
    include_str!("0003_sessions.sql"),
    include_str!("0004_link.sql"),
];

pub(crate) const NEWEST: i64 = MIGRATIONS.len() as i64;

/// An arbitrary number that every node uses: the second to start waits for the first.
const MIGRATION_LOCK: &str = "select pg_advisory_xact_lock(7233618304)";

pub(crate) async fn migrate(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    if tx.dialect() == Dialect::Postgres {
        tx.batch(MIGRATION_LOCK).await?;
    }
    tx.batch("create table if not exists schema_version (version bigint not null)")
        .await?;
    let row = tx
        .query_first("select max(version) from schema_version", &[])
        .await?;
    let found = match row {
        Some(row) => row.opt_i64(0)?.unwrap_or(0),
        None => 0,
    };
    if found > NEWEST {
        return Err(StoreError::NewerSchema {
            found,
            known: NEWEST,
        });
    }
    let (blob, text) = match tx.dialect() {
        Dialect::Sqlite => ("blob", "text"),
        Dialect::Postgres => ("bytea", "text collate \"C\""),
    };
    for (index, migration) in MIGRATIONS.iter().enumerate() {
        let version = index as i64 + 1;
        if version <= found {
            continue;
        }
        let sql = migration.replace("{blob}", blob).replace("{text}", text);
        tx.batch(&sql).await?;
        tx.execute("delete from schema_version", &[]).await?;
        tx.execute(
            "insert into schema_version (version) values (?1)",
            &params![version],
        )
        .await?;
        tracing::info!(schema.version = version, "the database was migrated");
    }
    Ok(())
}
