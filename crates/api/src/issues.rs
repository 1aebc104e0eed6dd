//! `GET /issues`, `POST /issues/{issueId}/resolve`: of all connections of the application.

use std::collections::HashMap;

use axum::extract::Path;
use model::issue::{Issue, IssueCode, IssueStatus};
use model::{ConnectionId, IssueId};
use serde_json::{Value, json};
use store::IssueQuery;

use crate::connections::connection_json;
use crate::error::ApiError;
use crate::extract::{Caller, path_id};
use crate::query::{Arguments, QueryText};
use crate::reply::Reply;
use crate::{json, parameters};

/// In the order of ids: first reported first.
pub(crate) async fn list(caller: Caller, query: QueryText) -> Result<Reply, ApiError> {
    let arguments = caller.arguments(&parameters::LIST_ISSUES, &query)?;
    let mut issues = find(&caller, &arguments).await?;
    let more = issues.len() > arguments.limit();
    issues.truncate(arguments.limit());
    let connections = match arguments.expands("connection") {
        true => load_connections(&caller, &issues).await?,
        false => HashMap::new(),
    };
    let mut page = json::Page::new(issues.len() * 400);
    for issue in &issues {
        let body = issue_json(issue, connections.get(&issue.connection));
        page.row().extend_from_slice(body.to_string().as_bytes());
    }
    let last = issues.last().filter(|_| more);
    let next = last.map(|issue| arguments.next(issue.id.to_string()));
    Ok(Reply::json(page.finish(next)).warn(arguments.warnings))
}

/// Resolved until a sync meets it again; resolving it twice changes nothing.
pub(crate) async fn resolve(
    caller: Caller,
    Path(id): Path<String>,
    query: QueryText,
) -> Result<Reply, ApiError> {
    let id: IssueId = path_id(&id, "issueId")?;
    let arguments = caller.arguments(&parameters::RESOLVE_ISSUE, &query)?;
    let store = caller.api.engine.store();
    let issue = store.resolve_issue(caller.application, id).await?;
    let unknown = || ApiError::NotFound(format!("Your application has no {id}"));
    let issue = issue.ok_or_else(unknown)?;
    Ok(Reply::of(&issue_json(&issue, None)).warn(arguments.warnings))
}

/// One more than the page holds.
async fn find(caller: &Caller, arguments: &Arguments) -> Result<Vec<Issue>, ApiError> {
    let code = arguments.word("errorCode");
    let known = code.and_then(IssueCode::from_name);
    if code.is_some() && known.is_none() {
        // A legacy code: nothing carries it any more.
        return Ok(Vec::new());
    }
    let wanted = IssueQuery {
        connection: arguments
            .text("connectionId")
            .and_then(|id| id.parse().ok()),
        code: known,
        status: arguments.word("status").and_then(IssueStatus::from_name),
        last_reported_after: arguments.time("lastReportedAfter"),
        last_reported_before: arguments.time("lastReportedBefore"),
        after: arguments.position(|text| text.parse().ok())?,
        limit: arguments.limit() + 1,
    };
    let store = caller.api.engine.store();
    Ok(store.list_issues(caller.application, &wanted).await?)
}

async fn load_connections(
    caller: &Caller,
    issues: &[Issue],
) -> Result<HashMap<ConnectionId, Value>, ApiError> {
    let links = caller.api.engine.link_urls(caller.application).await?;
    let mut connections = HashMap::new();
    for issue in issues {
        if connections.contains_key(&issue.connection) {
            continue;
        }
        let found = caller
            .api
            .engine
            .store()
            .connection(issue.connection)
            .await?;
        if let Some(connection) = found {
            let body = connection_json(&connection, &links)?;
            connections.insert(issue.connection, body);
        }
    }
    Ok(connections)
}

/// An issue as served, with its connection's id or the connection itself.
pub(crate) fn issue_json(issue: &Issue, connection: Option<&Value>) -> Value {
    json!({
        "id": issue.id,
        "connection": connection.cloned().unwrap_or_else(|| json!(issue.connection)),
        "status": issue.status,
        "error": {"code": issue.code, "message": issue.message},
        "resolutionType": issue.code.resolution(),
        "firstReportedAt": issue.first_reported_at,
        "lastReportedAt": issue.last_reported_at,
    })
}
