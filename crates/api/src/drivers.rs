//! `GET /drivers`, `GET /drivers/{id}`.

use axum::extract::Path;
use model::{DriverId, Model};

use crate::error::ApiError;
use crate::extract::{Scope, path_id};
use crate::query::QueryText;
use crate::reply::Reply;
use crate::{parameters, records};

pub(crate) async fn list(scope: Scope, query: QueryText) -> Result<Reply, ApiError> {
    let arguments = scope.arguments(&parameters::LIST_DRIVERS, &query)?;
    records::list(&scope, Model::Driver, arguments).await
}

pub(crate) async fn get(
    scope: Scope,
    Path(id): Path<String>,
    query: QueryText,
) -> Result<Reply, ApiError> {
    let id: DriverId = path_id(&id, "id")?;
    let arguments = scope.arguments(&parameters::GET_DRIVER, &query)?;
    records::get(&scope, id.into(), arguments).await
}
