//! The members of one row, read one by one.

use model::coordinates::Coordinates;
use model::issue::IssueCode;
use model::units::{from_hundredths, hundredths, round2};
use model::vehicle::Licence;
use model::{RecordStatus, Timestamp};
use provider::{Excerpt, Notice};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::wire::{Object, Reference, Scalar};
use super::{RawRow, contract_state};

/// More is no duration that anything here has.
const MOST_MS: f64 = 9e15;

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

    pub fn invalid(&mut self, member: &str, reason: &str) {
        self.notice(IssueCode::ProviderSourceDataInvalid, member, reason);
    }

    /// A word of a closed list that is not in it, shown.
    pub fn unknown_word(&mut self, member: &str, word: &str, what: &str) {
        let shown = Excerpt::of(word.as_bytes());
        self.invalid(member, &format!("`{shown}` is no known {what}"));
    }

    /// Of the row itself: without it the row is nobody's.
    pub fn source_id(&mut self, id: &Scalar<'_>) -> Option<String> {
        let known = id.id();
        if known.is_none() {
            let reason = format!("{}, not an id: the row is left out", id.kind());
            self.notice(IssueCode::InvalidSourceIdentifier, "id", &reason);
        }
        known.map(|id| id.into_owned())
    }

    /// An id of somebody else; nobody where there is none.
    pub fn id(&mut self, member: &str, id: &Scalar<'_>) -> Option<String> {
        match id {
            Scalar::Absent => return None,
            Scalar::Text(text) if text.trim().is_empty() => return None,
            _ => {}
        }
        let known = id.id();
        if known.is_none() {
            let reason = format!("{}, not an id", id.kind());
            self.notice(IssueCode::InvalidSourceIdentifier, member, &reason);
        }
        known.map(|id| id.into_owned())
    }

    pub fn reference(&mut self, member: &str, value: &Object<Reference<'_>>) -> Option<String> {
        let reference = self.object(member, value)?;
        self.id(&format!("{member}.id"), &reference.id)
    }

    /// The vehicle or driver that a row is of.
    pub fn required(&mut self, member: &str, value: &Object<Reference<'_>>) -> Option<String> {
        let known = self.notices.len();
        let id = self.reference(member, value);
        if id.is_none() && self.notices.len() == known {
            let code = match member {
                "vehicle" => IssueCode::MissingVehicleIdentifier,
                _ => IssueCode::InvalidSourceIdentifier,
            };
            self.notice(code, member, "nobody's: the row is left out");
        }
        id
    }

    /// A time without which a row is no event.
    pub fn required_time(&mut self, member: &str, value: &Scalar<'_>) -> Option<Timestamp> {
        let known = self.notices.len();
        let time = self.time(member, value);
        if time.is_none() && self.notices.len() == known {
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

    /// A whole number, as such or in a text: the same member is both.
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

    /// `"0"`, an empty text and -1 are how Motive says that nobody entered one.
    pub fn year(&mut self, value: &Scalar<'_>) -> Option<i32> {
        let number = self.whole_number("year", value)?;
        if number <= 0 {
            return None;
        }
        let year = i32::try_from(number).ok().filter(|year| *year <= 9_999);
        if year.is_none() {
            self.invalid("year", "not a year");
        }
        year
    }

    pub fn number(&mut self, member: &str, value: &Scalar<'_>) -> Option<f64> {
        let number = value.number();
        if number.is_none() && !matches!(value, Scalar::Absent) {
            self.invalid(member, &format!("{}, not a number", value.kind()));
        }
        number
    }

    /// A number that cannot be negative, as hundredths after `scale`: what is served with two
    /// decimals.
    pub fn amount(
        &mut self,
        member: &str,
        value: &Scalar<'_>,
        scale: impl Fn(f64) -> f64,
    ) -> Option<f64> {
        let number = self.number(member, value)?;
        let amount = hundredths(scale(number)).filter(|_| number >= 0.0);
        if amount.is_none() {
            self.invalid(member, &format!("{number} is out of range"));
        }
        amount.map(from_hundredths)
    }

    /// A duration in seconds, some of which have decimals, as milliseconds.
    pub fn seconds(&mut self, member: &str, value: &Scalar<'_>) -> Option<i64> {
        self.duration(member, value, 1_000.0)
    }

    pub fn hours(&mut self, member: &str, value: &Scalar<'_>) -> Option<i64> {
        self.duration(member, value, 3_600_000.0)
    }

    fn duration(&mut self, member: &str, value: &Scalar<'_>, unit_ms: f64) -> Option<i64> {
        let number = self.number(member, value)?;
        let milliseconds = (number * unit_ms).round();
        let fits = (0.0..=MOST_MS).contains(&milliseconds);
        if !fits {
            self.invalid(member, &format!("{number} is no duration"));
        }
        fits.then_some(milliseconds as i64)
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

    /// 0 to 100.
    pub fn percentage(&mut self, member: &str, value: &Scalar<'_>) -> Option<f64> {
        let percent = self.number(member, value)?;
        let fits = (0.0..=100.0).contains(&percent);
        if !fits {
            self.invalid(member, "outside 0 to 100 percent");
        }
        fits.then(|| round2(percent))
    }

    /// Where somebody was, by the names of its two members.
    pub fn position(
        &mut self,
        members: [&str; 2],
        latitude: &Scalar<'_>,
        longitude: &Scalar<'_>,
    ) -> Option<Coordinates> {
        let latitude = self.degrees(members[0], latitude, 90.0);
        let longitude = self.degrees(members[1], longitude, 180.0);
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

    pub fn status(&mut self, value: &Scalar<'_>) -> RecordStatus {
        match self.text("status", value).as_deref() {
            None | Some("active") => RecordStatus::Active,
            Some("deactivated" | "inactive") => RecordStatus::Inactive,
            Some(other) => {
                self.unknown_word("status", other, "status; taken for an active one");
                RecordStatus::Active
            }
        }
    }

    pub fn licence(
        &mut self,
        members: [&str; 2],
        state: &Scalar<'_>,
        number: &Scalar<'_>,
    ) -> Option<Licence> {
        let state = self.text(members[0], state);
        let licence = Licence {
            state: state.as_deref().and_then(contract_state),
            number: self.text(members[1], number),
        };
        (licence.state.is_some() || licence.number.is_some()).then_some(licence)
    }

    /// The elements of a list that a row has; null is none, and what is no list has none.
    pub fn list<'a, T: Deserialize<'a>>(
        &mut self,
        member: &str,
        value: Option<&'a RawValue>,
    ) -> Vec<T> {
        self.needed_list(member, value).unwrap_or_default()
    }

    /// The same, where a row cannot do without it: what is no list is `None`.
    pub fn needed_list<'a, T: Deserialize<'a>>(
        &mut self,
        member: &str,
        value: Option<&'a RawValue>,
    ) -> Option<Vec<T>> {
        let Some(value) = value else {
            return Some(Vec::new());
        };
        match serde_json::from_str::<Option<Vec<T>>>(value.get()) {
            Ok(list) => Some(list.unwrap_or_default()),
            Err(_) => {
                self.invalid(member, "not a list of what belongs there");
                None
            }
        }
    }
}
