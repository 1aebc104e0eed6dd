//! Lists are read page by page while commits go on: nothing that stays is lost, nothing that nobody
//! touched comes twice. The interleavings are random, and each has its seed.

use std::collections::{BTreeMap, BTreeSet};

use model::{DriverId, Model, Timestamp, Ulid, VehicleId};

use super::bed::{Bed, at, checkpoint, trip};
use crate::history::Chance;
use crate::*;

const CONNECTIONS: u32 = 2;
const STEPS: u64 = 160;
const TRIPS: u64 = 60;
/// Few instants, so that bounds and places meet rows that share them.
const INSTANTS: u64 = 12;
const MEMBERS: u64 = 4;

/// A row as the model knows it.
#[derive(Clone, Debug)]
struct Row {
    vehicle: VehicleId,
    driver: Option<DriverId>,
    started: Timestamp,
    ended: Option<Timestamp>,
    modified: Timestamp,
    version: u64,
    deleted: bool,
    withdrawn: bool,
}

type Rows = BTreeMap<Ulid, Row>;

fn matches(query: &RecordQuery, row: &Row) -> bool {
    let since = |time: Timestamp, bound: Option<Timestamp>| bound.is_none_or(|b| b <= time);
    let before = |time: Timestamp, bound: Option<Timestamp>| bound.is_none_or(|b| time < b);
    let ends = query.ended_after.is_none() && query.ended_before.is_none()
        || row.ended.is_some_and(|ended| {
            since(ended, query.ended_after) && before(ended, query.ended_before)
        });
    !row.withdrawn
        && (query.include_deleted || !row.deleted)
        && since(row.modified, query.modified_after)
        && before(row.modified, query.modified_before)
        && since(row.started, query.started_after)
        && before(row.started, query.started_before)
        && ends
        && (query.vehicles.is_empty() || query.vehicles.contains(&row.vehicle))
        && (query.drivers.is_empty() || row.driver.is_some_and(|id| query.drivers.contains(&id)))
}

/// One client's pass over a list.
struct Pass {
    of: usize,
    query: RecordQuery,
    /// Rows that were there when it began and are still; whether they were modified meanwhile.
    there: BTreeMap<Ulid, bool>,
    /// Rows returned, each with the modification that was returned.
    returned: BTreeSet<(Ulid, Timestamp)>,
    last: Option<(Timestamp, Ulid)>,
}

impl Pass {
    fn begin(of: usize, query: RecordQuery, rows: &Rows) -> Pass {
        let there = rows.iter().filter(|(_, row)| matches(&query, row));
        Pass {
            of,
            there: there.map(|(id, _)| (*id, false)).collect(),
            query,
            returned: BTreeSet::new(),
            last: None,
        }
    }

    fn committed(&mut self, rows: &Rows, stamp: Timestamp) {
        self.there.retain(|id, modified| {
            *modified |= rows[id].modified == stamp;
            matches(&self.query, &rows[id])
        });
    }

    /// Whether that was the last page.
    async fn read(&mut self, bed: &Bed, connection: &Connection, rows: &Rows) -> bool {
        let page = bed
            .store
            .list_records(connection.id, &self.query, &|_| true);
        let page = page.await.expect("list");
        assert!(page.records.len() <= self.query.limit);
        for record in &page.records {
            let (id, row) = (record.id.ulid, &rows[&record.id.ulid]);
            assert!(matches(&self.query, row), "{:?} {row:?}", self.query);
            assert_eq!(record.modified_at, row.modified);
            let place = match self.query.order {
                RecordOrder::Modified => (row.modified, id),
                RecordOrder::Started => (row.started, id),
            };
            assert!(self.last < Some(place), "out of order: {:?}", self.query);
            self.last = Some(place);
            let first = self.returned.insert((id, row.modified));
            assert!(first, "returned twice: {:?} {row:?}", self.query);
        }
        self.query.after = page.next;
        page.next.is_none()
    }

    fn check(&self) {
        for (id, modified) in &self.there {
            let times = self
                .returned
                .iter()
                .filter(|(found, _)| found == id)
                .count();
            let wanted = if *modified { times.max(1) } else { 1 };
            assert_eq!(
                times, wanted,
                "{id} (modified: {modified}) in {:?}",
                self.query
            );
        }
    }
}

fn random_query(chance: &mut Chance, connection: &Connection, newest: i64) -> RecordQuery {
    let order = match chance.one_in(2) {
        true => RecordOrder::Modified,
        false => RecordOrder::Started,
    };
    let mut query = RecordQuery::of(Model::Trip, order, 1 + chance.below(6) as usize);
    let mut bound = |most: i64| {
        let time = chance.below(most as u64 + 1) as i64;
        chance.one_in(5).then(|| at(time))
    };
    let instants = INSTANTS as i64;
    query.started_after = bound(instants);
    query.started_before = bound(instants);
    query.ended_after = bound(2 * instants);
    query.ended_before = bound(2 * instants);
    query.modified_after = bound(newest);
    query.modified_before = bound(2 * newest);
    query.include_deleted = chance.one_in(3);
    let mut members = |one_in: u64| -> Vec<String> {
        let count = match chance.one_in(one_in) {
            true => 1 + chance.below(MEMBERS),
            false => 0,
        };
        let numbers = (0..count).map(|_| chance.below(MEMBERS).to_string());
        numbers.collect()
    };
    let ids = connection.ids();
    query.vehicles = members(2).iter().map(|id| ids.vehicle(id)).collect();
    query.drivers = members(3).iter().map(|id| ids.driver(id)).collect();
    query
}

