//! `GET /vehicles/locations`, `GET /trailers/locations`, `GET /hos/available-time`: what the
//! provider says at the moment of the call.
//!
//! The engine asks (or takes what it was answered a moment ago); here the answer becomes a list in
//! the order of the ids of its vehicles, trailers or drivers. The store only helps: it turns ids
//! into the provider's own, says who is gone, and who drove where the provider does not.

use std::collections::HashSet;
use std::future::Future;
use std::sync::Arc;

use engine::{Live, LiveError, LiveOperation, LiveRow, LiveRows, Member, Partition};
use model::connection::ConnectionStatus;
use model::live::{HosAvailableTime, LatestTrailerLocation, LatestVehicleLocation};
use model::{DriverId, Model, RecordId, Timestamp, Ulid, VehicleId, Window};
use serde::{Deserialize, Serialize};
use store::RawRow;

use crate::error::ApiError;
use crate::expand::Expansion;
use crate::extract::Scope;
use crate::json::{self, Page};
use crate::query::{Arguments, QueryText};
use crate::reply::Reply;
use crate::visibility::Hidden;
use crate::{assignments, parameters};

/// Rows whose records are looked up at once, at least.
const LOOKED_UP_AT_ONCE: usize = 64;

pub(crate) async fn vehicle_locations(scope: Scope, query: QueryText) -> Result<Reply, ApiError> {
    let arguments = scope.arguments(&parameters::LIST_LATEST_VEHICLE_LOCATIONS, &query)?;
    let drivers = arguments.ids("driverIds", Model::Driver).map(DriverId);
    let view = View {
        drivers: drivers.collect(),
        ..View::load(&scope, &arguments, "vehicleIds", Model::Vehicle).await?
    };
    let Some(live) = ask(&scope, LiveOperation::VehicleLocations, &view).await? else {
        return Ok(nothing(arguments));
    };
    match &live.answer.rows {
        LiveRows::VehicleLocations(rows) => list(&view, arguments, &live, rows).await,
        _ => Err(other_rows()),
    }
}

pub(crate) async fn trailer_locations(scope: Scope, query: QueryText) -> Result<Reply, ApiError> {
    let arguments = scope.arguments(&parameters::LIST_LATEST_TRAILER_LOCATIONS, &query)?;
    let view = View::of_all(&scope).await?;
    let Some(live) = ask(&scope, LiveOperation::TrailerLocations, &view).await? else {
        return Ok(nothing(arguments));
    };
    match &live.answer.rows {
        LiveRows::TrailerLocations(rows) => list(&view, arguments, &live, rows).await,
        _ => Err(other_rows()),
    }
}

pub(crate) async fn available_time(scope: Scope, query: QueryText) -> Result<Reply, ApiError> {
    let arguments = scope.arguments(&parameters::LIST_HOS_AVAILABLE_TIME, &query)?;
    let view = View::load(&scope, &arguments, "driverIds", Model::Driver).await?;
    let Some(live) = ask(&scope, LiveOperation::HosAvailableTime, &view).await? else {
        return Ok(nothing(arguments));
    };
    match &live.answer.rows {
        LiveRows::HosAvailableTime(rows) => list(&view, arguments, &live, rows).await,
        _ => Err(other_rows()),
    }
}

/// A connector that answers another question than it was asked: a defect.
pub(crate) fn other_rows() -> ApiError {
    ApiError::internal("the connector answered another live operation")
}

fn nothing(arguments: Arguments) -> Reply {
    Reply::json(Page::new(0).finish(None)).warn(arguments.warnings)
}

/// What a list is about.
struct View<'a> {
    scope: &'a Scope,
    hidden: Hidden,
    /// Whom to ask the provider about.
    asked: Asked,
    /// Of these drivers alone; of any where there are none.
    drivers: HashSet<DriverId>,
}

enum Asked {
    All,
    These(Vec<Partition>),
    /// Everybody, because not all of these are known to the store yet.
    AllFor(HashSet<Ulid>),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SourceId {
    source_id: String,
}

impl<'a> View<'a> {
    async fn of_all(scope: &'a Scope) -> Result<View<'a>, ApiError> {
        Ok(View {
            hidden: Hidden::load(scope).await?,
            scope,
            asked: Asked::All,
            drivers: HashSet::new(),
        })
    }

    /// Of the vehicles or drivers that the parameter lists, but for those that are hidden or gone.
    async fn load(
        scope: &'a Scope,
        arguments: &Arguments,
        parameter: &str,
        model: Model,
    ) -> Result<View<'a>, ApiError> {
        let view = View::of_all(scope).await?;
        let ids = arguments.ids(parameter, model);
        let ids: Vec<RecordId> = ids.map(|ulid| RecordId { model, ulid }).collect();
        if ids.is_empty() {
            return Ok(view);
        }
        let shown = ids.iter().copied().filter(|id| !view.hides(*id));
        let shown: Vec<RecordId> = shown.collect();
        let records = scope.store().records(scope.connection.id, &shown).await?;
        if records.len() < shown.len() {
            let asked = Asked::AllFor(shown.iter().map(|id| id.ulid).collect());
            return Ok(View { asked, ..view });
        }
        let mut members = Vec::with_capacity(records.len());
        for record in records.iter().filter(|record| record.deleted_at.is_none()) {
            let source: SourceId =
                serde_json::from_str(&record.body).map_err(ApiError::internal)?;
            members.extend(member(record.id).map(|member| Partition {
                member,
                source_id: source.source_id,
            }));
        }
        let asked = Asked::These(members);
        Ok(View { asked, ..view })
    }

