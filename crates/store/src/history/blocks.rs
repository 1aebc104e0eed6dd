//! Blocks that were decoded not long ago.
//!
//! A client that pages through a day asks for the same block again and again, each time for a
//! later part of it, and decoding begins at a block's beginning. So a few decoded blocks are kept:
//! those asked for a second time, because most of what is read once is not read again soon.
//! They are found by the hash of the body that was just read in the caller's snapshot: whatever is
//! committed, nobody is served anything that the snapshot did not hold.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use model::{Timestamp, Values};
use twox_hash::XxHash3_128;

use super::columns::{Shape, StoredPoints};
use super::day::StoredPart;

/// Of decoded columns; some 75 bytes a point, so 220,000 points.
const KEPT_BYTES_MAX: usize = 16 << 20;
/// The numbers of a point, and the ends of its three texts.
const POINT_BYTES: usize = 56;
/// Blocks of which it is known that they were asked for once.
const ASKED_MAX: usize = 256;

/// What decides what a block gives: its body, and the stamp of its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct BlockKey {
    body: u128,
    stamp: Timestamp,
    is_location: bool,
}

impl BlockKey {
    pub(super) fn of(part: &StoredPart, shape: Shape) -> BlockKey {
        BlockKey {
            body: XxHash3_128::oneshot(&part.body),
            stamp: part.stamp,
            is_location: shape == Shape::Location,
        }
    }
}

/// What is known of a block that was asked for.
#[derive(Debug)]
pub(super) enum Asked {
    /// Not asked for of late.
    First,
    /// Once or more, and not decoded any more: worth decoding whole, and [`Blocks::keep`].
    Again,
    /// All its points, stamped.
    Kept(Arc<StoredPoints>),
}

#[derive(Debug)]
struct Kept {
    points: Arc<StoredPoints>,
    bytes: usize,
    used: u64,
}

/// Bounded in bytes; the block that was not used for longest goes first.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    keeping: Mutex<Keeping>,
}

#[derive(Debug, Default)]
struct Keeping {
    blocks: HashMap<BlockKey, Kept>,
    bytes: usize,
    uses: u64,
    /// The latest last.
    asked: VecDeque<BlockKey>,
}

impl Blocks {
    pub(super) fn ask(&self, key: BlockKey) -> Asked {
        let mut keeping = self.keeping.lock().unwrap_or_else(PoisonError::into_inner);
        keeping.uses += 1;
        let used = keeping.uses;
        if let Some(kept) = keeping.blocks.get_mut(&key) {
            kept.used = used;
            return Asked::Kept(Arc::clone(&kept.points));
        }
        if keeping.asked.contains(&key) {
            return Asked::Again;
        }
        if keeping.asked.len() == ASKED_MAX {
            keeping.asked.pop_front();
        }
        keeping.asked.push_back(key);
        Asked::First
    }

    /// `points` are all those of the block, stamped.
    pub(super) fn keep(&self, key: BlockKey, points: Arc<StoredPoints>) {
        let bytes = bytes_of(&points);
        if bytes > KEPT_BYTES_MAX / 4 {
            return;
        }
        let mut keeping = self.keeping.lock().unwrap_or_else(PoisonError::into_inner);
        keeping.uses += 1;
        let used = keeping.uses;
        keeping.bytes += bytes;
        let kept = Kept {
            points,
            bytes,
            used,
        };
        let replaced = keeping.blocks.insert(key, kept);
        keeping.bytes -= replaced.map_or(0, |kept| kept.bytes);
        while keeping.bytes > KEPT_BYTES_MAX {
            keeping.drop_oldest();
        }
    }

    /// Everything: whose blocks are kept is not known here.
    pub(crate) fn forget(&self) {
        let mut keeping = self.keeping.lock().unwrap_or_else(PoisonError::into_inner);
        *keeping = Keeping::default();
    }
}

impl Keeping {
    fn drop_oldest(&mut self) {
        let oldest = self.blocks.iter().min_by_key(|(_, kept)| kept.used);
        let Some(key) = oldest.map(|(key, _)| *key) else {
            self.bytes = 0;
            return;
        };
        self.bytes -= self.blocks.remove(&key).map_or(0, |kept| kept.bytes);
    }
}

fn bytes_of(points: &StoredPoints) -> usize {
    let columns = &points.points;
    let mut texts = vec![&columns.source_id];
    if let Values::Location(location) = &columns.values {
        texts.extend([&location.driver, &location.address]);
    }
    let text_bytes = texts
        .into_iter()
        .filter(|column| column.present() > 0)
        .flat_map(|column| column.iter().flatten())
        .map(str::len)
        .sum::<usize>();
    points.len() * POINT_BYTES + text_bytes
}

#[cfg(test)]
mod tests {
    use model::{Points, SeriesKind, StatType};

    use super::*;

    fn key(number: usize) -> BlockKey {
        BlockKey {
            body: number as u128,
            stamp: Timestamp::from_millis(0),
            is_location: false,
        }
    }

    fn block(rows: usize) -> Arc<StoredPoints> {
        let mut points = Points::new(SeriesKind::Stat(StatType::Odometer));
        points.time = vec![Timestamp::from_millis(1); rows];
        Arc::new(StoredPoints::from_page(1, points))
    }

    fn is_kept(blocks: &Blocks, number: usize) -> bool {
        matches!(blocks.ask(key(number)), Asked::Kept(_))
    }

    #[test]
    fn what_is_kept_is_bounded_and_the_longest_unused_goes_first() {
        let blocks = Blocks::default();
        let rows = KEPT_BYTES_MAX / POINT_BYTES / 4;
        for number in 0..4 {
            blocks.keep(key(number), block(rows));
        }
        assert!(is_kept(&blocks, 0));
        blocks.keep(key(4), block(rows));
        assert!(is_kept(&blocks, 0), "it was just used");
        assert!(!is_kept(&blocks, 1), "it was not used for longest");
        blocks.keep(key(0), block(1));
        blocks.keep(key(5), block(1));
        assert!(is_kept(&blocks, 2), "a replaced block counts once");
        blocks.keep(key(6), block(rows + 1));
        assert!(!is_kept(&blocks, 6), "one block cannot crowd out the rest");
        blocks.forget();
        assert!(!is_kept(&blocks, 2), "forgotten");
    }

    #[test]
    fn a_block_asked_for_once_is_remembered_for_a_while() {
        let blocks = Blocks::default();
        assert!(matches!(blocks.ask(key(0)), Asked::First));
        assert!(matches!(blocks.ask(key(0)), Asked::Again));
        for number in 1..=ASKED_MAX {
            assert!(matches!(blocks.ask(key(number)), Asked::First));
        }
        assert!(matches!(blocks.ask(key(0)), Asked::First), "forgotten");
    }
}
