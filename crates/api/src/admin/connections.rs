//! `/admin/v1/connections`, and their syncs.

use std::time::Duration;

use axum::extract::Path;
use engine::{DELETION_GRACE, Engine, LinkUrls};
use model::connection::{Company, ConnectionStatus, SyncMode};
use model::{ApplicationId, Secret, SyncId, Zone};
use serde_json::{Value, json};
use store::{Connection, ConnectionPatch, ConnectionQuery, SyncQuery};

use super::keys::application_id;
use super::operations::{self, ConnectionRequest};
use crate::body::{Fields, JsonBody};
use crate::connection_patch::{read_company, read_sync_mode, read_tags};
use crate::connections::connection_json;
use crate::error::ApiError;
use crate::extract::{Admin, path_id};
use crate::query::QueryText;
use crate::reply::Reply;
use crate::sync_request::{self, read_days};
use crate::{parameters, syncs as sync_api};

const MEMBERS: [&str; 11] = [
    "applicationId",
    "provider",
    "credentials",
    "externalId",
    "company",
    "tags",
    "syncMode",
    "baseUrl",
    "cadenceSeconds",
    "backfillDays",
    "timeZone",
];

/// Rows asked of the store at once.
const BATCH: usize = 1_000;
/// Newest syncs of a connection that are listed.
const LISTED_SYNCS: usize = 100;

/// Answers the connection with its token, and its first sync where one was asked for.
pub(crate) async fn create(
    admin: Admin,
    query: QueryText,
    body: JsonBody,
) -> Result<Reply, ApiError> {
    admin.arguments(&parameters::admin::PLAIN, &query)?;
    let request = read(body)?;
    let engine = &admin.api.engine;
    let now = engine.clock().now();
    let made = operations::create_connection(engine, engine.entropy(), now, request).await?;
    let mut answer = admin_one(&made.connection, engine, true).await?;
    if let Some(sync) = &made.first_sync {
        answer["lastSync"] = json!(sync_api::sync_body(sync));
    }
    Ok(Reply::created(&answer))
}

fn read(body: JsonBody) -> Result<ConnectionRequest, ApiError> {
    let mut fields = Fields::of_body(body, &MEMBERS);
    let application = application_id(&mut fields);
    let provider = fields.filled_text("provider");
    let provider = fields.required("provider", provider);
    let credentials = fields.secrets("credentials");
    let credentials = fields.required("credentials", credentials);
    let external_id = fields.filled_text("externalId");
    let company = read_company(&mut fields, &Company::default());
    let tags = read_tags(&mut fields);
    let sync_mode = read_sync_mode(&mut fields);
    let base_url = fields.filled_text("baseUrl");
    let cadence = read_seconds(&mut fields, "cadenceSeconds");
    let backfill_days = read_days(&mut fields, "backfillDays");
    let zone = read_zone(&mut fields);
    fields.finish()?;
    Ok(ConnectionRequest {
        application: application?,
        provider: provider.unwrap_or_default(),
        credentials: credentials.unwrap_or_else(|| Secret::new("{}")),
        external_id,
        company: company.unwrap_or_default(),
        tags: tags.unwrap_or_default(),
        sync_mode: sync_mode.unwrap_or_default(),
        base_url,
        cadence,
        backfill_days,
        zone,
    })
}

fn read_zone(fields: &mut Fields) -> Option<Zone> {
    let name = fields.filled_text("timeZone")?;
    let zone = Zone::named(&name);
    if zone.is_none() {
        fields.refuse(
            "timeZone",
            "is no IANA time zone",
            "Such zones are America/Chicago, America/Toronto, UTC",
        );
    }
    zone
}

/// Sets the zone that the connection's days and months are in; what is kept by day and month is
/// read again at the next sync.
pub(crate) async fn set_zone(
    admin: Admin,
    Path(id): Path<String>,
    query: QueryText,
    body: JsonBody,
) -> Result<Reply, ApiError> {
    admin.arguments(&parameters::admin::PLAIN, &query)?;
    let engine = &admin.api.engine;
    let connection = find(engine, &id).await?;
    let mut fields = Fields::of_body(body, &["timeZone"]);
    let zone = read_zone(&mut fields);
    let zone = fields.required("timeZone", zone);
    fields.finish()?;
    let patch = ConnectionPatch {
        zone,
        ..ConnectionPatch::default()
    };
    let now = engine.clock().now();
    let changed = engine
        .store()
        .update_connection(connection.id, &patch, now)
        .await?;
    Ok(Reply::of(&admin_one(&changed, engine, false).await?))
}

