//! Who takes syncs up and gives them back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use store::{Claim, StoreError, SyncOutcome, SyncRow};
use tokio::sync::{Semaphore, watch};

use crate::access::AccessError;
use crate::ask::Asker;
use crate::coverage::{Coverage, coverage_name};
use crate::derive::Marks;
use crate::engine::Engine;
use crate::feed::FeedPlace;
use crate::lease::{Halt, LeaseKeeper};
use crate::pending::{ListingPlace, Notices, Pending};
use crate::probe::ProbePoint;
use crate::run::{End, SyncRun, Tally};
use crate::sizes::Sizes;

/// The loop looks no more often than this when something is due that it cannot have.
const SHORTEST_NAP: Duration = Duration::from_millis(50);
/// After an error of the store itself.
const STORE_PAUSE: Duration = Duration::from_secs(1);
/// Syncs made by the cadence in one go.
const ENQUEUE_AT_ONCE: usize = 1_000;

impl Engine {
    /// Schedules and runs syncs until `stop` turns true; then the checkpoints in hand are finished,
    /// leases handed back, and it returns.
    pub async fn run(&self, stop: watch::Receiver<bool>) {
        let places = Arc::new(Semaphore::new(self.config().workers.max(1)));
        let mut stopped = stop.clone();
        let renewing = tokio::spawn({
            let (engine, stop) = (self.clone(), stop.clone());
            async move { engine.renew_sessions(stop).await }
        });
        let retiring = tokio::spawn({
            let (engine, stop) = (self.clone(), stop.clone());
            async move { engine.retire_pages(stop).await }
        });
        let erasing = tokio::spawn({
            let (engine, stop) = (self.clone(), stop.clone());
            async move { engine.erase_deleted(stop).await }
        });
        while !*stop.borrow() {
            let nap = match self.start_what_can_start(&places, &stop).await {
                Ok(nap) => nap,
                Err(error) => {
                    tracing::error!(error = %error, "the store does not answer; trying again");
                    STORE_PAUSE
                }
            };
            tokio::select! {
                () = self.woken() => {}
                () = self.clock().sleep(nap) => {}
                _ = stopped.changed() => {}
            }
        }
        // Every worker holds a place; when all are free again, all have stopped.
        let all = u32::try_from(self.config().workers.max(1)).unwrap_or(u32::MAX);
        let _all_idle = places.acquire_many(all).await;
        self.stop_replays().await;
        if let Err(error) = renewing.await {
            tracing::error!(%error, "the renewal of sessions ended badly");
        }
        if let Err(error) = retiring.await {
            tracing::error!(%error, "the retention of raw pages ended badly");
        }
        if let Err(error) = erasing.await {
            tracing::error!(%error, "the erasing of connections ended badly");
        }
    }

    /// Makes the syncs that are due and starts as many as there are places. Returns how long there
    /// is nothing to do.
    async fn start_what_can_start(
        &self,
        places: &Arc<Semaphore>,
        stop: &watch::Receiver<bool>,
    ) -> Result<Duration, StoreError> {
        self.enqueue_due().await?;
        // A stopping worker hands its sync back, claimable at once: not to this process any more.
        while !*stop.borrow()
            && let Ok(place) = Arc::clone(places).try_acquire_owned()
        {
            let Some(claim) = self.claim().await? else {
                break;
            };
            let (engine, stop) = (self.clone(), stop.clone());
            tokio::spawn(async move {
                engine.run_claim(claim, stop).await;
                drop(place);
                engine.wake();
            });
        }
        let now = self.clock().now();
        let due = [
            self.store().next_due().await?,
            self.store().next_claimable().await?,
        ];
        let next = due.into_iter().flatten().min();
        let longest = self.config().longest_nap.max(SHORTEST_NAP);
        Ok(next.map_or(longest, |next| next.since(now).clamp(SHORTEST_NAP, longest)))
    }

    /// Claims one sync that can be claimed now and runs it to its end (or pause): for tests and for
    /// commands. `None` when there is none.
    pub async fn run_one(&self) -> Result<Option<SyncRow>, StoreError> {
        let Some(claim) = self.claim().await? else {
            return Ok(None);
        };
        let (connection, sync) = (claim.connection.id, claim.sync.id);
        let (_stay, stop) = watch::channel(false);
        self.run_claim(claim, stop).await;
        self.store().sync(connection, sync).await
    }

