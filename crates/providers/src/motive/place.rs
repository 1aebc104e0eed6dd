//! Where a task stands, and what follows a page.
//!
//! Positions are stored: their texts are frozen. A text that was not made here begins the walk
//! anew.

use std::fmt;
use std::time::Duration;

use model::Timestamp;
use provider::{Answer, Next, Position, ProviderError, Task};

use super::errors::unexpected;
use super::wire::envelope::Page;

/// A page of a list and how many rows the list had when the walk began: `2/130`. Where the number
/// changes under the walk, rows have moved from page to page and some may have been skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Walk {
    /// From 1 on.
    pub page: u64,
    total: Option<u64>,
}

impl Walk {
    pub const FIRST: Walk = Walk {
        page: 1,
        total: None,
    };

    fn parse(text: &str) -> Option<Walk> {
        let (page, total) = text.split_once('/')?;
        Some(Walk {
            page: page.parse().ok().filter(|page| *page > 0)?,
            total: match total {
                "" => None,
                total => Some(total.parse().ok()?),
            },
        })
    }

    pub fn of(task: &Task<'_>) -> Walk {
        let walk = task.position.and_then(|at| Walk::parse(&at.0));
        walk.unwrap_or(Walk::FIRST)
    }

    /// The next page of the same list, if there is one. A page past the end is empty and no error,
    /// so an empty page that promises more would go on for ever.
    pub fn next(self, answer: &Answer<'_>, page: &Page<'_>) -> Result<Option<Walk>, ProviderError> {
        const AT: &str = "pagination";
        let Some(paged) = page.pagination else {
            return Err(unexpected(answer, AT, "how many rows there are"));
        };
        if self.total.is_some_and(|total| total != paged.total) {
            return Err(ProviderError::PositionExpired);
        }
        if paged.page_no < self.page {
            return Err(unexpected(answer, AT, "the page that was asked for"));
        }
        if paged.page_no.saturating_mul(paged.per_page) >= paged.total {
            return Ok(None);
        }
        if page.rows.is_empty() {
            return Err(unexpected(answer, page.list, "rows, as `total` says"));
        }
        Ok(Some(Walk {
            page: paged.page_no.saturating_add(1),
            total: Some(paged.total),
        }))
    }
}

impl fmt::Display for Walk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/", self.page)?;
        self.total.map_or(Ok(()), |total| write!(f, "{total}"))
    }
}

/// That a page is all there is, for answers that can only be understood whole.
pub fn whole(answer: &Answer<'_>, page: &Page<'_>) -> Result<(), ProviderError> {
    if Walk::FIRST.next(answer, page)?.is_none() {
        return Ok(());
    }
    let per_page = page.pagination.map_or(0, |paged| paged.per_page);
    match u64::try_from(page.rows.len()) {
        Ok(rows) if rows >= per_page => Err(ProviderError::TooLarge),
        _ => Err(unexpected(
            answer,
            page.list,
            "a full page, as there are more",
        )),
    }
}

/// What follows a page of a task that walks one list.
pub fn next(task: &Task<'_>, answer: &Answer<'_>, page: &Page<'_>) -> Result<Next, ProviderError> {
    let next = Walk::of(task).next(answer, page)?;
    Ok(next.map_or(Next::End, |walk| Next::Page(Position(walk.to_string()))))
}

/// Safety events come in two lists, read one after the other: `speeding 2/130`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SafetyList {
    Performance,
    Speeding,
}

const PERFORMANCE: &str = "performance";
const SPEEDING: &str = "speeding";

impl SafetyList {
    fn name(self) -> &'static str {
        match self {
            SafetyList::Performance => PERFORMANCE,
            SafetyList::Speeding => SPEEDING,
        }
    }

    pub fn of(task: &Task<'_>) -> (SafetyList, Walk) {
        let place = task.position.and_then(|at| at.0.split_once(' '));
        let place = place.and_then(|(list, walk)| {
            let list = match list {
                PERFORMANCE => SafetyList::Performance,
                SPEEDING => SafetyList::Speeding,
                _ => return None,
            };
            Some((list, Walk::parse(walk)?))
        });
        place.unwrap_or((SafetyList::Performance, Walk::FIRST))
    }

    /// What follows a page: the next one, or the other list.
    pub fn next(self, walk: Option<Walk>) -> Next {
        let (list, walk) = match (self, walk) {
            (list, Some(walk)) => (list, walk),
            (SafetyList::Performance, None) => (SafetyList::Speeding, Walk::FIRST),
            (SafetyList::Speeding, None) => return Next::End,
        };
        Next::Page(Position(format!("{} {walk}", list.name())))
    }
}

/// So much earlier than its last reading a feed asks again: nothing says that what is changed is
/// listed in the same instant.
const FEED_OVERLAP: Duration = Duration::from_secs(600);

/// Changes since a time: `2026-03-01T08:00:00.000Z` between readings, and within one its page and
/// when it was begun besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedPlace {
    pub since: Timestamp,
    pub walk: Walk,
    begun_at: Option<Timestamp>,
}

impl FeedPlace {
    pub fn of(task: &Task<'_>) -> FeedPlace {
        let known = task.position.and_then(|at| FeedPlace::parse(&at.0));
        known.unwrap_or_else(|| {
            let begun = task.window.map_or(Timestamp::MIN, |window| window.from);
            FeedPlace {
                since: begun.saturating_sub(FEED_OVERLAP),
                walk: Walk::FIRST,
                begun_at: None,
            }
        })
    }

    fn parse(text: &str) -> Option<FeedPlace> {
        let mut parts = text.split(' ');
        let since = Timestamp::parse(parts.next()?)?;
        let Some(walk) = parts.next() else {
            return Some(FeedPlace {
                since,
                walk: Walk::FIRST,
                begun_at: None,
            });
        };
        Some(FeedPlace {
            since,
            walk: Walk::parse(walk)?,
            begun_at: Some(Timestamp::parse(parts.next()?)?),
        })
    }

    pub fn next(self, received_at: Timestamp, walk: Option<Walk>) -> Next {
        let begun_at = self.begun_at.unwrap_or(received_at);
        match walk {
            Some(walk) => Next::Page(Position(format!("{} {walk} {begun_at}", self.since))),
            None => Next::Later(Position(begun_at.saturating_sub(FEED_OVERLAP).to_string())),
        }
    }
}

/// How many days more a driver's statuses are asked for on either side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// The driver's own id.
    pub driver: String,
    pub days_back: u32,
    pub days_ahead: u32,
}

const ALONE: &str = "alone ";

/// Drivers of a batch whose statuses reach beyond what was asked, to be asked alone, one after the
/// other: `alone 88001:60:0,88002:45:45`. Empty for the batch itself.
pub fn reaches(task: &Task<'_>) -> Vec<Reach> {
    let Some(list) = task.position.and_then(|at| at.0.strip_prefix(ALONE)) else {
        return Vec::new();
    };
    let reach = |text: &str| {
        let mut parts = text.split(':');
        Some(Reach {
            driver: parts.next()?.to_owned(),
            days_back: parts.next()?.parse().ok()?,
            days_ahead: parts.next()?.parse().ok()?,
        })
    };
    list.split(',').filter_map(reach).collect()
}

pub fn next_reach(reaches: &[Reach]) -> Next {
    if reaches.is_empty() {
        return Next::End;
    }
    let texts: Vec<String> = reaches
        .iter()
        .map(|reach| format!("{}:{}:{}", reach.driver, reach.days_back, reach.days_ahead))
        .collect();
    Next::Page(Position(format!("{ALONE}{}", texts.join(","))))
}
