//! The geometry of a trip: where a truck is after so many metres, and how many metres after so many
//! seconds.
//!
//! A road is a great circle with a gentle sideways wave. A run along a piece of it starts from
//! rest, cruises with a slow swing in speed and stops again; distance is the exact integral of
//! speed, so what odometer, speedometer and position say agrees.

use std::f64::consts::PI;

pub const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// Degrees north and east.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    pub latitude: f64,
    pub longitude: f64,
}

type Vector = [f64; 3];

fn unit_vector(place: Place) -> Vector {
    let (lat, lon) = (place.latitude.to_radians(), place.longitude.to_radians());
    [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
}

fn cross(a: Vector, b: Vector) -> Vector {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn weighted(a: Vector, by_a: f64, b: Vector, by_b: f64) -> Vector {
    [
        a[0] * by_a + b[0] * by_b,
        a[1] * by_a + b[1] * by_b,
        a[2] * by_a + b[2] * by_b,
    ]
}

fn normalised(a: Vector) -> Vector {
    let length = dot(a, a).sqrt();
    [a[0] / length, a[1] / length, a[2] / length]
}

/// Along the great circle.
pub fn metres_between(a: Place, b: Place) -> f64 {
    let (a, b) = (unit_vector(a), unit_vector(b));
    let normal = cross(a, b);
    dot(normal, normal).sqrt().atan2(dot(a, b)) * EARTH_RADIUS_M
}

/// The place `metres` from `from` in the direction `bearing_degrees` (clockwise from north).
pub fn destination(from: Place, bearing_degrees: f64, metres: f64) -> Place {
    let (lat, lon) = (from.latitude.to_radians(), from.longitude.to_radians());
    let (bearing, angle) = (bearing_degrees.to_radians(), metres / EARTH_RADIUS_M);
    let latitude = (lat.sin() * angle.cos() + lat.cos() * angle.sin() * bearing.cos()).asin();
    let longitude = lon
        + (bearing.sin() * angle.sin() * lat.cos()).atan2(angle.cos() - lat.sin() * latitude.sin());
    Place {
        latitude: latitude.to_degrees(),
        longitude: longitude.to_degrees(),
    }
}

/// A way from one place to another.
#[derive(Clone, Copy, Debug)]
pub struct Road {
    start: Vector,
    /// Direction of travel at the start, at right angles to `start`.
    ahead: Vector,
    /// The pole of the great circle: sideways.
    aside: Vector,
    pub length_m: f64,
    wave_m: f64,
    waves: f64,
}

impl Road {
    /// `waves` half waves to the sides over the whole length; the places must differ.
    pub fn between(from: Place, to: Place, waves: u32) -> Road {
        let (start, end) = (unit_vector(from), unit_vector(to));
        let aside = normalised(cross(start, end));
        let length_m = metres_between(from, to);
        Road {
            start,
            ahead: cross(aside, start),
            aside,
            length_m,
            wave_m: (length_m * 0.008).min(2_500.0),
            waves: f64::from(waves),
        }
    }

    /// Position and heading (degrees clockwise from north, `[0, 360)`) after `metres`.
    pub fn at(&self, metres: f64) -> (Place, f64) {
        let angle = metres / EARTH_RADIUS_M;
        let phase = self.waves * PI * metres / self.length_m;
        let sideways = self.wave_m * phase.sin() / EARTH_RADIUS_M;
        let slope = self.wave_m * self.waves * PI / self.length_m * phase.cos();
        let on_circle = weighted(self.start, angle.cos(), self.ahead, angle.sin());
        let along = weighted(self.start, -angle.sin(), self.ahead, angle.cos());
        let here = weighted(on_circle, sideways.cos(), self.aside, sideways.sin());
        let direction = weighted(along, 1.0, self.aside, slope);
        let east = normalised([-here[1], here[0], 0.0]);
        let north = cross(here, east);
        let heading = dot(direction, east).atan2(dot(direction, north));
        let place = Place {
            latitude: here[2].clamp(-1.0, 1.0).asin().to_degrees(),
            longitude: here[1].atan2(here[0]).to_degrees(),
        };
        (place, heading.to_degrees().rem_euclid(360.0))
    }
}

/// One uninterrupted drive along `[from_m, until_m)` of a road.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    pub from_m: f64,
    pub until_m: f64,
    cruise_m_per_s: f64,
    /// Seconds from rest to cruising, and again from cruising to rest.
    ramp_s: f64,
    /// Share of the cruising speed by which it swings, and full swings in a run.
    swing: f64,
    swings: f64,
}

impl Run {
    pub fn new(from_m: f64, until_m: f64, cruise_m_per_s: f64, swing: f64) -> Run {
        let length_m = until_m - from_m;
        let ramp_s = (length_m / cruise_m_per_s / 2.0).min(180.0);
        let cruising_s = length_m / cruise_m_per_s - ramp_s;
        Run {
            from_m,
            until_m,
            cruise_m_per_s,
            ramp_s,
            swing,
            swings: (cruising_s / 700.0).round(),
        }
    }

    pub fn duration_s(&self) -> f64 {
        (self.until_m - self.from_m) / self.cruise_m_per_s + self.ramp_s
    }

    /// Metres along the road and metres a second, `seconds` after the start.
    pub fn after(&self, seconds: f64) -> (f64, f64) {
        let (duration, ramp, cruise) = (self.duration_s(), self.ramp_s, self.cruise_m_per_s);
        let seconds = seconds.clamp(0.0, duration);
        let left = duration - seconds;
        if seconds < ramp {
            let metres = cruise * seconds * seconds / (2.0 * ramp);
            return (self.from_m + metres, cruise * seconds / ramp);
        }
        if left < ramp {
            let metres = cruise * left * left / (2.0 * ramp);
            return (self.until_m - metres, cruise * left / ramp);
        }
        let cruised_s = seconds - ramp;
        let mut metres = cruise * (ramp / 2.0 + cruised_s);
        let mut speed = cruise;
        if self.swings > 0.0 {
            let rate = 2.0 * PI * self.swings / (duration - 2.0 * ramp);
            metres += cruise * self.swing / rate * (1.0 - (rate * cruised_s).cos());
            speed *= 1.0 + self.swing * (rate * cruised_s).sin();
        }
        (self.from_m + metres, speed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NASHVILLE: Place = Place {
        latitude: 36.1627,
        longitude: -86.7816,
    };
    const MEMPHIS: Place = Place {
        latitude: 35.1495,
        longitude: -90.0490,
    };

    #[test]
    fn a_road_ends_where_it_should() {
        let road = Road::between(NASHVILLE, MEMPHIS, 4);
        let (start, heading) = road.at(0.0);
        let (end, _) = road.at(road.length_m);
        assert!(metres_between(start, NASHVILLE) < 1.0);
        assert!(metres_between(end, MEMPHIS) < 1.0);
        assert!((315_000.0..320_000.0).contains(&road.length_m), "{road:?}");
        assert!((235.0..265.0).contains(&heading), "{heading}");
    }

    #[test]
    fn distance_is_the_integral_of_speed() {
        let run = Run::new(1_000.0, 121_000.0, 26.0, 0.06);
        let step_s = 0.5;
        let mut driven = 0.0;
        let mut t = 0.0;
        while t < run.duration_s() {
            driven += run.after(t + step_s / 2.0).1 * step_s;
            t += step_s;
            let (at, _) = run.after(t);
            assert!((at - 1_000.0 - driven).abs() < 30.0, "{t}: {at} {driven}");
        }
        assert_eq!(run.after(1e9), (121_000.0, 0.0));
    }

    #[test]
    fn destinations_are_as_far_as_asked() {
        let there = destination(NASHVILLE, 77.0, 25_000.0);
        assert!((metres_between(NASHVILLE, there) - 25_000.0).abs() < 1.0);
    }
}
