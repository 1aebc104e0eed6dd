//! The members of one row, read one by one.

use model::Timestamp;
use model::coordinates::Coordinates;
use model::issue::IssueCode;
use model::units::{from_hundredths, hundredths, round2};
use provider::{Notice, Task};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::wire::{Object, Place, Reference, Scalar};
use super::RawRow;

/// Reads the members of one row and reports what is wrong with them.
pub struct Fields<'n> {
    /// The row's JSON path in the page.
    row: String,
    notices: &'n mut Vec<Notice>,
}

impl<'n> Fields<'n> {
    pub fn new(row: impl Into<String>, notices: &'n mut Vec<Notice>) -> Fields<'n> {
        Fields {
            row: row.into(),
            notices,
        }
    }

    pub fn of(raw: &RawRow<'_>, notices: &'n mut Vec<Notice>) -> Fields<'n> {
        Fields::new(raw.place.clone(), notices)
    }

    pub fn notice(&mut self, code: IssueCode, member: &str, reason: &str) {
        let place = match member {
            "" => self.row.clone(),
            member => format!("{}.{member}", self.row),
        };
        self.notices.push(Notice {
            code,
            place,
            reason: reason.to_owned(),
        });
    }

    /// Notices so far: whether a member that is not there was reported already.
    pub fn count(&self) -> usize {
        self.notices.len()
    }

    pub fn invalid(&mut self, member: &str, reason: &str) {
        self.notice(IssueCode::ProviderSourceDataInvalid, member, reason);
    }

    /// Of the row itself: without it the row is nobody's.
    pub fn source_id(&mut self, member: &str, id: &Scalar<'_>) -> Option<String> {
        match id {
            Scalar::Text(text) if !text.trim().is_empty() => Some(text.to_string()),
            other => {
                let reason = format!("{}, not an id: the row is left out", other.kind());
                self.notice(IssueCode::InvalidSourceIdentifier, member, &reason);
                None
            }
        }
    }

    /// Of somebody else, where the row names one. Nobody is an empty text, or 0 in the older API.
    pub fn reference(&mut self, member: &str, value: &Object<Reference<'_>>) -> Option<String> {
        let reference = self.object(member, value)?;
        let id = self.text(&format!("{member}.id"), &reference.id)?;
        (id != "0").then_some(id)
    }

    /// The same, where a row without it is nobody's.
    pub fn required(&mut self, member: &str, value: &Object<Reference<'_>>) -> Option<String> {
        let known = self.count();
        let id = self.reference(member, value);
        if id.is_none() && self.count() == known {
            let reason = "missing: the row is left out";
            self.notice(IssueCode::InvalidSourceIdentifier, member, reason);
        }
        id
    }

    /// A time without which a row is no event.
    pub fn required_time(&mut self, member: &str, value: &Scalar<'_>) -> Option<Timestamp> {
        let known = self.count();
        let time = self.time(member, value);
        if time.is_none() && self.count() == known {
            self.invalid(member, "missing: the row is left out");
        }
        time
    }

    /// The end of what began at `started_at`, if it has ended.
    pub fn end(
        &mut self,
        member: &str,
        value: &Scalar<'_>,
        started_at: Timestamp,
    ) -> Option<Timestamp> {
        let ended_at = self.time(member, value)?;
        let fits = ended_at >= started_at;
        if !fits {
            self.invalid(member, "before the start");
        }
        fits.then_some(ended_at)
    }

    /// The vehicle or driver (`source_id`) that a row is of, if it was asked about.
    pub fn is_asked(&mut self, task: &Task<'_>, member: &str, source_id: &str) -> bool {
        let asked = task.partitions;
        let known = asked.is_empty() || asked.iter().any(|asked| asked.source_id == source_id);
        if !known {
            self.invalid(member, "not asked for: the row is left out");
        }
        known
    }

    pub fn text(&mut self, member: &str, value: &Scalar<'_>) -> Option<String> {
        match value {
            Scalar::Absent => None,
            Scalar::Text(text) => (!text.trim().is_empty()).then(|| text.to_string()),
            other => {
                self.invalid(member, &format!("{}, not a text", other.kind()));
                None
            }
        }
    }

