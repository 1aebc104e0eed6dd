//! Instants in milliseconds and half-open windows of them.
//!
//! History is millions of RFC 3339 strings in and as many out, so both directions are written by
//! hand here and checked against `jiff` in the tests; everything about calendars and zones is left
//! to `jiff`.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};

pub const SECOND_MS: i64 = 1_000;
pub const MINUTE_MS: i64 = 60 * SECOND_MS;
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// An instant: milliseconds since 1970-01-01T00:00:00Z. Text form `2021-01-06T03:24:53.000Z`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    pub const MIN: Timestamp = Timestamp(i64::MIN);
    pub const MAX: Timestamp = Timestamp(i64::MAX);
    /// Characters of the text form.
    pub const TEXT_LEN: usize = 24;

    pub const fn from_millis(millis: i64) -> Timestamp {
        Timestamp(millis)
    }

    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Days since 1970-01-01 of the UTC day that this instant lies in.
    pub const fn utc_day(self) -> i64 {
        self.0.div_euclid(DAY_MS)
    }

    pub const fn start_of_utc_day(self) -> Timestamp {
        Timestamp(self.utc_day() * DAY_MS)
    }

    /// The start of the `step`-long slot that this instant lies in, slots counted from 1970.
    pub const fn floor_to(self, step_ms: i64) -> Timestamp {
        Timestamp(self.0.div_euclid(step_ms) * step_ms)
    }

    pub fn saturating_sub(self, duration: Duration) -> Timestamp {
        Timestamp(self.0.saturating_sub_unsigned(duration_ms(duration)))
    }

    pub fn saturating_add(self, duration: Duration) -> Timestamp {
        Timestamp(self.0.saturating_add_unsigned(duration_ms(duration)))
    }

    /// Time from `earlier` to this instant; zero when `earlier` is the later one.
    pub fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Reads RFC 3339: `T`, `t` or a space between date and time, any number of decimals (cut to
    /// milliseconds), `Z` or an offset. A leap second is read as the second before it.
    pub fn parse(text: &str) -> Option<Timestamp> {
        parse_rfc3339(text.as_bytes())
    }

    /// Writes the text form without allocating. Years outside 0..=9999 are clamped to them.
    pub fn encode(self) -> [u8; Timestamp::TEXT_LEN] {
        let (year, month, day) = civil_from_days(self.utc_day());
        let in_day = self.0.rem_euclid(DAY_MS);
        let mut text = *b"0000-00-00T00:00:00.000Z";
        put_digits(&mut text[0..4], year.clamp(0, 9_999));
        put_digits(&mut text[5..7], month);
        put_digits(&mut text[8..10], day);
        put_digits(&mut text[11..13], in_day / HOUR_MS);
        put_digits(&mut text[14..16], in_day / MINUTE_MS % 60);
        put_digits(&mut text[17..19], in_day / SECOND_MS % 60);
        put_digits(&mut text[20..23], in_day % SECOND_MS);
        text
    }
}

fn duration_ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn put_digits(slots: &mut [u8], mut number: i64) {
    for slot in slots.iter_mut().rev() {
        *slot = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

fn digits(bytes: &[u8]) -> Option<i64> {
    bytes.iter().try_fold(0i64, |number, byte| {
        byte.is_ascii_digit()
            .then(|| number * 10 + i64::from(byte - b'0'))
    })
}

fn parse_rfc3339(text: &[u8]) -> Option<Timestamp> {
    let (date_time, rest) = text.split_at_checked(19)?;
    if date_time[4] != b'-'
        || date_time[7] != b'-'
        || !matches!(date_time[10], b'T' | b't' | b' ')
        || date_time[13] != b':'
        || date_time[16] != b':'
    {
        return None;
    }
    let (year, month, day) = (
        digits(&date_time[0..4])?,
        digits(&date_time[5..7])?,
        digits(&date_time[8..10])?,
    );
    let (hour, minute, second) = (
        digits(&date_time[11..13])?,
        digits(&date_time[14..16])?,
        digits(&date_time[17..19])?,
    );
    if !(1..=12).contains(&month)
        || !(1..=days_in_month(year, month)).contains(&day)
        || hour > 23
        || minute > 59
        || second > 60
    {
        return None;
    }
    let (fraction_ms, zone) = parse_fraction(rest)?;
    let offset_ms = parse_offset(zone)?;
    let in_day = hour * HOUR_MS + minute * MINUTE_MS + second.min(59) * SECOND_MS + fraction_ms;
    Some(Timestamp(
        days_from_civil(year, month, day) * DAY_MS + in_day - offset_ms,
    ))
}

fn parse_fraction(rest: &[u8]) -> Option<(i64, &[u8])> {
    let Some(decimals) = rest.strip_prefix(b".") else {
        return Some((0, rest));
    };
    let count = decimals
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if count == 0 {
        return None;
    }
    let kept = count.min(3);
    let millis = digits(&decimals[..kept])? * [100, 10, 1][kept - 1];
    Some((millis, &decimals[count..]))
}

fn parse_offset(zone: &[u8]) -> Option<i64> {
    match zone {
        b"Z" | b"z" => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let offset = hours * HOUR_MS + minutes * MINUTE_MS;
            Some(if *sign == b'-' { -offset } else { offset })
        }
        _ => None,
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a proleptic Gregorian date. March is counted as a year's first month,
/// so that the leap day comes last.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.encode()).expect("digits and punctuation are ASCII"))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not an RFC 3339 date and time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimestampError;

impl fmt::Display for TimestampError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an ISO 8601 date and time such as 2021-01-06T03:24:53.000Z")
    }
}

impl std::error::Error for TimestampError {}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Timestamp, TimestampError> {
        Timestamp::parse(text).ok_or(TimestampError)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.encode();
        serializer.serialize_str(std::str::from_utf8(&text).expect("digits are ASCII"))
    }
}

