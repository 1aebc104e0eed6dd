//! What to read next. Pure: a table in, a list out.
//!
//! Newest windows come first, so that history never starves freshness; a batch is a set of vehicles
//! or drivers that lack the same window, sized to about eight megabytes an answer.

use std::collections::BTreeMap;
use std::time::Duration;

use model::time::HOUR_MS;
use model::{Timestamp, Window, Zone};
use provider::{Grain, Member, Partition, PartitionBy, Shape, Stream, WindowShape};

use crate::coverage::{Coverage, coverage_name};
use crate::sizes::Sizes;
use crate::slices::slices;

/// Aimed at for one answer, decompressed.
const ANSWER_BYTES: u64 = 8 << 20;
/// A stream whose feed brought the present is itself read once an hour is over for so long: what
/// arrived by then need not be asked for again.
const FED_LAG_MS: i64 = HOUR_MS;

#[derive(Clone, Copy, Debug)]
pub struct PlanInput<'a> {
    pub now: Timestamp,
    pub zone: &'a Zone,
    /// The earliest start that any sync of the connection was asked for.
    pub history_from: Option<Timestamp>,
    /// A client named a start: what was finished since it, but before the sync was asked for, is
    /// read again.
    pub explicit: Option<ExplicitStart>,
    /// Whom the connection's filters leave to be read.
    pub vehicles: &'a [Partition],
    pub drivers: &'a [Partition],
    /// Streams whose feeds or watches were read up to now in this round.
    pub fed: &'a BTreeMap<&'static str, Fed>,
    pub coverage: &'a Coverage,
    pub sizes: &'a Sizes,
}

/// What brought a window stream up to its present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fed {
    /// A feed gave its rows.
    Rows,
    /// A feed that is complete, or a watch, vouches for it up to here, but for what was named.
    Whole(Timestamp),
}

#[derive(Clone, Copy, Debug)]
pub struct ExplicitStart {
    pub from: Timestamp,
    pub requested_at: Timestamp,
}

/// One window of one stream for some vehicles or drivers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowTask {
    pub stream: &'static str,
    pub window: Window,
    pub partitions: Vec<Partition>,
}

impl WindowTask {
    /// Window time times partitions: what progress is counted in.
    pub fn weight_ms(&self) -> i64 {
        self.window
            .length_ms()
            .saturating_mul(self.partitions.len() as i64)
    }

    /// Two halves, by time; by partitions once the window is a minute or less, or where time cannot
    /// be cut (`grain`). `None` when it is one partition's smallest window.
    pub fn halve(&self, grain: Grain) -> Option<(WindowTask, WindowTask)> {
        if grain == Grain::Instant && self.window.length_ms() > model::time::MINUTE_MS {
            let (early, late) = self.window.halve()?;
            let part = |window| WindowTask {
                window,
                ..self.clone()
            };
            return Some((part(late), part(early)));
        }
        let middle = self.partitions.len() / 2;
        if middle == 0 {
            return None;
        }
        let part = |partitions: &[Partition]| WindowTask {
            partitions: partitions.to_vec(),
            ..self.clone()
        };
        Some((
            part(&self.partitions[..middle]),
            part(&self.partitions[middle..]),
        ))
    }
}

/// Everything that is open or due, newest first.
pub fn plan(streams: &'static [Stream], input: &PlanInput<'_>) -> Vec<WindowTask> {
    let mut tasks = Vec::new();
    for stream in streams {
        if let Shape::Window(shape) = &stream.shape {
            tasks.extend(plan_stream(stream, shape, input));
        }
    }
    // Stable: streams keep the descriptor's order within one window.
    tasks.sort_by_key(|task| std::cmp::Reverse((task.window.until, task.window.from)));
    tasks
}

