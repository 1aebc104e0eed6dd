//! The two engines, and the one way to speak to them.
//!
//! Everything else in this crate runs operations: functions from a transaction ([`Tx`]) to a future
//! of their result, given to [`Store::write`] or [`Store::read`]. An operation waits for nothing
//! but its own statements; on SQLite it therefore never waits at all.

mod gate;
mod postgres;
mod sql;
mod sqlite;
mod writer;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use model::{ConnectionId, Timestamp};

use crate::history::Blocks;
use crate::{StoreError, Vault, migrations};
pub(crate) use gate::CommitTicket;
pub(crate) use sql::{Dialect, Row, Tx, Value, params};

#[derive(Clone, Debug)]
pub enum Target {
    /// `:memory:` for a database that nobody else sees and that ends with the store.
    Sqlite {
        path: PathBuf,
    },
    Postgres {
        url: model::Secret,
    },
}

/// Where SQLite statements run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Execution {
    /// A writer thread of its own and a few readers: for servers.
    Threads,
    /// On the calling task: for simulation under a paused clock, where a reply from another thread
    /// would lose against any time-out.
    Inline,
}

/// Whose clock stamps commits.
#[derive(Clone)]
pub enum StampSource {
    /// `Checkpoint::now`. A reader can begin between the moment that the caller took it and
    /// [`Store::commit`]; where that matters, give a clock.
    Given,
    /// Asked once the connection's row is held, so that nobody can have read past the stamp.
    Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>),
    /// PostgreSQL's own clock, which all nodes share. On SQLite the same as `Given`.
    Database,
}

impl fmt::Debug for StampSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StampSource::Given => "Given",
            StampSource::Clock(_) => "Clock",
            StampSource::Database => "Database",
        })
    }
}

#[derive(Clone)]
pub struct StoreConfig {
    pub target: Target,
    pub vault: Vault,
    pub execution: Execution,
    pub stamps: StampSource,
}

/// Cheap to clone; the database is closed with the last clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    vault: Vault,
    stamps: StampSource,
    gates: gate::Gates,
    /// Decoded blocks of history, shared by all readers.
    blocks: Arc<Blocks>,
}

enum Engine {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

/// Something done in one transaction.
pub(crate) trait Operation<T>:
    for<'a, 'b> FnOnce(&'a mut Tx<'b>) -> BoxFuture<'a, Result<T, StoreError>> + Send + 'static
{
}

impl<T, F> Operation<T> for F where
    F: for<'a, 'b> FnOnce(&'a mut Tx<'b>) -> BoxFuture<'a, Result<T, StoreError>> + Send + 'static
{
}

impl Store {
    /// Opens, migrates, and refuses a newer schema, another master key than the one that seals what
    /// is there, and (SQLite) a file owned by another process.
    pub async fn open(config: StoreConfig) -> Result<Store, StoreError> {
        let engine = match &config.target {
            Target::Sqlite { path } => {
                Engine::Sqlite(sqlite::Sqlite::open(path, config.execution)?)
            }
            Target::Postgres { url } => Engine::Postgres(postgres::Postgres::new(url)?),
        };
        let store = Store {
            inner: Arc::new(Inner {
                engine,
                vault: config.vault.unloaded(),
                stamps: config.stamps,
                gates: gate::Gates::default(),
                blocks: Arc::default(),
            }),
        };
        store.write(|tx| Box::pin(migrations::migrate(tx))).await?;
        store.load_data_keys().await?;
        Ok(store)
    }

    /// A statement that only succeeds when the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.read(|tx| {
            Box::pin(async move {
                tx.query("select version from schema_version", &[]).await?;
                Ok(())
            })
        })
        .await
    }

    /// One read-write transaction; an error rolls it back. Once begun it may be committed although
    /// the caller went away.
    pub(crate) async fn write<T, F>(&self, operation: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'a, 'b> FnOnce(&'a mut Tx<'b>) -> BoxFuture<'a, Result<T, StoreError>>
            + Send
            + 'static,
    {
        match &self.inner.engine {
            Engine::Sqlite(sqlite) => sqlite.write(operation).await,
            Engine::Postgres(postgres) => postgres.write(operation).await,
        }
    }

    /// One snapshot.
    pub(crate) async fn read<T, F>(&self, operation: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'a, 'b> FnOnce(&'a mut Tx<'b>) -> BoxFuture<'a, Result<T, StoreError>>
            + Send
            + 'static,
    {
        match &self.inner.engine {
            Engine::Sqlite(sqlite) => sqlite.read(operation).await,
            Engine::Postgres(postgres) => postgres.read(operation).await,
        }
    }

    /// Waits for commits of this connection that are in flight, here or (PostgreSQL) on another
    /// node: a snapshot taken afterwards holds everything that was stamped before this call.
    pub(crate) async fn barrier(&self, connection: ConnectionId) -> Result<(), StoreError> {
        self.inner.gates.pass(connection).await;
        let Engine::Postgres(postgres) = &self.inner.engine else {
            return Ok(());
        };
        postgres
            .write(move |tx: &mut Tx<'_>| {
                Box::pin(async move {
                    let sql = "select 1 from connections where id = ?1 for share";
                    tx.query(sql, &params![connection]).await?;
                    Ok(())
                }) as BoxFuture<'_, Result<(), StoreError>>
            })
            .await
    }

    /// SQLite: writes the whole file anew, while writers wait. PostgreSQL has a way of its own and
    /// nothing happens here.
    pub(crate) async fn vacuum(&self) -> Result<(), StoreError> {
        match &self.inner.engine {
            Engine::Sqlite(sqlite) => sqlite.vacuum().await,
            Engine::Postgres(_) => Ok(()),
        }
    }

    /// SQLite: cuts off the log beside the file, which holds what was written since the last time,
    /// deleted rows too. False where a reader or another program prevents it just now. PostgreSQL
    /// has nothing of the kind that a client may touch: always true.
    pub async fn truncate_log(&self) -> Result<bool, StoreError> {
        match &self.inner.engine {
            Engine::Sqlite(sqlite) => sqlite.truncate_log().await,
            Engine::Postgres(_) => Ok(true),
        }
    }

    /// Makes readers by modification wait until the ticket is dropped.
    pub(crate) async fn commit_ticket(&self, connection: ConnectionId) -> CommitTicket {
        self.inner.gates.enter(connection).await
    }

    /// With this store's data keys.
    pub fn vault(&self) -> &Vault {
        &self.inner.vault
    }

    pub(crate) fn stamps(&self) -> &StampSource {
        &self.inner.stamps
    }

    pub(crate) fn blocks(&self) -> &Arc<Blocks> {
        &self.inner.blocks
    }

    /// Work on the processor that should not hold up other tasks, nor, in a simulation, leave the
    /// calling one.
    pub(crate) async fn compute<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        if let Engine::Sqlite(sqlite::Sqlite::Inline(_)) = &self.inner.engine {
            return Ok(work());
        }
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|_| StoreError::Unavailable {
                reason: "a computation ended early".to_owned(),
            })
    }
}