/// Trips that are new, changed, gone, or back.
fn random_commit(
    chance: &mut Chance,
    connection: &Connection,
    rows: &mut Rows,
    stamp: Timestamp,
) -> Checkpoint {
    let mut made = checkpoint(stamp.millis());
    for _ in 0..1 + chance.below(8) {
        let number = chance.below(TRIPS);
        let (ids, source_id) = (connection.ids(), number.to_string());
        let id = ids.record(Model::Trip, &source_id);
        if made.withdrawals.contains(&id) || made.drafts.iter().any(|d| d.draft.id == id) {
            continue;
        }
        let known = rows.get_mut(&id.ulid);
        if chance.one_in(4) {
            made.withdrawals.push(id);
            if let Some(row) = known.filter(|row| !row.withdrawn) {
                (row.withdrawn, row.modified) = (true, stamp);
            }
            continue;
        }
        // What makes a trip the same trip stays.
        let vehicle = (number % MEMBERS).to_string();
        let started = (number * 7 % INSTANTS) as i64;
        let driver =
            (!number.is_multiple_of(3)).then(|| ids.driver(&(number / 5 % MEMBERS).to_string()));
        let ended = (!number.is_multiple_of(4)).then(|| at(started + (number % 9) as i64));
        let version = match chance.one_in(3) {
            true => known.as_ref().map_or(0, |row| row.version),
            false => chance.next(),
        };
        let mut draft = trip(connection, &source_id, &vehicle, started);
        draft.draft.driver = driver;
        draft.draft.ended_at = ended;
        draft.draft.body = format!("{{\"id\":\"{id}\",\"version\":{version}}}");
        made.drafts.push(draft);
        let row = Row {
            vehicle: ids.vehicle(&vehicle),
            driver,
            started: at(started),
            ended,
            modified: stamp,
            version,
            deleted: false,
            withdrawn: false,
        };
        match known {
            Some(old) if !old.withdrawn && !old.deleted && old.version == version => {}
            Some(old) => *old = row,
            None => {
                rows.insert(id.ulid, row);
            }
        }
    }
    if chance.one_in(6) {
        made.listings.push(random_listing(chance, rows, stamp));
    }
    made
}

/// Names all trips but a few.
fn random_listing(chance: &mut Chance, rows: &mut Rows, stamp: Timestamp) -> ListingEnd {
    let (mut seen, mut gone) = (Vec::new(), 0);
    for (id, row) in rows.iter_mut() {
        if row.withdrawn || row.deleted {
            continue;
        }
        // Of six the listing would be doubted.
        if gone < 5 && chance.one_in(8) {
            gone += 1;
            (row.deleted, row.modified) = (true, stamp);
        } else {
            seen.push(*id);
        }
    }
    ListingEnd {
        stream: "trips",
        models: vec![Model::Trip],
        seen,
    }
}

pub async fn pages_lose_nothing_while_commits_go_on(bed: Bed) {
    let mut tenants = Vec::new();
    for number in 1..=CONNECTIONS {
        let (connection, lease) = bed.syncing(number, 2_000).await;
        tenants.push((connection, lease, Rows::new()));
    }
    let (mut chance, mut passes, mut ended): (_, Vec<Pass>, u32) = (Chance::new(3), Vec::new(), 0);
    for step in 0..STEPS {
        let of = chance.below(tenants.len() as u64) as usize;
        let (connection, lease, rows) = &mut tenants[of];
        let stamp = at(3_000 + step as i64);
        match chance.below(4) {
            0 => {
                let made = random_commit(&mut chance, connection, rows, stamp);
                let committed = bed.commit(lease, made).await;
                assert_eq!(committed.stamp, stamp);
                for pass in passes.iter_mut().filter(|pass| pass.of == of) {
                    pass.committed(rows, stamp);
                }
            }
            1 => {
                let query = random_query(&mut chance, connection, stamp.millis());
                passes.push(Pass::begin(of, query, rows));
            }
            _ => {
                let Some(index) = (!passes.is_empty()).then(|| chance.below(passes.len() as u64))
                else {
                    continue;
                };
                let mut pass = passes.swap_remove(index as usize);
                let (connection, _, rows) = &tenants[pass.of];
                match pass.read(&bed, connection, rows).await {
                    true => {
                        pass.check();
                        ended += 1;
                    }
                    false => passes.push(pass),
                }
            }
        }
    }
    for mut pass in passes {
        let (connection, _, rows) = &tenants[pass.of];
        while !pass.read(&bed, connection, rows).await {}
        pass.check();
        ended += 1;
    }
    assert!(ended > STEPS as u32 / 8, "{ended} passes");
    let live = |rows: &Rows| rows.values().filter(|row| !row.withdrawn).count();
    assert!(tenants.iter().all(|(_, _, rows)| live(rows) > 10));
}
