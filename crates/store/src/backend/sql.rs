//! What both engines speak: values, rows, and statements written once.
//!
//! A statement is written with `?1, ?2 …`, which SQLite takes as it is and which is respelt `$1`
//! for PostgreSQL. Whole numbers are `bigint`, truths 0 or 1, times milliseconds since 1970. Where
//! the two engines truly differ a statement has two texts, chosen by [`Dialect`].

use bytes::Bytes;
use model::{
    ApplicationId, ConnectionId, ConsentId, IssueId, KeyId, ProviderRequestId, ShortLinkId, SyncId,
    TemplateId, Timestamp, Ulid, VehicleId,
};

use super::{postgres, sqlite};
use crate::StoreError;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Real(f64),
    Text(String),
    Blob(Bytes),
}

macro_rules! value_from {
    ($($from:ty => |$name:ident| $value:expr;)*) => {$(
        impl From<$from> for Value {
            fn from($name: $from) -> Value {
                $value
            }
        }
    )*};
}

value_from! {
    i64 => |number| Value::Int(number);
    u32 => |number| Value::Int(i64::from(number));
    u16 => |number| Value::Int(i64::from(number));
    bool => |truth| Value::Int(i64::from(truth));
    f64 => |number| Value::Real(number);
    String => |text| Value::Text(text);
    &str => |text| Value::Text(text.to_owned());
    &String => |text| Value::Text(text.clone());
    Bytes => |bytes| Value::Blob(bytes);
    Vec<u8> => |bytes| Value::Blob(bytes.into());
    [u8; 32] => |bytes| Value::Blob(Bytes::copy_from_slice(&bytes));
    [u8; 16] => |bytes| Value::Blob(Bytes::copy_from_slice(&bytes));
    Timestamp => |time| Value::Int(time.millis());
    Ulid => |id| Value::Text(id.to_string());
    ApplicationId => |id| Value::Text(id.to_string());
    KeyId => |id| Value::Text(id.to_string());
    ConnectionId => |id| Value::Text(id.to_string());
    SyncId => |id| Value::Text(id.to_string());
    IssueId => |id| Value::Text(id.to_string());
    ConsentId => |id| Value::Text(id.to_string());
    TemplateId => |id| Value::Text(id.to_string());
    ShortLinkId => |id| Value::Text(id.to_string());
    ProviderRequestId => |id| Value::Text(id.to_string());
    VehicleId => |id| Value::Text(id.to_string());
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

/// The parameters of a statement, in order.
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        [$($crate::backend::Value::from($value)),*]
    };
}
pub(crate) use params;

/// A row of an answer. Its getters take the column's place in the `select`; a value of another type
/// than the one asked for is [`StoreError::Corrupt`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row(pub(crate) Vec<Value>);

impl Row {
    fn value(&self, column: usize) -> &Value {
        self.0.get(column).unwrap_or(&Value::Null)
    }

    fn wrong<T>(&self, column: usize, wanted: &str) -> Result<T, StoreError> {
        Err(StoreError::Corrupt {
            what: "row",
            reason: format!("column {column} is not {wanted}"),
        })
    }

    pub(crate) fn i64(&self, column: usize) -> Result<i64, StoreError> {
        match self.opt_i64(column)? {
            Some(number) => Ok(number),
            None => self.wrong(column, "a number"),
        }
    }

    pub(crate) fn opt_i64(&self, column: usize) -> Result<Option<i64>, StoreError> {
        match self.value(column) {
            Value::Int(number) => Ok(Some(*number)),
            Value::Null => Ok(None),
            _ => self.wrong(column, "a whole number"),
        }
    }

    pub(crate) fn bool(&self, column: usize) -> Result<bool, StoreError> {
        Ok(self.i64(column)? != 0)
    }

    /// Counters that are never negative and never large.
    pub(crate) fn u32(&self, column: usize) -> Result<u32, StoreError> {
        match u32::try_from(self.i64(column)?) {
            Ok(number) => Ok(number),
            Err(_) => self.wrong(column, "a count"),
        }
    }

    pub(crate) fn f64(&self, column: usize) -> Result<f64, StoreError> {
        match self.value(column) {
            Value::Real(number) => Ok(*number),
            Value::Int(number) => Ok(*number as f64),
            _ => self.wrong(column, "a number"),
        }
    }

    pub(crate) fn text(&self, column: usize) -> Result<&str, StoreError> {
        match self.opt_text(column)? {
            Some(text) => Ok(text),
            None => self.wrong(column, "a text"),
        }
    }

