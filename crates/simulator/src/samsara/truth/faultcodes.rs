//! The truth about fault codes: what changed from one reading to the next.

use std::collections::BTreeMap;

use model::fault::{
    FaultCodeEvent, FaultCodeProtocol, FaultCodeStatus, J1939Code, MilStatus, ObdiiCode,
    ReportedCode,
};
use model::{Timestamp, VehicleId};

use super::{PROVIDER, SamsaraTruth};
use crate::fleet::{FaultReading, J1939Fault, Obd2Fault, Obd2Stage};

impl SamsaraTruth {
    /// Comings, confirmations and goings of codes, by vehicle and time. The first reading since
    /// reading began counts as the first ever.
    pub(super) fn true_fault_code_events(&self) -> Vec<FaultCodeEvent> {
        let Some(span) = self.scope.span() else {
            return Vec::new();
        };
        let mut events = Vec::new();
        for plan in self.scope.world.vehicles() {
            let vehicle = self.vehicle_id(plan.index);
            let mut before: BTreeMap<String, ReportedCode> = BTreeMap::new();
            for reading in self.shown().fault_readings(plan.index, span) {
                let codes = codes(&reading);
                for (identity, code) in &codes {
                    let known = before.get(identity);
                    let is_confirmed = known.is_some_and(|known| {
                        known.status == FaultCodeStatus::Pending
                            && code.status == FaultCodeStatus::Open
                    });
                    if known.is_none() || is_confirmed {
                        events.push(self.event(vehicle, reading.time, code, code.status));
                    }
                }
                for (identity, code) in &before {
                    if !codes.contains_key(identity) {
                        let closed = FaultCodeStatus::Closed;
                        events.push(self.event(vehicle, reading.time, code, closed));
                    }
                }
                before = codes;
            }
        }
        events
    }

    fn event(
        &self,
        vehicle: VehicleId,
        observed_at: Timestamp,
        code: &ReportedCode,
        status: FaultCodeStatus,
    ) -> FaultCodeEvent {
        let key = FaultCodeEvent::key(vehicle, observed_at, &code.identity());
        FaultCodeEvent {
            id: self.scope.ids.fault_code_event(&key),
            status,
            provider: PROVIDER.to_owned(),
            vehicle,
            protocol: code.protocol,
            code: code.code.clone(),
            description: code.description.clone(),
            observed_at,
            mil_status: code.mil_status,
            obdii: code.obdii.clone(),
            j1939: code.j1939.clone(),
        }
    }
}

/// By identity. A code in several stages at once is open as soon as one of them says so.
fn codes(reading: &FaultReading) -> BTreeMap<String, ReportedCode> {
    let mut codes: BTreeMap<String, ReportedCode> = BTreeMap::new();
    let heavy = reading.j1939.iter().map(j1939);
    let light = reading
        .obd2
        .iter()
        .map(|fault| obdii(fault, reading.mil_is_on));
    for code in heavy.chain(light) {
        let known = codes.entry(code.identity()).or_insert_with(|| code.clone());
        known.status = known.status.max(code.status);
    }
    codes
}

fn lamp(is_on: bool) -> Option<MilStatus> {
    Some(if is_on { MilStatus::On } else { MilStatus::Off })
}

/// This bus has no word for what is not confirmed yet.
fn j1939(fault: &J1939Fault) -> ReportedCode {
    let (spn, fmi) = (fault.spn_description, fault.fmi_description);
    ReportedCode {
        protocol: FaultCodeProtocol::J1939,
        code: format!("SPN{}-FMI{}", fault.spn, fault.fmi),
        status: FaultCodeStatus::Open,
        // Makers' own parameters have no name.
        description: Some(match spn {
            "" => fmi.to_owned(),
            spn => format!("{spn}: {fmi}"),
        }),
        mil_status: lamp(fault.mil_is_on),
        obdii: None,
        j1939: Some(J1939Code {
            fmi: Some(fault.fmi.into()),
            fmi_description: Some(fmi.to_owned()),
            spn: fault.spn.into(),
            spn_description: Some(spn.to_owned()).filter(|name| !name.is_empty()),
            occurrence_count: Some(fault.occurrence_count.into()),
            source_address: Some(fault.source_address.into()),
        }),
    }
}

/// Samsara tells the lamp of the control unit, not of each code.
fn obdii(fault: &Obd2Fault, mil_is_on: bool) -> ReportedCode {
    let (code, description) = (fault.code.to_owned(), Some(fault.description.to_owned()));
    ReportedCode {
        protocol: FaultCodeProtocol::Obdii,
        code: code.clone(),
        status: match fault.stage {
            Obd2Stage::Pending => FaultCodeStatus::Pending,
            Obd2Stage::Confirmed | Obd2Stage::Permanent => FaultCodeStatus::Open,
        },
        description: description.clone(),
        mil_status: lamp(mil_is_on),
        obdii: Some(ObdiiCode { code, description }),
        j1939: None,
    }
}
