//! Replays of this process: begun by the operator, run in the background, asked after.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::{ConnectionId, SyncId};
use provider::Provider;
use store::{Claim, Connection, RecordReplay, StoreError, SyncOutcome};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::readings::Readings;
use super::run::{ReplayEnd, ReplayRun};
use super::{
    ReplayError, ReplayPhase, ReplayRequest, ReplayState, ReplayStatus, ReplaySummary, owner_of,
};
use crate::derive::Marks;
use crate::engine::Engine;
use crate::lease::{Halt, LeaseKeeper};

/// The newest replay of each connection, and the tasks that run them.
pub(crate) struct Replays {
    known: Mutex<BTreeMap<ConnectionId, SharedStatus>>,
    running: Mutex<Vec<JoinHandle<()>>>,
    stop: watch::Sender<bool>,
}

impl Default for Replays {
    fn default() -> Replays {
        Replays {
            known: Mutex::default(),
            running: Mutex::default(),
            stop: watch::Sender::new(false),
        }
    }
}

/// Written by the replay, read by whoever asks.
#[derive(Clone)]
pub(super) struct SharedStatus(Arc<Mutex<ReplayStatus>>);

impl SharedStatus {
    /// A status that somebody left half written is as good as any other.
    pub(super) fn lock(&self) -> MutexGuard<'_, ReplayStatus> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Begun {
    status: SharedStatus,
    claim: Claim,
    owner: Option<&'static str>,
    request: ReplayRequest,
    provider: &'static dyn Provider,
}

impl Engine {
    /// Begins a replay and lets it run. [`StoreError::SyncRunning`] or
    /// [`StoreError::ReplayRunning`] while the connection is taken.
    pub async fn start_replay(
        &self,
        connection: &Connection,
        request: ReplayRequest,
    ) -> Result<ReplayStatus, ReplayError> {
        let code = &connection.provider;
        let provider =
            providers::find(code).ok_or_else(|| ReplayError::UnknownProvider(code.clone()))?;
        let begun = self.begin_replay(connection, request, provider).await?;
        let status = begun.status.lock().clone();
        let engine = self.clone();
        let running = tokio::spawn(async move { engine.finish_replay(begun).await });
        let mut tasks = self
            .replays()
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        tasks.retain(|task| !task.is_finished());
        tasks.push(running);
        Ok(status)
    }

    /// The newest replay of a connection that this process ran.
    pub fn replay(&self, connection: ConnectionId) -> Option<ReplayStatus> {
        let known = self.replays().known.lock();
        let known = known.unwrap_or_else(PoisonError::into_inner);
        known.get(&connection).map(|status| status.lock().clone())
    }

    /// Runs a replay to its end, with a provider that need not be the registry's: for tests of what
    /// another mapping would do.
    pub async fn replay_with(
        &self,
        connection: &Connection,
        request: ReplayRequest,
        provider: &'static dyn Provider,
    ) -> Result<ReplayStatus, ReplayError> {
        let begun = self.begin_replay(connection, request, provider).await?;
        let status = begun.status.clone();
        self.finish_replay(begun).await;
        let status = status.lock().clone();
        Ok(status)
    }

    /// Ends the replays of this process; what they have committed stays.
    pub(crate) async fn stop_replays(&self) {
        self.replays().stop.send_replace(true);
        let tasks = std::mem::take(
            &mut *self
                .replays()
                .running
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        );
        for task in tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a replay ended badly");
            }
        }
    }

    async fn begin_replay(
        &self,
        connection: &Connection,
        request: ReplayRequest,
        provider: &'static dyn Provider,
    ) -> Result<Begun, ReplayError> {
        let owner = owner_of(provider.descriptor(), &request.stream)?;
        let now = self.clock().now();
        let id = SyncId::new(now, self.entropy().u128());
        let config = self.config();
        let claim = self
            .store()
            .begin_replay(connection.id, id, &config.owner, now, config.lease)
            .await?;
        let status = SharedStatus(Arc::new(Mutex::new(ReplayStatus {
            id,
            connection_id: connection.id,
            status: ReplayState::Running,
            stream: request.stream.clone(),
            dry_run: request.dry_run,
            started_at: now,
            completed_at: None,
            phase: ReplayPhase::Records,
            progress: 0.0,
            failure_reason: None,
            summary: ReplaySummary::default(),
        })));
        self.replays()
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(connection.id, status.clone());
        Ok(Begun {
            status,
            claim,
            owner,
            request,
            provider,
        })
    }

    async fn finish_replay(&self, begun: Begun) {
        let status = begun.status.clone();
        let (lease, id) = (begun.claim.lease.clone(), begun.claim.sync.id);
        let connection = begun.claim.connection.id;
        tracing::info!(
            replay.id = %id, connection.id = %connection, dry_run = begun.request.dry_run,
            "replay started"
        );
        let keeper = LeaseKeeper::new(
            lease.clone(),
            self.store().clone(),
            self.shared_clock(),
            self.config().lease,
            self.replays().stop.subscribe(),
        );
        let failure = self.run_replay(begun, keeper).await.err();
        let outcome = match &failure {
            None => SyncOutcome::Completed {
                clean_streams: Vec::new(),
            },
            Some(end) => SyncOutcome::Failed {
                reason: end.to_string(),
            },
        };
        let now = self.clock().now();
        let stale = matches!(
            failure,
            Some(ReplayEnd::Halt(Halt::Store(StoreError::Stale)))
        );
        if !stale && let Err(error) = self.store().finish_sync(&lease, &outcome, now).await {
            tracing::error!(
                replay.id = %id, connection.id = %connection, %error,
                "a replay could not be handed back; its lease will run out"
            );
        }
        let mut status = status.lock();
        status.completed_at = Some(now);
        status.status = match &failure {
            None => ReplayState::Completed,
            Some(_) => ReplayState::Failed,
        };
        if failure.is_none() {
            status.progress = 100.0;
        }
        status.failure_reason = failure.map(|end| end.to_string());
        let (records, points) = (status.summary.records(), status.summary.points());
        tracing::info!(
            replay.id = %id, connection.id = %connection,
            failure_reason = status.failure_reason,
            pages = status.summary.pages().mapped,
            records_changed = records.added + records.changed + records.withdrawn,
            points_changed = points.added + points.modified + points.removed,
            "replay ended"
        );
    }
    async fn run_replay(&self, begun: Begun, keeper: LeaseKeeper) -> Result<(), ReplayEnd> {
        let connection = begun.claim.connection;
        let state = self.store().sync_state(connection.id).await?;
        let marks = Marks::load(&state.positions).map_err(|error| StoreError::Corrupt {
            what: "marks of derivation",
            reason: error.to_string(),
        })?;
        let dry_run = begun.request.dry_run;
        let mut run = ReplayRun {
            store: self.store().clone(),
            clock: self.shared_clock(),
            keeper,
            provider: begun.provider,
            records: RecordReplay::new(connection.id, dry_run),
            connection,
            owner: begun.owner,
            dry_run,
            status: begun.status,
            summary: ReplaySummary::default(),
            readings: Readings::default(),
            marks,
            open: BTreeMap::new(),
            bytes: 0,
            underived: false,
        };
        run.go().await
    }
}
