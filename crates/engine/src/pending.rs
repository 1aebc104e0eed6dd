//! What was read and not yet committed.
//!
//! Small answers are gathered, so that an empty sync costs one commit and not one for every stream;
//! a gathering is committed when it is large, when it has waited, or when its phase ends. Each
//! commit is whole: the intervals and positions in it speak of exactly the data in it.

use std::collections::BTreeMap;
use std::time::Duration;

use model::issue::IssueCode;
use model::{RecordId, Timestamp, Ulid, Zone};
use provider::{Notice, Page, Position};
use serde::{Deserialize, Serialize};
use store::{
    AccountUpdate, ListingEnd, PageDraft, PagePoints, PositionRow, RawPage, ReadWindow, WindowEnd,
    ZoneSetting, ZoneSource,
};

/// Committed when the pages gathered are this large, decompressed. (Three times as much made
/// ingesting no faster and took a third more memory.)
const LARGE_BYTES: usize = 8 << 20;
/// Or when the first of them has waited this long.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

#[derive(Default)]
pub struct Pending {
    pub pages: Vec<RawPage>,
    pub drafts: Vec<PageDraft>,
    /// With the numbers of the pages that said so.
    withdrawals: Vec<(i64, RecordId)>,
    pub listings: Vec<ListingEnd>,
    pub windows: Vec<WindowEnd>,
    pub points: Vec<PagePoints>,
    pub read: Vec<ReadWindow>,
    pub positions: Vec<PositionRow>,
    pub account: Option<AccountUpdate>,
    bytes: usize,
    since: Option<Timestamp>,
}

impl Pending {
    /// Takes a page in; its drafts belong to `owner`, its notices go to `notices`.
    pub fn take(&mut self, raw: RawPage, page: Page, owner: &'static str, notices: &mut Notices) {
        let (number, stream) = (raw.number, raw.stream);
        self.since.get_or_insert(raw.received_at);
        self.bytes += raw.body.plain_bytes();
        self.drafts
            .extend(page.drafts.into_iter().map(|draft| PageDraft {
                page: number,
                stream: owner,
                draft,
            }));
        self.points
            .extend(page.points.into_iter().map(|points| PagePoints {
                page: number,
                points,
            }));
        let gone = page.withdrawals.into_iter();
        self.withdrawals
            .extend(gone.map(|withdrawal| (number, withdrawal.id)));
        if let Some(account) = page.account {
            self.account = Some(AccountUpdate {
                source_id: account.source_id,
                name: account.name,
                dot_numbers: account.dot_numbers,
                zone: account
                    .zone
                    .and_then(|name| Zone::named(&name))
                    .map(|zone| ZoneSetting {
                        zone,
                        source: ZoneSource::Account,
                    }),
            });
        }
        notices.note(stream, page.notices);
        self.pages.push(raw);
    }

    /// The place of a listing after its last page taken in; a later one of the same stream replaces
    /// it.
    pub fn place(&mut self, row: PositionRow) {
        self.positions
            .retain(|other| (&other.stream, &other.slot) != (&row.stream, &row.slot));
        self.positions.push(row);
    }

    /// What is withdrawn in the end: of a draft and a withdrawal of one record the newer page's
    /// word counts, and the other is dropped.
    pub fn settle_withdrawals(&mut self) -> Vec<RecordId> {
        let mut gone: BTreeMap<RecordId, i64> = BTreeMap::new();
        for (page, id) in self.withdrawals.drain(..) {
            let newest = gone.entry(id).or_insert(page);
            *newest = page.max(*newest);
        }
        for drafted in &self.drafts {
            let id = drafted.draft.id;
            if gone.get(&id).is_some_and(|page| *page < drafted.page) {
                gone.remove(&id);
            }
        }
        self.drafts
            .retain(|drafted| !gone.contains_key(&drafted.draft.id));
        gone.into_keys().collect()
    }

    pub fn is_empty(&self) -> bool {
        self.pages.is_empty()
            && self.positions.is_empty()
            && self.read.is_empty()
            && self.windows.is_empty()
            && self.account.is_none()
    }

    pub fn is_due(&self, now: Timestamp) -> bool {
        self.bytes >= LARGE_BYTES
            || self
                .since
                .is_some_and(|since| now >= since.saturating_add(LONGEST_WAIT))
    }
}

