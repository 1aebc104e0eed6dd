//! Which state's road a place is on.
//!
//! The borders of US states are the Census Bureau's, simplified (see `borders/README.md` of this
//! crate). They end at the shores, and trucks here take great circles: a place on water counts to
//! the nearest shore. Canada's border is a rough line, drawn by hand for the few cities beyond it.

use std::sync::LazyLock;

use super::cities::CITIES;
use super::path::{Place, metres_between};

static STATES: LazyLock<Vec<State>> = LazyLock::new(|| {
    Reader(include_bytes!("../../borders/states.bin"))
        .states()
        .expect("the embedded borders are whole")
});

const UNITS_PER_DEGREE: f64 = 1_000.0;

/// A place this far from every shore is in no state: about 150 km.
const FARTHEST_FROM_SHORE_DEGREES: f64 = 1.4;

/// The part of Canada near the fleet's cities: longitude and latitude, along the border from Lake
/// Huron to Maine and back in the north. Asked only about places that are in no US state.
const CANADA: [(f64, f64); 26] = [
    (-83.5, 45.8),
    (-82.5, 45.3),
    (-82.15, 43.6),
    (-82.42, 43.0),
    (-82.5, 42.6),
    (-82.9, 42.35),
    (-83.1, 42.25),
    (-83.15, 42.05),
    (-82.68, 41.68),
    (-81.25, 42.2),
    (-80.1, 42.4),
    (-79.1, 42.7),
    (-78.92, 42.9),
    (-79.05, 43.26),
    (-79.2, 43.45),
    (-78.7, 43.63),
    (-76.8, 43.63),
    (-76.3, 44.2),
    (-75.3, 44.85),
    (-74.7, 45.0),
    (-71.5, 45.0),
    (-70.3, 45.9),
    (-69.2, 47.4),
    (-64.0, 48.0),
    (-64.0, 52.0),
    (-84.0, 52.0),
];

struct State {
    letters: &'static str,
    west: f64,
    east: f64,
    south: f64,
    north: f64,
    /// Longitudes and latitudes, [`UNITS_PER_DEGREE`].
    rings: Vec<Vec<(f64, f64)>>,
}

/// The two letters of the US state (or `DC`) or Canadian province that `place` lies in, as far as
/// the fleet goes. `None` far from all of them.
pub fn jurisdiction(place: Place) -> Option<&'static str> {
    let (x, y) = (
        place.longitude * UNITS_PER_DEGREE,
        place.latitude * UNITS_PER_DEGREE,
    );
    STATES
        .iter()
        .find(|state| state.contains(x, y))
        .map(|state| state.letters)
        .or_else(|| province(place))
        .or_else(|| nearest_shore(x, y))
}

fn province(place: Place) -> Option<&'static str> {
    if !is_within(&CANADA, place.longitude, place.latitude) {
        return None;
    }
    CITIES
        .iter()
        .filter(|city| matches!(city.state, "ON" | "QC"))
        .min_by(|a, b| {
            metres_between(a.place(), place).total_cmp(&metres_between(b.place(), place))
        })
        .map(|city| city.state)
}

/// Corners stand for the whole shore: shores are crooked, so a corner is never far.
fn nearest_shore(x: f64, y: f64) -> Option<&'static str> {
    let reach = FARTHEST_FROM_SHORE_DEGREES * UNITS_PER_DEGREE;
    let longitudes_shrink = (y / UNITS_PER_DEGREE).to_radians().cos();
    let mut nearest = (reach * reach, None);
    for state in STATES.iter().filter(|state| state.is_near(x, y, reach)) {
        for (east, north) in state.rings.iter().flatten() {
            let (dx, dy) = ((east - x) * longitudes_shrink, north - y);
            let squared = dx * dx + dy * dy;
            if squared < nearest.0 {
                nearest = (squared, Some(state.letters));
            }
        }
    }
    nearest.1
}

impl State {
    fn is_near(&self, x: f64, y: f64, reach: f64) -> bool {
        // Degrees of longitude are up to twice as short where the fleet goes.
        let wide = 2.0 * reach;
        self.west - wide <= x
            && x <= self.east + wide
            && self.south - reach <= y
            && y <= self.north + reach
    }

