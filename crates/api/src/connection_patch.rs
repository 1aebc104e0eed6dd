//! The body of `PATCH /connections/current`.
//!
//! A member that is absent changes nothing. `company` and `filters` are merged one level deep:
//! `filters.vehicles` replaces the filter of vehicles and leaves that of drivers alone; an empty
//! object takes it away.

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

pub(crate) fn read(body: JsonBody, before: &Connection) -> Result<ConnectionPatch, ApiError> {
    let mut fields = Fields::of_body(body, &MEMBERS);
    let status = fields.word("status", &["connected", "archived", "disconnected"]);
    let patch = ConnectionPatch {
        status: status.and_then(ConnectionStatus::from_name),
        options: read_options(&mut fields),
        company: read_company(&mut fields, &before.company),
        external_id: fields.text("externalId"),
        sync_mode: read_sync_mode(&mut fields),
        tags: fields.texts("tags"),
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
    Some(value.to_string())
}

/// Merged into `before`.
pub(crate) fn read_company(fields: &mut Fields, before: &Company) -> Option<Company> {
    let mut inner = fields.object("company", &["name", "dotNumbers"])?;
    let name = inner.text("name");
    let dot_numbers = inner.texts("dotNumbers");
    fields.absorb(inner);
    Some(Company {
        name: name.or_else(|| before.name.clone()),
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
    let filter = EntityFilter {
        status: status.and_then(RecordStatus::from_name),
        exclude_ids: inner.list("excludeIds", what, read_id).unwrap_or_default(),
        include_ids: inner.list("includeIds", what, read_id).unwrap_or_default(),
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
}
