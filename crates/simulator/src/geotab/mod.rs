//! A server that speaks MyGeotab's JSON-RPC over the synthetic world.
//!
//! [`GeotabServer::answer`] is a function of the request and the time (and, for sessions, quotas
//! and faults, of the requests before). It is one database with one user; what the connector and
//! some other clients of MyGeotab read is here, and entities of which such a fleet has none give
//! empty lists. Not here: writing anything, addresses, posted speeds, DecodeVins, files of media.
//!
//! Where a second host is named, signing in tells the client to go there, and the first one knows
//! the database no more.

mod catalogue;
mod changes;
mod database;
mod duty;
mod entity;
mod exceptions;
mod faultdata;
mod gauges;
mod ids;
mod present;
mod quota;
mod readings;
mod records;
mod rows;
mod rpc;
mod session;
mod taxes;
mod trips;
mod truth;
mod users;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use model::{IdSpace, Timestamp};
use serde_json::{Value, json};

pub use rpc::Refusal;
pub use truth::GeotabTruth;

use crate::exchange::{ProviderServer, SimAnswer, SimRequest};
use crate::faults::{DEFAULT_FORBIDDEN, FaultPlan};
use crate::fleet::World;
use crate::manner::{Manner, Mishap, RequestFaults};
use crate::samsara::wire::Json;
use crate::truth::{SimulatedProvider, Truth};
use database::{Database, Remembered};
use entity::Entity;
use quota::{Left, Quotas};
use rows::{Place, Row, Selection};
use rpc::Call;
use session::Sessions;

/// What [`FaultPlan::forbid`] refuses here unless told otherwise.
const FORBIDDEN_BY_DEFAULT: &str = "FuelTaxDetail";
const VERSION: &str = "11.0.1234";
const AUTHENTICATIONS_A_MINUTE: u32 = 10;
const MOST_CALLS: usize = 1_000;
/// A session that was just begun is not ended by a fault.
const LEAST_CALLS_OF_SESSION: u64 = 20;
/// Of one stretch of so many milliseconds at most one session is ended by a fault.
const BETWEEN_ENDS_MS: i64 = 10 * 60 * 1_000;

#[derive(Clone)]
pub struct GeotabConfig {
    pub username: String,
    pub password: String,
    pub database: String,
    pub rate_limits: bool,
    /// Whether answers are compressed for clients that ask for it.
    pub gzip: bool,
    pub session_life: Duration,
    /// Where signing in sends the client: a host with its port, or a whole URL.
    pub second_host: Option<String>,
    /// Rows of a feed's page at most, if lower than MyGeotab's own maximum.
    pub page_rows: usize,
}

impl Default for GeotabConfig {
    fn default() -> GeotabConfig {
        GeotabConfig {
            username: "service@fleet.example".to_owned(),
            password: "sim-password".to_owned(),
            database: "bluebird".to_owned(),
            rate_limits: true,
            gzip: true,
            session_life: Duration::from_secs(14 * 86_400),
            second_host: None,
            page_rows: 50_000,
        }
    }
}

impl fmt::Debug for GeotabConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GeotabConfig")
            .field("database", &self.database)
            .field("rate_limits", &self.rate_limits)
            .field("gzip", &self.gzip)
            .field("session_life", &self.session_life)
            .field("second_host", &self.second_host)
            .field("page_rows", &self.page_rows)
            .finish_non_exhaustive()
    }
}

pub struct GeotabServer {
    world: Arc<World>,
    faults: FaultPlan,
    config: GeotabConfig,
    requests: RequestFaults,
    sessions: Sessions,
    quotas: Quotas,
    remembered: Arc<Remembered>,
}

/// What every call of a request has in common.
#[derive(Clone, Copy)]
struct Context<'a> {
    request: &'a SimRequest,
    number: u64,
    now: Timestamp,
}

/// A result as JSON (`None`: the method has none), and what is left of its quota.
type Answered = (Option<Vec<u8>>, Option<Left>);

