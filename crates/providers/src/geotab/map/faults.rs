//! Fault codes. A row is one code at one time and names its diagnostic and failure mode by id. What
//! those are is asked together with the rows a second time, so that a page explains itself.
//!
//! The contract knows J1939 and OBD-II. Faults of the tracker itself, of makers' own numbering and
//! of J1708 have no form in it: a notice a page counts them.

use std::collections::{BTreeMap, BTreeSet};

use model::fault::{
    FaultCodeEvent, FaultCodeProtocol, FaultCodeStatus, J1939Code, MilStatus, ObdiiCode,
    ReportedCode,
};
use model::issue::IssueCode;
use model::{Draft, Timestamp};
use provider::{Excerpt, Notice, Page, ProviderError};

use super::super::calls::Call;
use super::super::place::{after_step, step};
use super::super::requests::ROWS_LIMIT;
use super::super::streams::MOST_CALLS;
use super::super::wire::entities::{DiagnosticRow, FailureModeRow};
use super::super::wire::events::FaultRow;
use super::super::{Reading, calls};
use super::{Fields, RawRow, parse, window};

/// What is to be explained: ids of a diagnostic and, where there is one, of a failure mode. Stored
/// in positions: frozen.
pub type Code = (String, Option<String>);

const DIAGNOSTIC: &str = "Diagnostic";
const FAILURE_MODE: &str = "FailureMode";

/// The calls that explain codes, each id once.
pub fn explanations(codes: &[Code]) -> BTreeSet<(&'static str, &str)> {
    codes
        .iter()
        .flat_map(|(diagnostic, failure_mode)| {
            let failure_mode = failure_mode.as_deref().map(|id| (FAILURE_MODE, id));
            [Some((DIAGNOSTIC, diagnostic.as_str())), failure_mode]
        })
        .flatten()
        .collect()
}

struct Fault<'a> {
    raw: RawRow<'a>,
    row: FaultRow<'a>,
    device: String,
    observed_at: Timestamp,
    code: Code,
}

pub fn page(reading: &Reading<'_>) -> Result<Page, ProviderError> {
    let asked: Vec<Code> = step(reading.task);
    let explained = explanations(&asked);
    let (answered, behind) = calls::of_task(reading, 1, explained.len(), ROWS_LIMIT)?;
    let mut page = Page::default();
    let mut faults: Vec<Fault<'_>> = Vec::new();
    for call in &answered {
        for raw in call.raw_rows(reading.answer) {
            faults.extend(fault(reading, raw, &mut page.notices));
        }
    }
    let meanings = Meanings::read(reading, &explained, &behind, &mut page);
    let mut foreign = Foreign::default();
    for fault in &faults {
        if asked.contains(&fault.code) {
            draft(reading, fault, &meanings, &mut foreign, &mut page);
        }
    }
    foreign.report(&mut page);
    let all: BTreeSet<&Code> = faults.iter().map(|fault| &fault.code).collect();
    let room = MOST_CALLS.saturating_sub(answered.len());
    page.next = after_step(&next_codes(&all, asked.last(), room));
    Ok(page)
}

/// So many of the codes behind the last as `room` calls explain.
fn next_codes(all: &BTreeSet<&Code>, last: Option<&Code>, room: usize) -> Vec<Code> {
    let mut next: Vec<Code> = Vec::new();
    let behind = |code: &&&Code| last.is_none_or(|last| **code > last);
    for code in all.iter().filter(behind) {
        next.push((*code).clone());
        if next.len() > 1 && explanations(&next).len() > room {
            next.pop();
            break;
        }
    }
    next
}

/// A row of the window. Every page lists all of them again, and says again what is wrong with them.
fn fault<'a>(
    reading: &Reading<'_>,
    raw: RawRow<'a>,
    notices: &mut Vec<Notice>,
) -> Option<Fault<'a>> {
    let row = parse::<FaultRow<'_>>(&raw, notices)?;
    let mut fields = Fields::of(&raw, notices);
    let device = fields.asked(reading.task, "device", &row.device)?;
    let observed_at = fields.required_time("dateTime", &row.date_time)?;
    let diagnostic = fields.required("diagnostic", &row.diagnostic)?;
    let failure_mode = fields.reference("failureMode", &row.failure_mode);
    if !window(reading.task).contains(observed_at) {
        return None;
    }
    Some(Fault {
        raw,
        row,
        device,
        observed_at,
        code: (diagnostic, failure_mode),
    })
}

/// What the second question answered, by id.
#[derive(Default)]
struct Meanings {
    diagnostics: BTreeMap<String, Diagnostic>,
    failure_modes: BTreeMap<String, FailureMode>,
}

