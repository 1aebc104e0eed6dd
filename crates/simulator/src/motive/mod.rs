//! A server that speaks Motive's wire format over the synthetic world.
//!
//! [`MotiveServer::answer`] is a function of the request and the time (and, for sessions, rate
//! limits and faults, of the requests before). It answers what the connector reads and what public
//! clients of Motive read; every other path is a 404. Motive's own oddities are here on purpose:
//! units by a header that does not reach every field, days of two calendars under the same
//! parameter names, envelopes that are not named like their path, grants that open only what was
//! asked for. Not here: writes, webhooks, XML, messages, inspections and purchases.
//!
//! Times of the wire are whole seconds: what the world has in milliseconds is cut.

mod answer;
mod driving;
mod duty;
mod entities;
mod equipment;
mod faultcodes;
mod hos;
mod idling;
mod ids;
mod ifta;
mod locations;
mod paging;
mod request;
mod rows;
mod safety;
mod truth;
mod utilization;
mod wire;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use model::{IdSpace, Timestamp};

pub use answer::Refusal;
pub use truth::MotiveTruth;

use crate::exchange::{ProviderServer, SimAnswer, SimRequest};
use crate::faults::{DEFAULT_FORBIDDEN, FaultPlan};
use crate::fleet::World;
use crate::manner::{Manner, Mishap, RateLimits, RequestFaults};
use crate::oauth::{AppConfig, Flow, Grants, Scopes, USUAL_LINK_URL};
use crate::samsara::wire::Json;
use crate::shown::Shown;
use crate::truth::{SimulatedProvider, Truth};
use request::Parameters;
use wire::Form;

/// Requests a second of one credential: no number is published, and this one is seldom met.
const PER_CREDENTIAL: f64 = 150.0;
/// What [`FaultPlan::forbid`] refuses here unless told otherwise.
const FORBIDDEN_BY_DEFAULT: &str = "/v1/ifta";

/// The scopes that exist here, one for each kind of question.
const SCOPES: [&str; 21] = [
    "companies.read",
    "users.read",
    "vehicles.read",
    "groups.read",
    "eld_devices.read",
    "assets.read",
    "locations.vehicle_locations_list",
    "locations.vehicle_locations_single",
    "locations.asset_locations",
    "hos_logs.available_time",
    "hos_logs.hours_of_service",
    "hos_logs.logs",
    "driving_periods.read",
    "utilization.vehicle_utilization",
    "utilization.driver_utilization",
    "utilization.idle_events",
    "driver_performance_events.read",
    "speeding_events.read",
    "ifta_reports.summary",
    "ifta_reports.trips",
    "fault_codes.read",
];
const CAMERAS_SCOPE: &str = "camera_connections.read";

/// As Doorkeeper has it.
static OAUTH: Flow = Flow {
    name: "Motive",
    authorize_path: "/oauth/authorize",
    token_path: "/oauth/token",
    revoke_path: None,
    life_s: 7_200,
    scopes: &SCOPES,
    code_needs_redirect: true,
    token_type: "Bearer",
    dates_tokens: true,
};

#[derive(Clone)]
pub struct MotiveConfig {
    /// Taken in `X-Api-Key`.
    pub api_keys: Vec<String>,
    pub app: AppConfig,
    /// The company's setting, for requests without `X-Metric-Units`.
    pub metric_by_default: bool,
    pub rate_limits: bool,
    /// Whether answers are compressed for clients that ask for it.
    pub gzip: bool,
    pub organisation: String,
}

impl Default for MotiveConfig {
    fn default() -> MotiveConfig {
        MotiveConfig {
            api_keys: vec!["sim-key".to_owned()],
            app: AppConfig::of(truth::PROVIDER, USUAL_LINK_URL),
            metric_by_default: false,
            rate_limits: true,
            gzip: true,
            organisation: "Bluebird Freight \"Ltd.\"".to_owned(),
        }
    }
}

impl fmt::Debug for MotiveConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MotiveConfig")
            .field("api_keys", &self.api_keys.len())
            .field("app", &self.app)
            .field("metric_by_default", &self.metric_by_default)
            .field("rate_limits", &self.rate_limits)
            .field("gzip", &self.gzip)
            .finish_non_exhaustive()
    }
}

pub struct MotiveServer {
    world: Arc<World>,
    faults: FaultPlan,
    config: MotiveConfig,
    requests: RequestFaults,
    limits: RateLimits,
    grants: Grants,
}