    pub fn object<'o, T>(&mut self, member: &str, value: &'o Object<T>) -> Option<&'o T> {
        match value {
            Object::Absent => None,
            Object::Present(object) => Some(object),
            Object::Odd(kind) => {
                self.invalid(member, &format!("{kind}, not an object"));
                None
            }
        }
    }

    pub fn time(&mut self, member: &str, value: &Scalar<'_>) -> Option<Timestamp> {
        let text = self.text(member, value)?;
        let time = Timestamp::parse(&text);
        if time.is_none() {
            self.invalid(member, "not an RFC 3339 time");
        }
        time
    }

    /// A whole number, as such or in a text: Samsara has both for the same member of two endpoints.
    pub fn whole_number(&mut self, member: &str, value: &Scalar<'_>) -> Option<i64> {
        let number = match value {
            Scalar::Absent => return None,
            Scalar::Number(n) => (n.fract() == 0.0 && n.abs() < 9e15).then_some(*n as i64),
            Scalar::Text(text) if text.trim().is_empty() => return None,
            Scalar::Text(text) => text.trim().parse().ok(),
            Scalar::Truth(_) | Scalar::Odd(_) => None,
        };
        if number.is_none() {
            self.invalid(member, "not a whole number");
        }
        number
    }

    /// The contract has any integer; 0 and the like are how fleets say that they do not know.
    pub fn year(&mut self, value: &Scalar<'_>) -> Option<i32> {
        let number = self.whole_number("year", value)?;
        let year = i32::try_from(number).ok().filter(|year| *year > 0);
        if year.is_none() {
            self.invalid("year", "not a year");
        }
        year
    }

    /// A measured number. There is no JSON for those that are not finite.
    pub fn number(&mut self, member: &str, value: &Scalar<'_>) -> Option<f64> {
        match value {
            Scalar::Absent => None,
            Scalar::Number(number) => Some(*number),
            other => {
                self.invalid(member, &format!("{}, not a number", other.kind()));
                None
            }
        }
    }

    /// A number that cannot be negative, as hundredths after `scale`: what is served with two
    /// decimals.
    pub fn amount(
        &mut self,
        member: &str,
        value: &Scalar<'_>,
        scale: fn(f64) -> f64,
    ) -> Option<f64> {
        let number = self.number(member, value)?;
        let amount = hundredths(scale(number)).filter(|_| number >= 0.0);
        if amount.is_none() {
            self.invalid(member, &format!("{number} is out of range"));
        }
        amount.map(from_hundredths)
    }

    /// A duration; some have decimals.
    pub fn milliseconds(&mut self, member: &str, value: &Scalar<'_>) -> Option<i64> {
        let number = self.number(member, value)?;
        let fits = (0.0..=9e15).contains(&number);
        if !fits {
            self.invalid(member, &format!("{number} is no duration"));
        }
        fits.then(|| number.round() as i64)
    }

    pub fn truth(&mut self, member: &str, value: &Scalar<'_>) -> Option<bool> {
        match value {
            Scalar::Absent => None,
            Scalar::Truth(truth) => Some(*truth),
            other => {
                self.invalid(member, &format!("{}, not a truth value", other.kind()));
                None
            }
        }
    }

    /// Degrees clockwise from north, two decimals.
    pub fn heading(&mut self, member: &str, value: &Scalar<'_>) -> Option<f64> {
        let degrees = self.number(member, value)?;
        let fits = (0.0..=360.0).contains(&degrees);
        if !fits {
            self.invalid(member, "outside 0 to 360°");
        }
        fits.then(|| round2(degrees))
    }

    /// Where somebody was; 0, 0 is how receivers without a fix say that they do not know.
    pub fn coordinates(&mut self, member: &str, value: &Object<Place<'_>>) -> Option<Coordinates> {
        let place = self.object(member, value)?;
        self.position(member, &place.latitude, &place.longitude)
    }

    pub fn position(
        &mut self,
        member: &str,
        latitude: &Scalar<'_>,
        longitude: &Scalar<'_>,
    ) -> Option<Coordinates> {
        let latitude = self.degrees(&format!("{member}.latitude"), latitude, 90.0);
        let longitude = self.degrees(&format!("{member}.longitude"), longitude, 180.0);
        Coordinates::new(latitude?, longitude?)
    }

    fn degrees(&mut self, member: &str, value: &Scalar<'_>, most: f64) -> Option<f64> {
        let degrees = self.number(member, value)?;
        let fits = degrees.abs() <= most;
        if !fits {
            self.invalid(member, &format!("outside ±{most}°"));
        }
        fits.then_some(degrees)
    }

    /// The elements of a list that a row has; what is no list has none.
    pub fn list<'a, T: Deserialize<'a>>(
        &mut self,
        member: &str,
        value: Option<&'a RawValue>,
    ) -> Vec<Object<T>> {
        let Some(value) = value else {
            return Vec::new();
        };
        serde_json::from_str(value.get()).unwrap_or_else(|_| {
            self.invalid(member, "not a list of what belongs there");
            Vec::new()
        })
    }

    /// The same, where a row cannot do without it: absence is an empty list, anything else `None`.
    pub fn needed_list<'a, T: Deserialize<'a>>(
        &mut self,
        member: &str,
        value: Option<&'a RawValue>,
    ) -> Option<Vec<Object<T>>> {
        let known = self.count();
        let list = self.list(member, value);
        (self.count() == known).then_some(list)
    }

    pub fn needed<'o, T>(&mut self, member: &str, value: &'o Object<T>) -> Option<&'o T> {
        if matches!(value, Object::Absent) {
            self.invalid(member, "missing, not an object");
        }
        self.object(member, value)
    }

    pub fn needed_number(&mut self, member: &str, value: &Scalar<'_>) -> Option<i64> {
        if matches!(value, Scalar::Absent) {
            self.invalid(member, "missing");
        }
        self.whole_number(member, value)
    }
}