    fn hides(&self, id: RecordId) -> bool {
        match id.model {
            Model::Vehicle => self.hidden.vehicle(VehicleId(id.ulid)),
            Model::Driver => self.hidden.driver(DriverId(id.ulid)),
            _ => false,
        }
    }

    fn shows(&self, id: RecordId) -> bool {
        let asked_for = match &self.asked {
            Asked::All | Asked::These(_) => true,
            Asked::AllFor(ids) => ids.contains(&id.ulid),
        };
        asked_for && !self.hides(id)
    }

    /// Those whose records the provider no longer lists.
    async fn gone(&self, ids: &[RecordId]) -> Result<HashSet<Ulid>, ApiError> {
        let connection = self.scope.connection.id;
        let records = self.scope.store().records(connection, ids).await?;
        let gone = records.iter().filter(|record| record.deleted_at.is_some());
        Ok(gone.map(|record| record.id.ulid).collect())
    }

    /// Who drove by the assignments that were read at the last sync.
    async fn driver_at(
        &self,
        vehicle: VehicleId,
        time: Timestamp,
    ) -> Result<Option<DriverId>, ApiError> {
        let window = Window {
            from: time,
            until: Timestamp::from_millis(time.millis() + 1),
        };
        let connection = self.scope.connection.id;
        let found = self.scope.store().assignments(connection, vehicle, window);
        Ok(assignments::driver_at(&found.await?, time))
    }
}

fn member(id: RecordId) -> Option<Member> {
    match id.model {
        Model::Vehicle => Some(Member::Vehicle(VehicleId(id.ulid))),
        Model::Driver => Some(Member::Driver(DriverId(id.ulid))),
        _ => None,
    }
}

/// `None` where there is nobody to ask about.
async fn ask(
    scope: &Scope,
    operation: LiveOperation,
    view: &View<'_>,
) -> Result<Option<Arc<Live>>, ApiError> {
    let members = match &view.asked {
        Asked::These(members) if members.is_empty() => return Ok(None),
        Asked::These(members) => members.clone(),
        Asked::All | Asked::AllFor(_) => Vec::new(),
    };
    let connection = &scope.connection;
    let live = scope.engine().live(connection, operation, members, None);
    Ok(Some(live.await?))
}

/// A row of a live list.
trait Listed: Clone + Serialize + Sync {
    fn subject(&self) -> RecordId;

    /// The row as this view shows it; `None` where it does not.
    fn seen(self, view: &View<'_>) -> impl Future<Output = Result<Option<Self>, ApiError>> + Send;
}

impl Listed for LatestVehicleLocation {
    fn subject(&self) -> RecordId {
        self.vehicle.into()
    }

    async fn seen(mut self, view: &View<'_>) -> Result<Option<Self>, ApiError> {
        if !view.shows(self.subject()) {
            return Ok(None);
        }
        if self.driver.is_none() {
            self.driver = view.driver_at(self.vehicle, self.located_at).await?;
        }
        // A vehicle stays where it is, whoever may be seen to drive it.
        self.driver = self.driver.filter(|driver| !view.hidden.driver(*driver));
        let of_asked = |driver| view.drivers.contains(&driver);
        let shown = view.drivers.is_empty() || self.driver.is_some_and(of_asked);
        Ok(shown.then_some(self))
    }
}

impl Listed for LatestTrailerLocation {
    fn subject(&self) -> RecordId {
        RecordId {
            model: Model::Trailer,
            ulid: self.trailer.0,
        }
    }

    async fn seen(self, view: &View<'_>) -> Result<Option<Self>, ApiError> {
        Ok(view.shows(self.subject()).then_some(self))
    }
}

impl Listed for HosAvailableTime {
    fn subject(&self) -> RecordId {
        self.driver.into()
    }

