//! Where trucks go: real North American cities, with their coordinates to about a kilometre.

use super::path::{Place, metres_between};

/// A city and the state or province that an address there ends in.
#[derive(Clone, Copy, Debug)]
pub struct City {
    pub name: &'static str,
    pub state: &'static str,
    pub latitude: f64,
    pub longitude: f64,
}

impl City {
    pub fn place(&self) -> Place {
        Place {
            latitude: self.latitude,
            longitude: self.longitude,
        }
    }
}

const fn city(name: &'static str, state: &'static str, latitude: f64, longitude: f64) -> City {
    City {
        name,
        state,
        latitude,
        longitude,
    }
}

pub static CITIES: [City; 62] = [
    city("Nashville", "TN", 36.1627, -86.7816),
    city("Memphis", "TN", 35.1495, -90.0490),
    city("Knoxville", "TN", 35.9606, -83.9207),
    city("Chattanooga", "TN", 35.0456, -85.3097),
    city("Louisville", "KY", 38.2527, -85.7585),
    city("Lexington", "KY", 38.0406, -84.5037),
    city("Cincinnati", "OH", 39.1031, -84.5120),
    city("Columbus", "OH", 39.9612, -82.9988),
    city("Cleveland", "OH", 41.4993, -81.6944),
    city("Toledo", "OH", 41.6528, -83.5379),
    city("Indianapolis", "IN", 39.7684, -86.1581),
    city("Fort Wayne", "IN", 41.0793, -85.1394),
    city("Detroit", "MI", 42.3314, -83.0458),
    city("Grand Rapids", "MI", 42.9634, -85.6681),
    city("Chicago", "IL", 41.8781, -87.6298),
    city("Peoria", "IL", 40.6936, -89.5890),
    city("Milwaukee", "WI", 43.0389, -87.9065),
    city("Madison", "WI", 43.0731, -89.4012),
    city("Minneapolis", "MN", 44.9778, -93.2650),
    city("Duluth", "MN", 46.7867, -92.1005),
    city("Rochester", "MN", 44.0121, -92.4802),
    city("Des Moines", "IA", 41.5868, -93.6250),
    city("Omaha", "NE", 41.2565, -95.9345),
    city("Kansas City", "MO", 39.0997, -94.5786),
    city("St. Louis", "MO", 38.6270, -90.1994),
    city("Springfield", "MO", 37.2090, -93.2923),
    city("Tulsa", "OK", 36.1540, -95.9928),
    city("Oklahoma City", "OK", 35.4676, -97.5164),
    city("Little Rock", "AR", 34.7465, -92.2896),
    city("Dallas", "TX", 32.7767, -96.7970),
    city("Austin", "TX", 30.2672, -97.7431),
    city("San Antonio", "TX", 29.4241, -98.4936),
    city("Houston", "TX", 29.7604, -95.3698),
    city("Shreveport", "LA", 32.5252, -93.7502),
    city("Jackson", "MS", 32.2988, -90.1848),
    city("Birmingham", "AL", 33.5186, -86.8104),
    city("Atlanta", "GA", 33.7490, -84.3880),
    city("Savannah", "GA", 32.0809, -81.0912),
    city("Jacksonville", "FL", 30.3322, -81.6557),
    city("Orlando", "FL", 28.5383, -81.3792),
    city("Tampa", "FL", 27.9506, -82.4572),
    city("Miami", "FL", 25.7617, -80.1918),
    city("Charlotte", "NC", 35.2271, -80.8431),
    city("Raleigh", "NC", 35.7796, -78.6382),
    city("Richmond", "VA", 37.5407, -77.4360),
    city("Baltimore", "MD", 39.2904, -76.6122),
    city("Philadelphia", "PA", 39.9526, -75.1652),
    city("Pittsburgh", "PA", 40.4406, -79.9959),
    city("Scranton", "PA", 41.4090, -75.6624),
    city("New York", "NY", 40.7128, -74.0060),
    city("Albany", "NY", 42.6526, -73.7562),
    city("Buffalo", "NY", 42.8864, -78.8784),
    city("Boston", "MA", 42.3601, -71.0589),
    city("Montréal", "QC", 45.5017, -73.5673),
    city("Trois-Rivières", "QC", 46.3432, -72.5430),
    city("Québec", "QC", 46.8139, -71.2080),
    city("Ottawa", "ON", 45.4215, -75.6972),
    city("Toronto", "ON", 43.6532, -79.3832),
    city("London", "ON", 42.9849, -81.2453),
    city("Los Angeles", "CA", 34.0522, -118.2437),
    city("San Diego", "CA", 32.7157, -117.1611),
    city("Bakersfield", "CA", 35.3733, -119.0187),
];

/// How far from its home a truck spends its nights: any two such places lie within a day's drive.
const REGION_RADIUS_M: f64 = 380_000.0;
const MOST_CITIES_IN_A_REGION: usize = 6;

/// The home and the cities around it, nearest first, as places in [`CITIES`].
pub fn region_of(home: usize) -> Vec<usize> {
    let mut near: Vec<(f64, usize)> = CITIES
        .iter()
        .enumerate()
        .map(|(index, city)| (metres_between(CITIES[home].place(), city.place()), index))
        .filter(|(metres, _)| *metres <= REGION_RADIUS_M)
        .collect();
    near.sort_by(|a, b| a.0.total_cmp(&b.0));
    near.truncate(MOST_CITIES_IN_A_REGION);
    near.into_iter().map(|(_, index)| index).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_region_has_somewhere_to_go_within_a_day() {
        for (home, city) in CITIES.iter().enumerate() {
            let region = region_of(home);
            assert!(region.len() >= 2, "{} is alone", city.name);
            for a in &region {
                for b in &region {
                    let metres = metres_between(CITIES[*a].place(), CITIES[*b].place());
                    assert!(metres <= 2.0 * REGION_RADIUS_M);
                }
            }
        }
    }
}
