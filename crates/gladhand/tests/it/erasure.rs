//! A deleted connection's data is gone: from the rows of either database, and with SQLite from
//! every byte of the files.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::time::Duration;

use model::ConnectionId;
use model::connection::ConnectionStatus;
use model::sync::SyncStatus;
use simulator::Vendor;
use store::dump::{StoredRow, StoredValue};
use store::{Execution, Target};
use testkit::databases::TestDatabase;
use testkit::fleet::{Fleet, FleetConfig};
use testkit::truth;
use tokio::sync::watch;
use world::Clock;

/// Long enough to stand nowhere by chance.
const SLICE: usize = 24;

/// Columns of the row that stays.
const KEPT: [&str; 8] = [
    "id",
    "application",
    "provider",
    "company",
    "external_id",
    "tags",
    "token_hash",
    "token_sealed",
];

type Slice = [u8; SLICE];

/// Pieces of stored values, to be looked for in files.
struct Slices {
    wanted: BTreeMap<Slice, String>,
    /// By the first three bytes: most places of a file are passed over with one look.
    starts: Vec<bool>,
}

impl Slices {
    /// From the beginning, the middle and the end of every longer value, with its table.
    fn of<'a>(values: impl Iterator<Item = (&'a str, &'a [u8])>) -> Slices {
        let mut wanted = BTreeMap::new();
        for (table, bytes) in values.filter(|(_, bytes)| bytes.len() >= SLICE) {
            let last = bytes.len() - SLICE;
            for at in [0, last / 4, last / 2, last / 4 * 3, last] {
                let slice = bytes[at..]
                    .first_chunk::<SLICE>()
                    .expect("it is long enough");
                wanted.insert(*slice, table.to_owned());
            }
        }
        Slices::new(wanted)
    }

    fn new(wanted: BTreeMap<Slice, String>) -> Slices {
        let mut starts = vec![false; 1 << 24];
        for slice in wanted.keys() {
            starts[start(slice)] = true;
        }
        Slices { wanted, starts }
    }

    fn found_in(&self, bytes: &[u8]) -> HashSet<Slice> {
        let mut found = HashSet::new();
        for window in bytes.windows(SLICE) {
            if self.starts[start(window)] {
                let slice = window.first_chunk::<SLICE>().expect("a window");
                if self.wanted.contains_key(slice) {
                    found.insert(*slice);
                }
            }
        }
        found
    }

    fn only(mut self, keep: impl Fn(&Slice) -> bool) -> Slices {
        self.wanted.retain(|slice, _| keep(slice));
        Slices::new(self.wanted)
    }

    /// How many of each table.
    fn count(&self, slices: &HashSet<Slice>) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for slice in slices {
            *counts.entry(self.wanted[slice].as_str()).or_default() += 1;
        }
        counts
    }
}

fn start(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 16 | usize::from(bytes[1]) << 8 | usize::from(bytes[2])
}

/// Everything that lies in a directory, one file after the other.
fn files(directory: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(directory).expect("the directory is there") {
        let path = entry.expect("it can be read").path();
        all.extend(std::fs::read(path).expect("the file can be read"));
    }
    all
}

/// Texts and blobs, and the table of each; of a connection's own row only those that go.
fn values(rows: &[StoredRow]) -> impl Iterator<Item = (&str, &[u8])> {
    rows.iter().flat_map(|row| {
        let values = row.values.iter();
        let of_row = values.filter_map(|(name, value)| match value {
            StoredValue::Bytes(_) if is_kept(row, name) => None,
            StoredValue::Bytes(bytes) => Some((row.table.as_str(), bytes.as_slice())),
            _ => None,
        });
        of_row.collect::<Vec<_>>()
    })
}

fn is_kept(row: &StoredRow, column: &str) -> bool {
    match row.table.as_str() {
        "connections" => KEPT.contains(&column),
        _ => column == "connection",
    }
}

/// A fleet that two providers show, both connections synced, some of their pages retired.
async fn synced(database: TestDatabase) -> Fleet {
    let config = FleetConfig::small(7).at([Vendor::Samsara, Vendor::Geotab]);
    let fleet = Fleet::new(config, database).await;
    fleet.clock.advance(Duration::from_secs(3_600));
    for connection in &fleet.connections {
        let row = fleet.backfill_of(*connection).await;
        let told = row.failure_reason;
        assert_eq!(row.status, SyncStatus::Completed, "{told:?}");
        let before = fleet.clock.now().saturating_add(Duration::from_secs(1));
        let retired = fleet.store.retire_pages(*connection, before, 6).await;
        assert!(retired.expect("the store answers").rows_moved > 0);
    }
    fleet
}

