//! The body of `PATCH /connections/current`.
//!
//! A member that is absent changes nothing. `company` and `filters` are merged one level deep:
//! `filters.vehicles` replaces the filter of vehicles and leaves that of drivers alone; an empty
//! object takes it away. So does `null` with `externalId` and `company.name`, which are never
//! empty.

use std::str::FromStr;

use model::RecordStatus;
use model::connection::{Company, ConnectionFilters, ConnectionStatus, EntityFilter, SyncMode};
use serde_json::Value;
use store::{Connection, ConnectionPatch};

use crate::body::{Fields, JsonBody};
use crate::error::ApiError;

const MEMBERS: [&str; 7] = [
    "status",
    "options",
    "company",
    "externalId",
    "syncMode",
    "tags",
    "filters",
];

/// In characters.
const LONGEST_TEXT: usize = 255;
const LONGEST_TAG: usize = 200;
const MOST_TAGS: usize = 100;
const MOST_DOT_NUMBERS: usize = 100;
/// USDOT numbers have up to eight digits; other countries' fit as well.
const LONGEST_DOT_NUMBER: usize = 32;
/// Of a list of a filter.
const MOST_IDS: usize = 10_000;
/// As JSON.
const MOST_OPTIONS_BYTES: usize = 16 << 10;

pub(crate) fn read(body: JsonBody, before: &Connection) -> Result<ConnectionPatch, ApiError> {
    let mut fields = Fields::of_body(body, &MEMBERS);
    let status = fields.word("status", &["connected", "archived", "disconnected"]);
    let patch = ConnectionPatch {
        status: status.and_then(ConnectionStatus::from_name),
        options: read_options(&mut fields),
        company: read_company(&mut fields, &before.company),
        external_id: read_clearable(&mut fields, "externalId"),
        sync_mode: read_sync_mode(&mut fields),
        tags: read_tags(&mut fields),
        filters: read_filters(&mut fields, &before.filters),
        zone: None,
    };
    fields.finish()?;
    Ok(patch)
}

pub(crate) fn is_empty(patch: &ConnectionPatch) -> bool {
    patch.status.is_none()
        && patch.options.is_none()
        && patch.company.is_none()
        && patch.external_id.is_none()
        && patch.sync_mode.is_none()
        && patch.tags.is_none()
        && patch.filters.is_none()
}

pub(crate) fn read_sync_mode(fields: &mut Fields) -> Option<SyncMode> {
    let name = fields.word("syncMode", &["automatic", "manual"]);
    name.and_then(SyncMode::from_name)
}

pub(crate) fn read_tags(fields: &mut Fields) -> Option<Vec<String>> {
    read_texts(fields, "tags", MOST_TAGS, LONGEST_TAG)
}

/// Texts that are not empty, so many at most, each of so many characters at most.
fn read_texts(fields: &mut Fields, name: &str, most: usize, longest: usize) -> Option<Vec<String>> {
    let texts = fields.texts(name)?;
    refuse_beyond(fields, name, texts.len(), most, "items");
    for (index, text) in texts.iter().enumerate() {
        let place = format!("{name}[{index}]");
        refuse_beyond(fields, &place, text.chars().count(), longest, "characters");
    }
    Some(texts)
}

/// `Some(None)` where it is to be taken away.
fn read_clearable(fields: &mut Fields, name: &str) -> Option<Option<String>> {
    match fields.value(name)? {
        Value::Null => Some(None),
        Value::String(text) if !text.trim().is_empty() => {
            refuse_beyond(
                fields,
                name,
                text.chars().count(),
                LONGEST_TEXT,
                "characters",
            );
            Some(Some(text))
        }
        _ => {
            let what = "must be a text that is not empty";
            fields.refuse(name, what, "Send a JSON string, or null to take it away");
            None
        }
    }
}

fn refuse_beyond(fields: &mut Fields, name: &str, found: usize, most: usize, unit: &str) {
    if found > most {
        let what = format!("has {found} {unit}, and {most} is the most");
        fields.refuse(name, &what, format!("Send at most {most} {unit}"));
    }
}

/// Providers have options of their own, so all are kept; the one that the contract names must be
/// what it says.
fn read_options(fields: &mut Fields) -> Option<String> {
    let value = fields.value("options")?;
    let known = value.get("ingestHistoryFromSourceSystem");
    if !value.is_object() {
        fields.refuse("options", "must be an object", "Send a JSON object");
    } else if known.is_some_and(|known| !known.is_boolean()) {
        let name = "options.ingestHistoryFromSourceSystem";
        fields.refuse(name, "must be true or false", "Send a JSON boolean");
    }
    let text = value.to_string();
    refuse_beyond(fields, "options", text.len(), MOST_OPTIONS_BYTES, "bytes");
    Some(text)
}