impl utoipa::PartialSchema for Timestamp {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some(
                "An instant in UTC, ISO 8601 with three decimals of a second.",
            ))
            .examples(["2026-03-02T14:05:09.000Z"])
            .into()
    }
}

impl utoipa::ToSchema for Timestamp {}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Timestamp::parse(&text).ok_or_else(|| serde::de::Error::custom(TimestampError))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Timestamp;

    fn add(self, duration: Duration) -> Timestamp {
        self.saturating_add(duration)
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Timestamp;

    fn sub(self, duration: Duration) -> Timestamp {
        self.saturating_sub(duration)
    }
}

/// A half-open stretch of time: `from` belongs to it, `until` does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Window {
    pub from: Timestamp,
    pub until: Timestamp,
}

impl Window {
    /// `None` when it would be empty.
    pub fn new(from: Timestamp, until: Timestamp) -> Option<Window> {
        (from < until).then_some(Window { from, until })
    }

    pub fn contains(&self, time: Timestamp) -> bool {
        self.from <= time && time < self.until
    }

    pub fn length_ms(&self) -> i64 {
        self.until.0 - self.from.0
    }

    pub fn intersect(&self, other: &Window) -> Option<Window> {
        Window::new(self.from.max(other.from), self.until.min(other.until))
    }

    /// Both halves; `None` when it is too short to be halved on a whole millisecond.
    pub fn halve(&self) -> Option<(Window, Window)> {
        let middle = Timestamp(self.from.0 + self.length_ms() / 2);
        Some((
            Window::new(self.from, middle)?,
            Window::new(middle, self.until)?,
        ))
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}, {})", self.from, self.until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_jiff_on_four_thousand_years_of_instants() {
        let mut state = 7u64;
        for _ in 0..20_000 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let millis = (state >> 1) as i64 % (126_000_000_000_000) - 30_000_000_000_000;
            let text = Timestamp(millis).to_string();
            let theirs = jiff::Timestamp::from_millisecond(millis).expect("in range");
            assert_eq!(text, format!("{theirs:.3}"));
            assert_eq!(Timestamp::parse(&text), Some(Timestamp(millis)));
        }
    }

    #[test]
    fn reads_what_providers_send() {
        let check = |text: &str, want: &str| {
            assert_eq!(
                Timestamp::parse(text).map(|t| t.to_string()).as_deref(),
                Some(want),
                "{text}"
            );
        };
        check("2019-04-25T22:37:29Z", "2019-04-25T22:37:29.000Z");
        check("2026-01-01T12:00:03.062Z", "2026-01-01T12:00:03.062Z");
        check("2026-01-01T12:00:03.0627891Z", "2026-01-01T12:00:03.062Z");
        check("2026-01-01T12:00:03.5Z", "2026-01-01T12:00:03.500Z");
        check("2026-01-01T02:00:00-07:30", "2026-01-01T09:30:00.000Z");
        check("2024-02-29 23:59:60z", "2024-02-29T23:59:59.000Z");
        for wrong in [
            "",
            "2026-01-01",
            "2026-13-01T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:00+1:00",
            "é026-01-01T00:00:00Z",
        ] {
            assert_eq!(Timestamp::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn windows_are_half_open() {
        let t = Timestamp::from_millis;
        let window = Window::new(t(10), t(13)).expect("not empty");
        assert!(window.contains(t(10)) && !window.contains(t(13)));
        assert_eq!(
            window.halve(),
            Some((
                Window {
                    from: t(10),
                    until: t(11)
                },
                Window {
                    from: t(11),
                    until: t(13)
                }
            ))
        );
        assert_eq!(Window::new(t(10), t(11)).expect("not empty").halve(), None);
        assert_eq!(Window::new(t(10), t(10)), None);
    }
}