impl ProviderServer for GeotabServer {
    fn answer(&self, request: &SimRequest, now: Timestamp) -> SimAnswer {
        let number = self.requests.count();
        let context = Context {
            request,
            number,
            now,
        };
        let mut headers = vec![(
            "cache-control".to_owned(),
            "must-revalidate, no-cache, max-age=0".to_owned(),
        )];
        match self.respond(context) {
            Ok(((result, left), manner)) => {
                let content_type = "application/json; charset=utf-8".to_owned();
                headers.push(("content-type".to_owned(), content_type));
                headers.extend(left.into_iter().flat_map(Left::headers));
                let mut json = Json::default();
                json.raw("{");
                if let Some(result) = result {
                    json.key("result").bytes.extend(result);
                } else {
                    // A method that gives nothing has no result, not an empty one.
                    json.integer_member("requestIndex", 0);
                }
                json.raw(",\"jsonrpc\":\"2.0\"}");
                manner.send(request, 200, headers, json.bytes, self.config.gzip)
            }
            Err(refusal) => {
                let (content_type, body) = refusal.body(number);
                headers.push(("content-type".to_owned(), content_type.to_owned()));
                if let Some(seconds) = refusal.retry_after_s {
                    headers.push(("retry-after".to_owned(), seconds.to_string()));
                }
                let status = refusal.http.unwrap_or(200);
                Manner::default().send(request, status, headers, body, false)
            }
        }
    }

    fn requests(&self) -> u64 {
        self.requests.peek()
    }
}

impl SimulatedProvider for GeotabServer {
    fn provider(&self) -> &'static str {
        "geotab"
    }

    fn truth(&self, ids: &IdSpace, now: Timestamp) -> Box<dyn Truth> {
        Box::new(GeotabServer::truth(self, ids, now))
    }
}

impl GeotabServer {
    pub fn new(world: Arc<World>, faults: FaultPlan, config: GeotabConfig) -> GeotabServer {
        GeotabServer {
            world,
            faults,
            config,
            requests: RequestFaults::default(),
            sessions: Sessions::default(),
            quotas: Quotas::default(),
            remembered: Arc::default(),
        }
    }

    pub fn world(&self) -> &Arc<World> {
        &self.world
    }

    pub fn faults(&self) -> &FaultPlan {
        &self.faults
    }

    /// What a store must hold that has read everything this server shows at `now`.
    pub fn truth(&self, ids: &IdSpace, now: Timestamp) -> GeotabTruth {
        let (world, faults) = (Arc::clone(&self.world), self.faults.clone());
        GeotabTruth::new(world, faults, *ids, now, Arc::clone(&self.remembered))
    }