struct Diagnostic {
    name: Option<String>,
    code: Option<i64>,
    source: Option<String>,
    kind: Option<String>,
}

struct FailureMode {
    name: Option<String>,
    code: Option<i64>,
}

impl Meanings {
    fn read(
        reading: &Reading<'_>,
        explained: &BTreeSet<(&'static str, &str)>,
        calls: &[Call<'_>],
        page: &mut Page,
    ) -> Meanings {
        let mut meanings = Meanings::default();
        for ((entity, id), call) in explained.iter().zip(calls) {
            for raw in call.raw_rows(reading.answer) {
                match *entity {
                    DIAGNOSTIC => meanings.diagnostic(id, &raw, page),
                    _ => meanings.failure_mode(id, &raw, page),
                }
            }
        }
        meanings
    }

    fn diagnostic(&mut self, id: &str, raw: &RawRow<'_>, page: &mut Page) {
        let Some(row) = parse::<DiagnosticRow<'_>>(raw, &mut page.notices) else {
            return;
        };
        let mut fields = Fields::of(raw, &mut page.notices);
        let meaning = Diagnostic {
            name: fields.text("name", &row.name),
            code: fields.whole_number("code", &row.code),
            source: fields.reference("source", &row.source),
            kind: fields.text("diagnosticType", &row.diagnostic_type),
        };
        self.diagnostics.insert(id.to_owned(), meaning);
    }

    fn failure_mode(&mut self, id: &str, raw: &RawRow<'_>, page: &mut Page) {
        let Some(row) = parse::<FailureModeRow<'_>>(raw, &mut page.notices) else {
            return;
        };
        let mut fields = Fields::of(raw, &mut page.notices);
        let meaning = FailureMode {
            name: fields.text("name", &row.name),
            code: fields.whole_number("code", &row.code),
        };
        self.failure_modes.insert(id.to_owned(), meaning);
    }
}

/// Rows without a form in the contract: the first of them, and how many there are.
#[derive(Default)]
struct Foreign(Option<(String, usize)>);

impl Foreign {
    fn count(&mut self, place: &str) {
        self.0.get_or_insert_with(|| (place.to_owned(), 0)).1 += 1;
    }

    fn report(self, page: &mut Page) {
        if let Some((place, count)) = self.0 {
            let reason = format!("neither J1939 nor OBD-II, {count} in all: left out");
            let mut fields = Fields::new(place, &mut page.notices);
            fields.notice(IssueCode::ProviderCapabilityNotSupported, "", &reason);
        }
    }
}

fn draft(
    reading: &Reading<'_>,
    fault: &Fault<'_>,
    meanings: &Meanings,
    foreign: &mut Foreign,
    page: &mut Page,
) {
    let ids = reading.task.ids;
    let mut fields = Fields::of(&fault.raw, &mut page.notices);
    let (diagnostic_id, failure_mode_id) = &fault.code;
    let Some(diagnostic) = meanings.diagnostics.get(diagnostic_id) else {
        fields.invalid(
            "diagnostic",
            "not a diagnostic that the account lists: left out",
        );
        return;
    };
    let failure_mode = failure_mode_id
        .as_ref()
        .and_then(|id| meanings.failure_modes.get(id));
    let code = match protocol(diagnostic) {
        None => {
            foreign.count(&fault.raw.place);
            return;
        }
        Some(FaultCodeProtocol::J1939) => j1939(&mut fields, &fault.row, diagnostic, failure_mode),
        Some(FaultCodeProtocol::Obdii) => obdii(&mut fields, &fault.row, diagnostic),
    };
    let (Some(code), Some(status)) = (code, status(&mut fields, &fault.row)) else {
        return;
    };
    let vehicle = ids.vehicle(&fault.device);
    let key = FaultCodeEvent::key(vehicle, fault.observed_at, &code.identity());
    let record = FaultCodeEvent {
        id: ids.fault_code_event(&key),
        status,
        provider: reading.provider.to_owned(),
        vehicle,
        protocol: code.protocol,
        code: code.code,
        description: code.description,
        observed_at: fault.observed_at,
        mil_status: code.mil_status,
        obdii: code.obdii,
        j1939: code.j1939,
    };
    page.drafts
        .push(Draft::new(ids, &record, vec![fault.raw.range]));
}

