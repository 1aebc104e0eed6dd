//! What stored pages give when they are mapped again, as one UTC day of some vehicles' history.
//!
//! The day is folded in memory from the readings that brought it, in their order, by the rules by
//! which a sync merged them: a window takes away what it does not list, a feed only adds, of two
//! pages the later wins. The result is then compared with what is stored; a stored point that it
//! lacks is gone if its page is one of those mapped again, and is nobody's business otherwise.
//!
//! Absent here: pages and what is in them; the engine reads and maps those.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{ConnectionId, SeriesKey, VehicleId, Window};

use super::columns::{Shape, StoredPoints};
use super::incoming::{Incoming, IncomingSeries, Replayed, SeriesId, bounds_of_day};
use super::merge::{Absence, Counts, difference, lay_over};
use super::prepare::load_tail;
use super::{PagePoints, PreparedHistory, ReadWindow};
use crate::backend::{Tx, params};
use crate::{Store, StoreError};

/// One UTC day of some vehicles, as stored pages give it.
#[derive(Debug)]
pub struct HistoryFold {
    day: i64,
    vehicles: BTreeSet<VehicleId>,
    series: BTreeMap<SeriesId, Folded>,
    spared: BTreeMap<SeriesId, Vec<Window>>,
}

#[derive(Debug)]
struct Folded {
    rank: Option<u8>,
    points: StoredPoints,
}

/// The days, both included, on which a vehicle may have points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryExtent {
    pub vehicle: VehicleId,
    pub first_day: i64,
    pub last_day: i64,
}

/// Points of a series by what a replay does to them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PointCounts {
    pub added: u64,
    pub modified: u64,
    pub removed: u64,
    pub unchanged: u64,
}

impl From<Counts> for PointCounts {
    fn from(counts: Counts) -> PointCounts {
        PointCounts {
            added: counts.added,
            modified: counts.modified,
            removed: counts.withdrawn,
            unchanged: counts.unchanged,
        }
    }
}

impl HistoryFold {
    /// `day` counts from 1970-01-01, UTC. Points of other days and vehicles are passed over.
    pub fn new(day: i64, vehicles: BTreeSet<VehicleId>) -> HistoryFold {
        HistoryFold {
            day,
            vehicles,
            series: BTreeMap::new(),
            spared: BTreeMap::new(),
        }
    }

    /// Lays one reading (the pages of a window, or one page of a feed) over the earlier ones.
    /// `windows` are what it read completely. Refuses columns as [`Store::prepare_history`] does.
    pub fn lay(
        &mut self,
        mut points: Vec<PagePoints>,
        windows: Vec<ReadWindow>,
    ) -> Result<(), StoreError> {
        points.retain(|of_page| self.vehicles.contains(&of_page.points.vehicle));
        let (begins_at, ends_at) = bounds_of_day(self.day);
        for (id, incoming) in Incoming::gather(points, windows)?.series {
            let rows = incoming.points.rows_between(begins_at, ends_at);
            let folded = self.series.entry(id);
            let folded = folded.or_insert_with_key(|id| Folded {
                rank: None,
                points: StoredPoints::new(Shape::of(&id.1)),
            });
            if !rows.is_empty() {
                folded.rank = incoming.rank;
            }
            let absence = Absence::Windows(&incoming.windows);
            let changes = difference(&folded.points, &incoming.points, rows, absence);
            if !changes.is_empty() {
                let overlay = changes.overlay(&folded.points, &incoming.points);
                folded.points = lay_over(&folded.points, &overlay, 0..overlay.len());
            }
        }
        Ok(())
    }

    /// What is stored of these series inside the window stays as it is, because not everything
    /// that was read of it can be mapped again.
    pub fn spare(&mut self, vehicle: VehicleId, series: Vec<SeriesKey>, window: Window) {
        for key in series {
            self.spared.entry((vehicle, key)).or_default().push(window);
        }
    }

