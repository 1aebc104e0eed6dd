//! Hours of service: what each active driver's logging device recorded.
//!
//! The log follows the truck: driving exactly while it drives on roads. It keeps the limits for
//! property-carrying drivers (49 CFR 395.3) not by being checked and mended but by how days are
//! planned: work lies between fixed hours (see [`super::itinerary`]) on five days of seven (see
//! [`super::crew`]). The tests hold it to the law.

use std::sync::Arc;

use model::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use model::{Timestamp, Window};
use world::Rng;

use super::World;
use super::cities::CITIES;
use super::crew::Seat;
use super::itinerary::{Activity, Itinerary, Purpose, Segment, night_city};
use super::moment::Position;

/// After work a driver sleeps in the truck, when away from home, from so much later.
const TO_BED_AFTER_MS: i64 = 90 * MINUTE_MS;
/// Who slept in the truck and does not work today gets up then, UTC.
const UP_AT_MS: i64 = 13 * HOUR_MS;
/// Nobody who has a truck rests for longer.
const LONGEST_REST_DAYS: i64 = 60;

/// What the driver wrote down, if anything; it may be empty.
pub type Remark = Option<&'static str>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DutyStatus {
    OffDuty,
    SleeperBed,
    Driving,
    OnDuty,
    YardMove,
    PersonalConveyance,
}

/// A driver in one status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DutySpan {
    pub from: Timestamp,
    /// [`Timestamp::MAX`] when nothing ever follows. Later than now: the span is under way, and
    /// nobody knows its end yet.
    pub until: Timestamp,
    pub status: DutyStatus,
    pub vehicle: Option<usize>,
    /// Where it began.
    pub position: Position,
    /// The other driver of a team.
    pub codriver: Option<usize>,
    pub remark: Remark,
}

/// The beginning of a span.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change {
    at: Timestamp,
    status: DutyStatus,
    vehicle: Option<usize>,
    position: Position,
    codriver: Option<usize>,
    remark: Remark,
}

impl DutyStatus {
    pub const ALL: [DutyStatus; 6] = [
        DutyStatus::OffDuty,
        DutyStatus::SleeperBed,
        DutyStatus::Driving,
        DutyStatus::OnDuty,
        DutyStatus::YardMove,
        DutyStatus::PersonalConveyance,
    ];

    /// Whether the time is rest in the eyes of the law.
    pub fn is_rest(self) -> bool {
        matches!(
            self,
            DutyStatus::OffDuty | DutyStatus::SleeperBed | DutyStatus::PersonalConveyance
        )
    }
}

impl World {
    /// The spans of a driver's log that overlap `window`, by time and whole (not cut to it). They
    /// tile the time from the beginning of history without gap or overlap. A driver who is not
    /// active has none.
    pub fn duty_log(&self, driver: usize, window: Window) -> Vec<DutySpan> {
        let Some(window) = self.within_history(window) else {
            return Vec::new();
        };
        if !self.drivers()[driver].is_active {
            return Vec::new();
        }
        let changes = self.changes_around(driver, window);
        let ends = changes
            .iter()
            .skip(1)
            .map(|change| change.at)
            .chain([Timestamp::MAX]);
        changes
            .iter()
            .zip(ends)
            .map(|(change, until)| DutySpan {
                from: change.at,
                until,
                status: change.status,
                vehicle: change.vehicle,
                position: change.position,
                codriver: change.codriver,
                remark: change.remark,
            })
            .filter(|span| span.from < window.until && window.from < span.until)
            .collect()
    }

    /// All changes in `window`, the last one at or before its start, and the first one after it.
    fn changes_around(&self, driver: usize, window: Window) -> Vec<Change> {
        let first_day = self.config().begins_at.utc_day();
        let mut day = window.from.utc_day();
        // The changes of a day begin up to an evening later, and some days have none.
        while day > first_day {
            let changes = self.changes_on(driver, day);
            if changes
                .first()
                .is_some_and(|change| change.at <= window.from)
            {
                break;
            }
            day -= 1;
        }
        let mut changes = Vec::new();
        if day <= first_day {
            changes.push(self.at_the_beginning(driver));
        }
        let last_day = match self.config().ends_at {
            Some(ends_at) => ends_at.utc_day(),
            None if !self.fleet.crews.has_a_seat(driver) => day,
            None => window.until.utc_day().saturating_add(LONGEST_REST_DAYS),
        };
        while day <= last_day {
            for change in self.changes_on(driver, day).iter() {
                if change.at > self.config().begins_at {
                    changes.push(*change);
                } else {
                    // It was the status when history began.
                    changes.truncate(0);
                    changes.push(Change {
                        at: self.config().begins_at,
                        ..*change
                    });
                }
            }
            if changes
                .last()
                .is_some_and(|change| change.at >= window.until)
            {
                break;
            }
            day += 1;
        }
        changes
    }

    fn at_the_beginning(&self, driver: usize) -> Change {
        let day = self.config().begins_at.utc_day();
        let seat = self.fleet.crews.seat_on(driver, day);
        let city = match seat {
            Some(seat) => night_city(&self.vehicles()[seat.vehicle], day),
            None => driver % CITIES.len(),
        };
        Change {
            at: self.config().begins_at,
            status: DutyStatus::OffDuty,
            vehicle: None,
            position: Position::of(CITIES[city].place()),
            codriver: None,
            remark: None,
        }
    }

    /// The changes of the work that begins on a UTC day, by time, and of the rest after it.
    fn changes_on(&self, driver: usize, day: i64) -> Arc<Vec<Change>> {
        self.duty.get(driver, day, || {
            let mut changes = match self.work_on(driver, day) {
                Some((seat, itinerary)) => self.working_day(day, seat, &itinerary),
                None => self.getting_up(driver, day).into_iter().collect(),
            };
            if let Some(ends_at) = self.config().ends_at {
                changes.retain(|change| change.at < ends_at);
            }
            changes
        })
    }

