//! One vehicle's UTC day: when it stands, idles and drives, and what its counters say at any
//! moment.
//!
//! A day is drawn from the seed, the vehicle and the day alone: where a truck spends each night is
//! drawn per day, so yesterday need not be lived through to know today. Only the counters run on,
//! and those need no more than each day's totals.

use model::Timestamp;
use model::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use world::Rng;

use super::cities::CITIES;
use super::path::{Place, Road, Run, destination};
use super::plan::VehiclePlan;

/// Below this share of its tank a truck is filled up before it leaves: a day's drive needs less.
const REFILL_BELOW: f64 = 0.55;
const REFILL_TO: f64 = 0.97;
const IDLING_ML_PER_S: f64 = 0.9;
/// All work of all days lies between these times, so that between two days of it there are always
/// ten hours of rest, and never more than 14 from coming on duty to the last drive.
const EARLIEST_START_MS: i64 = 10 * HOUR_MS;
const LATEST_START_MS: i64 = 14 * HOUR_MS;
const LATEST_END_MS: i64 = 23 * HOUR_MS + 30 * MINUTE_MS;
/// A driver rests after about so many metres.
const METRES_BETWEEN_BREAKS: f64 = 210_000.0;
/// Longer than it takes to drive those.
const LONGEST_RUN_MS: i64 = 160 * MINUTE_MS;
/// After so much driving without half an hour of anything else, the law wants a break.
const MOST_DRIVING_WITHOUT_BREAK_MS: i64 = 8 * HOUR_MS;
const BREAK_MS: i64 = 30 * MINUTE_MS;
const LONGEST_REST_MS: i64 = 48 * MINUTE_MS;
/// What is done in the yard before leaving and after coming back takes less.
const YARD_WORK_MS: i64 = 50 * MINUTE_MS;
/// An errand after work is over by then, with the time before it.
const ERRAND_MS: i64 = 160 * MINUTE_MS;
/// Roads from here on are driven at the speed of highways.
const HIGHWAY_FROM_M: f64 = 70_000.0;

/// The counters at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counters {
    pub driven_m: f64,
    pub fuel_used_ml: f64,
    pub fuel_left_ml: f64,
    pub engine_ms: i64,
    /// Of `engine_ms`, since history began.
    pub idle_ms: i64,
}

#[derive(Clone, Copy, Debug)]
pub enum Activity {
    Off,
    Idle,
    Drive {
        road: usize,
        run: Run,
        purpose: Purpose,
    },
}

/// What a driver drives for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Road,
    /// Within a yard, at walking pace.
    Yard,
    /// An errand of the driver's own, after work.
    Personal,
}

/// From `from_ms` to `until_ms` of the day the truck does one thing.
#[derive(Clone, Copy, Debug)]
pub struct Segment {
    pub from_ms: i64,
    pub until_ms: i64,
    pub activity: Activity,
    /// Where it stands; while driving, where it started.
    pub place: Place,
    pub heading_degrees: f64,
    /// At `from_ms`.
    counters: Counters,
    /// The city of addresses along the way.
    pub city: usize,
}

/// What a truck is like at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    pub place: Place,
    pub heading_degrees: f64,
    pub metres_per_s: f64,
    pub counters: Counters,
}

#[derive(Clone, Debug)]
pub struct Itinerary {
    pub segments: Vec<Segment>,
    roads: Vec<Road>,
    fuel_ml_per_m: f64,
    pub at_end: Counters,
}

/// The city (a place in [`CITIES`]) where a truck stands when a UTC day begins: where its last day
/// of work ended.
pub fn night_city(plan: &VehiclePlan, day: i64) -> usize {
    let mut arrival = day;
    // A rhythm repeats after a week and has a day of work in it.
    while !plan.rhythm.is_working(arrival - 1) && day - arrival < 7 {
        arrival -= 1;
    }
    *plan.chance(0x6e69_6768, arrival).pick(&plan.region)
}

