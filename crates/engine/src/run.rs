//! One sync from claim to end.
//!
//! Listings first, then the windows that the plan names, newest first, a few at once. While a long
//! backfill lasts, everything is planned anew at the cadence, so that listings and the newest
//! window stay fresh. A problem of one stream becomes an issue and the sync goes on; what ends a
//! sync early is in [`End`].

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use model::issue::IssueCode;
use model::{IdSpace, IssueId, Timestamp, Window};
use provider::{Next, Partition, ProviderError, Shape, Stream, Task};
use store::{
    Checkpoint, Connection, IssueSeen, ListingEnd, ListingVerdict, Store, StoreError, SyncRow,
};
use tokio::task::JoinSet;
use world::Entropy;

use crate::ask::{AskError, Asker};
use crate::coverage::{Coverage, CoverageError};
use crate::disposition::{Disposition, disposition};
use crate::lease::Halt;
use crate::pending::{ListingPlace, Notices, Pending};
use crate::plan::{ExplicitStart, PlanInput, WindowTask, plan};
use crate::probe::{Probe, ProbePoint};
use crate::sizes::Sizes;
use crate::window::{WindowRead, read_window, read_window_of};

/// A listing counts as much towards progress as an hour of one vehicle's history.
const LISTING_WEIGHT_MS: i64 = model::time::HOUR_MS;
/// So often a listing begins anew when its position expires under it.
const MAX_RESTARTS: u32 = 3;

/// Why a sync's run ended.
#[derive(Debug, thiserror::Error)]
pub enum End {
    #[error(transparent)]
    Halt(#[from] Halt),
    #[error("waiting for the provider's quota")]
    Snooze { until: Timestamp },
    #[error("{reason}")]
    Disconnected { reason: String },
    /// This attempt came to nothing; another may not.
    #[error("{reason}")]
    AttemptFailed { reason: String },
}

impl From<StoreError> for End {
    fn from(error: StoreError) -> End {
        End::Halt(Halt::Store(error))
    }
}

impl From<CoverageError> for End {
    fn from(error: CoverageError) -> End {
        StoreError::Corrupt {
            what: "coverage",
            reason: error.to_string(),
        }
        .into()
    }
}

/// What a sync has brought so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub pages: u64,
    pub records_changed: u64,
    pub points_added: u64,
    pub points_modified: u64,
    pub points_withdrawn: u64,
}

pub struct SyncRun {
    pub asker: Arc<Asker>,
    pub store: Store,
    pub entropy: Arc<dyn Entropy>,
    pub probe: Option<Arc<dyn Probe>>,
    pub connection: Connection,
    pub sync: SyncRow,
    /// How long windows are read before everything is planned anew.
    pub cadence: Duration,
    pub coverage: Coverage,
    pub sizes: Sizes,
    pub places: BTreeMap<String, ListingPlace>,
    pub pending: Pending,
    pub notices: Notices,
    /// Left out for the rest of this sync.
    pub left: BTreeSet<&'static str>,
    /// Met a problem in this sync.
    pub troubled: BTreeSet<&'static str>,
    pub issues: Vec<IssueSeen>,
    pub done_ms: i64,
    pub left_ms: i64,
    /// Before the windows are planned nobody can say how much there is: progress stays where it is.
    pub planned: bool,
    pub tally: Tally,
}