/// A year at most: beyond it a connection is better off manual.
fn read_seconds(fields: &mut Fields, name: &str) -> Option<Duration> {
    const LONGEST: f64 = 366.0 * 86_400.0;
    let seconds = fields.number(name)?;
    if (1.0..=LONGEST).contains(&seconds) {
        return Some(Duration::from_secs_f64(seconds));
    }
    fields.refuse(
        name,
        "must be 1 to 31622400 seconds",
        "900 is a good cadence",
    );
    None
}

/// Those of one application, or of all; with their tokens on `token=true`.
pub(crate) async fn list(admin: Admin, query: QueryText) -> Result<Reply, ApiError> {
    let arguments = admin.arguments(&parameters::admin::LIST_CONNECTIONS, &query)?;
    let engine = &admin.api.engine;
    let asked = arguments.text("applicationId");
    let mut results: Vec<Value> = Vec::new();
    for application in engine.store().list_applications().await? {
        if asked.is_none_or(|asked| asked == application.id.to_string()) {
            let links = engine.link_urls(application.id).await?;
            for connection in all_of(engine, application.id).await? {
                results.push(admin_json(&connection, &links, arguments.flag("token"))?);
            }
        }
    }
    Ok(Reply::of(&json!({"results": results})))
}

async fn all_of(engine: &Engine, application: ApplicationId) -> Result<Vec<Connection>, ApiError> {
    let mut all: Vec<Connection> = Vec::new();
    loop {
        let query = ConnectionQuery {
            after: all.last().map(|connection| connection.id),
            limit: BATCH,
            ..ConnectionQuery::default()
        };
        let batch = engine.store().list_connections(application, &query).await?;
        let last = batch.len() < BATCH;
        all.extend(batch);
        if last {
            return Ok(all);
        }
    }
}

/// Deletes it after the usual grace, or as soon as it can be done with `now=true`.
pub(crate) async fn delete(
    admin: Admin,
    Path(id): Path<String>,
    query: QueryText,
) -> Result<Reply, ApiError> {
    let arguments = admin.arguments(&parameters::admin::DELETE_CONNECTION, &query)?;
    let engine = &admin.api.engine;
    let connection = find(engine, &id).await?;
    let grace = match arguments.flag("now") {
        true => Duration::ZERO,
        false => DELETION_GRACE,
    };
    let leaving = engine.delete_connection(connection.id, grace).await?;
    Ok(Reply::accepted(&admin_one(&leaving, engine, false).await?))
}

/// Puts it away, or makes it a connected one again, which calls a deletion off.
pub(crate) async fn set_status(
    admin: Admin,
    Path(id): Path<String>,
    query: QueryText,
    body: JsonBody,
) -> Result<Reply, ApiError> {
    admin.arguments(&parameters::admin::PLAIN, &query)?;
    let engine = &admin.api.engine;
    let connection = find(engine, &id).await?;
    let mut fields = Fields::of_body(body, &["status"]);
    let status = fields.word("status", &["connected", "archived"]);
    let status = fields.required("status", status);
    fields.finish()?;
    let patch = ConnectionPatch {
        status: status.and_then(ConnectionStatus::from_name),
        ..ConnectionPatch::default()
    };
    let now = engine.clock().now();
    let changed = engine.store().update_connection(connection.id, &patch, now);
    let changed = changed.await?;
    engine.wake();
    Ok(Reply::of(&admin_one(&changed, engine, false).await?))
}

