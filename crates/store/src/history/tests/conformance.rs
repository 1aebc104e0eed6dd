//! History through a store, on whichever engine it runs: what is read back is compared with the
//! model. Each case takes an open, migrated store and a connection's id; cases that share a
//! database take different ones.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use model::{ConnectionId, SeriesPoints, StatType, Timestamp, Ulid, Window};

use super::super::prepare::Applied;
use super::super::{HistoryKinds, HistoryQuery, HistoryRow, PagePoints, PointPosition, apply};
use super::model_history::ModelHistory;
use super::{Chance, DAY, SECOND, START, Size, Step, at, gps, push, random_step, vehicle};
use crate::backend::params;
use crate::{Execution, StampSource, Store, StoreConfig, Target, Vault};

fn connection(number: u128) -> ConnectionId {
    ConnectionId(Ulid::new(at(START), number))
}

async fn commit(store: &Store, connection: ConnectionId, step: Step, stamp: Timestamp) -> Applied {
    let prepared = store
        .prepare_history(connection, step.points, step.read)
        .await
        .expect("intact blocks");
    store
        .write(move |tx| Box::pin(async move { apply(tx, connection, prepared, stamp).await }))
        .await
        .expect("a commit")
}

fn random_query(chance: &mut Chance, size: Size) -> HistoryQuery {
    let kinds = match chance.below(4) {
        0 => HistoryKinds::Stats(Vec::new()),
        1 => HistoryKinds::Stats(vec![StatType::Odometer]),
        2 => HistoryKinds::Stats(vec![StatType::EngineState, StatType::FuelLevel]),
        _ => HistoryKinds::Locations,
    };
    let span = size.days as i64 * DAY;
    let window = match chance.one_in(3) {
        true => (START - DAY, START + span),
        false => {
            let from = START + chance.below(span as u64) as i64;
            (from, from + 1 + chance.below(span as u64) as i64)
        }
    };
    HistoryQuery {
        vehicle: vehicle(u128::from(chance.below(size.vehicles))),
        kinds,
        window: Window::new(at(window.0), at(window.1)).expect("not empty"),
        after: None,
        limit: match chance.below(4) {
            0 => 1 + chance.below(5) as usize,
            1 => 50,
            _ => 40_000,
        },
    }
}

/// Reads page by page to the end.
async fn read_all(store: &Store, of: ConnectionId, mut query: HistoryQuery) -> Vec<HistoryRow> {
    let mut all: Vec<HistoryRow> = Vec::new();
    loop {
        let page = store.read_history(of, &query).await.expect("intact blocks");
        assert!(page.rows.len() <= query.limit);
        assert!(page.rows.len() == query.limit || !page.more);
        all.extend(page.rows);
        let Some(last) = all.last().filter(|_| page.more) else {
            return all;
        };
        query.after = Some(PointPosition {
            time: last.time,
            ulid: last.ulid,
        });
    }
}

async fn check(store: &Store, of: ConnectionId, seed: u64, steps: u64, size: Size) {
    let mut chance = Chance::new(seed);
    let (mut model, mut page) = (ModelHistory::default(), 0);
    for number in 0..steps {
        let points = if chance.one_in(5) {
            size.points * 40
        } else {
            size.points
        };
        let step = random_step(&mut chance, Size { points, ..size }, &mut page);
        let stamp = at(START + 30 * DAY + number as i64);
        let (counts, pages, groups) = model.commit(&step, stamp);
        let wanted = Applied {
            added: counts.added,
            modified: counts.modified,
            unchanged: counts.unchanged,
            withdrawn: counts.withdrawn,
            pages_changed: pages.into_iter().collect(),
            groups_changed: groups,
        };
        let found = commit(store, of, step, stamp).await;
        assert_eq!(found, wanted, "seed {seed}, step {number}");
        for _ in 0..3 {
            let query = random_query(&mut chance, size);
            let wanted = model.rows(query.vehicle, &query.kinds, query.window, None);
            let found = read_all(store, of, query.clone()).await;
            assert_eq!(
                found.len(),
                wanted.len(),
                "seed {seed}, step {number}, {query:?}"
            );
            for (found, wanted) in found.iter().zip(&wanted) {
                assert_eq!(found, wanted, "seed {seed}, step {number}, {query:?}");
            }
        }
    }
}

