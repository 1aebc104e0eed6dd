//! What a page that is mapped again changes in the records.
//!
//! Pages are taken in the order of their numbers. What they change is gathered row by row and
//! written by [`Store::commit_replay`]; in a dry run it is only kept in mind, so that later pages
//! meet the rows as they would be.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::{ConnectionId, Draft, Model, RecordId, Timestamp, Ulid, VehicleId};

use crate::backend::{Row, Tx, params};
use crate::commit::content_hash;
use crate::{Store, StoreError};

/// Rows that a dry run keeps in mind at most: some hundred megabytes.
const KEPT_IN_MIND_MAX: usize = 1_000_000;

/// What a page gives with today's mapping.
#[derive(Clone, Debug)]
pub struct ReplayedPage {
    pub number: i64,
    /// The stream that owns its records.
    pub owner: &'static str,
    pub drafts: Vec<Draft>,
    /// Records that the page says are gone.
    pub withdrawals: Vec<RecordId>,
}

/// A window all of whose pages were mapped again, for one vehicle or driver. It tells only of rows
/// that changed after it was read, which is what a replay itself brought: what it had to say of
/// the others was heard when it was read.
#[derive(Clone, Debug)]
pub struct ReplayedWindow {
    pub stream: &'static str,
    pub models: &'static [Model],
    pub member: RecordId,
    /// Inclusive, of `started_at`.
    pub from: Timestamp,
    /// Exclusive.
    pub until: Timestamp,
    pub seen: BTreeSet<Ulid>,
    /// The number of its first page.
    pub group: i64,
    pub read_at: Timestamp,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordCounts {
    pub added: u64,
    /// Rows that came back among them.
    pub changed: u64,
    pub withdrawn: u64,
    /// Given as they are stored, or by a page older than the one that last changed them.
    pub unchanged: u64,
}

/// A fact that changed, came or went, by what derivations look for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TouchedFact {
    pub model: Model,
    pub vehicle: VehicleId,
    pub started_at: Timestamp,
}

/// Works out, page by page, what a replay changes. Good only under the lease it was begun under.
#[derive(Debug)]
pub struct RecordReplay {
    connection: ConnectionId,
    dry_run: bool,
    touched: HashMap<RecordId, Touched>,
    /// Touched rows with a time, by model and member.
    by_member: HashMap<(Model, Ulid), BTreeSet<(Timestamp, Ulid)>>,
    facts: BTreeSet<TouchedFact>,
    forgot: bool,
}

/// Rows to be written.
#[derive(Debug, Default)]
pub struct PreparedRecords(pub(super) Vec<Touched>);

impl PreparedRecords {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A row as it is to be.
#[derive(Clone, Debug)]
pub(super) struct Touched {
    pub(super) id: RecordId,
    pub(super) known: Known,
    /// Its content, where that is new.
    pub(super) content: Option<Box<Draft>>,
    pub(super) withdrawal: Withdrawal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Withdrawal {
    /// As it was.
    Kept,
    Lifted,
    Made,
}

/// What is known of a row.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) page: i64,
    pub(super) hash: Vec<u8>,
    pub(super) stream: String,
    vehicle: Option<Ulid>,
    driver: Option<Ulid>,
    started_at: Option<Timestamp>,
    deleted: bool,
    withdrawn: bool,
    /// The page whose replay withdrew it; 0 where none did.
    pub(super) unmapped: i64,
}

macro_rules! known_columns {
    ($rest:literal) => {
        concat!(
            "select model, id, page, content_hash, stream, vehicle, driver, started_at, deleted_at,
             withdrawn_at, unmapped from records where connection = ?1 and ",
            $rest
        )
    };
}

const BY_ID: &str = known_columns!("model = ?2 and id = ?3");
const BY_PAGE: &str = known_columns!("page = ?2");
const BY_VEHICLE: &str = known_columns!(
    "model = ?2 and vehicle = ?3 and started_at is not null and started_at >= ?4
     and started_at < ?5 and stream = ?6 and page < ?7 and modified_at > ?8
     and withdrawn_at is null"
);
const BY_DRIVER: &str = known_columns!(
    "model = ?2 and driver = ?3 and started_at is not null and started_at >= ?4
     and started_at < ?5 and stream = ?6 and page < ?7 and modified_at > ?8
     and withdrawn_at is null"
);

/// What a draft means for the row that it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Unchanged,
    Changed,
    /// It was withdrawn because a mapping did not give it.
    Back,
}

/// The page that is taken up.
#[derive(Clone, Copy, Debug)]
struct PageOf {
    number: i64,
    owner: &'static str,
}

/// A row belongs to the stream that last changed it, and to its page until a later one changes it.
fn judge(known: &Known, page: PageOf, hash: &[u8]) -> Verdict {
    if known.page > page.number || known.stream != page.owner {
        return Verdict::Unchanged;
    }
    if known.unmapped > 0 && known.unmapped <= page.number {
        return Verdict::Back;
    }
    match known.hash == hash {
        true => Verdict::Unchanged,
        false => Verdict::Changed,
    }
}

