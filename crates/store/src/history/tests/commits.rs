//! Commits without a database: blocks and tail in memory, merged, folded and split as they would be
//! in one, compared with the model after each.

use std::collections::BTreeMap;

use model::{SeriesPoints, Timestamp, Values};

use super::super::PagePoints;
use super::super::columns::{Shape, StoredPoints};
use super::super::day::{BLOCK_POINTS_MAX, StoredPart};
use super::super::incoming::{DayRun, Incoming, SeriesId};
use super::super::merge::{Overlay, lay_over};
use super::super::plan::{Plan, StoredDays, Writes};
use super::super::tail::{ALWAYS, Tail};
use super::super::{codec, tail};
use super::model_history::{Key, ModelHistory, ModelPoint, Outcome};
use super::{Chance, DAY, SECOND, START, Size, Step, at, gps, push, random_step, vehicle};
use super::{all_series, value_of_latitude};

#[derive(Default)]
struct Disk {
    blocks: BTreeMap<(SeriesId, i64, i64), StoredPart>,
    tail: Vec<(i64, Timestamp, i64, Vec<u8>)>,
    /// Bytes ever written, and how often a commit took each way.
    written: usize,
    folds: u32,
    tail_rows: u32,
    direct: u32,
}

impl Disk {
    fn load(&self, runs: &[DayRun]) -> StoredDays {
        let mut days = StoredDays::new();
        for run in runs {
            for ((series, day, _), part) in &self.blocks {
                if *series == run.series && (run.first_day..=run.last_day).contains(day) {
                    days.entry((series.clone(), *day))
                        .or_default()
                        .push(part.clone());
                }
            }
        }
        days
    }

    fn load_tail(&self) -> Tail {
        let mut tail = Tail::default();
        for (seq, stamp, points, body) in &self.tail {
            tail.push(*seq, *stamp, *points, body.clone().into())
                .expect("an intact tail");
        }
        tail
    }

    fn commit(&mut self, step: &Step, stamp: Timestamp) -> Outcome {
        let incoming = Incoming::gather(step.points.clone(), step.read.clone()).expect("columns");
        let stored = self.load(&incoming.day_runs());
        let plan = Plan::new(incoming, stored, self.load_tail()).expect("intact blocks");
        let missing = plan.missing().expect("an intact tail");
        let writes = plan
            .finish(&missing, self.load(&missing))
            .expect("intact blocks");
        self.apply(writes, stamp)
    }

    fn apply(&mut self, writes: Writes, stamp: Timestamp) -> Outcome {
        match (&writes.tail, &writes.folded_through) {
            (Some(_), _) => self.tail_rows += 1,
            (None, Some(_)) => self.folds += 1,
            (None, None) => self.direct += u32::from(!writes.days.is_empty()),
        }
        for day in writes.days {
            for part in day.encoded.emptied {
                let key = (day.series.clone(), day.day, part);
                assert!(
                    self.blocks.remove(&key).is_some(),
                    "an emptied part was there"
                );
            }
            for part in day.encoded.written {
                assert!(part.count > 0 && part.count <= BLOCK_POINTS_MAX);
                self.written += part.body.len();
                let key = (day.series.clone(), day.day, part.part);
                let stored = StoredPart {
                    part: part.part,
                    rank: day.rank,
                    count: part.count,
                    first: part.first,
                    last: part.last,
                    stamp,
                    body: part.body.into(),
                };
                self.blocks.insert(key, stored);
            }
        }
        if let Some(seq) = writes.folded_through {
            self.tail.retain(|row| row.0 > seq);
        }
        if let Some(row) = writes.tail {
            self.written += row.body.len();
            self.tail.push((row.seq, stamp, row.points, row.body));
        }
        let pages = writes.pages_changed.into_iter().collect();
        (writes.counts, pages, writes.groups_changed)
    }

    fn bytes_kept(&self) -> usize {
        let blocks: usize = self.blocks.values().map(|part| part.body.len()).sum();
        blocks + self.tail.iter().map(|row| row.3.len()).sum::<usize>()
    }

