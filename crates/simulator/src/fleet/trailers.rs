//! Trailers: about one for three trucks, coupled for days and then left where they were dropped.

//!
//! A trailer is passed on among three trucks. It is coupled and uncoupled in the small hours, in
//! the city where truck and trailer spend the night, so it never moves by itself.

use model::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};
use model::{Timestamp, Window};
use world::Rng;

use super::cities::CITIES;
use super::itinerary::night_city;
use super::moment::Position;
use super::plan::{self, Gateway, GroupPlan, Text, VehiclePlan};
use super::{World, lock, names};

/// Trucks for each trailer.
const TRUCKS: usize = 3;
/// A gateway reports so often while it moves, and so often always. The one is a multiple of the
/// other.
const FIX_EVERY_MS: i64 = 10 * MINUTE_MS;
const PARKED_FIX_EVERY_MS: i64 = 4 * HOUR_MS;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrailerPlan {
    pub index: usize,
    /// The provider's id: 15 digits.
    pub source_id: String,
    pub name: String,
    pub vin: Text,
    pub make: Text,
    pub model: Text,
    /// Digits.
    pub year: Text,
    pub plate: Text,
    pub serial: Text,
    pub notes: Text,
    pub groups: Vec<usize>,
    /// Without one nobody knows where it is.
    pub gateway: Option<Gateway>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// The trucks that it is passed on among.
    trucks: Vec<usize>,
    report_offset_ms: i64,
    seed: u64,
}

/// A trailer's position report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrailerFix {
    pub time: Timestamp,
    pub position: Position,
    /// Whole degrees, 0 to 359.
    pub heading_degrees: u16,
    /// Hundredths of a kilometre an hour.
    pub speed_centi_kmh: u32,
}

impl World {
    pub fn trailers(&self) -> &[TrailerPlan] {
        &self.fleet.trailers
    }

    /// The vehicle that pulls the trailer at `time`.
    pub fn coupled(&self, trailer: usize, time: Timestamp) -> Option<usize> {
        self.whereabouts(trailer, self.held(time)).truck
    }

    /// The last report at or before `time`; `None` without a gateway and before the first.
    pub fn trailer_place(&self, trailer: usize, time: Timestamp) -> Option<TrailerFix> {
        let last = self.held(time).min(time);
        let mut at = self.report_slot(trailer, last);
        while at >= self.config().begins_at && at.millis() > last.millis() - PARKED_FIX_EVERY_MS {
            if let Some(fix) = self.trailer_fix(trailer, at) {
                return Some(fix);
            }
            at = Timestamp::from_millis(at.millis() - FIX_EVERY_MS);
        }
        None
    }

    /// The reports of a trailer in `window`, by time.
    pub fn trailer_fixes(&self, trailer: usize, window: Window) -> Vec<TrailerFix> {
        let Some(window) = self.within_history(window) else {
            return Vec::new();
        };
        let first = self.report_slot(trailer, window.from);
        (first.millis()..window.until.millis())
            .step_by(FIX_EVERY_MS as usize)
            .map(Timestamp::from_millis)
            .filter(|time| window.contains(*time))
            .filter_map(|time| self.trailer_fix(trailer, time))
            .collect()
    }

    /// The last time at or before `time` at which the trailer might report.
    fn report_slot(&self, trailer: usize, time: Timestamp) -> Timestamp {
        let offset_ms = self.trailers()[trailer].report_offset_ms;
        let slot = Timestamp::from_millis(time.millis() - offset_ms).floor_to(FIX_EVERY_MS);
        Timestamp::from_millis(slot.millis() + offset_ms)
    }

    fn trailer_fix(&self, trailer: usize, time: Timestamp) -> Option<TrailerFix> {
        let plan = &self.trailers()[trailer];
        plan.gateway.as_ref()?;
        let since_slot_ms = time.millis() - plan.report_offset_ms;
        let is_due = since_slot_ms.rem_euclid(PARKED_FIX_EVERY_MS) == 0;
        let whereabouts = self.whereabouts(trailer, time);
        let Some(truck) = whereabouts.truck else {
            return is_due.then(|| TrailerFix {
                time,
                position: Position::of(CITIES[whereabouts.city].place()),
                heading_degrees: 0,
                speed_centi_kmh: 0,
            });
        };
        let moment = self.moment(truck, time);
        (is_due || moment.is_driving).then_some(TrailerFix {
            time,
            position: moment.position,
            heading_degrees: moment.heading_degrees,
            speed_centi_kmh: moment.speed_centi_kmh,
        })
    }

