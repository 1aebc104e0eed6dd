//! What was read of one partition of one stream: finished intervals, each with the time of its
//! reading. Pure.
//!
//! Not a high-water mark: windows are read newest first, some stay open (forbidden, failed,
//! cancelled), late data has them read again, and a backfill may begin before everything that was
//! ever read.

use model::{Timestamp, Window};
use provider::Reread;
use serde::{Deserialize, Serialize};

/// An interval that was read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Finished {
    pub from: Timestamp,
    pub until: Timestamp,
    /// When its first page was received: what came later may be missing.
    pub read_at: Timestamp,
    /// The last step of the re-read schedule is behind it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub settled: bool,
}

impl Finished {
    fn window(&self) -> Window {
        Window {
            from: self.from,
            until: self.until,
        }
    }
}

/// Sorted and disjoint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Intervals(Vec<Finished>);

impl Intervals {
    pub fn pieces(&self) -> &[Finished] {
        &self.0
    }

    /// Notes that `window` was read at `read_at`; what was known of it before is forgotten.
    pub fn insert(&mut self, window: Window, read_at: Timestamp) {
        let mut pieces = Vec::with_capacity(self.0.len() + 2);
        for piece in &self.0 {
            for rest in outside(piece.window(), window).into_iter().flatten() {
                pieces.push(Finished {
                    from: rest.from,
                    until: rest.until,
                    ..*piece
                });
            }
        }
        pieces.push(Finished {
            from: window.from,
            until: window.until,
            read_at,
            settled: false,
        });
        pieces.sort_unstable_by_key(|piece| piece.from);
        self.0 = pieces;
        self.join(|a, b| a.read_at == b.read_at && a.settled == b.settled);
    }

    /// Forgets that any part of `window` was read; whether any was.
    pub fn remove(&mut self, window: Window) -> bool {
        let touches = |piece: &Finished| piece.from < window.until && window.from < piece.until;
        if !self.0.iter().any(touches) {
            return false;
        }
        let cut = |piece: &Finished| {
            let piece = *piece;
            let rest = outside(piece.window(), window).into_iter().flatten();
            rest.map(move |rest| Finished {
                from: rest.from,
                until: rest.until,
                ..piece
            })
        };
        self.0 = self.0.iter().flat_map(cut).collect();
        true
    }

    /// The parts of `wanted` that were not read, or not since `read_since`.
    pub fn gaps(&self, wanted: Window, read_since: Option<Timestamp>) -> Vec<Window> {
        let mut gaps = Vec::new();
        let mut from = wanted.from;
        for piece in &self.0 {
            if piece.until <= from || read_since.is_some_and(|since| piece.read_at < since) {
                continue;
            }
            if piece.from >= wanted.until {
                break;
            }
            gaps.extend(Window::new(from, piece.from));
            from = from.max(piece.until);
        }
        gaps.extend(Window::new(from, wanted.until));
        gaps
    }

    /// The slots of the thinning schedule that are due to be read again, as disjoint windows.
    pub fn due(&self, schedule: &[Reread], now: Timestamp) -> Vec<Window> {
        let mut due: Vec<Window> = Vec::new();
        for piece in self.0.iter().filter(|piece| !piece.settled) {
            for step in schedule {
                due.extend(due_slots(piece, step, now));
            }
        }
        due.sort_unstable();
        let mut merged: Vec<Window> = Vec::new();
        for window in due {
            match merged.last_mut() {
                Some(last) if window.from <= last.until => {
                    last.until = last.until.max(window.until)
                }
                _ => merged.push(window),
            }
        }
        merged
    }

    /// Marks what no step of the schedule will ask for again, and joins it, so that the set stays
    /// small however long a connection lives. The joined piece keeps the older time of reading.
    pub fn compact(&mut self, schedule: &[Reread]) {
        for piece in &mut self.0 {
            piece.settled |= schedule.iter().all(|step| {
                let slot_ms = step.slot.as_millis() as i64;
                let last_slot_end = Timestamp::from_millis(piece.until.millis() - 1)
                    .floor_to(slot_ms)
                    .saturating_add(step.slot);
                piece.read_at >= last_slot_end.saturating_add(step.after)
            });
        }
        self.join(|a, b| a.settled && b.settled);
    }

    fn join(&mut self, may_join: impl Fn(&Finished, &Finished) -> bool) {
        let mut joined: Vec<Finished> = Vec::with_capacity(self.0.len());
        for piece in self.0.drain(..) {
            match joined.last_mut() {
                Some(last) if last.until == piece.from && may_join(last, &piece) => {
                    last.until = piece.until;
                    last.read_at = last.read_at.min(piece.read_at);
                }
                _ => joined.push(piece),
            }
        }
        self.0 = joined;
    }
}

/// What is left of `piece` on either side of `cut`.
fn outside(piece: Window, cut: Window) -> [Option<Window>; 2] {
    [
        Window::new(piece.from, piece.until.min(cut.from)),
        Window::new(piece.from.max(cut.until), piece.until),
    ]
}

