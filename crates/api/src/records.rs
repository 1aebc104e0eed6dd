//! Lists and single reads of records, the same for every model.
//!
//! A list that is bounded by the time of its records (`startedAfter`, `startAt`, `endDate` and
//! their like) is in the order of that time, every other one in that of modification.

use model::{Date, DriverId, Model, RecordId, Timestamp, VehicleId};
use store::{RawRow, RecordOrder, RecordQuery, StoredRecord};

use crate::cursor::{position_text, read_position};
use crate::error::ApiError;
use crate::expand::Expansion;
use crate::extract::Scope;
use crate::json::{self, Page};
use crate::query::Arguments;
use crate::reply::Reply;
use crate::visibility::{self, Hidden};

/// Parameters that speak of a record's own time.
const RECORD_TIME: [&str; 8] = [
    "startedAfter",
    "startedBefore",
    "endedAfter",
    "endedBefore",
    "startAt",
    "endAt",
    "startDate",
    "endDate",
];

/// What a list asks the store, as far as its parameters go. A date means its midnight in UTC, by
/// which rows of days are kept; an end date is the whole day.
pub(crate) fn query_of(model: Model, arguments: &Arguments) -> Result<RecordQuery, ApiError> {
    let by_time = RECORD_TIME.iter().any(|name| arguments.has(name));
    let order = match by_time {
        true => RecordOrder::Started,
        false => RecordOrder::Modified,
    };
    let midnight = |date: Option<Date>| date.map(Date::utc_midnight);
    let last = arguments.date("endDate").map(Date::next);
    let first_of = |times: [Option<Timestamp>; 3]| times.into_iter().flatten().next();
    Ok(RecordQuery {
        modified_after: arguments.time("modifiedAfter"),
        modified_before: arguments.time("modifiedBefore"),
        started_after: first_of([
            arguments.time("startedAfter"),
            arguments.time("startAt"),
            midnight(arguments.date("startDate")),
        ]),
        started_before: first_of([
            arguments.time("startedBefore"),
            arguments.time("endAt"),
            midnight(last),
        ]),
        ended_after: arguments.time("endedAfter"),
        ended_before: arguments.time("endedBefore"),
        vehicles: arguments
            .ids("vehicleIds", Model::Vehicle)
            .map(VehicleId)
            .collect(),
        drivers: arguments
            .ids("driverIds", Model::Driver)
            .map(DriverId)
            .collect(),
        include_deleted: arguments.flag("deleted"),
        after: arguments.position(read_position)?,
        ..RecordQuery::of(model, order, arguments.limit())
    })
}

/// A page of a model's records.
pub(crate) async fn list(
    scope: &Scope,
    model: Model,
    arguments: Arguments,
) -> Result<Reply, ApiError> {
    let query = query_of(model, &arguments)?;
    let filters = &scope.connection.filters;
    let with_hidden = arguments.flag("hidden");
    // Vehicles and drivers are judged by their own records, everything else by whom it names.
    let hidden = match model {
        Model::Vehicle | Model::Driver => Hidden::default(),
        _ => Hidden::load(scope).await?,
    };
    let keep = |record: &StoredRecord| {
        visibility::listed(filters, record, with_hidden) && !hidden.subject_of(record)
    };
    let found = scope
        .store()
        .list_records(scope.connection.id, &query, &keep)
        .await?;
    let mut page = Page::new(
        found
            .records
            .iter()
            .map(|record| record.body.len() + 200)
            .sum(),
    );
    write(scope, &found.records, &arguments, |served| {
        page.row().extend_from_slice(served);
    })
    .await?;
    let next = found
        .next
        .map(|(time, ulid)| arguments.next(position_text(time, ulid)));
    Ok(Reply::json(page.finish(next)).warn(arguments.warnings))
}

/// One record, deleted and hidden ones included; its metadata tells.
pub(crate) async fn get(
    scope: &Scope,
    id: RecordId,
    arguments: Arguments,
) -> Result<Reply, ApiError> {
    let record = scope
        .store()
        .record(scope.connection.id, id)
        .await?
        .ok_or_else(|| ApiError::NotFound(format!("This connection has no {id}")))?;
    let mut body = Vec::new();
    write(scope, &[record], &arguments, |served| {
        body.extend_from_slice(served);
    })
    .await?;
    Ok(Reply::json(body).warn(arguments.warnings))
}

/// Hands each record, as it is served, to `take`.
async fn write(
    scope: &Scope,
    records: &[StoredRecord],
    arguments: &Arguments,
    mut take: impl FnMut(&[u8]),
) -> Result<(), ApiError> {
    let bodies = records.iter().map(|record| record.body.as_str());
    let expansion = Expansion::load(scope, bodies, arguments.words("expand")).await?;
    let raw = match arguments.flag("raw") {
        true => Some(raw_rows(scope, records).await?),
        false => None,
    };
    let mut rest = raw.as_deref();
    let mut served = Vec::new();
    for record in records {
        let own = match rest {
            Some(rows) => {
                let (own, after) = rows
                    .split_at_checked(record.raw.len())
                    .unwrap_or((rows, &[]));
                rest = Some(after);
                Some((scope.connection.provider.as_str(), own))
            }
            None => None,
        };
        served.clear();
        let body = expansion.apply(&record.body)?;
        if record.id.model == Model::VehicleUtilizationDay {
            let own = own.map(|(provider, rows)| (provider, rows.iter().flatten()));
            json::push_plain(&mut served, &body, own)?;
        } else {
            let visibility = visibility::of(&scope.connection.filters, record);
            json::push_record(&mut served, record, &body, visibility, own)?;
        }
        take(&served);
    }
    Ok(())
}

/// The source rows of all these records, one after another.
async fn raw_rows(
    scope: &Scope,
    records: &[StoredRecord],
) -> Result<Vec<Option<RawRow>>, ApiError> {
    let pointers: Vec<_> = records
        .iter()
        .flat_map(|record| record.raw.iter().copied())
        .collect();
    let rows = scope
        .store()
        .raw_rows(scope.connection.id, &pointers)
        .await?;
    Ok(rows)
}