    /// `time` lies within history.
    fn whereabouts(&self, trailer: usize, time: Timestamp) -> Whereabouts {
        let first_day = self.config().begins_at.utc_day();
        let wanted = usize::try_from(time.utc_day() - first_day).unwrap_or(0);
        let plan = &self.trailers()[trailer];
        let mut known = lock(&self.trailers[trailer]);
        if known.is_empty() {
            known.push(plan.at_first(self.vehicles(), first_day));
        }
        while known.len() <= wanted {
            let day = first_day + known.len() as i64;
            let next = plan.next(known[known.len() - 1], self.vehicles(), day);
            known.push(next);
        }
        match known[wanted].changed_at {
            Some(at) if time < at && wanted > 0 => known[wanted - 1],
            _ => known[wanted],
        }
    }
}

/// What became of a trailer on the morning of a UTC day, until the next morning.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whereabouts {
    truck: Option<usize>,
    /// Where it was coupled or left last.
    city: usize,
    /// When, if it was today.
    changed_at: Option<Timestamp>,
    days_so_far: u32,
}

impl TrailerPlan {
    fn at_first(&self, vehicles: &[VehiclePlan], day: i64) -> Whereabouts {
        let truck = self.trucks.first().copied();
        Whereabouts {
            truck: truck.filter(|_| self.chance(day).chance(0.8)),
            city: truck.map_or(self.index % CITIES.len(), |truck| {
                night_city(&vehicles[truck], day)
            }),
            changed_at: None,
            days_so_far: 0,
        }
    }

    fn next(&self, before: Whereabouts, vehicles: &[VehiclePlan], day: i64) -> Whereabouts {
        let mut rng = self.chance(day);
        let in_day_ms = rng.between(1.0, 9.5) * HOUR_MS as f64;
        let at = Timestamp::from_millis(day * DAY_MS + in_day_ms as i64).floor_to(SECOND_MS);
        let changes = before.days_so_far >= 1 && rng.chance(0.35);
        let (truck, city) = match before.truck {
            Some(truck) if changes => (None, night_city(&vehicles[truck], day)),
            None if before.days_so_far >= 1 => {
                let is_here = |truck: &usize| night_city(&vehicles[*truck], day) == before.city;
                (self.trucks.iter().copied().find(is_here), before.city)
            }
            unchanged => (unchanged, before.city),
        };
        if truck == before.truck {
            return Whereabouts {
                changed_at: None,
                days_so_far: before.days_so_far + 1,
                ..before
            };
        }
        Whereabouts {
            truck,
            city,
            changed_at: Some(at),
            days_so_far: 0,
        }
    }

    fn chance(&self, day: i64) -> Rng {
        Rng::new(self.seed).fork(1 + day.cast_unsigned())
    }
}

pub(crate) fn plans(
    rng: &Rng,
    vehicles: &[VehiclePlan],
    groups: &[GroupPlan],
    begins_at: Timestamp,
) -> Vec<TrailerPlan> {
    vehicles
        .chunks_exact(TRUCKS)
        .enumerate()
        .map(|(index, trucks)| trailer(rng, index, trucks, groups, begins_at))
        .collect()
}

