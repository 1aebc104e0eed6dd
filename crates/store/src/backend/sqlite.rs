//! SQLite: one file, owned by one process.
//!
//! For servers a thread of its own writes (see `writer`) and a few connections read. Simulations
//! run inline instead, on the calling task, because under a paused clock a reply from another
//! thread comes too late.

use std::fs::{File, OpenOptions, TryLockError};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread::JoinHandle;

use bytes::Bytes;
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, Statement, params_from_iter};
use tokio::sync::{Semaphore, mpsc};

use super::sql::{Row, Tx, Value};
use super::writer::{Queued, alone, queued, write_groups};
use super::{Execution, Operation};
use crate::StoreError;

/// Operations that wait for the writer; the next caller waits before it is let in.
const QUEUE_MAX: usize = 1_024;
const READERS: usize = 4;
const WRITER_CACHE_KIB: i64 = 4_096;
const READER_CACHE_KIB: i64 = 1_024;
const STATEMENTS_CACHED: usize = 128;
/// How long another program's lock (a backup, `sqlite3`) is waited for.
const BUSY_MS: i64 = 5_000;
const WAL_BYTES_KEPT: i64 = 64 * 1024 * 1024;

pub(super) enum Sqlite {
    Threads(Threads),
    Inline(Inline),
}

impl Sqlite {
    pub(super) fn open(path: &Path, execution: Execution) -> Result<Sqlite, StoreError> {
        let in_memory = path == Path::new(":memory:");
        let lock = if in_memory { None } else { Some(own(path)?) };
        let writer = open_writer(path)?;
        // A database in memory belongs to one connection, so it has no threads to share it.
        if in_memory || execution == Execution::Inline {
            return Ok(Sqlite::Inline(Inline {
                connection: tokio::sync::Mutex::new(writer),
                _lock: lock,
            }));
        }
        Ok(Sqlite::Threads(Threads::start(path, writer, lock)?))
    }

    pub(super) async fn write<T, F>(&self, operation: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Operation<T>,
    {
        match self {
            Sqlite::Inline(inline) => {
                let mut connection = inline.connection.lock().await;
                in_transaction(&mut connection, "begin immediate", operation)
            }
            Sqlite::Threads(threads) => threads.write(operation).await,
        }
    }

    pub(super) async fn read<T, F>(&self, operation: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Operation<T>,
    {
        match self {
            Sqlite::Inline(inline) => {
                let mut connection = inline.connection.lock().await;
                in_transaction(&mut connection, "begin", operation)
            }
            Sqlite::Threads(threads) => threads.readers.read(operation).await,
        }
    }

    /// Writes the whole file anew, while writers wait.
    pub(super) async fn vacuum(&self) -> Result<(), StoreError> {
        const VACUUM: &str = "vacuum";
        match self {
            Sqlite::Inline(inline) => batch(&*inline.connection.lock().await, VACUUM),
            Sqlite::Threads(threads) => {
                let (alone, answer) = alone(VACUUM);
                threads.queue(alone).await?;
                answer.await.map_err(|_| stopped())?
            }
        }
    }

    /// Moves what lies in the log beside the file into the file and cuts the log to nothing. False
    /// where a reader or another program prevents that just now.
    pub(super) async fn truncate_log(&self) -> Result<bool, StoreError> {
        match self {
            Sqlite::Inline(inline) => truncate_log(&*inline.connection.lock().await),
            Sqlite::Threads(threads) => {
                let path = threads.readers.path.clone();
                // Not on the writer's thread: it would hold up everybody who waits there.
                tokio::task::spawn_blocking(move || truncate_log(&open_trimmer(&path)?))
                    .await
                    .map_err(|_| StoreError::Unavailable {
                        reason: "cutting the log ended early".to_owned(),
                    })?
            }
        }
    }
}

pub(super) struct Inline {
    connection: tokio::sync::Mutex<Connection>,
    _lock: Option<File>,
}

/// Takes the lock file beside the database: a second process would see its own cache of the truth.
fn own(path: &Path) -> Result<File, StoreError> {
    let lock_path = path.with_file_name("gladhand.lock");
    let unavailable = |error: std::io::Error| StoreError::Unavailable {
        reason: format!("{}: {error}", lock_path.display()),
    };
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&lock_path)
        .map_err(unavailable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Owned {
            path: path.display().to_string(),
        }),
        Err(TryLockError::Error(error)) => Err(unavailable(error)),
    }
}