fn plan_stream(
    stream: &'static Stream,
    shape: &WindowShape,
    input: &PlanInput<'_>,
) -> Vec<WindowTask> {
    let Some(wanted) = wanted(stream, input) else {
        return Vec::new();
    };
    let partitions = match shape.partition {
        PartitionBy::Vehicle => input.vehicles,
        PartitionBy::Driver => input.drivers,
    };
    let kept_as = coverage_name(stream, input.zone);
    let least_open = match fed(stream, input) {
        // What a watch named is news, however short.
        Some(Fed::Whole(_)) => Duration::ZERO,
        Some(Fed::Rows) | None => shape.least_open,
    };
    let mut by_window: BTreeMap<Window, Vec<Partition>> = BTreeMap::new();
    for partition in partitions {
        let member = partition.member;
        let open = open_windows(&kept_as, shape, least_open, member, wanted, input);
        for slice in slices(open, shape, input.zone) {
            by_window.entry(slice).or_default().push(partition.clone());
        }
    }
    let bytes_per_partition_hour = input
        .sizes
        .bytes_per_partition_hour(stream.name, shape.bytes_per_partition_hour);
    by_window
        .into_iter()
        .flat_map(|(window, partitions)| {
            partitions
                .chunks(batch_size(shape, window, bytes_per_partition_hour))
                .map(|batch| WindowTask {
                    stream: stream.name,
                    window,
                    partitions: batch.to_vec(),
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Up to the present, though the newest part counts as finished only once it has settled; where a
/// feed brought the present, up to what has been over for long enough; where somebody vouches for
/// it, up to that.
fn wanted(stream: &Stream, input: &PlanInput<'_>) -> Option<Window> {
    let until = match fed(stream, input) {
        Some(Fed::Rows) => {
            Timestamp::from_millis(input.now.millis() - FED_LAG_MS).floor_to(HOUR_MS)
        }
        Some(Fed::Whole(until)) => until,
        None => input.now,
    };
    Window::new(input.history_from?, until)
}

fn fed(stream: &Stream, input: &PlanInput<'_>) -> Option<Fed> {
    let fed = input.fed.get(stream.name).copied();
    fed.filter(|_| input.explicit.is_none())
}

/// Gaps, what an explicit start asks for again, and re-reads that are due.
fn open_windows(
    kept_as: &str,
    shape: &WindowShape,
    least_open: Duration,
    member: Member,
    wanted: Window,
    input: &PlanInput<'_>,
) -> Vec<Window> {
    let Some(intervals) = input.coverage.intervals(kept_as, member) else {
        return vec![wanted];
    };
    let mut open = Vec::new();
    let again_from = match input.explicit {
        Some(start) => {
            if let Some(again) = Window::new(start.from.max(wanted.from), wanted.until) {
                open.extend(intervals.gaps(again, Some(start.requested_at)));
            }
            start.from
        }
        None => wanted.until,
    };
    if let Some(rest) = Window::new(wanted.from, again_from.min(wanted.until)) {
        let least_ms = least_open.as_millis() as i64;
        let can_wait = |gap: &Window| {
            input.explicit.is_none() && gap.until == wanted.until && gap.length_ms() < least_ms
        };
        let gaps = intervals.gaps(rest, None);
        open.extend(gaps.into_iter().filter(|gap| !can_wait(gap)));
        let due = intervals.due(shape.reread, input.now);
        open.extend(due.iter().filter_map(|due| due.intersect(&rest)));
    }
    open
}

fn batch_size(shape: &WindowShape, window: Window, bytes_per_partition_hour: u32) -> usize {
    let hours = window.length_ms().max(1) as u64;
    let bytes_each = u64::from(bytes_per_partition_hour) * hours / HOUR_MS as u64;
    let fitting = ANSWER_BYTES / bytes_each.max(1);
    usize::try_from(fitting)
        .unwrap_or(usize::MAX)
        .clamp(1, shape.max_batch)
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use model::time::{DAY_MS, HOUR_MS, MINUTE_MS};
    use model::{Ulid, VehicleId};
    use provider::Reread;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    static STREAMS: [Stream; 2] = [
        Stream {
            name: "vehicles",
            permission: "vehicles",
            shape: Shape::Listing {
                owns: &[model::Model::Vehicle],
            },
        },
        Stream {
            name: "stats",
            permission: "stats",
            shape: Shape::Window(WindowShape {
                partition: PartitionBy::Vehicle,
                grain: Grain::Instant,
                signals: &[],
                owns: &[],
                proves_absence: true,
                least_open: Duration::ZERO,
                settle: Duration::from_secs(120),
                max_window: Duration::from_secs(24 * 3_600),
                max_batch: 50,
                bytes_per_partition_hour: 35_000,
                reread: &[Reread {
                    after: HOUR,
                    slot: HOUR,
                }],
            }),
        },
    ];

    static NO_SIZES: Sizes = Sizes::NONE;
    static NONE_FED: BTreeMap<&str, Fed> = BTreeMap::new();
    static UTC: LazyLock<Zone> = LazyLock::new(Zone::utc);

    fn vehicles(count: u128) -> Vec<Partition> {
        (0..count)
            .map(|n| Partition {
                member: Member::Vehicle(VehicleId(Ulid::from_bits(n))),
                source_id: n.to_string(),
            })
            .collect()
    }

    fn t(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn input<'a>(vehicles: &'a [Partition], coverage: &'a Coverage, now: i64) -> PlanInput<'a> {
        PlanInput {
            now: t(now),
            history_from: Some(t(0)),
            explicit: None,
            vehicles,
            drivers: &[],
            zone: &UTC,
            fed: &NONE_FED,
            coverage,
            sizes: &NO_SIZES,
        }
    }

    fn read(coverage: &mut Coverage, tasks: &[WindowTask], now: i64) {
        for task in tasks {
            for partition in &task.partitions {
                coverage.insert(task.stream, partition.member, task.window, t(now));
            }
        }
    }

    #[test]
    fn a_first_sync_reads_days_newest_first_in_batches() {
        let (vehicles, coverage) = (vehicles(25), Coverage::default());
        let now = 2 * DAY_MS + 6 * HOUR_MS;
        let tasks = plan(&STREAMS, &input(&vehicles, &coverage, now));
        let shape: Vec<_> = tasks
            .iter()
            .map(|task| (task.window.from.millis() / HOUR_MS, task.partitions.len()))
            .collect();
        // A whole day is 840 kB a vehicle, so nine fit; the six newest hours fit for all.
        assert_eq!(
            shape,
            [(48, 25), (24, 9), (24, 9), (24, 7), (0, 9), (0, 9), (0, 7)]
        );
        assert_eq!(tasks[0].window.until, t(now));
    }

    #[test]
    fn nothing_is_read_twice_without_a_reason() {
        let (vehicles, mut coverage) = (vehicles(3), Coverage::default());
        let now = 6 * HOUR_MS;
        let tasks = plan(&STREAMS, &input(&vehicles, &coverage, now));
        read(&mut coverage, &tasks, now);
        assert_eq!(plan(&STREAMS, &input(&vehicles, &coverage, now)), []);
        // A quarter of an hour later: the new quarter; the hour that is over for an hour by then
        // was over when it was read.
        let later = now + 15 * MINUTE_MS;
        let tasks = plan(&STREAMS, &input(&vehicles, &coverage, later));
        assert_eq!(tasks.len(), 1);
        assert_eq!(
            tasks[0].window,
            Window {
                from: t(now),
                until: t(later)
            }
        );
        // A new vehicle has everything before it.
        let more = self::vehicles(4);
        let tasks = plan(&STREAMS, &input(&more, &coverage, now));
        assert_eq!(tasks.len(), 1);
        assert_eq!(tasks[0].partitions, more[3..]);
    }

    #[test]
    fn where_a_watch_vouches_only_what_it_named_is_read() {
        let (vehicles, mut coverage) = (vehicles(3), Coverage::default());
        let (now, head) = (6 * HOUR_MS, 6 * HOUR_MS - MINUTE_MS);
        let all = Window {
            from: t(0),
            until: t(head),
        };
        for partition in &vehicles {
            coverage.insert("stats", partition.member, all, t(now));
        }
        let fed = BTreeMap::from([("stats", Fed::Whole(t(head)))]);
        let watched = |coverage: &Coverage| {
            plan(
                &STREAMS,
                &PlanInput {
                    fed: &fed,
                    ..input(&vehicles, coverage, now)
                },
            )
        };
        assert_eq!(watched(&coverage), [], "not even the last minute");
        let news = Window {
            from: t(5 * HOUR_MS),
            until: t(7 * HOUR_MS),
        };
        coverage.remove("stats", vehicles[1].member, news);
        let tasks = watched(&coverage);
        let [task] = &tasks[..] else {
            panic!("one task, not {tasks:?}")
        };
        assert_eq!(task.partitions, vehicles[1..2]);
        assert_eq!(task.window, all.intersect(&news).expect("they overlap"));
    }

    #[test]
    fn an_explicit_start_reads_again_but_not_what_this_sync_has_read() {
        let (vehicles, mut coverage) = (vehicles(2), Coverage::default());
        let now = 20 * HOUR_MS;
        let first = plan(&STREAMS, &input(&vehicles, &coverage, now));
        read(&mut coverage, &first, now);
        let again = PlanInput {
            explicit: Some(ExplicitStart {
                from: t(10 * HOUR_MS),
                requested_at: t(now + 1),
            }),
            ..input(&vehicles, &coverage, now + 10)
        };
        let tasks = plan(&STREAMS, &again);
        let covered: i64 = tasks.iter().map(WindowTask::weight_ms).sum();
        assert_eq!(covered, 2 * (10 * HOUR_MS + 10));
        assert!(tasks.iter().all(|task| task.window.from >= t(10 * HOUR_MS)));
        read(&mut coverage, &tasks, now + 10);
        let again = PlanInput {
            explicit: Some(ExplicitStart {
                from: t(10 * HOUR_MS),
                requested_at: t(now + 1),
            }),
            ..input(&vehicles, &coverage, now + 10)
        };
        assert_eq!(plan(&STREAMS, &again), []);
    }

    #[test]
    fn halving_ends_at_one_vehicles_minute() {
        let mut tasks = vec![WindowTask {
            stream: "stats",
            window: Window {
                from: t(0),
                until: t(DAY_MS),
            },
            partitions: vehicles(5),
        }];
        let mut smallest = 0;
        while let Some(task) = tasks.pop() {
            match task.halve(Grain::Instant) {
                Some((a, b)) => {
                    assert_eq!(a.weight_ms() + b.weight_ms(), task.weight_ms());
                    tasks.extend([a, b]);
                }
                None => smallest += 1,
            }
        }
        assert_eq!(smallest, 5 * 2_048);
    }
}
