//! Days and months where people live: time zones, dates, months.
//!
//! Providers that think in days and months mean those of the fleet's zone; rows of a date or month
//! are kept by its midnight in UTC ([`Date::utc_midnight`]), so that their order and their filters
//! do not depend on any zone.

use std::fmt;
use std::str::FromStr;

use jiff::civil;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{Object, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::time::{Timestamp, Window};

/// An IANA time zone. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Default for Zone {
    fn default() -> Zone {
        Zone(TimeZone::UTC)
    }
}

impl Zone {
    pub fn utc() -> Zone {
        Zone::default()
    }

    /// `America/Chicago`; `None` when there is no such zone.
    pub fn named(name: &str) -> Option<Zone> {
        TimeZone::get(name.trim()).ok().map(Zone)
    }

    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The date that clocks here show at an instant. Instants beyond the years -9999 to 9999 are
    /// held at those.
    pub fn date_of(&self, time: Timestamp) -> Date {
        let millis = time.millis().clamp(FIRST_MS, LAST_MS);
        let instant = jiff::Timestamp::from_millisecond(millis).unwrap_or_default();
        Date(self.0.to_datetime(instant).date())
    }

    /// When a date begins here: its first instant, also where midnight is skipped.
    pub fn start_of(&self, date: Date) -> Timestamp {
        self.0
            .to_ambiguous_timestamp(date.0.at(0, 0, 0, 0))
            .compatible()
            .map_or(date.utc_midnight(), |start| {
                Timestamp::from_millis(start.as_millisecond())
            })
    }

    /// A date from its beginning here to the next one's: 23, 24 or 25 hours, as a rule.
    pub fn day(&self, date: Date) -> Window {
        Window {
            from: self.start_of(date),
            until: self.start_of(date.next()),
        }
    }

    pub fn month(&self, month: Month) -> Window {
        Window {
            from: self.start_of(month.first_day()),
            until: self.start_of(month.next().first_day()),
        }
    }

    /// The whole local days that a window touches.
    pub fn days_around(&self, window: Window) -> Window {
        let last = Timestamp::from_millis(window.until.millis() - 1);
        Window {
            from: self.start_of(self.date_of(window.from)),
            until: self.start_of(self.date_of(last).next()),
        }
    }
}

/// The years -9000 and 9000: nearer than what jiff can hold, so that neighbours exist.
const FIRST_MS: i64 = -346_167_216_000_000;
const LAST_MS: i64 = 221_845_392_000_000;

/// A date without a zone, `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(civil::Date);

impl Date {
    /// `None` for what is no date of the years 1 to 9999 in that form.
    pub fn parse(text: &str) -> Option<Date> {
        let fits = text.len() == 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
        let date: civil::Date = fits.then(|| text.parse().ok()).flatten()?;
        (date.year() > 0).then_some(Date(date))
    }

    pub fn utc_midnight(self) -> Timestamp {
        let start = TimeZone::UTC.to_timestamp(self.0.at(0, 0, 0, 0));
        start.map_or(Timestamp::MAX, |start| {
            Timestamp::from_millis(start.as_millisecond())
        })
    }

    pub fn next(self) -> Date {
        Date(self.0.tomorrow().unwrap_or(civil::Date::MAX))
    }

    pub fn previous(self) -> Date {
        Date(self.0.yesterday().unwrap_or(civil::Date::MIN))
    }

    pub fn month(self) -> Month {
        Month {
            year: self.0.year(),
            month: self.0.month(),
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// The text is not a date or month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarError {
    wanted: &'static str,
}

impl fmt::Display for CalendarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not of the form {}", self.wanted)
    }
}

impl std::error::Error for CalendarError {}

impl FromStr for Date {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Date, CalendarError> {
        Date::parse(text).ok_or(CalendarError {
            wanted: "2026-03-02",
        })
    }
}

/// A month without a zone, `YYYY-MM`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i16,
    month: i8,
}