    fn work_on(&self, driver: usize, day: i64) -> Option<(Seat, Arc<Itinerary>)> {
        let seat = self.fleet.crews.seat_on(driver, day)?;
        let itinerary = self.itinerary(seat.vehicle, day);
        // A day of rest is one segment.
        (itinerary.segments.len() > 1).then_some((seat, itinerary))
    }

    /// On a day without work, of a driver who went to bed in the truck the evening before.
    fn getting_up(&self, driver: usize, day: i64) -> Option<Change> {
        if day <= self.config().begins_at.utc_day() {
            return None;
        }
        let (seat, _) = self.work_on(driver, day - 1)?;
        let position = self.bed_on(seat.vehicle, day - 1)?;
        Some(Change {
            at: Timestamp::from_millis(day * DAY_MS + UP_AT_MS),
            status: DutyStatus::OffDuty,
            vehicle: None,
            position,
            codriver: None,
            remark: None,
        })
    }

    /// Where the truck is slept in after that day; `None` where its driver has a bed.
    fn bed_on(&self, vehicle: usize, day: i64) -> Option<Position> {
        let plan = &self.vehicles()[vehicle];
        let city = night_city(plan, day + 1);
        (plan.region.first() != Some(&city)).then(|| Position::of(CITIES[city].place()))
    }

    fn working_day(&self, day: i64, seat: Seat, itinerary: &Itinerary) -> Vec<Change> {
        let mut of_day = WorkingDay {
            day,
            seat,
            changes: Vec::new(),
        };
        let mut rng = self.vehicles()[seat.vehicle].chance(0x6475_7479, day);
        let stops = Stops::of(itinerary);
        for (index, segment) in itinerary.segments.iter().enumerate().skip(1) {
            let (status, remark) = stops.status(index, segment, &mut rng);
            if seat.is_at_the_wheel {
                of_day.change(segment.from_ms, status, segment, remark);
            } else if index <= stops.first_drive {
                of_day.change(segment.from_ms, DutyStatus::OnDuty, segment, remark);
            } else if index <= stops.last_work {
                of_day.change(segment.from_ms, DutyStatus::SleeperBed, segment, None);
            } else {
                of_day.change(segment.from_ms, DutyStatus::OffDuty, segment, None);
            }
        }
        if let (Some(_), Some(last)) = (self.bed_on(seat.vehicle, day), itinerary.segments.last()) {
            let to_bed_ms = last.from_ms + TO_BED_AFTER_MS;
            of_day.change(to_bed_ms, DutyStatus::SleeperBed, last, None);
        }
        of_day.changes
    }
}

/// What drivers write about a stop, if anything.
const STOP_REMARKS: [Remark; 8] = [
    Some("Fuel"),
    Some("Loading"),
    Some("Unloading"),
    Some("Détention"),
    Some("Scale / \"weigh\" station"),
    Some(""),
    None,
    None,
];

/// Places in a day's segments.
struct Stops {
    /// The first drive on a road.
    first_drive: usize,
    /// The idling after the last drive on a road.
    last_work: usize,
}

impl Stops {
    fn of(itinerary: &Itinerary) -> Stops {
        let on_road = |segment: &Segment| {
            matches!(
                segment.activity,
                Activity::Drive {
                    purpose: Purpose::Road,
                    ..
                }
            )
        };
        let segments = &itinerary.segments;
        Stops {
            first_drive: segments.iter().position(on_road).unwrap_or(0),
            last_work: segments.iter().rposition(on_road).unwrap_or(0) + 1,
        }
    }

    fn status(&self, index: usize, segment: &Segment, rng: &mut Rng) -> (DutyStatus, Remark) {
        let is_after_work = index > self.last_work;
        match segment.activity {
            Activity::Drive { purpose, .. } => match purpose {
                Purpose::Road => (DutyStatus::Driving, None),
                Purpose::Yard => (DutyStatus::YardMove, Some("Hooking up")),
                Purpose::Personal => (DutyStatus::PersonalConveyance, Some("Dinner")),
            },
            Activity::Idle if is_after_work => (DutyStatus::PersonalConveyance, Some("Dinner")),
            Activity::Idle if index < self.first_drive => {
                (DutyStatus::OnDuty, Some("Pre-trip inspection"))
            }
            Activity::Idle if index == self.last_work => {
                (DutyStatus::OnDuty, Some("Post-trip inspection"))
            }
            Activity::Idle => (DutyStatus::OnDuty, *rng.pick(&STOP_REMARKS)),
            Activity::Off => (DutyStatus::OffDuty, None),
        }
    }
}

struct WorkingDay {
    day: i64,
    seat: Seat,
    changes: Vec<Change>,
}

impl WorkingDay {
    /// A status that goes on is no change.
    fn change(&mut self, in_day_ms: i64, status: DutyStatus, segment: &Segment, remark: Remark) {
        if self
            .changes
            .last()
            .is_some_and(|last| last.status == status)
        {
            return;
        }
        let is_with_truck = status != DutyStatus::OffDuty;
        self.changes.push(Change {
            at: Timestamp::from_millis(self.day * DAY_MS + in_day_ms),
            status,
            vehicle: is_with_truck.then_some(self.seat.vehicle),
            position: Position::of(segment.place),
            codriver: self.seat.other.filter(|_| is_with_truck),
            remark,
        });
    }
}

#[cfg(test)]
#[path = "duty_tests.rs"]
mod tests;