impl SyncRun {
    fn streams(&self) -> &'static [Stream] {
        self.asker.provider.descriptor().streams
    }

    fn now(&self) -> Timestamp {
        self.asker.clock.now()
    }

    /// Runs to the end; what was gathered is committed even when the end comes early.
    pub async fn go(&mut self) -> Result<Vec<String>, End> {
        let result = self.read_everything().await;
        match result {
            Ok(()) => Ok(self.clean_streams()),
            // Nothing may be written any more.
            Err(End::Halt(Halt::Store(error))) => Err(error.into()),
            Err(end) => {
                self.flush().await?;
                Err(end)
            }
        }
    }

    fn clean_streams(&self) -> Vec<String> {
        let clean = |stream: &&Stream| {
            !self.troubled.contains(stream.name) && !self.left.contains(stream.name)
        };
        self.streams()
            .iter()
            .filter(clean)
            .map(|stream| stream.name.to_owned())
            .collect()
    }

    async fn read_everything(&mut self) -> Result<(), End> {
        loop {
            let round_ends = self.now().saturating_add(self.cadence);
            let is_listing = |stream: &&Stream| matches!(stream.shape, Shape::Listing { .. });
            let listings = self.streams().iter().filter(is_listing).count() as i64;
            self.left_ms += listings * LISTING_WEIGHT_MS;
            for stream in self.streams() {
                if let Shape::Listing { owns } = &stream.shape {
                    self.read_listing(stream, owns).await?;
                }
            }
            self.flush().await?;
            let tasks = self.plan().await?;
            self.left_ms = tasks.iter().map(WindowTask::weight_ms).sum();
            self.planned = true;
            let finished = self.read_windows_until(round_ends, tasks.into()).await?;
            self.flush().await?;
            if finished {
                return Ok(());
            }
        }
    }

    async fn plan(&self) -> Result<Vec<WindowTask>, End> {
        let known = self.store.known_vehicles(self.connection.id).await?;
        let vehicles: Vec<Partition> = known
            .into_iter()
            .filter(|vehicle| !vehicle.deleted)
            .map(|vehicle| Partition {
                vehicle: vehicle.id,
                source_id: vehicle.source_id,
            })
            .collect();
        let start = self.sync.start_from;
        let history_from = [self.connection.history_from, start]
            .into_iter()
            .flatten()
            .min();
        Ok(plan(
            self.streams(),
            &PlanInput {
                now: self.now(),
                history_from,
                explicit: start
                    .filter(|_| self.sync.explicit_start)
                    .map(|from| ExplicitStart {
                        from,
                        requested_at: self.sync.requested_at,
                    }),
                vehicles: &vehicles,
                coverage: &self.coverage,
                sizes: &self.sizes,
            },
        ))
    }

    async fn read_listing(
        &mut self,
        stream: &'static Stream,
        owns: &[model::Model],
    ) -> Result<(), End> {
        let ids: IdSpace = self.connection.ids();
        let mut place = self.places.remove(stream.name).unwrap_or_default();
        let mut restarts = 0;
        while !self.left.contains(stream.name) {
            let position = place.position();
            let task = Task {
                stream,
                ids: &ids,
                partitions: &[],
                window: None,
                position: position.as_ref(),
            };
            let read = match self.asker.ask(&task).await {
                Ok(read) => read,
                Err(AskError::Provider(ProviderError::PositionExpired))
                    if restarts < MAX_RESTARTS =>
                {
                    restarts += 1;
                    place = ListingPlace::default();
                    continue;
                }
                Err(error) => {
                    self.pending.place(ListingPlace::cleared(stream.name));
                    return self.trouble(stream, error, None);
                }
            };
            place.seen.extend(
                read.page
                    .drafts
                    .iter()
                    .map(|draft| draft.id.ulid.to_string()),
            );
            let next = read.page.next.clone();
            self.pending.take(read.raw, read.page, &mut self.notices);
            match next {
                Next::Page(next) => {
                    place.after = Some(next.0);
                    self.pending.place(place.row(stream.name));
                    self.flush_if_due().await?;
                }
                Next::End => {
                    self.pending.place(ListingPlace::cleared(stream.name));
                    if !owns.is_empty() {
                        self.pending.listings.push(ListingEnd {
                            stream: stream.name,
                            models: owns.to_vec(),
                            seen: place.seen(),
                        });
                    }
                    self.advance(LISTING_WEIGHT_MS);
                    return self.flush_if_due().await;
                }
            }
        }
        Ok(())
    }

    /// Reads windows, a few at once, until all are done (true) or `round_ends` has passed.
    async fn read_windows_until(
        &mut self,
        round_ends: Timestamp,
        mut queue: VecDeque<WindowTask>,
    ) -> Result<bool, End> {
        let descriptor = self.asker.provider.descriptor();
        let ids = self.connection.ids();
        let mut under_way: JoinSet<(WindowTask, Result<WindowRead, AskError>)> = JoinSet::new();
        loop {
            while under_way.len() < descriptor.concurrency && self.now() < round_ends {
                let Some(task) = queue.pop_front() else { break };
                let Some(stream) = descriptor.stream(task.stream) else {
                    continue;
                };
                if self.left.contains(stream.name) {
                    self.advance(task.weight_ms());
                    continue;
                }
                under_way.spawn(read_window(Arc::clone(&self.asker), ids, stream, task));
            }
            let Some(joined) = under_way.join_next().await else {
                break;
            };
            let (task, result) = joined.map_err(|_| End::AttemptFailed {
                reason: "reading a window panicked: a defect in this program".to_owned(),
            })?;
            let Some(stream) = descriptor.stream(task.stream) else {
                continue;
            };
            match result {
                Ok(read) => self.take_window(stream, &task, read),
                Err(error) => {
                    if let Some(parts) = self.window_failed(stream, task, error)? {
                        parts
                            .into_iter()
                            .rev()
                            .for_each(|part| queue.push_front(part));
                    }
                }
            }
            self.flush_if_due().await?;
        }
        Ok(queue.is_empty())
    }

    fn take_window(&mut self, stream: &'static Stream, task: &WindowTask, read: WindowRead) {
        let bytes = read
            .pages
            .iter()
            .map(|(raw, _)| raw.body.plain_bytes())
            .sum();
        self.sizes.note(stream.name, bytes, task.weight_ms());
        for (raw, page) in read.pages {
            self.pending.take(raw, page, &mut self.notices);
        }
        // Rows of the last moments may still be on their way: they are kept, and read again.
        let settled = match &stream.shape {
            Shape::Window(shape) => {
                let until = read.read_at.saturating_sub(shape.settle);
                Window::new(task.window.from, task.window.until.min(until))
            }
            Shape::Listing { .. } => None,
        };
        for partition in &task.partitions {
            // Only a second reading can find that points are gone; for those of the last, not
            // yet settled moments the schedule brings it.
            let vehicle = partition.vehicle;
            if self.coverage.was_read(stream.name, vehicle, task.window) {
                self.pending
                    .read
                    .extend(read_window_of(stream, vehicle, task.window));
            }
            if let Some(settled) = settled {
                self.coverage
                    .insert(stream.name, vehicle, settled, read.read_at);
            }
        }
        self.advance(task.weight_ms());
    }

    /// What to ask instead, if anything: halves of a window that was too much, the younger part of
    /// one that reached back too far.
    fn window_failed(
        &mut self,
        stream: &'static Stream,
        task: WindowTask,
        error: AskError,
    ) -> Result<Option<Vec<WindowTask>>, End> {
        if let AskError::Provider(error) = &error {
            match disposition(error) {
                Disposition::Halve => {
                    if let Some((first, second)) = task.halve() {
                        return Ok(Some(vec![first, second]));
                    }
                }
                Disposition::Clamp(Some(earliest)) if task.window.contains(earliest) => {
                    self.issue(
                        stream.name,
                        IssueCode::RetentionWindowExceeded,
                        format!("the provider keeps nothing before {earliest}"),
                    );
                    let window = Window {
                        from: earliest,
                        until: task.window.until,
                    };
                    return Ok(Some(vec![WindowTask { window, ..task }]));
                }
                _ => {}
            }
        }
        self.advance(task.weight_ms());
        self.trouble(stream, error, Some(task.window))?;
        Ok(None)
    }

    /// Turns a failed reading into an issue, or ends the sync.
    fn trouble(
        &mut self,
        stream: &'static Stream,
        error: AskError,
        window: Option<Window>,
    ) -> Result<(), End> {
        let error = match error {
            AskError::Halt(halt) => return Err(halt.into()),
            AskError::Snooze { until } => return Err(End::Snooze { until }),
            AskError::Provider(error) => error,
        };
        let place = window.map_or_else(String::new, |window| format!(" for {window}"));
        let sentence = format!("{}{place}: {error}", stream.name);
        match disposition(&error) {
            Disposition::Disconnect => Err(End::Disconnected {
                reason: error.to_string(),
            }),
            Disposition::Wait(_) | Disposition::Retry => {
                Err(End::AttemptFailed { reason: sentence })
            }
            Disposition::LeaveStream(code) => {
                self.left.insert(stream.name);
                self.issue(
                    stream.name,
                    code,
                    format!("{sentence} (it needs: {})", stream.permission),
                );
                Ok(())
            }
            Disposition::Clamp(_) => {
                self.issue(stream.name, IssueCode::RetentionWindowExceeded, sentence);
                Ok(())
            }
            Disposition::Quarantine(code) => {
                self.issue(stream.name, code, sentence);
                Ok(())
            }
            Disposition::Halve | Disposition::Restart => {
                self.issue(stream.name, IssueCode::ProviderDataInaccessible, sentence);
                Ok(())
            }
        }
    }

    fn issue(&mut self, stream: &'static str, code: IssueCode, message: String) {
        self.troubled.insert(stream);
        self.issues
            .retain(|seen| (seen.code, seen.stream.as_str()) != (code, stream));
        let new_id = IssueId::new(self.now(), self.entropy.u128());
        self.issues.push(IssueSeen {
            new_id,
            code,
            stream: stream.to_owned(),
            message,
        });
    }

    fn advance(&mut self, weight_ms: i64) {
        self.done_ms = self.done_ms.saturating_add(weight_ms);
        self.left_ms = self.left_ms.saturating_sub(weight_ms).max(0);
    }

    fn progress(&self) -> f64 {
        if !self.planned {
            return 0.0;
        }
        let planned = (self.done_ms + self.left_ms).max(1);
        (self.done_ms as f64 * 100.0 / planned as f64).min(99.99)
    }

    async fn flush_if_due(&mut self) -> Result<(), End> {
        if self.pending.is_due(self.now()) {
            self.flush().await?;
        }
        Ok(())
    }

    async fn reached(&self, point: ProbePoint) {
        if let Some(probe) = &self.probe {
            probe.reached(point, self.sync.id).await;
        }
    }

    /// One checkpoint of everything gathered.
    async fn flush(&mut self) -> Result<(), End> {
        for (stream, code, sentence) in self.notices.take_untold() {
            self.issue(stream, code, sentence);
        }
        if self.pending.is_empty() && self.issues.is_empty() {
            return Ok(());
        }
        let pending = std::mem::take(&mut self.pending);
        let history = match (pending.points.is_empty(), pending.read.is_empty()) {
            (true, true) => None,
            _ => Some(
                self.store
                    .prepare_history(self.connection.id, pending.points, pending.read)
                    .await?,
            ),
        };
        let pages = pending.pages.len() as u64;
        let mut positions = pending.positions;
        positions.extend(self.sizes.take_changed());
        let checkpoint = Checkpoint {
            now: self.now(),
            lease_until: self.asker.keeper.next_until(),
            pages: pending.pages,
            drafts: pending.drafts,
            withdrawals: pending.withdrawals,
            listings: pending.listings,
            history,
            coverage: self.coverage.take_changed(),
            positions,
            account: pending.account,
            progress: self.progress(),
            issues: std::mem::take(&mut self.issues),
        };
        self.reached(ProbePoint::BeforeCommit).await;
        let committed = self
            .store
            .commit(&self.asker.keeper.lease, checkpoint)
            .await?;
        self.reached(ProbePoint::AfterCommit).await;
        self.asker
            .keeper
            .committed(committed.cancel_requested)
            .await;
        self.tally.pages += pages;
        self.tally.records_changed += committed.records_added + committed.records_modified;
        self.tally.points_added += committed.points_added;
        self.tally.points_modified += committed.points_modified;
        self.tally.points_withdrawn += committed.points_withdrawn;
        for (stream, verdict) in committed.listings {
            if let ListingVerdict::Doubted { records } = verdict {
                self.doubt(stream, records);
            }
        }
        Ok(())
    }

    /// The issue goes out with the next checkpoint; without another one the next sync tells it.
    fn doubt(&mut self, stream: &'static str, records: u64) {
        self.issue(
            stream,
            IssueCode::ProviderSourceDataInvalid,
            format!(
                "{stream}: the provider no longer lists {records} records, more than a fifth of \
                 them; nothing is removed unless it still says so an hour from now"
            ),
        );
    }
}
