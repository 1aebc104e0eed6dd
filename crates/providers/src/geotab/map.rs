//! Rows into records, one file a topic.
//!
//! MyGeotab leaves out what it does not know and sends empty texts besides: both are absence here.
//! A member of a wrong type is absent too, with a notice; a row is lost only where it lacks what
//! makes it a record. What people type freely (a driver's phone, a plate's state) is taken when it
//! fits the contract and left out without a notice when not: `raw` shows it.
//!
//! Windows are asked for wider than they are where rows are found by another time than the one they
//! are kept by. Rows that belong to another window come with it, and are left out without a notice.

pub mod assignments;
pub mod configuration;
pub mod daily;
pub mod devices;
pub mod drivers;
pub mod faults;
mod fields;
pub mod groups;
pub mod hos;
pub mod ifta;
pub mod safety;
pub mod safety_rules;
pub mod trailers;
pub mod trips;
pub mod utilization;
pub mod watches;

use model::{RawRange, Timestamp, Window};
use provider::{Answer, Notice, Task};
use serde::Deserialize;
use serde_json::value::RawValue;

pub use fields::Fields;

use super::wire::Object;

pub const ALWAYS: Window = Window {
    from: Timestamp::MIN,
    until: Timestamp::MAX,
};

/// The window of a task; all time where it has none.
pub fn window(task: &Task<'_>) -> Window {
    task.window.unwrap_or(ALWAYS)
}

/// The contract's `State` list.
const STATES: &str = "AL AK AS AZ AR CA CO CT DE FL GA GU HI ID IL IN IA KS KY LA ME MD MA MI MN \
                      MP MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA PR RI SC SD TN TX UT VT VA \
                      WA WV WI WY VI AB BC MB NB NL NS ON PE QC SK NT NU UM YT DC";

/// One row, and where it lies.
pub struct RawRow<'a> {
    /// Its JSON path in the page (`result[3][7]`).
    pub place: String,
    pub text: &'a str,
    pub range: RawRange,
    /// When the page with it was received: the only present that there is.
    pub received_at: Timestamp,
}

impl<'a> RawRow<'a> {
    pub fn new(place: String, answer: &Answer<'_>, row: &'a RawValue) -> RawRow<'a> {
        RawRow {
            place,
            text: row.get(),
            range: range_within(answer.body, row.get()),
            received_at: answer.received_at,
        }
    }
}

/// Both lie in one allocation, so the difference of their addresses is the offset.
fn range_within(body: &[u8], row: &str) -> RawRange {
    let offset = (row.as_ptr() as usize).wrapping_sub(body.as_ptr() as usize);
    RawRange {
        offset: u32::try_from(offset).unwrap_or(u32::MAX),
        length: u32::try_from(row.len()).unwrap_or(u32::MAX),
    }
}

pub fn parse<'a, T: Deserialize<'a>>(raw: &RawRow<'a>, notices: &mut Vec<Notice>) -> Option<T> {
    match serde_json::from_str::<Object<T>>(raw.text) {
        Ok(Object::Present(row)) => return Some(row),
        Ok(Object::Absent) => Fields::of(raw, notices).invalid("", "null, not an object"),
        Ok(Object::Odd(kind)) => {
            Fields::of(raw, notices).invalid("", &format!("{kind}, not an object"));
        }
        // The page was read already, so this is one member given twice.
        Err(error) => Fields::of(raw, notices).invalid("", &error.to_string()),
    }
    None
}

/// A code of the contract's `State` list, in its spelling.
pub fn contract_state(text: &str) -> Option<String> {
    let state = text.trim().to_ascii_uppercase();
    STATES
        .split_ascii_whitespace()
        .any(|known| known == state)
        .then_some(state)
}
