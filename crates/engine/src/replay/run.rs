//! The first pass of a replay: every page with a body, in order, mapped for its records.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{Model, RecordId, Timestamp, Ulid, Window};
use provider::{Member, Next, Page, PartitionBy, Provider, Shape, Stream};
use store::{
    Checkpoint, Connection, LoggedPage, RecordReplay, ReplayCheckpoint, ReplayedPage,
    ReplayedWindow, Store, StoreError,
};
use world::Clock;

use super::job::SharedStatus;
use super::mapping::{Refusal, StoredTask};
use super::readings::{Footprint, Reading, Readings};
use super::summary::ReplaySummary;
use super::{ReplayPhase, mapping};
use crate::derive::{FAULT_EVENTS, Marks, derived};
use crate::lease::{Halt, LeaseKeeper};
use crate::windows::anchors;

/// Pages of the log that are looked at at once, without their bodies.
const LOOKED_AT_ONCE: usize = 500;
/// A checkpoint holds what pages of so many bytes, decompressed, changed …
const CHECKPOINT_BYTES: usize = 8 << 20;
/// … or so many rows.
const CHECKPOINT_ROWS: usize = 2_000;
/// The first pass's part of the progress, in percent; where there is no history, it is all.
pub(super) const RECORDS_PERCENT: f64 = 60.0;

const DRY_RUN: &str = "In a dry run nothing is derived: events made from facts that would change \
                       are not among the figures";
const FORGOT: &str = "More rows would change than are kept in mind: one that several pages would \
                      change may be counted more than once";
const REFUSED: &str = "What a refused page gave stays as it is; so does the history of the window \
                       that it belongs to";

/// Why a replay ended before its work did.
#[derive(Debug, thiserror::Error)]
pub enum ReplayEnd {
    #[error(transparent)]
    Halt(#[from] Halt),
    /// The log was retired meanwhile.
    #[error("page {number} lost its body while it was being replayed; run the replay again")]
    PageGone { number: i64 },
}

impl From<StoreError> for ReplayEnd {
    fn from(error: StoreError) -> ReplayEnd {
        ReplayEnd::Halt(Halt::Store(error))
    }
}

pub(super) struct ReplayRun {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub keeper: LeaseKeeper,
    pub provider: &'static dyn Provider,
    pub connection: Connection,
    /// Only what this stream owns.
    pub owner: Option<&'static str>,
    pub dry_run: bool,
    pub status: SharedStatus,
    pub summary: ReplaySummary,
    pub readings: Readings,
    pub records: RecordReplay,
    /// Where facts changed and nothing was derived yet.
    pub marks: Marks,
    /// Windows whose last page has not come yet, by group.
    pub open: BTreeMap<i64, OpenWindow>,
    pub bytes: usize,
    /// In a dry run, facts would have changed.
    pub underived: bool,
}

/// A window whose pages are being mapped.
pub(super) struct OpenWindow {
    task: StoredTask,
    read_at: Timestamp,
    pages: Vec<i64>,
    /// All of its pages so far could be mapped.
    whole: bool,
    has_points: bool,
    seen: BTreeMap<RecordId, BTreeSet<Ulid>>,
    footprint: Footprint,
}

impl ReplayRun {
    pub async fn go(&mut self) -> Result<(), ReplayEnd> {
        let result = self.replay().await;
        self.tell();
        result
    }

    async fn replay(&mut self) -> Result<(), ReplayEnd> {
        self.replay_records().await?;
        self.end_open_windows();
        self.readings.sort();
        if self.readings.is_empty() {
            return Ok(());
        }
        self.status.lock().phase = ReplayPhase::History;
        self.replay_history().await
    }

    pub(super) fn ids(&self) -> model::IdSpace {
        self.connection.ids()
    }

    pub(super) fn progressed(&self, percent: f64) {
        let mut status = self.status.lock();
        status.progress = status.progress.max(percent.min(99.99));
    }

