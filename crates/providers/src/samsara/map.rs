//! Rows into records, one file a topic.
//!
//! Samsara leaves out what it does not know and sends empty texts besides: both are absence here. A
//! member of a wrong type is absent too, with a notice; a row is lost only where it lacks what
//! makes it a record. What people type freely (a driver's phone, e-mail, licence state) is taken
//! when it fits the contract and left out without a notice when not: most fleets have such entries,
//! and `raw` shows them.
//!
//! Rows of events that lie outside the window that was asked for come without a notice and are left
//! out: Samsara answers by its own idea of the edges, and they come with their own window.

pub mod assignments;
pub mod devices;
pub mod drivers;
pub mod entities;
pub mod faults;
mod fields;
pub mod hos;
pub mod reports;
pub mod safety;
pub mod trips;
pub mod vehicles;

use model::{RawRange, Timestamp, Window};
use provider::{Answer, Notice, Page, ProviderError, Task};
use serde::Deserialize;
use serde_json::value::RawValue;

pub use fields::Fields;

use super::errors::{text, unreadable};
use super::place::next;
use super::wire::{List, Object};

const A_LIST: &str = "an object with `data`, a list, and `pagination`";

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
    /// Its JSON path in the page (`data[3]`).
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

/// Puts what a row says into the page: drafts, or a notice.
type MapRow = fn(&Task<'_>, &RawRow<'_>, &mut Page);

/// A page of rows in `data`.
pub fn listing(
    task: &Task<'_>,
    answer: &Answer<'_>,
    map_row: MapRow,
) -> Result<Page, ProviderError> {
    let body = text(answer, A_LIST)?;
    let list: List<'_> =
        serde_json::from_str(body).map_err(|error| unreadable(answer, &error, A_LIST))?;
    let mut page = Page {
        next: next(task, answer, &list.pagination)?,
        ..Page::default()
    };
    for (index, row) in list.data.iter().enumerate() {
        let row = RawRow::new(format!("data[{index}]"), answer, row);
        map_row(task, &row, &mut page);
    }
    Ok(page)
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
