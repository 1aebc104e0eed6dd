//! What a client asks of the provider at the moment of its call.
//!
//! Nothing that is read here is stored: it is understood, shared with whoever asks the same at the
//! same time, kept in memory for a moment ([`crate::EngineConfig::live_cache`]), and forgotten.
//! [`crate::live_call`] does the asking; here stand who may ask, what can go wrong, and what a
//! refusal of the credentials does to the connection.

use std::sync::Arc;
use std::time::Duration;

use model::connection::ConnectionStatus;
use model::{ConnectionId, Timestamp};
use provider::{
    LiveAnswer, LiveEvent, LiveOperation, LiveRow, LiveRows, Member, Partition, Provider,
    ProviderError,
};
use store::{Connection, StoreError};

use crate::access::AccessError;
use crate::engine::Engine;
use crate::flights::{BrokeOff, Flights};
use crate::live_call::{Line, Question, refused};

/// What a row takes in memory beside its source rows, roughly.
const ROW_BYTES: usize = 512;

/// What the provider said, and when.
#[derive(Debug)]
pub struct Live {
    /// Rows in the order of the ids of their vehicles, trailers or drivers, one for each.
    pub answer: LiveAnswer,
    /// When the last answer of the provider came.
    pub received_at: Timestamp,
}

/// Why there is no live answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LiveError {
    #[error("the connection is {}", .0.name())]
    NotConnected(ConnectionStatus),
    /// The connector has no such operation.
    #[error("the provider does not offer this")]
    NotOffered,
    /// The connection is disconnected now.
    #[error("the provider refuses the credentials")]
    CredentialsRejected,
    #[error("the account lacks {what}")]
    NotPermitted { what: String },
    #[error("the provider's quota is used up for another {after:?}")]
    Throttled { after: Duration },
    #[error("the provider did not answer in time")]
    TooSlow,
    #[error("{error}")]
    Answered { status: u16, error: ProviderError },
    #[error("the provider cannot be reached ({error})")]
    Unreachable { error: ProviderError },
    /// What it says makes no sense.
    #[error("{error}")]
    NotUnderstood { error: ProviderError },
    /// More requests, or more bytes, than one call may take.
    #[error("the answer takes more than one call may")]
    TooMuch,
    /// The provider's answer repeats the credentials.
    #[error("the answer holds the credentials")]
    Revealing,
    /// A header of this name signs the request, so the caller cannot set it.
    #[error("the header {name} is the server's to set")]
    HeaderTaken { name: &'static str },
    /// A defect of ours, or the server is stopping.
    #[error("the call broke off")]
    BrokeOff,
    #[error(transparent)]
    Store(Arc<StoreError>),
}

impl From<StoreError> for LiveError {
    fn from(error: StoreError) -> LiveError {
        LiveError::Store(Arc::new(error))
    }
}

impl From<AccessError> for LiveError {
    fn from(error: AccessError) -> LiveError {
        match error {
            AccessError::Provider(error) => refused(error),
            AccessError::Store(error) => error.into(),
        }
    }
}

impl From<BrokeOff> for LiveError {
    fn from(_: BrokeOff) -> LiveError {
        LiveError::BrokeOff
    }
}

/// Calls that are equal are one call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct CallKey {
    connection: ConnectionId,
    operation: LiveOperation,
    members: Vec<Member>,
    event: Option<String>,
}

pub(crate) type LiveFlights = Flights<CallKey, Live, LiveError>;

/// How many bytes an answer takes, roughly.
pub(crate) fn weigh(live: &Live) -> usize {
    fn rows<T>(rows: &[LiveRow<T>]) -> usize {
        let raw = rows.iter().flat_map(|row| &row.raw).map(String::len);
        raw.sum::<usize>() + rows.len() * ROW_BYTES
    }
    match &live.answer.rows {
        LiveRows::VehicleLocations(found) => rows(found),
        LiveRows::TrailerLocations(found) => rows(found),
        LiveRows::HosAvailableTime(found) => rows(found),
        LiveRows::CameraMedia(found) => rows(found.as_slice()),
    }
}

impl Engine {
    /// Asks the provider now, or takes what was answered to the same question a moment ago.
    ///
    /// `members` limits the question to these vehicles or drivers, by the provider's own ids; none
    /// means all. `event` is for camera media.
    pub async fn live(
        &self,
        connection: &Connection,
        operation: LiveOperation,
        mut members: Vec<Partition>,
        event: Option<LiveEvent>,
    ) -> Result<Arc<Live>, LiveError> {
        let provider = connected_provider(connection)?;
        if !provider.descriptor().live.contains(&operation) {
            return Err(LiveError::NotOffered);
        }
        members.sort_by_key(|partition| partition.member);
        members.dedup_by_key(|partition| partition.member);
        let key = CallKey {
            connection: connection.id,
            operation,
            members: members.iter().map(|partition| partition.member).collect(),
            event: event.as_ref().map(|event| event.source_id.clone()),
        };
        let question = Question {
            operation,
            ids: connection.ids(),
            members,
            event,
        };
        let (engine, connection) = (self.clone(), connection.clone());
        let flight = async move {
            let asked_at = engine.clock().now();
            let line = engine.line(&connection, provider).await?;
            let answered = line.ask(question).await;
            engine.heed(&connection, asked_at, answered).await
        };
        self.live_flights().join(key, flight).await
    }

    /// The way to the provider with this connection's credentials.
    pub(crate) async fn line(
        &self,
        connection: &Connection,
        provider: &'static dyn Provider,
    ) -> Result<Line, LiveError> {
        let asked_at = self.clock().now();
        let access = self.access(connection, provider).await;
        let access = access.map_err(LiveError::from);
        let access = self.heed(connection, asked_at, access).await?;
        Ok(Line {
            provider,
            access,
            transport: self.transport(),
            clock: self.shared_clock(),
            places: self.live_places(),
        })
    }

    /// Credentials that are refused disconnect the connection, as they do in a sync.
    async fn heed<T>(
        &self,
        connection: &Connection,
        asked_at: Timestamp,
        answered: Result<T, LiveError>,
    ) -> Result<T, LiveError> {
        match &answered {
            Err(LiveError::CredentialsRejected) => {
                self.disconnect(connection.id, asked_at).await?;
            }
            Err(error) => tracing::warn!(
                connection.id = %connection.id, provider.code = connection.provider,
                error = %error, "the provider did not answer a live call"
            ),
            Ok(_) => {}
        }
        answered
    }

    /// Unless it was archived, or given other credentials, since the provider was asked.
    pub(crate) async fn disconnect(
        &self,
        id: ConnectionId,
        asked_at: Timestamp,
    ) -> Result<(), StoreError> {
        let now = self.clock().now();
        if self.store().disconnect_refused(id, asked_at, now).await? {
            tracing::warn!(
                connection.id = %id,
                "the provider refuses the credentials: the connection is disconnected"
            );
        }
        Ok(())
    }
}

/// The provider of a connection that may be used.
pub(crate) fn connected_provider(
    connection: &Connection,
) -> Result<&'static dyn Provider, LiveError> {
    if connection.status != ConnectionStatus::Connected {
        return Err(LiveError::NotConnected(connection.status));
    }
    providers::find(&connection.provider).ok_or(LiveError::NotOffered)
}