/// Where a listing stands between commits: its continuation, and whom it has named.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct ListingPlace {
    pub after: Option<String>,
    pub seen: Vec<String>,
    /// How many drivers live in which zone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub zones: BTreeMap<String, u32>,
}

impl ListingPlace {
    /// The slot of listings in the positions table.
    pub const SLOT: &'static str = "listing";

    pub fn position(&self) -> Option<Position> {
        self.after.clone().map(Position)
    }

    pub fn row(&self, stream: &str) -> PositionRow {
        let body = serde_json::to_vec(self).expect("texts are always valid JSON");
        PositionRow {
            stream: stream.to_owned(),
            slot: Self::SLOT.to_owned(),
            body,
        }
    }

    pub fn cleared(stream: &str) -> PositionRow {
        PositionRow {
            stream: stream.to_owned(),
            slot: Self::SLOT.to_owned(),
            body: Vec::new(),
        }
    }

    pub fn seen(&self) -> Vec<Ulid> {
        self.seen
            .iter()
            .filter_map(|text| text.parse().ok())
            .collect()
    }
}

/// Rows that could not be used, by stream and reason.
#[derive(Default)]
pub struct Notices {
    counted: BTreeMap<(&'static str, IssueCode), Counted>,
}

struct Counted {
    rows: u64,
    first: Notice,
    told: bool,
}

impl Notices {
    fn note(&mut self, stream: &'static str, notices: Vec<Notice>) {
        for notice in notices {
            let counted = self
                .counted
                .entry((stream, notice.code))
                .or_insert_with(|| Counted {
                    rows: 0,
                    first: notice,
                    told: false,
                });
            counted.rows += 1;
            counted.told = false;
        }
    }

    /// What was not told yet: stream, code, and a sentence with the count so far.
    pub fn take_untold(&mut self) -> Vec<(&'static str, IssueCode, String)> {
        let mut untold = Vec::new();
        for ((stream, code), counted) in &mut self.counted {
            if !std::mem::replace(&mut counted.told, true) {
                let Counted { rows, first, .. } = counted;
                let sentence = format!(
                    "{rows} row(s) could not be used; the first at {}: {}",
                    first.place, first.reason
                );
                untold.push((*stream, *code, sentence));
            }
        }
        untold
    }
}

#[cfg(test)]
mod tests {
    use model::{IdSpace, Model};
    use provider::Withdrawal;
    use store::PageBody;

    use super::*;

    fn ids() -> IdSpace {
        IdSpace {
            connection: "conn_01GV12VR4DJP70GD1ZBK0SDWFH".parse().expect("an id"),
            created_at: Timestamp::from_millis(0),
        }
    }

    fn raw(number: i64) -> RawPage {
        RawPage {
            number,
            group: number,
            stream: "feed",
            request: String::new(),
            task: String::new(),
            received_at: Timestamp::from_millis(number),
            status: 200,
            body: PageBody::Plain(bytes::Bytes::new()),
        }
    }

    #[test]
    fn the_newer_page_decides_whether_a_record_is_gone() {
        let id = ids().record(Model::SafetyEvent, "1");
        let drafts = || Page {
            drafts: vec![model::Draft {
                id,
                natural_key: "1".to_owned(),
                vehicle: None,
                driver: None,
                status: None,
                started_at: None,
                ended_at: None,
                body: "{}".to_owned(),
                raw: Vec::new(),
            }],
            ..Page::default()
        };
        let withdraws = || Page {
            withdrawals: vec![Withdrawal { id }],
            ..Page::default()
        };
        let gathered = |pages: [(i64, Page); 2]| {
            let (mut pending, mut notices) = (Pending::default(), Notices::default());
            for (number, page) in pages {
                pending.take(raw(number), page, "safety", &mut notices);
            }
            (pending.settle_withdrawals(), pending.drafts.len())
        };
        // Windows end in any order, so the older page may be taken in last.
        assert_eq!(gathered([(7, drafts()), (5, withdraws())]), (vec![], 1));
        assert_eq!(gathered([(5, withdraws()), (7, drafts())]), (vec![], 1));
        assert_eq!(gathered([(5, drafts()), (7, withdraws())]), (vec![id], 0));
    }
}
