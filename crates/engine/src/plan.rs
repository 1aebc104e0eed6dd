//! What to read next. Pure: a table in, a list out.
//!
//! Newest windows come first, so that history never starves freshness; a batch is a set of vehicles
//! that lack the same window, sized to about eight megabytes an answer.

use std::collections::BTreeMap;
use std::time::Duration;

use model::{Timestamp, VehicleId, Window};
use provider::{Partition, Shape, Stream, WindowShape};

use crate::coverage::Coverage;
use crate::sizes::Sizes;

/// Aimed at for one answer, decompressed.
const ANSWER_BYTES: u64 = 8 << 20;

#[derive(Clone, Copy, Debug)]
pub struct PlanInput<'a> {
    pub now: Timestamp,
    /// The earliest start that any sync of the connection was asked for.
    pub history_from: Option<Timestamp>,
    /// A client named a start: what was finished since it, but before the sync was asked for, is
    /// read again.
    pub explicit: Option<ExplicitStart>,
    pub vehicles: &'a [Partition],
    pub coverage: &'a Coverage,
    pub sizes: &'a Sizes,
}

#[derive(Clone, Copy, Debug)]
pub struct ExplicitStart {
    pub from: Timestamp,
    pub requested_at: Timestamp,
}

/// One window of one stream for some vehicles.
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

    /// Two halves, by time; by partitions once the window is a minute or less. `None` when it is
    /// one vehicle's minute.
    pub fn halve(&self) -> Option<(WindowTask, WindowTask)> {
        if self.window.length_ms() > model::time::MINUTE_MS {
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
    // Up to the present, though the newest part counts as finished only once it has settled.
    let Some(wanted) = input
        .history_from
        .and_then(|from| Window::new(from, input.now))
    else {
        return Vec::new();
    };
    let mut by_window: BTreeMap<Window, Vec<Partition>> = BTreeMap::new();
    for vehicle in input.vehicles {
        for open in open_windows(stream.name, shape, vehicle.vehicle, wanted, input) {
            for slice in slices(open, shape.max_window) {
                by_window.entry(slice).or_default().push(vehicle.clone());
            }
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

/// Gaps, what an explicit start asks for again, and re-reads that are due; disjoint.
fn open_windows(
    stream: &str,
    shape: &WindowShape,
    vehicle: VehicleId,
    wanted: Window,
    input: &PlanInput<'_>,
) -> Vec<Window> {
    let Some(intervals) = input.coverage.intervals(stream, vehicle) else {
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
        open.extend(intervals.gaps(rest, None));
        let due = intervals.due(shape.reread, input.now);
        open.extend(due.iter().filter_map(|due| due.intersect(&rest)));
    }
    open
}

/// Cut at multiples of `longest`, so that vehicles which lack overlapping windows share slices.
fn slices(window: Window, longest: Duration) -> Vec<Window> {
    let step_ms = longest.as_millis() as i64;
    let mut slices = Vec::new();
    let mut from = window.from;
    while from < window.until {
        let until = Timestamp::from_millis(from.floor_to(step_ms).millis() + step_ms);
        let slice = Window {
            from,
            until: until.min(window.until),
        };
        from = slice.until;
        slices.push(slice);
    }
    slices
}

fn batch_size(shape: &WindowShape, window: Window, bytes_per_partition_hour: u32) -> usize {
    let hours = window.length_ms().max(1) as u64;
    let bytes_each = u64::from(bytes_per_partition_hour) * hours / model::time::HOUR_MS as u64;
    let fitting = ANSWER_BYTES / bytes_each.max(1);
    usize::try_from(fitting)
        .unwrap_or(usize::MAX)
        .clamp(1, shape.max_batch)
}

#[cfg(test)]
mod tests {
    use model::Ulid;
    use model::time::{DAY_MS, HOUR_MS, MINUTE_MS};
    use provider::{PartitionBy, Reread};

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
                signals: &[],
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

    fn vehicles(count: u128) -> Vec<Partition> {
        (0..count)
            .map(|n| Partition {
                vehicle: VehicleId(Ulid::from_bits(n)),
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
            coverage,
            sizes: &NO_SIZES,
        }
    }

    fn read(coverage: &mut Coverage, tasks: &[WindowTask], now: i64) {
        for task in tasks {
            for partition in &task.partitions {
                coverage.insert(task.stream, partition.vehicle, task.window, t(now));
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
            match task.halve() {
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
