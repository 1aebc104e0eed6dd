//! Safety events: what accelerometers and cameras made of a drive.
//!
//! They are drawn beside the drive and leave no mark in its speeds.

use std::sync::Arc;

use model::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};
use model::{Timestamp, Window};
use world::Rng;

use super::World;
use super::itinerary::{Activity, Itinerary, Purpose, Segment};
use super::moment::Position;

const EVENTS_PER_DRIVING_HOUR: f64 = 0.6;

/// What accelerometers and receivers notice, and how often each is drawn.
const SEEN_BY_GATEWAYS: [(SafetyKind, u64); 7] = [
    (SafetyKind::HarshBraking, 30),
    (SafetyKind::HarshAcceleration, 18),
    (SafetyKind::HarshTurn, 18),
    (SafetyKind::Speeding, 28),
    (SafetyKind::Crash, 1),
    (SafetyKind::DefensiveDriving, 4),
    (SafetyKind::Reversing, 3),
];

/// What it takes a camera to notice.
const SEEN_BY_CAMERAS: [(SafetyKind, u64); 6] = [
    (SafetyKind::MobileUsage, 12),
    (SafetyKind::Tailgating, 16),
    (SafetyKind::NearCollision, 5),
    (SafetyKind::Drowsiness, 4),
    (SafetyKind::RollingStop, 10),
    (SafetyKind::NoSeatBelt, 8),
];

/// Hundredths of a kilometre an hour: 45, 50, 55, 60 and 65 miles an hour.
const POSTED_CENTI_KMH: [u32; 5] = [7_242, 8_047, 8_851, 9_656, 10_461];

/// What was noticed; the last ones are things that few formats have a word for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SafetyKind {
    HarshBraking,
    HarshAcceleration,
    HarshTurn,
    Speeding,
    Crash,
    NearCollision,
    MobileUsage,
    Drowsiness,
    Tailgating,
    RollingStop,
    NoSeatBelt,
    DefensiveDriving,
    Reversing,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SafetyEvent {
    /// Hexadecimal digits in the form of a UUID.
    pub id: String,
    pub vehicle: usize,
    pub kind: SafetyKind,
    pub from: Timestamp,
    /// Of events that last.
    pub until: Option<Timestamp>,
    pub position: Position,
    /// Whole degrees, 0 to 359.
    pub heading_degrees: u16,
    /// The highest of the event, hundredths of a kilometre an hour.
    pub speed_centi_kmh: u32,
    /// The posted limit, of speeding alone.
    pub limit_centi_kmh: Option<u32>,
    /// The strongest acceleration, thousandths of g; events that no accelerometer saw have none.
    pub max_milli_g: Option<i32>,
    pub has_media: bool,
    pub driver: Option<usize>,
    /// When the provider had it ready: minutes to hours after it happened.
    pub published_at: Timestamp,
}

impl SafetyKind {
    pub const ALL: [SafetyKind; 13] = [
        SafetyKind::HarshBraking,
        SafetyKind::HarshAcceleration,
        SafetyKind::HarshTurn,
        SafetyKind::Speeding,
        SafetyKind::Crash,
        SafetyKind::NearCollision,
        SafetyKind::MobileUsage,
        SafetyKind::Drowsiness,
        SafetyKind::Tailgating,
        SafetyKind::RollingStop,
        SafetyKind::NoSeatBelt,
        SafetyKind::DefensiveDriving,
        SafetyKind::Reversing,
    ];

    /// Shortest and longest in seconds, of what lasts.
    fn seconds(self) -> Option<(f64, f64)> {
        match self {
            SafetyKind::Speeding => Some((30.0, 240.0)),
            SafetyKind::MobileUsage | SafetyKind::Drowsiness => Some((4.0, 25.0)),
            SafetyKind::Tailgating => Some((10.0, 60.0)),
            SafetyKind::NoSeatBelt => Some((60.0, 600.0)),
            _ => None,
        }
    }

