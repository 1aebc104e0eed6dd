//! The account, tags and trailers.

use model::group::Group;
use model::trailer::Trailer;
use model::vehicle::Licence;
use model::{Draft, GroupId, RecordStatus};
use provider::{AccountFacts, Answer, Page, ProviderError, Task};
use serde_json::value::RawValue;

use super::super::DESCRIPTOR;
use super::super::errors::{text, unreadable};
use super::super::wire::entities::{AssetRow, One, Organisation, TagRow};
use super::super::wire::{Object, Scalar};
use super::{Fields, RawRow, parse};

const AN_ORGANISATION: &str = "an object with `data`, an organisation";

pub fn account(answer: &Answer<'_>) -> Result<Page, ProviderError> {
    let body = text(answer, AN_ORGANISATION)?;
    let Organisation {
        id,
        name,
        carrier_settings,
    } = serde_json::from_str::<One<'_>>(body)
        .map_err(|error| unreadable(answer, &error, AN_ORGANISATION))?
        .data;
    let mut page = Page::default();
    let mut fields = Fields::new("data".to_owned(), &mut page.notices);
    let source_id = fields.text("id", &id);
    let name = fields.text("name", &name);
    let dot_number = match fields.object("carrierSettings", &carrier_settings) {
        Some(settings) => fields.whole_number("carrierSettings.dotNumber", &settings.dot_number),
        None => None,
    };
    page.account = Some(AccountFacts {
        source_id,
        name,
        dot_numbers: dot_number
            .filter(|number| *number > 0)
            .map(|number| number.to_string())
            .into_iter()
            .collect(),
        // Samsara does not say which zone the organisation is in.
        zone: None,
    });
    Ok(page)
}

/// There is no field for its status, and none that would tell: a trailer that is listed is active.
pub fn trailer(task: &Task<'_>, raw: &RawRow<'_>, page: &mut Page) {
    let Some(row) = parse::<AssetRow<'_>>(raw, &mut page.notices) else {
        return;
    };
    let mut fields = Fields::of(raw, &mut page.notices);
    let Some(source_id) = fields.source_id("id", &row.id) else {
        return;
    };
    let plate = fields.text("licensePlate", &row.license_plate);
    let record = Trailer {
        id: task.ids.trailer(&source_id),
        name: fields.text("name", &row.name),
        status: RecordStatus::Active,
        provider: DESCRIPTOR.code.to_owned(),
        vin: fields.text("vin", &row.vin),
        serial_number: fields.text("serialNumber", &row.serial_number),
        make: fields.text("make", &row.make),
        model: fields.text("model", &row.model),
        year: fields.year(&row.year),
        groups: groups(task, &mut fields, row.tags),
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
}

pub fn group(task: &Task<'_>, raw: &RawRow<'_>, page: &mut Page) {
    let Some(row) = parse::<TagRow<'_>>(raw, &mut page.notices) else {
        return;
    };
    let mut fields = Fields::of(raw, &mut page.notices);
    let Some(source_id) = fields.source_id("id", &row.id) else {
        return;
    };
    let record = Group {
        id: task.ids.group(&source_id),
        name: fields.text("name", &row.name),
        provider: DESCRIPTOR.code.to_owned(),
        parent: fields
            .text("parentTagId", &row.parent_tag_id)
            .map(|parent| task.ids.group(&parent)),
        created_at: None,
        updated_at: None,
        source_id,
    };
    page.drafts
        .push(Draft::new(task.ids, &record, vec![raw.range]));
}

/// The groups that a row's tags are.
pub fn groups(task: &Task<'_>, fields: &mut Fields<'_>, tags: Option<&RawValue>) -> Vec<GroupId> {
    let Some(tags) = tags else {
        return Vec::new();
    };
    let Ok(tags) = serde_json::from_str::<Vec<Object<TagRow<'_>>>>(tags.get()) else {
        fields.invalid("tags", "not a list of tags");
        return Vec::new();
    };
    let mut groups = Vec::with_capacity(tags.len());
    for (index, tag) in tags.iter().enumerate() {
        let id = match tag {
            Object::Present(TagRow {
                id: Scalar::Text(id),
                ..
            }) if !id.trim().is_empty() => id,
            _ => {
                fields.invalid(&format!("tags[{index}]"), "not a tag with an id");
                continue;
            }
        };
        let group = task.ids.group(id);
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    groups
}
