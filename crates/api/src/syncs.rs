//! `/syncs`: asking for a sync, looking at syncs, retrying and cancelling them.

use std::collections::HashMap;

use axum::extract::Path;
use model::sync::{Sync, SyncStatus};
use model::{IssueId, SyncId, units};
use serde_json::{Value, json};
use store::{Store, StoreError, SyncQuery, SyncRow};

use crate::body::JsonBody;
use crate::error::{ApiError, place};
use crate::extract::{Scope, path_id};
use crate::issues::issue_json;
use crate::query::QueryText;
use crate::reply::Reply;
use crate::{json, parameters, sync_request};

pub(crate) async fn request(
    scope: Scope,
    query: QueryText,
    body: JsonBody,
) -> Result<Reply, ApiError> {
    let arguments = scope.arguments(&parameters::REQUEST_SYNC, &query)?;
    let request = sync_request::read(body, scope.engine().clock().now())?;
    let sync = scope
        .engine()
        .request_sync(&scope.connection, request)
        .await?;
    Ok(Reply::created(&sync_body(&sync)).warn(arguments.warnings))
}

/// Newest first.
pub(crate) async fn list(scope: Scope, query: QueryText) -> Result<Reply, ApiError> {
    let arguments = scope.arguments(&parameters::LIST_SYNCS, &query)?;
    let wanted = SyncQuery {
        status: arguments.word("status").and_then(SyncStatus::from_name),
        after: arguments.position(|text| text.parse().ok())?,
        limit: arguments.limit() + 1,
    };
    let mut syncs = scope
        .store()
        .list_syncs(scope.connection.id, &wanted)
        .await?;
    let more = syncs.len() > arguments.limit();
    syncs.truncate(arguments.limit());
    let mut page = json::Page::new(syncs.len() * 400);
    for sync in sync_json(scope.store(), &syncs, arguments.expands("issues")).await? {
        page.row().extend_from_slice(sync.to_string().as_bytes());
    }
    let last = syncs.last().filter(|_| more);
    let next = last.map(|sync| arguments.next(sync.id.to_string()));
    Ok(Reply::json(page.finish(next)).warn(arguments.warnings))
}

pub(crate) async fn get(
    scope: Scope,
    Path(id): Path<String>,
    query: QueryText,
) -> Result<Reply, ApiError> {
    let id: SyncId = path_id(&id, "id")?;
    let arguments = scope.arguments(&parameters::GET_SYNC, &query)?;
    let sync = scope.store().sync(scope.connection.id, id).await?;
    let sync = [sync.ok_or_else(|| unknown(id))?];
    let bodies = sync_json(scope.store(), &sync, arguments.expands("issues")).await?;
    Ok(Reply::of(&bodies[0]).warn(arguments.warnings))
}

pub(crate) async fn retry(
    scope: Scope,
    Path(id): Path<String>,
    query: QueryText,
) -> Result<Reply, ApiError> {
    let id: SyncId = path_id(&id, "id")?;
    let arguments = scope.arguments(&parameters::RETRY_SYNC, &query)?;
    let retried = scope.engine().retry_sync(&scope.connection, id).await;
    let sync = retried.map_err(|error| impossible(error, id, "retried"))?;
    let body = json!({"id": sync.id, "message": "Sync retry requested"});
    Ok(Reply::of(&body).warn(arguments.warnings))
}

pub(crate) async fn cancel(
    scope: Scope,
    Path(id): Path<String>,
    query: QueryText,
) -> Result<Reply, ApiError> {
    let id: SyncId = path_id(&id, "id")?;
    let arguments = scope.arguments(&parameters::CANCEL_SYNC, &query)?;
    let cancelled = scope.engine().cancel_sync(&scope.connection, id).await;
    let sync = cancelled.map_err(|error| impossible(error, id, "cancelled"))?;
    let body = json!({"id": sync.id, "message": "Sync cancellation requested"});
    Ok(Reply::of(&body).warn(arguments.warnings))
}

pub(crate) fn unknown(id: SyncId) -> ApiError {
    ApiError::NotFound(format!("This connection has no {id}"))
}

/// A sync that is not in a state for what was asked of it is 422, one that is not there 404.
fn impossible(error: StoreError, id: SyncId, action: &str) -> ApiError {
    let why = match error {
        StoreError::NotFound { .. } => return unknown(id),
        StoreError::SyncState { status } => format!("{id} is {status}"),
        StoreError::SyncRunning(running) => format!("{running} is not over yet"),
        other => return other.into(),
    };
    ApiError::Unprocessable {
        message: format!("The sync cannot be {action}"),
        places: vec![place("{requestPath}.id", why, None)],
    }
}

/// A sync as served, issues as ids.
pub(crate) fn sync_body(sync: &SyncRow) -> Sync {
    Sync {
        id: sync.id,
        status: sync.status,
        failure_reason: sync.failure_reason.clone(),
        progress: units::round2(sync.progress),
        issues: sync.issues.clone(),
        start_from: sync.start_from,
        attempts: sync.attempts,
        requested_at: sync.requested_at,
        completed_at: sync.completed_at,
        provider_requests: sync.provider_requests.clone(),
    }
}

/// Syncs as served; where `expand`, issues are objects, but for ids without a row.
pub(crate) async fn sync_json(
    store: &Store,
    syncs: &[SyncRow],
    expand: bool,
) -> Result<Vec<Value>, ApiError> {
    let mut known: HashMap<IssueId, Value> = HashMap::new();
    let ids: Vec<IssueId> = syncs.iter().flat_map(|sync| sync.issues.clone()).collect();
    if expand && !ids.is_empty() {
        for issue in store.issues(&ids).await? {
            known.insert(issue.id, issue_json(&issue, None));
        }
    }
    let body = |sync: &SyncRow| {
        let mut body = serde_json::to_value(sync_body(sync)).map_err(ApiError::internal)?;
        let issue = |id: &IssueId| known.get(id).cloned().unwrap_or_else(|| json!(id));
        body["issues"] = sync.issues.iter().map(issue).collect();
        Ok(body)
    };
    syncs.iter().map(body).collect()
}
