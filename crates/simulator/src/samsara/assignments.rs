//! Who drove which vehicle.

use super::answer::Refusal;
use super::rows::LIST;
use super::wire::Json;
use super::{Call, SamsaraServer};
use crate::fleet::Assignment;

/// Rows on a page, whatever `limit` says.
const A_PAGE: usize = 50;

/// A row: the one who drove, or came along.
struct Row {
    assignment: Assignment,
    driver: usize,
    is_passenger: bool,
}

impl SamsaraServer {
    /// The same rows whether filtered by drivers or by vehicles.
    pub(super) fn assignments(&self, call: &Call<'_>) -> Result<Json, Refusal> {
        let parameters = &call.parameters;
        match parameters.one("filterBy") {
            Some("drivers" | "vehicles") => {}
            Some(_) => {
                return Err(Refusal::bad(
                    "Invalid value for filterBy. Can only be 'drivers' or 'vehicles'",
                ));
            }
            None => return Err(Refusal::bad("Missing parameter: filterBy")),
        }
        let window = parameters.window_around(call.now)?;
        let vehicles = parameters.ids("vehicleIds", usize::MAX)?;
        let drivers = parameters.ids("driverIds", usize::MAX)?;
        let kind = parameters.one("assignmentType");
        let cursor = self.cursor(call)?;
        let shown = self.shown_to(&cursor);
        let mut rows = Vec::new();
        for plan in self.world.vehicles() {
            if vehicles
                .as_ref()
                .is_some_and(|ids| !ids.contains(&plan.source_id))
            {
                continue;
            }
            for assignment in shown.assignments(plan.index, window) {
                rows.push(Row {
                    assignment,
                    driver: assignment.driver,
                    is_passenger: false,
                });
                rows.extend(shown.passenger(&assignment).map(|driver| Row {
                    assignment,
                    driver,
                    is_passenger: true,
                }));
            }
        }
        rows.retain(|row| {
            let id = &self.world.drivers()[row.driver].source_id;
            drivers.as_ref().is_none_or(|ids| ids.contains(id))
                && kind.is_none_or(|kind| kind == self.assignment_type(row))
        });
        Ok(self.page(call, &cursor, LIST, &rows, A_PAGE, |json, row| {
            let assignment = &row.assignment;
            json.raw("{").text_member("assignedAtTime", "");
            json.text_member("assignmentType", self.assignment_type(row));
            json.key("driver");
            self.write_driver_ref(json, row.driver, cursor.as_of);
            if shown.is_over(assignment.until) {
                json.time_member("endTime", assignment.until);
            }
            json.flag_member("isPassenger", row.is_passenger);
            json.time_member("startTime", assignment.from);
            json.key("vehicle");
            self.write_vehicle_ref(json, assignment.vehicle, "externalIds", cursor.as_of);
            json.raw("}");
        }))
    }

    fn assignment_type(&self, row: &Row) -> &'static str {
        let plan = &self.world.vehicles()[row.assignment.vehicle];
        if plan.static_driver == Some(row.driver) {
            "static"
        } else {
            "HOS"
        }
    }
}
