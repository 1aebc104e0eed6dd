//! A server that speaks Samsara's wire format over the synthetic world.
//!
//! [`SamsaraServer::answer`] is a function of the request and the time (and, for rate limits and
//! faults, of the requests before); who listens on a socket is none of its business. It answers the
//! endpoints that the connector reads, and some that only other clients of Samsara ask for; every
//! other path is a 404 in Samsara's form. Not here: writes, webhooks and address books
//! (their lists are empty), external ids as filters, and decorations, which are checked and never
//! filled.

mod answer;
mod assignments;
mod entities;
pub(crate) mod equipment;
mod faultcodes;
mod gate;
mod hos;
mod idling;
mod locations;
mod media;
mod paging;
mod reports;
pub(crate) mod request;
mod rows;
pub(crate) mod safety;
mod stats;
mod trips;
mod truth;
pub mod wire;

use std::fmt;
use std::sync::Arc;

use model::{IdSpace, Timestamp};

pub use answer::Refusal;
pub(crate) use hos::RESTED_MS;
pub use truth::SamsaraTruth;
#[cfg(test)]
pub(crate) use truth::signals_of;

use crate::exchange::{ProviderServer, SimAnswer, SimRequest};
use crate::faults::FaultPlan;
use crate::fleet::World;
use crate::manner::Manner;
use crate::oauth::{AppConfig, Flow, Grants, USUAL_LINK_URL};
use crate::shown::Shown;
use crate::truth::{SimulatedProvider, Truth};
use gate::Gate;
use paging::Cursor;
use request::{Parameters, fnv};
use wire::Json;

/// Vehicles named, and rows of lists given, on a page at most; a higher `limit` is refused.
const MOST_A_PAGE: usize = 512;

/// Samsara has no scopes to ask for: the app's registration decides.
static OAUTH: Flow = Flow {
    name: "Samsara",
    authorize_path: "/oauth2/authorize",
    token_path: "/oauth2/token",
    revoke_path: Some("/oauth2/revoke"),
    life_s: 3_600,
    scopes: &[],
    code_needs_redirect: false,
    token_type: "bearer",
    dates_tokens: false,
};

#[derive(Clone)]
pub struct SamsaraConfig {
    /// Bearer tokens that were made in the dashboard.
    pub tokens: Vec<String>,
    pub app: AppConfig,
    pub rate_limits: bool,
    /// Whether answers are compressed for clients that ask for it.
    pub gzip: bool,
    /// Vehicles on a page of stats, and of lists when the request names no limit.
    pub page_vehicles: usize,
    /// A page of stats ends with the vehicle that takes it beyond this, before compression.
    pub page_bytes: usize,
    pub organisation: String,
}

impl Default for SamsaraConfig {
    fn default() -> SamsaraConfig {
        SamsaraConfig {
            tokens: vec!["sim-token".to_owned()],
            app: AppConfig::of(truth::PROVIDER, USUAL_LINK_URL),
            rate_limits: true,
            gzip: true,
            page_vehicles: 25,
            page_bytes: 2 << 20,
            organisation: "Bluebird Freight \"Ltd.\"".to_owned(),
        }
    }
}

impl fmt::Debug for SamsaraConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SamsaraConfig")
            .field("tokens", &self.tokens.len())
            .field("app", &self.app)
            .field("rate_limits", &self.rate_limits)
            .field("gzip", &self.gzip)
            .field("page_vehicles", &self.page_vehicles)
            .field("page_bytes", &self.page_bytes)
            .finish_non_exhaustive()
    }
}

pub struct SamsaraServer {
    world: Arc<World>,
    faults: FaultPlan,
    config: SamsaraConfig,
    gate: Gate,
    grants: Grants,
}

/// One request on its way through.
struct Call<'a> {
    path: &'a str,
    parameters: Parameters,
    /// Of the query without `after`.
    fingerprint: u64,
    number: u64,
    now: Timestamp,
}

impl ProviderServer for SamsaraServer {
    fn answer(&self, request: &SimRequest, now: Timestamp) -> SimAnswer {
        self.respond(request, now)
    }

    fn requests(&self) -> u64 {
        self.gate.peek()
    }
}