    fn contains(&self, x: f64, y: f64) -> bool {
        let rings = self.rings.iter();
        self.is_near(x, y, 0.0) && rings.filter(|ring| is_within(ring, x, y)).count() % 2 == 1
    }
}

/// Counts the sides that a ray to the east crosses.
fn is_within(ring: &[(f64, f64)], x: f64, y: f64) -> bool {
    let mut inside = false;
    let Some(mut last) = ring.last() else {
        return false;
    };
    for point in ring {
        if (point.1 > y) != (last.1 > y) {
            let crossing = point.0 + (y - point.1) / (last.1 - point.1) * (last.0 - point.0);
            inside ^= x < crossing;
        }
        last = point;
    }
    inside
}

/// Reads the format that `borders/README.md` describes.
struct Reader(&'static [u8]);

impl Reader {
    fn states(mut self) -> Option<Vec<State>> {
        let count = self.number()?;
        (0..count).map(|_| self.state()).collect()
    }

    fn state(&mut self) -> Option<State> {
        let (letters, rest) = self.0.split_at_checked(2)?;
        self.0 = rest;
        let count = self.number()?;
        let rings = (0..count)
            .map(|_| self.ring())
            .collect::<Option<Vec<_>>>()?;
        let mut state = State {
            letters: std::str::from_utf8(letters).ok()?,
            west: f64::INFINITY,
            east: f64::NEG_INFINITY,
            south: f64::INFINITY,
            north: f64::NEG_INFINITY,
            rings,
        };
        for (x, y) in state.rings.iter().flatten() {
            state.west = state.west.min(*x);
            state.east = state.east.max(*x);
            state.south = state.south.min(*y);
            state.north = state.north.max(*y);
        }
        Some(state)
    }

    fn ring(&mut self) -> Option<Vec<(f64, f64)>> {
        let (mut x, mut y) = (0, 0);
        let count = self.number()?;
        (0..count)
            .map(|_| {
                x += self.step()?;
                y += self.step()?;
                Some((x as f64, y as f64))
            })
            .collect()
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..63).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn step(&mut self) -> Option<i64> {
        let zigzag = self.number()?;
        Some((zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed())
    }
}

#[cfg(test)]
mod tests {
    use super::super::path::destination;
    use super::*;

    #[test]
    fn every_city_lies_in_the_state_of_its_addresses() {
        for city in &CITIES {
            assert_eq!(
                jurisdiction(city.place()),
                Some(city.state),
                "{}",
                city.name
            );
        }
    }

    #[test]
    fn well_known_places_lie_in_their_states() {
        let check = |latitude, longitude, want| {
            let place = Place {
                latitude,
                longitude,
            };
            assert_eq!(jurisdiction(place), want, "{place:?}");
        };
        check(38.8977, -77.0365, Some("DC"));
        // East St. Louis and Jersey City look across a river at another state's city.
        check(38.6245, -90.1509, Some("IL"));
        check(40.7178, -74.0431, Some("NJ"));
        check(39.1141, -94.6275, Some("KS"));
        // The upper peninsula.
        check(46.5436, -87.3954, Some("MI"));
        check(43.55, -116.2, Some("ID"));
        check(21.3069, -157.8583, Some("HI"));
        check(42.2, -82.8, Some("ON"));
        // The middle of the Atlantic.
        check(35.0, -50.0, None);
    }

    #[test]
    fn water_belongs_to_the_nearest_shore() {
        let lake = |longitude| {
            jurisdiction(Place {
                latitude: 42.4,
                longitude,
            })
        };
        assert_eq!(lake(-87.6), Some("IL"));
        assert_eq!(lake(-86.5), Some("MI"));
    }

    #[test]
    fn around_every_city_there_is_land_of_somebody() {
        for city in &CITIES {
            for bearing in 0..12 {
                let there = destination(city.place(), f64::from(bearing) * 30.0, 60e3);
                assert!(jurisdiction(there).is_some(), "{} {bearing}", city.name);
            }
        }
    }
}