fn protocol(diagnostic: &Diagnostic) -> Option<FaultCodeProtocol> {
    match (diagnostic.source.as_deref(), diagnostic.kind.as_deref()) {
        (Some("SourceObdId" | "SourceObdSaId"), _) | (_, Some("ObdFault" | "ObdWwhFault")) => {
            Some(FaultCodeProtocol::Obdii)
        }
        (Some("SourceJ1939Id"), _) | (_, Some("SuspectParameter")) => {
            Some(FaultCodeProtocol::J1939)
        }
        _ => None,
    }
}

fn j1939(
    fields: &mut Fields<'_>,
    row: &FaultRow<'_>,
    diagnostic: &Diagnostic,
    failure_mode: Option<&FailureMode>,
) -> Option<ReportedCode> {
    let Some(spn) = diagnostic.code else {
        fields.invalid("diagnostic", "a J1939 diagnostic without its SPN: left out");
        return None;
    };
    let Some(fmi) = failure_mode.and_then(|mode| mode.code) else {
        fields.invalid("failureMode", "a J1939 fault without its FMI: left out");
        return None;
    };
    let fmi_description = failure_mode.and_then(|mode| mode.name.clone());
    let described = [diagnostic.name.as_deref(), fmi_description.as_deref()];
    let described: Vec<&str> = described.into_iter().flatten().collect();
    Some(ReportedCode {
        protocol: FaultCodeProtocol::J1939,
        code: format!("SPN{spn}-FMI{fmi}"),
        status: FaultCodeStatus::Open,
        description: (!described.is_empty()).then(|| described.join(": ")),
        mil_status: mil_status(fields, row),
        obdii: None,
        j1939: Some(J1939Code {
            fmi: Some(fmi),
            fmi_description,
            spn,
            spn_description: diagnostic.name.clone(),
            occurrence_count: fields.whole_number("count", &row.count),
            source_address: fields.whole_number("sourceAddress", &row.source_address),
        }),
    })
}

/// A letter by the control unit and four hexadecimal digits.
fn obdii(
    fields: &mut Fields<'_>,
    row: &FaultRow<'_>,
    diagnostic: &Diagnostic,
) -> Option<ReportedCode> {
    let controller = fields.reference("controller", &row.controller);
    let letter = match controller.as_deref() {
        Some("ControllerObdPowertrainId" | "ControllerObdWwhPowertrainId") => 'P',
        Some("ControllerObdBodyId" | "ControllerObdWwhBodyId") => 'B',
        Some("ControllerObdChassisId" | "ControllerObdWwhChassisId") => 'C',
        Some("ControllerObdNetworkingId" | "ControllerObdWwhNetworkingId") => 'U',
        _ => {
            fields.invalid("controller", "not one of OBD-II: the code has no letter");
            return None;
        }
    };
    let number = diagnostic.code.and_then(|code| u16::try_from(code).ok());
    let Some(number) = number else {
        fields.invalid(
            "diagnostic",
            "an OBD-II diagnostic without its number: left out",
        );
        return None;
    };
    let code = format!("{letter}{number:04X}");
    Some(ReportedCode {
        protocol: FaultCodeProtocol::Obdii,
        code: code.clone(),
        status: FaultCodeStatus::Open,
        description: diagnostic.name.clone(),
        mil_status: mil_status(fields, row),
        obdii: Some(ObdiiCode {
            code,
            description: diagnostic.name.clone(),
        }),
        j1939: None,
    })
}

fn mil_status(fields: &mut Fields<'_>, row: &FaultRow<'_>) -> Option<MilStatus> {
    let lamp = fields.truth("malfunctionLamp", &row.malfunction_lamp);
    lamp.map(|on| if on { MilStatus::On } else { MilStatus::Off })
}

/// In `faultState`, or where that says nothing in the newer `faultStates`.
fn status(fields: &mut Fields<'_>, row: &FaultRow<'_>) -> Option<FaultCodeStatus> {
    let state = fields.text("faultState", &row.fault_state);
    let effective = match fields.object("faultStates", &row.fault_states) {
        Some(states) => fields.reference("faultStates.effectiveStatus", &states.effective_status),
        None => None,
    };
    let state = state.filter(|state| state != "None").or(effective);
    let name = state.as_deref().unwrap_or("missing");
    let name = name.strip_prefix("FaultStatus").unwrap_or(name);
    match name.strip_suffix("Id").unwrap_or(name) {
        "Active" => Some(FaultCodeStatus::Open),
        "Pending" => Some(FaultCodeStatus::Pending),
        "Inactive" | "Cleared" => Some(FaultCodeStatus::Closed),
        other => {
            let shown = Excerpt::of(other.as_bytes());
            fields.invalid(
                "faultState",
                &format!("`{shown}` is no known state: left out"),
            );
            None
        }
    }
}
