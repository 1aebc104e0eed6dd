//! The company, groups, gateways and trailers.

use model::device::{Device, DeviceType};
use model::group::Group;
use model::trailer::Trailer;
use model::{Draft, GroupId};
use provider::{AccountFacts, Answer, Page, ProviderError, Task};
use serde_json::value::RawValue;

use super::super::DESCRIPTOR;
use super::super::errors::unexpected;
use super::super::wire::Scalar;
use super::super::wire::entities::{AssetRow, CompanyRow, GatewayRow, GroupRow};
use super::super::wire::envelope::open;
use super::super::zones;
use super::{COMPANIES, Fields, RawRow, parse, rows};

/// A grant and a key are for one company, and the list has that one.
pub fn account(answer: &Answer<'_>) -> Result<Page, ProviderError> {
    let opened = open(answer, COMPANIES)?;
    let mut page = Page::default();
    let companies = rows(answer, &opened, &mut page.notices);
    let Some(raw) = companies.first() else {
        return Err(unexpected(answer, "companies", "one company"));
    };
    let Some(row) = parse::<CompanyRow<'_>>(raw, &mut page.notices) else {
        return Ok(page);
    };
    let mut fields = Fields::of(raw, &mut page.notices);
    let zone = fields.text("time_zone", &row.time_zone);
    let known = zone.as_deref().and_then(zones::iana).map(str::to_owned);
    if let (Some(name), None) = (&zone, &known) {
        fields.unknown_word("time_zone", name, "time zone");
    }
    let dot_ids: Vec<Scalar<'_>> = fields.list("dot_ids", row.dot_ids);
    let mut dot_numbers = Vec::with_capacity(dot_ids.len());
    for (index, id) in dot_ids.iter().enumerate() {
        dot_numbers.extend(fields.id(&format!("dot_ids[{index}]"), id));
    }
    page.account = Some(AccountFacts {
        source_id: fields.id("id", &row.id),
        name: fields.text("name", &row.name),
        dot_numbers,
        zone: known,
    });
    Ok(page)
}

pub fn group(task: &Task<'_>, raw: &RawRow<'_>, page: &mut Page) {
    let Some(row) = parse::<GroupRow<'_>>(raw, &mut page.notices) else {
        return;
    };
    let mut fields = Fields::of(raw, &mut page.notices);
    let Some(source_id) = fields.source_id(&row.id) else {
        return;
    };
    let record = Group {
        id: task.ids.group(&source_id),
        name: fields.text("name", &row.name),
        provider: DESCRIPTOR.code.to_owned(),
        parent: fields
            .id("parent_id", &row.parent_id)
            .map(|parent| task.ids.group(&parent)),
        created_at: None,
        updated_at: None,
        source_id,
    };
    page.drafts
        .push(Draft::new(task.ids, &record, vec![raw.range]));
}

pub fn gateway(task: &Task<'_>, raw: &RawRow<'_>, page: &mut Page) {
    let Some(row) = parse::<GatewayRow<'_>>(raw, &mut page.notices) else {
        return;
    };
    let mut fields = Fields::of(raw, &mut page.notices);
    let Some(source_id) = fields.source_id(&row.id) else {
        return;
    };
    let record = Device {
        id: task.ids.device(&source_id),
        device_type: DeviceType::Tracker,
        provider: DESCRIPTOR.code.to_owned(),
        vehicle: fields
            .reference("vehicle", &row.vehicle)
            .map(|vehicle| task.ids.vehicle(&vehicle)),
        description: fields.text("model", &row.model),
        serial_number: fields.text("identifier", &row.identifier),
        last_connected_at: None,
        created_at: None,
        updated_at: None,
        source_id,
    };
    page.drafts
        .push(Draft::new(task.ids, &record, vec![raw.range]));
}

/// Every asset is taken for a trailer: containers and equipment are listed among them, under types
/// that nobody has written down whole.
pub fn trailer(task: &Task<'_>, raw: &RawRow<'_>, page: &mut Page) {
    let Some(row) = parse::<AssetRow<'_>>(raw, &mut page.notices) else {
        return;
    };
    let mut fields = Fields::of(raw, &mut page.notices);
    let Some(source_id) = fields.source_id(&row.id) else {
        return;
    };
    let record = Trailer {
        id: task.ids.trailer(&source_id),
        name: fields.text("name", &row.name),
        status: fields.status(&row.status),
        provider: DESCRIPTOR.code.to_owned(),
        vin: fields.text("vin", &row.vin),
        // The tracker on it has one, which is not the trailer's.
        serial_number: None,
        make: fields.text("make", &row.make),
        model: fields.text("model", &row.model),
        year: fields.year(&row.year),
        groups: groups(task, &mut fields, row.group_ids),
        license_plate: fields.licence(
            ["license_plate_state", "license_plate_number"],
            &row.license_plate_state,
            &row.license_plate_number,
        ),
        created_at: None,
        updated_at: None,
        source_id,
    };
    page.drafts
        .push(Draft::new(task.ids, &record, vec![raw.range]));
}

/// The groups that a row is a member of.
pub fn groups(task: &Task<'_>, fields: &mut Fields<'_>, ids: Option<&RawValue>) -> Vec<GroupId> {
    let ids: Vec<Scalar<'_>> = fields.list("group_ids", ids);
    let mut groups = Vec::with_capacity(ids.len());
    for (index, id) in ids.iter().enumerate() {
        let group = fields
            .id(&format!("group_ids[{index}]"), id)
            .map(|id| task.ids.group(&id));
        if let Some(group) = group
            && !groups.contains(&group)
        {
            groups.push(group);
        }
    }
    groups
}
