//! Where a task stands, and what follows a page. The stored texts are frozen.
//!
//! A feed stands at a version, a listing by seek at the last id, and a window whose rows need
//! others to be understood at what is to be asked beside them ([`Step`]).

use provider::{Next, Position, ProviderError, Shape, Task};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Reading;
use super::errors::unexpected;
use super::wire::{Object, Scalar};

/// The most rows that a page of a feed has; more would be cut to this.
pub const FEED_LIMIT: usize = 50_000;
/// The most devices and users that are listed at once, whatever is asked for.
pub const SEEK_LIMIT: usize = 5_000;

/// The version or the id to go on from.
pub fn text<'t>(task: &Task<'t>) -> Option<&'t str> {
    task.position.map(|position| position.0.as_str())
}

/// What follows a page of a feed. A full one that did not move would be asked for for ever.
pub fn after_feed(
    reading: &Reading<'_>,
    rows: usize,
    to_version: &str,
) -> Result<Next, ProviderError> {
    let stays = text(reading.task) == Some(to_version);
    if to_version.is_empty() || (stays && rows >= FEED_LIMIT) {
        return Err(unexpected(
            reading.answer,
            "result.toVersion",
            "a new version after a full page",
        ));
    }
    let position = Position(to_version.to_owned());
    Ok(match rows >= FEED_LIMIT {
        true => Next::Page(position),
        false => Next::Later(position),
    })
}

/// What follows a page of a listing that is sorted by id: the page behind its last row, and the end
/// only where there is none.
pub fn after_seek(reading: &Reading<'_>, rows: &[&RawValue]) -> Result<Next, ProviderError> {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Identified<'a> {
        #[serde(borrow)]
        id: Scalar<'a>,
    }
    let Some(last) = rows.last() else {
        return Ok(Next::End);
    };
    if let Ok(Object::Present(row)) = serde_json::from_str::<Object<Identified<'_>>>(last.get())
        && let Scalar::Text(id) = row.id
        && !id.is_empty()
        && text(reading.task) != Some(id.as_ref())
    {
        return Ok(Next::Page(Position(id.into_owned())));
    }
    Err(unexpected(
        reading.answer,
        "the id of the last row",
        "a new id, behind which the next page begins",
    ))
}

/// Where a window stands whose rows are asked for again, together with what explains them: the page
/// then holds all that its records are made of. In the order of the list; what follows is behind
/// its last element.
pub trait Step: Serialize + for<'de> Deserialize<'de> {}

impl<T: Serialize + for<'de> Deserialize<'de>> Step for Vec<T> {}

/// What is asked beside the rows; nothing on the first page, and where the position is not one of
/// these (then the window begins anew).
pub fn step<T>(task: &Task<'_>) -> Vec<T>
where
    Vec<T>: Step,
{
    match (&task.stream.shape, text(task)) {
        (Shape::Window(_), Some(text)) => serde_json::from_str(text).unwrap_or_default(),
        _ => Vec::new(),
    }
}

pub fn after_step<T>(steps: &Vec<T>) -> Next
where
    Vec<T>: Step,
{
    match serde_json::to_string(steps) {
        Ok(text) if !steps.is_empty() => Next::Page(Position(text)),
        _ => Next::End,
    }
}
