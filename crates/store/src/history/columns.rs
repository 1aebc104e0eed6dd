//! Points in columns as the store holds them: what the provider said, and for each point when it
//! last changed and which page it was read from.
//!
//! Rows are sorted by key, (time, source id or nothing), and no key is there twice; the merge and
//! the codec rely on it. Only here are rows copied from one set of columns to another.

use std::ops::Range;

use model::{LocationColumns, Points, SeriesKey, SeriesKind, TextColumn, Timestamp, Values};

/// In place of a stamp: the point was written by the commit that wrote its row, and the row says
/// when. The commit's stamp is not known yet while a body is being encoded.
pub(super) const STAMP_OF_ROW: Timestamp = Timestamp::MIN;

/// What tells one point of a series from another.
pub(super) type PointKey<'a> = (Timestamp, Option<&'a str>);

/// The two shapes of value that a series can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shape {
    Location,
    Stat,
}

impl Shape {
    pub(super) fn of(series: &SeriesKey) -> Shape {
        match series.kind {
            SeriesKind::Location => Shape::Location,
            SeriesKind::Stat(_) => Shape::Stat,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StoredPoints {
    pub(super) points: Points,
    /// Number of the page that each point was read from.
    pub(super) page: Vec<i64>,
    /// Stamp of the commit that last changed each point, or [`STAMP_OF_ROW`].
    pub(super) stamp: Vec<Timestamp>,
}

impl StoredPoints {
    pub(super) fn new(shape: Shape) -> StoredPoints {
        let values = match shape {
            Shape::Location => Values::Location(LocationColumns::default()),
            Shape::Stat => Values::Stat(Vec::new()),
        };
        StoredPoints {
            points: Points {
                time: Vec::new(),
                source_id: TextColumn::default(),
                raw_offset: Vec::new(),
                values,
            },
            page: Vec::new(),
            stamp: Vec::new(),
        }
    }

    /// Points fresh from a page, to be stamped by the commit that stores them.
    pub(super) fn from_page(page: i64, points: Points) -> StoredPoints {
        let rows = points.len();
        StoredPoints {
            points,
            page: vec![page; rows],
            stamp: vec![STAMP_OF_ROW; rows],
        }
    }

    pub(super) fn shape(&self) -> Shape {
        match self.points.values {
            Values::Location(_) => Shape::Location,
            Values::Stat(_) => Shape::Stat,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.points.time.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.points.time.is_empty()
    }

    pub(super) fn time(&self, row: usize) -> Timestamp {
        self.points.time[row]
    }

    pub(super) fn key(&self, row: usize) -> PointKey<'_> {
        (self.points.time[row], self.points.source_id.get(row))
    }

    pub(super) fn is_sorted(&self) -> bool {
        (1..self.len()).all(|row| {
            let (before, after) = (self.points.time[row - 1], self.points.time[row]);
            before < after || (before == after && self.key(row - 1) < self.key(row))
        })
    }

    /// Rows whose time lies in `[from, until)`; [`Timestamp::MAX`] is no bound.
    pub(super) fn rows_between(&self, from: Timestamp, until: Timestamp) -> Range<usize> {
        rows_between(&self.points.time, from, until)
    }

    /// Whether both rows would be served alike: page, offset and stamp do not count.
    pub(super) fn same_value(&self, row: usize, other: &StoredPoints, other_row: usize) -> bool {
        match (&self.points.values, &other.points.values) {
            (Values::Location(ours), Values::Location(theirs)) => {
                ours.get(row) == theirs.get(other_row)
            }
            (Values::Stat(ours), Values::Stat(theirs)) => ours[row] == theirs[other_row],
            _ => false,
        }
    }

    /// Copies one row to the end. The shapes agree: one series has one shape.
    pub(super) fn push_row(&mut self, from: &StoredPoints, row: usize) {
        self.points.time.push(from.points.time[row]);
        self.points.source_id.push(from.points.source_id.get(row));
        self.points.raw_offset.push(from.points.raw_offset[row]);
        self.page.push(from.page[row]);
        self.stamp.push(from.stamp[row]);
        match (&mut self.points.values, &from.points.values) {
            (Values::Location(ours), Values::Location(theirs)) => ours.push(theirs.get(row)),
            (Values::Stat(ours), Values::Stat(theirs)) => ours.push(theirs[row]),
            _ => unreachable!("rows are copied within one series"),
        }
    }

    pub(super) fn push_rows(&mut self, from: &StoredPoints, rows: Range<usize>) {
        extend_text(
            &mut self.points.source_id,
            &from.points.source_id,
            rows.clone(),
        );
        self.points
            .time
            .extend_from_slice(&from.points.time[rows.clone()]);
        self.points
            .raw_offset
            .extend_from_slice(&from.points.raw_offset[rows.clone()]);
        self.page.extend_from_slice(&from.page[rows.clone()]);
        self.stamp.extend_from_slice(&from.stamp[rows.clone()]);
        match (&mut self.points.values, &from.points.values) {
            (Values::Location(ours), Values::Location(theirs)) => {
                ours.latitude_e7
                    .extend_from_slice(&theirs.latitude_e7[rows.clone()]);
                ours.longitude_e7
                    .extend_from_slice(&theirs.longitude_e7[rows.clone()]);
                ours.heading_centi
                    .extend_from_slice(&theirs.heading_centi[rows.clone()]);
                ours.speed_centi_kph
                    .extend_from_slice(&theirs.speed_centi_kph[rows.clone()]);
                extend_text(&mut ours.driver, &theirs.driver, rows.clone());
                extend_text(&mut ours.address, &theirs.address, rows);
            }
            (Values::Stat(ours), Values::Stat(theirs)) => ours.extend_from_slice(&theirs[rows]),
            _ => unreachable!("rows are copied within one series"),
        }
    }

    pub(super) fn rows(&self, rows: Range<usize>) -> StoredPoints {
        let mut copy = StoredPoints::new(self.shape());
        copy.push_rows(self, rows);
        copy
    }

    /// Replaces the mark [`STAMP_OF_ROW`] by what the row says.
    pub(super) fn resolve_stamps(&mut self, row_stamp: Timestamp) {
        for stamp in &mut self.stamp {
            if *stamp == STAMP_OF_ROW {
                *stamp = row_stamp;
            }
        }
    }
}

pub(super) fn rows_between(times: &[Timestamp], from: Timestamp, until: Timestamp) -> Range<usize> {
    let start = times.partition_point(|time| *time < from);
    let end = match until {
        Timestamp::MAX => times.len(),
        until => times.partition_point(|time| *time < until),
    };
    start..end.max(start)
}

fn extend_text(to: &mut TextColumn, from: &TextColumn, rows: Range<usize>) {
    for row in rows {
        to.push(from.get(row));
    }
}

/// What is wrong with columns that a caller handed over, if anything.
pub(super) fn misshapen(series: &SeriesKey, points: &Points) -> Option<&'static str> {
    let rows = points.time.len();
    let mut lengths = vec![points.source_id.len(), points.raw_offset.len()];
    match (&points.values, Shape::of(series)) {
        (Values::Location(columns), Shape::Location) => lengths.extend([
            columns.latitude_e7.len(),
            columns.longitude_e7.len(),
            columns.heading_centi.len(),
            columns.speed_centi_kph.len(),
            columns.driver.len(),
            columns.address.len(),
        ]),
        (Values::Stat(values), Shape::Stat) => lengths.push(values.len()),
        _ => return Some("the columns are not those of the series' kind"),
    }
    (!lengths.into_iter().all(|length| length == rows))
        .then_some("the columns are not of one length")
}