impl RecordReplay {
    pub fn new(connection: ConnectionId, dry_run: bool) -> RecordReplay {
        RecordReplay {
            connection,
            dry_run,
            touched: HashMap::new(),
            by_member: HashMap::new(),
            facts: BTreeSet::new(),
            forgot: false,
        }
    }

    /// Whether so many rows changed that a dry run could not keep them all in mind: then rows that
    /// several pages change may have been counted more than once.
    pub fn forgot(&self) -> bool {
        self.forgot
    }

    /// Rows that wait to be written.
    pub fn len(&self) -> usize {
        self.touched.len()
    }

    pub fn is_empty(&self) -> bool {
        self.touched.is_empty()
    }

    /// What is to be written since the last call, and which facts that touches. In a dry run there
    /// is nothing to be written.
    pub fn take(&mut self) -> (PreparedRecords, BTreeSet<TouchedFact>) {
        let facts = std::mem::take(&mut self.facts);
        if self.dry_run {
            return (PreparedRecords::default(), facts);
        }
        self.by_member.clear();
        let mut rows: Vec<Touched> = self.touched.drain().map(|(_, row)| row).collect();
        rows.sort_by_key(|row| row.id);
        (PreparedRecords(rows), facts)
    }

    /// Takes up a page; the pages before it were taken up before.
    pub async fn page(
        &mut self,
        store: &Store,
        page: ReplayedPage,
    ) -> Result<BTreeMap<Model, RecordCounts>, StoreError> {
        self.forget_too_many();
        let ReplayedPage {
            number,
            owner,
            drafts,
            withdrawals,
        } = page;
        let page = PageOf { number, owner };
        // Of two rows of one record the later one counts, as in a commit.
        let drafts: BTreeMap<RecordId, Draft> =
            drafts.into_iter().map(|draft| (draft.id, draft)).collect();
        let given: BTreeSet<RecordId> = drafts.keys().copied().collect();
        let asked: Vec<RecordId> = given.iter().chain(&withdrawals).copied().collect();
        let connection = self.connection;
        let (found, own) = store
            .read(move |tx| Box::pin(read_known(tx, connection, asked, number)))
            .await?;
        let mut counts: BTreeMap<Model, RecordCounts> = BTreeMap::new();
        for (id, draft) in drafts {
            let counted = counts.entry(id.model).or_default();
            let hash = content_hash(&draft);
            let Some(known) = self.now_known(&id, &found) else {
                counted.added += 1;
                self.write(page, draft, hash.to_vec(), None);
                continue;
            };
            let verdict = judge(&known, page, &hash);
            if verdict == Verdict::Unchanged {
                counted.unchanged += 1;
                continue;
            }
            counted.changed += 1;
            let known = match verdict {
                Verdict::Back => Known {
                    withdrawn: false,
                    unmapped: 0,
                    ..known
                },
                _ => known,
            };
            self.write(page, draft, hash.to_vec(), Some((known, verdict)));
        }
        for (id, known) in own {
            let known = self.touched.get(&id).map_or(known, |row| row.known.clone());
            let is_own = known.page == page.number && known.stream == page.owner;
            if is_own && !given.contains(&id) && !known.withdrawn {
                counts.entry(id.model).or_default().withdrawn += 1;
                self.withdraw(id, known, page.number);
            }
        }
        for id in &withdrawals {
            if let Some(known) = self.now_known(id, &found)
                && !known.withdrawn
                && known.page < page.number
            {
                counts.entry(id.model).or_default().withdrawn += 1;
                self.withdraw(*id, known, page.number);
            }
        }
        Ok(counts)
    }

    /// Takes up the end of a window, after the last of its pages. Returns what it takes away.
    pub async fn window(
        &mut self,
        store: &Store,
        window: &ReplayedWindow,
    ) -> Result<BTreeMap<Model, u64>, StoreError> {
        let sql = match window.member.model {
            Model::Driver => BY_DRIVER,
            _ => BY_VEHICLE,
        };
        let asked = window.models.iter().map(|model| {
            params![
                self.connection,
                model.name(),
                window.member.ulid,
                window.from,
                window.until,
                window.stream,
                window.group,
                window.read_at,
            ]
            .to_vec()
        });
        let asked = asked.collect();
        let answers = store
            .read(move |tx| Box::pin(async move { tx.query_each(sql, asked).await }))
            .await?;
        let mut gone: BTreeMap<RecordId, Known> = BTreeMap::new();
        for row in answers.iter().flatten() {
            let (id, known) = known_of(row)?;
            if !self.touched.contains_key(&id) {
                gone.insert(id, known);
            }
        }
        for model in window.models {
            let of_member = self.by_member.get(&(*model, window.member.ulid));
            let from = (window.from, Ulid::from_bits(0));
            let until = (window.until, Ulid::from_bits(0));
            for (_, ulid) in of_member
                .into_iter()
                .flat_map(|rows| rows.range(from..until))
            {
                let id = RecordId {
                    model: *model,
                    ulid: *ulid,
                };
                if let Some(row) = self.touched.get(&id)
                    && row.known.stream == window.stream
                    && row.known.page < window.group
                {
                    gone.insert(id, row.known.clone());
                }
            }
        }
        let mut counts: BTreeMap<Model, u64> = BTreeMap::new();
        for (id, known) in gone {
            if !window.seen.contains(&id.ulid) && !known.withdrawn && !known.deleted {
                *counts.entry(id.model).or_default() += 1;
                self.withdraw(id, known, window.group);
            }
        }
        Ok(counts)
    }