/// Merged into `before`.
pub(crate) fn read_company(fields: &mut Fields, before: &Company) -> Option<Company> {
    let mut inner = fields.object("company", &["name", "dotNumbers"])?;
    let name = read_clearable(&mut inner, "name");
    let (most, longest) = (MOST_DOT_NUMBERS, LONGEST_DOT_NUMBER);
    let dot_numbers = read_texts(&mut inner, "dotNumbers", most, longest);
    fields.absorb(inner);
    Some(Company {
        name: name.unwrap_or_else(|| before.name.clone()),
        dot_numbers: dot_numbers.unwrap_or_else(|| before.dot_numbers.clone()),
    })
}

fn read_filters(fields: &mut Fields, before: &ConnectionFilters) -> Option<ConnectionFilters> {
    let mut inner = fields.object("filters", &["vehicles", "drivers"])?;
    let vehicles = read_filter(&mut inner, "vehicles", "the id of a vehicle (vcl_…)");
    let drivers = read_filter(&mut inner, "drivers", "the id of a driver (drv_…)");
    fields.absorb(inner);
    Some(ConnectionFilters {
        vehicles: vehicles.unwrap_or_else(|| before.vehicles.clone()),
        drivers: drivers.unwrap_or_else(|| before.drivers.clone()),
    })
}