    pub(crate) fn opt_text(&self, column: usize) -> Result<Option<&str>, StoreError> {
        match self.value(column) {
            Value::Text(text) => Ok(Some(text)),
            Value::Null => Ok(None),
            _ => self.wrong(column, "a text"),
        }
    }

    pub(crate) fn blob(&self, column: usize) -> Result<&Bytes, StoreError> {
        match self.opt_blob(column)? {
            Some(bytes) => Ok(bytes),
            None => self.wrong(column, "bytes"),
        }
    }

    pub(crate) fn opt_blob(&self, column: usize) -> Result<Option<&Bytes>, StoreError> {
        match self.value(column) {
            Value::Blob(bytes) => Ok(Some(bytes)),
            Value::Null => Ok(None),
            _ => self.wrong(column, "bytes"),
        }
    }

    pub(crate) fn time(&self, column: usize) -> Result<Timestamp, StoreError> {
        self.i64(column).map(Timestamp::from_millis)
    }

    pub(crate) fn opt_time(&self, column: usize) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.opt_i64(column)?.map(Timestamp::from_millis))
    }

    /// A text that is an id, a name of a closed list, or anything else that can be parsed.
    pub(crate) fn parsed<T>(
        &self,
        column: usize,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, StoreError> {
        match parse(self.text(column)?) {
            Some(value) => Ok(value),
            None => self.wrong(column, "a text of its kind"),
        }
    }

    pub(crate) fn json<T: serde::de::DeserializeOwned>(
        &self,
        column: usize,
    ) -> Result<T, StoreError> {
        serde_json::from_str(self.text(column)?).map_err(|error| StoreError::Corrupt {
            what: "JSON",
            reason: error.to_string(),
        })
    }
}

/// One transaction (or the statements of one), on either engine.
pub(crate) enum Tx<'a> {
    Sqlite(&'a mut rusqlite::Connection),
    Postgres(&'a mut postgres::Session),
}

impl Tx<'_> {
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Tx::Sqlite(_) => Dialect::Sqlite,
            Tx::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Returns how many rows were changed.
    pub(crate) async fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, StoreError> {
        match self {
            Tx::Sqlite(connection) => sqlite::execute(connection, sql, params),
            Tx::Postgres(session) => session.execute(sql, params).await,
        }
    }

    /// The same statement for many rows: prepared once, and on PostgreSQL sent without waiting for
    /// each answer. Returns how many rows were changed in all.
    pub(crate) async fn execute_each(
        &mut self,
        sql: &str,
        rows: Vec<Vec<Value>>,
    ) -> Result<u64, StoreError> {
        match self {
            Tx::Sqlite(connection) => sqlite::execute_each(connection, sql, &rows),
            Tx::Postgres(session) => session.execute_each(sql, &rows).await,
        }
    }

    pub(crate) async fn query(
        &mut self,
        sql: &str,
        params: &[Value],
    ) -> Result<Vec<Row>, StoreError> {
        match self {
            Tx::Sqlite(connection) => sqlite::query(connection, sql, params),
            Tx::Postgres(session) => session.query(sql, params).await,
        }
    }

    /// Like [`Tx::execute_each`], with the rows that each execution returned, in the same order.
    pub(crate) async fn query_each(
        &mut self,
        sql: &str,
        rows: Vec<Vec<Value>>,
    ) -> Result<Vec<Vec<Row>>, StoreError> {
        match self {
            Tx::Sqlite(connection) => sqlite::query_each(connection, sql, &rows),
            Tx::Postgres(session) => session.query_each(sql, &rows).await,
        }
    }

    pub(crate) async fn query_first(
        &mut self,
        sql: &str,
        params: &[Value],
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.query(sql, params).await?.into_iter().next())
    }

    /// Statements without parameters, separated by semicolons: migrations and settings.
    pub(crate) async fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        match self {
            Tx::Sqlite(connection) => sqlite::batch(connection, sql),
            Tx::Postgres(session) => session.batch(sql).await,
        }
    }
}

/// Respells `?1` as `$1`, outside quotes.
pub(super) fn postgres_text(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len());
    let mut quoted = false;
    let mut rest = sql.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\'' => {
                quoted = !quoted;
                text.push(c);
            }
            '?' if !quoted && rest.peek().is_some_and(char::is_ascii_digit) => text.push('$'),
            _ => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::postgres_text;

    #[test]
    fn placeholders_are_respelt_outside_quotes() {
        assert_eq!(
            postgres_text("select '?1', ?1, ?12 where a ? b"),
            "select '?1', $1, $12 where a ? b"
        );
    }
}