    fn now_known(&self, id: &RecordId, stored: &HashMap<RecordId, Known>) -> Option<Known> {
        let touched = self.touched.get(id).map(|row| &row.known);
        touched.or_else(|| stored.get(id)).cloned()
    }

    fn write(
        &mut self,
        page: PageOf,
        draft: Draft,
        hash: Vec<u8>,
        before: Option<(Known, Verdict)>,
    ) {
        let id = draft.id;
        if let Some((known, _)) = &before {
            self.note_fact(id.model, known.vehicle, known.started_at);
        }
        self.note_fact(id.model, draft.vehicle.map(|v| v.0), draft.started_at);
        let known = Known {
            page: page.number,
            hash,
            stream: page.owner.to_owned(),
            vehicle: draft.vehicle.map(|id| id.0),
            driver: draft.driver.map(|id| id.0),
            started_at: draft.started_at,
            deleted: before.as_ref().is_some_and(|(known, _)| known.deleted),
            withdrawn: before.as_ref().is_some_and(|(known, _)| known.withdrawn),
            unmapped: before.as_ref().map_or(0, |(known, _)| known.unmapped),
        };
        let earlier = self.touched.get(&id).map(|row| row.withdrawal);
        let withdrawal = match before {
            Some((_, Verdict::Back)) => Withdrawal::Lifted,
            _ => earlier.unwrap_or(Withdrawal::Kept),
        };
        self.keep(Touched {
            id,
            known,
            content: (!self.dry_run).then(|| Box::new(draft)),
            withdrawal,
        });
    }

    fn withdraw(&mut self, id: RecordId, known: Known, page: i64) {
        self.note_fact(id.model, known.vehicle, known.started_at);
        let content = self.touched.get_mut(&id).and_then(|row| row.content.take());
        self.keep(Touched {
            id,
            known: Known {
                withdrawn: true,
                unmapped: page,
                ..known
            },
            content,
            withdrawal: Withdrawal::Made,
        });
    }

    fn keep(&mut self, row: Touched) {
        if let Some(time) = row.known.started_at {
            for member in [row.known.vehicle, row.known.driver].into_iter().flatten() {
                let of_member = self.by_member.entry((row.id.model, member)).or_default();
                of_member.insert((time, row.id.ulid));
            }
        }
        self.touched.insert(row.id, row);
    }

    fn note_fact(&mut self, model: Model, vehicle: Option<Ulid>, at: Option<Timestamp>) {
        if let (true, Some(vehicle), Some(started_at)) = (model.is_fact(), vehicle, at) {
            self.facts.insert(TouchedFact {
                model,
                vehicle: VehicleId(vehicle),
                started_at,
            });
        }
    }

    fn forget_too_many(&mut self) {
        if self.dry_run && self.touched.len() > KEPT_IN_MIND_MAX {
            self.touched.clear();
            self.by_member.clear();
            self.forgot = true;
        }
    }
}

type FoundRows = (HashMap<RecordId, Known>, Vec<(RecordId, Known)>);

/// The rows with these ids, and those that this page last changed.
async fn read_known(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
    ids: Vec<RecordId>,
    page: i64,
) -> Result<FoundRows, StoreError> {
    let asked = ids
        .into_iter()
        .map(|id| params![connection, id.model.name(), id.ulid].to_vec());
    let answers = tx.query_each(BY_ID, asked.collect()).await?;
    let found = answers.iter().flatten().map(known_of);
    let own = tx.query(BY_PAGE, &params![connection, page]).await?;
    Ok((
        found.collect::<Result<_, _>>()?,
        own.iter().map(known_of).collect::<Result<_, _>>()?,
    ))
}

fn known_of(row: &Row) -> Result<(RecordId, Known), StoreError> {
    let ulid = |column: usize| match row.opt_text(column)? {
        Some(_) => row.parsed(column, |text| text.parse().ok()).map(Some),
        None => Ok(None),
    };
    let id = RecordId {
        model: row.parsed(0, Model::from_name)?,
        ulid: row.parsed(1, |text| text.parse().ok())?,
    };
    let known = Known {
        page: row.i64(2)?,
        hash: row.blob(3)?.to_vec(),
        stream: row.text(4)?.to_owned(),
        vehicle: ulid(5)?,
        driver: ulid(6)?,
        started_at: row.opt_time(7)?,
        deleted: row.opt_i64(8)?.is_some(),
        withdrawn: row.opt_i64(9)?.is_some(),
        unmapped: row.i64(10)?,
    };
    Ok((id, known))
}
