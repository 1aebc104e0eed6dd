//! Everything gathered, committed in one go.

use model::issue::IssueCode;
use provider::Page;
use store::{Checkpoint, ListingVerdict, RawPage};

use crate::probe::ProbePoint;
use crate::run::{End, SyncRun};

impl SyncRun {
    pub(crate) fn take_page(&mut self, raw: RawPage, page: Page) {
        let descriptor = self.asker.provider.descriptor();
        let owner = descriptor
            .stream(raw.stream)
            .map_or(raw.stream, |stream| descriptor.owner(stream));
        self.pending.take(raw, page, owner, &mut self.notices);
    }

    pub(crate) async fn flush_if_due(&mut self) -> Result<(), End> {
        if self.pending.is_due(self.now()) {
            self.flush().await?;
        }
        Ok(())
    }

    /// One checkpoint of everything gathered; a second one of what is derived from it.
    pub(crate) async fn flush(&mut self) -> Result<(), End> {
        self.commit().await?;
        if !self.marks.is_empty() {
            self.derive().await?;
            self.commit().await?;
        }
        Ok(())
    }

    async fn reached(&self, point: ProbePoint) {
        if let Some(probe) = &self.probe {
            probe.reached(point, self.sync.id).await;
        }
    }

    async fn commit(&mut self) -> Result<(), End> {
        for (stream, code, sentence) in self.notices.take_untold() {
            self.issue(stream, code, sentence);
        }
        if !self.marks.is_empty() {
            self.pending.place(self.marks.row());
        }
        if self.pending.is_empty() && self.issues.is_empty() {
            return Ok(());
        }
        let mut pending = std::mem::take(&mut self.pending);
        let withdrawals = pending.settle_withdrawals();
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
            withdrawals,
            listings: pending.listings,
            windows: pending.windows,
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
        self.tally.records_withdrawn += committed.records_withdrawn;
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