    fn database(&self, now: Timestamp) -> Database<'_> {
        Database {
            world: &self.world,
            faults: &self.faults,
            remembered: &self.remembered,
            now,
        }
    }

    fn respond(&self, context: Context<'_>) -> Result<(Answered, Manner), Refusal> {
        let path = context.request.path.to_ascii_lowercase();
        if path.trim_end_matches('/') != "/apiv1" {
            return Err(Refusal::http(404, "Not Found"));
        }
        let call = Call::read(context.request)?;
        let refuse = |mishap: Mishap, rng: &mut world::Rng| match mishap {
            Mishap::Throttle => Refusal::over_limit(60, 1 + rng.below(2)),
            Mishap::Error => match rng.below(4) {
                0 => Refusal::of("DbUnavailableException", "Database temporarily unavailable"),
                1 => Refusal::http(500, "Internal Server Error"),
                2 => Refusal::http(502, "Bad Gateway"),
                _ => Refusal::http(503, "Service Temporarily Unavailable"),
            },
        };
        let question = call.fingerprint();
        let manner = self
            .requests
            .draw(&self.faults, context.number, question, refuse)?;
        Ok((self.call(context, &call)?, manner))
    }

    fn call(&self, context: Context<'_>, call: &Call) -> Result<Answered, Refusal> {
        match call.method.as_str() {
            "GetVersion" => return Ok((Some(quoted(VERSION)), None)),
            "GetVersionInformation" => {
                let application = json!({"build": VERSION, "branch": "sim"});
                let answer = json!({"application": application, "server": "sim"});
                return Ok((Some(answer.to_string().into_bytes()), None));
            }
            "GetSystemTimeUtc" => {
                return Ok((Some(quoted(&context.now.to_string())), None));
            }
            "Authenticate" => return self.authenticate(context, call),
            _ => {}
        }
        self.authorised(context, call)?;
        match call.method.as_str() {
            "ExtendSession" => {
                if let Some(id) = call.params["credentials"]["sessionId"].as_str() {
                    self.sessions
                        .extend(id, context.now, self.config.session_life);
                }
                Ok((None, None))
            }
            "ExecuteMultiCall" => self.several(context, call),
            _ => self.one(context, call),
        }
    }

    fn authenticate(&self, context: Context<'_>, call: &Call) -> Result<Answered, Refusal> {
        if self.config.rate_limits {
            self.quotas
                .take("Authenticate", AUTHENTICATIONS_A_MINUTE, context.now)?;
        }
        let config = &self.config;
        let is_right = call.text("userName") == Some(&config.username)
            && call.text("password") == Some(&config.password);
        let database = call.text("database").filter(|name| !name.is_empty());
        if !is_right || database.is_some_and(|name| !name.eq_ignore_ascii_case(&config.database)) {
            return Err(Refusal::wrong_password());
        }
        let id = self
            .sessions
            .begin(context.number, context.now, config.session_life);
        let path = match &config.second_host {
            Some(second) if !is_host(second, &context.request.host) => second.as_str(),
            _ => "ThisServer",
        };
        let answer = json!({
            "credentials": {
                "database": config.database,
                "sessionId": id,
                "userName": config.username,
            },
            "path": path,
        });
        Ok((Some(answer.to_string().into_bytes()), None))
    }

    /// A session, or the password in its place, at the host where the database is.
    fn authorised(&self, context: Context<'_>, call: &Call) -> Result<(), Refusal> {
        let config = &self.config;
        let credentials = call.params.get("credentials").unwrap_or(&Value::Null);
        let text = |name: &str| credentials[name].as_str().filter(|text| !text.is_empty());
        if credentials.is_null() {
            return Err(Refusal::wrong_password());
        }
        let database = text("database");
        if database.is_some_and(|name| !name.eq_ignore_ascii_case(&config.database)) {
            return Err(Refusal::dead_session(database.unwrap_or_default()));
        }
        if let Some(second) = &config.second_host
            && !is_host(second, &context.request.host)
        {
            return Err(Refusal::of(
                "DbUnavailableException",
                format!("UnknownDatabase '{}'", config.database),
            ));
        }
        let is_user = text("userName") == Some(&config.username);
        let Some(id) = text("sessionId") else {
            let is_right = is_user && text("password") == Some(&config.password);
            return is_right.then_some(()).ok_or_else(Refusal::wrong_password);
        };
        let dead = || Refusal::dead_session(&config.database);
        let calls = self.sessions.call(id, context.now).ok_or_else(dead)?;
        let stretch = context.now.millis().div_euclid(BETWEEN_ENDS_MS);
        let may_end = calls >= LEAST_CALLS_OF_SESSION;
        let ends = |number| {
            let place = stretch.cast_unsigned();
            self.requests.expires(&self.faults, number, place)
        };
        if !is_user || (may_end && ends(context.number)) {
            self.sessions.end(id);
            return Err(dead());
        }
        Ok(())
    }

    /// In order, until one fails.
    fn several(&self, context: Context<'_>, call: &Call) -> Result<Answered, Refusal> {
        let calls = call.params.get("calls").and_then(Value::as_array);
        let calls = calls.ok_or_else(|| Refusal::missing_method(&call.method))?;
        if calls.len() > MOST_CALLS {
            return Err(Refusal::argument("Too many calls in one request."));
        }
        let mut json = Json::default();
        json.raw("[");
        let mut tightest: Option<Left> = None;
        for (index, child) in calls.iter().enumerate() {
            let answered = Call::from_value(child).and_then(|child| self.one(context, &child));
            let (result, left) = answered.map_err(|refusal| refusal.at(index))?;
            tightest = match (tightest, left) {
                (Some(one), Some(other)) => Some(one.tighter(other)),
                (one, other) => one.or(other),
            };
            json.comma()
                .bytes
                .extend(result.unwrap_or_else(|| b"null".to_vec()));
        }
        json.raw("]");
        Ok((Some(json.bytes), tightest))
    }

    /// A call that asks for rows.
    fn one(&self, context: Context<'_>, call: &Call) -> Result<Answered, Refusal> {
        let method = call.method.as_str();
        if !matches!(method, "Get" | "GetFeed" | "GetCountOf") {
            return Err(Refusal::missing_method(method));
        }
        let name = call.required("typeName")?;
        if name == "Driver" {
            return Err(Refusal::of(
                "InvalidCastException",
                "Unable to cast object of type 'User' to type 'Driver'.",
            ));
        }
        let entity = Entity::named(name).ok_or_else(|| Refusal::missing_method(method))?;
        self.check_forbidden(call, name)?;
        let limits = entity.limits();
        let most = match method {
            "Get" => limits.gets_a_minute,
            "GetFeed" => limits.feeds_a_minute,
            _ => limits.counts_a_minute,
        };
        let left = match self.config.rate_limits {
            true => {
                let quota = format!("{method} {name}");
                Some(self.quotas.take(&quota, most, context.now)?)
            }
            false => None,
        };
        let database = self.database(context.now);
        let json = match method {
            "Get" => database.get(call, entity)?,
            "GetFeed" => database.get_feed(call, entity, self.config.page_rows)?,
            _ => {
                let all = Selection { since: None };
                let mut rows = database.rows(call, entity, &all)?;
                rows::keep_named(call.search(), &mut rows);
                let mut json = Json::default();
                json.integer(rows.len() as i64);
                json
            }
        };
        Ok((Some(json.bytes), left))
    }

    /// By the name of an entity or of a diagnostic.
    fn check_forbidden(&self, call: &Call, name: &str) -> Result<(), Refusal> {
        let Some(forbidden) = forbidden(&self.faults) else {
            return Ok(());
        };
        let diagnostic = call.search().id_in("diagnosticSearch");
        if name == forbidden || diagnostic == Some(forbidden) {
            return Err(Refusal::of(
                "InvalidPermissionsException",
                format!("User does not have the clearance to view {forbidden}."),
            ));
        }
        Ok(())
    }
}

