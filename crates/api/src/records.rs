//! Lists and single reads of records, the same for every model.

use model::{Model, RecordId};
use store::{RawRow, RecordOrder, RecordQuery, StoredRecord};

use crate::cursor::{position_text, read_position};
use crate::error::ApiError;
use crate::expand::Expansion;
use crate::extract::Scope;
use crate::json::{self, Page};
use crate::query::Arguments;
use crate::reply::Reply;
use crate::visibility;

/// A page of a model's records, ordered by (modified, id).
pub(crate) async fn list(
    scope: &Scope,
    model: Model,
    arguments: Arguments,
) -> Result<Reply, ApiError> {
    let query = RecordQuery {
        model,
        order: RecordOrder::Modified,
        modified_after: arguments.time("modifiedAfter"),
        modified_before: arguments.time("modifiedBefore"),
        include_deleted: arguments.flag("deleted"),
        after: arguments.position(read_position)?,
        limit: arguments.limit(),
    };
    let filters = &scope.connection.filters;
    let hidden = arguments.flag("hidden");
    let keep = |record: &StoredRecord| visibility::listed(filters, record, hidden);
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
        let visibility = visibility::of(&scope.connection.filters, record);
        json::push_record(&mut served, record, &body, visibility, own)?;
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
