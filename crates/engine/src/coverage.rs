//! The finished intervals of all partitions of a connection, as they are committed.
//!
//! A row holds up to [`SHARD_SIZE`] partitions of one stream, and partitions with equal intervals
//! share one entry of it: in a fleet that is synced together nearly all do, so a commit writes a
//! few kilobytes whatever the number of vehicles.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::{Window, Zone};
use provider::{Grain, Member, Reread, Shape, Stream};
use serde::{Deserialize, Serialize};
use store::CoverageRow;

use crate::intervals::Intervals;

/// The name that a stream's coverage is kept under. Days and months are those of a zone: in another
/// zone nothing has been read yet.
pub fn coverage_name<'a>(stream: &'a Stream, zone: &Zone) -> Cow<'a, str> {
    match &stream.shape {
        Shape::Window(shape) if shape.grain != Grain::Instant => {
            Cow::Owned(format!("{}@{}", stream.name, zone.name()))
        }
        _ => Cow::Borrowed(stream.name),
    }
}

/// The most partitions a row holds.
pub const SHARD_SIZE: usize = 256;

#[derive(Debug, Default)]
pub struct Coverage {
    streams: BTreeMap<String, StreamCoverage>,
}

#[derive(Debug, Default)]
struct StreamCoverage {
    partitions: HashMap<Member, (usize, Intervals)>,
    /// Members of each shard, in the order of their arrival.
    shards: Vec<Vec<Member>>,
    changed: BTreeSet<usize>,
}

/// A row's body.
#[derive(Serialize, Deserialize)]
struct Shard {
    groups: Vec<Group>,
}

#[derive(Serialize, Deserialize)]
struct Group {
    #[serde(alias = "vehicles")]
    members: Vec<Member>,
    intervals: Intervals,
}

#[derive(Debug, thiserror::Error)]
#[error("stored coverage of stream {stream}, shard {shard}: {source}")]
pub struct CoverageError {
    stream: String,
    shard: i64,
    source: serde_json::Error,
}

impl Coverage {
    pub fn load(rows: &[CoverageRow]) -> Result<Coverage, CoverageError> {
        let mut coverage = Coverage::default();
        for row in rows {
            let shard: Shard =
                serde_json::from_slice(&row.body).map_err(|source| CoverageError {
                    stream: row.stream.clone(),
                    shard: row.shard,
                    source,
                })?;
            let stream = coverage.streams.entry(row.stream.clone()).or_default();
            let index = usize::try_from(row.shard).unwrap_or_default();
            if stream.shards.len() <= index {
                stream.shards.resize(index + 1, Vec::new());
            }
            for group in shard.groups {
                for member in group.members {
                    stream.shards[index].push(member);
                    stream
                        .partitions
                        .insert(member, (index, group.intervals.clone()));
                }
            }
        }
        Ok(coverage)
    }

    /// `None` for a partition that was never read.
    pub fn intervals(&self, stream: &str, member: Member) -> Option<&Intervals> {
        self.streams
            .get(stream)?
            .partitions
            .get(&member)
            .map(|(_, intervals)| intervals)
    }

    /// Whether any part of the window was read before.
    pub fn was_read(&self, stream: &str, member: Member, window: Window) -> bool {
        let touches = |piece: &crate::intervals::Finished| {
            piece.from < window.until && window.from < piece.until
        };
        self.intervals(stream, member)
            .is_some_and(|known| known.pieces().iter().any(touches))
    }

    pub fn insert(
        &mut self,
        stream: &str,
        member: Member,
        window: Window,
        read_at: model::Timestamp,
    ) {
        let stream = self.streams.entry(stream.to_owned()).or_default();
        let shards = &mut stream.shards;
        let (shard, intervals) = stream.partitions.entry(member).or_insert_with(|| {
            if shards.last().is_none_or(|last| last.len() >= SHARD_SIZE) {
                shards.push(Vec::new());
            }
            let shard = shards.len() - 1;
            shards[shard].push(member);
            (shard, Intervals::default())
        });
        intervals.insert(window, read_at);
        stream.changed.insert(*shard);
    }

    /// Forgets that any part of the window was read.
    pub fn remove(&mut self, stream: &str, member: Member, window: Window) {
        let Some(stream) = self.streams.get_mut(stream) else {
            return;
        };
        if let Some((shard, intervals)) = stream.partitions.get_mut(&member)
            && intervals.remove(window)
        {
            stream.changed.insert(*shard);
        }
    }

    /// Forgets what was read of the stream's days or months in other zones than this: their rows
    /// are being replaced, so a return to such a zone must read them again.
    pub fn forget_other_zones(&mut self, stream: &Stream, zone: &Zone) {
        let kept = coverage_name(stream, zone);
        for (name, other) in &mut self.streams {
            let is_zoned = name
                .strip_prefix(stream.name)
                .is_some_and(|rest| rest.starts_with('@'));
            if is_zoned && *name != kept && !other.partitions.is_empty() {
                other.partitions.clear();
                other.changed.extend(0..other.shards.len());
                other.shards.iter_mut().for_each(Vec::clear);
            }
        }
    }

