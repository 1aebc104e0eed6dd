//! Requests as this server reads them.
//!
//! What it does not know, or cannot read, it ignores in silence, as Motive was seen to do: a typing
//! error gives unfiltered data. Only dates of a window are refused when they are none.

use std::collections::HashSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::{Timestamp, Window};

use super::answer::Refusal;
use crate::fleet::zone::{local_date, local_day};
use crate::shown::after;

/// Decoded names and values, of a query or of a form.
#[derive(Clone, Debug, Default)]
pub(super) struct Parameters(Vec<(String, String)>);

/// The days that a request asks for, and the time from the first's beginning to the last's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub first: Date,
    pub last: Date,
    pub window: Window,
}

impl Parameters {
    pub fn read(text: &str) -> Parameters {
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        Parameters(
            pairs
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (decoded(name), decoded(value))
                })
                .collect(),
        )
    }

    /// The first value; an empty one counts as absent.
    pub fn one(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// The values of `name[]=1&name[]=2`; `None`: not limited.
    pub fn many(&self, name: &str) -> Option<HashSet<String>> {
        let name = format!("{name}[]");
        let named = self.0.iter().filter(|(known, _)| *known == name);
        let values: HashSet<String> = named.map(|(_, value)| value.clone()).collect();
        (!values.is_empty()).then_some(values)
    }

    pub fn number(&self, name: &str) -> Option<usize> {
        self.one(name)?.parse().ok()
    }

    pub fn flag(&self, name: &str) -> bool {
        self.one(name) == Some("true")
    }

    pub fn time(&self, name: &str) -> Option<Timestamp> {
        self.one(name).and_then(Timestamp::parse)
    }

    /// `start_time` and `end_time`, instants; the last day unless they are said.
    pub fn span(&self, now: Timestamp) -> Result<Window, Refusal> {
        let until = self.time("end_time").unwrap_or(now);
        let from = self.time("start_time");
        let from = from.unwrap_or(after(until, -model::time::DAY_MS));
        Window::new(from, after(until, 1))
            .ok_or_else(|| Refusal::bad("end_time must not be before start_time"))
    }

    /// `start_date` and `end_date` (or `start_at` and `end_at`), both inclusive: dates of the
    /// calendar, or instants. Of one the other is the same; of none both are today.
    pub fn window(&self, calendar: &TimeZone, now: Timestamp) -> Result<Asked, Refusal> {
        let end = |names: [&str; 2]| -> Result<Option<End>, Refusal> {
            let Some(text) = names.iter().find_map(|name| self.one(name)) else {
                return Ok(None);
            };
            End::read(text, calendar)
                .map(Some)
                .ok_or_else(|| Refusal::bad(format!("{} is invalid", names[0])))
        };
        let from = end(["start_date", "start_at"])?;
        let until = end(["end_date", "end_at"])?;
        let today = || End::of_day(calendar, local_date(calendar, now));
        let from = match from.or(until) {
            Some(from) => Some(from),
            None => today(),
        };
        let (Some(from), Some(until)) = (from, until.or(from)) else {
            return Err(Refusal::bad("start_date is invalid"));
        };
        let window = Window::new(from.window.from, until.window.until)
            .ok_or_else(|| Refusal::bad("end_date must not be before start_date"))?;
        Ok(Asked {
            first: from.date,
            last: until.date,
            window,
        })
    }
}

impl Asked {
    /// From one date to the other: 0 for a single day.
    pub fn delta_days(&self) -> i64 {
        let delta = self.first.until(self.last);
        delta.map_or(i64::MAX, |span| span.get_days().into())
    }

    pub fn dates(&self) -> impl Iterator<Item = Date> {
        let last = self.last;
        std::iter::successors(Some(self.first), |date| date.tomorrow().ok())
            .take_while(move |date| *date <= last)
    }
}

/// One end of a window.
#[derive(Clone, Copy)]
struct End {
    date: Date,
    window: Window,
}

impl End {
    fn read(text: &str, calendar: &TimeZone) -> Option<End> {
        if text.len() == "2019-06-13".len() {
            return End::of_day(calendar, text.parse().ok()?);
        }
        let time = Timestamp::parse(text)?;
        Some(End {
            date: local_date(calendar, time),
            window: Window::new(time, after(time, 1))?,
        })
    }

    fn of_day(calendar: &TimeZone, date: Date) -> Option<End> {
        let window = local_day(calendar, date)?;
        Some(End { date, window })
    }
}

/// Percent-encoding and plus signs undone; a broken escape stays as it is.
fn decoded(text: &str) -> String {
    let hex = |byte: Option<&u8>| char::from(*byte?).to_digit(16);
    let (bytes, mut at) = (text.as_bytes(), 0);
    let mut plain = Vec::with_capacity(bytes.len());
    while let Some(byte) = bytes.get(at) {
        let escaped = hex(bytes.get(at + 1)).zip(hex(bytes.get(at + 2)));
        match (byte, escaped) {
            (b'%', Some((high, low))) => {
                plain.push((high * 16 + low) as u8);
                at += 3;
                continue;
            }
            (b'+', _) => plain.push(b' '),
            _ => plain.push(*byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_784_000_000_000);

    #[test]
    fn names_with_brackets_are_lists() {
        let parameters = Parameters::read("vehicle_ids%5B%5D=1&vehicle_ids[]=2&a=%zz+b%C3%A9");
        let ids = parameters.many("vehicle_ids").unwrap();
        assert!(ids.contains("1") && ids.contains("2"));
        assert_eq!(parameters.many("driver_ids"), None);
        assert_eq!(parameters.one("a"), Some("%zz bé"));
    }

    #[test]
    fn windows_are_whole_days_or_instants() {
        let utc = TimeZone::UTC;
        let read = |query: &str| Parameters::read(query).window(&utc, NOW);
        let day = read("start_date=2026-07-13&end_date=2026-07-13").unwrap();
        assert_eq!(day.window.length_ms(), model::time::DAY_MS);
        assert_eq!(day.delta_days(), 0);
        assert_eq!(read("start_date=2026-07-13").unwrap(), day);
        let two = read("start_date=2026-07-13&end_date=2026-07-14").unwrap();
        assert_eq!((two.delta_days(), two.dates().count()), (1, 2));
        let minute = read("start_date=2026-07-13T10:00:00Z&end_date=2026-07-13T10:01:00Z");
        assert_eq!(minute.unwrap().window.length_ms(), 60_001);
        assert!(read("start_date=2026-07-14&end_date=2026-07-13").is_err());
        assert!(read("start_date=tomorrow").is_err());
        assert!(read("").unwrap().window.contains(NOW));
    }
}