/// One question on its way through.
struct Call {
    parameters: Parameters,
    /// The last part of the path, where it is a number.
    id: Option<i64>,
    version: u8,
    form: Form,
    now: Timestamp,
}

type Endpoint = fn(&MotiveServer, &Call) -> Result<Json, Refusal>;

/// What answers a path.
struct Route {
    scope: &'static str,
    endpoint: Endpoint,
    id: Option<i64>,
    version: u8,
}

impl ProviderServer for MotiveServer {
    fn answer(&self, request: &SimRequest, now: Timestamp) -> SimAnswer {
        let number = self.requests.count();
        let json = |content_type: &str| {
            let value = content_type.to_owned();
            vec![("content-type".to_owned(), value)]
        };
        // A token that is lost on its way is lost for ever: only the faults of data are drawn.
        if let Some(page) = self.grants.answer(request, now) {
            return Manner::default().send(request, page.status, page.headers, page.body, false);
        }
        match self.serve(request, number, now) {
            Ok((body, manner)) => {
                let headers = json("application/json; charset=utf-8");
                manner.send(request, 200, headers, body.bytes, self.config.gzip)
            }
            Err(refusal) => refused(request, &refusal),
        }
    }

    fn requests(&self) -> u64 {
        self.requests.peek()
    }
}

impl SimulatedProvider for MotiveServer {
    fn provider(&self) -> &'static str {
        truth::PROVIDER
    }

    fn truth(&self, ids: &IdSpace, now: Timestamp) -> Box<dyn Truth> {
        Box::new(MotiveServer::truth(self, ids, now))
    }
}

impl MotiveServer {
    pub fn new(world: Arc<World>, faults: FaultPlan, config: MotiveConfig) -> MotiveServer {
        MotiveServer {
            world,
            faults,
            grants: Grants::new(&OAUTH, &config.app, &config.organisation),
            config,
            requests: RequestFaults::default(),
            limits: RateLimits::default(),
        }
    }

    pub fn world(&self) -> &Arc<World> {
        &self.world
    }

    pub fn faults(&self) -> &FaultPlan {
        &self.faults
    }

    /// What a store must hold that has read everything this server shows at `now`.
    pub fn truth(&self, ids: &IdSpace, now: Timestamp) -> MotiveTruth {
        MotiveTruth::new(Arc::clone(&self.world), self.faults.clone(), *ids, now)
    }

    fn serve(
        &self,
        request: &SimRequest,
        number: u64,
        now: Timestamp,
    ) -> Result<(Json, Manner), Refusal> {
        let (credential, scopes) = self.authorised(request, now)?;
        let route = route(&request.path).ok_or_else(Refusal::not_found)?;
        if request.method != "GET" {
            return Err(Refusal::not_found());
        }
        if self.config.rate_limits {
            let second = Duration::from_secs(1);
            self.limits
                .take(credential, PER_CREDENTIAL, second, now)
                .map_err(|wait_s| Refusal::throttled(wait_s.ceil() as u64))?;
        }
        let question = question(request);
        let refuse = |mishap, rng: &mut world::Rng| match mishap {
            Mishap::Throttle => Refusal::throttled(1),
            Mishap::Error => {
                let (status, text) = *rng.pick(&[
                    (500, "<h1>We're sorry, but something went wrong.</h1>"),
                    (502, "<html><h1>502 Bad Gateway</h1></html>"),
                    (503, "<html><h1>503 Service Unavailable</h1></html>"),
                ]);
                Refusal::plain(status, text)
            }
        };
        let manner = self.requests.draw(&self.faults, number, question, refuse)?;
        let is_granted = scopes.is_none_or(|granted| granted.iter().any(|one| one == route.scope));
        if !is_granted || is_forbidden(&self.faults, &request.path) {
            let message = "You don't have permission to perform this action";
            return Err(Refusal::of(403, message));
        }
        let call = Call {
            parameters: Parameters::read(&request.query),
            id: route.id,
            version: route.version,
            form: Form::of(request, self.config.metric_by_default)?,
            now,
        };
        Ok(((route.endpoint)(self, &call)?, manner))
    }