    pub(super) fn progress(&self) -> f64 {
        self.status.lock().progress
    }

    /// Shows the figures so far.
    pub(super) fn tell(&mut self) {
        let mut notes = Vec::new();
        if self.underived {
            notes.push(DRY_RUN);
        }
        if self.records.forgot() {
            notes.push(FORGOT);
        }
        if !self.summary.refusals.is_empty() {
            notes.push(REFUSED);
        }
        self.summary.notes = notes;
        self.status.lock().summary = self.summary.clone();
    }

    async fn replay_records(&mut self) -> Result<(), ReplayEnd> {
        let in_all = self.store.count_logged_pages(self.connection.id).await?;
        let (mut done, mut after) = (0u64, 0);
        loop {
            let pages = self
                .store
                .logged_pages(self.connection.id, after, LOOKED_AT_ONCE);
            let pages = pages.await?;
            let Some(last) = pages.last() else { break };
            after = last.number;
            for logged in pages {
                self.keeper.touch().await?;
                let has_body = logged.has_body;
                self.take_up(logged).await?;
                if self.bytes >= CHECKPOINT_BYTES || self.records.len() >= CHECKPOINT_ROWS {
                    self.flush().await?;
                }
                if has_body {
                    done += 1;
                    self.progressed(RECORDS_PERCENT * done as f64 / in_all.with_body as f64);
                }
            }
            self.tell();
        }
        self.flush().await
    }

    async fn take_up(&mut self, logged: LoggedPage) -> Result<(), ReplayEnd> {
        let descriptor = self.provider.descriptor();
        let Some(stream) = descriptor.stream(&logged.stream) else {
            self.summary.pages_of_unknown_streams += 1;
            return Ok(());
        };
        let owner = descriptor.owner(stream);
        if self.owner.is_some_and(|wanted| wanted != owner) {
            return Ok(());
        }
        if !logged.has_body {
            self.summary.stream(stream.name).pages.without_body += 1;
            // A window of which nothing is kept changed nothing; one of which something is missing
            // proves nothing.
            if let Some(open) = logged.group.and_then(|group| self.open.get_mut(&group)) {
                open.whole = false;
            }
            return Ok(());
        }
        let found = self
            .store
            .logged_page(self.connection.id, logged.number)
            .await?;
        let Some((logged, body)) = found else {
            let number = logged.number;
            return Err(ReplayEnd::PageGone { number });
        };
        self.bytes += body.len();
        let task = match StoredTask::of(&logged, stream, &self.ids()) {
            Ok(task) => task,
            Err(refusal) => {
                self.refuse(stream, &logged, &refusal);
                return Ok(());
            }
        };
        self.open_window(&logged, &task);
        match task.map(self.provider, self.ids(), &logged, body).await {
            Ok((task, page)) => self.take_page(&logged, &task, owner, page).await,
            Err(refusal) => {
                self.refuse(stream, &logged, &refusal);
                Ok(())
            }
        }
    }

    fn refuse(&mut self, stream: &Stream, logged: &LoggedPage, refusal: &Refusal) {
        self.summary.refused(stream.name, refusal.to_string());
        if let Some(open) = logged.group.and_then(|group| self.open.get_mut(&group)) {
            open.whole = false;
        }
    }

    /// A window begins with its first page; where that has no body any more, not all of it can be
    /// mapped.
    fn open_window(&mut self, logged: &LoggedPage, task: &StoredTask) {
        let (Shape::Window(_), Some(group)) = (&task.stream.shape, logged.group) else {
            return;
        };
        let vehicles = &mut self.readings.vehicles;
        self.open.entry(group).or_insert_with(|| {
            let mut footprint = Footprint::default();
            for partition in &task.partitions {
                if let Member::Vehicle(id) = partition.member {
                    footprint.vehicles.insert(vehicles.place(id));
                }
            }
            if let Some(window) = task.window {
                footprint.add_window(window);
            }
            OpenWindow {
                task: task.clone(),
                read_at: logged.received_at,
                pages: Vec::new(),
                whole: group == logged.number,
                has_points: false,
                seen: BTreeMap::new(),
                footprint,
            }
        });
    }

