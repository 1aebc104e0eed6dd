//! The members of one row, read one by one.

use model::coordinates::Coordinates;
use model::issue::IssueCode;
use model::units::{from_hundredths, hundredths, round2};
use model::{GroupId, IdSpace, RecordStatus, Timestamp};
use provider::{Notice, Task};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::timespan;
use super::super::wire::events::Point;
use super::super::wire::{Object, Reference, Scalar};
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

    /// Somebody else, where the row names one.
    pub fn reference(&mut self, member: &str, value: &Reference<'_>) -> Option<String> {
        if let Reference::Odd(kind) = value {
            self.invalid(
                member,
                &format!("{kind}, neither an id nor an object with one"),
            );
        }
        value.id().map(str::to_owned)
    }

    /// The same, where a row without it is nobody's.
    pub fn required(&mut self, member: &str, value: &Reference<'_>) -> Option<String> {
        let known = self.count();
        let id = self.reference(member, value);
        if id.is_none() && self.count() == known {
            let reason = "nobody: the row is left out";
            self.notice(IssueCode::InvalidSourceIdentifier, member, reason);
        }
        id
    }

    /// The vehicle or driver of a row, if it was asked about.
    pub fn asked(
        &mut self,
        task: &Task<'_>,
        member: &str,
        value: &Reference<'_>,
    ) -> Option<String> {
        let id = self.required(member, value)?;
        let asked = task.partitions;
        let known = asked.is_empty() || asked.iter().any(|asked| asked.source_id == id);
        if !known {
            self.invalid(member, "not asked for: the row is left out");
        }
        known.then_some(id)
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

    /// A TimeSpan in milliseconds, which may be negative.
    pub fn span(&mut self, member: &str, value: &Scalar<'_>) -> Option<i64> {
        let text = self.text(member, value)?;
        let span = timespan::milliseconds(&text);
        if span.is_none() {
            self.invalid(member, "not a time span");
        }
        span
    }

    /// A span that something took.
    pub fn duration(&mut self, member: &str, value: &Scalar<'_>) -> Option<i64> {
        let span = self.span(member, value)?;
        if span < 0 {
            self.invalid(member, "a negative duration");
        }
        (span >= 0).then_some(span)
    }

    /// A whole number, as such or in a text.
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

    /// Model years come as texts; 0 and the like say that it is not known.
    pub fn year(&mut self, member: &str, value: &Scalar<'_>) -> Option<i32> {
        let number = self.whole_number(member, value)?;
        i32::try_from(number).ok().filter(|year| *year > 0)
    }

    /// A measured number; what is not one comes as the text `NaN`.
    pub fn number(&mut self, member: &str, value: &Scalar<'_>) -> Option<f64> {
        match value {
            Scalar::Absent => None,
            Scalar::Number(number) => Some(*number),
            Scalar::Text(text) if text == "NaN" => None,
            other => {
                self.invalid(member, &format!("{}, not a number", other.kind()));
                None
            }
        }
    }

    /// A number that cannot be negative, with two decimals after `scale`.
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

    /// Degrees clockwise from north, two decimals; -1 where it is not known.
    pub fn bearing(&mut self, member: &str, value: &Scalar<'_>) -> Option<f64> {
        let degrees = self.number(member, value).filter(|d| *d != -1.0)?;
        let fits = (0.0..=360.0).contains(&degrees);
        if !fits {
            self.invalid(member, "outside 0 to 360°");
        }
        fits.then(|| round2(degrees))
    }

    /// `x` is the longitude.
    pub fn point(&mut self, member: &str, value: &Object<Point<'_>>) -> Option<Coordinates> {
        let point = self.object(member, value)?;
        let (latitude, longitude) = (format!("{member}.y"), format!("{member}.x"));
        self.position((&latitude, &point.y), (&longitude, &point.x))
    }

    /// 0, 0 is how receivers without a fix say that they do not know.
    pub fn position(
        &mut self,
        latitude: (&str, &Scalar<'_>),
        longitude: (&str, &Scalar<'_>),
    ) -> Option<Coordinates> {
        let latitude = self.degrees(latitude.0, latitude.1, 90.0);
        let longitude = self.degrees(longitude.0, longitude.1, 180.0);
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
    ) -> Vec<T> {
        let Some(value) = value else {
            return Vec::new();
        };
        serde_json::from_str(value.get()).unwrap_or_else(|_| {
            self.invalid(member, "not a list of what belongs there");
            Vec::new()
        })
    }

    /// Ids that a list refers to, each once.
    pub fn references(&mut self, member: &str, value: Option<&RawValue>) -> Vec<String> {
        let mut ids: Vec<String> = Vec::new();
        for (index, reference) in self.list::<Reference<'_>>(member, value).iter().enumerate() {
            let place = format!("{member}[{index}]");
            ids.extend(
                self.reference(&place, reference)
                    .filter(|id| !ids.contains(id)),
            );
        }
        ids
    }

    pub fn groups(
        &mut self,
        ids: &IdSpace,
        member: &str,
        value: Option<&RawValue>,
    ) -> Vec<GroupId> {
        let groups = self.references(member, value);
        groups.iter().map(|group| ids.group(group)).collect()
    }

    /// In use between two dates, the later of which is 2050 for as long as nobody ends it.
    pub fn status(
        &mut self,
        now: Timestamp,
        active_from: &Scalar<'_>,
        active_to: &Scalar<'_>,
    ) -> RecordStatus {
        let begun = self.time("activeFrom", active_from);
        let ended = self.time("activeTo", active_to);
        let is_active = begun.is_none_or(|begun| begun <= now) && ended.is_none_or(|end| end > now);
        match is_active {
            true => RecordStatus::Active,
            false => RecordStatus::Inactive,
        }
    }
}
