//! One UTC day of one series, as the parts it is stored in.
//!
//! Parts follow each other in time, so what was read is routed to the part that it falls into, and
//! a part that nothing falls into is neither decoded nor written. A part that grows too large is
//! split together with those after it.

use std::ops::Range;

use bytes::Bytes;
use model::Timestamp;

use super::codec;
use super::columns::{Shape, StoredPoints};
use super::merge::{Absence, Counts, Difference, Overlay, difference, lay_over};
use crate::StoreError;

/// Points that one block holds at most, unless more than that share one millisecond.
pub(super) const BLOCK_POINTS_MAX: usize = 8_192;

/// A row of `blocks`.
#[derive(Clone, Debug)]
pub(super) struct StoredPart {
    pub(super) part: i64,
    pub(super) rank: u8,
    pub(super) count: usize,
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
    pub(super) stamp: Timestamp,
    pub(super) body: Bytes,
}

/// The rank that a day was last written with.
pub(super) fn rank_of(parts: &[StoredPart]) -> Option<u8> {
    parts
        .iter()
        .max_by_key(|part| part.stamp)
        .map(|part| part.rank)
}

/// A new row of `blocks`, but for its key.
#[derive(Clone, Debug)]
pub(super) struct EncodedPart {
    pub(super) part: i64,
    pub(super) count: usize,
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
    pub(super) body: Vec<u8>,
}

#[derive(Debug, Default)]
pub(super) struct EncodedDay {
    pub(super) written: Vec<EncodedPart>,
    pub(super) emptied: Vec<i64>,
}

/// What the store knows of the day beside its blocks, and what was read of it.
#[derive(Clone, Copy)]
pub(super) struct DayInput<'a> {
    pub(super) shape: Shape,
    /// What the tail lays over the blocks.
    pub(super) overlay: Option<&'a Overlay>,
    pub(super) incoming: &'a StoredPoints,
    /// Rows of the incoming points that lie on this day.
    pub(super) rows: &'a Range<usize>,
    pub(super) absence: Absence<'a>,
}

/// A part and what falls into it.
#[derive(Debug)]
struct Segment {
    stored: Option<StoredPart>,
    /// `None` when nothing falls into it: then it was not decoded.
    touched: Option<Touched>,
}

#[derive(Debug)]
struct Touched {
    /// The stored points with the tail laid over them.
    base: StoredPoints,
    /// The tail said something of these points.
    overlaid: bool,
    rows: Range<usize>,
    difference: Difference,
}

/// A day compared with what was read.
#[derive(Debug)]
pub(super) struct Day {
    segments: Vec<Segment>,
    pub(super) counts: Counts,
    /// Points that are new, other, or withdrawn.
    pub(super) changes: usize,
    /// Stored points of the parts that would be written anew.
    pub(super) rewritten: usize,
    /// The tail says something of this day.
    pub(super) overlaid: bool,
}

impl Day {
    pub(super) fn compare(
        mut parts: Vec<StoredPart>,
        input: DayInput<'_>,
    ) -> Result<Day, StoreError> {
        parts.sort_by_key(|part| part.part);
        let starts: Vec<Timestamp> = parts.iter().map(|part| part.first).collect();
        let mut segments: Vec<Option<StoredPart>> = parts.into_iter().map(Some).collect();
        if segments.is_empty() {
            segments.push(None);
        }
        let mut day = Day {
            segments: Vec::with_capacity(segments.len()),
            counts: Counts::default(),
            changes: 0,
            rewritten: 0,
            overlaid: false,
        };
        for (index, stored) in segments.into_iter().enumerate() {
            let from = match index {
                0 => Timestamp::MIN,
                _ => starts[index],
            };
            let until = starts.get(index + 1).copied().unwrap_or(Timestamp::MAX);
            let touched = touch(stored.as_ref(), &input, from, until)?;
            if let Some(touched) = &touched {
                day.counts += touched.difference.counts;
                day.changes += touched.difference.len();
                day.overlaid |= touched.overlaid;
                if !touched.difference.is_empty() {
                    day.rewritten += stored.as_ref().map_or(0, |part| part.count);
                }
            }
            day.segments.push(Segment { stored, touched });
        }
        Ok(day)
    }