pub(crate) async fn get(
    admin: Admin,
    Path(id): Path<String>,
    query: QueryText,
) -> Result<Reply, ApiError> {
    let arguments = admin.arguments(&parameters::admin::GET_CONNECTION, &query)?;
    let engine = &admin.api.engine;
    let connection = find(engine, &id).await?;
    let mut body = admin_one(&connection, engine, arguments.flag("token")).await?;
    if let Some(sync) = engine.store().last_sync(connection.id).await? {
        body["lastSync"] = json!(sync_api::sync_body(&sync));
    }
    Ok(Reply::of(&body))
}

/// The same body and rules as `POST /syncs`.
pub(crate) async fn request_sync(
    admin: Admin,
    Path(id): Path<String>,
    query: QueryText,
    body: JsonBody,
) -> Result<Reply, ApiError> {
    admin.arguments(&parameters::admin::PLAIN, &query)?;
    let engine = &admin.api.engine;
    let connection = find(engine, &id).await?;
    let request = sync_request::read(body, engine.clock().now())?;
    let sync = engine.request_sync(&connection, request).await?;
    Ok(Reply::created(&sync_api::sync_body(&sync)))
}

/// The newest hundred, newest first.
pub(crate) async fn syncs(
    admin: Admin,
    Path(id): Path<String>,
    query: QueryText,
) -> Result<Reply, ApiError> {
    admin.arguments(&parameters::admin::PLAIN, &query)?;
    let engine = &admin.api.engine;
    let connection = find(engine, &id).await?;
    let wanted = SyncQuery {
        limit: LISTED_SYNCS,
        ..SyncQuery::default()
    };
    let found = engine.store().list_syncs(connection.id, &wanted).await?;
    let results: Vec<_> = found.iter().map(sync_api::sync_body).collect();
    Ok(Reply::of(&json!({"results": results})))
}

/// With its issues as objects.
pub(crate) async fn sync(
    admin: Admin,
    Path((id, sync)): Path<(String, String)>,
    query: QueryText,
) -> Result<Reply, ApiError> {
    admin.arguments(&parameters::admin::PLAIN, &query)?;
    let store = admin.api.engine.store();
    let connection = find(&admin.api.engine, &id).await?;
    let sync: SyncId = path_id(&sync, "sync")?;
    let found = store.sync(connection.id, sync).await?;
    let found = [found.ok_or_else(|| sync_api::unknown(sync))?];
    let bodies = sync_api::sync_json(store, &found, true).await?;
    Ok(Reply::of(&bodies[0]))
}

pub(super) async fn find(engine: &Engine, id: &str) -> Result<Connection, ApiError> {
    let id = path_id(id, "id")?;
    let found = engine.store().connection(id).await?;
    found.ok_or_else(|| ApiError::NotFound(format!("There is no {id}")))
}

async fn admin_one(
    connection: &Connection,
    engine: &Engine,
    token: bool,
) -> Result<Value, ApiError> {
    let links = engine.link_urls(connection.application).await?;
    admin_json(connection, &links, token)
}

/// The contract's connection and what only the operator sees, without the token unless asked for.
fn admin_json(connection: &Connection, links: &LinkUrls, token: bool) -> Result<Value, ApiError> {
    let mut body = connection_json(connection, links)?;
    if let (false, Some(members)) = (token, body.as_object_mut()) {
        members.remove("token");
    }
    body["applicationId"] = json!(connection.application);
    if let Some(base_url) = &connection.base_url {
        body["baseUrl"] = json!(base_url);
    }
    if let Some(cadence) = connection.cadence {
        body["cadenceSeconds"] = json!(cadence.as_secs_f64());
    }
    if let Some(setting) = &connection.zone {
        body["timeZone"] = json!(setting.zone.name());
        body["timeZoneSource"] = json!(setting.source.name());
    }
    if let Some(history_from) = connection.history_from {
        body["historyFrom"] = json!(history_from);
    }
    let is_synced = connection.status == ConnectionStatus::Connected
        && connection.sync_mode == SyncMode::Automatic;
    for (member, time) in [
        ("nextSyncAt", connection.next_sync_at.filter(|_| is_synced)),
        ("deleteAt", connection.delete_at),
        ("deletedAt", connection.deleted_at),
    ] {
        if let Some(time) = time {
            body[member] = json!(time);
        }
    }
    Ok(body)
}
