//! The statements of lists, made of the filters that a query has.
//!
//! A list of some vehicles or drivers is a merge of one list for each: every one of those lies in
//! its index in the order that is wanted, so a page costs what the page is long, however many rows
//! the others have.

use std::collections::BTreeSet;

use model::{ConnectionId, Timestamp, Ulid};

use super::{BY_ID, COLUMNS, RecordOrder, RecordQuery};
use crate::StoreError;
use crate::backend::{Dialect, Row, Tx, Value, params};

/// Rows of one query in their order, from a place on.
pub(super) struct Select {
    columns: &'static str,
    /// The index that holds the list in its order.
    index: &'static str,
    wheres: String,
    params: Vec<Value>,
    /// The parameter that changes with each list to be merged, and its values.
    merged: Option<(usize, BTreeSet<Ulid>)>,
    limit: usize,
}

impl Select {
    pub(super) fn new(
        connection: ConnectionId,
        query: &RecordQuery,
        after: Option<(Timestamp, Ulid)>,
        limit: usize,
    ) -> Select {
        let vehicles: BTreeSet<Ulid> = query.vehicles.iter().map(|id| id.0).collect();
        let drivers: BTreeSet<Ulid> = query.drivers.iter().map(|id| id.0).collect();
        // Of both, the one that makes fewer lists; the other is a filter on them.
        let by_vehicle = drivers.is_empty() || (1..=drivers.len()).contains(&vehicles.len());
        let (column, members, other_column, others) = match by_vehicle {
            true => ("vehicle", vehicles, "driver", drivers),
            false => ("driver", drivers, "vehicle", vehicles),
        };
        let mut wheres = Wheres::new(params![connection, query.model.name()].to_vec());
        let merged = (!members.is_empty()).then(|| {
            wheres.bounded(&format!("{column} ="), Some(Value::Null));
            (wheres.params.len() - 1, members)
        });
        if !others.is_empty() {
            wheres.one_of(other_column, &others);
        }
        wheres.filters(query);
        let order = wheres.order(query, after);
        let limited = i64::try_from(limit).unwrap_or(i64::MAX);
        wheres.params.push(Value::Int(limited));
        let place = wheres.params.len();
        wheres
            .sql
            .push_str(&format!(" order by {order}, id limit ?{place}"));
        let (columns, index) = match (query.order, &merged, by_vehicle) {
            (RecordOrder::Modified, None, _) => (COLUMNS, "records_modified"),
            (RecordOrder::Modified, _, true) => ("modified_at, id", "records_vehicle_modified"),
            (RecordOrder::Modified, _, false) => ("modified_at, id", "records_driver_modified"),
            (RecordOrder::Started, None, _) => (COLUMNS, "records_started"),
            (RecordOrder::Started, _, true) => ("started_at, id", "records_vehicle"),
            (RecordOrder::Started, _, false) => ("started_at, id", "records_driver"),
        };
        Select {
            columns,
            index,
            wheres: wheres.sql,
            params: wheres.params,
            merged,
            limit,
        }
    }

    fn sql(&self, dialect: Dialect) -> String {
        // SQLite keeps no statistics here and may take an index that lies in the order, but has
        // all the other vehicles' rows in it as well.
        let hint = match dialect {
            Dialect::Sqlite => format!("indexed by {}", self.index),
            Dialect::Postgres => String::new(),
        };
        let (columns, wheres) = (self.columns, &self.wheres);
        format!("select {columns} from records {hint} where {wheres}")
    }

    pub(super) async fn rows(self, tx: &mut Tx<'_>) -> Result<Vec<Row>, StoreError> {
        let sql = self.sql(tx.dialect());
        let Some((place, members)) = self.merged else {
            return tx.query(&sql, &self.params).await;
        };
        let lists = members
            .into_iter()
            .map(|member| {
                let mut params = self.params.clone();
                params[place] = Value::from(member);
                params
            })
            .collect();
        let mut keys = Vec::new();
        for row in tx.query_each(&sql, lists).await?.iter().flatten() {
            keys.push((row.i64(0)?, row.text(1)?.to_owned()));
        }
        keys.sort_unstable();
        keys.truncate(self.limit);
        let of_model = &self.params[..2];
        let ids = keys
            .into_iter()
            .map(|(_, id)| [of_model, &[Value::Text(id)]].concat())
            .collect();
        let found = tx.query_each(BY_ID, ids).await?;
        Ok(found.into_iter().flatten().collect())
    }
}

/// Conditions and their parameters.
struct Wheres {
    sql: String,
    params: Vec<Value>,
}

impl Wheres {
    /// `params` begin with connection and model.
    fn new(params: Vec<Value>) -> Wheres {
        Wheres {
            sql: "connection = ?1 and model = ?2 and withdrawn_at is null".to_owned(),
            params,
        }
    }