    /// Weakest and strongest in thousandths of g.
    fn milli_g(self) -> Option<(f64, f64)> {
        match self {
            SafetyKind::HarshBraking => Some((-720.0, -340.0)),
            SafetyKind::HarshAcceleration => Some((280.0, 480.0)),
            SafetyKind::HarshTurn => Some((350.0, 620.0)),
            SafetyKind::Crash => Some((1_600.0, 5_000.0)),
            SafetyKind::NearCollision | SafetyKind::DefensiveDriving => Some((-600.0, -200.0)),
            _ => None,
        }
    }

    fn draw(has_camera: bool, rng: &mut Rng) -> SafetyKind {
        let from_cameras = SEEN_BY_CAMERAS.iter().filter(|_| has_camera);
        let kinds = || SEEN_BY_GATEWAYS.iter().chain(from_cameras.clone());
        let mut left = rng.below(kinds().map(|(_, weight)| weight).sum());
        for (kind, weight) in kinds() {
            if left < *weight {
                return *kind;
            }
            left -= weight;
        }
        SafetyKind::HarshBraking
    }
}

impl World {
    /// The safety events of a vehicle that began in `window`, by time. What is published later
    /// than a reader's now is not there yet for that reader.
    pub fn safety_events(&self, vehicle: usize, window: Window) -> Vec<SafetyEvent> {
        let Some(window) = self.within_history(window) else {
            return Vec::new();
        };
        if self.vehicles()[vehicle].gateway.is_none() {
            return Vec::new();
        }
        let mut found = Vec::new();
        for day in self.days_of(window) {
            let events = self.safety_events_on(vehicle, day);
            let events = events.iter().filter(|event| window.contains(event.from));
            found.extend(events.cloned());
        }
        found
    }

    fn safety_events_on(&self, vehicle: usize, day: i64) -> Arc<Vec<SafetyEvent>> {
        self.safety.get(vehicle, day, || {
            let itinerary = self.itinerary(vehicle, day);
            let mut rng = self.vehicles()[vehicle].chance(0x7361_6665, day);
            let mut events: Vec<SafetyEvent> = Vec::new();
            for segment in &itinerary.segments {
                let Activity::Drive {
                    purpose: Purpose::Road,
                    ..
                } = segment.activity
                else {
                    continue;
                };
                let hours = (segment.until_ms - segment.from_ms) as f64 / HOUR_MS as f64;
                let many = hours * EVENTS_PER_DRIVING_HOUR;
                let count = many as u64 + u64::from(rng.chance(many.fract()));
                let mut times: Vec<i64> = (0..count)
                    .map(|_| rng.between(segment.from_ms as f64, segment.until_ms as f64) as i64)
                    .collect();
                times.sort_unstable();
                times.dedup();
                for in_day_ms in times {
                    let event = self.event(vehicle, day, &itinerary, segment, in_day_ms, &mut rng);
                    events.push(event);
                }
            }
            events
        })
    }

    fn event(
        &self,
        vehicle: usize,
        day: i64,
        itinerary: &Itinerary,
        segment: &Segment,
        in_day_ms: i64,
        rng: &mut Rng,
    ) -> SafetyEvent {
        let plan = &self.vehicles()[vehicle];
        let has_camera = plan.camera_serial.is_some();
        let kind = SafetyKind::draw(has_camera, rng);
        let lasts_ms = kind
            .seconds()
            .map(|(least, most)| (rng.between(least, most) * SECOND_MS as f64) as i64);
        let until_ms = lasts_ms.map(|lasts_ms| (in_day_ms + lasts_ms).min(segment.until_ms));
        let moment = itinerary.moment(segment, in_day_ms);
        let last_ms = until_ms.unwrap_or(in_day_ms);
        let highest = (in_day_ms..=last_ms)
            .step_by(SECOND_MS as usize)
            .map(|at_ms| itinerary.moment(segment, at_ms).metres_per_s)
            .fold(moment.metres_per_s, f64::max);
        let speed_centi_kmh = (highest * 360.0).round() as u32;
        let at = |in_day_ms| Timestamp::from_millis(day * DAY_MS + in_day_ms);
        let published_after_ms = if rng.chance(0.9) {
            rng.between(1.0, 12.0) * MINUTE_MS as f64
        } else {
            rng.between(0.5, 20.0) * HOUR_MS as f64
        };
        SafetyEvent {
            id: id(rng),
            vehicle,
            kind,
            from: at(in_day_ms),
            until: until_ms.map(at),
            position: Position::of(moment.place),
            heading_degrees: (moment.heading_degrees as u16).min(359),
            speed_centi_kmh,
            limit_centi_kmh: (kind == SafetyKind::Speeding).then(|| limit_below(speed_centi_kmh)),
            max_milli_g: kind
                .milli_g()
                .map(|(least, most)| rng.between(least, most).round() as i32),
            has_media: has_camera && rng.chance(0.7),
            driver: self.fleet.crews.driver_on(vehicle, day),
            published_at: at(last_ms + published_after_ms as i64),
        }
    }
}

