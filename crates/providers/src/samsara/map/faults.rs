//! Fault codes: all that were present at one time, as a fact.
//!
//! What came and went is found by comparing successive readings, so a reading that is not
//! understood whole is left out whole: without one of its codes it would say that the code is gone.

use std::collections::BTreeMap;

use model::fault::{
    FaultCodeProtocol, FaultCodeStatus, FaultReading, J1939Code, MilStatus, ObdiiCode, ReportedCode,
};
use model::issue::IssueCode;
use model::{Draft, VehicleId};
use provider::{Answer, Page, ProviderError, Task};
use serde_json::value::RawValue;

use super::super::DESCRIPTOR;
use super::super::errors::{text, unreadable};
use super::super::place::next;
use super::super::wire::stats::{
    CodesOfBus, DtcRow, FaultsOfVehicle, FaultsRow, J1939Row, ObdiiRow,
};
use super::super::wire::{Envelope, Object, Scalar};
use super::{Fields, RawRow, parse, window};

const A_PAGE: &str = "an object with `data`, vehicles with a list of `faultCodes`";

pub fn read(task: &Task<'_>, answer: &Answer<'_>) -> Result<Page, ProviderError> {
    let body = text(answer, A_PAGE)?;
    let answered: Envelope<'_, Vec<FaultsOfVehicle<'_>>> =
        serde_json::from_str(body).map_err(|error| unreadable(answer, &error, A_PAGE))?;
    let mut page = Page {
        next: next(task, answer, &answered.pagination)?,
        ..Page::default()
    };
    let mut lost = Lost::default();
    for (index, vehicle) in answered.data.iter().enumerate() {
        let place = format!("data[{index}]");
        let mut fields = Fields::new(place.clone(), &mut page.notices);
        let Some(source_id) = fields.source_id("id", &vehicle.id) else {
            continue;
        };
        if !fields.is_asked(task, "id", &source_id) {
            continue;
        }
        let id = task.ids.vehicle(&source_id);
        for (index, row) in vehicle.fault_codes.iter().enumerate() {
            let row = RawRow::new(format!("{place}.faultCodes[{index}]"), answer, row);
            reading(task, id, &row, &mut page, &mut lost);
        }
    }
    lost.report(&mut page);
    Ok(page)
}

/// Codes that have no form in the common model. They repeat in every reading, so a page names the
/// first of a kind and how many there were.
#[derive(Default)]
struct Lost {
    /// Of makers' own numbering.
    oem: Option<(String, usize)>,
    /// Without the short code that everybody else knows them by.
    nameless: Option<(String, usize)>,
}

impl Lost {
    fn count(kind: &mut Option<(String, usize)>, place: impl FnOnce() -> String, codes: usize) {
        if codes > 0 {
            kind.get_or_insert_with(|| (place(), 0)).1 += codes;
        }
    }

    fn report(self, page: &mut Page) {
        let kinds = [
            (
                self.oem,
                "codes of the maker's own, which have no common form",
            ),
            (self.nameless, "OBD-II codes without a `dtcShortCode`"),
        ];
        for (lost, what) in kinds {
            if let Some((place, codes)) = lost {
                let mut fields = Fields::new(place, &mut page.notices);
                let reason = format!("{codes} {what}: left out");
                fields.notice(IssueCode::ProviderCapabilityNotSupported, "", &reason);
            }
        }
    }
}

fn reading(
    task: &Task<'_>,
    vehicle: VehicleId,
    raw: &RawRow<'_>,
    page: &mut Page,
    lost: &mut Lost,
) {
    let Some(row) = parse::<FaultsRow<'_>>(raw, &mut page.notices) else {
        return;
    };
    let mut fields = Fields::of(raw, &mut page.notices);
    let Some(observed_at) = fields.required_time("time", &row.time) else {
        return;
    };
    if !window(task).contains(observed_at) {
        return;
    }
    let mut codes = Codes {
        known: BTreeMap::new(),
        place: &raw.place,
        lost,
    };
    let is_understood = codes.j1939(&mut fields, &row.j1939).is_some()
        && codes.obdii(&mut fields, &row.obdii).is_some()
        && codes.oem(&mut fields, &row.oem).is_some();
    if !is_understood {
        return;
    }
    let mut known: Vec<ReportedCode> = codes.known.into_values().collect();
    known.sort();
    let record = FaultReading {
        provider: DESCRIPTOR.code.to_owned(),
        vehicle,
        observed_at,
        codes: known,
    };
    page.drafts
        .push(Draft::new(task.ids, &record, vec![raw.range]));
}

/// The codes of one reading. Its methods give `None`, after a notice, where they cannot tell which
/// codes there are.
struct Codes<'l> {
    known: BTreeMap<String, ReportedCode>,
    place: &'l str,
    lost: &'l mut Lost,
}

