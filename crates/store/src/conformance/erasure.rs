//! An erased connection's data is gone from every table, and nobody else's is.

use std::collections::{BTreeMap, BTreeSet};

use model::connection::{Company, ConnectionStatus};
use model::issue::IssueCode;
use model::{ConnectionId, IssueId, Model, Points, SeriesKey, SeriesKind, SeriesPoints, Values};

use super::bed::{Bed, at, checkpoint, page, vehicle};
use crate::backend::{Value, params};
use crate::dump::{StoredRow, StoredValue};
use crate::erasure::erase_step;
use crate::*;

/// Tables that keep rows of an erased connection: tags, to find the bare row by.
const KEPT: [&str; 1] = ["connection_labels"];

/// Rows that the store's usual ways put nowhere in so short a test.
const SCRAPS: [&str; 5] = [
    "insert into raw_rows (connection, page, start, length, stream, received_at, data)
        values (?1, 1, 0, 2, 'vehicles', 1, ?2)",
    "insert into listing_doubts (connection, stream, doubted_at) values (?1, 'drivers', 1)",
    "insert into public_tokens (hash, application, connection, created_at, expires_at)
        values (?2, ?3, ?1, 1, 2)",
    "insert into blocks (connection, vehicle, series, day, part, rank, count, first_ms, last_ms,
        stamp, body) values (?1, 'v', 's', 1, 0, 0, 1, 1, 1, 1, ?2)",
    "insert into consents (id, application, connection, ticket, outcome, tags, agreement,
        accepted_at) values (cast(?4 as text), ?3, ?1, ?2, 'new', '[]', ?2, 1)",
];

fn locations(connection: &Connection) -> PagePoints {
    let vehicle = connection.ids().vehicle("1");
    let series = SeriesKey::new(SeriesKind::Location, "gps");
    let mut points = Points::new(series.kind);
    if let Values::Location(columns) = &mut points.values {
        for second in 0..3 {
            points.time.push(at(second * 1_000));
            points.source_id.push(None);
            points.raw_offset.push(u32::MAX);
            columns.push(model::history::LocationPoint {
                latitude_e7: 377_749_295,
                longitude_e7: -1_224_194_155,
                heading_centi: None,
                speed_centi_kph: Some(0),
                driver: None,
                address: None,
            });
        }
    }
    PagePoints {
        page: 1,
        points: SeriesPoints {
            vehicle,
            series,
            rank: 0,
            points,
        },
    }
}

/// A connection with rows in every table that has rows of connections.
async fn filled(bed: &Bed, number: u32) -> Connection {
    let mut new = bed.new_connection(number).await;
    new.external_id = Some(format!("customer {number}"));
    new.tags = vec!["north".to_owned()];
    new.base_url = Some("http://127.0.0.1:1".to_owned());
    new.company = Company {
        name: Some("Acme".to_owned()),
        dot_numbers: vec!["100".to_owned()],
    };
    let connection = bed.store.insert_connection(&new).await.expect("new");
    bed.request(connection.id, 2_000).await;
    let lease = bed.claim("worker", 2_000).await.lease;
    let history = bed
        .store
        .prepare_history(connection.id, vec![locations(&connection)], Vec::new())
        .await;
    let position = PositionRow {
        stream: "vehicles".to_owned(),
        slot: "listing".to_owned(),
        body: b"here".to_vec(),
    };
    let coverage = CoverageRow {
        stream: "trips".to_owned(),
        shard: 0,
        body: b"read".to_vec(),
    };
    let made = Checkpoint {
        pages: (1..=5).map(|number| page(number, "{}")).collect(),
        drafts: (1..=5)
            .map(|number| vehicle(&connection, &number.to_string(), "A", number))
            .collect(),
        history: Some(history.expect("the columns fit")),
        positions: vec![position],
        coverage: vec![coverage],
        account: Some(AccountUpdate {
            source_id: Some(format!("account {number}")),
            name: Some("Acme Ltd".to_owned()),
            dot_numbers: vec!["42".to_owned()],
            zone: None,
        }),
        issues: vec![IssueSeen {
            new_id: IssueId::new(at(3_000), u128::from(number)),
            code: IssueCode::OauthScopeMissing,
            stream: "drivers".to_owned(),
            message: "not allowed".to_owned(),
        }],
        ..checkpoint(3_000)
    };
    bed.commit(&lease, made).await;
    let params = params![
        connection.id,
        hash_secret(&number.to_string()),
        connection.application,
        format!("agr_{number}"),
    ];
    let written = bed.store.write(move |tx| {
        Box::pin(async move {
            for sql in SCRAPS {
                tx.execute(sql, &used(sql, &params)).await?;
            }
            Ok(())
        })
    });
    written.await.expect("write");
    connection
}

/// Engines refuse parameters that a statement does not have.
fn used(sql: &str, params: &[Value]) -> Vec<Value> {
    let has = |number: &usize| sql.contains(&format!("?{number}"));
    let most = (1..=params.len()).filter(has).max().unwrap_or(0);
    params[..most].to_vec()
}

async fn dump(bed: &Bed) -> Vec<StoredRow> {
    bed.store.dump().await.expect("read")
}

/// How many rows of a connection each table has that can have any.
async fn counts(bed: &Bed, id: ConnectionId) -> BTreeMap<String, usize> {
    let tables = bed.store.tables().await.expect("read").into_iter();
    let of_connections = tables.filter(|(_, columns)| columns.iter().any(|c| c == "connection"));
    let mut counts: BTreeMap<String, usize> = of_connections.map(|(name, _)| (name, 0)).collect();
    for row in dump(bed).await.iter().filter(|row| row.is_of(id)) {
        if let Some(count) = counts.get_mut(&row.table) {
            *count += 1;
        }
    }
    counts
}

