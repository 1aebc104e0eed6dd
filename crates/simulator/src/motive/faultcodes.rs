//! Fault codes: a row for each time that a code was there, changed in place as it goes on.
//!
//! Motive has no readings. A row opens with the first reading that has the code and closes with the
//! first that has not; a gateway that uploads late uploads in order, so rows only grow. A code that
//! one reading alone has was observed for a minute.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use model::time::{MINUTE_MS, SECOND_MS};
use model::{Timestamp, Window};

use super::answer::Refusal;
use super::paging::Wrapper;
use super::wire::Members;
use super::{Call, MotiveServer, ids};
use crate::fleet::{FaultReading, J1939Fault, Obd2Fault};
use crate::samsara::wire::Json;
use crate::shown::{Shown, after, overlaps};

/// A code as the last reading had it that had it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    J1939(J1939Fault),
    Obd2(Obd2Fault),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FaultRow {
    pub id: i64,
    pub vehicle: usize,
    pub code: Code,
    pub first: Timestamp,
    pub last: Timestamp,
    pub is_open: bool,
    pub updated_at: Timestamp,
}

impl Code {
    fn identity(&self) -> (u32, u8, u8, &'static str) {
        match self {
            Code::J1939(fault) => (fault.spn, fault.fmi, fault.source_address, ""),
            Code::Obd2(fault) => (0, 0, 0, fault.code),
        }
    }
}

fn codes(reading: &FaultReading) -> impl Iterator<Item = Code> {
    let heavy = reading.j1939.iter().copied().map(Code::J1939);
    heavy.chain(reading.obd2.iter().copied().map(Code::Obd2))
}

/// The rows of a vehicle, in the order in which they were opened.
pub(crate) fn rows(shown: &Shown<'_>, vehicle: usize) -> Vec<FaultRow> {
    let ever = Window::new(shown.world.config().begins_at, after(shown.now, 1));
    let readings = ever.map_or_else(Vec::new, |ever| shown.world.fault_readings(vehicle, ever));
    let mut rows: Vec<FaultRow> = Vec::new();
    // By identity the place of the row that is open.
    let mut open = BTreeMap::new();
    let mut arrived = Timestamp::MIN;
    for reading in &readings {
        arrived = arrived.max(shown.fault_reading_at(vehicle, reading.time));
        if !shown.is_over(arrived) {
            break;
        }
        let time = reading.time.floor_to(SECOND_MS);
        let before = std::mem::take(&mut open);
        for (place, code) in codes(reading).enumerate() {
            let known = before.get(&code.identity()).or(open.get(&code.identity()));
            let row = known.copied().unwrap_or_else(|| {
                rows.push(FaultRow {
                    id: ids::event(vehicle, after(reading.time, place as i64)),
                    vehicle,
                    code,
                    first: time,
                    last: time,
                    is_open: true,
                    updated_at: arrived,
                });
                rows.len() - 1
            });
            open.insert(code.identity(), row);
            rows[row].code = code;
            rows[row].last = time;
            rows[row].updated_at = arrived;
        }
        let gone = before
            .iter()
            .filter(|(identity, _)| !open.contains_key(*identity));
        for (_, row) in gone {
            let row = &mut rows[*row];
            row.is_open = false;
            row.last = row.last.max(after(row.first, MINUTE_MS));
            row.updated_at = arrived;
        }
    }
    rows
}

impl MotiveServer {
    /// Rows of which a UTC day of the window saw something, if there is a window.
    pub(super) fn fault_codes(&self, call: &Call) -> Result<Json, Refusal> {
        let parameters = &call.parameters;
        let is_dated = ["start_date", "end_date"]
            .iter()
            .any(|name| parameters.one(name).is_some());
        let asked = match is_dated {
            true => Some(parameters.window(&TimeZone::UTC, call.now)?),
            false => None,
        };
        let vehicles = parameters.many("vehicle_ids");
        let changed = parameters.time("updated_after");
        let status = parameters.one("status");
        let shown = self.shown(call.now);
        let mut found: Vec<FaultRow> = (0..self.world.vehicles().len())
            .flat_map(|vehicle| rows(&shown, vehicle))
            .filter(|row| {
                let id = ids::vehicle(row.vehicle).to_string();
                let last = after(row.last, 1);
                asked.is_none_or(|asked| overlaps(row.first, last, asked.window))
                    && vehicles.as_ref().is_none_or(|wanted| wanted.contains(&id))
                    && changed.is_none_or(|after| row.updated_at > after)
                    && status.is_none_or(|status| status == row.status())
            })
            .collect();
        found.sort_by_key(|row| row.id);
        let wrapper = Wrapper::of("fault_codes", "fault_code").flat();
        Ok(self.page(call, wrapper, &found, |json, row| {
            self.write_fault(json, row, call);
        }))
    }

    fn write_fault(&self, json: &mut Json, row: &FaultRow, call: &Call) {
        json.raw("{").integer_member("id", row.id);
        json.text_member("status", row.status());
        call.form.time(json, "first_observed_at", row.first);
        call.form.time(json, "last_observed_at", row.last);
        json.text_member("type", "constant");
        match &row.code {
            Code::J1939(fault) => {
                json.text_member("code", &fault.spn.to_string());
                let label = format!("SPN {} FMI {}", fault.spn, fault.fmi);
                json.text_member("code_label", &label);
                json.text_member("code_description", fault.spn_description);
                json.integer_member("fmi", fault.fmi.into());
                json.text_member("fmi_description", fault.fmi_description);
                let count = i64::from(fault.occurrence_count);
                json.integer_member("occurrence_count", count);
                json.integer_member("num_observations", count);
                json.integer_member("sum_num_observations", count);
                json.text_member("source_address_label", fault.source_name);
                json.text_member("source_address_name", fault.source_name);
                json.integer_member("source_address", fault.source_address.into());
                json.text_member("network", "j1939");
            }
            Code::Obd2(fault) => {
                json.text_member("code", fault.code);
                json.text_member("code_label", fault.code);
                json.text_member("code_description", fault.description);
                json.nulls(&[
                    "fmi",
                    "fmi_description",
                    "occurrence_count",
                    "num_observations",
                    "sum_num_observations",
                    "source_address_label",
                    "source_address_name",
                    "source_address",
                ]);
                json.text_member("network", "obdii");
            }
        }
        json.flag_member("is_sid", false);
        json.nulls(&["dtc_status", "dtc_severity", "functional_grp_id", "ftb"]);
        json.key("eld_device");
        self.write_eld_or_null(json, row.vehicle);
        json.key("vehicle");
        self.write_vehicle_ref(json, row.vehicle, call);
        json.raw("}");
    }
}

impl FaultRow {
    fn status(&self) -> &'static str {
        if self.is_open { "open" } else { "closed" }
    }
}