    /// Everything, by key.
    fn content(&self) -> BTreeMap<Key, ModelPoint> {
        let tail = self.load_tail();
        let mut bases: BTreeMap<SeriesId, StoredPoints> = BTreeMap::new();
        for ((series, _, _), part) in &self.blocks {
            let points = codec::decode(&part.body, Shape::of(&series.1), part.stamp)
                .expect("an intact block");
            assert_eq!((points.len(), points.time(0)), (part.count, part.first));
            assert_eq!(points.time(points.len() - 1), part.last);
            let base = bases
                .entry(series.clone())
                .or_insert_with(|| StoredPoints::new(Shape::of(&series.1)));
            base.push_rows(&points, 0..points.len());
        }
        let mut overlays: BTreeMap<SeriesId, Overlay> = BTreeMap::new();
        for vehicle in tail.vehicles().expect("an intact tail") {
            for (series, of_tail) in tail.of_vehicle(vehicle, &ALWAYS).expect("an intact tail") {
                overlays.insert((vehicle, series.clone()), of_tail.overlay);
                let base = StoredPoints::new(Shape::of(&series));
                bases.entry((vehicle, series)).or_insert(base);
            }
        }
        let mut content = BTreeMap::new();
        for ((vehicle, series), mut points) in bases {
            assert!(points.is_sorted());
            if let Some(overlay) = overlays.get(&(vehicle, series.clone())) {
                points = lay_over(&points, overlay, 0..overlay.len());
            }
            for row in 0..points.len() {
                let (time, source) = points.key(row);
                let value = match &points.points.values {
                    Values::Stat(values) => values[row],
                    Values::Location(columns) => value_of_latitude(columns.latitude_e7[row]),
                };
                let point = ModelPoint {
                    value,
                    page: points.page[row],
                    offset: points.points.raw_offset[row],
                    stamp: points.stamp[row],
                };
                content.insert(
                    (vehicle, series.clone(), time, source.map(str::to_owned)),
                    point,
                );
            }
        }
        content
    }
}

fn check(seed: u64, steps: u64, size: Size) -> Disk {
    let mut chance = Chance::new(seed);
    let (mut disk, mut model, mut page) = (Disk::default(), ModelHistory::default(), 0);
    let mut before = Step::default();
    for number in 0..steps {
        // Now and then the same again: it must change nothing.
        let step = match chance.one_in(6) {
            true => before.clone(),
            // Seldom a page full: such a commit goes into blocks.
            false if chance.one_in(5) => {
                let points = size.points * 40;
                random_step(&mut chance, Size { points, ..size }, &mut page)
            }
            false => random_step(&mut chance, size, &mut page),
        };
        let stamp = at(START + 30 * DAY + number as i64);
        let found = disk.commit(&step, stamp);
        let wanted = model.commit(&step, stamp);
        assert_eq!(found, wanted, "seed {seed}, step {number}");
        if number % 16 == 0 || number + 1 == steps {
            assert_eq!(disk.content(), model.points, "seed {seed}, step {number}");
        }
        before = step;
    }
    disk
}

#[test]
fn random_commits_agree_with_the_model() {
    let (mut folds, mut tail_rows, mut direct) = (0, 0, 0);
    for seed in 0..6 {
        let size = Size {
            vehicles: 3,
            points: 1 + seed * 5,
            instants: 40 + seed * 20,
            days: 3,
        };
        let disk = check(seed, 40, size);
        folds += disk.folds;
        tail_rows += disk.tail_rows;
        direct += disk.direct;
    }
    // Otherwise the test would have seen less than it says.
    assert!(
        folds > 5 && tail_rows > 20 && direct > 5,
        "{folds} {tail_rows} {direct}"
    );
}

#[test]
fn a_long_trickle_agrees_with_the_model() {
    let disk = check(
        99,
        500,
        Size {
            vehicles: 2,
            points: 1,
            instants: 96,
            days: 2,
        },
    );
    assert!(
        disk.folds > 0 && disk.tail_rows > 150,
        "{} {}",
        disk.folds,
        disk.tail_rows
    );
}

