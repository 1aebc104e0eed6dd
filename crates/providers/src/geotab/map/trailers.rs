//! Trailers: devices of the trailers' group, and the older entity that they are taking the place
//! of. A device names the trailer that it stands for; then both are one record, under the trailer's
//! id, and the device, which knows more, tells what it is like.

use std::collections::BTreeSet;

use model::trailer::Trailer;
use model::{Draft, RecordStatus};
use provider::{Page, ProviderError};

use super::super::errors::Question;
use super::super::wire::entities::{DeviceRow, TrailerRow};
use super::super::{Reading, calls, place};
use super::{Fields, RawRow, devices, parse};

pub fn page(reading: &Reading<'_>) -> Result<Page, ProviderError> {
    let wanted = if reading.task.position.is_none() {
        2
    } else {
        1
    };
    let answered = calls::read(Question::of(reading.task), reading.answer, Some(wanted))?;
    let mut page = Page::default();
    let mut shaped: BTreeSet<String> = BTreeSet::new();
    for (index, call) in answered.iter().enumerate() {
        if index == 0 {
            page.next = place::after_seek(reading, &call.rows)?;
        }
        for raw in call.raw_rows(reading.answer) {
            match index {
                0 => shaped.extend(of_device(reading, &raw, &mut page)),
                _ => of_entity(reading, &raw, &shaped, &mut page),
            }
        }
    }
    Ok(page)
}

/// The id that the trailer goes by.
fn of_device(reading: &Reading<'_>, raw: &RawRow<'_>, page: &mut Page) -> Option<String> {
    let row = parse::<DeviceRow<'_>>(raw, &mut page.notices)?;
    let ids = reading.task.ids;
    let mut fields = Fields::of(raw, &mut page.notices);
    let device_id = fields.source_id("id", &row.id)?;
    let source_id = fields
        .text("tmpTrailerId", &row.tmp_trailer_id)
        .unwrap_or(device_id);
    let record = Trailer {
        id: ids.trailer(&source_id),
        name: fields.text("name", &row.name),
        status: fields.status(raw.received_at, &row.active_from, &row.active_to),
        provider: reading.provider.to_owned(),
        vin: devices::vin(&mut fields, &row),
        serial_number: fields.text("serialNumber", &row.serial_number),
        make: fields.text("vinInfoMake", &row.vin_info_make),
        model: fields.text("vinInfoModel", &row.vin_info_model),
        year: fields.year("vinInfoYear", &row.vin_info_year),
        groups: fields.groups(ids, "groups", row.groups),
        license_plate: devices::plate(&mut fields, &row),
        created_at: None,
        updated_at: None,
        source_id: source_id.clone(),
    };
    page.drafts.push(Draft::new(ids, &record, vec![raw.range]));
    Some(source_id)
}

/// One that no device of the first page stands for. There is no field for its status: one that is
/// listed is active.
fn of_entity(reading: &Reading<'_>, raw: &RawRow<'_>, shaped: &BTreeSet<String>, page: &mut Page) {
    let Some(row) = parse::<TrailerRow<'_>>(raw, &mut page.notices) else {
        return;
    };
    let ids = reading.task.ids;
    let mut fields = Fields::of(raw, &mut page.notices);
    let Some(source_id) = fields.source_id("id", &row.id) else {
        return;
    };
    if shaped.contains(&source_id) {
        return;
    }
    let record = Trailer {
        id: ids.trailer(&source_id),
        name: fields.text("name", &row.name),
        status: RecordStatus::Active,
        provider: reading.provider.to_owned(),
        vin: None,
        serial_number: None,
        make: None,
        model: None,
        year: None,
        groups: fields.groups(ids, "groups", row.groups),
        license_plate: None,
        created_at: None,
        updated_at: None,
        source_id,
    };
    page.drafts.push(Draft::new(ids, &record, vec![raw.range]));
}
