//! What a vehicle measures: which signals there are, how often each reports, and the rows of a day.

use model::Timestamp;
use model::history::EngineState;
use model::time::{DAY_MS, MINUTE_MS, SECOND_MS};
use world::Rng;

use super::itinerary::{Activity, Itinerary, Moment, Segment};
use super::plan::VehiclePlan;

/// One thing that a vehicle measures, in the unit of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Signal {
    Position,
    EngineState,
    FuelPercent,
    BusOdometerMetres,
    GpsOdometerMetres,
    BusEngineSeconds,
    EstimatedEngineSeconds,
    FuelUsedMillilitres,
    OilPressureKpa,
    CoolantMilliCelsius,
    EngineRpm,
    BatteryMillivolts,
}

impl Signal {
    pub const ALL: [Signal; 12] = [
        Signal::Position,
        Signal::EngineState,
        Signal::FuelPercent,
        Signal::BusOdometerMetres,
        Signal::GpsOdometerMetres,
        Signal::BusEngineSeconds,
        Signal::EstimatedEngineSeconds,
        Signal::FuelUsedMillilitres,
        Signal::OilPressureKpa,
        Signal::CoolantMilliCelsius,
        Signal::EngineRpm,
        Signal::BatteryMillivolts,
    ];

    /// Part of every draw about the signal.
    pub(crate) fn number(self) -> u64 {
        self as u64 + 1
    }

    /// Mean time between readings while the truck does this; `None`: none are taken.
    fn cadence_ms(self, plan: &VehiclePlan, activity: &Activity) -> Option<i64> {
        use Activity::{Drive, Idle, Off};
        let minutes = |count: i64| Some(count * MINUTE_MS);
        match (self, activity) {
            (Signal::EngineState, _) => None,
            (Signal::Position, Drive { .. }) => Some(plan.fix_every_ms),
            (Signal::Position, Idle) => minutes(2),
            (Signal::Position, Off) => minutes(15),
            (Signal::BatteryMillivolts, Off) => minutes(60),
            (_, Off) => None,
            (Signal::BusOdometerMetres | Signal::GpsOdometerMetres, Idle) => None,
            (Signal::EngineRpm, _) => minutes(2),
            (Signal::OilPressureKpa, _) => minutes(4),
            (Signal::BatteryMillivolts, _) => minutes(12),
            (Signal::FuelPercent | Signal::CoolantMilliCelsius, _) => minutes(6),
            (_, _) => minutes(5),
        }
    }
}

/// A position fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fix {
    pub time: Timestamp,
    pub latitude_e7: i32,
    pub longitude_e7: i32,
    /// Whole degrees, 0 to 359.
    pub heading_degrees: u16,
    /// Hundredths of a mile an hour.
    pub speed_centi_mph: u32,
    pub address: Option<Address>,
    pub is_at_home: bool,
}

/// A street address, put into words when it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    pub number: u16,
    pub street: u8,
    pub city: u8,
}

/// A reading in the signal's unit; engine states as [`EngineState`] codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    pub time: Timestamp,
    pub value: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rows {
    Fixes(Vec<Fix>),
    Readings(Vec<Reading>),
}