#[test]
fn days_that_outgrow_a_block_are_split_and_agree_with_the_model() {
    let size = Size {
        vehicles: 1,
        points: 9_000,
        instants: 40_000,
        days: 2,
    };
    let disk = check(7, 10, size);
    assert!(
        disk.blocks.keys().any(|(_, _, part)| *part > 1),
        "days were split"
    );
}

fn one_series(page: i64, times: impl Iterator<Item = i64>) -> Step {
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

#[test]
fn what_is_later_than_all_others_rewrites_the_last_part_only() {
    let mut disk = Disk::default();
    disk.commit(
        &one_series(1, (0..20_000).map(|n| START + n * SECOND)),
        at(1),
    );
    disk.commit(
        &one_series(2, (20_000..28_000).map(|n| START + n * SECOND)),
        at(2),
    );
    let parts: Vec<(i64, usize, i64)> = disk
        .blocks
        .values()
        .map(|part| (part.part, part.count, part.stamp.millis()))
        .collect();
    assert_eq!(
        parts,
        [(0, 8_192, 1), (1, 8_192, 1), (2, 8_192, 2), (3, 3_424, 2)]
    );
}

#[test]
fn a_backfill_writes_each_block_once() {
    let mut disk = Disk::default();
    for page in 0..10 {
        let from = START + page * 3 * DAY;
        disk.commit(
            &one_series(page, (0..3_000).map(|n| from + n * 86 * SECOND)),
            at(page),
        );
    }
    assert_eq!((disk.tail_rows, disk.folds, disk.direct), (0, 0, 10));
    assert_eq!(disk.written, disk.bytes_kept());
}

#[test]
fn a_trickle_writes_little_more_than_it_keeps() {
    let mut disk = Disk::default();
    for sync in 0..7 * 96 {
        let mut step = Step::default();
        for number in 0..6 {
            for (series, rank) in all_series() {
                let mut points = model::Points::new(series.kind);
                let time = START + sync * 900 * SECOND + number * 7 * SECOND;
                push(
                    &mut points,
                    time,
                    None,
                    number as u32 * 512,
                    sync * 13 % 997,
                );
                let vehicle = vehicle(number as u128);
                let points = SeriesPoints {
                    vehicle,
                    series,
                    rank,
                    points,
                };
                step.points.push(PagePoints { page: sync, points });
            }
        }
        disk.commit(&step, at(START + sync * 900 * SECOND));
    }
    let kept = disk.bytes_kept();
    println!(
        "trickle of 30 series for 7 days: {} bytes written, {kept} kept ({:.1} a point), {} folds",
        disk.written,
        kept as f64 / (7.0 * 96.0 * 30.0),
        disk.folds,
    );
    assert!(disk.written <= 10 * kept, "{} of {kept}", disk.written);
}

#[test]
fn a_damaged_tail_is_refused() {
    let mut disk = Disk::default();
    disk.commit(&one_series(1, [START, START + SECOND].into_iter()), at(1));
    let (_, stamp, points, body) = disk.tail.remove(0);
    for place in 0..body.len() {
        let mut damaged = body.clone();
        damaged[place] ^= 1 << (place % 8);
        let result = Tail::default().push(1, stamp, points, damaged.into());
        assert!(result.is_err(), "byte {place}");
    }
    assert!(
        tail::Tail::default()
            .push(1, stamp, points, body[..3].to_vec().into())
            .is_err()
    );
}

#[test]
fn columns_that_do_not_fit_are_refused() {
    let mut step = one_series(1, [START].into_iter());
    step.points[0].points.points.raw_offset.clear();
    assert!(Incoming::gather(step.points, Vec::new()).is_err());
    let mut step = one_series(1, [START].into_iter());
    step.points[0].points.series = all_series()[1].0.clone();
    assert!(Incoming::gather(step.points, Vec::new()).is_err());
}
