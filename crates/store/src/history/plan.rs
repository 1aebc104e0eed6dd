//! What a commit writes: blocks, a row of the tail, or nothing. Pure; [`super::prepare`] fetches.
//!
//! A commit that brings much compared with the blocks that it touches goes into the blocks at once:
//! a backfill writes each block about once. Any other appends one row to the tail. When the tail
//! would grow past its bounds, or blocks of which it speaks are to be written, the commit folds
//! it: everything that the tail says goes into blocks and its rows are removed.

use std::collections::{BTreeMap, BTreeSet};

use model::{SeriesKey, VehicleId};

use super::columns::{Shape, StoredPoints};
use super::day::{Day, DayInput, EncodedDay, StoredPart, rank_of};
use super::incoming::{DayRun, Incoming, IncomingSeries, SeriesId};
use super::merge::{Absence, Counts, Overlay};
use super::tail::{self, ALWAYS, Tail, TailGroup, TailSeries};
use crate::StoreError;

/// The tail's bounds: every reader of the connection loads it whole.
const TAIL_ROWS_MAX: usize = 192;
const TAIL_BYTES_MAX: usize = 512 * 1024;
const TAIL_POINTS_MAX: i64 = 60_000;

/// A commit of this many points, or of this many for each series and day, is a large one.
const LARGE_POINTS: usize = 2_000;
const LARGE_POINTS_A_DAY: usize = 32;
/// A large commit goes into blocks unless it would write anew more than this many stored points for
/// each of its own.
const REWRITTEN_A_POINT_MAX: usize = 4;

/// Blocks by series and day.
pub(super) type StoredDays = BTreeMap<(SeriesId, i64), Vec<StoredPart>>;

/// A series and day's new blocks.
#[derive(Debug)]
pub(super) struct DayWrite {
    pub(super) series: SeriesId,
    pub(super) day: i64,
    pub(super) rank: u8,
    pub(super) encoded: EncodedDay,
}

#[derive(Debug)]
pub(super) struct TailWrite {
    pub(super) seq: i64,
    pub(super) points: i64,
    pub(super) body: Vec<u8>,
}

/// Everything that a commit does to the history.
#[derive(Debug, Default)]
pub(super) struct Writes {
    pub(super) counts: Counts,
    /// Of a replay, by series.
    pub(super) replayed: BTreeMap<SeriesKey, Counts>,
    /// Sorted.
    pub(super) pages_changed: Vec<i64>,
    /// Groups of pages whose windows took points away.
    pub(super) groups_changed: BTreeSet<i64>,
    pub(super) days: Vec<DayWrite>,
    pub(super) tail: Option<TailWrite>,
    /// Rows of the tail up to this one are in the blocks now.
    pub(super) folded_through: Option<i64>,
}

/// How much of the tail a comparison takes into account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Depth {
    /// What can meet the points and windows that were read: enough to know what changes.
    Near,
    /// All that it says of the days: needed to write their blocks.
    Days,
}

/// What was read, compared with what is stored.
#[derive(Debug)]
pub(super) struct Plan {
    incoming: Incoming,
    tail: Tail,
    days: BTreeMap<(SeriesId, i64), (u8, Day)>,
    counts: Counts,
    replayed: BTreeMap<SeriesKey, Counts>,
    pages_changed: BTreeSet<i64>,
    groups_changed: BTreeSet<i64>,
    folds: bool,
    tail_row: Option<TailWrite>,
}

impl Plan {
    /// `stored` holds the blocks of [`Incoming::day_runs`].
    pub(super) fn new(
        incoming: Incoming,
        stored: StoredDays,
        tail: Tail,
    ) -> Result<Plan, StoreError> {
        let mut plan = Plan {
            incoming,
            tail,
            days: BTreeMap::new(),
            counts: Counts::default(),
            replayed: BTreeMap::new(),
            pages_changed: BTreeSet::new(),
            groups_changed: BTreeSet::new(),
            folds: false,
            tail_row: None,
        };
        plan.compare(stored.clone(), Depth::Near)?;
        plan.decide();
        let changes = plan.days.values().any(|(_, day)| day.changes > 0);
        if changes && plan.tail_row.is_none() && plan.tail.rows() > 0 {
            // Blocks will be written, so all that the tail says of their days has to be known.
            plan.compare(stored, Depth::Days)?;
            plan.folds |= plan
                .days
                .values()
                .any(|(_, day)| day.changes > 0 && day.overlaid);
        }
        Ok(plan)
    }

