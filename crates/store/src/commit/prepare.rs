//! What of a commit can be computed before its transaction, and the records' part of it.
//!
//! Hashes, compression and JSON are made ahead, so that the writer only stores bytes.

use std::collections::{BTreeMap, BTreeSet};

use model::{ConnectionId, Draft, RecordId, Timestamp};
use twox_hash::XxHash3_128;

use super::{AccountUpdate, Checkpoint, Committed, IssueSeen, ListingEnd, PageDraft, WindowEnd};
use crate::backend::{Tx, Value, params};
use crate::connections::json_text;
use crate::coverage::{CoverageRow, PositionRow};
use crate::history::PreparedHistory;
use crate::{StoreError, pages};

pub(super) struct Prepared {
    pub now: Timestamp,
    pub lease_until: Timestamp,
    pub pages: Vec<PreparedPage>,
    pub records: Vec<PreparedRecord>,
    pub withdrawals: Vec<RecordId>,
    pub listings: Vec<ListingEnd>,
    pub windows: Vec<WindowEnd>,
    pub history: Option<PreparedHistory>,
    pub coverage: Vec<CoverageRow>,
    pub positions: Vec<PositionRow>,
    pub account: Option<AccountUpdate>,
    pub progress: f64,
    pub issues: Vec<IssueSeen>,
}

pub(super) struct PreparedPage {
    pub number: i64,
    pub group: i64,
    /// Of [`pages::INSERT`].
    pub params: Vec<Value>,
}

pub(super) struct PreparedRecord {
    page: i64,
    params: Vec<Value>,
}

impl Prepared {
    pub(super) fn new(
        connection: ConnectionId,
        checkpoint: Checkpoint,
    ) -> Result<Prepared, StoreError> {
        let pages = checkpoint
            .pages
            .iter()
            .map(|page| {
                Ok(PreparedPage {
                    number: page.number,
                    group: page.group,
                    params: pages::insert_params(connection, page)?,
                })
            })
            .collect::<Result<_, StoreError>>()?;
        // Ordered by id, and of two drafts of one record the one from the later page.
        let mut drafts: BTreeMap<RecordId, PageDraft> = BTreeMap::new();
        for draft in checkpoint.drafts {
            match drafts.get(&draft.draft.id) {
                Some(other) if other.page > draft.page => {}
                _ => {
                    drafts.insert(draft.draft.id, draft);
                }
            }
        }
        Ok(Prepared {
            now: checkpoint.now,
            lease_until: checkpoint.lease_until,
            pages,
            records: drafts
                .into_values()
                .map(|draft| prepare_record(connection, draft))
                .collect(),
            withdrawals: checkpoint.withdrawals,
            listings: checkpoint.listings,
            windows: checkpoint.windows,
            history: checkpoint.history,
            coverage: checkpoint.coverage,
            positions: checkpoint.positions,
            account: checkpoint.account,
            progress: checkpoint.progress,
            issues: checkpoint.issues,
        })
    }
}

/// The place of the stamp among the parameters of [`UPSERT`]; it is known in the transaction only.
const STAMP: usize = 10;

/// Answers with `added_at` of a row that was added or changed, with nothing otherwise.
const UPSERT: &str = "insert into records (connection, model, id, natural_key, stream, vehicle,
    driver, status, started_at, ended_at, added_at, modified_at, content_hash, page, raw, body)
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?12, ?13, ?14, ?15)
    on conflict (connection, model, id) do update set
    stream = excluded.stream, vehicle = excluded.vehicle, driver = excluded.driver,
    status = excluded.status, started_at = excluded.started_at, ended_at = excluded.ended_at,
    modified_at = excluded.modified_at, deleted_at = null, withdrawn_at = null, unmapped = 0,
    content_hash = excluded.content_hash, page = excluded.page, raw = excluded.raw,
    body = excluded.body
    where records.page <= excluded.page
    and (records.content_hash <> excluded.content_hash
         or records.deleted_at is not null or records.withdrawn_at is not null)
    returning added_at";

fn prepare_record(connection: ConnectionId, draft: PageDraft) -> PreparedRecord {
    let hash = content_hash(&draft.draft);
    let PageDraft {
        page,
        stream,
        draft,
    } = draft;
    let params = params![
        connection,
        draft.id.model.name(),
        draft.id.ulid,
        draft.natural_key,
        stream,
        draft.vehicle.map(|id| id.0),
        draft.driver.map(|id| id.0),
        draft.status.map(|status| status.name()),
        draft.started_at,
        draft.ended_at,
        Value::Null,
        hash,
        page,
        json_text(&draft.raw),
        draft.body,
    ];
    PreparedRecord {
        page,
        params: params.to_vec(),
    }
}

/// Over everything that a client can see or filter by; not over where it was read.
pub(crate) fn content_hash(draft: &Draft) -> [u8; 16] {
    let time = |time: Option<Timestamp>| time.map(Timestamp::millis);
    let fields = format!(
        "{:?}\0{:?}\0{:?}\0{:?}\0{:?}\0",
        draft.vehicle,
        draft.driver,
        draft.status,
        time(draft.started_at),
        time(draft.ended_at),
    );
    let bytes = [fields.as_bytes(), draft.body.as_bytes()].concat();
    XxHash3_128::oneshot(&bytes).to_be_bytes()
}

pub(super) async fn upsert_records(
    tx: &mut Tx<'_>,
    records: Vec<PreparedRecord>,
    stamp: Timestamp,
    committed: &mut Committed,
    pages_changed: &mut BTreeSet<i64>,
) -> Result<(), StoreError> {
    let mut pages = Vec::with_capacity(records.len());
    let mut rows = Vec::with_capacity(records.len());
    for mut record in records {
        record.params[STAMP] = Value::from(stamp);
        pages.push(record.page);
        rows.push(record.params);
    }
    let answers = tx.query_each(UPSERT, rows).await?;
    for (page, answer) in pages.into_iter().zip(answers) {
        let Some(row) = answer.first() else {
            committed.records_unchanged += 1;
            continue;
        };
        pages_changed.insert(page);
        // Stamps rise with each commit, so only a row of this one can bear this one's.
        if row.time(0)? == stamp {
            committed.records_added += 1;
        } else {
            committed.records_modified += 1;
        }
    }
    Ok(())
}
