//! The route table: every operation of the contract, the admin API, and what stands beside them.

use std::future::Future;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::Uri;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{delete, get, post};
use axum::serve::ListenerExt;

use crate::config::Api;
use crate::error::ApiError;
use crate::reply::Reply;
use crate::{
    Shared, admin, connections, drivers, groups, issues, locations, middleware, not_built,
    providers, stats, syncs, vehicles,
};

/// The whole API, ready to be served or called.
pub fn router(api: Api) -> Router {
    let api: Shared = Arc::new(api);
    Router::new()
        .nest("/tsp/v1", contract())
        .nest("/admin/v1", admin::routes())
        .route("/health", get(health))
        .route("/providers/{code}/logo.svg", get(providers::artwork))
        .route("/providers/{code}/icon.svg", get(providers::artwork))
        .fallback(nothing_here)
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .layer(DefaultBodyLimit::max(api.config.max_body_bytes))
        .layer(from_fn(middleware::compress))
        .layer(from_fn_with_state(api.clone(), middleware::deadline))
        .layer(from_fn_with_state(api.clone(), middleware::identify))
        .with_state(api)
}

/// The contract's 38 operations. Path parameters are all called `id` here, because routes that
/// begin alike must name them alike.
fn contract() -> Router<Shared> {
    Router::new()
        .route(
            "/connections/current",
            get(connections::current)
                .patch(connections::update)
                .delete(not_built::for_connection),
        )
        .route("/connections", get(connections::list))
        .route("/providers", get(providers::list))
        .route("/public-token/exchange", post(not_built::for_application))
        .route("/link/short", post(not_built::for_application))
        .route("/link/short/{id}", delete(not_built::for_application))
        .route("/syncs", get(syncs::list).post(syncs::request))
        .route("/syncs/{id}", get(syncs::get))
        .route("/syncs/{id}/retry", post(syncs::retry))
        .route("/syncs/{id}/cancel", post(syncs::cancel))
        .route("/issues", get(issues::list))
        .route("/issues/{id}/resolve", post(not_built::for_application))
        .route("/vehicles", get(vehicles::list))
        .route("/vehicles/{id}", get(vehicles::get))
        .route("/vehicles/{id}/locations", get(locations::list))
        .route("/vehicles/{id}/stats/historical", get(stats::list))
        .route("/vehicles/locations", get(not_built::for_connection))
        .route("/vehicles/utilization", get(not_built::for_connection))
        .route("/drivers", get(drivers::list))
        .route("/drivers/{id}", get(drivers::get))
        .route("/groups", get(groups::list))
        .route("/devices", get(not_built::for_connection))
        .route("/trailers", get(not_built::for_connection))
        .route("/trailers/locations", get(not_built::for_connection))
        .route("/trips", get(not_built::for_connection))
        .route("/hos/available-time", get(not_built::for_connection))
        .route("/hos/logs", get(not_built::for_connection))
        .route("/hos/daily-logs", get(not_built::for_connection))
        .route("/ifta/summary", get(not_built::for_connection))
        .route("/fault-codes/events", get(not_built::for_connection))
        .route("/safety/events", get(not_built::for_connection))
        .route("/safety/events/{id}", get(not_built::for_connection))
        .route(
            "/safety/events/{id}/camera-media",
            get(not_built::for_connection),
        )
        .route("/passthrough", post(not_built::for_connection))
        .route("/passthrough/raw", post(not_built::for_connection))
}

/// For load balancers: the process answers.
async fn health() -> Reply {
    Reply::json(br#"{"status":"ok"}"#.to_vec())
}

async fn nothing_here(uri: Uri) -> ApiError {
    ApiError::NotFound(format!("There is nothing at {}", uri.path()))
}

/// Serves until `shutdown` completes; then requests under way are finished and it returns.
pub async fn serve(
    listener: tokio::net::TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    // Answers are written whole: waiting to fill a packet only delays their last one.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
    });
    axum::serve(listener, router)
        .with_graceful_shutdown(shutdown)
        .await
}
