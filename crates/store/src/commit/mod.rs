//! The one way in which data gets in.
//!
//! A checkpoint holds everything that one step of a sync learned. Committing it takes the
//! connection's row (which is the lock), checks the fence, takes the stamp `max(now, last + 1 ms)`,
//! writes, and stands or falls as a whole: progress is where the data is.

pub(crate) mod account;
mod listing;
mod prepare;
mod window;

use std::collections::BTreeSet;

use model::issue::IssueCode;
use model::units::round2;
use model::{ConnectionId, Draft, IssueId, Model, RecordId, Timestamp, Ulid};

use crate::backend::{CommitTicket, Dialect, Row, StampSource, Tx, Value, params};
use crate::claim::hold_lease;
use crate::connections::{COMMIT_STAMP, NEXT_PAGE, json_text};
use crate::coverage::{CoverageRow, PositionRow};
use crate::history::{self, PreparedHistory};
use crate::pages::{self, RawPage};
use crate::syncs::sync_of;
use crate::{Lease, Store, StoreError, ZoneSetting};
pub(crate) use prepare::content_hash;
use prepare::{Prepared, PreparedPage};

#[derive(Debug, Default)]
pub struct Checkpoint {
    pub now: Timestamp,
    /// The lease is prolonged to this.
    pub lease_until: Timestamp,
    pub pages: Vec<RawPage>,
    pub drafts: Vec<PageDraft>,
    pub withdrawals: Vec<RecordId>,
    /// Listings read to their end (several small ones may share a checkpoint).
    pub listings: Vec<ListingEnd>,
    /// Windows read to their end, as far as they prove what records there are not.
    pub windows: Vec<WindowEnd>,
    pub history: Option<PreparedHistory>,
    pub coverage: Vec<CoverageRow>,
    pub positions: Vec<PositionRow>,
    pub account: Option<AccountUpdate>,
    /// 0 to 100; the stored figure never falls.
    pub progress: f64,
    pub issues: Vec<IssueSeen>,
}

/// A draft and the page it was read from.
#[derive(Clone, Debug, PartialEq)]
pub struct PageDraft {
    pub page: i64,
    pub stream: &'static str,
    pub draft: Draft,
}

/// A listing that was read to its end, so that what it did not name is gone.
#[derive(Clone, Debug, PartialEq)]
pub struct ListingEnd {
    pub stream: &'static str,
    pub models: Vec<Model>,
    pub seen: Vec<Ulid>,
}

/// A window that was read to its end for one vehicle or driver: a record of these models that began
/// in it and that it did not list is withdrawn. A record that a page from `group` on gave or
/// changed stays: that page is no older than the window's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowEnd {
    /// The stream that owns the records.
    pub stream: &'static str,
    pub models: &'static [Model],
    /// A vehicle or a driver.
    pub member: RecordId,
    /// Inclusive, of `started_at`.
    pub from: Timestamp,
    /// Exclusive.
    pub until: Timestamp,
    pub seen: Vec<Ulid>,
    /// The number of the first page of the reading.
    pub group: i64,
}

/// A listing that would remove more than 20 % and more than five rows removes nothing at first; it
/// counts when another one says so an hour later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListingVerdict {
    Removed { records: u64 },
    Doubted { records: u64 },
}

/// What the provider says of the account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountUpdate {
    pub source_id: Option<String>,
    pub name: Option<String>,
    pub dot_numbers: Vec<String>,
    /// Kept where the stored one is none, of a weaker source, or of the same source.
    pub zone: Option<ZoneSetting>,
}

/// A problem met by this sync; one issue a (connection, code, stream).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueSeen {
    /// For the issue's row, if it is the first time.
    pub new_id: IssueId,
    pub code: IssueCode,
    pub stream: String,
    pub message: String,
}

/// What a commit changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// The connection's commit stamp: `modifiedAt` of everything that changed.
    pub stamp: Timestamp,
    pub records_added: u64,
    pub records_modified: u64,
    pub records_unchanged: u64,
    pub records_withdrawn: u64,
    pub points_added: u64,
    pub points_modified: u64,
    pub points_unchanged: u64,
    pub points_withdrawn: u64,
    /// By stream.
    pub listings: Vec<(&'static str, ListingVerdict)>,
    /// The client asked to cancel this sync.
    pub cancel_requested: bool,
}