    /// Pages of the points that are new or other.
    pub(super) fn pages_changed<'a>(
        &'a self,
        incoming: &'a StoredPoints,
    ) -> impl Iterator<Item = i64> + 'a {
        let touched = self
            .segments
            .iter()
            .filter_map(|segment| segment.touched.as_ref());
        touched
            .flat_map(|touched| &touched.difference.upserts)
            .map(|row| incoming.page[*row])
    }

    /// Times of the points that a complete read did not list.
    pub(super) fn withdrawn_times(&self) -> impl Iterator<Item = Timestamp> {
        let touched = self.segments.iter().filter_map(|s| s.touched.as_ref());
        touched.flat_map(|touched| {
            let rows = touched.difference.withdrawn.iter();
            rows.map(|row| touched.base.time(*row))
        })
    }

    /// The changes in the order of their keys, for the tail.
    pub(super) fn push_changes(&self, overlay: &mut Overlay, incoming: &StoredPoints) {
        for touched in self
            .segments
            .iter()
            .filter_map(|segment| segment.touched.as_ref())
        {
            let changes = touched.difference.overlay(&touched.base, incoming);
            overlay.points.push_rows(&changes.points, 0..changes.len());
            overlay.live.extend(changes.live);
        }
    }

    /// The rows of `blocks` that hold the day with tail and changes.
    pub(super) fn encode(self, incoming: &StoredPoints) -> Result<EncodedDay, StoreError> {
        let mut encoded = EncodedDay::default();
        let mut segments = self.segments.into_iter();
        while let Some(segment) = segments.next() {
            let Some(touched) = segment.touched.filter(Touched::is_to_be_written) else {
                continue;
            };
            let part = segment.stored.as_ref().map(|stored| stored.part);
            let (points, rows) = touched.result(incoming);
            let points: &StoredPoints = points.as_ref().unwrap_or(incoming);
            if rows.is_empty() {
                encoded.emptied.extend(part);
            } else if rows.len() <= BLOCK_POINTS_MAX {
                encoded
                    .written
                    .push(encode_part(points, rows, part.unwrap_or(0)));
            } else {
                let mut all = points.rows(rows);
                let mut replaced = Vec::from_iter(part);
                for later in segments.by_ref() {
                    replaced.extend(later.stored.as_ref().map(|stored| stored.part));
                    later.append(&mut all, incoming)?;
                }
                encoded.split(&all, part.unwrap_or(0), &replaced);
            }
        }
        Ok(encoded)
    }
}

impl EncodedDay {
    /// Parts from number `first` on in place of the parts `replaced`.
    fn split(&mut self, points: &StoredPoints, first: i64, replaced: &[i64]) {
        let mut start = 0;
        let mut part = first;
        while start < points.len() {
            let end = end_of_part(points, start);
            self.written.push(encode_part(points, start..end, part));
            start = end;
            part += 1;
        }
        self.emptied
            .extend(replaced.iter().filter(|number| **number >= part));
    }
}

/// Points of one millisecond stay together, because a point's part is found by its time.
fn end_of_part(points: &StoredPoints, start: usize) -> usize {
    let full = start + BLOCK_POINTS_MAX;
    if full >= points.len() {
        return points.len();
    }
    let times = &points.points.time;
    let time = times[full];
    let first_alike = times.partition_point(|other| *other < time);
    if first_alike > start {
        return first_alike;
    }
    times.partition_point(|other| *other <= time)
}

fn encode_part(points: &StoredPoints, rows: Range<usize>, part: i64) -> EncodedPart {
    EncodedPart {
        part,
        count: rows.len(),
        first: points.time(rows.start),
        last: points.time(rows.end - 1),
        body: codec::encode(points, rows),
    }
}

/// Compares what falls into `[from, until)` with the part that it falls into.
fn touch(
    stored: Option<&StoredPart>,
    input: &DayInput<'_>,
    from: Timestamp,
    until: Timestamp,
) -> Result<Option<Touched>, StoreError> {
    let within = input.incoming.rows_between(from, until);
    let rows = within.start.max(input.rows.start)..within.end.min(input.rows.end);
    let rows = rows.start..rows.end.max(rows.start);
    let overlay = input
        .overlay
        .map(|overlay| (overlay, overlay.rows_between(from, until)))
        .filter(|(_, rows)| !rows.is_empty());
    let read = stored.is_some_and(|part| input.absence.speaks_of(part.first, part.last));
    if rows.is_empty() && overlay.is_none() && !read {
        return Ok(None);
    }
    let mut base = match stored {
        Some(part) => codec::decode(&part.body, input.shape, part.stamp)?,
        None => StoredPoints::new(input.shape),
    };
    if let Some((overlay, overlay_rows)) = &overlay {
        base = lay_over(&base, overlay, overlay_rows.clone());
    }
    let difference = difference(&base, input.incoming, rows.clone(), input.absence);
    Ok(Some(Touched {
        base,
        overlaid: overlay.is_some(),
        rows,
        difference,
    }))
}

impl Touched {
    fn is_to_be_written(&self) -> bool {
        self.overlaid || !self.difference.is_empty()
    }

    /// The resulting points and their rows; no points when they are rows of the incoming ones.
    fn result(self, incoming: &StoredPoints) -> (Option<StoredPoints>, Range<usize>) {
        if self.base.is_empty() {
            return (None, self.rows);
        }
        let changes = self.difference.overlay(&self.base, incoming);
        let points = lay_over(&self.base, &changes, 0..changes.len());
        let rows = 0..points.len();
        (Some(points), rows)
    }
}

impl Segment {
    fn append(self, all: &mut StoredPoints, incoming: &StoredPoints) -> Result<(), StoreError> {
        let (points, rows) = match (self.touched, self.stored) {
            (Some(touched), _) => touched.result(incoming),
            (None, Some(part)) => {
                let points = codec::decode(&part.body, all.shape(), part.stamp)?;
                let rows = 0..points.len();
                (Some(points), rows)
            }
            (None, None) => return Ok(()),
        };
        all.push_rows(points.as_ref().unwrap_or(incoming), rows);
        Ok(())
    }
}
