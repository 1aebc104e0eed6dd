//! What locations and stats have in common: the span, the page, its cursor and its source rows.

use model::{Timestamp, VehicleId, Window};
use store::{HistoryKinds, HistoryPoints, HistoryQuery, PointPosition, RawRow};

use crate::cursor::{position_text, read_position};
use crate::error::ApiError;
use crate::extract::Scope;
use crate::query::Arguments;

/// 0001-01-01 and 9999-12-31: no bound means everything, and spans stay far from overflowing.
const BEGINNING: Timestamp = Timestamp::from_millis(-62_135_596_800_000);
const END: Timestamp = Timestamp::from_millis(253_402_214_400_000);

/// A page of points, ordered by (time, id).
pub(crate) struct Rows {
    pub points: HistoryPoints,
    /// One a point, where source rows were asked for.
    pub raw: Option<Vec<Option<RawRow>>>,
    pub next: Option<String>,
}

/// `startAt` belongs to the span, `endAt` does not. 404 for a vehicle that this connection has
/// neither points nor a record of.
pub(crate) async fn read(
    scope: &Scope,
    arguments: &Arguments,
    vehicle: VehicleId,
    kinds: HistoryKinds,
) -> Result<Rows, ApiError> {
    let query = HistoryQuery {
        vehicle,
        kinds,
        window: window(arguments)?,
        after: arguments
            .position(read_position)?
            .map(|(time, ulid)| PointPosition { time, ulid }),
        limit: arguments.limit(),
    };
    let (store, connection) = (scope.store(), scope.connection.id);
    let points = store.read_points(connection, &query).await?;
    // A vehicle's points may be stored before its record: it is asked for where there are none.
    if points.is_empty() && store.record(connection, vehicle.into()).await?.is_none() {
        return Err(ApiError::NotFound(format!(
            "This connection has no {vehicle}"
        )));
    }
    let raw = match arguments.flag("raw") {
        true => Some(raw_rows(scope, &points).await?),
        false => None,
    };
    let next = points
        .iter()
        .next_back()
        .filter(|_| points.more)
        .map(|last| arguments.next(position_text(last.time, last.ulid)));
    Ok(Rows { points, raw, next })
}

fn window(arguments: &Arguments) -> Result<Window, ApiError> {
    let from = arguments.time("startAt").unwrap_or(BEGINNING);
    let until = arguments.time("endAt").unwrap_or(END);
    Window::new(from, until).ok_or_else(|| {
        ApiError::malformed(
            "{requestQuery}.endAt",
            "'endAt' must be later than 'startAt'",
            "'startAt' belongs to the span, 'endAt' does not",
        )
    })
}

/// One a point, `None` where the source row is unknown or no longer kept.
async fn raw_rows(scope: &Scope, points: &HistoryPoints) -> Result<Vec<Option<RawRow>>, ApiError> {
    let pointers: Vec<_> = points.iter().filter_map(|point| point.raw).collect();
    let found = scope
        .store()
        .raw_rows(scope.connection.id, &pointers)
        .await?;
    let mut found = found.into_iter();
    let aligned = points
        .iter()
        .map(|point| point.raw.and_then(|_| found.next().flatten()));
    Ok(aligned.collect())
}