fn open_writer(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path).map_err(failed)?;
    keep_statements(&connection)?;
    // auto_vacuum only takes effect before the first table is made; it must come first.
    batch(
        &connection,
        &format!(
            "pragma auto_vacuum = incremental;
             pragma busy_timeout = {BUSY_MS};
             pragma journal_mode = wal;
             pragma synchronous = full;
             pragma foreign_keys = on;
             pragma secure_delete = on;
             pragma mmap_size = 0;
             pragma journal_size_limit = {WAL_BYTES_KEPT};
             pragma cache_size = -{WRITER_CACHE_KIB};"
        ),
    )?;
    Ok(connection)
}

/// The writer's thread, and the readers.
pub(super) struct Threads {
    queue: Option<mpsc::Sender<Box<dyn Queued>>>,
    writer: Option<JoinHandle<()>>,
    readers: Readers,
}

impl Threads {
    fn start(path: &Path, writer: Connection, lock: Option<File>) -> Result<Threads, StoreError> {
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        let writer = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || {
                write_groups(writer, waiting);
                // The file is given up after the connection was closed, never before.
                drop(lock);
            })
            .map_err(|error| StoreError::Unavailable {
                reason: format!("no thread for the writer: {error}"),
            })?;
        Ok(Threads {
            queue: Some(queue),
            writer: Some(writer),
            readers: Readers {
                path: path.to_owned(),
                idle: Arc::default(),
                permits: Arc::new(Semaphore::new(READERS)),
            },
        })
    }

    async fn write<T, F>(&self, operation: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Operation<T>,
    {
        let (queued, answer) = queued(operation);
        self.queue(queued).await?;
        answer.await.map_err(|_| stopped())?
    }

    async fn queue(&self, queued: Box<dyn Queued>) -> Result<(), StoreError> {
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.send(queued).await.map_err(|_| stopped())
    }
}

fn stopped() -> StoreError {
    StoreError::Unavailable {
        reason: "the writer has stopped".to_owned(),
    }
}

impl Drop for Threads {
    /// Waits for the writer, so that whoever opens the file next finds it free.
    fn drop(&mut self) {
        self.queue = None;
        if let Ok(mut idle) = self.readers.idle.lock() {
            idle.clear();
        }
        let Some(writer) = self.writer.take() else {
            return;
        };
        let on_the_writer = std::thread::current().id() == writer.thread().id();
        if !on_the_writer && writer.join().is_err() {
            tracing::error!("the store's writer ended by a panic");
        }
    }
}

struct Readers {
    path: PathBuf,
    idle: Arc<Mutex<Vec<Connection>>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    async fn read<T, F>(&self, operation: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Operation<T>,
    {
        let stopped = |reason: &str| StoreError::Unavailable {
            reason: reason.to_owned(),
        };
        let permit = Arc::clone(&self.permits)
            .acquire_owned()
            .await
            .map_err(|_| stopped("the readers have stopped"))?;
        let (path, idle) = (self.path.clone(), Arc::clone(&self.idle));
        tokio::task::spawn_blocking(move || {
            let kept = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut connection = match kept {
                Some(connection) => connection,
                None => open_reader(&path)?,
            };
            let result = in_transaction(&mut connection, "begin", operation);
            idle.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(connection);
            drop(permit);
            result
        })
        .await
        .map_err(|_| stopped("a reader ended early"))?
    }
}

/// Statements are compiled once and kept. Without the planner's stability guarantee SQLite would
/// compile those with ranges anew whenever other values are bound to them.
fn keep_statements(connection: &Connection) -> Result<(), StoreError> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(failed)?;
    Ok(())
}

fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    keep_statements(&connection)?;
    batch(
        &connection,
        &format!(
            "pragma busy_timeout = {BUSY_MS};
             pragma query_only = on;
             pragma mmap_size = 0;
             pragma cache_size = -{READER_CACHE_KIB};"
        ),
    )?;
    Ok(connection)
}