    fn replayed(&self, pages: &Arc<[i64]>, id: &SeriesId) -> Replayed {
        Replayed {
            day: self.day,
            pages: Arc::clone(pages),
            spared: self.spared.get(id).cloned().unwrap_or_default(),
        }
    }
    /// Every series that the fold has, and those that are stored: what is stored may be gone.
    fn into_incoming(mut self, pages: &Arc<[i64]>, stored: BTreeSet<SeriesId>) -> Incoming {
        let mut incoming = Incoming::default();
        let ids: BTreeSet<SeriesId> = self.series.keys().cloned().chain(stored).collect();
        for id in ids {
            let mut series = IncomingSeries::new(&id.1);
            series.replayed = Some(self.replayed(pages, &id));
            if let Some(folded) = self.series.remove(&id) {
                series.rank = folded.rank;
                series.points = folded.points;
            }
            incoming.series.insert(id, series);
        }
        incoming
    }
}

impl Store {
    /// Vehicles with history, ordered by id, and the days that it may lie on.
    pub async fn history_extents(
        &self,
        connection: ConnectionId,
    ) -> Result<Vec<HistoryExtent>, StoreError> {
        self.read(move |tx| Box::pin(read_extents(tx, connection)))
            .await
    }

    /// Compares a fold with what is stored, as [`Store::prepare_history`] does with what was read.
    /// `pages`, sorted, are those that were laid into it: a stored point of one of them that the
    /// fold lacks is removed, a point of any other page stays.
    pub async fn prepare_fold(
        &self,
        connection: ConnectionId,
        fold: HistoryFold,
        pages: &Arc<[i64]>,
    ) -> Result<PreparedHistory, StoreError> {
        let vehicles = fold.vehicles.clone();
        let day = fold.day;
        let stored = self
            .read(move |tx| Box::pin(read_series(tx, connection, vehicles, day)))
            .await?;
        let incoming = fold.into_incoming(pages, stored);
        if incoming.series.is_empty() {
            return Ok(PreparedHistory::default());
        }
        self.merge_history(connection, incoming).await
    }
}

impl PreparedHistory {
    /// Of a fold: what becomes of its points, and of stored ones, by series.
    pub fn point_counts(&self) -> impl Iterator<Item = (&SeriesKey, PointCounts)> {
        let counts = self.writes.replayed.iter();
        counts.map(|(series, counts)| (series, PointCounts::from(*counts)))
    }
}

async fn read_extents(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
) -> Result<Vec<HistoryExtent>, StoreError> {
    let sql = "select vehicle, min(day), max(day) from blocks where connection = ?1
        group by vehicle";
    let mut days: BTreeMap<VehicleId, (i64, i64)> = BTreeMap::new();
    for row in tx.query(sql, &params![connection]).await? {
        let vehicle = row.parsed(0, |text| text.parse().ok())?;
        days.insert(vehicle, (row.i64(1)?, row.i64(2)?));
    }
    for (vehicle, first, last) in load_tail(tx, connection).await?.extents()? {
        let (first, last) = (first.utc_day(), last.utc_day());
        let known = days.entry(vehicle).or_insert((first, last));
        *known = (known.0.min(first), known.1.max(last));
    }
    let extents = days.into_iter();
    Ok(extents
        .map(|(vehicle, (first_day, last_day))| HistoryExtent {
            vehicle,
            first_day,
            last_day,
        })
        .collect())
}