impl Itinerary {
    /// `ends_at`: a trip that would not be over by then is not begun.
    pub fn new(
        plan: &VehiclePlan,
        day: i64,
        start: Counters,
        ends_at: Option<Timestamp>,
    ) -> Itinerary {
        let (from, to) = (night_city(plan, day), night_city(plan, day + 1));
        let mut rng = plan.chance(0x7472_6970, day);
        let mut maker = Maker::new(plan, CITIES[from].place(), from, start);
        let roads = if plan.rhythm.is_working(day) {
            day_roads(&mut rng, from, to)
        } else {
            Vec::new()
        };
        if !roads.is_empty() {
            maker.plan_drive(&mut rng, &roads, to);
            let end = day * DAY_MS + maker.now_ms();
            if ends_at.is_some_and(|ends_at| end > ends_at.millis()) {
                maker = Maker::new(plan, CITIES[from].place(), from, start);
            }
        }
        maker.finish()
    }

    /// What the truck does at a time of the day, and what it is like then.
    pub fn at(&self, in_day_ms: i64) -> (&Segment, Moment) {
        let begun = self
            .segments
            .partition_point(|segment| segment.from_ms <= in_day_ms);
        let segment = &self.segments[begun.saturating_sub(1)];
        (segment, self.moment(segment, in_day_ms))
    }

    /// `in_day_ms` is held within the segment.
    pub fn moment(&self, segment: &Segment, in_day_ms: i64) -> Moment {
        let elapsed_ms = (in_day_ms - segment.from_ms).clamp(0, segment.until_ms - segment.from_ms);
        let seconds = elapsed_ms as f64 / 1_000.0;
        let mut moment = Moment {
            place: segment.place,
            heading_degrees: segment.heading_degrees,
            metres_per_s: 0.0,
            counters: segment.counters,
        };
        match segment.activity {
            Activity::Off => {}
            Activity::Idle => {
                moment.counters.burn(IDLING_ML_PER_S * seconds, elapsed_ms);
                moment.counters.idle_ms += elapsed_ms;
            }
            Activity::Drive { road, run, .. } => {
                let (metres, speed) = run.after(seconds);
                let driven = metres - run.from_m;
                (moment.place, moment.heading_degrees) = self.roads[road].at(metres);
                moment.metres_per_s = speed;
                moment.counters.driven_m += driven;
                moment
                    .counters
                    .burn(self.fuel_ml_per_m * driven, elapsed_ms);
            }
        }
        moment
    }
}

impl Counters {
    fn burn(&mut self, fuel_ml: f64, engine_ms: i64) {
        self.fuel_used_ml += fuel_ml;
        self.fuel_left_ml -= fuel_ml;
        self.engine_ms += engine_ms;
    }
}

/// The ways of a day, in order: none on a day of rest, out and back when the truck sleeps where it
/// woke, else the way to tonight's city.
fn day_roads(rng: &mut Rng, from: usize, to: usize) -> Vec<Road> {
    let mut waves = || 2 + rng.below(4) as u32;
    if from != to {
        let waves = waves();
        return vec![Road::between(
            CITIES[from].place(),
            CITIES[to].place(),
            waves,
        )];
    }
    if rng.chance(0.4) {
        return Vec::new();
    }
    let home = CITIES[from].place();
    let mut roads = Vec::new();
    for _ in 0..1 + rng.below(3) {
        let away = destination(home, rng.between(0.0, 360.0), rng.between(12e3, 60e3));
        let waves = 1 + rng.below(3) as u32;
        roads.push(Road::between(home, away, waves));
        roads.push(Road::between(away, home, waves));
    }
    roads
}

/// Uninterrupted drives along a road.
fn runs_of(length_m: f64) -> u32 {
    (length_m / METRES_BETWEEN_BREAKS).ceil().max(1.0) as u32
}

/// No day along these roads takes longer.
fn slowest_ms(roads: &[Road]) -> i64 {
    let runs: i64 = roads
        .iter()
        .map(|road| i64::from(runs_of(road.length_m)))
        .sum();
    let driving_s: f64 = roads
        .iter()
        .map(|road| {
            let slowest = if road.length_m > HIGHWAY_FROM_M {
                82.0
            } else {
                76.0
            };
            road.length_m / (slowest / 3.6)
        })
        .sum();
    // A run takes up to three minutes more than at cruising speed.
    (driving_s * 1_000.0) as i64 + runs * (3 * MINUTE_MS + LONGEST_REST_MS) + YARD_WORK_MS
}

