//! Who drove what.
//!
//! Every assignment that touches the window is listed, whenever it began. Passengers drive nothing
//! and are left out.

use model::Draft;
use model::assignment::DriverAssignment;
use provider::{Page, Task};

use super::super::wire::events::AssignmentRow;
use super::{Fields, RawRow, parse, window};

pub fn assignment(task: &Task<'_>, raw: &RawRow<'_>, page: &mut Page) {
    let Some(row) = parse::<AssignmentRow<'_>>(raw, &mut page.notices) else {
        return;
    };
    let mut fields = Fields::of(raw, &mut page.notices);
    if fields.truth("isPassenger", &row.is_passenger) == Some(true) {
        return;
    }
    let Some(vehicle) = fields.required("vehicle", &row.vehicle) else {
        return;
    };
    let Some(driver) = fields.required("driver", &row.driver) else {
        return;
    };
    let Some(started_at) = fields.required_time("startTime", &row.start_time) else {
        return;
    };
    let ended_at = fields.end("endTime", &row.end_time, started_at);
    if !fields.is_asked(task, "vehicle.id", &vehicle) || started_at >= window(task).until {
        return;
    }
    let record = DriverAssignment {
        vehicle: task.ids.vehicle(&vehicle),
        driver: Some(task.ids.driver(&driver)),
        started_at,
        ended_at,
        assigned_at: fields.time("assignedAtTime", &row.assigned_at_time),
    };
    page.drafts
        .push(Draft::new(task.ids, &record, vec![raw.range]));
}
