//! Local days and months.
//!
//! Reports are made by the day or month of a zone: the fleet's for fuel and distance, a driver's
//! own for hours of service.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::{Timestamp, Window};

use super::World;

/// The zone of the fleet's headquarters, and of most of its drivers.
pub const FLEET_ZONE: &str = "America/Chicago";

/// The named zones that drivers live in; `FLEET_ZONE` is the first.
pub(crate) const ZONES: [&str; 5] = [
    FLEET_ZONE,
    "America/New_York",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
];

/// One of [`ZONES`].
pub(crate) fn time_zone(name: &str) -> TimeZone {
    TimeZone::get(name).expect("the bundled database has the zones of North America")
}

/// The date in the zone at `time`, which is held within the calendar.
pub fn local_date(zone: &TimeZone, time: Timestamp) -> Date {
    let time = jiff::Timestamp::from_millisecond(time.millis()).unwrap_or(jiff::Timestamp::MAX);
    zone.to_datetime(time).date()
}

/// From midnight to midnight: 23, 24 or 25 hours. `None` at the calendar's ends.
pub fn local_day(zone: &TimeZone, date: Date) -> Option<Window> {
    Window::new(
        start_of(zone, date)?,
        start_of(zone, date.tomorrow().ok()?)?,
    )
}

/// `month` is 1 to 12; `None` if it is not, and at the calendar's ends.
pub fn local_month(zone: &TimeZone, year: i16, month: i8) -> Option<Window> {
    let first = Date::new(year, month, 1).ok()?;
    let next = first.last_of_month().tomorrow().ok()?;
    Window::new(start_of(zone, first)?, start_of(zone, next)?)
}

fn start_of(zone: &TimeZone, date: Date) -> Option<Timestamp> {
    let midnight = date.to_zoned(zone.clone()).ok()?;
    Some(Timestamp::from_millis(
        midnight.timestamp().as_millisecond(),
    ))
}

impl World {
    /// The IANA name of the fleet's zone.
    pub fn zone(&self) -> &'static str {
        FLEET_ZONE
    }

    pub fn time_zone(&self) -> TimeZone {
        time_zone(FLEET_ZONE)
    }

    /// Of a driver; see [`super::DriverPlan::zone`].
    pub fn driver_time_zone(&self, driver: usize) -> TimeZone {
        time_zone(self.drivers()[driver].zone)
    }
}

#[cfg(test)]
mod tests {
    use model::time::HOUR_MS;

    use super::*;

    #[test]
    fn days_are_as_long_as_clocks_make_them() {
        let hours = |zone: &str, month, day| {
            let date = Date::new(2026, month, day).unwrap();
            let window = local_day(&time_zone(zone), date).unwrap();
            assert_eq!(local_date(&time_zone(zone), window.from), date);
            window.length_ms() / HOUR_MS
        };
        assert_eq!(hours(FLEET_ZONE, 3, 8), 23);
        assert_eq!(hours(FLEET_ZONE, 3, 9), 24);
        assert_eq!(hours(FLEET_ZONE, 11, 1), 25);
        for zone in ZONES.iter().filter(|zone| **zone != "America/Phoenix") {
            assert_eq!(hours(zone, 3, 8), 23, "{zone}");
        }
        assert_eq!(hours("America/Phoenix", 3, 8), 24);
    }

    #[test]
    fn months_follow_one_another() {
        let zone = time_zone(FLEET_ZONE);
        let december = local_month(&zone, 2025, 12).unwrap();
        let january = local_month(&zone, 2026, 1).unwrap();
        assert_eq!(december.until, january.from);
        assert_eq!(january.from.to_string(), "2026-01-01T06:00:00.000Z");
        assert_eq!(local_month(&zone, 2026, 13), None);
    }
}
