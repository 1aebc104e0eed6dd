//! Rows into records, one file a topic.
//!
//! Null, an empty text and what is not there are absence alike. A member of a wrong type is absent
//! too, with a notice; a row is lost only where it lacks what makes it a record. What people type
//! freely (a driver's phone, licence state) is taken when it fits the contract and left out without
//! a notice when not: most fleets have such entries, and `raw` shows them.
//!
//! Rows of vehicles and drivers that were not asked about, and events outside the window, come
//! without a notice and are left out: many endpoints answer for the whole fleet and whole days, and
//! such rows come with their own task. What has not ended comes when it has.

pub mod drivers;
pub mod duty;
pub mod entities;
pub mod faults;
mod fields;
pub mod hos;
pub mod reports;
pub mod safety;
pub mod trips;
pub mod vehicles;

use model::issue::IssueCode;
use model::{RawRange, Timestamp, Window};
use provider::{Answer, Notice, Page, ProviderError, Task};
use serde::Deserialize;
use serde_json::value::RawValue;

pub use fields::Fields;

use super::place::next;
use super::wire::Object;
use super::wire::envelope::{self, Wrapper, open, unwrapped};

pub const COMPANIES: Wrapper = Wrapper::named(&["companies"], &["company"]);
pub const VEHICLES: Wrapper = Wrapper::named(&["vehicles"], &["vehicle"]);
pub const USERS: Wrapper = Wrapper::named(&["users"], &["user"]);
pub const GROUPS: Wrapper = Wrapper::named(&["groups"], &["group"]);
pub const ELD_DEVICES: Wrapper = Wrapper::named(&["eld_devices"], &["eld_device"]);
pub const ASSETS: Wrapper = Wrapper::named(&["assets"], &["asset"]);
pub const DRIVING_PERIODS: Wrapper = Wrapper::named(&["driving_periods"], &["driving_period"]);
pub const IDLE_EVENTS: Wrapper = Wrapper::named(&["idle_events"], &["idle_event"]);
pub const LOGS: Wrapper = Wrapper::named(&["logs"], &["log"]);
pub const FAULT_CODES: Wrapper = Wrapper::named(&["fault_codes"], &["fault_code"]);
pub const PERFORMANCE_EVENTS: Wrapper = Wrapper::named(
    &["driver_performance_events"],
    &["driver_performance_event"],
);
pub const SPEEDING_EVENTS: Wrapper = Wrapper::named(&["speeding_events"], &["speeding_event"]);
/// The first version's name besides: it is not the path's either.
pub const UTILIZATION: Wrapper = Wrapper::named(
    &["vehicle_utilizations", "vehicle_idle_rollups"],
    &["vehicle_utilization", "vehicle_idle_rollup"],
);
/// Shown as trips in the sample; a later text speaks of a summary of mileage.
pub const IFTA: Wrapper = Wrapper::named(
    &["ifta_trips", "ifta_mileage_summaries", "ifta_summaries"],
    &["ifta_trip", "ifta_mileage_summary", "ifta_summary"],
);

/// The window of a task; all time where it has none.
pub fn window(task: &Task<'_>) -> Window {
    task.window.unwrap_or(Window {
        from: Timestamp::MIN,
        until: Timestamp::MAX,
    })
}

/// Whether a vehicle or driver, by its own id, is one that the task is about.
pub fn is_asked(task: &Task<'_>, source_id: &str) -> bool {
    let asked = task.partitions;
    asked.is_empty() || asked.iter().any(|asked| asked.source_id == source_id)
}

/// The contract's `State` list.
const STATES: &str = "AL AK AS AZ AR CA CO CT DE FL GA GU HI ID IL IN IA KS KY LA ME MD MA MI MN \
                      MP MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA PR RI SC SD TN TX UT VT VA \
                      VI WA WV WI WY AB BC MB NB NL NS ON PE QC SK NT NU UM YT DC";

/// A code of the contract's `State` list, in its spelling.
pub fn contract_state(text: &str) -> Option<String> {
    let state = text.trim().to_ascii_uppercase();
    STATES
        .split_ascii_whitespace()
        .any(|known| known == state)
        .then_some(state)
}

/// One row without its wrapper, and where it lies.
pub struct RawRow<'a> {
    /// Its JSON path in the page (`vehicles[3].vehicle`).
    pub place: String,
    pub text: &'a str,
    pub range: RawRange,
    /// When the page with it was received: the only present that there is.
    pub received_at: Timestamp,
}

/// Puts what a row says into the page: drafts, or a notice.
pub type MapRow = fn(&Task<'_>, &RawRow<'_>, &mut Page);

/// A page of a list that is walked by page numbers.
pub fn list(
    task: &Task<'_>,
    answer: &Answer<'_>,
    wrapper: Wrapper,
    map_row: MapRow,
) -> Result<Page, ProviderError> {
    let opened = open(answer, wrapper)?;
    let mut page = Page {
        next: next(task, answer, &opened)?,
        ..Page::default()
    };
    map_rows(task, answer, &opened, map_row, &mut page);
    Ok(page)
}

pub fn map_rows(
    task: &Task<'_>,
    answer: &Answer<'_>,
    opened: &envelope::Page<'_>,
    map_row: MapRow,
    page: &mut Page,
) {
    for row in rows(answer, opened, &mut page.notices) {
        map_row(task, &row, page);
    }
}

/// The rows of a page; what is none is noticed.
pub fn rows<'a>(
    answer: &Answer<'_>,
    opened: &envelope::Page<'a>,
    notices: &mut Vec<Notice>,
) -> Vec<RawRow<'a>> {
    let at = |index: usize| format!("{}[{index}]", opened.list);
    unwrap_rows(answer, &opened.rows, opened.item, at, notices)
}

/// Takes rows out of their wrappers; `at` is a wrapper's JSON path.
pub fn unwrap_rows<'a>(
    answer: &Answer<'_>,
    wrapped: &[&'a RawValue],
    item: &str,
    at: impl Fn(usize) -> String,
    notices: &mut Vec<Notice>,
) -> Vec<RawRow<'a>> {
    let mut rows = Vec::with_capacity(wrapped.len());
    for (index, row) in wrapped.iter().enumerate() {
        match unwrapped(row, item) {
            Ok(row) => rows.push(RawRow {
                place: format!("{}.{item}", at(index)),
                text: row.get(),
                range: range_within(answer.body, row.get()),
                received_at: answer.received_at,
            }),
            Err(what) => notices.push(Notice {
                code: IssueCode::ProviderSourceDataInvalid,
                place: at(index),
                reason: format!("{what}: not a wrapped `{item}`"),
            }),
        }
    }
    rows
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
