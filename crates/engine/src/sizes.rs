//! How large answers turn out to be: what batches are sized by once the descriptor's guess can be
//! corrected.

use std::collections::BTreeMap;

use model::time::HOUR_MS;
use store::PositionRow;

/// The slot of a stream's size in the positions table.
const SLOT: &str = "bytes_per_partition_hour";
/// Less than this says little about the stream: an hour of a parked fleet, say.
const ENOUGH_PARTITION_HOURS: i64 = 24;
/// A fleet that stood still may drive tomorrow: no size is taken for smaller than this part of the
/// descriptor's guess.
const SMALLEST_PART_OF_GUESS: u32 = 4;

#[derive(Debug, Default)]
pub struct Sizes {
    known: BTreeMap<String, u32>,
    seen: BTreeMap<&'static str, Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    bytes: u64,
    partition_ms: i64,
}

impl Seen {
    fn bytes_per_partition_hour(&self) -> Option<u32> {
        let hours = self.partition_ms / HOUR_MS;
        let bytes = self.bytes / u64::try_from(hours).ok().filter(|hours| *hours > 0)?;
        (hours >= ENOUGH_PARTITION_HOURS).then(|| u32::try_from(bytes).unwrap_or(u32::MAX))
    }
}

impl Sizes {
    /// Nothing is known but guesses.
    #[cfg(test)]
    pub const NONE: Sizes = Sizes {
        known: BTreeMap::new(),
        seen: BTreeMap::new(),
    };

    /// Rows that cannot be read are forgotten: the guess serves until the next answers.
    pub fn load(rows: &[PositionRow]) -> Sizes {
        let known = rows
            .iter()
            .filter(|row| row.slot == SLOT)
            .filter_map(|row| Some((row.stream.clone(), serde_json::from_slice(&row.body).ok()?)))
            .collect();
        Sizes {
            known,
            seen: BTreeMap::new(),
        }
    }

    /// Notes what a window gave, decompressed.
    pub fn note(&mut self, stream: &'static str, bytes: usize, partition_ms: i64) {
        let seen = self.seen.entry(stream).or_default();
        seen.bytes += bytes as u64;
        seen.partition_ms = seen.partition_ms.saturating_add(partition_ms);
    }

    pub fn bytes_per_partition_hour(&self, stream: &str, guess: u32) -> u32 {
        let seen = self
            .seen
            .get(stream)
            .and_then(Seen::bytes_per_partition_hour);
        let known = seen
            .or_else(|| self.known.get(stream).copied())
            .unwrap_or(guess);
        known.max(guess / SMALLEST_PART_OF_GUESS)
    }

    /// The streams whose size moved by more than a quarter since it was last kept.
    pub fn take_changed(&mut self) -> Vec<PositionRow> {
        let mut rows = Vec::new();
        for (stream, seen) in &self.seen {
            let Some(size) = seen.bytes_per_partition_hour() else {
                continue;
            };
            let kept = self.known.get(*stream).copied().unwrap_or(0);
            if size.abs_diff(kept) > kept / 4 {
                self.known.insert((*stream).to_owned(), size);
                let body = size.to_string().into_bytes();
                rows.push(PositionRow {
                    stream: (*stream).to_owned(),
                    slot: SLOT.to_owned(),
                    body,
                });
            }
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_replaces_the_guess_and_is_kept_when_it_moves() {
        let mut sizes = Sizes::default();
        assert_eq!(sizes.bytes_per_partition_hour("stats", 8_000), 8_000);
        sizes.note("stats", 23 * 20_000, 23 * HOUR_MS);
        assert_eq!(
            sizes.bytes_per_partition_hour("stats", 8_000),
            8_000,
            "too little to say"
        );
        sizes.note("stats", 20_000, HOUR_MS);
        assert_eq!(sizes.bytes_per_partition_hour("stats", 8_000), 20_000);
        let kept = sizes.take_changed();
        assert_eq!(sizes.take_changed(), []);

        let mut later = Sizes::load(&kept);
        assert_eq!(later.bytes_per_partition_hour("stats", 8_000), 20_000);
        later.note("stats", 0, 100 * HOUR_MS);
        assert_eq!(
            later.bytes_per_partition_hour("stats", 8_000),
            2_000,
            "never far below it"
        );
        assert_eq!(later.take_changed().len(), 1);
    }
}
