//! The rows that are served, out of blocks and what the tail lays over them.

use std::ops::Range;

use model::{PointIds, SeriesKey, SeriesKind, Timestamp, Values, VehicleId};

use super::columns::{Shape, StoredPoints, rows_between};
use super::day::StoredPart;
use super::merge::lay_over;
use super::read::{Found, FoundSeries, Stretch};
use super::{HistoryRow, PointPosition, RowValue, codec};
use crate::StoreError;
use crate::pages::RawPointer;

/// The provider's mapping did not say where the row lies.
const OFFSET_UNKNOWN: u32 = u32::MAX;

/// The rows of a stretch in order, at least one more than wanted if there are that many.
pub(super) fn rows_of(stretch: &Stretch, found: Found) -> Result<Vec<HistoryRow>, StoreError> {
    let mut all: Vec<HistoryRow> = Vec::new();
    for series in found.series {
        let mut rows = SeriesRows::new(stretch, &series.key);
        if series.overlay.len() == 0 {
            for part in &series.parts {
                if rows.enough() {
                    break;
                }
                rows.push_part(part, found.until)?;
            }
        } else {
            rows.push_overlaid(&series, found.until)?;
        }
        match all.is_empty() {
            true => all = rows.rows,
            false => all.extend(rows.rows),
        }
    }
    all.sort_by_key(|row| (row.time, row.ulid));
    Ok(all)
}

/// Collects the rows of one series.
struct SeriesRows {
    vehicle: VehicleId,
    key: SeriesKey,
    ids: PointIds,
    from: Timestamp,
    after: Option<PointPosition>,
    wanted: usize,
    rows: Vec<HistoryRow>,
}

impl SeriesRows {
    fn new(stretch: &Stretch, key: &SeriesKey) -> SeriesRows {
        SeriesRows {
            vehicle: stretch.query.vehicle,
            key: key.clone(),
            ids: PointIds::new(stretch.query.vehicle, key),
            from: stretch.from,
            after: stretch.query.after,
            wanted: stretch.wanted,
            rows: Vec::new(),
        }
    }

    fn enough(&self) -> bool {
        self.rows.len() > self.wanted
    }

    fn push_part(&mut self, part: &StoredPart, until: Timestamp) -> Result<(), StoreError> {
        let opened = codec::open(&part.body, Shape::of(&self.key))?;
        let within = rows_between(&opened.time, self.from, until);
        // Points of one millisecond are in the order of their source ids, not of their ids: all or
        // none of them are taken.
        let passed = match self.after {
            Some(after) => {
                let times = &opened.time[within.clone()];
                times.partition_point(|time| *time <= after.time)
            }
            None => 0,
        };
        let missing = self
            .wanted
            .saturating_add(1)
            .saturating_sub(self.rows.len());
        let mut end = within
            .end
            .min(within.start.saturating_add(passed).saturating_add(missing));
        while end > within.start && end < within.end && opened.time[end] == opened.time[end - 1] {
            end += 1;
        }
        let mut points = opened.prefix(end)?;
        points.resolve_stamps(part.stamp);
        self.push_rows(&points, within.start..end)
    }

    fn push_overlaid(&mut self, series: &FoundSeries, until: Timestamp) -> Result<(), StoreError> {
        let mut base = StoredPoints::new(Shape::of(&series.key));
        for part in &series.parts {
            let points = codec::decode(&part.body, base.shape(), part.stamp)?;
            let rows = points.rows_between(self.from, until);
            base.push_rows(&points, rows);
        }
        let points = lay_over(&base, &series.overlay, 0..series.overlay.len());
        self.push_rows(&points, 0..points.len())
    }

    fn push_rows(&mut self, points: &StoredPoints, rows: Range<usize>) -> Result<(), StoreError> {
        self.rows.reserve(rows.len());
        for row in rows {
            let (time, source_id) = points.key(row);
            let ulid = self.ids.ulid(time, source_id);
            if self
                .after
                .is_some_and(|after| PointPosition { time, ulid } <= after)
            {
                continue;
            }
            let raw = match points.points.raw_offset[row] {
                OFFSET_UNKNOWN => None,
                offset => Some(RawPointer::Inside {
                    page: points.page[row],
                    offset,
                }),
            };
            let value = self.value(points, row)?;
            self.rows.push(HistoryRow {
                ulid,
                time,
                source_id: source_id.map(Box::from),
                modified_at: points.stamp[row],
                raw,
                value,
            });
        }
        Ok(())
    }

    fn value(&self, points: &StoredPoints, row: usize) -> Result<RowValue, StoreError> {
        match (&points.points.values, self.key.kind) {
            (Values::Location(columns), SeriesKind::Location) => {
                let point = columns.get(row);
                Ok(RowValue::Location {
                    latitude_e7: point.latitude_e7,
                    longitude_e7: point.longitude_e7,
                    heading_centi: point.heading_centi,
                    speed_centi_kph: point.speed_centi_kph,
                    driver: point.driver.map(Box::from),
                    address: point.address.map(Box::from),
                })
            }
            (Values::Stat(values), SeriesKind::Stat(stat)) => Ok(RowValue::Stat {
                stat,
                value: values[row],
            }),
            _ => Err(StoreError::Corrupt {
                what: "block of points",
                reason: format!("{}, {}: it is of another shape", self.vehicle, self.key),
            }),
        }
    }
}