impl SimulatedProvider for SamsaraServer {
    fn provider(&self) -> &'static str {
        truth::PROVIDER
    }

    fn truth(&self, ids: &IdSpace, now: Timestamp) -> Box<dyn Truth> {
        Box::new(SamsaraServer::truth(self, ids, now))
    }
}

impl SamsaraServer {
    pub fn new(world: Arc<World>, faults: FaultPlan, config: SamsaraConfig) -> SamsaraServer {
        SamsaraServer {
            world,
            faults,
            gate: Gate::default(),
            grants: Grants::new(&OAUTH, &config.app, &config.organisation),
            config,
        }
    }

    pub fn world(&self) -> &Arc<World> {
        &self.world
    }

    pub fn faults(&self) -> &FaultPlan {
        &self.faults
    }

    /// What a store must hold that has read everything this server shows at `now`.
    pub fn truth(&self, ids: &IdSpace, now: Timestamp) -> SamsaraTruth {
        SamsaraTruth::new(Arc::clone(&self.world), self.faults.clone(), *ids, now)
    }

    fn respond(&self, request: &SimRequest, now: Timestamp) -> SimAnswer {
        let number = self.gate.count();
        let request_id = format!(
            "sim-{:016x}",
            self.faults.chance(0x5251_4944, number).next_u64()
        );
        // A token that is lost on its way is lost for ever: only the faults of data are drawn.
        if let Some(page) = self.grants.answer(request, now) {
            let (headers, manner) = (page.headers, Manner::default());
            return self.finish(
                request,
                page.status,
                headers,
                page.body,
                &request_id,
                manner,
            );
        }
        match self.serve(request, number, now) {
            Ok((json, manner)) => {
                let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
                self.finish(request, 200, headers, json.bytes, &request_id, manner)
            }
            Err(refusal) => {
                let (content_type, body) = refusal.body(&request_id);
                let mut headers = vec![("content-type".to_owned(), content_type.to_owned())];
                if let Some(seconds) = refusal.retry_after_s {
                    headers.push(("retry-after".to_owned(), format!("{seconds:.5}")));
                }
                let manner = Manner::default();
                self.finish(request, refusal.status, headers, body, &request_id, manner)
            }
        }
    }

    fn serve(
        &self,
        request: &SimRequest,
        number: u64,
        now: Timestamp,
    ) -> Result<(Json, Manner), Refusal> {
        let token = self.authorised(request, now)?;
        let endpoint = endpoint(&request.path).ok_or_else(|| Refusal::of(404, "Not Found"))?;
        if request.method != "GET" {
            return Err(Refusal::of(405, "Method Not Allowed"));
        }
        if self.config.rate_limits {
            self.gate.take(token, &request.path, now)?;
        }
        let url = fnv([request.path.as_str(), request.query.as_str()].into_iter());
        let manner = self.gate.fault(&self.faults, number, url)?;
        let parameters = Parameters::read(&request.query);
        let call = Call {
            path: &request.path,
            fingerprint: parameters.fingerprint(&request.path),
            parameters,
            number,
            now,
        };
        self.check_forbidden(&call)?;
        Ok((endpoint(self, &call)?, manner))
    }