    /// Makes the automatic syncs that are due now; returns how many.
    pub async fn enqueue_due(&self) -> Result<usize, StoreError> {
        let now = self.clock().now();
        let jitter_ms = u64::try_from(self.config().jitter.as_millis()).unwrap_or(u64::MAX);
        self.store()
            .enqueue_due(
                now,
                self.config().cadence,
                ENQUEUE_AT_ONCE,
                &|_| match jitter_ms {
                    0 => 0,
                    most => (self.entropy().u128() % u128::from(most)) as u64,
                },
                &|| model::SyncId::new(now, self.entropy().u128()),
            )
            .await
    }

    async fn claim(&self) -> Result<Option<Claim>, StoreError> {
        let config = self.config();
        self.store()
            .claim_sync(&config.owner, self.clock().now(), config.lease)
            .await
    }

    /// Runs a claimed sync and gives it back. Whatever goes wrong with that is logged: the lease
    /// runs out and another worker takes over.
    async fn run_claim(&self, claim: Claim, stop: watch::Receiver<bool>) {
        let (sync, connection) = (claim.sync.id, claim.connection.id);
        if let Some(probe) = self.probe() {
            probe.reached(ProbePoint::Claimed, sync).await;
        }
        let provider = claim.connection.provider.clone();
        tracing::info!(
            sync.id = %sync, connection.id = %connection, provider.code = provider,
            attempts = claim.sync.attempts, "sync started"
        );
        match self.run_to_end(claim, stop).await {
            Ok((row, tally)) => tracing::info!(
                sync.id = %sync, connection.id = %connection, provider.code = provider,
                status = row.status.name(), failure_reason = row.failure_reason,
                pages = tally.pages, records = tally.records_changed,
                records_withdrawn = tally.records_withdrawn,
                points_added = tally.points_added, points_modified = tally.points_modified,
                points_withdrawn = tally.points_withdrawn, "sync handed back"
            ),
            Err(StoreError::Stale) => tracing::warn!(
                sync.id = %sync, connection.id = %connection,
                "the lease was lost: another worker has the sync, or the connection was closed"
            ),
            Err(error) => tracing::error!(
                sync.id = %sync, connection.id = %connection, error = %error,
                "a sync could not be handed back; it is taken up again when its lease ends"
            ),
        }
    }

    async fn run_to_end(
        &self,
        claim: Claim,
        stop: watch::Receiver<bool>,
    ) -> Result<(SyncRow, Tally), StoreError> {
        let keeper = LeaseKeeper::new(
            claim.lease.clone(),
            self.store().clone(),
            self.shared_clock(),
            self.config().lease,
            stop,
        );
        let (began, connection) = (self.clock().now(), claim.connection.id);
        let (mut result, tally) = match self.prepare(&claim, keeper).await {
            Ok(mut run) => (run.go().await, run.tally),
            Err(end) => (Err(end), Tally::default()),
        };
        // Refused were those that it began with: the next attempt has the new ones.
        if matches!(result, Err(End::Disconnected { .. }))
            && self.store().were_given_after(connection, began).await?
        {
            result = Err(End::AttemptFailed {
                reason: "the account's owner signed in again meanwhile".to_owned(),
            });
        }
        let outcome = match &result {
            Ok(clean_streams) => SyncOutcome::Completed {
                clean_streams: clean_streams.clone(),
            },
            Err(end) => self.outcome(&claim, end)?,
        };
        if let Some(probe) = self.probe() {
            probe.reached(ProbePoint::BeforeFinish, claim.sync.id).await;
        }
        let row = self
            .store()
            .finish_sync(&claim.lease, &outcome, self.clock().now())
            .await?;
        if matches!(result, Err(End::Disconnected { .. })) {
            self.disconnect(connection, began).await?;
        }
        if let Some(probe) = self.probe() {
            probe.reached(ProbePoint::AfterFinish, claim.sync.id).await;
        }
        Ok((row, tally))
    }