/// The parts of `piece` that lie in slots of `step` which have been over for long enough now, and
/// had not been when the piece was read.
fn due_slots(piece: &Finished, step: &Reread, now: Timestamp) -> Option<Window> {
    let slot_ms = step.slot.as_millis() as i64;
    // Slots that end after this had not been over for `step.after` when the piece was read …
    let seen_until = piece.read_at.saturating_sub(step.after).floor_to(slot_ms);
    // … and those that end by this have been by now.
    let over_until = now.saturating_sub(step.after).floor_to(slot_ms);
    Window::new(piece.from.max(seen_until), piece.until.min(over_until))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use model::time::{HOUR_MS, MINUTE_MS};

    use super::*;

    fn hour(hours: f64) -> Timestamp {
        Timestamp::from_millis((hours * HOUR_MS as f64) as i64)
    }

    fn window(from: f64, until: f64) -> Window {
        Window {
            from: hour(from),
            until: hour(until),
        }
    }

    fn schedule() -> Vec<Reread> {
        let hours = |hours: u64| Duration::from_secs(hours * 3_600);
        [(1, 1), (6, 6), (24, 24), (48, 24)]
            .map(|(after, slot)| Reread {
                after: hours(after),
                slot: hours(slot),
            })
            .to_vec()
    }

    #[test]
    fn what_is_forgotten_is_a_gap_again() {
        let window = |from, until| Window {
            from: Timestamp::from_millis(from),
            until: Timestamp::from_millis(until),
        };
        let mut intervals = Intervals::default();
        intervals.insert(window(0, 100), Timestamp::from_millis(100));
        assert!(intervals.remove(window(40, 60)));
        assert!(!intervals.remove(window(40, 60)), "nothing was left of it");
        assert!(!intervals.remove(window(100, 200)));
        assert_eq!(intervals.gaps(window(0, 100), None), [window(40, 60)]);
        intervals.compact(&[]);
        assert_eq!(intervals.gaps(window(0, 100), None), [window(40, 60)]);
    }

    #[test]
    fn gaps_are_what_was_not_read() {
        let mut intervals = Intervals::default();
        assert_eq!(intervals.gaps(window(0.0, 10.0), None), [window(0.0, 10.0)]);
        intervals.insert(window(2.0, 4.0), hour(5.0));
        intervals.insert(window(6.0, 8.0), hour(9.0));
        assert_eq!(
            intervals.gaps(window(0.0, 10.0), None),
            [window(0.0, 2.0), window(4.0, 6.0), window(8.0, 10.0)]
        );
        assert_eq!(intervals.gaps(window(3.0, 7.0), None), [window(4.0, 6.0)]);
        assert_eq!(
            intervals.gaps(window(0.0, 8.0), Some(hour(7.0))),
            [window(0.0, 6.0)]
        );
    }

    #[test]
    fn a_second_reading_replaces_the_first_where_they_meet() {
        let mut intervals = Intervals::default();
        intervals.insert(window(0.0, 4.0), hour(5.0));
        intervals.insert(window(1.0, 2.0), hour(6.0));
        let times: Vec<_> = intervals
            .pieces()
            .iter()
            .map(|p| (p.from, p.until, p.read_at))
            .collect();
        assert_eq!(
            times,
            [
                (hour(0.0), hour(1.0), hour(5.0)),
                (hour(1.0), hour(2.0), hour(6.0)),
                (hour(2.0), hour(4.0), hour(5.0))
            ]
        );
    }

    #[test]
    fn rereads_thin_out_and_stop() {
        let schedule = schedule();
        let mut intervals = Intervals::default();
        let cadence_ms = 15 * MINUTE_MS;
        let mut reread_hours = 0.0;
        let mut now = hour(0.0);
        // Four days of syncs every quarter of an hour, the data ending after the first day.
        for _ in 0..(4 * 24 * 4) {
            now = Timestamp::from_millis(now.millis() + cadence_ms);
            intervals.compact(&schedule);
            let wanted = Window {
                from: hour(0.0),
                until: now.min(hour(24.0)),
            };
            for due in intervals.due(&schedule, now) {
                reread_hours += due.length_ms() as f64 / HOUR_MS as f64;
                intervals.insert(due, now);
            }
            for gap in intervals.gaps(wanted, None) {
                intervals.insert(gap, now);
            }
            assert!(
                intervals.pieces().len() < 40,
                "{}",
                intervals.pieces().len()
            );
        }
        // Each hour was read again once for each of the four steps.
        assert_eq!(reread_hours, 4.0 * 24.0);
        intervals.compact(&schedule);
        assert_eq!(intervals.pieces().len(), 1);
        assert!(intervals.pieces()[0].settled);
        assert_eq!(intervals.due(&schedule, hour(1_000.0)), []);
    }

    #[test]
    fn a_long_absence_asks_once_for_everything_it_missed() {
        let mut intervals = Intervals::default();
        intervals.insert(window(0.0, 5.25), hour(5.5));
        assert_eq!(intervals.due(&schedule(), hour(5.75)), []);
        let due = intervals.due(&schedule(), hour(200.0));
        assert_eq!(due, [window(0.0, 5.25)]);
    }
}
