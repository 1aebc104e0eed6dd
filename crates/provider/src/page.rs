//! What an answer means.

use model::issue::IssueCode;
use model::{Draft, RecordId, SeriesPoints, Window};

use crate::task::{Member, Position};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    pub drafts: Vec<Draft>,
    /// History, straight in columns.
    pub points: Vec<SeriesPoints>,
    pub withdrawals: Vec<Withdrawal>,
    /// Rows that could not be used: counted, shown, never dropped in silence.
    pub notices: Vec<Notice>,
    /// What the page says of the account itself.
    pub account: Option<AccountFacts>,
    /// IANA zones that drivers of this page live in, one entry a driver: where the account names
    /// no zone, the most common one counts.
    pub zones: Vec<String>,
    /// Of watches alone: where what is there has changed.
    pub news: Vec<News>,
    pub next: Next,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Next {
    /// There is more, from here.
    Page(Position),
    /// Nothing more for now; a feed goes on from here next time.
    Later(Position),
    #[default]
    End,
}

/// The provider says that this record is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    pub id: RecordId,
}

/// Rows of this window stream, of this member and in this time, are no longer what they were when
/// they were read. Rounded outwards, so that many members share one window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct News {
    pub stream: &'static str,
    pub member: Member,
    pub window: Window,
}

/// A row that could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub code: IssueCode,
    /// JSON path in the page (`data[3].gps[17].time`).
    pub place: String,
    pub reason: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountFacts {
    pub source_id: Option<String>,
    pub name: Option<String>,
    pub dot_numbers: Vec<String>,
    /// An IANA time zone, where the provider names the account's.
    pub zone: Option<String>,
}
