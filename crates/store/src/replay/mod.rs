//! Mapping stored pages again: the store's part.
//!
//! The engine reads pages ([`log`]), maps them with today's mapping, and tells what they give; the
//! records' part works out what that changes ([`records`]), the history's does so for points (in
//! `history`), and [`write`] commits it under a lease ([`lease`]) like anything else. What is
//! worked out reads the store and writes nothing, so a dry run stops there.
//!
//! Each row remembers the page that last changed it. A page may correct its own rows and those of
//! older pages; rows of newer pages it leaves alone. A row that its page no longer gives is
//! withdrawn with the page's number in `unmapped`, so that a mapping which gives it again brings it
//! back; rows that a sync withdrew stay withdrawn.
//!
//! Absent here: providers, and the order in which pages are taken up.

mod lease;
mod log;
mod records;
mod write;

pub(crate) use lease::ABANDONED;
pub use log::{LoggedPage, LoggedPages};
pub use records::{
    PreparedRecords, RecordCounts, RecordReplay, ReplayedPage, ReplayedWindow, TouchedFact,
};
pub use write::{ReplayCheckpoint, ReplayCommitted};