impl Codes<'_> {
    /// One code may be reported as pending and as confirmed, and by several control units.
    fn add(&mut self, code: ReportedCode) {
        let identity = code.identity();
        match self.known.get_mut(&identity) {
            None => {
                self.known.insert(identity, code);
            }
            Some(known) => {
                if code.status == FaultCodeStatus::Open {
                    known.status = FaultCodeStatus::Open;
                }
                // On comes first.
                let lamps = [known.mil_status, code.mil_status];
                known.mil_status = lamps.into_iter().flatten().min();
                if known.description.is_none() {
                    known.description = code.description;
                    known.obdii = code.obdii.or(known.obdii.take());
                }
            }
        }
    }

    fn j1939(&mut self, fields: &mut Fields<'_>, bus: &Object<CodesOfBus<'_>>) -> Option<()> {
        let rows = bus_codes::<J1939Row<'_>>(fields, "j1939", bus)?;
        for (index, row) in rows.iter().enumerate() {
            let place = format!("j1939.diagnosticTroubleCodes[{index}]");
            let row = fields.needed(&place, row)?;
            let code = j1939_code(fields, &place, row)?;
            self.add(code);
        }
        Some(())
    }

    fn obdii(&mut self, fields: &mut Fields<'_>, bus: &Object<CodesOfBus<'_>>) -> Option<()> {
        let units = bus_codes::<ObdiiRow<'_>>(fields, "obdii", bus)?;
        for (index, unit) in units.iter().enumerate() {
            let place = format!("obdii.diagnosticTroubleCodes[{index}]");
            let unit = fields.needed(&place, unit)?;
            let lamp = fields
                .truth(&format!("{place}.milStatus"), &unit.mil_status)
                .map(|on| if on { MilStatus::On } else { MilStatus::Off });
            let stages = [
                ("confirmedDtcs", unit.confirmed_dtcs, FaultCodeStatus::Open),
                ("permanentDtcs", unit.permanent_dtcs, FaultCodeStatus::Open),
                ("pendingDtcs", unit.pending_dtcs, FaultCodeStatus::Pending),
            ];
            for (member, rows, status) in stages {
                self.dtcs(fields, &format!("{place}.{member}"), rows, status, lamp)?;
            }
        }
        Some(())
    }

    fn dtcs(
        &mut self,
        fields: &mut Fields<'_>,
        place: &str,
        rows: Option<&RawValue>,
        status: FaultCodeStatus,
        mil_status: Option<MilStatus>,
    ) -> Option<()> {
        let rows = fields.needed_list::<DtcRow<'_>>(place, rows)?;
        for (index, row) in rows.iter().enumerate() {
            let place = format!("{place}[{index}]");
            let row = fields.needed(&place, row)?;
            let code = match &row.dtc_short_code {
                Scalar::Text(text) if !text.trim().is_empty() => text.trim().to_owned(),
                Scalar::Absent | Scalar::Text(_) => {
                    let whole = || format!("{}.{place}", self.place);
                    Lost::count(&mut self.lost.nameless, whole, 1);
                    continue;
                }
                other => {
                    let reason = format!("{}, not a code", other.kind());
                    fields.invalid(&format!("{place}.dtcShortCode"), &reason);
                    return None;
                }
            };
            let member = format!("{place}.dtcDescription");
            let description = fields.text(&member, &row.dtc_description);
            self.add(ReportedCode {
                protocol: FaultCodeProtocol::Obdii,
                code: code.clone(),
                status,
                description: description.clone(),
                mil_status,
                obdii: Some(ObdiiCode { code, description }),
                j1939: None,
            });
        }
        Some(())
    }

    fn oem(&mut self, fields: &mut Fields<'_>, bus: &Object<CodesOfBus<'_>>) -> Option<()> {
        let rows = bus_codes::<OemRow>(fields, "oem", bus)?;
        Lost::count(
            &mut self.lost.oem,
            || format!("{}.oem", self.place),
            rows.len(),
        );
        Some(())
    }
}

/// Nothing of it is read.
#[derive(serde::Deserialize)]
struct OemRow {}

fn bus_codes<'a, T: serde::Deserialize<'a>>(
    fields: &mut Fields<'_>,
    member: &str,
    bus: &Object<CodesOfBus<'a>>,
) -> Option<Vec<Object<T>>> {
    match bus {
        Object::Absent => Some(Vec::new()),
        Object::Present(bus) => {
            let member = format!("{member}.diagnosticTroubleCodes");
            fields.needed_list(&member, bus.diagnostic_trouble_codes)
        }
        Object::Odd(kind) => {
            fields.invalid(member, &format!("{kind}, not an object"));
            None
        }
    }
}

fn j1939_code(fields: &mut Fields<'_>, place: &str, row: &J1939Row<'_>) -> Option<ReportedCode> {
    let at = |member: &str| format!("{place}.{member}");
    let spn = fields.needed_number(&at("spnId"), &row.spn_id)?;
    let fmi = fields.needed_number(&at("fmiId"), &row.fmi_id)?;
    let spn_description = fields.text(&at("spnDescription"), &row.spn_description);
    let fmi_description = fields.text(&at("fmiDescription"), &row.fmi_description);
    let described = [spn_description.as_deref(), fmi_description.as_deref()];
    let described: Vec<&str> = described.into_iter().flatten().collect();
    Some(ReportedCode {
        protocol: FaultCodeProtocol::J1939,
        code: format!("SPN{spn}-FMI{fmi}"),
        // This bus has no word for what is not confirmed yet.
        status: FaultCodeStatus::Open,
        description: (!described.is_empty()).then(|| described.join(": ")),
        mil_status: fields
            .whole_number(&at("milStatus"), &row.mil_status)
            .map(|lamp| match lamp {
                0 => MilStatus::Off,
                _ => MilStatus::On,
            }),
        obdii: None,
        j1939: Some(J1939Code {
            fmi: Some(fmi),
            spn,
            occurrence_count: fields.whole_number(&at("occurrenceCount"), &row.occurrence_count),
            source_address: fields.whole_number(&at("txId"), &row.tx_id),
            fmi_description,
            spn_description,
        }),
    })
}