    async fn take_page(
        &mut self,
        logged: &LoggedPage,
        task: &StoredTask,
        owner: &'static str,
        page: Page,
    ) -> Result<(), ReplayEnd> {
        let name = task.stream.name;
        self.summary.stream(name).pages.mapped += 1;
        self.note_points(logged, task, &page);
        let is_last = !matches!(page.next, Next::Page(_));
        let replayed = ReplayedPage {
            number: logged.number,
            owner,
            withdrawals: page.withdrawals.iter().map(|gone| gone.id).collect(),
            drafts: page.drafts,
        };
        for (model, counts) in self.records.page(&self.store, replayed).await? {
            let records = &mut self.summary.stream(name).records;
            *records.entry(model.name()).or_default() += counts.into();
        }
        match logged.group.filter(|_| is_last) {
            Some(group) => self.end_window(group).await,
            None => Ok(()),
        }
    }

    /// Notes whose points of which days the page has, and whom it listed.
    fn note_points(&mut self, logged: &LoggedPage, task: &StoredTask, page: &Page) {
        let vehicles = &mut self.readings.vehicles;
        match &task.stream.shape {
            Shape::Listing { .. } | Shape::Watch(_) => {}
            Shape::Feed(_) => {
                let mut footprint = Footprint::default();
                footprint.add_points(vehicles, &page.points);
                // Pages of before groups were kept do not say what became of them.
                if logged.group.is_some() {
                    self.readings.mapped(&[logged.number]);
                }
                if logged.group.is_some() && !footprint.days.is_empty() {
                    let (number, pages) = (logged.number, vec![logged.number]);
                    let (none, stream) = (BTreeSet::new(), task.stream);
                    self.readings
                        .push(Reading::new(number, pages, stream, None, footprint, none));
                }
            }
            Shape::Window(shape) => {
                let open = logged.group.and_then(|group| self.open.get_mut(&group));
                let Some(open) = open else { return };
                open.pages.push(logged.number);
                open.has_points |= !page.points.is_empty();
                open.footprint.add_points(vehicles, &page.points);
                for draft in &page.drafts {
                    let member = match shape.partition {
                        PartitionBy::Vehicle => draft.vehicle.map(RecordId::from),
                        PartitionBy::Driver => draft.driver.map(RecordId::from),
                    };
                    if let Some(member) = member {
                        open.seen.entry(member).or_default().insert(draft.id.ulid);
                    }
                }
            }
        }
    }

    /// After its last page: what it lists is all there is.
    async fn end_window(&mut self, group: i64) -> Result<(), ReplayEnd> {
        let Some(mut open) = self.open.remove(&group) else {
            return Ok(());
        };
        if let (Shape::Window(shape), Some(window), true) =
            (&open.task.stream.shape, open.task.window, open.whole)
            && shape.proves_absence
            && !shape.owns.is_empty()
        {
            let anchors = anchors(shape.grain, window, &open.task.zone);
            for partition in open.task.proven() {
                let member = partition.member.record();
                let ended = ReplayedWindow {
                    stream: open.task.stream.name,
                    models: shape.owns,
                    member,
                    from: anchors.from,
                    until: anchors.until,
                    seen: open.seen.remove(&member).unwrap_or_default(),
                    group,
                    read_at: open.read_at,
                };
                for (model, gone) in self.records.window(&self.store, &ended).await? {
                    let stream = self.summary.stream(open.task.stream.name);
                    stream.records.entry(model.name()).or_default().withdrawn += gone;
                }
            }
        }
        self.push_reading(group, open);
        Ok(())
    }

    /// Windows whose last page is missing or refused.
    fn end_open_windows(&mut self) {
        for (group, mut open) in std::mem::take(&mut self.open) {
            open.whole = false;
            self.push_reading(group, open);
        }
    }

