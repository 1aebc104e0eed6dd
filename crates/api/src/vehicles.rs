//! `GET /vehicles`, `GET /vehicles/{id}`.

use axum::extract::Path;
use model::{Model, VehicleId};

use crate::error::ApiError;
use crate::extract::{Scope, path_id};
use crate::query::QueryText;
use crate::reply::Reply;
use crate::{parameters, records};

pub(crate) async fn list(scope: Scope, query: QueryText) -> Result<Reply, ApiError> {
    let arguments = scope.arguments(&parameters::LIST_VEHICLES, &query)?;
    records::list(&scope, Model::Vehicle, arguments).await
}

pub(crate) async fn get(
    scope: Scope,
    Path(id): Path<String>,
    query: QueryText,
) -> Result<Reply, ApiError> {
    let id: VehicleId = path_id(&id, "id")?;
    let arguments = scope.arguments(&parameters::GET_VEHICLE, &query)?;
    records::get(&scope, id.into(), arguments).await
}
