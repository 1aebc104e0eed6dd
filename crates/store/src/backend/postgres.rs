//! PostgreSQL: for those who outgrow one machine.
//!
//! A small pool of sessions, each with its prepared statements. A session that was given up in the
//! middle of a transaction (its caller went away) is closed, not reused: the server then rolls
//! back. Writes run at READ COMMITTED; what must not interleave takes the connection's row first.

use std::collections::HashMap;
use std::error::Error;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::future::try_join_all;
use model::Secret;
use tokio::sync::Semaphore;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Config, NoTls, Statement};

use super::Operation;
use super::sql::{Row, Tx, Value, postgres_text};
use crate::StoreError;

const SESSIONS_MAX: usize = 8;
const STATEMENTS_MAX: usize = 256;
/// Executions sent before the first answer is waited for: enough to hide the round trip, few enough
/// that neither side's buffers grow.
const PIPELINED_MAX: usize = 256;
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// A row lock waited for longer than this means that somebody hangs; the caller tries again later.
const LOCK_WITHIN: &str = "set lock_timeout = '30s'";

pub(super) struct Postgres {
    config: Config,
    permits: Semaphore,
    idle: Mutex<Vec<Session>>,
}

impl Postgres {
    pub(super) fn new(url: &Secret) -> Result<Postgres, StoreError> {
        // The parser's own message could quote the password.
        let mut config = Config::from_str(url.reveal()).map_err(|_| StoreError::Unavailable {
            reason: "the database's URL is not of the form postgres://user@host:port/name"
                .to_owned(),
        })?;
        config.connect_timeout(CONNECT_WITHIN);
        config.application_name("gladhand");
        Ok(Postgres {
            config,
            permits: Semaphore::new(SESSIONS_MAX),
            idle: Mutex::default(),
        })
    }

    pub(super) async fn write<T, F>(&self, operation: F) -> Result<T, StoreError>
    where
        F: Operation<T>,
    {
        self.transaction("begin", operation).await
    }

    /// One snapshot for the whole operation.
    pub(super) async fn read<T, F>(&self, operation: F) -> Result<T, StoreError>
    where
        F: Operation<T>,
    {
        self.transaction("begin isolation level repeatable read read only", operation)
            .await
    }

    async fn transaction<T, F>(&self, begin: &str, operation: F) -> Result<T, StoreError>
    where
        F: Operation<T>,
    {
        let _permit = self.permits.acquire().await.map_err(|_| closed())?;
        let mut session = self.session().await?;
        session.batch(begin).await?;
        let result = operation(&mut Tx::Postgres(&mut session)).await;
        let ended = match &result {
            Ok(_) => session.batch("commit").await,
            Err(_) => session.batch("rollback").await,
        };
        match (result, ended) {
            (result, Ok(())) => {
                self.keep(session);
                result
            }
            (Ok(_), Err(error)) => Err(error),
            // The first failure says more than that of the roll-back; the session is not reused.
            (Err(error), Err(_)) => Err(error),
        }
    }

    async fn session(&self) -> Result<Session, StoreError> {
        loop {
            let idle = self
                .idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .pop();
            match idle {
                Some(session) if session.client.is_closed() => {}
                Some(session) => return Ok(session),
                None => return self.connect().await,
            }
        }
    }

    fn keep(&self, session: Session) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(session);
    }

    async fn connect(&self) -> Result<Session, StoreError> {
        let (client, connection) = self.config.connect(NoTls).await.map_err(failed)?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::warn!(error = %error, "a database session was lost");
            }
        });
        client.batch_execute(LOCK_WITHIN).await.map_err(failed)?;
        Ok(Session {
            client,
            statements: HashMap::new(),
        })
    }
}

/// A session and the statements prepared on it, by their canonical text.
pub(crate) struct Session {
    client: Client,
    statements: HashMap<Box<str>, Statement>,
}