async fn split(fleet: &Fleet, id: ConnectionId) -> (Vec<StoredRow>, Vec<StoredRow>) {
    let rows = fleet.store.dump().await.expect("the store answers");
    rows.into_iter().partition(|row| row.is_of(id))
}

async fn erase(fleet: &Fleet, id: ConnectionId) {
    let (_stay, stop) = watch::channel(false);
    let leaving = fleet.engine.delete_connection(id, Duration::ZERO).await;
    let leaving = leaving.expect("it can be deleted");
    assert_eq!(leaving.status, ConnectionStatus::PendingDeletion);
    let erased = fleet.engine.erase_due(&stop).await;
    assert_eq!(erased.expect("the store answers"), 1);
    let status = fleet.connection_of(id).await.status;
    assert_eq!(status, ConnectionStatus::Deleted);
}

/// Nothing of one is left, everything of the other.
async fn check_rows(fleet: &Fleet, id: ConnectionId, others: &[StoredRow]) {
    let (left, still) = split(fleet, id).await;
    let tables: Vec<&str> = left.iter().map(|row| row.table.as_str()).collect();
    assert_eq!(tables, ["connections"], "rows of the connection are left");
    let sorted = |rows: &[StoredRow]| {
        let mut rows: Vec<String> = rows.iter().map(|row| format!("{row:?}")).collect();
        rows.sort();
        rows
    };
    assert!(sorted(&still) == sorted(others), "another's rows changed");
    let other = fleet.connections[1];
    let truth = fleet.truth_of(other).await;
    let differences = truth::compare(&fleet.store, other, &*truth).await;
    assert!(differences.is_empty(), "{differences}");
    assert!(differences.locations > 0 && differences.stats > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_byte_of_it_is_left_in_the_files() {
    let fleet = synced(TestDatabase::sqlite(Execution::Threads)).await;
    let (id, directory) = (fleet.connection, fleet.database.directory().to_owned());
    let (ours, others) = split(&fleet, id).await;
    let elsewhere: Vec<u8> = {
        let kept = ours.iter().flat_map(|row| &row.values);
        let kept = kept.filter(|(name, _)| KEPT.contains(&name.as_str()) || name == "connection");
        let values = others.iter().flat_map(|row| &row.values).chain(kept);
        let bytes = values.filter_map(|(_, value)| match value {
            StoredValue::Bytes(bytes) => Some(bytes.as_slice()),
            _ => None,
        });
        bytes.collect::<Vec<_>>().join(&0)
    };
    // What others have too may stay: both providers tell of the same vehicles and drivers.
    let all = Slices::of(values(&ours));
    let shared = all.found_in(&elsewhere);
    let slices = all.only(|slice| !shared.contains(slice));
    assert!(slices.wanted.len() > 1_000, "{}", slices.wanted.len());
    let theirs = Slices::of(values(&others));

    // A slice across two pages of a file is not found in one piece.
    let before = files(&directory);
    let found = slices.found_in(&before);
    let by_table = slices.count(&found);
    assert!(found.len() * 10 > slices.wanted.len() * 9, "{by_table:?}");
    for table in [
        "records",
        "blocks",
        "pages",
        "raw_rows",
        "credentials",
        "coverage",
        "positions",
        "connections",
    ] {
        assert!(by_table.contains_key(table), "{table}: {by_table:?}");
    }
    let theirs_found = theirs.found_in(&before);
    drop(before);

    erase(&fleet, id).await;
    let after = files(&directory);
    let slices = slices.only(|slice| found.contains(slice));
    let left = slices.found_in(&after);
    assert!(
        left.is_empty(),
        "left in the files: {:?}",
        slices.count(&left)
    );
    assert_eq!(theirs.found_in(&after), theirs_found);
    check_rows(&fleet, id, &others).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_row_of_it_is_left_in_postgres() {
    let Some(database) = TestDatabase::postgres().await else {
        return;
    };
    assert!(matches!(database.target(), Target::Postgres { .. }));
    let fleet = synced(database).await;
    let (ours, others) = split(&fleet, fleet.connection).await;
    assert!(ours.len() > 100, "{} rows", ours.len());
    erase(&fleet, fleet.connection).await;
    check_rows(&fleet, fleet.connection, &others).await;
}
