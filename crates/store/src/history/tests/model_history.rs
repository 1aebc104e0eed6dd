//! The model: every point by its key in one map, and the rules word for word.

use std::collections::{BTreeMap, BTreeSet};

use model::{PointIds, SeriesKey, Timestamp, Values, VehicleId, Window};

use super::super::merge::Counts;
use super::super::{HistoryKinds, HistoryRow, PointPosition, RowValue};
use super::{Step, value_of_latitude};

/// What a commit did: its counts, the pages with a point that is new or other, and the groups whose
/// windows took points away.
pub(super) type Outcome = (Counts, BTreeSet<i64>, BTreeSet<i64>);

pub(super) type Key = (VehicleId, SeriesKey, Timestamp, Option<String>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ModelPoint {
    pub(super) value: i64,
    pub(super) page: i64,
    pub(super) offset: u32,
    pub(super) stamp: Timestamp,
}

#[derive(Clone, Debug, Default)]
pub(super) struct ModelHistory {
    pub(super) points: BTreeMap<Key, ModelPoint>,
    ranks: BTreeMap<SeriesKey, u8>,
}

impl ModelHistory {
    pub(super) fn commit(&mut self, step: &Step, stamp: Timestamp) -> Outcome {
        let incoming = listed(step, stamp);
        for of_page in &step.points {
            self.ranks
                .insert(of_page.points.series.clone(), of_page.points.rank);
        }
        let (mut counts, mut pages) = (Counts::default(), BTreeSet::new());
        let groups_of = |key: &Key| -> Vec<i64> {
            let reads = step.read.iter().filter(|read| {
                read.vehicle == key.0 && read.series.contains(&key.1) && read.window.contains(key.2)
            });
            reads.map(|read| read.group).collect()
        };
        let mut groups = BTreeSet::new();
        self.points.retain(|key, _| {
            let proof = groups_of(key);
            let withdrawn = !proof.is_empty() && !incoming.contains_key(key);
            if withdrawn {
                counts.withdrawn += 1;
                groups.extend(proof);
            }
            !withdrawn
        });
        for (key, point) in incoming {
            match self.points.get(&key) {
                Some(stored) if stored.value == point.value || point.page < stored.page => {
                    counts.unchanged += 1;
                    continue;
                }
                Some(_) => counts.modified += 1,
                None => counts.added += 1,
            }
            pages.insert(point.page);
            self.points.insert(key, point);
        }
        (counts, pages, groups)
    }

    /// All that is served, in order.
    pub(super) fn rows(
        &self,
        vehicle: VehicleId,
        kinds: &HistoryKinds,
        window: Window,
        after: Option<PointPosition>,
    ) -> Vec<HistoryRow> {
        let mut answering: BTreeMap<_, (u8, SeriesKey)> = BTreeMap::new();
        for (of, series, time, _) in self.points.keys().filter(|key| key.0 == vehicle) {
            assert_eq!(*of, vehicle);
            let candidate = (self.ranks[series], series.clone());
            let best = answering
                .entry((series.kind, time.utc_day()))
                .or_insert(candidate.clone());
            *best = candidate.min(best.clone());
        }
        let mut rows: Vec<HistoryRow> = Vec::new();
        for ((of, series, time, source), point) in &self.points {
            let asked = match (kinds, series.kind) {
                (HistoryKinds::Locations, kind) => kind == model::SeriesKind::Location,
                (HistoryKinds::Stats(stats), model::SeriesKind::Stat(stat)) => {
                    stats.is_empty() || stats.contains(&stat)
                }
                _ => false,
            };
            if *of != vehicle || !asked || !window.contains(*time) {
                continue;
            }
            if answering[&(series.kind, time.utc_day())].1 != *series {
                continue;
            }
            let ulid = PointIds::new(vehicle, series).ulid(*time, source.as_deref());
            if after.is_some_and(|after| PointPosition { time: *time, ulid } <= after) {
                continue;
            }
            rows.push(row(series, *time, source.as_deref(), point, ulid));
        }
        rows.sort_by_key(|row| (row.time, row.ulid));
        rows
    }
}

/// Each key once: the later page wins, within a page the later entry.
fn listed(step: &Step, stamp: Timestamp) -> BTreeMap<Key, ModelPoint> {
    let mut pages: Vec<_> = step.points.iter().collect();
    pages.sort_by_key(|of_page| of_page.page);
    let mut listed = BTreeMap::new();
    for of_page in pages {
        let of_series = &of_page.points;
        for row in 0..of_series.points.len() {
            let value = match &of_series.points.values {
                Values::Stat(values) => values[row],
                Values::Location(columns) => value_of_latitude(columns.latitude_e7[row]),
            };
            let key = (
                of_series.vehicle,
                of_series.series.clone(),
                of_series.points.time[row],
                of_series.points.source_id.get(row).map(str::to_owned),
            );
            let offset = of_series.points.raw_offset[row];
            listed.insert(
                key,
                ModelPoint {
                    value,
                    page: of_page.page,
                    offset,
                    stamp,
                },
            );
        }
    }
    listed
}

fn row(
    series: &SeriesKey,
    time: Timestamp,
    source: Option<&str>,
    point: &ModelPoint,
    ulid: model::Ulid,
) -> HistoryRow {
    let mut points = model::Points::new(series.kind);
    super::push(
        &mut points,
        time.millis(),
        source,
        point.offset,
        point.value,
    );
    let value = match (&points.values, series.kind) {
        (Values::Stat(values), model::SeriesKind::Stat(stat)) => RowValue::Stat {
            stat,
            value: values[0],
        },
        (Values::Location(columns), _) => {
            let point = columns.get(0);
            RowValue::Location {
                latitude_e7: point.latitude_e7,
                longitude_e7: point.longitude_e7,
                heading_centi: point.heading_centi,
                speed_centi_kph: point.speed_centi_kph,
                driver: point.driver.map(Box::from),
                address: point.address.map(Box::from),
            }
        }
        _ => unreachable!("a series has one kind"),
    };
    let raw = crate::pages::RawPointer::Inside {
        page: point.page,
        offset: point.offset,
    };
    HistoryRow {
        ulid,
        time,
        source_id: source.map(Box::from),
        modified_at: point.stamp,
        raw: Some(raw),
        value,
    }
}
