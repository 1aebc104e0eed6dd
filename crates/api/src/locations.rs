//! `GET /vehicles/{vehicleId}/locations`.
//!
//! Where the provider's point does not name its driver, the vehicle's assignments do: they are
//! joined here, at each reading, so that an assignment that comes late or is corrected counts for
//! points that were there before. It does not move their `modifiedAt`.

use axum::extract::Path;
use model::{Timestamp, Ulid, VehicleId, VehicleLocationId, Window};
use store::{HistoryKinds, HistoryRow, RawRow, RowValue};

use crate::assignments::Rota;
use crate::error::ApiError;
use crate::extract::{Scope, path_id};
use crate::history::{self, Rows};
use crate::json::{Page, push_fixed, push_id, push_raw, push_text, push_time};
use crate::parameters;
use crate::query::QueryText;
use crate::reply::Reply;

/// Of a usual row without address, for the first allocation.
const ROW_BYTES: usize = 320;

pub(crate) async fn list(
    scope: Scope,
    Path(id): Path<String>,
    query: QueryText,
) -> Result<Reply, ApiError> {
    let vehicle: VehicleId = path_id(&id, "vehicleId")?;
    let arguments = scope.arguments_of(&parameters::LIST_LOCATIONS, &query, &id)?;
    let mut rows = history::read(&scope, &arguments, vehicle, HistoryKinds::Locations).await?;
    join_drivers(&scope, vehicle, &mut rows.rows).await?;
    let page = write_page(rows, &scope.connection.provider, vehicle);
    Ok(Reply::json(page).warn(arguments.warnings))
}

/// Gives points without a driver the one of the assignments, in one read for the whole page.
async fn join_drivers(
    scope: &Scope,
    vehicle: VehicleId,
    rows: &mut [HistoryRow],
) -> Result<(), ApiError> {
    let lacks = |row: &&HistoryRow| matches!(row.value, RowValue::Location { driver: None, .. });
    let (first, last) = (rows.iter().find(lacks), rows.iter().rev().find(lacks));
    let (Some(first), Some(last)) = (first, last) else {
        return Ok(());
    };
    let window = Window {
        from: first.time,
        until: Timestamp::from_millis(last.time.millis() + 1),
    };
    let assignments = scope
        .store()
        .assignments(scope.connection.id, vehicle, window)
        .await?;
    let mut rota = Rota::new(assignments);
    for row in rows {
        let time = row.time;
        if let RowValue::Location { driver, .. } = &mut row.value
            && driver.is_none()
        {
            *driver = rota.driver_at(time).map(|id| id.to_string().into());
        }
    }
    Ok(())
}

fn write_page(rows: Rows, provider: &str, vehicle: VehicleId) -> Vec<u8> {
    let mut page = Page::new(rows.rows.len() * ROW_BYTES);
    let mut shared = b",\"provider\":".to_vec();
    push_text(&mut shared, provider);
    shared.extend_from_slice(b",\"vehicle\":");
    push_id(&mut shared, VehicleId::PREFIX, vehicle.ulid());
    shared.extend_from_slice(b",\"locatedAt\":");
    for (index, row) in rows.rows.iter().enumerate() {
        let raw = rows.raw.as_ref().map(|raw| raw[index].as_ref());
        write_row(page.row(), row, &shared, provider, raw);
    }
    page.finish(rows.next)
}

/// `shared` is what all rows of a page say between their id and their time.
fn write_row(
    bytes: &mut Vec<u8>,
    row: &HistoryRow,
    shared: &[u8],
    provider: &str,
    raw: Option<Option<&RawRow>>,
) {
    write_head(bytes, row.ulid, shared, row.time);
    if let RowValue::Location {
        latitude_e7,
        longitude_e7,
        heading_centi,
        speed_centi_kph,
        driver,
        address,
    } = &row.value
    {
        bytes.extend_from_slice(b",\"location\":{\"latitude\":");
        push_fixed::<7>(bytes, i64::from(*latitude_e7));
        bytes.extend_from_slice(b",\"longitude\":");
        push_fixed::<7>(bytes, i64::from(*longitude_e7));
        bytes.push(b'}');
        if let Some(driver) = driver {
            bytes.extend_from_slice(b",\"driver\":");
            push_text(bytes, driver);
        }
        if let Some(address) = address {
            bytes.extend_from_slice(b",\"address\":{\"formatted\":");
            push_text(bytes, address);
            bytes.push(b'}');
        }
        if let Some(heading) = heading_centi {
            bytes.extend_from_slice(b",\"heading\":");
            push_fixed::<2>(bytes, i64::from(*heading));
        }
        if let Some(speed) = speed_centi_kph {
            bytes.extend_from_slice(b",\"speed\":");
            push_fixed::<2>(bytes, i64::from(*speed));
        }
    }
    write_tail(bytes, row, provider, raw);
}

