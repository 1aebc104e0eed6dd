//! `GET /trailers`.

use model::Model;

use crate::error::ApiError;
use crate::extract::Scope;
use crate::query::QueryText;
use crate::reply::Reply;
use crate::{parameters, records};

pub(crate) async fn list(scope: Scope, query: QueryText) -> Result<Reply, ApiError> {
    let arguments = scope.arguments(&parameters::LIST_TRAILERS, &query)?;
    records::list(&scope, Model::Trailer, arguments).await
}
