//! `GET /vehicles/{vehicleId}/stats/historical`.

use axum::extract::Path;
use model::history::{EngineState, StatUnit};
use model::{StatLogId, StatType, VehicleId};
use store::{HistoryKinds, HistoryRow, RawRow, RowValue};

use crate::error::ApiError;
use crate::extract::{Scope, path_id};
use crate::history::{self, Rows};
use crate::json::{Page, push_fixed, push_id, push_text, push_time};
use crate::locations::write_tail;
use crate::query::{Arguments, QueryText};
use crate::reply::Reply;
use crate::{expand, parameters};

/// Of a usual row, for the first allocation.
const ROW_BYTES: usize = 280;

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
    let page = write_page(rows, &scope.connection.provider, &member)?;
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

fn write_page(rows: Rows, provider: &str, vehicle: &[u8]) -> Result<Vec<u8>, ApiError> {
    let mut page = Page::new(rows.rows.len() * (ROW_BYTES + vehicle.len()));
    let mut shared = b",\"provider\":".to_vec();
    push_text(&mut shared, provider);
    shared.extend_from_slice(b",\"vehicle\":");
    shared.extend_from_slice(vehicle);
    shared.extend_from_slice(b",\"timestamp\":");
    for (index, row) in rows.rows.iter().enumerate() {
        let raw = rows.raw.as_ref().map(|raw| raw[index].as_ref());
        write_row(page.row(), row, &shared, provider, raw)?;
    }
    Ok(page.finish(rows.next))
}

fn write_row(
    bytes: &mut Vec<u8>,
    row: &HistoryRow,
    shared: &[u8],
    provider: &str,
    raw: Option<Option<&RawRow>>,
) -> Result<(), ApiError> {
    bytes.extend_from_slice(b"{\"id\":");
    push_id(bytes, StatLogId::PREFIX, row.ulid);
    bytes.extend_from_slice(shared);
    push_time(bytes, row.time);
    if let RowValue::Stat { stat, value } = row.value {
        let (member, unit) = stat.member();
        bytes.extend_from_slice(b",\"type\":\"");
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
    }
    write_tail(bytes, row, provider, raw);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Timestamp;

    fn row(stat: StatType, value: i64) -> HistoryRow {
        HistoryRow {
            ulid: "01GV12VR4DJP70GD1ZBK0SDWFJ".parse().expect("a ULID"),
            time: Timestamp::from_millis(1_767_268_800_123),
            source_id: None,
            modified_at: Timestamp::from_millis(1_767_268_900_000),
            raw: None,
            value: RowValue::Stat { stat, value },
        }
    }

    #[test]
    fn each_type_has_its_member_and_unit() {
        let rows = Rows {
            rows: vec![
                row(StatType::EngineState, 2),
                row(StatType::Odometer, 12_345_678),
                row(StatType::EngineRuntime, 3_600_000),
                row(StatType::CoolantPercentage, 9_950),
            ],
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
            rows: vec![row(StatType::EngineState, 9)],
            raw: None,
            next: None,
        };
        assert!(write_page(wrong, "samsara", b"1").is_err());
    }
}
