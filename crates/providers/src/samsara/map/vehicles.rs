//! Vehicles, and the cameras that only they name.

use model::vehicle::{Licence, Vehicle};
use model::{Draft, RecordStatus};
use provider::{Page, Task};

use super::super::DESCRIPTOR;
use super::super::wire::Object;
use super::super::wire::entities::{GatewayRow, VehicleRow};
use super::entities::groups;
use super::{Fields, RawRow, devices, parse};

pub fn vehicle(task: &Task<'_>, raw: &RawRow<'_>, page: &mut Page) {
    let Some(row) = parse::<VehicleRow<'_>>(raw, &mut page.notices) else {
        return;
    };
    let mut fields = Fields::of(raw, &mut page.notices);
    let Some(source_id) = fields.source_id("id", &row.id) else {
        return;
    };
    let gateway = gateway(&mut fields, &row.gateway);
    let camera = fields.text("cameraSerial", &row.camera_serial);
    let plate = fields.text("licensePlate", &row.license_plate);
    let record = Vehicle {
        id: task.ids.vehicle(&source_id),
        name: fields.text("name", &row.name),
        // Samsara lists units that were unplugged for good and has no field that says so; a vehicle
        // whose maker sends its data has a gateway of the model `OEM`.
        status: match gateway.is_known {
            true => RecordStatus::Active,
            false => RecordStatus::Inactive,
        },
        provider: DESCRIPTOR.code.to_owned(),
        vin: fields.text("vin", &row.vin),
        make: fields.text("make", &row.make),
        model: fields.text("model", &row.model),
        year: fields.year(&row.year),
        groups: groups(task, &mut fields, row.tags),
        devices: [gateway.serial.as_ref(), camera.as_ref()]
            .into_iter()
            .flatten()
            .map(|serial| task.ids.device(serial))
            .collect(),
        license_plate: plate.map(|number| Licence {
            state: None,
            number: Some(number),
        }),
        created_at: fields.time("createdAtTime", &row.created_at_time),
        updated_at: fields.time("updatedAtTime", &row.updated_at_time),
        source_id,
    };
    page.drafts
        .push(Draft::new(task.ids, &record, vec![raw.range]));
    if let Some(serial) = camera {
        let camera = devices::camera(task, record.id, serial);
        page.drafts
            .push(Draft::new(task.ids, &camera, vec![raw.range]));
    }
}

struct Gateway {
    is_known: bool,
    serial: Option<String>,
}

fn gateway(fields: &mut Fields<'_>, gateway: &Object<GatewayRow<'_>>) -> Gateway {
    let Some(row) = fields.object("gateway", gateway) else {
        return Gateway {
            is_known: false,
            serial: None,
        };
    };
    let serial = fields.text("gateway.serial", &row.serial);
    let model = fields.text("gateway.model", &row.model);
    Gateway {
        is_known: serial.is_some() || model.is_some(),
        serial,
    }
}