impl Rows {
    pub fn len(&self) -> usize {
        match self {
            Rows::Fixes(fixes) => fixes.len(),
            Rows::Readings(readings) => readings.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A value whose tenth is never exactly halfway between two hundredths, so that two programs that
/// round rightly never differ. Moving up by one keeps counters from falling.
fn never_halfway(value: i64) -> i64 {
    if value % 10 == 5 || value % 10 == -5 {
        value + 1
    } else {
        value
    }
}

/// The rows of one signal on one UTC day, in the order of their times, no two at one time.
pub fn rows_of_day(plan: &VehiclePlan, day: i64, itinerary: &Itinerary, signal: Signal) -> Rows {
    let mut rng = plan.chance(0x726f_7773 + signal.number(), day);
    if signal == Signal::EngineState {
        return Rows::Readings(engine_changes(day, itinerary));
    }
    let is_silent_today = !plan.reports(signal)
        || (signal == Signal::BusOdometerMetres
            && plan.reports(Signal::GpsOdometerMetres)
            && rng.chance(0.25));
    let mut fixes = Vec::new();
    let mut readings = Vec::new();
    if !is_silent_today {
        each_sample(
            plan,
            itinerary,
            signal,
            &mut rng,
            |segment, in_day_ms, rng| {
                let time = Timestamp::from_millis(day * DAY_MS + in_day_ms);
                let moment = itinerary.moment(segment, in_day_ms);
                if signal == Signal::Position {
                    fixes.push(fix(plan, time, segment, &moment, rng));
                } else {
                    let since_start_ms = in_day_ms - segment.from_ms;
                    let value = value(plan, signal, segment, &moment, since_start_ms, rng);
                    readings.push(Reading { time, value });
                }
            },
        );
    }
    if signal == Signal::Position {
        Rows::Fixes(fixes)
    } else {
        Rows::Readings(readings)
    }
}

/// States are reported when they change; every day begins and ends with the engine off.
fn engine_changes(day: i64, itinerary: &Itinerary) -> Vec<Reading> {
    let mut state = EngineState::Off;
    let mut changes = Vec::new();
    for segment in &itinerary.segments {
        let now = match segment.activity {
            Activity::Off => EngineState::Off,
            Activity::Idle => EngineState::Idle,
            Activity::Drive { .. } => EngineState::On,
        };
        if now != state {
            state = now;
            changes.push(Reading {
                time: Timestamp::from_millis(day * DAY_MS + segment.from_ms),
                value: state as i64,
            });
        }
    }
    changes
}

fn each_sample(
    plan: &VehiclePlan,
    itinerary: &Itinerary,
    signal: Signal,
    rng: &mut Rng,
    mut take: impl FnMut(&Segment, i64, &mut Rng),
) {
    for segment in &itinerary.segments {
        let Some(cadence_ms) = signal.cadence_ms(plan, &segment.activity) else {
            continue;
        };
        let is_fast = cadence_ms < MINUTE_MS;
        let mut at_ms = segment.from_ms + (rng.unit() * cadence_ms as f64) as i64;
        while at_ms < segment.until_ms {
            take(segment, at_ms, rng);
            let step_ms = (cadence_ms as f64 * rng.between(0.8, 1.2)) as i64;
            at_ms += if is_fast {
                step_ms.clamp(5 * SECOND_MS, 60 * SECOND_MS)
            } else {
                step_ms
            };
        }
    }
}

fn fix(
    plan: &VehiclePlan,
    time: Timestamp,
    segment: &Segment,
    moment: &Moment,
    rng: &mut Rng,
) -> Fix {
    let is_moving = matches!(segment.activity, Activity::Drive { .. });
    // A parked receiver wanders by a few decimetres.
    let mut wander = || {
        if is_moving {
            0.0
        } else {
            rng.between(-20.0, 20.0)
        }
    };
    let latitude = moment.place.latitude * 1e7 + wander();
    let longitude = moment.place.longitude * 1e7 + wander();
    let mph = moment.metres_per_s * 3.6 / model::units::KM_PER_MILE;
    let has_address = rng.chance(if is_moving { 0.35 } else { 0.9 });
    Fix {
        time,
        latitude_e7: latitude.round() as i32,
        longitude_e7: longitude.round() as i32,
        heading_degrees: (moment.heading_degrees as u16).min(359),
        speed_centi_mph: if is_moving {
            (mph * 100.0).round() as u32
        } else {
            0
        },
        address: has_address.then(|| Address {
            number: 1 + rng.below(9_999) as u16,
            street: rng.below(super::names::STREETS.len() as u64) as u8,
            city: segment.city as u8,
        }),
        is_at_home: !is_moving && plan.region.first() == Some(&segment.city),
    }
}

fn value(
    plan: &VehiclePlan,
    signal: Signal,
    segment: &Segment,
    moment: &Moment,
    since_start_ms: i64,
    rng: &mut Rng,
) -> i64 {
    let counters = &moment.counters;
    let is_driving = matches!(segment.activity, Activity::Drive { .. });
    let is_off = matches!(segment.activity, Activity::Off);
    let warm = 1.0 - (-(since_start_ms as f64) / (8.0 * MINUTE_MS as f64)).exp();
    match signal {
        Signal::Position | Signal::EngineState => 0,
        Signal::FuelPercent => (counters.fuel_left_ml / plan.tank_ml * 100.0).round() as i64,
        Signal::BusOdometerMetres => never_halfway(counters.driven_m as i64),
        Signal::GpsOdometerMetres => {
            let since_install = counters.driven_m - plan.at_start.driven_m;
            never_halfway((plan.gps_odometer_offset_m + since_install * 1.002) as i64)
        }
        Signal::BusEngineSeconds => counters.engine_ms / SECOND_MS,
        Signal::EstimatedEngineSeconds => (counters.engine_ms / 7 * 6 + 11 * MINUTE_MS) / SECOND_MS,
        Signal::FuelUsedMillilitres => never_halfway(counters.fuel_used_ml as i64),
        Signal::OilPressureKpa => {
            let base = if is_driving { 320.0 } else { 190.0 };
            (base + rng.between(-25.0, 25.0)) as i64
        }
        Signal::CoolantMilliCelsius => {
            let ambient = rng.between(-12_000.0, 4_000.0);
            let engine = rng.between(84_000.0, 93_000.0);
            let share = if is_driving { warm.max(0.55) } else { warm };
            never_halfway((ambient + (engine - ambient) * share) as i64)
        }
        Signal::EngineRpm if is_driving => {
            (900.0 + moment.metres_per_s * 22.0 + rng.between(-60.0, 60.0)) as i64
        }
        Signal::EngineRpm => rng.between(600.0, 720.0) as i64,
        Signal::BatteryMillivolts if is_off => {
            never_halfway(rng.between(12_250.0, 12_750.0) as i64)
        }
        Signal::BatteryMillivolts => never_halfway(rng.between(13_600.0, 14_400.0) as i64),
    }
}