/// The posted limit that the speed exceeds by at least 8 km/h, or the lowest there is.
fn limit_below(speed_centi_kmh: u32) -> u32 {
    let exceeded = POSTED_CENTI_KMH
        .iter()
        .rev()
        .find(|limit| **limit + 800 <= speed_centi_kmh);
    *exceeded.unwrap_or(&POSTED_CENTI_KMH[0].min(speed_centi_kmh / 2))
}

fn id(rng: &mut Rng) -> String {
    let (high, low) = (rng.next_u64(), rng.next_u64());
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::WorldConfig;
    use super::*;

    #[test]
    fn a_fleet_sees_a_few_events_a_day_and_in_time_all_kinds() {
        let begins_at = Timestamp::from_millis(1_749_969_600_000);
        let world = World::new(WorldConfig::days_before(begins_at, 0, 61));
        let until = Timestamp::from_millis(begins_at.millis() + 60 * DAY_MS);
        let window = Window::new(begins_at, until).unwrap();
        let (mut kinds, mut ids) = (BTreeSet::new(), BTreeSet::new());
        for vehicle in world.vehicles() {
            let events = world.safety_events(vehicle.index, window);
            assert!(events.is_sorted_by_key(|event| event.from));
            let per_day = events.len() as f64 / 60.0;
            assert!(per_day < 6.0, "{per_day}");
            for event in events {
                let moment = world.moment(vehicle.index, event.from);
                assert!(moment.is_driving);
                assert_eq!(moment.position, event.position);
                assert!(event.until.is_none_or(|until| until > event.from));
                assert!(event.published_at > event.until.unwrap_or(event.from));
                assert!(!event.has_media || vehicle.camera_serial.is_some());
                assert_eq!(
                    event.limit_centi_kmh.is_some(),
                    event.kind == SafetyKind::Speeding
                );
                assert!(event.limit_centi_kmh < Some(event.speed_centi_kmh.max(1)));
                assert_eq!(event.driver, world.driver_at(vehicle.index, event.from));
                kinds.insert(event.kind);
                ids.insert(event.id);
            }
        }
        assert_eq!(kinds.len(), SafetyKind::ALL.len(), "{kinds:?}");
        assert!(ids.len() > 500, "{}", ids.len());
    }

    #[test]
    fn windows_that_follow_one_another_share_no_event() {
        let begins_at = Timestamp::from_millis(1_749_969_600_000);
        let world = World::new(WorldConfig::days_before(begins_at, 0, 62));
        let after = |hours: i64| Timestamp::from_millis(begins_at.millis() + hours * HOUR_MS);
        for vehicle in 0..world.vehicles().len() {
            let whole = world.safety_events(vehicle, Window::new(after(0), after(72)).unwrap());
            let parts: Vec<SafetyEvent> = (0..72)
                .flat_map(|hour| {
                    let window = Window::new(after(hour), after(hour + 1)).unwrap();
                    world.safety_events(vehicle, window)
                })
                .collect();
            assert_eq!(whole, parts);
        }
    }
}
