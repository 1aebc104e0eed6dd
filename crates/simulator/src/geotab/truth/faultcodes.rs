//! The truth about fault codes: rows are changes already.

use model::fault::{
    FaultCodeEvent, FaultCodeProtocol, FaultCodeStatus, J1939Code, MilStatus, ObdiiCode,
};

use super::super::faultdata::{Code, FaultRow, FaultState};
use super::{GeotabTruth, PROVIDER};

impl GeotabTruth {
    /// By vehicle and time. What the device says of itself is in no protocol.
    pub(super) fn true_fault_code_events(&self) -> Vec<FaultCodeEvent> {
        let Some(span) = self.scope.span() else {
            return Vec::new();
        };
        let plans = self.scope.world.vehicles().iter();
        plans
            .flat_map(|plan| self.database().fault_rows_of(plan.index, span))
            .filter(|row| row.at <= self.scope.now)
            .filter_map(|row| self.fault_code_event(&row))
            .collect()
    }

    fn fault_code_event(&self, row: &FaultRow) -> Option<FaultCodeEvent> {
        let vehicle = self.vehicle_id(row.vehicle);
        let is_over = matches!(row.state, FaultState::Inactive | FaultState::Cleared);
        let status = match row.state {
            FaultState::Pending => FaultCodeStatus::Pending,
            FaultState::Active => FaultCodeStatus::Open,
            FaultState::Inactive | FaultState::Cleared => FaultCodeStatus::Closed,
        };
        let (identity, event) = match row.code {
            Code::Unplugged => return None,
            Code::J1939(fault) => {
                let (spn, fmi) = (fault.spn_description, fault.fmi_description);
                let code = format!("SPN{}-FMI{}", fault.spn, fault.fmi);
                let described = match spn {
                    "" => fmi.to_owned(),
                    spn => format!("{spn}: {fmi}"),
                };
                let j1939 = J1939Code {
                    fmi: Some(fault.fmi.into()),
                    fmi_description: Some(fmi.to_owned()),
                    spn: fault.spn.into(),
                    spn_description: Some(spn.to_owned()).filter(|name| !name.is_empty()),
                    occurrence_count: Some(fault.occurrence_count.into()),
                    source_address: Some(fault.source_address.into()),
                };
                let identity = format!("{code}@{}", fault.source_address);
                let lamp = fault.mil_is_on;
                let of = (FaultCodeProtocol::J1939, None, Some(j1939));
                (identity, (code, described, lamp, of))
            }
            Code::Obd2(fault) => {
                let (code, described) = (fault.code.to_owned(), fault.description.to_owned());
                let obdii = ObdiiCode {
                    code: code.clone(),
                    description: Some(described.clone()),
                };
                let of = (FaultCodeProtocol::Obdii, Some(obdii), None);
                (code.clone(), (code, described, fault.mil_is_on, of))
            }
        };
        let (code, described, lamp, (protocol, obdii, j1939)) = event;
        let key = FaultCodeEvent::key(vehicle, row.time, &identity);
        let is_lit = lamp && !is_over;
        Some(FaultCodeEvent {
            id: self.scope.ids.fault_code_event(&key),
            status,
            provider: PROVIDER.to_owned(),
            vehicle,
            protocol,
            code,
            description: Some(described),
            observed_at: row.time,
            mil_status: Some(if is_lit {
                MilStatus::On
            } else {
                MilStatus::Off
            }),
            obdii,
            j1939,
        })
    }
}
