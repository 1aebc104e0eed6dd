//! One sync from claim to end.
//!
//! Listings first, then the feeds, then the windows that the plan names, newest first, a few at
//! once. While a long backfill lasts, everything is planned anew at the cadence, so that listings,
//! feeds and the newest window stay fresh. A problem of one stream becomes an issue and the sync
//! goes on; what ends a sync early is in [`End`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use model::issue::IssueCode;
use model::{IssueId, Timestamp, Window};
use provider::{Shape, Stream};
use store::{Connection, IssueSeen, Store, StoreError, SyncRow};
use world::Entropy;

use crate::ask::{AskError, Asker};
use crate::coverage::{Coverage, CoverageError};
use crate::derive::Marks;
use crate::disposition::{Disposition, disposition};
use crate::feed::FeedPlace;
use crate::lease::Halt;
use crate::members::Members;
use crate::pending::{ListingPlace, Notices, Pending};
use crate::plan::{ExplicitStart, Fed, PlanInput, WindowTask, plan};
use crate::probe::Probe;
use crate::sizes::Sizes;

/// A listing or a feed's catching up counts as much towards progress as an hour of one vehicle's
/// history.
pub(crate) const LISTING_WEIGHT_MS: i64 = model::time::HOUR_MS;
/// So often a listing or feed begins anew when its position expires under it.
pub(crate) const MAX_RESTARTS: u32 = 3;

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
    pub records_withdrawn: u64,
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
    pub feeds: BTreeMap<String, FeedPlace>,
    pub members: Members,
    /// Where facts changed and nothing was derived yet.
    pub marks: Marks,
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
    pub(crate) fn streams(&self) -> &'static [Stream] {
        self.asker.provider.descriptor().streams
    }

    pub(crate) fn now(&self) -> Timestamp {
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
        // What an earlier run left to be derived.
        self.flush().await?;
        loop {
            let round_ends = self.now().saturating_add(self.cadence);
            let whole = |stream: &&Stream| !matches!(stream.shape, Shape::Window(_));
            let whole = self.streams().iter().filter(whole).count() as i64;
            self.left_ms += whole * LISTING_WEIGHT_MS;
            for stream in self.streams() {
                if let Shape::Listing { owns } = &stream.shape {
                    self.read_listing(stream, owns).await?;
                }
            }
            self.flush().await?;
            self.refresh().await?;
            let fed = self.read_feeds(round_ends).await?;
            let tasks = self.plan(&fed);
            self.left_ms = tasks.iter().map(WindowTask::weight_ms).sum();
            self.planned = true;
            let finished = self.read_windows_until(round_ends, tasks.into()).await?;
            self.flush().await?;
            if finished {
                return Ok(());
            }
        }
    }

    /// Filters, zone and members as they are now, listings read.
    async fn refresh(&mut self) -> Result<(), End> {
        let id = self.connection.id;
        if let Some(connection) = self.store.connection(id).await? {
            self.connection = connection;
        }
        let account = self.asker.access.account();
        if account.is_some() && account != self.connection.source_id {
            let update = self.pending.account.get_or_insert_default();
            update.source_id = update.source_id.take().or(account);
        }
        self.members = Members::load(&self.store, id, &self.connection.filters).await?;
        let zone = self.connection.zone();
        for stream in self.streams() {
            self.coverage.forget_other_zones(stream, &zone);
        }
        Ok(())
    }

    /// The earliest start that was ever asked for; without one there is no history to read.
    pub(crate) fn history_from(&self) -> Option<Timestamp> {
        [self.connection.history_from, self.sync.start_from]
            .into_iter()
            .flatten()
            .min()
    }

    pub(crate) fn wants_history(&self) -> bool {
        self.history_from().is_some_and(|from| from <= self.now())
    }

    fn plan(&self, fed: &BTreeMap<&'static str, Fed>) -> Vec<WindowTask> {
        plan(
            self.streams(),
            &PlanInput {
                now: self.now(),
                zone: &self.connection.zone(),
                history_from: self.history_from(),
                explicit: self
                    .sync
                    .start_from
                    .filter(|_| self.sync.explicit_start)
                    .map(|from| ExplicitStart {
                        from,
                        requested_at: self.sync.requested_at,
                    }),
                vehicles: &self.members.vehicles,
                drivers: &self.members.drivers,
                fed,
                coverage: &self.coverage,
                sizes: &self.sizes,
            },
        )
    }

    /// Turns a failed reading into an issue, or ends the sync.
    pub(crate) fn trouble(
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

    pub(crate) fn issue(&mut self, stream: &'static str, code: IssueCode, message: String) {
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

    pub(crate) fn advance(&mut self, weight_ms: i64) {
        self.done_ms = self.done_ms.saturating_add(weight_ms);
        self.left_ms = self.left_ms.saturating_sub(weight_ms).max(0);
    }

    pub(crate) fn progress(&self) -> f64 {
        if !self.planned {
            return 0.0;
        }
        let planned = (self.done_ms + self.left_ms).max(1);
        (self.done_ms as f64 * 100.0 / planned as f64).min(99.99)
    }
}
