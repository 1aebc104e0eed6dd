//! Which points are served, out of blocks and what the tail lays over them.

use std::ops::Range;
use std::sync::Arc;

use model::{PointIds, SeriesKey, Timestamp, VehicleId};

use super::blocks::{Asked, BlockKey, Blocks};
use super::columns::{Shape, StoredPoints, rows_between};
use super::day::StoredPart;
use super::merge::lay_over;
use super::points::HistoryPoints;
use super::read::{Found, FoundSeries, Stretch};
use super::{PointPosition, codec};
use crate::StoreError;

/// The points of a stretch in order, at least one more than wanted if there are that many.
pub(super) fn points_of(
    stretch: &Stretch,
    found: Found,
    blocks: &Blocks,
) -> Result<HistoryPoints, StoreError> {
    let mut all = HistoryPoints::default();
    for series in found.series {
        let mut rows = SeriesRows::new(stretch, &series.key, &mut all);
        if series.overlay.len() == 0 {
            for part in &series.parts {
                if rows.enough() {
                    break;
                }
                rows.push_part(part, found.until, blocks)?;
            }
        } else {
            rows.push_overlaid(&series, found.until)?;
        }
    }
    all.sort();
    // Each series gave enough for the whole page.
    all.truncate(stretch.wanted.saturating_add(1));
    Ok(all)
}

/// Collects the rows of one series.
struct SeriesRows<'a> {
    vehicle: VehicleId,
    key: &'a SeriesKey,
    ids: PointIds,
    from: Timestamp,
    after: Option<PointPosition>,
    wanted: usize,
    /// Of this series, so far.
    count: usize,
    all: &'a mut HistoryPoints,
}

impl<'a> SeriesRows<'a> {
    fn new(stretch: &Stretch, key: &'a SeriesKey, all: &'a mut HistoryPoints) -> SeriesRows<'a> {
        SeriesRows {
            vehicle: stretch.query.vehicle,
            key,
            ids: PointIds::new(stretch.query.vehicle, key),
            from: stretch.from,
            after: stretch.query.after,
            wanted: stretch.wanted,
            count: 0,
            all,
        }
    }

    fn enough(&self) -> bool {
        self.count > self.wanted
    }

    fn push_part(
        &mut self,
        part: &StoredPart,
        until: Timestamp,
        blocks: &Blocks,
    ) -> Result<(), StoreError> {
        let shape = Shape::of(self.key);
        let key = BlockKey::of(part, shape);
        let (points, rows) = match blocks.ask(key) {
            Asked::Kept(points) => {
                let rows = self.wanted_rows(&points.points.time, until);
                (points, rows)
            }
            // Somebody pages through it: the next page will want more again.
            Asked::Again => {
                let points = Arc::new(codec::decode(&part.body, shape, part.stamp)?);
                blocks.keep(key, Arc::clone(&points));
                let rows = self.wanted_rows(&points.points.time, until);
                (points, rows)
            }
            Asked::First => {
                let opened = codec::open(&part.body, shape)?;
                let rows = self.wanted_rows(&opened.time, until);
                let mut points = opened.prefix(rows.end)?;
                points.resolve_stamps(part.stamp);
                (Arc::new(points), rows)
            }
        };
        self.push_rows(points, rows)
    }

    /// The rows of a block with these times that may be served.
    fn wanted_rows(&self, block_times: &[Timestamp], until: Timestamp) -> Range<usize> {
        let within = rows_between(block_times, self.from, until);
        // Points of one millisecond are in the order of their source ids, not of their ids: all or
        // none of them are taken.
        let passed = match self.after {
            Some(after) => {
                let times = &block_times[within.clone()];
                times.partition_point(|time| *time <= after.time)
            }
            None => 0,
        };
        let missing = self.wanted.saturating_add(1).saturating_sub(self.count);
        let mut end = within
            .end
            .min(within.start.saturating_add(passed).saturating_add(missing));
        while end > within.start && end < within.end && block_times[end] == block_times[end - 1] {
            end += 1;
        }
        within.start..end
    }

    fn push_overlaid(&mut self, series: &FoundSeries, until: Timestamp) -> Result<(), StoreError> {
        let mut base = StoredPoints::new(Shape::of(&series.key));
        for part in &series.parts {
            let points = codec::decode(&part.body, base.shape(), part.stamp)?;
            let rows = points.rows_between(self.from, until);
            base.push_rows(&points, rows);
        }
        let points = lay_over(&base, &series.overlay, 0..series.overlay.len());
        let rows = 0..points.len();
        self.push_rows(Arc::new(points), rows)
    }

    fn push_rows(
        &mut self,
        points: Arc<StoredPoints>,
        rows: Range<usize>,
    ) -> Result<(), StoreError> {
        if points.shape() != Shape::of(self.key) {
            return Err(StoreError::Corrupt {
                what: "block of points",
                reason: format!("{}, {}: it is of another shape", self.vehicle, self.key),
            });
        }
        let columns = self.all.add_columns(self.key.kind, Arc::clone(&points));
        self.all.reserve(rows.len());
        for row in rows {
            let (time, source_id) = points.key(row);
            let ulid = self.ids.ulid(time, source_id);
            if self
                .after
                .is_some_and(|after| PointPosition { time, ulid } <= after)
            {
                continue;
            }
            self.all.push(time, ulid, columns, row);
            self.count += 1;
        }
        Ok(())
    }
}
