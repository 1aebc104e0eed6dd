//! What goes wrong, decided by a seed.
//!
//! Faults of rows depend on the vehicle, the signal and the row's own time, those of events on
//! their kind, whose they are and when they began, and faults of records on the record, so the
//! truth can be computed without having watched the server. What a fault does to an event is said
//! in [`crate::shown`]. Faults of requests depend on how many requests came before; they live in
//! the server.

use std::fmt;
use std::ops::Range;
use std::time::Duration;

use model::Timestamp;
use model::time::{HOUR_MS, MINUTE_MS};
use world::Rng;

use crate::fleet::{Fix, Signal};

/// What `forbid` refuses unless told otherwise.
pub const DEFAULT_FORBIDDEN: &str = "batteryMilliVolts";
/// A row's fate is settled after at most this long.
pub const LONGEST_DELAY: Duration = Duration::from_secs(40 * 3_600);

const LATEST_ARRIVAL_MS: u64 = 20 * HOUR_MS as u64;
const LATEST_CHANGE_MS: u64 = 39 * HOUR_MS as u64;
/// By vehicle, in turn.
const REPORT_LAG_HOURS: [u64; 3] = [0, 3, 20];
/// Which of a thousand rows suffer what; no row suffers two things.
const LATE: Range<u64> = 0..30;
const EDITED: Range<u64> = 900..912;
const WITHDRAWN: Range<u64> = 950..958;

/// The same for events, of which there are far fewer.
const EVENT_LATE: Range<u64> = 0..60;
const EVENT_EDITED: Range<u64> = 800..900;
const EVENT_WITHDRAWN: Range<u64> = 900..950;

