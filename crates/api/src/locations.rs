//! `GET /vehicles/{vehicleId}/locations`.
//!
//! Where the provider's point does not name its driver, the vehicle's assignments do: they are
//! joined here, at each reading, so that an assignment that comes late or is corrected counts for
//! points that were there before. It does not move their `modifiedAt`.

use axum::extract::Path;
use model::assignment::DriverAssignment;
use model::{DriverId, Timestamp, VehicleId, VehicleLocationId, Window};
use store::{HistoryKinds, HistoryPoints, PointRow, PointValue, RawRow};

use crate::assignments::Rota;
use crate::error::ApiError;
use crate::extract::{Scope, path_id};
use crate::history;
use crate::json::{push_fixed, push_id, push_text};
use crate::parameters;
use crate::points::{Alike, PointPage};
use crate::query::QueryText;
use crate::reply::Reply;

/// Of a row from its coordinates on, with driver and address.
const ROW_BYTES: usize = 280;

pub(crate) async fn list(
    scope: Scope,
    Path(id): Path<String>,
    query: QueryText,
) -> Result<Reply, ApiError> {
    let vehicle: VehicleId = path_id(&id, "vehicleId")?;
    let arguments = scope.arguments_of(&parameters::LIST_LOCATIONS, &query, &id)?;
    let rows = history::read(&scope, &arguments, vehicle, HistoryKinds::Locations).await?;
    let page = Rows {
        drivers: Rota::new(assignments(&scope, vehicle, &rows.points).await?),
        points: rows.points.iter(),
        raw: rows.raw.as_deref(),
        next: rows.next,
    };
    let page = write_page(page, &scope.connection.provider, vehicle);
    Ok(Reply::json(page).warn(arguments.warnings))
}

/// The assignments that points without a driver may take theirs from, in one read for the page.
async fn assignments(
    scope: &Scope,
    vehicle: VehicleId,
    points: &HistoryPoints,
) -> Result<Vec<DriverAssignment>, ApiError> {
    let lacks = |point: &PointRow<'_>| match point.value {
        PointValue::Location(location) => location.driver.is_none(),
        PointValue::Stat { .. } => false,
    };
    let (first, last) = (points.iter().find(lacks), points.iter().rev().find(lacks));
    let (Some(first), Some(last)) = (first, last) else {
        return Ok(Vec::new());
    };
    let window = Window {
        from: first.time,
        until: Timestamp::from_millis(last.time.millis() + 1),
    };
    let found = scope
        .store()
        .assignments(scope.connection.id, vehicle, window);
    Ok(found.await?)
}

/// A page to be written.
struct Rows<'a, P> {
    points: P,
    /// One a point, where source rows were asked for.
    raw: Option<&'a [Option<RawRow>]>,
    /// For points that name none.
    drivers: Rota,
    next: Option<String>,
}

fn write_page<'a>(
    rows: Rows<'_, impl ExactSizeIterator<Item = PointRow<'a>>>,
    provider: &str,
    vehicle: VehicleId,
) -> Vec<u8> {
    let mut vehicle_id = Vec::new();
    push_id(&mut vehicle_id, VehicleId::PREFIX, vehicle.ulid());
    let alike = Alike {
        prefix: VehicleLocationId::PREFIX,
        provider,
        vehicle: &vehicle_id,
        time_member: "locatedAt",
        rest: "\"location\":{\"latitude\":",
        row_bytes: ROW_BYTES,
    };
    let mut page = PointPage::new(rows.points.len(), alike);
    let mut drivers = Drivers {
        rota: rows.drivers,
        last: None,
        member: Vec::new(),
    };
    for (index, point) in rows.points.enumerate() {
        let bytes = page.begin(point.ulid, point.time);
        write_location(bytes, &point, &mut drivers);
        page.end(&point, rows.raw.map(|raw| raw[index].as_ref()));
    }
    page.finish(rows.next)
}

/// Who drove, where a point does not say it.
struct Drivers {
    rota: Rota,
    last: Option<DriverId>,
    /// `,"driver":"…"` of the last one.
    member: Vec<u8>,
}

impl Drivers {
    fn push_at(&mut self, bytes: &mut Vec<u8>, time: Timestamp) {
        let Some(driver) = self.rota.driver_at(time) else {
            return;
        };
        if self.last != Some(driver) {
            self.last = Some(driver);
            self.member.clear();
            self.member.extend_from_slice(b",\"driver\":");
            push_id(&mut self.member, DriverId::PREFIX, driver.ulid());
        }
        bytes.extend_from_slice(&self.member);
    }
}

/// From the latitude on.
fn write_location(bytes: &mut Vec<u8>, point: &PointRow<'_>, drivers: &mut Drivers) {
    let PointValue::Location(location) = point.value else {
        unreachable!("locations were asked for");
    };
    push_fixed::<7>(bytes, i64::from(location.latitude_e7));
    bytes.extend_from_slice(b",\"longitude\":");
    push_fixed::<7>(bytes, i64::from(location.longitude_e7));
    bytes.push(b'}');
    match location.driver {
        Some(driver) => {
            bytes.extend_from_slice(b",\"driver\":");
            push_text(bytes, driver);
        }
        None => drivers.push_at(bytes, point.time),
    }
    if let Some(address) = location.address {
        bytes.extend_from_slice(b",\"address\":{\"formatted\":");
        push_text(bytes, address);
        bytes.push(b'}');
    }
    if let Some(heading) = location.heading_centi {
        bytes.extend_from_slice(b",\"heading\":");
        push_fixed::<2>(bytes, i64::from(heading));
    }
    if let Some(speed) = location.speed_centi_kph {
        bytes.extend_from_slice(b",\"speed\":");
        push_fixed::<2>(bytes, i64::from(speed));
    }
}

#[cfg(test)]
mod tests {
    use model::history::LocationPoint;

    use super::*;

    const VEHICLE: &str = "vcl_01GV12VR4DJP70GD1ZBK0SDWFH";

    fn row(location: LocationPoint<'static>, source_id: Option<&'static str>) -> PointRow<'static> {
        PointRow {
            ulid: "01GV12VR4DJP70GD1ZBK0SDWFJ".parse().expect("a ULID"),
            time: Timestamp::from_millis(1_767_268_800_123),
            source_id,
            modified_at: Timestamp::from_millis(1_767_268_900_000),
            raw: None,
            value: PointValue::Location(location),
        }
    }

    #[test]
    fn rows_are_what_the_contract_says() {
        let full = LocationPoint {
            latitude_e7: 377_749_295,
            longitude_e7: -1_224_194_155,
            heading_centi: Some(9_050),
            speed_centi_kph: Some(0),
            driver: Some("drv_01GV12VR4DJP70GD1ZBK0SDWFK"),
            address: Some("1 \"Main\" St"),
        };
        let bare = LocationPoint {
            latitude_e7: 0,
            longitude_e7: 0,
            heading_centi: None,
            speed_centi_kph: None,
            driver: None,
            address: None,
        };
        let rows = Rows {
            points: [row(full, Some("a\\b")), row(bare, None)].into_iter(),
            raw: Some(&[None, None]),
            drivers: Rota::new(Vec::new()),
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
