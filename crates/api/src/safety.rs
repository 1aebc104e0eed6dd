//! `GET /safety/events`, `GET /safety/events/{id}`.

use axum::extract::Path;
use model::{Model, RecordId, SafetyEventId};

use crate::error::ApiError;
use crate::extract::{Scope, path_id};
use crate::query::QueryText;
use crate::reply::Reply;
use crate::{parameters, records};

pub(crate) async fn list(scope: Scope, query: QueryText) -> Result<Reply, ApiError> {
    let arguments = scope.arguments(&parameters::LIST_SAFETY_EVENTS, &query)?;
    records::list(&scope, Model::SafetyEvent, arguments).await
}

pub(crate) async fn get(
    scope: Scope,
    Path(id): Path<String>,
    query: QueryText,
) -> Result<Reply, ApiError> {
    let event: SafetyEventId = path_id(&id, "id")?;
    let arguments = scope.arguments_of(&parameters::GET_SAFETY_EVENT, &query, &id)?;
    let event = RecordId {
        model: Model::SafetyEvent,
        ulid: event.ulid(),
    };
    records::get(&scope, event, arguments).await
}
