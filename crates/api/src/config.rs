//! What the API is given at start.

use std::time::Duration;

use engine::Engine;
use model::Secret;

/// What happens to a query parameter that the contract knows nowhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownParameters {
    /// 400 with the nearest name: a filter that is silently dropped gives wrong data.
    #[default]
    Refuse,
    /// Ignored, with a `Warning` header.
    Ignore,
}

#[derive(Clone, Debug)]
pub struct ApiConfig {
    pub unknown_parameters: UnknownParameters,
    /// A request that takes longer is answered 504.
    pub request_deadline: Duration,
    /// A larger request body is answered 413.
    pub max_body_bytes: usize,
    /// Of one connection's token, and as many at once; more are answered 429. 0: no limit.
    pub requests_per_second_per_connection: u32,
    /// Of all of an application's requests together. 0: no limit.
    pub requests_per_second_per_application: u32,
    /// Scheme, host and port under which clients reach this server, without a trailing slash:
    /// addresses of provider logos begin with it.
    pub public_base_url: String,
    /// The bearer token of `/admin/v1`; without one the admin API refuses everybody.
    pub admin_token: Option<Secret>,
}

impl ApiConfig {
    /// Defaults: unknown parameters refused, 30 s, 1 MiB, no rate limits, no admin API.
    pub fn new(public_base_url: impl Into<String>) -> ApiConfig {
        let public_base_url: String = public_base_url.into();
        ApiConfig {
            unknown_parameters: UnknownParameters::default(),
            request_deadline: Duration::from_secs(30),
            max_body_bytes: 1 << 20,
            requests_per_second_per_connection: 0,
            requests_per_second_per_application: 0,
            public_base_url: public_base_url.trim_end_matches('/').to_owned(),
            admin_token: None,
        }
    }
}

/// The API over one engine (and the engine's store).
#[derive(Clone)]
pub struct Api {
    pub engine: Engine,
    pub config: ApiConfig,
}