    fn compare(&mut self, mut stored: StoredDays, depth: Depth) -> Result<(), StoreError> {
        self.days.clear();
        self.counts = Counts::default();
        self.replayed.clear();
        self.pages_changed.clear();
        self.groups_changed.clear();
        let mut of_vehicle: Option<(VehicleId, BTreeMap<SeriesKey, TailSeries>)> = None;
        for (id, series) in &self.incoming.series {
            let overlays = match &of_vehicle {
                Some((vehicle, overlays)) if *vehicle == id.0 => overlays,
                _ => &of_vehicle.insert((id.0, self.of_tail(id.0, depth)?)).1,
            };
            let found = compare_series(id, series, overlays.get(&id.1), &mut stored)?;
            for (day, rank, compared) in found {
                self.counts += compared.counts;
                if series.replayed.is_some() {
                    *self.replayed.entry(id.1.clone()).or_default() += compared.counts;
                }
                self.pages_changed
                    .extend(compared.pages_changed(&series.points));
                let times = compared.withdrawn_times();
                self.groups_changed
                    .extend(times.flat_map(|time| series.groups_at(time)));
                if compared.changes > 0 || compared.overlaid {
                    self.days.insert((id.clone(), day), (rank, compared));
                }
            }
        }
        Ok(())
    }

    /// What the tail says of a vehicle, as far as it is needed.
    fn of_tail(
        &self,
        vehicle: VehicleId,
        depth: Depth,
    ) -> Result<BTreeMap<SeriesKey, TailSeries>, StoreError> {
        if depth == Depth::Days {
            return self.tail.of_vehicle(vehicle, &ALWAYS);
        }
        let of_vehicle = self
            .incoming
            .series
            .iter()
            .filter(|(id, _)| id.0 == vehicle);
        let mut spans = of_vehicle.filter_map(|(_, series)| series.span());
        let Some(first) = spans.next() else {
            return Ok(BTreeMap::new());
        };
        let span = spans.fold(first, |joined, span| {
            *joined.start().min(span.start())..=*joined.end().max(span.end())
        });
        self.tail.of_vehicle(vehicle, &span)
    }

    fn decide(&mut self) {
        let (mut points, mut days, mut rewritten, mut overlaid) = (0, 0, 0, false);
        for (_, day) in self.days.values().filter(|(_, day)| day.changes > 0) {
            points += day.changes;
            days += 1;
            rewritten += day.rewritten;
            overlaid |= day.overlaid;
        }
        if points == 0 {
            return;
        }
        let large = points >= LARGE_POINTS || points >= LARGE_POINTS_A_DAY * days;
        if large && rewritten <= REWRITTEN_A_POINT_MAX * points {
            self.folds = overlaid;
            return;
        }
        if self.tail.rows() < TAIL_ROWS_MAX && self.tail.points() + points as i64 <= TAIL_POINTS_MAX
        {
            let body = tail::encode(&self.tail_groups());
            if self.tail.bytes() + body.len() <= TAIL_BYTES_MAX {
                self.tail_row = Some(TailWrite {
                    seq: self.tail.last_seq().unwrap_or(0) + 1,
                    points: points as i64,
                    body,
                });
                return;
            }
        }
        self.folds = self.tail.rows() > 0;
    }

    fn tail_groups(&self) -> Vec<TailGroup> {
        let mut groups: Vec<TailGroup> = Vec::new();
        for ((id, _), (rank, day)) in &self.days {
            if day.changes == 0 {
                continue;
            }
            let Some(incoming) = self.incoming.series.get(id) else {
                continue;
            };
            if groups
                .last()
                .is_none_or(|last| (last.vehicle, &last.series) != (id.0, &id.1))
            {
                groups.push(TailGroup {
                    vehicle: id.0,
                    series: id.1.clone(),
                    rank: *rank,
                    overlay: Overlay::new(Shape::of(&id.1)),
                });
            }
            if let Some(group) = groups.last_mut() {
                day.push_changes(&mut group.overlay, &incoming.points);
            }
        }
        groups
    }

    /// Days of which the tail speaks and whose blocks were not loaded yet, when it is to be folded.
    pub(super) fn missing(&self) -> Result<Vec<DayRun>, StoreError> {
        let mut missing = Vec::new();
        if !self.folds {
            return Ok(missing);
        }
        for vehicle in self.tail.vehicles()? {
            let of_vehicle = self.tail.of_vehicle(vehicle, &ALWAYS)?;
            for (series, TailSeries { overlay, .. }) in of_vehicle {
                for day in days_of(overlay.points.points.time.iter().copied()) {
                    let id = (vehicle, series.clone());
                    if !self.days.contains_key(&(id.clone(), day)) {
                        missing.push(DayRun {
                            series: id,
                            first_day: day,
                            last_day: day,
                        });
                    }
                }
            }
        }
        Ok(missing)
    }