impl Store {
    /// [`StoreError::Stale`] when the lease is no longer the one that counts; nothing changed then.
    pub async fn commit(
        &self,
        lease: &Lease,
        checkpoint: Checkpoint,
    ) -> Result<Committed, StoreError> {
        // Held until the commit is durable, whether or not the caller waits for it.
        let ticket = self.commit_ticket(lease.connection).await;
        let connection = lease.connection;
        let prepared = self
            .compute(move || Prepared::new(connection, checkpoint))
            .await??;
        let (lease, stamps) = (lease.clone(), self.stamps().clone());
        let (committed, ticket) = self
            .write(move |tx| Box::pin(write_checkpoint(tx, lease, prepared, stamps, ticket)))
            .await?;
        drop(ticket);
        Ok(committed)
    }
}

async fn write_checkpoint(
    tx: &mut Tx<'_>,
    lease: Lease,
    prepared: Prepared,
    stamps: StampSource,
    ticket: CommitTicket,
) -> Result<(Committed, CommitTicket), StoreError> {
    let id = lease.connection;
    let (connection, sync) = hold_lease(tx, &lease).await?;
    let stamp = take_stamp(tx, &connection, prepared.now, &stamps).await?;
    let mut committed = Committed {
        stamp,
        ..Committed::default()
    };
    let (mut pages_changed, mut groups_changed) = (BTreeSet::new(), BTreeSet::new());
    prepare::upsert_records(
        tx,
        prepared.records,
        stamp,
        &mut committed,
        &mut pages_changed,
    )
    .await?;
    withdraw(tx, id, prepared.withdrawals, &mut committed).await?;
    for listing in prepared.listings {
        let stream = listing.stream;
        let verdict = listing::end_listing(tx, id, listing, prepared.now, stamp).await?;
        committed.listings.push((stream, verdict));
    }
    let withdrawn = window::end_windows(tx, id, prepared.windows, stamp).await?;
    committed.records_withdrawn += withdrawn.records;
    groups_changed.extend(withdrawn.groups);
    if let Some(history) = prepared.history {
        let applied = history::apply(tx, id, history, stamp).await?;
        committed.points_added = applied.added;
        committed.points_modified = applied.modified;
        committed.points_unchanged = applied.unchanged;
        committed.points_withdrawn = applied.withdrawn;
        pages_changed.extend(applied.pages_changed);
        groups_changed.extend(applied.groups_changed);
    }
    let next_page = prepared.pages.iter().map(|page| page.number + 1);
    let next_page = next_page.fold(connection.i64(NEXT_PAGE)?, i64::max);
    write_pages(tx, prepared.pages, &pages_changed, groups_changed).await?;
    write_state(tx, id, prepared.coverage, prepared.positions).await?;
    let sql = "update connections set commit_stamp = ?2, next_page = ?3 where id = ?1";
    tx.execute(sql, &params![id, stamp, next_page]).await?;
    if let Some(account) = &prepared.account {
        account::update_account(tx, id, &connection, account, stamp).await?;
    }
    committed.cancel_requested = write_progress(
        tx,
        &lease,
        &sync,
        prepared.progress,
        prepared.lease_until,
        prepared.issues,
        stamp,
    )
    .await?;
    Ok((committed, ticket))
}

/// The caller holds the connection's row: whoever reads after this moment waits for the commit.
pub(crate) async fn take_stamp(
    tx: &mut Tx<'_>,
    connection: &Row,
    now: Timestamp,
    stamps: &StampSource,
) -> Result<Timestamp, StoreError> {
    let now = match (stamps, tx.dialect()) {
        (StampSource::Clock(clock), _) => clock(),
        (StampSource::Database, Dialect::Postgres) => {
            let sql = "select cast(floor(extract(epoch from clock_timestamp()) * 1000) as bigint)";
            match tx.query_first(sql, &[]).await? {
                Some(row) => row.time(0)?,
                None => now,
            }
        }
        (StampSource::Given | StampSource::Database, _) => now,
    };
    let last = connection.i64(COMMIT_STAMP)?;
    Ok(Timestamp::from_millis(now.millis().max(last + 1)))
}

