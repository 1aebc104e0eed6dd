//! `/admin/v1`: what the operator's own commands ask of the running server, because a SQLite store
//! belongs to one process.
//!
//! Whoever holds the admin token of the data directory may do everything here, for every
//! application. The commands do the same when no server runs, in their own process. Lists are
//! whole: an operator's applications, keys and connections fit one answer.

mod applications;
mod connections;
mod keys;
pub mod operations;
mod provider_requests;
mod replay;
mod templates;
pub mod tenants;
mod vault;

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
        .route(
            "/applications/{id}",
            get(applications::get).post(applications::change),
        )
        .route("/keys", get(keys::list).post(keys::create))
        .route("/keys/{id}/revoke", post(keys::revoke))
        .route("/keys/{id}/rotate", post(keys::rotate))
        .route("/vault", get(vault::status))
        .route("/vault/rotate", post(vault::rotate))
        .route("/vault/master-key", post(vault::change_master_key))
        .route(
            "/connections",
            get(connections::list).post(connections::create),
        )
        .route(
            "/connections/{id}",
            get(connections::get).delete(connections::delete),
        )
        .route("/connections/{id}/status", post(connections::set_status))
        .route(
            "/connections/{id}/syncs",
            get(connections::syncs).post(connections::request_sync),
        )
        .route("/connections/{id}/time-zone", post(connections::set_zone))
        .route("/connections/{id}/syncs/{sync}", get(connections::sync))
        .route("/templates", get(templates::list).post(templates::create))
        .route(
            "/templates/{id}",
            get(templates::get).post(templates::update),
        )
        .route("/templates/{id}/archive", post(templates::archive))
        .route("/provider-requests", get(provider_requests::list))
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
            OperationError::KeyIsOver(id) => ApiError::Conflict {
                message: "Key cannot be rotated",
                detail: format!("{id} is revoked or expired; make a new one"),
            },
            OperationError::Store(error) => error.into(),
            OperationError::Sync(error) => error.into(),
        }
    }
}
