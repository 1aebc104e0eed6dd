//! Gateways and cameras. Neither has an id but its serial number.

use model::device::{Device, DeviceType};
use model::{Draft, VehicleId};
use provider::{Page, Task};

use super::super::DESCRIPTOR;
use super::super::wire::entities::GatewayDeviceRow;
use super::{Fields, RawRow, parse};

/// Families that are mounted in vehicles. A row names an asset and not what it is; the others (AG
/// on trailers and equipment, IG and SG in buildings) are left without a vehicle.
const IN_VEHICLES: [&str; 2] = ["VG", "CM"];
const CAMERAS: &str = "CM";

pub fn gateway(task: &Task<'_>, raw: &RawRow<'_>, page: &mut Page) {
    let Some(row) = parse::<GatewayDeviceRow<'_>>(raw, &mut page.notices) else {
        return;
    };
    let mut fields = Fields::of(raw, &mut page.notices);
    let Some(serial) = fields.source_id("serial", &row.serial) else {
        return;
    };
    let model = fields.text("model", &row.model);
    let is_of = |family: &str| {
        model
            .as_ref()
            .is_some_and(|model| model.starts_with(family))
    };
    let asset = fields.reference("asset", &row.asset);
    let last_connected_at = match fields.object("connectionStatus", &row.connection_status) {
        Some(status) => fields.time("connectionStatus.lastConnected", &status.last_connected),
        None => None,
    };
    let record = Device {
        device_type: match is_of(CAMERAS) {
            true => DeviceType::Camera,
            false => DeviceType::Tracker,
        },
        vehicle: asset
            .filter(|_| IN_VEHICLES.into_iter().any(is_of))
            .map(|asset| task.ids.vehicle(&asset)),
        description: model.clone(),
        last_connected_at,
        ..device(task, serial)
    };
    page.drafts
        .push(Draft::new(task.ids, &record, vec![raw.range]));
}

/// A vehicle's camera, of which its serial number is all that is known.
pub fn camera(task: &Task<'_>, vehicle: VehicleId, serial: String) -> Device {
    Device {
        device_type: DeviceType::Camera,
        vehicle: Some(vehicle),
        ..device(task, serial)
    }
}

fn device(task: &Task<'_>, serial: String) -> Device {
    Device {
        id: task.ids.device(&serial),
        device_type: DeviceType::Tracker,
        source_id: serial.clone(),
        provider: DESCRIPTOR.code.to_owned(),
        vehicle: None,
        description: None,
        serial_number: Some(serial),
        last_connected_at: None,
        created_at: None,
        updated_at: None,
    }
}