    /// Encodes; `stored` holds the blocks of the days `missing`.
    pub(super) fn finish(
        mut self,
        missing: &[DayRun],
        mut stored: StoredDays,
    ) -> Result<Writes, StoreError> {
        let mut writes = Writes {
            counts: self.counts,
            replayed: self.replayed,
            pages_changed: self.pages_changed.into_iter().collect(),
            groups_changed: self.groups_changed,
            ..Writes::default()
        };
        if self.tail_row.is_some() {
            writes.tail = self.tail_row;
            return Ok(writes);
        }
        for ((series, day), (rank, compared)) in std::mem::take(&mut self.days) {
            let Some(incoming) = self.incoming.series.get(&series) else {
                continue;
            };
            if compared.changes == 0 && !self.folds {
                continue;
            }
            let encoded = compared.encode(&incoming.points)?;
            writes.days.push(DayWrite {
                series,
                day,
                rank,
                encoded,
            });
        }
        if self.folds {
            writes.folded_through = self.tail.last_seq();
            fold(&self.tail, missing, &mut stored, &mut writes.days)?;
        }
        Ok(writes)
    }
}

/// Puts what the tail says of these days into their blocks.
fn fold(
    tail: &Tail,
    days: &[DayRun],
    stored: &mut StoredDays,
    writes: &mut Vec<DayWrite>,
) -> Result<(), StoreError> {
    for of_vehicle in days.chunk_by(|one, other| one.series.0 == other.series.0) {
        let overlays = tail.of_vehicle(of_vehicle[0].series.0, &ALWAYS)?;
        for run in of_vehicle {
            let Some(of_series) = overlays.get(&run.series.1) else {
                continue;
            };
            let shape = Shape::of(&run.series.1);
            let nothing = StoredPoints::new(shape);
            let key = (run.series.clone(), run.first_day);
            let overlay = of_day(&of_series.overlay, run.first_day);
            let input = DayInput {
                shape,
                overlay: Some(&overlay),
                incoming: &nothing,
                rows: &(0..0),
                absence: Absence::Windows(&[]),
            };
            let compared = Day::compare(stored.remove(&key).unwrap_or_default(), input)?;
            writes.push(DayWrite {
                series: run.series.clone(),
                day: run.first_day,
                rank: of_series.rank,
                encoded: compared.encode(&nothing)?,
            });
        }
    }
    Ok(())
}

/// The overlay's rows that lie on this day.
fn of_day(overlay: &Overlay, day: i64) -> Overlay {
    let times = &overlay.points.points.time;
    let start = times.partition_point(|time| time.utc_day() < day);
    let end = times.partition_point(|time| time.utc_day() <= day);
    Overlay {
        points: overlay.points.rows(start..end),
        live: overlay.live[start..end].to_vec(),
    }
}

fn days_of(times: impl Iterator<Item = model::Timestamp>) -> BTreeSet<i64> {
    times.map(|time| time.utc_day()).collect()
}

/// Compares each day of a series that was read or lies in a window; takes them out of `stored`.
fn compare_series(
    id: &SeriesId,
    series: &IncomingSeries,
    of_tail: Option<&TailSeries>,
    stored: &mut StoredDays,
) -> Result<Vec<(i64, u8, Day)>, StoreError> {
    let mut days = series.days();
    let of_series = (id.clone(), i64::MIN)..=(id.clone(), i64::MAX);
    days.extend(stored.range(of_series).map(|((_, day), _)| *day));
    if let Some(of_tail) = of_tail {
        let times = of_tail.overlay.points.points.time.iter().copied();
        days.extend(days_of(times.filter(|time| series.may_lack(*time))));
    }
    let mut compared = Vec::with_capacity(days.len());
    for day in days {
        let parts = stored.remove(&(id.clone(), day)).unwrap_or_default();
        let times = &series.points.points.time;
        let rows = times.partition_point(|time| time.utc_day() < day)
            ..times.partition_point(|time| time.utc_day() <= day);
        let overlay = of_tail
            .map(|of_tail| of_day(&of_tail.overlay, day))
            .filter(|overlay| overlay.len() > 0);
        let rank = series
            .rank
            .or(overlay.as_ref().and(of_tail.map(|of_tail| of_tail.rank)))
            .or(rank_of(&parts))
            .unwrap_or(0);
        let input = DayInput {
            shape: Shape::of(&id.1),
            overlay: overlay.as_ref(),
            incoming: &series.points,
            rows: &rows,
            absence: series.absence(),
        };
        compared.push((day, rank, Day::compare(parts, input)?));
    }
    Ok(compared)
}