pub(crate) async fn random_commits_are_served_as_the_model_says(store: Store) {
    for seed in 0..3u64 {
        let size = Size {
            vehicles: 2,
            points: 1 + seed * 6,
            instants: 50 + seed * 30,
            days: 3,
        };
        check(&store, connection(u128::from(seed)), seed, 20, size).await;
    }
}

fn locations(page: i64, times: impl Iterator<Item = i64>) -> Step {
    let mut points = model::Points::new(gps().kind);
    for (row, time) in times.enumerate() {
        push(
            &mut points,
            time,
            None,
            row as u32 * 120,
            time / SECOND % 50_000,
        );
    }
    let points = SeriesPoints {
        vehicle: vehicle(1),
        series: gps(),
        rank: 0,
        points,
    };
    Step {
        points: vec![PagePoints { page, points }],
        read: Vec::new(),
    }
}

fn all_locations(limit: usize) -> HistoryQuery {
    HistoryQuery {
        vehicle: vehicle(1),
        kinds: HistoryKinds::Locations,
        window: Window {
            from: at(START - DAY),
            until: at(START + 400 * DAY),
        },
        after: None,
        limit,
    }
}

/// More blocks than are listed at a time, days of several parts, and days without any.
pub(crate) async fn long_histories_are_read_in_stretches(store: Store) {
    let of = connection(50);
    let mut model = ModelHistory::default();
    let dense = (0..20_000).map(|n| START + n * 4 * SECOND);
    let sparse = (1..300).map(|n| START + (n + n % 3) * DAY);
    for (page, step) in [locations(1, dense), locations(2, sparse)]
        .into_iter()
        .enumerate()
    {
        model.commit(&step, at(page as i64));
        commit(&store, of, step, at(page as i64)).await;
    }
    let query = all_locations(40_000);
    let wanted = model.rows(query.vehicle, &query.kinds, query.window, None);
    for limit in [1_000, 8_192, 40_000] {
        let found = read_all(&store, of, all_locations(limit)).await;
        assert!(
            found == wanted,
            "pages of {limit}: {} of {}",
            found.len(),
            wanted.len()
        );
    }
}

/// What was read again writes nothing, and damage is an error that says what it met.
pub(crate) async fn unchanged_points_write_nothing(store: Store) {
    let of = connection(60);
    let step = locations(1, (0..3).map(|n| START + n * SECOND));
    commit(&store, of, step.clone(), at(1)).await;
    let again = store
        .prepare_history(of, step.points.clone(), step.read.clone())
        .await;
    assert!(again.expect("an intact tail").changes_nothing());
    let applied = commit(&store, of, step.clone(), at(2)).await;
    assert_eq!((applied.unchanged, applied.added), (3, 0));
    assert!(applied.pages_changed.is_empty());
    let rows = read_all(&store, of, all_locations(10)).await;
    assert!(rows.iter().all(|row| row.modified_at == at(1)));
    store
        .write(move |tx| {
            Box::pin(async move {
                let sql = "update history_tail set body = ?2 where connection = ?1";
                tx.execute(sql, &params![of, vec![1u8, 2, 3, 4, 5, 6]])
                    .await
            })
        })
        .await
        .expect("a row of the tail");
    let error = store
        .read_history(of, &all_locations(10))
        .await
        .expect_err("it is damaged");
    assert!(error.to_string().contains("tail of points"), "{error}");
    assert!(
        store
            .prepare_history(of, step.points, step.read)
            .await
            .is_err()
    );
}

/// While the engines' own suite runs these cases on all engines, this is the quick loop.
#[test]
fn through_sqlite_in_memory() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let next = AtomicU64::new(1);
        let nonces = Arc::new(move || {
            let mut nonce = [0; 24];
            nonce[..8].copy_from_slice(&next.fetch_add(1, Ordering::Relaxed).to_le_bytes());
            nonce
        });
        let config = StoreConfig {
            target: Target::Sqlite {
                path: ":memory:".into(),
            },
            vault: Vault::from_key([7; 32], nonces),
            execution: Execution::Inline,
            stamps: StampSource::Given,
        };
        let store = Store::open(config).await.expect("a store");
        random_commits_are_served_as_the_model_says(store.clone()).await;
        long_histories_are_read_in_stretches(store.clone()).await;
        unchanged_points_write_nothing(store).await;
    });
}
