//! Groups. A row names its children; the parent is found by turning that round. Clearances and
//! private groups of users are groups too and no business of a fleet's: they are left out with all
//! that lies in them.

use std::collections::BTreeMap;

use model::Draft;
use model::group::Group;
use provider::{Page, ProviderError};

use super::super::wire::entities::GroupRow;
use super::super::{Reading, calls};
use super::{Fields, RawRow, parse};

/// More levels than any tree has, so that one that bites its tail ends.
const MOST_LEVELS: usize = 64;

pub fn page(reading: &Reading<'_>) -> Result<Page, ProviderError> {
    let answered = calls::whole(reading)?;
    let mut page = Page::default();
    let mut groups: Vec<(RawRow<'_>, String, Option<String>)> = Vec::new();
    let mut parents: BTreeMap<String, String> = BTreeMap::new();
    for raw in answered.raw_rows(reading.answer) {
        let Some(row) = parse::<GroupRow<'_>>(&raw, &mut page.notices) else {
            continue;
        };
        let mut fields = Fields::of(&raw, &mut page.notices);
        let Some(id) = fields.source_id("id", &row.id) else {
            continue;
        };
        for child in fields.references("children", row.children) {
            parents.entry(child).or_insert_with(|| id.clone());
        }
        let name = fields.text("name", &row.name);
        groups.push((raw, id, name));
    }
    for (raw, source_id, name) in groups {
        if is_of_system(&source_id, &parents) {
            continue;
        }
        let ids = reading.task.ids;
        let record = Group {
            id: ids.group(&source_id),
            name,
            provider: reading.provider.to_owned(),
            parent: parents.get(&source_id).map(|parent| ids.group(parent)),
            created_at: None,
            updated_at: None,
            source_id,
        };
        page.drafts.push(Draft::new(ids, &record, vec![raw.range]));
    }
    Ok(page)
}

/// Whether it, or a group that it lies in, is one of the platform's own for who may do what.
fn is_of_system(id: &str, parents: &BTreeMap<String, String>) -> bool {
    let mut group = Some(id);
    for _ in 0..MOST_LEVELS {
        let Some(id) = group else {
            return false;
        };
        let is_known = id.starts_with("Group") && id.ends_with("Id");
        if is_known && (id.contains("Security") || id.contains("Private")) {
            return true;
        }
        group = parents.get(id).map(String::as_str);
    }
    false
}