/// Which faults are on. The text form is a comma list of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FaultPlan {
    pub seed: u64,
    /// 429 with a fractional `Retry-After`.
    pub throttle: bool,
    /// 5xx in plain text.
    pub errors: bool,
    /// Answers that take up to 200 ms.
    pub slow: bool,
    /// Bodies shorter than announced.
    pub truncate: bool,
    /// Rows given twice, within a page and on the next.
    pub repeat: bool,
    /// Rows that appear up to 20 h after their time, and reports that are as late.
    pub late: bool,
    /// Rows and records that change afterwards.
    pub edit: bool,
    /// Rows and records that vanish afterwards.
    pub withdraw: bool,
    /// A cursor refused once.
    pub expire_cursor: bool,
    /// Pages without rows in the middle of a walk.
    pub empty_pages: bool,
    /// 403 for requests whose path contains this text or whose `types` name it.
    pub forbid: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{name}` is not a fault; there are: none, all, {}, forbid=TEXT",
    names()
)]
pub struct FaultPlanError {
    pub name: String,
}

fn names() -> String {
    FaultPlan::NAMES.join(", ")
}

/// What has become of a row by some instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowFate {
    AsProduced,
    /// Given with another value than at first.
    Edited,
    /// Not arrived yet, or withdrawn.
    Hidden,
}

/// What will become of a row, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowFault {
    None,
    Late { at: Timestamp },
    Edited { at: Timestamp },
    Withdrawn { at: Timestamp },
}

impl FaultPlan {
    pub const NAMES: [&'static str; 11] = [
        "throttle",
        "errors",
        "slow",
        "truncate",
        "repeat",
        "late",
        "edit",
        "withdraw",
        "expire-cursor",
        "empty-pages",
        "forbid",
    ];

    pub fn none() -> FaultPlan {
        FaultPlan::default()
    }

    pub fn all(seed: u64) -> FaultPlan {
        let mut plan = FaultPlan {
            seed,
            ..FaultPlan::default()
        };
        for name in FaultPlan::NAMES {
            plan.switch_on(name).expect("the list names only faults");
        }
        plan
    }

    /// Reads `none`, `all`, or names of faults with commas between (`late,edit,forbid=/tags`).
    pub fn parse(text: &str, seed: u64) -> Result<FaultPlan, FaultPlanError> {
        let mut plan = FaultPlan {
            seed,
            ..FaultPlan::default()
        };
        for name in text.split(',').map(str::trim) {
            match name {
                "" | "none" => {}
                "all" => plan = FaultPlan::all(seed),
                name => plan.switch_on(name)?,
            }
        }
        Ok(plan)
    }

    fn switch_on(&mut self, name: &str) -> Result<(), FaultPlanError> {
        match name {
            "throttle" => self.throttle = true,
            "errors" => self.errors = true,
            "slow" => self.slow = true,
            "truncate" => self.truncate = true,
            "repeat" => self.repeat = true,
            "late" => self.late = true,
            "edit" => self.edit = true,
            "withdraw" => self.withdraw = true,
            "expire-cursor" => self.expire_cursor = true,
            "empty-pages" => self.empty_pages = true,
            "forbid" => self.forbid = Some(DEFAULT_FORBIDDEN.to_owned()),
            _ => match name.strip_prefix("forbid=") {
                Some(text) if !text.is_empty() => self.forbid = Some(text.to_owned()),
                _ => {
                    return Err(FaultPlanError {
                        name: name.to_owned(),
                    });
                }
            },
        }
        Ok(())
    }

    pub(crate) fn chance(&self, purpose: u64, number: u64) -> Rng {
        Rng::new(self.seed).fork(purpose).fork(1 + number)
    }

    pub(crate) fn touches_rows(&self) -> bool {
        self.late || self.edit || self.withdraw
    }

    pub fn row_fault(&self, vehicle: usize, signal: Signal, time: Timestamp) -> RowFault {
        if !self.touches_rows() {
            return RowFault::None;
        }
        let mut rng = self
            .chance(0x524f_5753, vehicle as u64)
            .fork(signal.number())
            .fork(time.millis().cast_unsigned());
        let roll = rng.below(1_000);
        let mut after = |most_ms: u64| {
            let delay_ms = MINUTE_MS + rng.below(most_ms - MINUTE_MS as u64) as i64;
            Timestamp::from_millis(time.millis() + delay_ms)
        };
        if LATE.contains(&roll) && self.late {
            RowFault::Late {
                at: after(LATEST_ARRIVAL_MS),
            }
        } else if EDITED.contains(&roll) && self.edit {
            RowFault::Edited {
                at: after(LATEST_CHANGE_MS),
            }
        } else if WITHDRAWN.contains(&roll) && self.withdraw {
            RowFault::Withdrawn {
                at: after(LATEST_CHANGE_MS),
            }
        } else {
            RowFault::None
        }
    }

    /// How the row stands at `now`. A row whose time lies ahead is hidden.
    pub fn row_fate(
        &self,
        vehicle: usize,
        signal: Signal,
        time: Timestamp,
        now: Timestamp,
    ) -> RowFate {
        if time > now {
            return RowFate::Hidden;
        }
        match self.row_fault(vehicle, signal, time) {
            RowFault::Late { at } if now < at => RowFate::Hidden,
            RowFault::Withdrawn { at } if now >= at => RowFate::Hidden,
            RowFault::Edited { at } if now >= at => RowFate::Edited,
            _ => RowFate::AsProduced,
        }
    }

    /// What becomes of an event: of `owner` (a vehicle or driver), begun at `time`. Not every kind
    /// suffers everything; [`crate::shown`] knows what each fault does to each.
    pub fn event_fault(&self, kind: EventKind, owner: usize, time: Timestamp) -> RowFault {
        if !self.touches_rows() {
            return RowFault::None;
        }
        let mut rng = self.event_chance(kind, owner, time);
        let roll = rng.below(1_000);
        let mut after = |most_ms: u64| {
            let delay_ms = MINUTE_MS + rng.below(most_ms - MINUTE_MS as u64) as i64;
            Timestamp::from_millis(time.millis() + delay_ms)
        };
        if EVENT_LATE.contains(&roll) && self.late {
            RowFault::Late {
                at: after(LATEST_ARRIVAL_MS),
            }
        } else if EVENT_EDITED.contains(&roll) && self.edit {
            RowFault::Edited {
                at: after(LATEST_CHANGE_MS),
            }
        } else if EVENT_WITHDRAWN.contains(&roll) && self.withdraw {
            RowFault::Withdrawn {
                at: after(LATEST_CHANGE_MS),
            }
        } else {
            RowFault::None
        }
    }

    /// Of two ways in which a fault can hit an event, whether it is the first.
    pub(crate) fn event_coin(&self, kind: EventKind, owner: usize, time: Timestamp) -> bool {
        self.event_chance(kind, owner, time).fork(1).chance(0.5)
    }

    fn event_chance(&self, kind: EventKind, owner: usize, time: Timestamp) -> Rng {
        self.chance(0x4556_4e54 + kind as u64, owner as u64)
            .fork(time.millis().cast_unsigned())
    }

    /// How far behind the present the reports of distance, fuel and fuel tax are: their latest
    /// figures still grow.
    pub(crate) fn report_lag(&self, vehicle: usize) -> Duration {
        let hours = if self.late { REPORT_LAG_HOURS } else { [0; 3] };
        Duration::from_secs(hours[vehicle % hours.len()] * 3_600)
    }

    /// Whether an answer gives the row twice in a row.
    pub(crate) fn is_repeated(&self, vehicle: usize, signal: Signal, time: Timestamp) -> bool {
        self.repeat
            && self
                .chance(0x5245_5045, vehicle as u64)
                .fork(signal.number())
                .fork(time.millis().cast_unsigned())
                .below(60)
                == 0
    }

    /// When a record changes its name: one in seven does, within the first two days of history.
    pub fn record_edited_at(
        &self,
        kind: RecordKind,
        index: usize,
        begins_at: Timestamp,
    ) -> Option<Timestamp> {
        let mut rng = self.chance(0x4544_4954 + kind as u64, index as u64);
        let after_ms = rng.below(48 * HOUR_MS as u64) as i64;
        (self.edit && index % 7 == 2).then(|| Timestamp::from_millis(begins_at.millis() + after_ms))
    }

    /// When a record comes into the list that was not in it when history began: some trailers and
    /// gateways that nobody has mounted.
    pub fn record_appears_at(
        &self,
        kind: RecordKind,
        index: usize,
        begins_at: Timestamp,
    ) -> Option<Timestamp> {
        let mut rng = self.chance(0x4150_5045 + kind as u64, index as u64);
        let after_ms = rng.below(48 * HOUR_MS as u64) as i64;
        let is_chosen = match kind {
            RecordKind::Vehicle | RecordKind::Driver => false,
            RecordKind::Trailer => index % 5 == 1,
            RecordKind::SpareGateway => index % 2 == 1,
        };
        (self.late && is_chosen).then(|| Timestamp::from_millis(begins_at.millis() + after_ms))
    }

    /// When a record leaves the list: of vehicles only such as never reported anything (whether a
    /// removed vehicle keeps its history is not known of any provider), of drivers one in nine.
    pub fn record_withdrawn_at(
        &self,
        kind: RecordKind,
        index: usize,
        begins_at: Timestamp,
    ) -> Option<Timestamp> {
        let mut rng = self.chance(0x5749_5448 + kind as u64, index as u64);
        let after_ms = rng.below(48 * HOUR_MS as u64) as i64;
        let is_chosen = match kind {
            // The first such one is the twin of another's VIN and stays.
            RecordKind::Vehicle => index > 5 && index % 8 == 5,
            RecordKind::Driver => index % 9 == 4,
            RecordKind::Trailer => index % 5 == 3,
            RecordKind::SpareGateway => index.is_multiple_of(4),
        };
        (self.withdraw && is_chosen).then(|| Timestamp::from_millis(begins_at.millis() + after_ms))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordKind {
    Vehicle = 1,
    Driver = 2,
    Trailer = 3,
    /// A gateway that is mounted in nothing.
    SpareGateway = 4,
}

/// A kind of thing that happens and is not a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    Trip = 1,
    DutyChange = 2,
    Safety = 3,
    Assignment = 4,
    FaultReading = 5,
}

/// The fix as it stands after its edit: moved by some ten metres, a little faster.
pub fn edited_fix(fix: &Fix) -> Fix {
    Fix {
        latitude_e7: fix.latitude_e7 + 1_234,
        speed_centi_mph: fix.speed_centi_mph + 17,
        ..*fix
    }
}

/// The reading as it stands after its edit, another value that is as plausible.
pub fn edited_value(signal: Signal, value: i64) -> i64 {
    match signal {
        Signal::EngineState => (value + 1) % 3,
        Signal::FuelPercent if value >= 100 => value - 1,
        Signal::FuelPercent | Signal::OilPressureKpa => value + 1,
        // Tens, so that no value comes to lie halfway between two roundings.
        _ => value + 20,
    }
}

impl fmt::Display for FaultPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let forbid = self.forbid.as_ref().map(|text| format!("forbid={text}"));
        let on = [
            self.throttle,
            self.errors,
            self.slow,
            self.truncate,
            self.repeat,
            self.late,
            self.edit,
            self.withdraw,
            self.expire_cursor,
            self.empty_pages,
        ];
        let mut names: Vec<&str> = FaultPlan::NAMES
            .iter()
            .zip(on)
            .filter_map(|(name, is_on)| is_on.then_some(*name))
            .collect();
        names.extend(forbid.as_deref());
        if names.is_empty() {
            names.push("none");
        }
        f.write_str(&names.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_read_what_they_write() {
        for text in ["none", "late,edit", "slow,forbid=/tags"] {
            let plan = FaultPlan::parse(text, 3).unwrap();
            assert_eq!(plan.to_string(), text);
        }
        assert_eq!(FaultPlan::parse("all", 3).unwrap(), FaultPlan::all(3));
        assert_eq!(FaultPlan::parse("late,flood", 3).unwrap_err().name, "flood");
    }

    #[test]
    fn fates_settle_in_time_and_every_fault_occurs() {
        let plan = FaultPlan::all(9);
        let mut seen = [0; 4];
        for second in 0..5_000 {
            let time = Timestamp::from_millis(1_750_000_000_000 + second * 1_000);
            let settled = time.saturating_add(LONGEST_DELAY);
            let fate = plan.row_fate(4, Signal::Position, time, settled);
            let at = match plan.row_fault(4, Signal::Position, time) {
                RowFault::None => {
                    seen[0] += 1;
                    continue;
                }
                RowFault::Late { at } => {
                    seen[1] += 1;
                    assert_eq!(fate, RowFate::AsProduced);
                    at
                }
                RowFault::Edited { at } => {
                    seen[2] += 1;
                    assert_eq!(fate, RowFate::Edited);
                    at
                }
                RowFault::Withdrawn { at } => {
                    seen[3] += 1;
                    assert_eq!(fate, RowFate::Hidden);
                    at
                }
            };
            assert!(time < at && at < settled);
        }
        assert!(seen.iter().all(|count| *count > 10), "{seen:?}");
    }
}
