//! Vehicles, and the trackers in them: both are one row. Rows that are trailers are not vehicles.

use model::device::{Device, DeviceType};
use model::vehicle::{Licence, Vehicle};
use model::{DeviceId, Draft, IdSpace};
use provider::{Page, ProviderError};

use super::super::wire::Scalar;
use super::super::wire::entities::DeviceRow;
use super::super::{Reading, calls, place, requests};
use super::{Fields, RawRow, contract_state, parse};

const NO_HARDWARE: f64 = -1.0;

pub fn page(reading: &Reading<'_>) -> Result<Page, ProviderError> {
    let answered = calls::rows(reading)?;
    let mut page = Page {
        next: place::after_seek(reading, &answered.rows)?,
        ..Page::default()
    };
    for raw in answered.raw_rows(reading.answer) {
        device(reading, &raw, &mut page);
    }
    Ok(page)
}

fn device(reading: &Reading<'_>, raw: &RawRow<'_>, page: &mut Page) {
    let Some(row) = parse::<DeviceRow<'_>>(raw, &mut page.notices) else {
        return;
    };
    let ids = reading.task.ids;
    let mut fields = Fields::of(raw, &mut page.notices);
    let Some(source_id) = fields.source_id("id", &row.id) else {
        return;
    };
    let is_trailer = is_trailer(&mut fields, &row);
    let tracker = tracker(&mut fields, &row, &source_id);
    let vehicle = (!is_trailer).then(|| Vehicle {
        id: ids.vehicle(&source_id),
        name: fields.text("name", &row.name),
        status: fields.status(raw.received_at, &row.active_from, &row.active_to),
        provider: reading.provider.to_owned(),
        vin: vin(&mut fields, &row),
        make: fields.text("vinInfoMake", &row.vin_info_make),
        model: fields.text("vinInfoModel", &row.vin_info_model),
        year: fields.year("vinInfoYear", &row.vin_info_year),
        groups: fields.groups(ids, "groups", row.groups),
        devices: device_ids(ids, tracker.as_ref()),
        license_plate: plate(&mut fields, &row),
        created_at: None,
        updated_at: None,
        source_id: source_id.clone(),
    });
    if let Some(tracker) = tracker {
        let description = fields.text("deviceType", &row.device_type);
        let record = Device {
            id: ids.device(&tracker.source_id),
            device_type: DeviceType::Tracker,
            source_id: tracker.source_id,
            provider: reading.provider.to_owned(),
            vehicle: vehicle.as_ref().map(|vehicle| vehicle.id),
            description,
            serial_number: tracker.serial_number,
            last_connected_at: None,
            created_at: None,
            updated_at: None,
        };
        page.drafts.push(Draft::new(ids, &record, vec![raw.range]));
    }
    if let Some(vehicle) = vehicle {
        page.drafts.push(Draft::new(ids, &vehicle, vec![raw.range]));
    }
}

struct Tracker {
    source_id: String,
    serial_number: Option<String>,
}

fn device_ids(ids: &IdSpace, tracker: Option<&Tracker>) -> Vec<DeviceId> {
    let tracker = tracker.map(|tracker| ids.device(&tracker.source_id));
    tracker.into_iter().collect()
}

/// The hardware, if there is any.
fn tracker(fields: &mut Fields<'_>, row: &DeviceRow<'_>, source_id: &str) -> Option<Tracker> {
    let product = fields.number("productId", &row.product_id);
    let has_none = product == Some(NO_HARDWARE)
        || matches!(&row.device_type, Scalar::Text(kind) if kind == "None");
    if has_none {
        return None;
    }
    let serial_number = fields.text("serialNumber", &row.serial_number);
    Some(Tracker {
        source_id: serial_number
            .clone()
            .unwrap_or_else(|| source_id.to_owned()),
        serial_number,
    })
}

pub fn is_trailer(fields: &mut Fields<'_>, row: &DeviceRow<'_>) -> bool {
    let groups = fields.references("groups", row.groups);
    let stands_for = fields.text("tmpTrailerId", &row.tmp_trailer_id);
    stands_for.is_some() || groups.iter().any(|group| group == requests::TRAILER_GROUP)
}

/// Typed in by hand, or as the engine says; `?` is how either says that it does not know.
pub fn vin(fields: &mut Fields<'_>, row: &DeviceRow<'_>) -> Option<String> {
    let is_known = |vin: &String| vin.trim() != "?";
    let typed = fields.text(
        "vehicleIdentificationNumber",
        &row.vehicle_identification_number,
    );
    let of_engine = fields.text(
        "engineVehicleIdentificationNumber",
        &row.engine_vehicle_identification_number,
    );
    typed.filter(is_known).or(of_engine.filter(is_known))
}

pub fn plate(fields: &mut Fields<'_>, row: &DeviceRow<'_>) -> Option<Licence> {
    let state = fields.text("licenseState", &row.license_state);
    let plate = Licence {
        state: state.as_deref().and_then(contract_state),
        number: fields.text("licensePlate", &row.license_plate),
    };
    (plate.state.is_some() || plate.number.is_some()).then_some(plate)
}