/// For the log alone. It waits for others for less time than they wait for it.
fn open_trimmer(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    batch(
        &connection,
        &format!(
            "pragma busy_timeout = {};
             pragma synchronous = full;
             pragma mmap_size = 0;
             pragma wal_checkpoint(passive);",
            BUSY_MS / 5
        ),
    )?;
    Ok(connection)
}

fn truncate_log(connection: &Connection) -> Result<bool, StoreError> {
    let busy = connection
        .query_row("pragma wal_checkpoint(truncate)", [], |row| {
            row.get::<_, i64>(0)
        })
        .map_err(failed)?;
    Ok(busy == 0)
}

fn in_transaction<T, F>(
    connection: &mut Connection,
    begin: &str,
    operation: F,
) -> Result<T, StoreError>
where
    F: Operation<T>,
{
    batch(connection, begin)?;
    let result = run_now(connection, operation).and_then(|value| {
        batch(connection, "commit")?;
        Ok(value)
    });
    if !connection.is_autocommit() {
        batch(connection, "rollback")?;
    }
    result
}

/// Runs an operation to its end. On SQLite no statement ever waits, so its future is ready at once.
pub(super) fn run_now<T, F>(connection: &mut Connection, operation: F) -> Result<T, StoreError>
where
    F: Operation<T>,
{
    let mut tx = Tx::Sqlite(connection);
    let mut future = pin!(operation(&mut tx));
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(result) => result,
        Poll::Pending => Err(StoreError::Corrupt {
            what: "operation",
            reason: "it waited for something other than its statements".to_owned(),
        }),
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(number) => ValueRef::Integer(*number),
            Value::Real(number) => ValueRef::Real(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

pub(super) fn execute(
    connection: &Connection,
    sql: &str,
    params: &[Value],
) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let changed = statement
        .execute(params_from_iter(params))
        .map_err(failed)?;
    Ok(changed as u64)
}

pub(super) fn execute_each(
    connection: &Connection,
    sql: &str,
    rows: &[Vec<Value>],
) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let mut changed = 0;
    for row in rows {
        changed += statement.execute(params_from_iter(row)).map_err(failed)? as u64;
    }
    Ok(changed)
}

pub(super) fn query(
    connection: &Connection,
    sql: &str,
    params: &[Value],
) -> Result<Vec<Row>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    rows_of(&mut statement, params)
}

pub(super) fn query_each(
    connection: &Connection,
    sql: &str,
    rows: &[Vec<Value>],
) -> Result<Vec<Vec<Row>>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    rows.iter()
        .map(|row| rows_of(&mut statement, row))
        .collect()
}

pub(super) fn batch(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    connection.execute_batch(sql).map_err(failed)
}

fn rows_of(statement: &mut Statement<'_>, params: &[Value]) -> Result<Vec<Row>, StoreError> {
    let columns = statement.column_count();
    let mut answer = statement.query(params_from_iter(params)).map_err(failed)?;
    let mut rows = Vec::new();
    while let Some(row) = answer.next().map_err(failed)? {
        let mut values = Vec::with_capacity(columns);
        for column in 0..columns {
            values.push(value_of(row.get_ref(column).map_err(failed)?)?);
        }
        rows.push(Row(values));
    }
    Ok(rows)
}

fn value_of(value: ValueRef<'_>) -> Result<Value, StoreError> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(text) => match std::str::from_utf8(text) {
            Ok(text) => Value::Text(text.to_owned()),
            Err(error) => {
                return Err(StoreError::Corrupt {
                    what: "text",
                    reason: error.to_string(),
                });
            }
        },
        ValueRef::Blob(bytes) => Value::Blob(Bytes::copy_from_slice(bytes)),
    })
}

fn failed(error: rusqlite::Error) -> StoreError {
    let reason = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => StoreError::Conflict { what: "row" },
        Some(
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::DiskFull
            | ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::PermissionDenied
            | ErrorCode::ReadOnly
            | ErrorCode::OutOfMemory
            | ErrorCode::OperationInterrupted,
        ) => StoreError::Unavailable { reason },
        _ => StoreError::Corrupt {
            what: "database",
            reason,
        },
    }
}