    /// `condition` compares with the value, if there is one.
    fn bounded(&mut self, condition: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.params.push(value.into());
            let place = self.params.len();
            self.sql.push_str(&format!(" and {condition} ?{place}"));
        }
    }

    /// One text for however many there are, so that the statement is prepared once: ids are of one
    /// length, and have nothing that `like` would take for a pattern.
    fn one_of(&mut self, column: &str, ids: &BTreeSet<Ulid>) {
        let texts: Vec<String> = ids.iter().map(Ulid::to_string).collect();
        self.params.push(Value::Text(texts.join(",")));
        let place = self.params.len();
        self.sql.push_str(&format!(
            " and {column} is not null and cast(?{place} as text) like '%' || {column} || '%'"
        ));
    }

    /// All but the lower bound of the order, which [`Wheres::order`] joins with the place.
    fn filters(&mut self, query: &RecordQuery) {
        if !query.include_deleted {
            self.sql.push_str(" and deleted_at is null");
        }
        match query.order {
            RecordOrder::Modified => {
                self.bounded("started_at >=", query.started_after);
            }
            RecordOrder::Started => {
                // In these words the indexes have it.
                self.sql.push_str(" and started_at is not null");
                self.bounded("modified_at >=", query.modified_after);
            }
        }
        self.bounded("modified_at <", query.modified_before);
        self.bounded("started_at <", query.started_before);
        self.bounded("ended_at >=", query.ended_after);
        self.bounded("ended_at <", query.ended_before);
    }

    /// Only what lies beyond the place. Returns the column of the order.
    fn order(&mut self, query: &RecordQuery, after: Option<(Timestamp, Ulid)>) -> &'static str {
        let (column, least) = match query.order {
            RecordOrder::Modified => ("modified_at", query.modified_after),
            RecordOrder::Started => ("started_at", query.started_after),
        };
        // The empty text is before every id, so that a bound lets its own moment in.
        let from = least.map(|time| (time, String::new()));
        let after = after.map(|(time, id)| (time, id.to_string()));
        if let Some((time, id)) = from.max(after) {
            self.params.extend(params![time, id]);
            let (time, id) = (self.params.len() - 1, self.params.len());
            self.sql.push_str(&format!(
                " and {column} >= ?{time}
                 and ({column} > ?{time} or ({column} = ?{time} and id > ?{id}))"
            ));
        }
        column
    }
}

#[cfg(test)]
mod tests {
    use model::{DriverId, Model, VehicleId};

    use super::*;
    use crate::{Execution, StampSource, Store, StoreConfig, Target, Vault};

    async fn plan(store: &Store, select: Select) -> String {
        let sql = format!("explain query plan {}", select.sql(Dialect::Sqlite));
        let rows = store
            .read(move |tx| Box::pin(async move { tx.query(&sql, &select.params).await }))
            .await
            .expect("a statement");
        let lines: Vec<&str> = rows
            .iter()
            .map(|row| row.text(3).expect("a text"))
            .collect();
        lines.join("; ")
    }

    /// However many rows there are, a page is read from an index in its order.
    #[tokio::test]
    async fn every_list_lies_in_an_index() {
        let config = StoreConfig {
            target: Target::Sqlite {
                path: ":memory:".into(),
            },
            vault: Vault::from_key([7; 32], std::sync::Arc::new(|| [0; 24])),
            execution: Execution::Inline,
            stamps: StampSource::Given,
        };
        let store = Store::open(config).await.expect("a fresh store opens");
        let (connection, ulid) = (ConnectionId(Ulid::from_bits(1)), Ulid::from_bits(2));
        let (vehicle, driver) = (VehicleId(ulid), DriverId(ulid));
        let (modified, started) = (RecordOrder::Modified, RecordOrder::Started);
        for (order, vehicles, drivers, index) in [
            (modified, 0, 0, "records_modified "),
            (modified, 1, 0, "records_vehicle_modified "),
            (modified, 2, 1, "records_driver_modified "),
            (started, 0, 0, "records_started "),
            (started, 1, 1, "records_vehicle "),
            (started, 0, 1, "records_driver "),
        ] {
            let time = Timestamp::from_millis(5);
            for bound in [None, Some(time)] {
                let query = RecordQuery {
                    modified_after: bound,
                    modified_before: bound,
                    started_after: bound,
                    started_before: bound,
                    ended_after: bound,
                    ended_before: bound,
                    vehicles: (0..vehicles)
                        .map(|n| VehicleId(Ulid::from_bits(vehicle.0.to_bits() + n)))
                        .collect(),
                    drivers: vec![driver; drivers],
                    include_deleted: true,
                    ..RecordQuery::of(Model::Trip, order, 50)
                };
                let after = bound.map(|time| (time, ulid));
                let plan = plan(&store, Select::new(connection, &query, after, 51)).await;
                assert!(plan.contains(index), "{query:?}: {plan}");
                assert!(!plan.contains("TEMP B-TREE"), "{query:?}: {plan}");
            }
        }
    }
}