    /// Forgets what no re-read will ask for again; see [`Intervals::compact`].
    pub fn compact(&mut self, stream: &str, schedule: &[Reread]) {
        if let Some(stream) = self.streams.get_mut(stream) {
            for (_, intervals) in stream.partitions.values_mut() {
                intervals.compact(schedule);
            }
        }
    }

    /// The rows that changed since this was last called.
    pub fn take_changed(&mut self) -> Vec<CoverageRow> {
        let mut rows = Vec::new();
        for (name, stream) in &mut self.streams {
            for index in std::mem::take(&mut stream.changed) {
                let mut groups: Vec<Group> = Vec::new();
                let mut by_intervals: HashMap<&Intervals, usize> = HashMap::new();
                for member in &stream.shards[index] {
                    let (_, intervals) = &stream.partitions[member];
                    let group = *by_intervals.entry(intervals).or_insert_with(|| {
                        groups.push(Group {
                            members: Vec::new(),
                            intervals: intervals.clone(),
                        });
                        groups.len() - 1
                    });
                    groups[group].members.push(*member);
                }
                let body = serde_json::to_vec(&Shard { groups })
                    .expect("ids and times are always valid JSON");
                rows.push(CoverageRow {
                    stream: name.clone(),
                    shard: index as i64,
                    body,
                });
            }
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use model::{Timestamp, Ulid, VehicleId};

    use super::*;

    #[test]
    fn survives_being_stored_and_writes_only_what_changed() {
        let vehicle = |n: usize| Member::Vehicle(VehicleId(Ulid::from_bits(n as u128)));
        let t = Timestamp::from_millis;
        let window = Window {
            from: t(0),
            until: t(1_000),
        };
        let mut coverage = Coverage::default();
        for n in 0..(SHARD_SIZE + 10) {
            coverage.insert("stats", vehicle(n), window, t(2_000));
        }
        let mut rows = coverage.take_changed();
        assert_eq!(rows.len(), 2);
        assert_eq!(coverage.take_changed(), []);
        coverage.insert(
            "stats",
            vehicle(3),
            Window {
                from: t(1_000),
                until: t(1_500),
            },
            t(2_500),
        );
        let changed = coverage.take_changed();
        assert_eq!(changed.len(), 1);
        rows[0] = changed[0].clone();

        let loaded = Coverage::load(&rows).expect("what was written can be read");
        for n in 0..(SHARD_SIZE + 10) {
            assert_eq!(
                loaded.intervals("stats", vehicle(n)),
                coverage.intervals("stats", vehicle(n))
            );
        }
        assert_eq!(loaded.intervals("stats", vehicle(9_999)), None);
    }

    #[test]
    fn a_zone_that_comes_back_is_read_again() {
        static DAYS: Stream = Stream {
            name: "days",
            permission: "days",
            shape: Shape::Window(provider::WindowShape {
                partition: provider::PartitionBy::Vehicle,
                grain: Grain::Day,
                signals: &[],
                owns: &[],
                proves_absence: true,
                settle: std::time::Duration::ZERO,
                max_window: std::time::Duration::from_secs(86_400),
                max_batch: 1,
                bytes_per_partition_hour: 1,
                least_open: std::time::Duration::ZERO,
                reread: &[],
            }),
        };
        let zone = |name: &str| Zone::named(name).expect("bundled");
        let (first, second) = (zone("America/Chicago"), zone("America/Denver"));
        let truck = Member::Vehicle(VehicleId(Ulid::from_bits(1)));
        let day = Window {
            from: Timestamp::from_millis(0),
            until: Timestamp::from_millis(1_000),
        };
        let mut coverage = Coverage::default();
        let name = |zone: &Zone| coverage_name(&DAYS, zone).into_owned();
        coverage.insert(&name(&first), truck, day, day.until);
        coverage.insert("days", truck, day, day.until);
        let before = coverage.take_changed();
        coverage.forget_other_zones(&DAYS, &first);
        assert_eq!(coverage.take_changed(), [], "the zone is the same");

        coverage.forget_other_zones(&DAYS, &second);
        coverage.insert(&name(&second), truck, day, day.until);
        let changed = coverage.take_changed();
        // As the store has it afterwards.
        let same = |row: &CoverageRow| changed.iter().any(|new| new.stream == row.stream);
        let mut rows: Vec<CoverageRow> = before.into_iter().filter(|row| !same(row)).collect();
        rows.extend(changed);
        let mut stored = Coverage::load(&rows).expect("what was written can be read");
        assert_eq!(stored.intervals(&name(&first), truck), None);
        assert!(stored.intervals(&name(&second), truck).is_some());
        assert!(stored.intervals("days", truck).is_some(), "another stream");
        stored.insert(&name(&first), truck, day, day.until);
        assert!(stored.was_read(&name(&first), truck, day));
    }
}
