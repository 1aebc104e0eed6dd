//! Every row of every table, for tests that ask what is stored of somebody.
//!
//! It reads the whole database into memory and knows no table by name, so that a table which is
//! added later is looked at like the others. Secrets come as they are stored: sealed or hashed.

use std::collections::BTreeMap;

use model::ConnectionId;

use crate::backend::{Dialect, Tx, Value};
use crate::{Store, StoreError};

/// A row as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredRow {
    pub table: String,
    /// By column, in the table's order.
    pub values: Vec<(String, StoredValue)>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum StoredValue {
    Null,
    Number(f64),
    /// Of texts their UTF-8.
    Bytes(Vec<u8>),
}

impl StoredRow {
    /// The connection whose row it is: named by a column of that name, or the row's own id.
    pub fn is_of(&self, connection: ConnectionId) -> bool {
        let column = match self.table.as_str() {
            "connections" => "id",
            _ => "connection",
        };
        self.bytes(column) == Some(connection.to_string().as_bytes())
    }

    pub fn bytes(&self, column: &str) -> Option<&[u8]> {
        let mut values = self.values.iter();
        match values.find(|(name, _)| name == column) {
            Some((_, StoredValue::Bytes(bytes))) => Some(bytes),
            _ => None,
        }
    }
}

/// By name, in the order of their columns.
pub type Tables = BTreeMap<String, Vec<String>>;

impl Store {
    /// Every table's columns, those of empty ones too.
    pub async fn tables(&self) -> Result<Tables, StoreError> {
        self.read(|tx| Box::pin(tables(tx))).await
    }

    pub async fn dump(&self) -> Result<Vec<StoredRow>, StoreError> {
        self.read(|tx| Box::pin(dump(tx))).await
    }
}

const SQLITE_COLUMNS: &str = "select m.name, c.name from sqlite_master m
    join pragma_table_info(m.name) c where m.type = 'table' order by m.name, c.cid";
const POSTGRES_COLUMNS: &str = "select cast(table_name as text), cast(column_name as text)
    from information_schema.columns where table_schema = current_schema()
    order by table_name, ordinal_position";

async fn tables(tx: &mut Tx<'_>) -> Result<Tables, StoreError> {
    let sql = match tx.dialect() {
        Dialect::Sqlite => SQLITE_COLUMNS,
        Dialect::Postgres => POSTGRES_COLUMNS,
    };
    let mut tables = Tables::new();
    for row in tx.query(sql, &[]).await? {
        let columns = tables.entry(row.text(0)?.to_owned()).or_default();
        columns.push(row.text(1)?.to_owned());
    }
    Ok(tables)
}

async fn dump(tx: &mut Tx<'_>) -> Result<Vec<StoredRow>, StoreError> {
    let mut rows = Vec::new();
    for (table, columns) in tables(tx).await? {
        let quoted: Vec<String> = columns.iter().map(|name| format!("\"{name}\"")).collect();
        let sql = format!("select {} from \"{table}\"", quoted.join(", "));
        for row in tx.query(&sql, &[]).await? {
            let values = row.0.into_iter().map(stored);
            rows.push(StoredRow {
                table: table.clone(),
                values: columns.iter().cloned().zip(values).collect(),
            });
        }
    }
    Ok(rows)
}

fn stored(value: Value) -> StoredValue {
    match value {
        Value::Null => StoredValue::Null,
        Value::Int(number) => StoredValue::Number(number as f64),
        Value::Real(number) => StoredValue::Number(number),
        Value::Text(text) => StoredValue::Bytes(text.into_bytes()),
        Value::Blob(bytes) => StoredValue::Bytes(bytes.into()),
    }
}
