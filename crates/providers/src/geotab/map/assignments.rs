//! Who drove what: changes of a vehicle's driver, each of which lasts until the next.
//!
//! The change before the window is listed with it: that is how its end becomes known. The last one
//! of a page is left open, because of several assignments that cover a time the last that began
//! counts.

use std::collections::BTreeMap;

use model::assignment::DriverAssignment;
use model::{Draft, RawRange, Timestamp};
use provider::{Page, ProviderError};

use super::super::requests::ROWS_LIMIT;
use super::super::wire::events::DriverChangeRow;
use super::super::{Reading, calls};
use super::{Fields, RawRow, parse, window};

struct Change {
    at: Timestamp,
    /// Orders changes of one moment: versions are texts of one length.
    version: String,
    driver: Option<String>,
    raw: RawRange,
}

pub fn page(reading: &Reading<'_>) -> Result<Page, ProviderError> {
    let (answered, _) = calls::of_task(reading, 1, 0, ROWS_LIMIT)?;
    let mut page = Page::default();
    let mut by_device: BTreeMap<String, Vec<Change>> = BTreeMap::new();
    for call in &answered {
        for raw in call.raw_rows(reading.answer) {
            if let Some((device, change)) = change(reading, &raw, &mut page) {
                by_device.entry(device).or_default().push(change);
            }
        }
    }
    for (device, mut changes) in by_device {
        changes.sort_by(|one, other| (one.at, &one.version).cmp(&(other.at, &other.version)));
        draft(reading, &device, &changes, &mut page);
    }
    Ok(page)
}

fn change(reading: &Reading<'_>, raw: &RawRow<'_>, page: &mut Page) -> Option<(String, Change)> {
    let row = parse::<DriverChangeRow<'_>>(raw, &mut page.notices)?;
    let mut fields = Fields::of(raw, &mut page.notices);
    let device = fields.asked(reading.task, "device", &row.device)?;
    let at = fields.required_time("dateTime", &row.date_time)?;
    let change = Change {
        at,
        version: fields.text("version", &row.version).unwrap_or_default(),
        driver: fields.reference("driver", &row.driver),
        raw: raw.range,
    };
    Some((device, change))
}

/// In order of time.
fn draft(reading: &Reading<'_>, device: &str, changes: &[Change], page: &mut Page) {
    let ids = reading.task.ids;
    for (index, change) in changes.iter().enumerate() {
        if change.at >= window(reading.task).until {
            continue;
        }
        let record = DriverAssignment {
            vehicle: ids.vehicle(device),
            driver: change.driver.as_ref().map(|driver| ids.driver(driver)),
            started_at: change.at,
            ended_at: changes.get(index + 1).map(|next| next.at),
            assigned_at: None,
        };
        page.drafts.push(Draft::new(ids, &record, vec![change.raw]));
    }
}