    fn push_reading(&mut self, group: i64, open: OpenWindow) {
        let Shape::Window(shape) = &open.task.stream.shape else {
            return;
        };
        if open.whole {
            self.readings.mapped(&open.pages);
        }
        if shape.signals.is_empty() && !open.has_points {
            return;
        }
        let mut proven = BTreeSet::new();
        for partition in open.task.proven().filter(|_| open.whole) {
            if let Member::Vehicle(id) = partition.member {
                proven.insert(self.readings.vehicles.place(id));
            }
        }
        let (stream, window) = (open.task.stream, open.task.window);
        let pages = match open.whole {
            true => open.pages,
            false => Vec::new(),
        };
        let reading = Reading::new(group, pages, stream, window, open.footprint, proven);
        self.readings.push(reading);
    }

    /// One checkpoint of what was gathered; a second one of what is derived from it.
    async fn flush(&mut self) -> Result<(), ReplayEnd> {
        self.bytes = 0;
        let (records, facts) = self.records.take();
        let readings = facts.into_iter();
        for fact in readings.filter(|fact| fact.model == Model::FaultReading) {
            self.underived |= self.dry_run;
            let until = Timestamp::from_millis(fact.started_at.millis() + 1);
            if let Some(window) = Window::new(fact.started_at, until) {
                self.marks.add(fact.vehicle, window);
            }
        }
        if self.dry_run || (records.is_empty() && self.marks.is_empty()) {
            return Ok(());
        }
        let checkpoint = ReplayCheckpoint {
            now: self.clock.now(),
            lease_until: self.keeper.next_until(),
            records,
            positions: vec![self.marks.row()],
            progress: self.progress(),
        };
        let committed = self.store.commit_replay(&self.keeper.lease, checkpoint);
        self.keeper
            .committed(committed.await?.cancel_requested)
            .await;
        if !self.marks.is_empty() {
            self.derive().await?;
        }
        Ok(())
    }

    async fn derive(&mut self) -> Result<(), ReplayEnd> {
        let marks = std::mem::take(&mut self.marks);
        let (drafts, windows) = derived(&self.store, &self.connection, &marks).await?;
        let committed = self
            .commit(Checkpoint {
                drafts,
                windows,
                positions: vec![self.marks.row()],
                ..Checkpoint::default()
            })
            .await?;
        let events = &mut self.summary.stream(FAULT_EVENTS).records;
        let events = events.entry(Model::FaultCodeEvent.name()).or_default();
        events.added += committed.records_added;
        events.changed += committed.records_modified;
        events.withdrawn += committed.records_withdrawn;
        events.unchanged += committed.records_unchanged;
        Ok(())
    }

    pub(super) async fn commit(
        &mut self,
        checkpoint: Checkpoint,
    ) -> Result<store::Committed, ReplayEnd> {
        let checkpoint = Checkpoint {
            now: self.clock.now(),
            lease_until: self.keeper.next_until(),
            progress: self.progress(),
            ..checkpoint
        };
        let committed = self.store.commit(&self.keeper.lease, checkpoint).await?;
        self.keeper.committed(committed.cancel_requested).await;
        Ok(committed)
    }

    /// A page's points, mapped a second time.
    pub(super) async fn page_again(
        &self,
        number: i64,
        stream: &'static Stream,
    ) -> Result<Page, ReplayEnd> {
        let found = self.store.logged_page(self.connection.id, number).await?;
        let (logged, body) = found.ok_or(ReplayEnd::PageGone { number })?;
        let mapped: Result<_, mapping::Refusal> = async {
            let task = StoredTask::of(&logged, stream, &self.ids())?;
            task.map(self.provider, self.ids(), &logged, body).await
        }
        .await;
        // It was mapped a moment ago, and the same answer always gives the same.
        let (_, page) = mapped.map_err(|refusal| StoreError::Corrupt {
            what: "raw page",
            reason: refusal.to_string(),
        })?;
        Ok(page)
    }
}