fn of_others(rows: Vec<StoredRow>, id: ConnectionId) -> Vec<String> {
    let others = rows.into_iter().filter(|row| !row.is_of(id));
    let mut others: Vec<String> = others.map(|row| format!("{row:?}")).collect();
    others.sort();
    others
}

async fn leave(bed: &Bed, id: ConnectionId) {
    let asked = bed.store.request_deletion(id, at(4_000), at(4_000)).await;
    asked.expect("it can be deleted");
    assert!(bed.store.begin_erasure(id, at(4_000)).await.expect("write"));
}

pub async fn nothing_is_left_but_the_bare_row(mut bed: Bed) {
    let connection = filled(&bed, 1).await;
    let other = filled(&bed, 2).await;
    let id = connection.id;
    let before = dump(&bed).await;
    let full = counts(&bed, id).await;
    for (table, rows) in &full {
        assert!(*rows > 0, "the test has nothing in {table}");
    }
    leave(&bed, id).await;
    // Each step is the work of another life.
    let mut steps = BTreeSet::new();
    for step in 0.. {
        bed = bed.reopened(StampSource::Given).await;
        let left = counts(&bed, id).await;
        assert!(steps.insert(format!("{left:?}")), "step {step} did nothing");
        let erased = bed
            .store
            .write(move |tx| Box::pin(erase_step(tx, id, 2, 1 << 20)));
        if erased.await.expect("a step").rows == 0 {
            break;
        }
    }
    let done = bed
        .store
        .finish_erasure(id, at(5_000))
        .await
        .expect("it began");
    let after = dump(&bed).await;
    for (table, rows) in counts(&bed, id).await {
        let is_kept = KEPT.contains(&table.as_str());
        assert_eq!(rows > 0, is_kept, "{rows} rows of {table} are left");
    }
    assert_eq!(of_others(before, id), of_others(after, id));
    let found = bed.store.credentials(other.id).await.expect("read");
    assert!(found.is_some());

    let bare = bed.store.connection(id).await.expect("read").expect("one");
    assert_eq!(format!("{bare:?}"), format!("{done:?}"));
    assert_eq!(bare.status, ConnectionStatus::Deleted);
    assert_eq!(bare.deleted_at, Some(at(5_000)));
    assert_eq!(bare.token.reveal(), connection.token.reveal());
    assert_eq!(bare.external_id, connection.external_id);
    assert_eq!(
        (bare.tags, bare.company),
        (connection.tags, connection.company)
    );
    assert_eq!((bare.source_id, bare.base_url), (None, None));
    assert_eq!(bare.account, model::connection::Account::default());
    assert_eq!(bare.created_at, connection.created_at);
    let by = async |query: ConnectionQuery| {
        let query = ConnectionQuery { limit: 9, ..query };
        let found = bed.store.list_connections(bare.application, &query).await;
        found.expect("list").len()
    };
    let tag = ConnectionQuery {
        tag: Some("north".to_owned()),
        ..ConnectionQuery::default()
    };
    assert_eq!(by(tag).await, 2);
    let dot_number = ConnectionQuery {
        dot_number: Some("100".to_owned()),
        ..ConnectionQuery::default()
    };
    assert_eq!(by(dot_number).await, 1);
    let gone = ConnectionQuery {
        status: Some(ConnectionStatus::Deleted),
        ..ConnectionQuery::default()
    };
    assert_eq!(by(gone).await, 1);
}

pub async fn a_step_is_bounded_in_rows_and_bytes(bed: Bed) {
    let connection = filled(&bed, 1).await;
    let id = connection.id;
    leave(&bed, id).await;
    let step = async |rows: usize, bytes: u64| {
        let erased = bed
            .store
            .write(move |tx| Box::pin(erase_step(tx, id, rows, bytes)));
        erased.await.expect("a step")
    };
    // Credentials, public token and consent go first, then records.
    for _ in 0..3 {
        assert_eq!(step(9, 1 << 20).await.rows, 1);
    }
    let records = async || counts(&bed, id).await["records"];
    assert_eq!(records().await, 5);
    assert_eq!(step(2, 1 << 20).await.rows, 2);
    assert_eq!(step(9, 1).await.rows, 1, "one row at least");
    assert_eq!(step(9, 1 << 20).await.rows, 2);
    assert_eq!(records().await, 0);
}

pub async fn the_raw_log_of_one_that_leaves_is_not_put_aside(bed: Bed) {
    let connection = filled(&bed, 1).await;
    let id = connection.id;
    let due = async || bed.store.pages_to_retire(at(9_000)).await.expect("read");
    assert_eq!(due().await, [id]);
    leave(&bed, id).await;
    assert_eq!(due().await, []);
    // Chosen before the erasure began.
    let retired = bed
        .store
        .retire_pages(id, at(9_000), 9)
        .await
        .expect("read");
    assert_eq!(retired, Retired::default());
    let ids = connection.ids();
    let wanted = RecordQuery::of(Model::Vehicle, RecordOrder::Modified, 9);
    let listed = bed.store.list_records(id, &wanted, &|_| true).await;
    assert_eq!(listed.expect("list").records.len(), 5);
    while bed.store.erase_some(id).await.expect("a step").rows > 0 {}
    let vehicle = model::RecordId::from(ids.vehicle("1"));
    assert!(bed.store.record(id, vehicle).await.expect("read").is_none());
    bed.store.reclaim_some().await.expect("free space");
    assert!(bed.store.truncate_log().await.expect("the log"));
    let nulls = dump(&bed)
        .await
        .into_iter()
        .find(|row| row.table == "connections" && row.is_of(id));
    let nulls = nulls.expect("the bare row").values;
    assert!(nulls.contains(&("source_id".to_owned(), StoredValue::Null)));
}
