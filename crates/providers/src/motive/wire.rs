//! What Motive sends, borrowed from the page.
//!
//! Every leaf is a [`Scalar`] and every nested object an [`Object`]: a member of the wrong type
//! costs one field or one row, which is reported, and not the page. Lists that rows lie in are not
//! like that: a window that was read proves what it did not list, so a page whose lists are none is
//! refused whole. Members that are not named here are skipped unread.
//!
//! [`envelope`] opens pages and the one-key objects that rows are wrapped in; [`entities`],
//! [`events`] and [`reports`] have the rows.

pub mod entities;
pub mod envelope;
pub mod events;
pub mod reports;

use std::borrow::Cow;

use serde::Deserialize;

pub use crate::json::{Object, Scalar};

/// Numbers beyond are not exact, and an id that is not exact is somebody else's.
const FIRST_INEXACT: f64 = 9_007_199_254_740_992.0;

impl Scalar<'_> {
    /// An id as decimal text: the same one is a number here and a text there. Letters are of the
    /// ids of positions; anything else is no id.
    pub fn id(&self) -> Option<Cow<'_, str>> {
        match self {
            Scalar::Number(number) => {
                let is_id = *number > 0.0 && *number < FIRST_INEXACT && number.fract() == 0.0;
                is_id.then(|| Cow::Owned(format!("{number:.0}")))
            }
            Scalar::Text(text) => {
                let text = text.trim();
                let is_id = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
                (!text.is_empty() && text.bytes().all(is_id)).then_some(Cow::Borrowed(text))
            }
            _ => None,
        }
    }
}

/// Whom a row speaks of: `{id, number, …}`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Reference<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    /// Of vehicles: whether the numbers beside them are litres and kilometres.
    #[serde(borrow)]
    pub metric_units: Scalar<'a>,
}
