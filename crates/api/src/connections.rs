//! `/connections` and `/connections/current`.

use std::net::Ipv4Addr;

use engine::{DELETION_GRACE, Engine, LinkUrls};
use model::connection::ConnectionStatus;
use serde_json::{Value, json};
use store::{Connection, ConnectionQuery, ConsentRow};

use crate::body::JsonBody;
use crate::error::ApiError;
use crate::extract::{Caller, Scope, WholeLife};
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
    let links = engine.link_urls(caller.application).await?;
    let mut page = json::Page::new(found.len() * 800);
    for connection in &found {
        let body = connection_json(connection, &links)?;
        page.row().extend_from_slice(body.to_string().as_bytes());
    }
    let last = found.last().filter(|_| more);
    let next = last.map(|connection| arguments.next(connection.id.to_string()));
    Ok(Reply::json(page.finish(next)).warn(arguments.warnings))
}

/// The connection of the token, with its newest sync.
pub(crate) async fn current(
    WholeLife(scope): WholeLife,
    query: QueryText,
) -> Result<Reply, ApiError> {
    let arguments = scope.arguments(&parameters::GET_CURRENT_CONNECTION, &query)?;
    let mut body = one(scope.engine(), &scope.connection).await?;
    body["agreements"] = agreements(&scope).await?;
    if let Some(sync) = scope.store().last_sync(scope.connection.id).await? {
        body["lastSync"] = json!(syncs::sync_body(&sync));
    }
    Ok(Reply::of(&body).warn(arguments.warnings))
}

/// The contract's `Agreement`s: one for each time that an owner connected the account.
async fn agreements(scope: &Scope) -> Result<Value, ApiError> {
    let base_url = scope.engine().config().link_base_url.trim_end_matches('/');
    let accepted = scope.store().consents(scope.connection.id).await?;
    let agreement = |consent: &ConsentRow| {
        let hash: String = consent
            .agreement
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        let mut body = json!({
            "id": consent.id,
            "applicationId": consent.application,
            "connectionId": consent.connection,
            "agreementUrl": format!("{base_url}/agreements/{hash}"),
            "acceptedAt": consent.accepted_at,
        });
        // The contract has addresses of the older kind alone.
        if let Some(address) = &consent.ip_address
            && address.parse::<Ipv4Addr>().is_ok()
        {
            body["ipAddress"] = json!(address);
        }
        if let Some(user_agent) = &consent.user_agent {
            body["userAgent"] = json!(user_agent);
        }
        body
    };
    Ok(accepted.iter().map(agreement).collect())
}

/// 422 once its data goes or is gone.
pub(crate) async fn update(
    WholeLife(scope): WholeLife,
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
            let changed = store.update_connection(scope.connection.id, &patch, now);
            let changed = changed.await?;
            // It may be due now.
            scope.engine().wake();
            changed
        }
    };
    let body = one(scope.engine(), &connection).await?;
    Ok(Reply::of(&body).warn(arguments.warnings))
}

/// 202, however often; 422 once its data goes or is gone.
pub(crate) async fn remove(
    WholeLife(scope): WholeLife,
    query: QueryText,
) -> Result<Reply, ApiError> {
    let arguments = scope.arguments(&parameters::DELETE_CURRENT_CONNECTION, &query)?;
    let engine = scope.engine();
    let id = scope.connection.id;
    let connection = engine.delete_connection(id, DELETION_GRACE).await?;
    let body = one(engine, &connection).await?;
    Ok(Reply::accepted(&body).warn(arguments.warnings))
}

/// The contract's `Connection`.
pub(crate) async fn one(engine: &Engine, connection: &Connection) -> Result<Value, ApiError> {
    let links = engine.link_urls(connection.application).await?;
    connection_json(connection, &links)
}

/// The same of one of many, whose application's links were looked up.
pub(crate) fn connection_json(
    connection: &Connection,
    links: &LinkUrls,
) -> Result<Value, ApiError> {
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
        "linkUrl": links.of(connection.id),
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
