//! What was read, against what is stored: pure functions on columns.
//!
//! A difference is worked out first and laid over the stored points afterwards, because most reads
//! change nothing, and because a small change goes into the tail instead of a block.

use std::cmp::Ordering;
use std::ops::{AddAssign, Range};

use model::{Timestamp, Window};

use super::columns::{Shape, StoredPoints};

/// Points of a commit by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) added: u64,
    pub(super) modified: u64,
    /// Listed again with the same value, or by an older page than the stored one.
    pub(super) unchanged: u64,
    pub(super) withdrawn: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.added += other.added;
        self.modified += other.modified;
        self.unchanged += other.unchanged;
        self.withdrawn += other.withdrawn;
    }
}

/// What a read changes.
#[derive(Debug, Default)]
pub(super) struct Difference {
    pub(super) counts: Counts,
    /// Rows of the incoming points that are new or other than the stored ones.
    pub(super) upserts: Vec<usize>,
    /// Rows of the stored points that a complete read did not list.
    pub(super) withdrawn: Vec<usize>,
}

impl Difference {
    pub(super) fn is_empty(&self) -> bool {
        self.upserts.is_empty() && self.withdrawn.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.upserts.len() + self.withdrawn.len()
    }

    /// The same as points to be laid over others.
    pub(super) fn overlay(&self, stored: &StoredPoints, incoming: &StoredPoints) -> Overlay {
        let mut overlay = Overlay::new(incoming.shape());
        let (mut upserts, mut withdrawn) = (self.upserts.iter(), self.withdrawn.iter());
        let (mut upsert, mut gone) = (upserts.next(), withdrawn.next());
        loop {
            match (upsert, gone) {
                (Some(up), Some(out)) if incoming.key(*up) > stored.key(*out) => {
                    overlay.push(stored, *out, false);
                    gone = withdrawn.next();
                }
                (Some(up), _) => {
                    overlay.push(incoming, *up, true);
                    upsert = upserts.next();
                }
                (None, Some(out)) => {
                    overlay.push(stored, *out, false);
                    gone = withdrawn.next();
                }
                (None, None) => return overlay,
            }
        }
    }
}

/// What tells that a stored point is gone which was not given.
#[derive(Clone, Copy, Debug)]
pub(super) enum Absence<'a> {
    /// These were read completely.
    Windows(&'a [Window]),
    /// These pages, sorted, were mapped again, and what they give now is all that they give.
    Pages {
        replayed: &'a [i64],
        /// Nothing inside these is touched.
        spared: &'a [Window],
    },
}

impl Absence<'_> {
    fn removes(self, time: Timestamp, page: i64) -> bool {
        match self {
            Absence::Windows(windows) => windows.iter().any(|window| window.contains(time)),
            Absence::Pages { replayed, .. } => {
                replayed.binary_search(&page).is_ok() && !self.spares(time)
            }
        }
    }

    fn spares(self, time: Timestamp) -> bool {
        match self {
            Absence::Windows(_) => false,
            Absence::Pages { spared, .. } => spared.iter().any(|window| window.contains(time)),
        }
    }

    /// An older page never replaces a newer one, but where the newer one was mapped again as well
    /// and gave nothing else.
    fn replaces(self, stored_page: i64, page: i64) -> bool {
        page >= stored_page
            || matches!(self, Absence::Pages { replayed, .. }
                if replayed.binary_search(&stored_page).is_ok())
    }

    /// Whether points between these two times (both included) may be gone.
    pub(super) fn speaks_of(self, first: Timestamp, last: Timestamp) -> bool {
        match self {
            Absence::Windows(windows) => windows
                .iter()
                .any(|window| window.from <= last && first < window.until),
            Absence::Pages { .. } => true,
        }
    }
}

