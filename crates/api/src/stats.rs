//! `GET /vehicles/{vehicleId}/stats/historical`.

use axum::extract::Path;
use model::history::{EngineState, StatUnit};
use model::{StatLogId, StatType, VehicleId};
use store::{HistoryKinds, PointRow, PointValue, RawRow};

use crate::error::ApiError;
use crate::extract::{Scope, path_id};
use crate::history;
use crate::json::{push_fixed, push_id, push_text};
use crate::points::{Alike, PointPage};
use crate::query::{Arguments, QueryText};
use crate::reply::Reply;
use crate::{expand, parameters};

/// Of a usual row from its type on.
const ROW_BYTES: usize = 160;

pub(crate) async fn list(
    scope: Scope,
    Path(id): Path<String>,
    query: QueryText,
) -> Result<Reply, ApiError> {
    let vehicle: VehicleId = path_id(&id, "vehicleId")?;
    let arguments = scope.arguments_of(&parameters::LIST_STATS, &query, &id)?;
    let types = arguments.words("types").iter();
    let types = types.filter_map(|name| StatType::from_name(name)).collect();
    let rows = history::read(&scope, &arguments, vehicle, HistoryKinds::Stats(types)).await?;
    let member = vehicle_member(&scope, &arguments, vehicle).await?;
    let page = Rows {
        points: rows.points.iter(),
        raw: rows.raw.as_deref(),
        next: rows.next,
    };
    let page = write_page(page, &scope.connection.provider, &member)?;
    Ok(Reply::json(page).warn(arguments.warnings))
}

/// The vehicle as every row names it: its id, or with `expand=vehicle` the whole vehicle.
async fn vehicle_member(
    scope: &Scope,
    arguments: &Arguments,
    vehicle: VehicleId,
) -> Result<Vec<u8>, ApiError> {
    if arguments.expands("vehicle") {
        let found = scope.store().record(scope.connection.id, vehicle.into());
        if let Some(record) = found.await? {
            return Ok(expand::entity(scope, &record)?.into_bytes());
        }
    }
    let mut id = Vec::new();
    push_id(&mut id, VehicleId::PREFIX, vehicle.ulid());
    Ok(id)
}

/// A page to be written.
struct Rows<'a, P> {
    points: P,
    /// One a point, where source rows were asked for.
    raw: Option<&'a [Option<RawRow>]>,
    next: Option<String>,
}

fn write_page<'a>(
    rows: Rows<'_, impl ExactSizeIterator<Item = PointRow<'a>>>,
    provider: &str,
    vehicle: &[u8],
) -> Result<Vec<u8>, ApiError> {
    let alike = Alike {
        prefix: StatLogId::PREFIX,
        provider,
        vehicle,
        time_member: "timestamp",
        rest: "\"type\":\"",
        row_bytes: ROW_BYTES,
    };
    let mut page = PointPage::new(rows.points.len(), alike);
    for (index, point) in rows.points.enumerate() {
        write_stat(page.begin(point.ulid, point.time), &point)?;
        page.end(&point, rows.raw.map(|raw| raw[index].as_ref()));
    }
    Ok(page.finish(rows.next))
}

/// From the name of the type on.
fn write_stat(bytes: &mut Vec<u8>, point: &PointRow<'_>) -> Result<(), ApiError> {
    let PointValue::Stat { stat, value } = point.value else {
        unreachable!("stats were asked for");
    };
    let (member, unit) = stat.member();
    bytes.extend_from_slice(stat.name().as_bytes());
    bytes.extend_from_slice(b"\",\"");
    bytes.extend_from_slice(member.as_bytes());
    bytes.extend_from_slice(b"\":");
    match unit {
        StatUnit::Hundredths => push_fixed::<2>(bytes, value),
        StatUnit::Milliseconds => push_fixed::<0>(bytes, value),
        StatUnit::EngineState => {
            let state = EngineState::from_code(value).ok_or_else(|| {
                ApiError::internal(format_args!("{value} is no code of an engine state"))
            })?;
            push_text(bytes, state.name());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Timestamp;

    fn row(stat: StatType, value: i64) -> PointRow<'static> {
        PointRow {
            ulid: "01GV12VR4DJP70GD1ZBK0SDWFJ".parse().expect("a ULID"),
            time: Timestamp::from_millis(1_767_268_800_123),
            source_id: None,
            modified_at: Timestamp::from_millis(1_767_268_900_000),
            raw: None,
            value: PointValue::Stat { stat, value },
        }
    }

    #[test]
    fn each_type_has_its_member_and_unit() {
        let rows = Rows {
            points: vec![
                row(StatType::EngineState, 2),
                row(StatType::Odometer, 12_345_678),
                row(StatType::EngineRuntime, 3_600_000),
                row(StatType::CoolantPercentage, 9_950),
            ]
            .into_iter(),
            raw: None,
            next: None,
        };
        let page = write_page(rows, "samsara", br#"{"id":"vcl_1"}"#).expect("good codes");
        let page: serde_json::Value = serde_json::from_slice(&page).expect("JSON");
        let value = |index: usize, member: &str| page["results"][index][member].clone();
        assert_eq!(value(0, "state"), "idle");
        assert_eq!(value(0, "vehicle")["id"], "vcl_1");
        assert_eq!(value(1, "odometer"), 123_456.78);
        assert_eq!(value(2, "duration"), 3_600_000);
        assert_eq!(value(3, "percentage"), 99.5);
        assert_eq!(value(3, "type"), "coolant_percentage");
        assert_eq!(value(3, "timestamp"), "2026-01-01T12:00:00.123Z");
        assert!(page.get("next").is_none());

        let wrong = Rows {
            points: vec![row(StatType::EngineState, 9)].into_iter(),
            raw: None,
            next: None,
        };
        assert!(write_page(wrong, "samsara", b"1").is_err());
    }
}