/// `Some(None)` takes the filter away.
fn read_filter<I: FromStr>(
    fields: &mut Fields,
    name: &str,
    what: &str,
) -> Option<Option<EntityFilter<I>>> {
    let mut inner = fields.object(name, &["status", "excludeIds", "includeIds"])?;
    let read_id = |item: &Value| item.as_str().and_then(|text| text.parse().ok());
    let status = inner.word("status", &["active", "inactive"]);
    let mut read_ids = |name: &str| {
        let ids = inner.list(name, what, read_id).unwrap_or_default();
        refuse_beyond(&mut inner, name, ids.len(), MOST_IDS, "ids");
        ids
    };
    let filter = EntityFilter {
        status: status.and_then(RecordStatus::from_name),
        exclude_ids: read_ids("excludeIds"),
        include_ids: read_ids("includeIds"),
    };
    fields.absorb(inner);
    let empty =
        filter.status.is_none() && filter.exclude_ids.is_empty() && filter.include_ids.is_empty();
    Some((!empty).then_some(filter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::{body, refused_places};
    use model::{Secret, Timestamp, VehicleId};
    use serde_json::json;

    const VEHICLE: &str = "vcl_01GV12VR4DJP70GD1ZBK0SDWFH";

    fn before() -> Connection {
        let vehicle: VehicleId = VEHICLE.parse().expect("an id");
        Connection {
            id: "conn_01GV12VR4DJP70GD1ZBK0SDWFH".parse().expect("an id"),
            application: "app_01GV12VR4DJP70GD1ZBK0SDWFH".parse().expect("an id"),
            provider: "samsara".to_owned(),
            status: ConnectionStatus::Connected,
            source_id: None,
            company: Company {
                name: Some("Acme".to_owned()),
                dot_numbers: vec!["123".to_owned()],
            },
            account: Default::default(),
            external_id: None,
            tags: Vec::new(),
            sync_mode: SyncMode::Automatic,
            options: "{}".to_owned(),
            filters: ConnectionFilters {
                vehicles: Some(EntityFilter {
                    status: None,
                    exclude_ids: vec![vehicle],
                    include_ids: Vec::new(),
                }),
                drivers: None,
            },
            token: Secret::new("con_tkn_x"),
            base_url: None,
            cadence: None,
            history_from: None,
            zone: None,
            next_sync_at: None,
            created_at: Timestamp::from_millis(0),
            updated_at: Timestamp::from_millis(0),
            delete_at: None,
            deleted_at: None,
        }
    }

    #[test]
    fn what_is_absent_stays() {
        let patch = read(body(r#"{"company": {"name": "New"}}"#), &before()).expect("good");
        let company = patch.company.expect("changed");
        assert_eq!(company.name.as_deref(), Some("New"));
        assert_eq!(company.dot_numbers, ["123"]);
        assert!(patch.filters.is_none() && patch.status.is_none());

        let text = r#"{"filters": {"drivers": {"status": "active"}}}"#;
        let filters = read(body(text), &before())
            .expect("good")
            .filters
            .expect("changed");
        assert!(filters.vehicles.is_some() && filters.drivers.is_some());
        let text = r#"{"filters": {"vehicles": {}}}"#;
        let filters = read(body(text), &before())
            .expect("good")
            .filters
            .expect("changed");
        assert!(filters.vehicles.is_none());

        assert!(is_empty(&read(JsonBody(None), &before()).expect("good")));
        assert!(!is_empty(
            &read(body(r#"{"tags": []}"#), &before()).expect("good")
        ));
    }

    #[test]
    fn every_member_is_checked() {
        let check = |text: &str, want: &str| {
            assert_eq!(
                refused_places(read(body(text), &before())),
                [want],
                "{text}"
            );
        };
        check(r#"{"status": "deleted"}"#, "{requestBody}.status");
        check(r#"{"status": null}"#, "{requestBody}.status");
        check(r#"{"options": []}"#, "{requestBody}.options");
        check(
            r#"{"options": {"ingestHistoryFromSourceSystem": "yes"}}"#,
            "{requestBody}.options.ingestHistoryFromSourceSystem",
        );
        check(
            r#"{"company": {"dotNumbers": [1]}}"#,
            "{requestBody}.company.dotNumbers[0]",
        );
        check(r#"{"externalId": 5}"#, "{requestBody}.externalId");
        check(r#"{"syncMode": "auto"}"#, "{requestBody}.syncMode");
        check(r#"{"tags": "a,b"}"#, "{requestBody}.tags");
        check(r#"{"external_id": "a"}"#, "{requestBody}.external_id");
        check(
            r#"{"filters": {"vehicles": {"includeIds": ["drv_01GV12VR4DJP70GD1ZBK0SDWFH"]}}}"#,
            "{requestBody}.filters.vehicles.includeIds[0]",
        );
        check(
            r#"{"filters": {"trailers": {}}}"#,
            "{requestBody}.filters.trailers",
        );
        check(
            r#"{"filters": {"drivers": {"status": "gone"}}}"#,
            "{requestBody}.filters.drivers.status",
        );
    }

    #[test]
    fn null_takes_a_text_away() {
        let text = r#"{"externalId": null, "company": {"name": null}}"#;
        let patch = read(body(text), &before()).expect("good");
        assert!(!is_empty(&patch));
        assert_eq!(patch.external_id, Some(None));
        assert_eq!(patch.company.expect("changed").name, None);
        for empty in [r#"{"externalId": ""}"#, r#"{"externalId": " "}"#] {
            let places = refused_places(read(body(empty), &before()));
            assert_eq!(places, ["{requestBody}.externalId"]);
        }
        let places = refused_places(read(body(r#"{"company": {"name": ""}}"#), &before()));
        assert_eq!(places, ["{requestBody}.company.name"]);
    }

    #[test]
    fn everything_has_a_limit() {
        let check = |value: Value, want: Option<&str>| {
            let read = read(body(&value.to_string()), &before());
            let places = read.err().map(|error| refused_places::<()>(Err(error)));
            let want = want.map(|want| vec![format!("{{requestBody}}.{want}")]);
            assert_eq!(places, want);
        };
        let text = |length: usize| "é".repeat(length);
        let many = |count: usize| vec!["1"; count];
        let ids = |count: usize| vec![VEHICLE; count];
        check(json!({"externalId": text(255)}), None);
        check(json!({"externalId": text(256)}), Some("externalId"));
        check(
            json!({"company": {"name": text(256)}}),
            Some("company.name"),
        );
        check(json!({"tags": many(100)}), None);
        check(json!({"tags": many(101)}), Some("tags"));
        check(json!({"tags": ["a", text(201)]}), Some("tags[1]"));
        check(json!({"company": {"dotNumbers": many(100)}}), None);
        let places = [many(101), vec!["123456789012345678901234567890123"]];
        for (numbers, want) in places.into_iter().zip(["", "[0]"]) {
            let want = format!("company.dotNumbers{want}");
            check(json!({"company": {"dotNumbers": numbers}}), Some(&want));
        }
        let long = "a".repeat(MOST_OPTIONS_BYTES - r#"{"a":""}"#.len());
        check(json!({"options": {"a": long}}), None);
        check(
            json!({"options": {"a": format!("{long}b")}}),
            Some("options"),
        );
        check(
            json!({"filters": {"vehicles": {"includeIds": ids(10_000)}}}),
            None,
        );
        check(
            json!({"filters": {"vehicles": {"excludeIds": ids(10_001)}}}),
            Some("filters.vehicles.excludeIds"),
        );
    }
}