/// Compares rows `rows` of what was read with what is stored.
///
/// A point read again with the same value keeps its stamp, page and offset. Another value replaces
/// it unless it comes from an older page; the same page may, because a page that is mapped anew
/// must be able to correct what it gave the first time.
pub(super) fn difference(
    stored: &StoredPoints,
    incoming: &StoredPoints,
    rows: Range<usize>,
    absence: Absence<'_>,
) -> Difference {
    let mut found = Difference::default();
    let mut stored_row = 0;
    let mut row = rows.start;
    while stored_row < stored.len() || row < rows.end {
        let order = match (stored_row < stored.len(), row < rows.end) {
            (true, true) => stored.key(stored_row).cmp(&incoming.key(row)),
            (true, false) => Ordering::Less,
            _ => Ordering::Greater,
        };
        match order {
            Ordering::Less => {
                if absence.removes(stored.time(stored_row), stored.page[stored_row]) {
                    found.counts.withdrawn += 1;
                    found.withdrawn.push(stored_row);
                }
                stored_row += 1;
            }
            Ordering::Greater => {
                if !absence.spares(incoming.time(row)) {
                    found.counts.added += 1;
                    found.upserts.push(row);
                }
                row += 1;
            }
            Ordering::Equal => {
                if stored.same_value(stored_row, incoming, row)
                    || absence.spares(incoming.time(row))
                    || !absence.replaces(stored.page[stored_row], incoming.page[row])
                {
                    found.counts.unchanged += 1;
                } else {
                    found.counts.modified += 1;
                    found.upserts.push(row);
                }
                stored_row += 1;
                row += 1;
            }
        }
    }
    found
}

/// Points to be laid over others; a row that is not live takes away the point of its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Overlay {
    pub(super) points: StoredPoints,
    pub(super) live: Vec<bool>,
}

impl Overlay {
    pub(super) fn new(shape: Shape) -> Overlay {
        Overlay {
            points: StoredPoints::new(shape),
            live: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, from: &StoredPoints, row: usize, live: bool) {
        self.points.push_row(from, row);
        self.live.push(live);
    }

    pub(super) fn len(&self) -> usize {
        self.live.len()
    }

    pub(super) fn rows_between(&self, from: Timestamp, until: Timestamp) -> Range<usize> {
        self.points.rows_between(from, until)
    }

    /// Lays the later layers over the earlier ones.
    pub(super) fn combine(shape: Shape, layers: Vec<Overlay>) -> Overlay {
        let mut all = Overlay::new(shape);
        for layer in layers {
            all.points.push_rows(&layer.points, 0..layer.len());
            all.live.extend(layer.live);
        }
        if all.points.is_sorted() {
            return all;
        }
        let mut combined = Overlay::new(shape);
        for row in latest_rows(&all.points) {
            combined.push(&all.points, row, all.live[row]);
        }
        combined
    }
}

/// The rows in the order of their keys; of those with one key the last.
pub(super) fn latest_rows(points: &StoredPoints) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..points.len()).collect();
    rows.sort_by(|a, b| points.key(*a).cmp(&points.key(*b)));
    let mut kept: Vec<usize> = Vec::with_capacity(rows.len());
    for row in rows {
        match kept.last_mut() {
            Some(last) if points.key(*last) == points.key(row) => *last = row,
            _ => kept.push(row),
        }
    }
    kept
}

/// The points that result when rows `rows` of the overlay are laid over `base`.
pub(super) fn lay_over(base: &StoredPoints, overlay: &Overlay, rows: Range<usize>) -> StoredPoints {
    let mut result = StoredPoints::new(base.shape());
    let mut copied = 0;
    for row in rows {
        let key = overlay.points.key(row);
        let next = copied + partition(copied..base.len(), |base_row| base.key(base_row) < key);
        result.push_rows(base, copied..next);
        copied = next;
        if copied < base.len() && base.key(copied) == key {
            copied += 1;
        }
        if overlay.live[row] {
            result.push_row(&overlay.points, row);
        }
    }
    result.push_rows(base, copied..base.len());
    result
}

/// How many of the rows, of which the first ones are `before`, are so.
fn partition(rows: Range<usize>, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (rows.start, rows.end);
    // Overlays mostly append, or touch neighbours: look near before looking far.
    let mut reach = 1;
    while low + reach < high && before(low + reach) {
        low += reach;
        reach *= 2;
    }
    high = high.min(low + reach + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        if before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low - rows.start
}
