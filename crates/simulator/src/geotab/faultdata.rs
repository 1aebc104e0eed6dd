//! Faults: a row whenever a code comes, is confirmed or goes, told from one reading of the bus to
//! the next. Beside the engines' codes there are the device's own, which are none.

use std::collections::BTreeMap;

use model::time::{DAY_MS, HOUR_MS};
use model::{Timestamp, Window};

use super::catalogue;
use super::database::Database;
use super::ids;
use super::rows::{Row, Selection};
use super::rpc::{Refusal, Search};
use crate::faults::{EventKind, RowFault};
use crate::fleet::{FaultReading, J1939Fault, Obd2Fault, Obd2Stage};
use crate::samsara::wire::Json;
use crate::shown::after;

/// Slots of rows of one moment; the device's own row has the last.
const DEVICE_SLOT: u64 = 511;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    J1939(J1939Fault),
    Obd2(Obd2Fault),
    /// The telematics device was unplugged.
    Unplugged,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FaultState {
    Pending,
    Active,
    Inactive,
    Cleared,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FaultRow {
    pub vehicle: usize,
    pub time: Timestamp,
    /// When it arrived.
    pub at: Timestamp,
    pub number: u64,
    pub state: FaultState,
    pub code: Code,
}

impl Code {
    /// By which it is the same code in the next reading.
    fn identity(&self) -> (u32, u8, &'static str) {
        match self {
            // Numbers of parameters have 19 bits, those of failures five.
            Code::J1939(fault) => (
                fault.spn << 5 | u32::from(fault.fmi),
                fault.source_address,
                "",
            ),
            Code::Obd2(fault) => (0, 0, fault.code),
            Code::Unplugged => (0, 0, ""),
        }
    }

    fn state(&self) -> FaultState {
        match self {
            Code::Obd2(fault) if fault.stage == Obd2Stage::Pending => FaultState::Pending,
            _ => FaultState::Active,
        }
    }
}

pub(super) type Codes = BTreeMap<(u32, u8, &'static str), Code>;

/// A code in several stages at once counts as in the last of them.
pub(super) fn codes(reading: &FaultReading) -> Codes {
    let mut codes = Codes::new();
    let heavy = reading.j1939.iter().map(|fault| Code::J1939(*fault));
    let light = reading.obd2.iter().map(|fault| Code::Obd2(*fault));
    for code in heavy.chain(light) {
        let known = codes.entry(code.identity()).or_insert(code);
        if let (Code::Obd2(known), Code::Obd2(other)) = (known, code)
            && other.stage > known.stage
        {
            *known = other;
        }
    }
    codes
}

impl Database<'_> {
    /// Faults of a vehicle whose time lies in the window, whether or not they have arrived.
    pub fn fault_rows_of(&self, vehicle: usize, window: Window) -> Vec<FaultRow> {
        let Some(window) = self.until_now(window) else {
            return Vec::new();
        };
        let mut rows = Vec::new();
        let mut before = self.codes_before(vehicle, window.from);
        for reading in self.world.fault_readings(vehicle, window) {
            let codes = codes(&reading);
            let at = match self
                .faults
                .event_fault(EventKind::FaultReading, vehicle, reading.time)
            {
                RowFault::Late { at } => at,
                _ => reading.time,
            };
            let came = codes.iter().filter_map(|(identity, code)| {
                let known = before.get(identity).map(Code::state);
                (known != Some(code.state())).then_some((code.state(), *code))
            });
            let gone = before
                .iter()
                .filter(|(identity, _)| !codes.contains_key(*identity));
            let gone = gone.map(|(_, code)| match code {
                Code::J1939(_) => (FaultState::Inactive, *code),
                Code::Obd2(_) | Code::Unplugged => (FaultState::Cleared, *code),
            });
            for (slot, (state, code)) in came.chain(gone).enumerate() {
                rows.push(FaultRow {
                    vehicle,
                    time: reading.time,
                    at,
                    number: ids::number(reading.time, vehicle, slot as u64),
                    state,
                    code,
                });
            }
            before = codes;
        }
        rows.extend(self.unplugged(vehicle, window));
        rows
    }

    /// What the last reading before `time` showed.
    fn codes_before(&self, vehicle: usize, time: Timestamp) -> Codes {
        let last = self.looking_back(after(time, -1), |window| {
            self.world.fault_readings(vehicle, window).pop()
        });
        last.as_ref().map_or_else(Codes::new, codes)
    }

    /// Every fifth device says so once a week, at noon.
    fn unplugged(&self, vehicle: usize, window: Window) -> Option<FaultRow> {
        let window = self.world.within_history(window)?;
        let plan = &self.world.vehicles()[vehicle];
        plan.gateway
            .as_ref()
            .filter(|_| vehicle.is_multiple_of(5))?;
        let (first, last) = (window.from.utc_day(), after(window.until, -1).utc_day());
        let day = (first..=last).find(|day| (day + vehicle as i64) % 7 == 0)?;
        let time = Timestamp::from_millis(day * DAY_MS + 12 * HOUR_MS);
        window.contains(time).then(|| FaultRow {
            vehicle,
            time,
            at: time,
            number: ids::number(time, vehicle, DEVICE_SLOT),
            state: FaultState::Active,
            code: Code::Unplugged,
        })
    }

    pub(super) fn fault_rows(
        &self,
        search: Search<'_>,
        selection: &Selection,
    ) -> Result<Vec<Row>, Refusal> {
        let window = match selection.since {
            Some(since) => self.may_have_changed(since),
            None => selection.window(search)?,
        };
        let diagnostic = search.id_in("diagnosticSearch");
        let mut rows = Vec::new();
        for vehicle in selection.vehicles(self.world, search) {
            for fault in self.fault_rows_of(vehicle, window) {
                let is_wanted =
                    diagnostic.is_none_or(|wanted| wanted == catalogue::diagnostic_id(&fault.code));
                if selection.shows(self.now, fault.at, None) && is_wanted {
                    rows.push(fault_row(&fault));
                }
            }
        }
        Ok(rows)
    }
}

fn fault_row(fault: &FaultRow) -> Row {
    let state = match fault.state {
        FaultState::Pending => "Pending",
        FaultState::Active => "Active",
        FaultState::Inactive => "Inactive",
        FaultState::Cleared => "Cleared",
    };
    let is_over = matches!(fault.state, FaultState::Inactive | FaultState::Cleared);
    let (count, lamp, address) = match fault.code {
        Code::J1939(code) => (
            code.occurrence_count.into(),
            code.mil_is_on,
            Some(code.source_address),
        ),
        Code::Obd2(code) => (1, code.mil_is_on, None),
        Code::Unplugged => (1, false, None),
    };
    let mut json = Json::default();
    json.raw("{").flag_member("amberWarningLamp", false);
    match catalogue::controller_id(&fault.code) {
        ids::NO_CONTROLLER => json.no_reference("controller", ids::NO_CONTROLLER, fault.number),
        known => json.reference("controller", known),
    };
    json.integer_member("count", count);
    json.time_member("dateTime", fault.time);
    json.reference("device", &ids::device_id(fault.vehicle));
    json.reference("diagnostic", &catalogue::diagnostic_id(&fault.code));
    match catalogue::failure_mode_id(&fault.code) {
        Some(id) => json.reference("failureMode", &id),
        None => json.no_reference("failureMode", ids::NO_FAILURE_MODE, fault.number),
    };
    json.text_member("faultState", state);
    json.key("faultStates").raw("{");
    json.text_member("effectiveStatus", &format!("FaultStatus{state}Id"))
        .raw("}");
    json.text_member("id", &ids::id(fault.number));
    // A code that is gone lights nothing.
    json.flag_member("malfunctionLamp", lamp && !is_over);
    json.flag_member("protectWarningLamp", false);
    json.flag_member("redStopLamp", false);
    if let Some(address) = address {
        json.integer_member("sourceAddress", address.into());
    }
    json.raw("}");
    // Rows of faults do not carry the version that they have in the feed.
    let version = ids::number(fault.at, fault.vehicle, fault.number);
    Row::new(ids::id(fault.number), version, fault.time, json)
}
