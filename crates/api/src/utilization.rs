//! `GET /vehicles/utilization`: days, served without id and metadata as the contract has them.

use model::Model;

use crate::error::ApiError;
use crate::extract::Scope;
use crate::query::QueryText;
use crate::reply::Reply;
use crate::{parameters, records};

pub(crate) async fn list(scope: Scope, query: QueryText) -> Result<Reply, ApiError> {
    let arguments = scope.arguments(&parameters::GET_VEHICLE_UTILIZATION, &query)?;
    records::list(&scope, Model::VehicleUtilizationDay, arguments).await
}