impl Session {
    async fn prepare(&mut self, sql: &str) -> Result<Statement, StoreError> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let text = postgres_text(sql);
        let statement = self.client.prepare(&text).await.map_err(failed)?;
        if self.statements.len() >= STATEMENTS_MAX {
            self.statements.clear();
        }
        self.statements.insert(sql.into(), statement.clone());
        Ok(statement)
    }

    pub(super) async fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, StoreError> {
        let statement = self.prepare(sql).await?;
        let params = borrowed(params);
        self.client
            .execute(&statement, &params)
            .await
            .map_err(failed)
    }

    pub(super) async fn execute_each(
        &mut self,
        sql: &str,
        rows: &[Vec<Value>],
    ) -> Result<u64, StoreError> {
        let statement = self.prepare(sql).await?;
        let (client, statement) = (&self.client, &statement);
        let mut changed = 0;
        for chunk in rows.chunks(PIPELINED_MAX) {
            let executions = chunk.iter().map(|row| async move {
                let params = borrowed(row);
                client.execute(statement, &params).await
            });
            let counts = try_join_all(executions).await.map_err(failed)?;
            changed += counts.iter().sum::<u64>();
        }
        Ok(changed)
    }

    pub(super) async fn query(
        &mut self,
        sql: &str,
        params: &[Value],
    ) -> Result<Vec<Row>, StoreError> {
        let statement = self.prepare(sql).await?;
        let params = borrowed(params);
        let rows = self
            .client
            .query(&statement, &params)
            .await
            .map_err(failed)?;
        rows.iter().map(row_of).collect()
    }

    pub(super) async fn query_each(
        &mut self,
        sql: &str,
        rows: &[Vec<Value>],
    ) -> Result<Vec<Vec<Row>>, StoreError> {
        let statement = self.prepare(sql).await?;
        let (client, statement) = (&self.client, &statement);
        let mut answers = Vec::with_capacity(rows.len());
        for chunk in rows.chunks(PIPELINED_MAX) {
            let executions = chunk.iter().map(|row| async move {
                let params = borrowed(row);
                client.query(statement, &params).await
            });
            for answer in try_join_all(executions).await.map_err(failed)? {
                answers.push(answer.iter().map(row_of).collect::<Result<_, _>>()?);
            }
        }
        Ok(answers)
    }

    pub(super) async fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        self.client.batch_execute(sql).await.map_err(failed)
    }
}

fn borrowed(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|param| param as _).collect()
}

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(number) if *ty == Type::INT4 => i32::try_from(*number)?.to_sql(ty, out),
            Value::Int(number) if *ty == Type::FLOAT8 => (*number as f64).to_sql(ty, out),
            Value::Int(number) if *ty == Type::INT8 => number.to_sql(ty, out),
            Value::Real(number) if *ty == Type::FLOAT8 => number.to_sql(ty, out),
            Value::Text(text) if <String as ToSql>::accepts(ty) => text.to_sql(ty, out),
            Value::Blob(bytes) if *ty == Type::BYTEA => bytes.as_ref().to_sql(ty, out),
            _ => Err(format!("a parameter of another type than {ty}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn row_of(row: &tokio_postgres::Row) -> Result<Row, StoreError> {
    let mut values = Vec::with_capacity(row.len());
    for (index, column) in row.columns().iter().enumerate() {
        values.push(value_of(row, index, column.type_()).map_err(failed)?);
    }
    Ok(Row(values))
}

fn value_of(
    row: &tokio_postgres::Row,
    index: usize,
    ty: &Type,
) -> Result<Value, tokio_postgres::Error> {
    Ok(match *ty {
        Type::INT8 => row.try_get::<_, Option<i64>>(index)?.into(),
        Type::INT4 => row.try_get::<_, Option<i32>>(index)?.map(i64::from).into(),
        Type::BOOL => row.try_get::<_, Option<bool>>(index)?.into(),
        Type::FLOAT8 => row.try_get::<_, Option<f64>>(index)?.into(),
        Type::BYTEA => row
            .try_get::<_, Option<&[u8]>>(index)?
            .map(Bytes::copy_from_slice)
            .into(),
        _ => row.try_get::<_, Option<&str>>(index)?.into(),
    })
}

fn closed() -> StoreError {
    StoreError::Unavailable {
        reason: "the pool of database sessions was closed".to_owned(),
    }
}

fn failed(error: tokio_postgres::Error) -> StoreError {
    let Some(database) = error.as_db_error() else {
        let mut reason = error.to_string();
        if let Some(cause) = error.source() {
            reason = format!("{reason}: {cause}");
        }
        return StoreError::Unavailable { reason };
    };
    let reason = format!("{} ({})", database.message(), database.code().code());
    if *database.code() == SqlState::UNIQUE_VIOLATION {
        return StoreError::Conflict { what: "row" };
    }
    // Classes of errors that are about the server's state, not about the statement.
    let passing = ["08", "25", "28", "3D", "40", "53", "55", "57", "58"];
    if passing
        .iter()
        .any(|class| database.code().code().starts_with(class))
    {
        return StoreError::Unavailable { reason };
    }
    StoreError::Corrupt {
        what: "database",
        reason,
    }
}
