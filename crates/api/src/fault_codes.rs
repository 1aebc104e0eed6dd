//! `GET /fault-codes/events`.

use model::Model;

use crate::error::ApiError;
use crate::extract::Scope;
use crate::query::QueryText;
use crate::reply::Reply;
use crate::{parameters, records};

pub(crate) async fn list(scope: Scope, query: QueryText) -> Result<Reply, ApiError> {
    let arguments = scope.arguments(&parameters::LIST_FAULT_CODE_EVENTS, &query)?;
    records::list(&scope, Model::FaultCodeEvent, arguments).await
}