fn trailer(
    rng: &Rng,
    index: usize,
    trucks: &[VehiclePlan],
    groups: &[GroupPlan],
    begins_at: Timestamp,
) -> TrailerPlan {
    let mut rng = rng.fork(0x5452_4c52).fork(1 + index as u64);
    let (make, model) = *rng.pick(&names::TRAILERS);
    let serial = plan::vin_letters(&mut rng, 10);
    let vin = plan::vin_letters(&mut rng, 17);
    let year = (2008 + rng.below(18)).to_string();
    let plate = format!("T{}-{}", &serial[..2], 500 + index);
    let created_at = plan::some_time_before(&mut rng, begins_at, 1_500.0).floor_to(SECOND_MS);
    let since_ms = (begins_at.millis() - created_at.millis()) as f64 * rng.unit();
    let has_gateway = index % 5 != 3;
    TrailerPlan {
        index,
        source_id: (281_474_980_000_003 + 6_133 * index as u64).to_string(),
        name: match rng.below(6) {
            0 => format!("Remorque {} – Montréal", 500 + index),
            1 => format!("TR {} \"reefer\"", 500 + index),
            _ => format!("TR-{}", 500 + index),
        },
        vin: plan::absent_empty_or(&mut rng, 0.2, 0.1, vin),
        make: plan::absent_empty_or(&mut rng, 0.2, 0.1, make.to_owned()),
        model: plan::absent_empty_or(&mut rng, 0.25, 0.1, model.to_owned()),
        year: plan::absent_empty_or(&mut rng, 0.25, 0.1, year),
        plate: plan::absent_empty_or(&mut rng, 0.2, 0.15, plate),
        notes: plan::absent_empty_or(&mut rng, 0.6, 0.3, "Leaky door seal".to_owned()),
        groups: plan::memberships(&mut rng, groups),
        gateway: has_gateway.then(|| Gateway {
            model: "AG52",
            ..plan::gateway(&mut rng, &serial)
        }),
        serial: has_gateway.then_some(serial),
        created_at,
        updated_at: Timestamp::from_millis(created_at.millis() + since_ms as i64)
            .floor_to(SECOND_MS),
        trucks: trucks
            .iter()
            .filter(|truck| truck.gateway.is_some())
            .map(|truck| truck.index)
            .collect(),
        report_offset_ms: rng.below(600) as i64 * SECOND_MS,
        seed: rng.next_u64(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::WorldConfig;
    use super::super::path::metres_between;
    use super::*;

    const BEGINS_AT: Timestamp = Timestamp::from_millis(1_749_969_600_000);

    fn world(seed: u64) -> World {
        World::new(WorldConfig::days_before(BEGINS_AT, 0, seed))
    }

    fn after(ms: i64) -> Timestamp {
        Timestamp::from_millis(BEGINS_AT.millis() + ms)
    }

    #[test]
    fn the_awkward_cases_are_there() {
        let world = world(81);
        assert_eq!(world.trailers().len(), 8);
        let without = world.trailers().iter().filter(|t| t.gateway.is_none());
        assert_eq!(without.count(), 1);
        let texts = || {
            let of = world.trailers().iter();
            of.flat_map(|t| [&t.vin, &t.make, &t.model, &t.year, &t.plate, &t.notes])
        };
        assert!(texts().any(|text| text.is_none()));
        assert!(texts().any(|text| text.as_deref() == Some("")));
    }

    #[test]
    fn a_trailer_never_moves_by_itself() {
        let world = world(82);
        let window = Window::new(BEGINS_AT, after(30 * DAY_MS)).unwrap();
        let (mut coupled, mut alone, mut moved) = (0, 0, 0);
        for trailer in 0..world.trailers().len() {
            let fixes = world.trailer_fixes(trailer, window);
            assert_eq!(
                fixes.is_empty(),
                world.trailers()[trailer].gateway.is_none()
            );
            for pair in fixes.windows(2) {
                let ms = pair[1].time.millis() - pair[0].time.millis();
                assert!((FIX_EVERY_MS..=PARKED_FIX_EVERY_MS).contains(&ms));
                let metres = metres_between(pair[0].position.place(), pair[1].position.place());
                assert!(metres / (ms as f64 / 1_000.0) < 34.0, "{pair:?}");
                match world.coupled(trailer, pair[1].time) {
                    Some(truck) => {
                        coupled += 1;
                        let moment = world.moment(truck, pair[1].time);
                        assert_eq!(moment.position, pair[1].position);
                    }
                    None => {
                        alone += 1;
                        assert_eq!(pair[1].speed_centi_kmh, 0);
                    }
                }
                moved += usize::from(metres > 1_000.0);
            }
        }
        assert!(
            coupled > 1_000 && alone > 300 && moved > 500,
            "{coupled} {alone} {moved}"
        );
    }

    #[test]
    fn a_truck_pulls_one_trailer() {
        let world = world(83);
        for hour in 0..20 * 24 {
            let mut trucks: Vec<usize> = (0..world.trailers().len())
                .filter_map(|trailer| world.coupled(trailer, after(hour * HOUR_MS)))
                .collect();
            let count = trucks.len();
            trucks.dedup();
            assert_eq!(trucks.len(), count);
        }
    }

    #[test]
    fn the_last_known_place_is_the_last_report() {
        let world = world(84);
        let window = Window::new(BEGINS_AT, after(4 * DAY_MS)).unwrap();
        for trailer in 0..world.trailers().len() {
            let fixes = world.trailer_fixes(trailer, window);
            for quarter in 0..4 * 96 {
                let time = after(quarter * 15 * MINUTE_MS);
                let last = fixes.iter().rfind(|fix| fix.time <= time).copied();
                assert_eq!(world.trailer_place(trailer, time), last, "{trailer} {time}");
            }
        }
        assert_eq!(world.trailer_place(0, after(-1)), None);
    }
}