    async fn seen(self, view: &View<'_>) -> Result<Option<Self>, ApiError> {
        Ok(view.shows(self.subject()).then_some(self))
    }
}

/// A page of the answer. The cursor names the last row that was looked at; the next page looks for
/// what follows it in whatever the provider says by then.
async fn list<T: Listed>(
    view: &View<'_>,
    arguments: Arguments,
    live: &Live,
    rows: &[LiveRow<T>],
) -> Result<Reply, ApiError> {
    let after: Option<Ulid> = arguments.position(|text| text.parse().ok())?;
    let ulid = |row: &LiveRow<T>| row.row.subject().ulid;
    let mut place = after.map_or(0, |after| rows.partition_point(|row| ulid(row) <= after));
    let limit = arguments.limit();
    let mut shown: Vec<(String, &[String])> = Vec::new();
    while place < rows.len() && shown.len() < limit {
        let end = rows.len().min(place + limit.max(LOOKED_UP_AT_ONCE));
        let ids: Vec<RecordId> = rows[place..end]
            .iter()
            .map(|row| row.row.subject())
            .collect();
        let gone = view.gone(&ids).await?;
        for row in &rows[place..end] {
            if shown.len() == limit {
                break;
            }
            place += 1;
            if gone.contains(&ulid(row)) {
                continue;
            }
            if let Some(seen) = row.row.clone().seen(view).await? {
                let body = serde_json::to_string(&seen).map_err(ApiError::internal)?;
                shown.push((body, &row.raw));
            }
        }
    }
    let next = match place < rows.len() {
        true => Some(arguments.next(ulid(&rows[place - 1]).to_string())),
        false => None,
    };
    let page = write(view.scope, &arguments, live, &shown, next).await?;
    Ok(Reply::json(page).warn(arguments.warnings))
}

async fn write(
    scope: &Scope,
    arguments: &Arguments,
    live: &Live,
    rows: &[(String, &[String])],
    next: Option<String>,
) -> Result<Vec<u8>, ApiError> {
    let bodies = rows.iter().map(|(body, _)| body.as_str());
    let expansion = Expansion::load(scope, bodies, arguments.words("expand")).await?;
    let mut page = Page::new(rows.iter().map(|(body, _)| body.len() + 1).sum());
    for (body, raw) in rows {
        let raw = arguments.flag("raw").then(|| raw_rows(live, raw));
        let raw = raw
            .as_ref()
            .map(|raw| (scope.connection.provider.as_str(), raw));
        json::push_plain(page.row(), &expansion.apply(body)?, raw)?;
    }
    Ok(page.finish(next))
}

/// The provider's own rows, in the form of stored ones.
pub(crate) fn raw_rows(live: &Live, raw: &[String]) -> Vec<RawRow> {
    let stream = match &live.answer.rows {
        LiveRows::VehicleLocations(_) => "live.vehicle_locations",
        LiveRows::TrailerLocations(_) => "live.trailer_locations",
        LiveRows::HosAvailableTime(_) => "live.hos_available_time",
        LiveRows::CameraMedia(_) => "live.camera_media",
    };
    let row = |data: &String| RawRow {
        stream: stream.to_owned(),
        extracted_at: live.received_at,
        data: data.clone(),
    };
    raw.iter().map(row).collect()
}

fn not_connected(status: ConnectionStatus) -> String {
    let remedy = match status {
        ConnectionStatus::Connected | ConnectionStatus::Disconnected => {
            "sign in again at its linkUrl first"
        }
        ConnectionStatus::Archived | ConnectionStatus::PendingDeletion => {
            "set its status to connected first"
        }
        ConnectionStatus::Deleting | ConnectionStatus::Deleted => "there is no way back",
    };
    format!("The connection is {}: {remedy}", status.name())
}

impl From<LiveError> for ApiError {
    fn from(error: LiveError) -> ApiError {
        let refused = |code, message: &str| ApiError::ProviderRefused {
            code,
            message: message.to_owned(),
        };
        match error {
            LiveError::NotConnected(status) => ApiError::ProviderRefused {
                code: "connection_disconnected",
                message: not_connected(status),
            },
            LiveError::CredentialsRejected => refused(
                "invalid_credentials",
                "The provider refuses the connection's credentials: sign in again",
            ),
            LiveError::NotPermitted { what } => ApiError::ProviderRefused {
                code: "insufficient_permissions",
                message: format!("The provider does not permit this to the account: {what}"),
            },
            LiveError::NotOffered => ApiError::NotOffered,
            LiveError::Throttled { after } => ApiError::ProviderThrottled {
                // Whole seconds, and never a moment too early.
                retry_after_s: after.as_secs() + u64::from(after.subsec_nanos() > 0),
            },
            LiveError::TooSlow => ApiError::GatewayTimeout,
            LiveError::HeaderTaken { name } => ApiError::malformed(
                format!("{{requestBody}}.headers.{name}"),
                format!("'{name}' is the server's to set"),
                "Leave it out: the server signs the request",
            ),
            // Without what the provider wrote: its words are the operator's to read, in the log.
            LiveError::Answered { status, .. } => {
                ApiError::BadGateway(format!("The provider answered with status {status}"))
            }
            LiveError::Unreachable { .. } => {
                ApiError::BadGateway("The provider cannot be reached".to_owned())
            }
            LiveError::NotUnderstood { .. } => {
                ApiError::BadGateway("The provider's answer was not understood".to_owned())
            }
            LiveError::TooMuch => ApiError::BadGateway(
                "The provider's answer is larger than one call may take".to_owned(),
            ),
            LiveError::Revealing => ApiError::BadGateway(
                "The provider's answer repeats the connection's credentials".to_owned(),
            ),
            LiveError::BrokeOff => ApiError::internal("a live call broke off"),
            LiveError::Store(error) => ApiError::internal(error),
        }
    }
}
