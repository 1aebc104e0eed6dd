//! `/connections` and `/connections/current`.

use engine::Engine;
use model::connection::ConnectionStatus;
use serde_json::{Value, json};
use store::{Connection, ConnectionQuery};

use crate::body::JsonBody;
use crate::error::ApiError;
use crate::extract::{Caller, Scope};
use crate::query::QueryText;
use crate::reply::Reply;
use crate::{connection_patch, json, parameters, syncs};

/// All statuses, in the order of ids (which is that of creation), newest first on `order=desc`.
pub(crate) async fn list(caller: Caller, query: QueryText) -> Result<Reply, ApiError> {
    let arguments = caller.arguments(&parameters::LIST_CONNECTIONS, &query)?;
    let text = |name: &str| arguments.text(name).map(str::to_owned);
    let wanted = ConnectionQuery {
        external_id: text("externalId"),
        dot_number: text("dotNumber"),
        tag: text("tag"),
        updated_after: arguments.time("updatedAfter"),
        updated_before: arguments.time("updatedBefore"),
        status: arguments
            .word("status")
            .and_then(ConnectionStatus::from_name),
        provider: text("provider"),
        descending: !arguments.words("order").is_empty(),
        after: arguments.position(|text| text.parse().ok())?,
        limit: arguments.limit() + 1,
    };
    let engine = &caller.api.engine;
    let mut found = engine
        .store()
        .list_connections(caller.application, &wanted)
        .await?;
    let more = found.len() > arguments.limit();
    found.truncate(arguments.limit());
    let mut page = json::Page::new(found.len() * 800);
    for connection in &found {
        let body = connection_json(connection, engine)?;
        page.row().extend_from_slice(body.to_string().as_bytes());
    }
    let last = found.last().filter(|_| more);
    let next = last.map(|connection| arguments.next(connection.id.to_string()));
    Ok(Reply::json(page.finish(next)).warn(arguments.warnings))
}

/// The connection of the token, with its newest sync.
pub(crate) async fn current(scope: Scope, query: QueryText) -> Result<Reply, ApiError> {
    let arguments = scope.arguments(&parameters::GET_CURRENT_CONNECTION, &query)?;
    let mut body = connection_json(&scope.connection, scope.engine())?;
    // Agreements come with the hosted Link page; until then nobody has accepted any.
    body["agreements"] = json!([]);
    if let Some(sync) = scope.store().last_sync(scope.connection.id).await? {
        body["lastSync"] = json!(syncs::sync_body(&sync));
    }
    Ok(Reply::of(&body).warn(arguments.warnings))
}

pub(crate) async fn update(
    scope: Scope,
    query: QueryText,
    body: JsonBody,
) -> Result<Reply, ApiError> {
    let arguments = scope.arguments(&parameters::UPDATE_CURRENT_CONNECTION, &query)?;
    let patch = connection_patch::read(body, &scope.connection)?;
    let connection = match connection_patch::is_empty(&patch) {
        true => scope.connection.clone(),
        false => {
            let now = scope.engine().clock().now();
            let store = scope.store();
            store
                .update_connection(scope.connection.id, &patch, now)
                .await?
        }
    };
    let body = connection_json(&connection, scope.engine())?;
    Ok(Reply::of(&body).warn(arguments.warnings))
}

/// The contract's `Connection`.
pub(crate) fn connection_json(connection: &Connection, engine: &Engine) -> Result<Value, ApiError> {
    let options: Value = serde_json::from_str(&connection.options).map_err(ApiError::internal)?;
    let provider = engine::catalogue()
        .into_iter()
        .find(|entry| entry.code == connection.provider);
    let provider_name = provider.map_or(connection.provider.as_str(), |entry| entry.name);
    let mut body = json!({
        "id": connection.id,
        "status": connection.status,
        "provider": {"code": connection.provider, "name": provider_name},
        "company": connection.company,
        "account": connection.account,
        "tags": connection.tags,
        "syncMode": connection.sync_mode,
        "token": connection.token.reveal(),
        "options": options,
        "filters": connection.filters,
        "linkUrl": engine.link_url(connection.id),
        "createdAt": connection.created_at,
        "updatedAt": connection.updated_at,
    });
    if let Some(source_id) = &connection.source_id {
        body["sourceId"] = json!(source_id);
    }
    if let Some(external_id) = &connection.external_id {
        body["externalId"] = json!(external_id);
    }
    Ok(body)
}
