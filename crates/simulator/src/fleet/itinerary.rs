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
const REFILL_BELOW: f64 = 0.45;
const REFILL_TO: f64 = 0.97;
const IDLING_ML_PER_S: f64 = 0.9;
const EARLIEST_START_MS: i64 = 8 * HOUR_MS;
const LATEST_START_MS: i64 = 14 * HOUR_MS;
const LATEST_END_MS: i64 = 23 * HOUR_MS + 30 * MINUTE_MS;
/// A driver rests after about so many metres.
const METRES_BETWEEN_BREAKS: f64 = 210_000.0;

/// The counters at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counters {
    pub driven_m: f64,
    pub fuel_used_ml: f64,
    pub fuel_left_ml: f64,
    pub engine_ms: i64,
}

#[derive(Clone, Copy, Debug)]
pub enum Activity {
    Off,
    Idle,
    Drive { road: usize, run: Run },
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

/// The city (a place in [`CITIES`]) where a truck stands when a UTC day begins.
fn night_city(plan: &VehiclePlan, day: i64) -> usize {
    *plan.chance(0x6e69_6768, day).pick(&plan.region)
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
        let roads = day_roads(&mut rng, from, to);
        if !roads.is_empty() {
            maker.plan_drive(&mut rng, &roads, to);
            let end = day * DAY_MS + maker.now_ms();
            if ends_at.is_some_and(|ends_at| end > ends_at.millis()) {
                maker = Maker::new(plan, CITIES[from].place(), from, start);
            }
        }
        maker.finish()
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
            Activity::Idle => moment.counters.burn(IDLING_ML_PER_S * seconds, elapsed_ms),
            Activity::Drive { road, run } => {
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

/// Lays one segment after the other.
struct Maker<'a> {
    plan: &'a VehiclePlan,
    day: Itinerary,
    place: Place,
    heading_degrees: f64,
    counters: Counters,
    city: usize,
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
        let total_m: f64 = roads.iter().map(|road| road.length_m).sum();
        let slowest_ms = (total_m / 21.0 * 1_000.0) as i64
            + (roads.len() as i64 + (total_m / METRES_BETWEEN_BREAKS) as i64 + 1) * 50 * MINUTE_MS;
        let latest = (LATEST_END_MS - slowest_ms).clamp(HOUR_MS, LATEST_START_MS);
        let earliest = EARLIEST_START_MS.min(latest - 30 * MINUTE_MS);
        let start_ms = earliest + rng.below((latest - earliest) as u64) as i64;
        self.push(Activity::Off, start_ms);
        self.wait(Activity::Idle, rng, (5.0, 12.0));
        self.refill();
        for (index, road) in roads.iter().enumerate() {
            if index > 0 {
                self.rest(rng);
            }
            self.day.roads.push(*road);
            self.drive(rng, index, to);
        }
        self.city = to;
        self.wait(Activity::Idle, rng, (2.0, 8.0));
    }

    fn refill(&mut self) {
        let tank_ml = self.plan.tank_ml;
        if self.counters.fuel_left_ml < REFILL_BELOW * tank_ml {
            self.counters.fuel_left_ml = REFILL_TO * tank_ml;
        }
    }

    fn rest(&mut self, rng: &mut Rng) {
        if rng.chance(0.5) {
            self.wait(Activity::Idle, rng, (8.0, 25.0));
        } else {
            self.wait(Activity::Idle, rng, (1.0, 3.0));
            self.wait(Activity::Off, rng, (25.0, 40.0));
        }
    }

    fn drive(&mut self, rng: &mut Rng, road: usize, to: usize) {
        let length_m = self.day.roads[road].length_m;
        let runs = (length_m / METRES_BETWEEN_BREAKS).ceil().max(1.0);
        let highway = length_m > 70_000.0;
        for index in 0..runs as u32 {
            if index > 0 {
                self.rest(rng);
            }
            if f64::from(index) >= runs / 2.0 {
                self.city = to;
            }
            let cruise = if highway {
                rng.between(82.0, 106.0) / 3.6
            } else {
                rng.between(76.0, 88.0) / 3.6
            };
            let run = Run::new(
                length_m * f64::from(index) / runs,
                length_m * f64::from(index + 1) / runs,
                cruise,
                rng.between(0.01, 0.04),
            );
            let until_ms = self.now_ms() + (run.duration_s() * 1_000.0).ceil() as i64;
            self.push(Activity::Drive { road, run }, until_ms);
        }
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
