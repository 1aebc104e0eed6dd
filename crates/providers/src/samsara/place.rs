//! Where a task stands, and what follows a page.

use provider::{Answer, Next, Position, ProviderError, Shape, Task};

use super::Endpoint;
use super::errors::unexpected;
use super::wire::Pagination;

/// Which drivers: without the second sweep the deactivated ones are invisible, and nearly half of
/// a real tenant's drivers were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sweep {
    Active,
    Deactivated,
}

impl Sweep {
    pub fn asked_as(self) -> &'static str {
        match self {
            Sweep::Active => "active",
            Sweep::Deactivated => "deactivated",
        }
    }
}

/// Where a task stands. The stored text is the cursor itself, and where drivers are swept twice the
/// sweep, a colon and the cursor (`deactivated:` begins the second sweep): frozen.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub sweep: Sweep,
    /// Empty at the start of a sweep.
    pub cursor: &'a str,
}

impl<'a> Place<'a> {
    pub fn of(task: &Task<'a>) -> Place<'a> {
        let text = task.position.map_or("", |position| position.0.as_str());
        let is_swept = Endpoint::of(task.stream).is_swept();
        let (sweep, cursor) = match (is_swept, text.split_once(':')) {
            (true, Some(("active", cursor))) => (Sweep::Active, cursor),
            (true, Some(("deactivated", cursor))) => (Sweep::Deactivated, cursor),
            // A position without a sweep was not made here: sent as it is, Samsara refuses it and
            // the stream begins anew.
            _ => (Sweep::Active, text),
        };
        Place { sweep, cursor }
    }

    /// The position of `cursor` in this sweep.
    fn at(&self, task: &Task<'_>, cursor: &str) -> Position {
        match Endpoint::of(task.stream).is_swept() {
            true => Position(format!("{}:{cursor}", self.sweep.asked_as())),
            false => Position(cursor.to_owned()),
        }
    }

    /// What follows when this sweep has ended.
    fn next_sweep(&self, task: &Task<'_>) -> Option<Position> {
        let second = Place {
            sweep: Sweep::Deactivated,
            cursor: "",
        };
        match (Endpoint::of(task.stream).is_swept(), self.sweep) {
            (true, Sweep::Active) => Some(second.at(task, "")),
            _ => None,
        }
    }
}

/// What follows this page. The cursor of a last page is empty on lists and set on feeds, so it says
/// nothing about the end: only `hasNextPage` does, and a page in the middle may be empty.
pub fn next(
    task: &Task<'_>,
    answer: &Answer<'_>,
    pagination: &Pagination<'_>,
) -> Result<Next, ProviderError> {
    let place = Place::of(task);
    let cursor = pagination.end_cursor.as_ref();
    match cursor_after(answer, pagination, place.cursor)? {
        Some(cursor) => Ok(Next::Page(place.at(task, cursor))),
        None if matches!(task.stream.shape, Shape::Feed(_)) => {
            // Without a new cursor the feed goes on from the one it was asked with.
            let from = if cursor.is_empty() {
                place.cursor
            } else {
                cursor
            };
            Ok(Next::Later(place.at(task, from)))
        }
        None => Ok(place.next_sweep(task).map_or(Next::End, Next::Page)),
    }
}

/// The cursor of the next page. One that is empty or was just sent would loop.
pub fn cursor_after<'p>(
    answer: &Answer<'_>,
    pagination: &'p Pagination<'_>,
    sent: &str,
) -> Result<Option<&'p str>, ProviderError> {
    let cursor = pagination.end_cursor.as_ref();
    if !pagination.has_next_page {
        return Ok(None);
    }
    if cursor.is_empty() || cursor == sent {
        return Err(unexpected(
            answer,
            "pagination.endCursor",
            "a new cursor, as hasNextPage is true",
        ));
    }
    Ok(Some(cursor))
}
