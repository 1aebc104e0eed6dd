//! The route table: every operation of the contract, the admin API, and what stands beside them.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::Uri;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{delete, get, patch, post};
use engine::Engine;
use model::{ApplicationId, ConnectionId};

use crate::config::{Api, ApiConfig};
use crate::error::ApiError;
use crate::rate_limit::RateLimits;
use crate::reply::Reply;
use crate::{
    Shared, admin, camera_media, connections, description, devices, docs, drivers, fault_codes,
    groups, hos, ifta, issues, live, locations, middleware, passthrough, providers, public_token,
    safety, short_links, stats, syncs, trailers, trips, utilization, vehicles,
};

/// The API and what it remembers while it is served.
pub(crate) struct Served {
    pub engine: Engine,
    pub config: ApiConfig,
    pub docs: docs::Site,
    rate_limits: Mutex<RateLimits>,
}

impl Served {
    fn new(api: Api) -> Served {
        Served {
            rate_limits: Mutex::new(RateLimits::new(&api.config)),
            docs: docs::Site::default(),
            engine: api.engine,
            config: api.config,
        }
    }

    /// Counts a request of a caller who is known; 429 when there are too many.
    pub(crate) fn admit(
        &self,
        application: ApplicationId,
        connection: Option<ConnectionId>,
    ) -> Result<(), ApiError> {
        let now = self.engine.clock().now();
        // Whoever panicked here left levels, and any levels are good ones.
        let mut limits = self
            .rate_limits
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        Ok(limits.admit(application, connection, now)?)
    }
}

/// The whole API, ready to be served or called.
pub fn router(api: Api) -> Router {
    let api: Shared = Arc::new(Served::new(api));
    Router::new()
        .nest("/tsp/v1", contract())
        .nest("/admin/v1", admin::routes())
        .route("/tsp/openapi", get(description::serve))
        .route("/openapi.json", get(description::serve))
        .merge(docs::routes())
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

/// Makes the router of the rows, and a list of them that tests hold the description against.
macro_rules! contract {
    ($($method:ident $path:literal => $handler:path;)*) => {
        /// Method and path of each row.
        #[cfg(test)]
        pub(crate) const CONTRACT: [(&str, &str); 38] = [$((stringify!($method), $path)),*];

        fn contract() -> Router<Shared> {
            Router::new()$(.route($path, $method($handler)))*
        }
    };
}

// The contract's 38 operations. Path parameters are all called `id` here, because routes that begin
// alike must name them alike.
contract! {
    get "/connections/current" => connections::current;
    patch "/connections/current" => connections::update;
    delete "/connections/current" => connections::remove;
    get "/connections" => connections::list;
    get "/providers" => providers::list;
    post "/public-token/exchange" => public_token::exchange;
    post "/link/short" => short_links::create;
    delete "/link/short/{id}" => short_links::delete;
    get "/syncs" => syncs::list;
    post "/syncs" => syncs::request;
    get "/syncs/{id}" => syncs::get;
    post "/syncs/{id}/retry" => syncs::retry;
    post "/syncs/{id}/cancel" => syncs::cancel;
    get "/issues" => issues::list;
    post "/issues/{id}/resolve" => issues::resolve;
    get "/vehicles" => vehicles::list;
    get "/vehicles/{id}" => vehicles::get;
    get "/vehicles/{id}/locations" => locations::list;
    get "/vehicles/{id}/stats/historical" => stats::list;
    get "/vehicles/locations" => live::vehicle_locations;
    get "/vehicles/utilization" => utilization::list;
    get "/drivers" => drivers::list;
    get "/drivers/{id}" => drivers::get;
    get "/groups" => groups::list;
    get "/devices" => devices::list;
    get "/trailers" => trailers::list;
    get "/trailers/locations" => live::trailer_locations;
    get "/trips" => trips::list;
    get "/hos/available-time" => live::available_time;
    get "/hos/logs" => hos::list_logs;
    get "/hos/daily-logs" => hos::list_daily_logs;
    get "/ifta/summary" => ifta::summary;
    get "/fault-codes/events" => fault_codes::list;
    get "/safety/events" => safety::list;
    get "/safety/events/{id}" => safety::get;
    get "/safety/events/{id}/camera-media" => camera_media::get;
    post "/passthrough" => passthrough::enveloped;
    post "/passthrough/raw" => passthrough::raw;
}

/// For load balancers: the process answers.
async fn health() -> Reply {
    Reply::json(br#"{"status":"ok"}"#.to_vec())
}

async fn nothing_here(uri: Uri) -> ApiError {
    ApiError::NotFound(format!("There is nothing at {}", uri.path()))
}
