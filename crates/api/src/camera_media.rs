//! `GET /safety/events/{id}/camera-media`: links to films, which the provider signs when asked.

use axum::extract::Path;
use engine::{LiveEvent, LiveOperation, LiveRows};
use model::{Model, RecordId, SafetyEventId, Timestamp};
use serde::Deserialize;

use crate::error::ApiError;
use crate::extract::{Scope, path_id};
use crate::query::QueryText;
use crate::reply::Reply;
use crate::{json, live, parameters};

/// What the provider needs to know of an event.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    source_id: String,
    started_at: Timestamp,
}

pub(crate) async fn get(
    scope: Scope,
    Path(id): Path<String>,
    query: QueryText,
) -> Result<Reply, ApiError> {
    let event: SafetyEventId = path_id(&id, "id")?;
    let arguments = scope.arguments_of(&parameters::GET_EVENT_CAMERA_MEDIA, &query, &id)?;
    let unknown = || ApiError::NotFound(format!("This connection has no {id}"));
    let record = RecordId {
        model: Model::SafetyEvent,
        ulid: event.ulid(),
    };
    let record = scope.store().record(scope.connection.id, record).await?;
    let record = record.ok_or_else(unknown)?;
    let event: Event = serde_json::from_str(&record.body).map_err(ApiError::internal)?;
    let event = LiveEvent {
        source_id: event.source_id,
        started_at: event.started_at,
    };
    let asked = scope.engine().live(
        &scope.connection,
        LiveOperation::CameraMedia,
        Vec::new(),
        Some(event),
    );
    let live = asked.await?;
    let LiveRows::CameraMedia(found) = &live.answer.rows else {
        return Err(live::other_rows());
    };
    let found = found
        .as_ref()
        .ok_or_else(|| ApiError::NotFound(format!("The provider no longer has the event {id}")))?;
    let mut body = serde_json::to_vec(&found.row).map_err(ApiError::internal)?;
    if arguments.flag("raw") {
        let rows = live::raw_rows(&live, &found.raw);
        body.pop();
        let mut raw = Vec::new();
        json::push_raw(&mut raw, &scope.connection.provider, &rows);
        // Without films there is no member before it, and no comma.
        let comma = usize::from(body.len() == 1);
        body.extend_from_slice(&raw[comma..]);
        body.push(b'}');
    }
    Ok(Reply::json(body).warn(arguments.warnings))
}