impl Database<'_> {
    fn get(&self, call: &Call, entity: Entity) -> Result<Json, Refusal> {
        match entity {
            Entity::LogRecord | Entity::StatusData => self.get_readings(call, entity),
            _ => {
                let rows = self.rows(call, entity, &Selection { since: None })?;
                rows::list(call, entity, rows)
            }
        }
    }

    fn get_feed(&self, call: &Call, entity: Entity, page_rows: usize) -> Result<Json, Refusal> {
        if !entity.has_feed() {
            return Err(Refusal::missing_method(&call.method));
        }
        let mut place = Place::read(call, entity)?;
        place.most = place.most.min(page_rows);
        if matches!(entity, Entity::LogRecord | Entity::StatusData) {
            return Ok(self.feed_readings(entity, &place));
        }
        let rows = match place.version {
            Some(_) => self.rows(call, entity, &place.selection())?,
            None => Vec::new(),
        };
        Ok(rows::feed(&place, rows, self.now))
    }

    /// What the search finds, in no order.
    fn rows(
        &self,
        call: &Call,
        entity: Entity,
        selection: &Selection,
    ) -> Result<Vec<Row>, Refusal> {
        let search = call.search();
        Ok(match entity {
            Entity::AnnotationLog => self.note_rows(search, selection)?,
            Entity::Controller => self.controller_rows(),
            Entity::Device => self.device_rows(search),
            Entity::DeviceStatusInfo => self.status_info_rows(search),
            Entity::Diagnostic => self.diagnostic_rows(),
            Entity::DriverChange => self.change_rows(search, selection)?,
            Entity::DutyStatusAvailability => self.availability_rows(search, selection),
            Entity::DutyStatusLog => self.duty_rows(search, selection)?,
            Entity::ExceptionEvent => self.exception_rows(search, selection)?,
            Entity::FailureMode => self.failure_mode_rows(),
            Entity::FaultData => self.fault_rows(search, selection)?,
            Entity::FuelAndEnergyUsed => self.fuel_rows(search, selection)?,
            Entity::FuelTaxDetail => self.tax_rows(search, selection)?,
            Entity::Group => self.group_rows(),
            Entity::LogRecord | Entity::StatusData => self.counted_readings(search, entity)?,
            Entity::Rule => self.rule_rows(),
            Entity::Trailer => self.trailer_rows(),
            Entity::TrailerAttachment => self.attachment_rows(search),
            Entity::Trip => self.trip_rows(search, selection)?,
            Entity::UnitOfMeasure => self.unit_rows(),
            Entity::User => self.user_rows(search),
            Entity::Other(_) => Vec::new(),
        })
    }
}

/// The entity or diagnostic that nobody may see.
pub(crate) fn forbidden(faults: &FaultPlan) -> Option<&str> {
    Some(match faults.forbid.as_deref()? {
        DEFAULT_FORBIDDEN => FORBIDDEN_BY_DEFAULT,
        told => told,
    })
}

/// Whether a request to `host` reached the server that `named` (a host or a URL) means.
fn is_host(named: &str, host: &str) -> bool {
    let bare = named.split_once("://").map_or(named, |(_, rest)| rest);
    let bare = bare.split('/').next().unwrap_or_default();
    bare.eq_ignore_ascii_case(host)
}

fn quoted(text: &str) -> Vec<u8> {
    let mut json = Json::default();
    json.text(text);
    json.bytes
}
