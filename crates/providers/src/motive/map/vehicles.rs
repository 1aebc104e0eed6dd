//! Vehicles. The list has retired ones too.

use model::Draft;
use model::vehicle::Vehicle;
use provider::{Page, Task};

use super::super::DESCRIPTOR;
use super::super::wire::entities::VehicleRow;
use super::entities::groups;
use super::{Fields, RawRow, parse};

pub fn vehicle(task: &Task<'_>, raw: &RawRow<'_>, page: &mut Page) {
    let Some(row) = parse::<VehicleRow<'_>>(raw, &mut page.notices) else {
        return;
    };
    let mut fields = Fields::of(raw, &mut page.notices);
    let Some(source_id) = fields.source_id(&row.id) else {
        return;
    };
    let gateway = fields.reference("eld_device", &row.eld_device);
    let record = Vehicle {
        id: task.ids.vehicle(&source_id),
        name: fields.text("number", &row.number),
        status: fields.status(&row.status),
        provider: DESCRIPTOR.code.to_owned(),
        vin: fields.text("vin", &row.vin),
        make: fields.text("make", &row.make),
        model: fields.text("model", &row.model),
        year: fields.year(&row.year),
        groups: groups(task, &mut fields, row.group_ids),
        devices: gateway
            .into_iter()
            .map(|gateway| task.ids.device(&gateway))
            .collect(),
        license_plate: fields.licence(
            ["license_plate_state", "license_plate_number"],
            &row.license_plate_state,
            &row.license_plate_number,
        ),
        created_at: fields.time("created_at", &row.created_at),
        updated_at: fields.time("updated_at", &row.updated_at),
        source_id,
    };
    page.drafts
        .push(Draft::new(task.ids, &record, vec![raw.range]));
}