    fn outcome(&self, claim: &Claim, end: &End) -> Result<SyncOutcome, StoreError> {
        let now = self.clock().now();
        Ok(match end {
            End::Halt(Halt::Cancelled) => SyncOutcome::Failed {
                reason: "Cancelled on request".to_owned(),
            },
            End::Halt(Halt::Stopping) => SyncOutcome::Released,
            End::Halt(Halt::Store(StoreError::Stale)) => return Err(StoreError::Stale),
            End::Halt(Halt::Store(error)) => SyncOutcome::RetryLater {
                not_before: now.saturating_add(attempt_pause(claim.sync.attempts)),
                reason: error.to_string(),
            },
            End::Snooze { until } => SyncOutcome::Snoozed { until: *until },
            // That address has a key in it, which may be another tomorrow: it is not kept.
            End::Disconnected { reason } => SyncOutcome::Failed {
                reason: format!("{reason}. Sign in again at the connection's linkUrl"),
            },
            End::AttemptFailed { reason } => SyncOutcome::RetryLater {
                not_before: now.saturating_add(attempt_pause(claim.sync.attempts)),
                reason: reason.clone(),
            },
        })
    }

    async fn prepare(&self, claim: &Claim, keeper: LeaseKeeper) -> Result<SyncRun, End> {
        let code = &claim.connection.provider;
        let provider = providers::find(code).ok_or_else(|| End::AttemptFailed {
            reason: format!("this program has no provider `{code}`"),
        })?;
        let access = self.access(&claim.connection, provider).await;
        let access = access.map_err(|error| match error {
            AccessError::Store(error) => End::from(error),
            AccessError::Provider(error) => End::Disconnected {
                reason: error.to_string(),
            },
        })?;
        let state = self.store().sync_state(claim.connection.id).await?;
        let mut coverage = Coverage::load(&state.coverage)?;
        for stream in provider.descriptor().streams {
            if let provider::Shape::Window(shape) = &stream.shape {
                let name = coverage_name(stream, &claim.connection.zone());
                coverage.compact(&name, shape.reread);
            }
        }
        let mut places = BTreeMap::new();
        for row in state
            .positions
            .iter()
            .filter(|row| row.slot == ListingPlace::SLOT)
        {
            // An unreadable place costs a listing from its beginning, nothing more.
            if let Ok(place) = serde_json::from_slice(&row.body) {
                places.insert(row.stream.clone(), place);
            }
        }
        let mut feeds = BTreeMap::new();
        for row in state
            .positions
            .iter()
            .filter(|row| row.slot == FeedPlace::SLOT)
        {
            // An unreadable place begins the feed anew, as one that has expired does.
            if let Ok(place) = serde_json::from_slice(&row.body) {
                feeds.insert(row.stream.clone(), place);
            }
        }
        let marks = Marks::load(&state.positions).map_err(|error| StoreError::Corrupt {
            what: "marks of derivation",
            reason: error.to_string(),
        })?;
        let asker = Asker {
            provider,
            access,
            in_flight: self.in_flight(),
            clock: self.shared_clock(),
            keeper,
            next_page: AtomicI64::new(state.next_page),
        };
        Ok(SyncRun {
            asker: Arc::new(asker),
            store: self.store().clone(),
            entropy: self.shared_entropy(),
            probe: self.probe().cloned(),
            connection: claim.connection.clone(),
            sync: claim.sync.clone(),
            cadence: claim.connection.cadence.unwrap_or(self.config().cadence),
            coverage,
            sizes: Sizes::load(&state.positions),
            places,
            feeds,
            members: Default::default(),
            marks,
            pending: Pending::default(),
            notices: Notices::default(),
            left: Default::default(),
            troubled: Default::default(),
            issues: Vec::new(),
            done_ms: 0,
            left_ms: 0,
            planned: false,
            tally: Tally::default(),
        })
    }
}

/// Half a minute after the first failed attempt, then twice as long each time, up to half an hour.
fn attempt_pause(attempts: u32) -> Duration {
    Duration::from_secs(30 << attempts.saturating_sub(1).min(6)).min(Duration::from_secs(1_800))
}