fn write_head(bytes: &mut Vec<u8>, ulid: Ulid, shared: &[u8], time: Timestamp) {
    bytes.extend_from_slice(b"{\"id\":");
    push_id(bytes, VehicleLocationId::PREFIX, ulid);
    bytes.extend_from_slice(shared);
    push_time(bytes, time);
}

/// What every point ends with: the source's id, metadata and source rows.
pub(crate) fn write_tail(
    bytes: &mut Vec<u8>,
    row: &HistoryRow,
    provider: &str,
    raw: Option<Option<&RawRow>>,
) {
    if let Some(source_id) = &row.source_id {
        bytes.extend_from_slice(b",\"sourceId\":");
        push_text(bytes, source_id);
    }
    bytes.extend_from_slice(b",\"metadata\":{\"modifiedAt\":");
    push_time(bytes, row.modified_at);
    bytes.push(b'}');
    if let Some(raw) = raw {
        push_raw(bytes, provider, raw);
    }
    bytes.push(b'}');
}

#[cfg(test)]
mod tests {
    use super::*;

    const VEHICLE: &str = "vcl_01GV12VR4DJP70GD1ZBK0SDWFH";

    fn row(value: RowValue, source_id: Option<&str>) -> HistoryRow {
        HistoryRow {
            ulid: "01GV12VR4DJP70GD1ZBK0SDWFJ".parse().expect("a ULID"),
            time: Timestamp::from_millis(1_767_268_800_123),
            source_id: source_id.map(Into::into),
            modified_at: Timestamp::from_millis(1_767_268_900_000),
            raw: None,
            value,
        }
    }

    #[test]
    fn rows_are_what_the_contract_says() {
        let full = RowValue::Location {
            latitude_e7: 377_749_295,
            longitude_e7: -1_224_194_155,
            heading_centi: Some(9_050),
            speed_centi_kph: Some(0),
            driver: Some("drv_01GV12VR4DJP70GD1ZBK0SDWFK".into()),
            address: Some("1 \"Main\" St".into()),
        };
        let bare = RowValue::Location {
            latitude_e7: 0,
            longitude_e7: 0,
            heading_centi: None,
            speed_centi_kph: None,
            driver: None,
            address: None,
        };
        let rows = Rows {
            rows: vec![row(full, Some("a\\b")), row(bare, None)],
            raw: Some(vec![None, None]),
            next: Some("abc".to_owned()),
        };
        let page = write_page(rows, "samsara", VEHICLE.parse().expect("an id"));
        let page: serde_json::Value = serde_json::from_slice(&page).expect("JSON");
        assert_eq!(
            page,
            serde_json::json!({"next": "abc", "results": [{
                "id": "vcl_loc_01GV12VR4DJP70GD1ZBK0SDWFJ",
                "provider": "samsara",
                "vehicle": VEHICLE,
                "locatedAt": "2026-01-01T12:00:00.123Z",
                "location": {"latitude": 37.7749295, "longitude": -122.4194155},
                "driver": "drv_01GV12VR4DJP70GD1ZBK0SDWFK",
                "address": {"formatted": "1 \"Main\" St"},
                "heading": 90.5,
                "speed": 0,
                "sourceId": "a\\b",
                "metadata": {"modifiedAt": "2026-01-01T12:01:40.000Z"},
                "raw": []
            }, {
                "id": "vcl_loc_01GV12VR4DJP70GD1ZBK0SDWFJ",
                "provider": "samsara",
                "vehicle": VEHICLE,
                "locatedAt": "2026-01-01T12:00:00.123Z",
                "location": {"latitude": 0, "longitude": 0},
                "metadata": {"modifiedAt": "2026-01-01T12:01:40.000Z"},
                "raw": []
            }]})
        );
    }
}