impl Month {
    pub fn parse(text: &str) -> Option<Month> {
        if text.len() != 7 {
            return None;
        }
        Date::parse(&format!("{text}-01")).map(Date::month)
    }

    pub fn year(self) -> i16 {
        self.year
    }

    /// 1 to 12.
    pub fn number(self) -> i8 {
        self.month
    }

    pub fn first_day(self) -> Date {
        let first = civil::Date::new(self.year, self.month, 1);
        Date(first.unwrap_or(civil::Date::MAX))
    }

    pub fn next(self) -> Month {
        match self.month {
            12 => Month {
                year: self.year.saturating_add(1),
                month: 1,
            },
            month => Month {
                month: month + 1,
                ..self
            },
        }
    }

    pub fn utc_midnight(self) -> Timestamp {
        self.first_day().utc_midnight()
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl FromStr for Month {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Month, CalendarError> {
        Month::parse(text).ok_or(CalendarError { wanted: "2026-03" })
    }
}

macro_rules! as_text {
    ($name:ident, $schema:expr) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$name, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let schema: Object = $schema;
                RefOr::T(Schema::Object(schema))
            }
        }

        impl ToSchema for $name {}
    };
}

as_text!(
    Date,
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
        .description(Some("A date, ISO 8601."))
        .examples(["2026-03-02"])
        .build()
);
as_text!(
    Month,
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^[0-9]{4}-(0[1-9]|1[0-2])$"))
        .description(Some("A month, ISO 8601."))
        .examples(["2026-03"])
        .build()
);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn local_days_are_as_long_as_clocks_say() {
        let chicago = Zone::named("America/Chicago").expect("bundled");
        let hours = |date: &str| chicago.day(date.parse().expect("a date")).length_ms() / 3_600_000;
        assert_eq!(hours("2026-03-07"), 24);
        assert_eq!(hours("2026-03-08"), 23);
        assert_eq!(hours("2026-11-01"), 25);
        let evening = at("2026-03-02T03:30:00.000Z");
        assert_eq!(chicago.date_of(evening).to_string(), "2026-03-01");
        let around = chicago.days_around(Window {
            from: evening,
            until: at("2026-03-03T06:00:00.000Z"),
        });
        assert_eq!(around.from, at("2026-03-01T06:00:00.000Z"));
        assert_eq!(around.until, at("2026-03-03T06:00:00.000Z"));
        // Midnight does not exist here on the first day of summer time.
        let beirut = Zone::named("Asia/Beirut").expect("bundled");
        let skipped = beirut.start_of("2026-03-29".parse().expect("a date"));
        assert_eq!(beirut.date_of(skipped).to_string(), "2026-03-29");
        assert!(Zone::named("Mars/Olympus").is_none());
    }

    #[test]
    fn months_follow_one_another() {
        let december: Month = "2025-12".parse().expect("a month");
        assert_eq!(december.next().to_string(), "2026-01");
        assert_eq!(december.utc_midnight(), at("2025-12-01T00:00:00.000Z"));
        let in_zone = Zone::named("America/Chicago").expect("bundled");
        assert_eq!(
            in_zone.month(december).until,
            at("2026-01-01T06:00:00.000Z")
        );
        for wrong in ["2025-13", "2025-1", "25-01", "2025-01-01", ""] {
            assert_eq!(Month::parse(wrong), None, "{wrong}");
        }
        for wrong in ["2025-02-29", "2025-2-01", "2025/02/01", "", "+002025-01"] {
            assert_eq!(Date::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn no_instant_is_too_far() {
        for zone in [
            Zone::utc(),
            Zone::named("Pacific/Kiritimati").expect("bundled"),
        ] {
            for time in [Timestamp::MIN, Timestamp::MAX, Timestamp::from_millis(0)] {
                let date = zone.date_of(time);
                assert!(zone.day(date).length_ms() > 0, "{date}");
            }
        }
    }
}