async fn withdraw(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
    withdrawals: Vec<RecordId>,
    committed: &mut Committed,
) -> Result<(), StoreError> {
    let sql = "update records set withdrawn_at = ?4, modified_at = ?4
        where connection = ?1 and model = ?2 and id = ?3 and withdrawn_at is null";
    let rows = withdrawals
        .into_iter()
        .map(|id| params![connection, id.model.name(), id.ulid, committed.stamp].to_vec())
        .collect();
    committed.records_withdrawn = tx.execute_each(sql, rows).await?;
    Ok(())
}

/// A window read anew must give what it gave, so a group keeps all of its bodies or none.
async fn write_pages(
    tx: &mut Tx<'_>,
    prepared: Vec<PreparedPage>,
    changed: &BTreeSet<i64>,
    mut groups: BTreeSet<i64>,
) -> Result<(), StoreError> {
    let of_changed = prepared
        .iter()
        .filter(|page| changed.contains(&page.number));
    groups.extend(of_changed.map(|page| page.group));
    let mut rows = Vec::with_capacity(prepared.len());
    for mut page in prepared {
        if !groups.contains(&page.group) {
            page.params[pages::BODY] = Value::Null;
        }
        rows.push(page.params);
    }
    tx.execute_each(pages::INSERT, rows).await?;
    Ok(())
}

pub(crate) async fn write_state(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
    coverage: Vec<CoverageRow>,
    positions: Vec<PositionRow>,
) -> Result<(), StoreError> {
    let sql = "insert into coverage (connection, stream, shard, body) values (?1, ?2, ?3, ?4)
        on conflict (connection, stream, shard) do update set body = excluded.body";
    let rows = coverage
        .into_iter()
        .map(|row| params![connection, row.stream, row.shard, row.body].to_vec())
        .collect();
    tx.execute_each(sql, rows).await?;
    let (ended, standing): (Vec<_>, Vec<_>) =
        positions.into_iter().partition(|row| row.body.is_empty());
    let sql = "insert into positions (connection, stream, slot, body) values (?1, ?2, ?3, ?4)
        on conflict (connection, stream, slot) do update set body = excluded.body";
    let rows = standing
        .into_iter()
        .map(|row| params![connection, row.stream, row.slot, row.body].to_vec())
        .collect();
    tx.execute_each(sql, rows).await?;
    let sql = "delete from positions where connection = ?1 and stream = ?2 and slot = ?3";
    let rows = ended
        .into_iter()
        .map(|row| params![connection, row.stream, row.slot].to_vec())
        .collect();
    tx.execute_each(sql, rows).await?;
    Ok(())
}

/// The sync's part of the commit. Returns whether its client asked to cancel it.
pub(crate) async fn write_progress(
    tx: &mut Tx<'_>,
    lease: &Lease,
    sync: &Row,
    progress: f64,
    lease_until: Timestamp,
    seen: Vec<IssueSeen>,
    stamp: Timestamp,
) -> Result<bool, StoreError> {
    let sync = sync_of(sync)?;
    let mut issues = sync.issues;
    for issue in seen {
        let id = upsert_issue(tx, lease.connection, issue, stamp).await?;
        if !issues.contains(&id) {
            issues.push(id);
        }
    }
    // `max` ignores what is not a number.
    let progress = sync.progress.max(round2(progress)).min(100.0);
    let sql = "update syncs set progress = ?3, issues = ?4, lease_until = ?5, barren_attempts = 0,
        checkpointed = 1 where connection = ?1 and id = ?2";
    let params = params![
        lease.connection,
        lease.sync,
        progress,
        json_text(&issues),
        lease_until
    ];
    tx.execute(sql, &params).await?;
    Ok(sync.cancel_requested)
}

async fn upsert_issue(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
    issue: IssueSeen,
    stamp: Timestamp,
) -> Result<IssueId, StoreError> {
    let sql = "insert into issues
        (connection, id, code, stream, status, message, first_reported_at, last_reported_at)
        values (?1, ?2, ?3, ?4, 'ongoing', ?5, ?6, ?6)
        on conflict (connection, code, stream) do update set status = 'ongoing',
        message = excluded.message, last_reported_at = excluded.last_reported_at
        returning id";
    let params = params![
        connection,
        issue.new_id,
        issue.code.name(),
        issue.stream,
        issue.message,
        stamp,
    ];
    let row = tx.query_first(sql, &params).await?;
    row.ok_or(StoreError::NotFound { what: "issue" })?
        .parsed(0, |text| text.parse().ok())
}