    /// A token of the dashboard or of a grant; both open everything.
    fn authorised<'a>(&self, request: &'a SimRequest, now: Timestamp) -> Result<&'a str, Refusal> {
        let is_known = |token: &&str| {
            let made = self.config.tokens.iter().any(|known| known == token);
            made || self.grants.scopes(token, now).is_some()
        };
        request
            .header("authorization")
            .and_then(|value| value.strip_prefix("Bearer "))
            .filter(is_known)
            .ok_or_else(|| Refusal::of(401, "Invalid token."))
    }

    /// The world as it is to be seen at `now`.
    fn shown(&self, now: Timestamp) -> Shown<'_> {
        Shown {
            world: &self.world,
            faults: &self.faults,
            now,
        }
    }

    fn check_forbidden(&self, call: &Call<'_>) -> Result<(), Refusal> {
        let Some(forbidden) = self.faults.forbid.as_deref() else {
            return Ok(());
        };
        let is_asked_for =
            call.path.contains(forbidden) || call.parameters.list("types").contains(&forbidden);
        if is_asked_for {
            return Err(Refusal::of(
                403,
                "The token does not have permission to access this resource.",
            ));
        }
        Ok(())
    }

    /// The cursor that the request names, or the walk's first.
    fn cursor(&self, call: &Call<'_>) -> Result<Cursor, Refusal> {
        let Some(after) = call.parameters.one("after") else {
            return Ok(Cursor::first(call.fingerprint, call.now));
        };
        let cursor = Cursor::read(after, call.fingerprint, call.now)?;
        self.gate
            .check_cursor(&self.faults, call.number, cursor.place())?;
        Ok(cursor)
    }

    /// The cursor of the page after one that ended before `next`; now and then an empty page
    /// comes in between.
    fn following(&self, call: &Call<'_>, cursor: &Cursor, next: usize, previous: usize) -> Cursor {
        let place = call.fingerprint ^ next as u64;
        Cursor {
            issued_at: call.now,
            next,
            previous,
            blank: self.faults.empty_pages
                && !cursor.blank
                && self.faults.chance(0x454d_5054, place).chance(0.25),
            ..*cursor
        }
    }

    fn finish(
        &self,
        request: &SimRequest,
        status: u16,
        mut headers: Vec<(String, String)>,
        body: Vec<u8>,
        request_id: &str,
        manner: Manner,
    ) -> SimAnswer {
        headers.push(("request-id".to_owned(), request_id.to_owned()));
        let may_zip = self.config.gzip && status == 200;
        manner.send(request, status, headers, body, may_zip)
    }
}

type Endpoint = fn(&SamsaraServer, &Call<'_>) -> Result<Json, Refusal>;

fn endpoint(path: &str) -> Option<Endpoint> {
    Some(match path {
        "/me" => SamsaraServer::me,
        "/fleet/vehicles" => SamsaraServer::vehicles,
        "/fleet/drivers" => SamsaraServer::drivers,
        "/tags" => SamsaraServer::tags,
        "/fleet/vehicles/stats" => SamsaraServer::stats_snapshot,
        "/fleet/vehicles/stats/feed" => SamsaraServer::stats_feed,
        "/fleet/vehicles/stats/history" => SamsaraServer::stats_history,
        "/fleet/vehicles/locations" => SamsaraServer::old_locations,
        "/fleet/vehicles/locations/feed" => SamsaraServer::old_locations_feed,
        "/fleet/vehicles/locations/history" => SamsaraServer::old_locations_history,
        "/assets/location-and-speed/stream" => SamsaraServer::location_stream,
        "/gateways" => SamsaraServer::gateways,
        "/devices" => SamsaraServer::devices,
        "/assets" => SamsaraServer::assets,
        "/fleet/trailers" => SamsaraServer::trailers,
        "/fleet/trailers/stats" => SamsaraServer::trailer_stats,
        "/v1/fleet/trips" => SamsaraServer::v1_trips,
        "/trips/stream" => SamsaraServer::trip_stream,
        "/safety-events" => SamsaraServer::safety_events,
        "/safety-events/stream" => SamsaraServer::safety_stream,
        "/fleet/safety-events" => SamsaraServer::legacy_safety_events,
        "/fleet/hos/logs" => SamsaraServer::hos_logs,
        "/fleet/hos/daily-logs" => SamsaraServer::hos_daily_logs,
        "/fleet/hos/clocks" => SamsaraServer::hos_clocks,
        "/fleet/hos/violations" => SamsaraServer::empty_window,
        "/fleet/driver-vehicle-assignments" => SamsaraServer::assignments,
        "/fleet/reports/ifta/vehicle" => SamsaraServer::ifta_vehicles,
        "/fleet/reports/vehicles/fuel-energy" => SamsaraServer::vehicle_fuel,
        "/fleet/reports/drivers/fuel-energy" => SamsaraServer::driver_fuel,
        "/idling/events" => SamsaraServer::idling_events,
        "/cameras/media" => SamsaraServer::camera_media,
        "/addresses" | "/webhooks" => SamsaraServer::empty_list,
        _ => return None,
    })
}