    /// The credential and what it is good for. A key is no bearer token, and the other way round.
    fn authorised<'a>(
        &self,
        request: &'a SimRequest,
        now: Timestamp,
    ) -> Result<(&'a str, Scopes), Refusal> {
        if let Some(key) = request.header("x-api-key") {
            let is_known = self.config.api_keys.iter().any(|known| known == key);
            let denied = || Refusal::of(401, "invalid API key");
            return is_known.then_some((key, None)).ok_or_else(denied);
        }
        let denied = || Refusal::of(401, "The access token is invalid");
        let token = request
            .header("authorization")
            .and_then(|value| value.strip_prefix("Bearer "))
            .ok_or_else(denied)?;
        let scopes = self.grants.scopes(token, now).ok_or_else(denied)?;
        Ok((token, scopes))
    }

    /// The world as it is to be seen at `now`.
    fn shown(&self, now: Timestamp) -> Shown<'_> {
        Shown {
            world: &self.world,
            faults: &self.faults,
            now,
        }
    }
}

fn refused(request: &SimRequest, refusal: &Refusal) -> SimAnswer {
    let (content_type, body) = refusal.body();
    let mut headers = vec![("content-type".to_owned(), content_type.to_owned())];
    if let Some(seconds) = refusal.retry_after_s {
        headers.push(("retry-after".to_owned(), seconds.to_string()));
    }
    Manner::default().send(request, refusal.status, headers, body, false)
}

/// Whether the plan refuses a path. Its default text means nothing to Motive and stands for one of
/// the paths here.
pub(crate) fn is_forbidden(faults: &FaultPlan, path: &str) -> bool {
    faults.forbid.as_deref().is_some_and(|text| {
        let text = match text {
            DEFAULT_FORBIDDEN => FORBIDDEN_BY_DEFAULT,
            text => text,
        };
        path.contains(text)
    })
}

/// The same whenever the same is asked.
fn question(request: &SimRequest) -> u64 {
    let texts = [request.path.as_bytes(), b"?", request.query.as_bytes()];
    let bytes = texts.into_iter().flatten();
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

fn route(path: &str) -> Option<Route> {
    let (version, rest) = path.strip_prefix("/v")?.split_once('/')?;
    let version: u8 = version.parse().ok()?;
    let (name, id) = match rest.rsplit_once('/') {
        Some((name, id)) if id.bytes().all(|byte| byte.is_ascii_digit()) => {
            (name, Some(id.parse().ok()?))
        }
        _ => (rest, None),
    };
    let (scope, endpoint): (&'static str, Endpoint) = match (version, name, id.is_some()) {
        (1, "companies", false) => (SCOPES[0], MotiveServer::companies),
        (1, "users", false) => (SCOPES[1], MotiveServer::users),
        (1, "vehicles", false) => (SCOPES[2], MotiveServer::vehicles),
        (1, "vehicles", true) => (SCOPES[2], MotiveServer::vehicle),
        (1, "groups", false) => (SCOPES[3], MotiveServer::groups),
        (1, "eld_devices", false) => (SCOPES[4], MotiveServer::eld_devices),
        (1, "assets", false) => (SCOPES[5], MotiveServer::assets),
        (1..=3, "vehicle_locations", false) => (SCOPES[6], MotiveServer::latest_locations),
        (1 | 3, "vehicle_locations", true) => (SCOPES[7], MotiveServer::location_history),
        (1, "asset_locations", false) => (SCOPES[8], MotiveServer::asset_locations),
        (1, "asset_locations", true) => (SCOPES[8], MotiveServer::asset_history),
        (1, "available_time", false) => (SCOPES[9], MotiveServer::available_time),
        (1, "hours_of_service", false) => (SCOPES[10], MotiveServer::hours_of_service),
        (1 | 2, "logs", false) => (SCOPES[11], MotiveServer::logs),
        (1, "driving_periods", false) => (SCOPES[12], MotiveServer::driving_periods),
        (1 | 2, "vehicle_utilization", false) => (SCOPES[13], MotiveServer::vehicle_utilization),
        (1 | 2, "driver_utilization", false) => (SCOPES[14], MotiveServer::driver_utilization),
        (1, "idle_events", false) => (SCOPES[15], MotiveServer::idle_events),
        (1 | 2, "driver_performance_events", false) => {
            (SCOPES[16], MotiveServer::performance_events)
        }
        (1, "speeding_events", false) => (SCOPES[17], MotiveServer::speeding_events),
        (1, "ifta/summary", false) => (SCOPES[18], MotiveServer::ifta_summary),
        (1, "ifta/trips", false) => (SCOPES[19], MotiveServer::ifta_trips),
        (1, "fault_codes", false) => (SCOPES[20], MotiveServer::fault_codes),
        (1, "camera_connections", false) => (CAMERAS_SCOPE, MotiveServer::camera_connections),
        _ => return None,
    };
    Some(Route {
        scope,
        endpoint,
        id,
        version,
    })
}

#[cfg(test)]
mod tests;
