//! Readings of fault codes, one of the stats.

use super::wire::Json;
use crate::fleet::{FaultBus, FaultReading, Obd2Fault, Obd2Stage, VehiclePlan};

/// The engine's address on the bus of light vehicles.
const ENGINE_ADDRESS: i64 = 2_024;

pub fn write_fault_reading(json: &mut Json, plan: &VehiclePlan, reading: &FaultReading) {
    json.raw("{").time_member("time", reading.time);
    match reading.bus {
        FaultBus::J1939 => {
            json.text_member("canBusType", "CANBUS_J1939_500");
            // Some gateways leave a block out that has nothing to say.
            if !reading.j1939.is_empty() || plan.index.is_multiple_of(2) {
                write_j1939(json, reading);
            }
        }
        FaultBus::Obd2 => {
            json.text_member("canBusType", "CANBUS_VEHICLE_OBDII");
            if !reading.obd2.is_empty() || plan.index.is_multiple_of(2) {
                write_obd2(json, reading);
            }
        }
    }
    json.raw("}");
}

fn write_j1939(json: &mut Json, reading: &FaultReading) {
    json.key("j1939").raw("{").key("checkEngineLights").raw("{");
    json.flag_member("emissionsIsOn", reading.mil_is_on);
    json.flag_member("protectIsOn", false);
    json.flag_member("stopIsOn", false);
    json.flag_member("warningIsOn", false).raw("}");
    json.key("diagnosticTroubleCodes").raw("[");
    for fault in &reading.j1939 {
        json.comma().raw("{");
        json.text_member("fmiDescription", fault.fmi_description);
        json.integer_member("fmiId", fault.fmi.into());
        json.integer_member("milStatus", fault.mil_is_on.into());
        json.integer_member("occurrenceCount", fault.occurrence_count.into());
        json.text_member("sourceAddressName", fault.source_name);
        json.text_member("spnDescription", fault.spn_description);
        json.integer_member("spnId", fault.spn.into());
        json.integer_member("txId", fault.source_address.into())
            .raw("}");
    }
    json.raw("]}");
}

fn write_obd2(json: &mut Json, reading: &FaultReading) {
    json.key("obdii").raw("{");
    json.flag_member("checkEngineLightIsOn", reading.mil_is_on);
    json.key("diagnosticTroubleCodes").raw("[{");
    for (key, stage) in [
        ("confirmedDtcs", Obd2Stage::Confirmed),
        ("pendingDtcs", Obd2Stage::Pending),
        ("permanentDtcs", Obd2Stage::Permanent),
    ] {
        json.key(key).raw("[");
        for fault in reading.obd2.iter().filter(|fault| fault.stage == stage) {
            json.comma().raw("{");
            json.text_member("dtcDescription", fault.description);
            json.integer_member("dtcId", dtc_number(fault));
            json.text_member("dtcShortCode", fault.code).raw("}");
        }
        json.raw("]");
    }
    json.text_member("ignitionType", "compression");
    json.flag_member("milStatus", reading.mil_is_on);
    json.integer_member("txId", ENGINE_ADDRESS).raw("}]}");
}

/// The digits of the code as the bus carries them: hexadecimal.
fn dtc_number(fault: &Obd2Fault) -> i64 {
    fault
        .code
        .get(1..)
        .and_then(|digits| i64::from_str_radix(digits, 16).ok())
        .unwrap_or_default()
}
