//! `/admin/v1`: what the operator's own commands ask of the running server, because a SQLite store
//! belongs to one process.
//!
//! Whoever holds the admin token of the data directory may do everything here, for every
//! application. The commands do the same through [`operations`] when no server runs. Lists are
//! whole: an operator's applications, keys and connections fit one answer.

mod applications;
mod connections;
mod keys;
pub mod operations;
mod replay;

use axum::Router;
use axum::routing::{get, post};

use crate::Shared;
use crate::error::ApiError;
use operations::OperationError;

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route(
            "/applications",
            get(applications::list).post(applications::create),
        )
        .route("/keys", get(keys::list).post(keys::create))
        .route("/keys/{id}/revoke", post(keys::revoke))
        .route(
            "/connections",
            get(connections::list).post(connections::create),
        )
        .route("/connections/{id}", get(connections::get))
        .route(
            "/connections/{id}/syncs",
            get(connections::syncs).post(connections::request_sync),
        )
        .route("/connections/{id}/time-zone", post(connections::set_zone))
        .route("/connections/{id}/syncs/{sync}", get(connections::sync))
        .route(
            "/connections/{id}/replay",
            get(replay::get).post(replay::start),
        )
}

impl From<OperationError> for ApiError {
    fn from(error: OperationError) -> ApiError {
        match error {
            OperationError::Invalid { field, reason } => ApiError::malformed(
                format!("{{requestBody}}.{field}"),
                format!("'{field}' {reason}"),
                "See the commands' help for what it takes",
            ),
            OperationError::Store(error) => error.into(),
            OperationError::Sync(error) => error.into(),
        }
    }
}