/// Lays one segment after the other.
struct Maker<'a> {
    plan: &'a VehiclePlan,
    day: Itinerary,
    place: Place,
    heading_degrees: f64,
    counters: Counters,
    city: usize,
    driven_since_break_ms: i64,
}

impl<'a> Maker<'a> {
    fn new(plan: &'a VehiclePlan, place: Place, city: usize, counters: Counters) -> Maker<'a> {
        Maker {
            plan,
            day: Itinerary {
                segments: Vec::new(),
                roads: Vec::new(),
                fuel_ml_per_m: plan.fuel_ml_per_m,
                at_end: counters,
            },
            place,
            heading_degrees: 0.0,
            counters,
            city,
            driven_since_break_ms: 0,
        }
    }

    fn now_ms(&self) -> i64 {
        self.day.segments.last().map_or(0, |last| last.until_ms)
    }

    fn push(&mut self, activity: Activity, until_ms: i64) {
        let segment = Segment {
            from_ms: self.now_ms(),
            until_ms,
            activity,
            place: self.place,
            heading_degrees: self.heading_degrees,
            counters: self.counters,
            city: self.city,
        };
        let end = self.day.moment(&segment, until_ms);
        (self.place, self.heading_degrees) = (end.place, end.heading_degrees);
        self.counters = end.counters;
        self.day.segments.push(segment);
    }

    fn wait(&mut self, activity: Activity, rng: &mut Rng, minutes: (f64, f64)) {
        let ms = (rng.between(minutes.0, minutes.1) * MINUTE_MS as f64) as i64;
        self.push(activity, self.now_ms() + ms);
    }

    fn plan_drive(&mut self, rng: &mut Rng, roads: &[Road], to: usize) {
        let latest =
            (LATEST_END_MS - slowest_ms(roads)).clamp(EARLIEST_START_MS + 1, LATEST_START_MS);
        let start_ms =
            EARLIEST_START_MS + rng.below((latest - EARLIEST_START_MS).cast_unsigned()) as i64;
        self.push(Activity::Off, start_ms);
        if rng.chance(0.35) {
            self.move_in_yard(rng);
        }
        self.wait(Activity::Idle, rng, (5.0, 12.0));
        self.refill();
        for (index, road) in roads.iter().enumerate() {
            if index > 0 {
                self.rest(rng);
            }
            self.day.roads.push(*road);
            self.drive(rng, to);
        }
        self.city = to;
        self.wait(Activity::Idle, rng, (2.0, 8.0));
        if rng.chance(0.2) && self.now_ms() + ERRAND_MS < LATEST_END_MS {
            self.run_an_errand(rng);
        }
    }

    /// To a door and back.
    fn move_in_yard(&mut self, rng: &mut Rng) {
        self.wait(Activity::Idle, rng, (2.0, 4.0));
        let metres = rng.between(60.0, 250.0);
        self.there_and_back(rng, metres, 4.0, Purpose::Yard);
    }

    fn run_an_errand(&mut self, rng: &mut Rng) {
        self.wait(Activity::Off, rng, (40.0, 80.0));
        self.wait(Activity::Idle, rng, (1.0, 2.0));
        let metres = rng.between(2_000.0, 7_000.0);
        self.there_and_back(rng, metres, 12.5, Purpose::Personal);
        self.wait(Activity::Idle, rng, (1.0, 2.0));
    }

    fn there_and_back(&mut self, rng: &mut Rng, metres: f64, cruise: f64, purpose: Purpose) {
        let home = self.place;
        let away = destination(home, rng.between(0.0, 360.0), metres);
        for (index, (from, to)) in [(home, away), (away, home)].into_iter().enumerate() {
            if index == 1 && purpose == Purpose::Personal {
                self.wait(Activity::Off, rng, (20.0, 40.0));
            }
            if index == 1 {
                self.wait(Activity::Idle, rng, (1.0, 2.0));
            }
            let road = Road::between(from, to, 1);
            self.day.roads.push(road);
            self.run(Run::new(0.0, road.length_m, cruise, 0.01), purpose);
        }
    }

    fn refill(&mut self) {
        let tank_ml = self.plan.tank_ml;
        if self.counters.fuel_left_ml < REFILL_BELOW * tank_ml {
            self.counters.fuel_left_ml = REFILL_TO * tank_ml;
        }
    }

    fn rest(&mut self, rng: &mut Rng) {
        let from_ms = self.now_ms();
        let must_break =
            self.driven_since_break_ms + LONGEST_RUN_MS > MOST_DRIVING_WITHOUT_BREAK_MS;
        if must_break {
            self.wait(Activity::Idle, rng, (1.0, 3.0));
            self.wait(Activity::Off, rng, (32.0, 44.0));
        } else if rng.chance(0.5) {
            self.wait(Activity::Idle, rng, (8.0, 25.0));
        } else {
            self.wait(Activity::Idle, rng, (1.0, 3.0));
            self.wait(Activity::Off, rng, (25.0, 40.0));
        }
        if self.now_ms() - from_ms >= BREAK_MS {
            self.driven_since_break_ms = 0;
        }
    }

    /// Along the road that was added last.
    fn drive(&mut self, rng: &mut Rng, to: usize) {
        let length_m = self.day.roads.last().map_or(0.0, |road| road.length_m);
        let runs = runs_of(length_m);
        for index in 0..runs {
            if index > 0 {
                self.rest(rng);
            }
            if 2 * index >= runs {
                self.city = to;
            }
            let cruise = if length_m > HIGHWAY_FROM_M {
                rng.between(82.0, 106.0) / 3.6
            } else {
                rng.between(76.0, 88.0) / 3.6
            };
            let run = Run::new(
                length_m * f64::from(index) / f64::from(runs),
                length_m * f64::from(index + 1) / f64::from(runs),
                cruise,
                rng.between(0.01, 0.04),
            );
            self.run(run, Purpose::Road);
        }
    }

    fn run(&mut self, run: Run, purpose: Purpose) {
        let duration_ms = (run.duration_s() * 1_000.0).ceil() as i64;
        let road = self.day.roads.len().saturating_sub(1);
        if purpose == Purpose::Road {
            self.driven_since_break_ms += duration_ms;
        }
        let activity = Activity::Drive { road, run, purpose };
        self.push(activity, self.now_ms() + duration_ms);
    }

    fn finish(mut self) -> Itinerary {
        // The rest of the day is a night stop; a drive never reaches midnight.
        let until_ms = DAY_MS.max(self.now_ms());
        self.push(Activity::Off, until_ms);
        self.day.at_end = self.counters;
        self.day
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::FleetPlan;
    use super::*;

    #[test]
    fn days_are_full_and_drives_end_before_midnight() {
        let fleet = FleetPlan::new(7, 40, 1, Timestamp::from_millis(0));
        for plan in &fleet.vehicles {
            let mut counters = plan.at_start;
            for day in 20_000..20_030 {
                let itinerary = Itinerary::new(plan, day, counters, None);
                let mut at_ms = 0;
                for segment in &itinerary.segments {
                    assert_eq!(segment.from_ms, at_ms);
                    assert!(segment.until_ms >= segment.from_ms);
                    at_ms = segment.until_ms;
                }
                assert_eq!(at_ms, DAY_MS, "vehicle {} day {day}", plan.index);
                let work = &itinerary.segments[1..];
                if let Some((night, work)) = work.split_last() {
                    assert!(night.from_ms <= LATEST_END_MS, "{}", night.from_ms);
                    assert!(work[0].from_ms >= EARLIEST_START_MS);
                }
                assert!(itinerary.at_end.driven_m >= counters.driven_m);
                counters = itinerary.at_end;
                assert!(counters.fuel_left_ml > 0.0);
            }
        }
    }

    #[test]
    fn a_trip_that_would_not_end_in_time_is_not_begun() {
        let fleet = FleetPlan::new(7, 40, 1, Timestamp::from_millis(0));
        let noon = Timestamp::from_millis(20_000 * DAY_MS + 12 * HOUR_MS);
        for plan in &fleet.vehicles {
            let day = Itinerary::new(plan, 20_000, plan.at_start, Some(noon));
            let last = day.segments.last().expect("a day has segments");
            assert!(matches!(last.activity, Activity::Off));
            assert!(last.from_ms <= 12 * HOUR_MS);
        }
    }
}