/// The series that these vehicles have on the day, in blocks or in the tail.
async fn read_series(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
    vehicles: BTreeSet<VehicleId>,
    day: i64,
) -> Result<BTreeSet<SeriesId>, StoreError> {
    let sql = "select distinct series from blocks
        where connection = ?1 and vehicle = ?2 and day = ?3";
    let asked = vehicles
        .iter()
        .map(|vehicle| params![connection, *vehicle, day].to_vec());
    let mut found = BTreeSet::new();
    let answers = tx.query_each(sql, asked.collect()).await?;
    for (vehicle, rows) in vehicles.iter().zip(answers) {
        for row in rows {
            found.insert((*vehicle, row.parsed(0, SeriesKey::parse)?));
        }
    }
    let (begins_at, ends_at) = bounds_of_day(day);
    let tail = load_tail(tx, connection).await?;
    for vehicle in vehicles {
        let of_tail = tail.of_vehicle(vehicle, &(begins_at..=ends_at))?;
        found.extend(of_tail.into_keys().map(|series| (vehicle, series)));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use model::{Points, SeriesKind, SeriesPoints, StatType, Timestamp, Ulid, Values};

    use super::*;

    fn vehicle(n: u128) -> VehicleId {
        VehicleId(Ulid::from_bits(n))
    }

    fn fuel() -> SeriesKey {
        SeriesKey::new(SeriesKind::Stat(StatType::FuelLevel), "fuel")
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn points(page: i64, of: VehicleId, rows: &[(i64, i64)]) -> PagePoints {
        let mut points = Points::new(SeriesKind::Stat(StatType::FuelLevel));
        for (time, _) in rows {
            points.time.push(at(*time));
            points.source_id.push(None);
            points.raw_offset.push(0);
        }
        points.values = Values::Stat(rows.iter().map(|(_, value)| *value).collect());
        PagePoints {
            page,
            points: SeriesPoints {
                vehicle: of,
                series: fuel(),
                rank: 0,
                points,
            },
        }
    }

    fn window(from: i64, until: i64, group: i64) -> ReadWindow {
        let (from, until) = (at(from), at(until));
        ReadWindow {
            vehicle: vehicle(1),
            series: vec![fuel()],
            window: Window { from, until },
            group,
        }
    }

    fn rows(points: &StoredPoints) -> Vec<(i64, i64, i64)> {
        let Values::Stat(values) = &points.points.values else {
            panic!("stats");
        };
        (0..points.len())
            .map(|row| (points.time(row).millis(), values[row], points.page[row]))
            .collect()
    }

    #[test]
    fn readings_are_laid_over_each_other_as_a_sync_did() {
        let mut fold = HistoryFold::new(0, BTreeSet::from([vehicle(1)]));
        let lay = |fold: &mut HistoryFold, points, windows| fold.lay(points, windows).unwrap();
        let one = vehicle(1);
        // A feed only adds; other vehicles and days are passed over.
        let first = vec![
            points(1, one, &[(10, 5), (20, 5), (86_400_000, 9)]),
            points(1, vehicle(2), &[(10, 7)]),
        ];
        lay(&mut fold, first, Vec::new());
        // A window takes away what it does not list, and leaves equal points to their page.
        lay(
            &mut fold,
            vec![points(3, one, &[(10, 5), (30, 6)])],
            vec![window(0, 40, 2)],
        );
        lay(
            &mut fold,
            vec![points(4, one, &[(30, 7), (50, 1)])],
            Vec::new(),
        );
        let folded = &fold.series[&(one, fuel())];
        assert_eq!(rows(&folded.points), [(10, 5, 1), (30, 7, 4), (50, 1, 4)]);
        assert_eq!(fold.series.len(), 1);
    }

    #[test]
    fn only_points_of_replayed_pages_are_removed_or_set_back() {
        let mut stored = StoredPoints::new(Shape::Stat);
        let now = StoredPoints::from_page(
            2,
            points(2, vehicle(1), &[(10, 50), (60, 6), (80, 8)])
                .points
                .points,
        );
        let before = [
            points(9, vehicle(1), &[(10, 5)]),
            points(7, vehicle(1), &[(20, 5)]),
            points(9, vehicle(1), &[(30, 5)]),
            points(9, vehicle(1), &[(40, 5)]),
            points(7, vehicle(1), &[(60, 5)]),
        ];
        for of_page in before {
            let rows = StoredPoints::from_page(of_page.page, of_page.points.points);
            stored.push_rows(&rows, 0..rows.len());
        }
        let window = Window {
            from: at(40),
            until: at(50),
        };
        let absence = Absence::Pages {
            replayed: &[2, 9],
            spared: &[window],
        };
        let changes = difference(&stored, &now, 0..now.len(), absence);
        let times = |rows: &[usize], of: &StoredPoints| -> Vec<i64> {
            rows.iter().map(|row| of.time(*row).millis()).collect()
        };
        // 10 is set back to an older page; 60 is of a newer page that nobody mapped again.
        assert_eq!(times(&changes.upserts, &now), [10, 80]);
        // 20 is of a page that was not mapped again, 40 lies in a window that is spared.
        assert_eq!(times(&changes.withdrawn, &stored), [30]);
    }
}
