//! What Samsara sends, borrowed from the page.
//!
//! Every leaf is a [`Scalar`] and every nested object an [`Object`]: a member of the wrong type
//! costs one field or one row, which is reported, and not the page. Lists that rows lie in are not
//! like that: a window that was read proves what it did not list, so a page whose lists are none is
//! refused whole. Members that are not named here are skipped unread.
//!
//! [`entities`] has what listings answer, [`stats`] what vehicles report, [`events`] what happened,
//! [`reports`] what was summed.

pub mod entities;
pub mod events;
pub mod reports;
pub mod stats;

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

pub use crate::json::{Object, Scalar};

/// The envelope of every list.
#[derive(Deserialize)]
pub struct List<'a> {
    #[serde(borrow)]
    pub data: Vec<&'a RawValue>,
    #[serde(borrow)]
    pub pagination: Pagination<'a>,
}

/// The same, where rows lie in lists within its elements or `data` is an object.
#[derive(Deserialize)]
pub struct Envelope<'a, T> {
    pub data: T,
    #[serde(borrow)]
    pub pagination: Pagination<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pagination<'a> {
    /// Empty on the last page of a list, set on the last page of a feed.
    #[serde(borrow, default)]
    pub end_cursor: Cow<'a, str>,
    pub has_next_page: bool,
}

/// Whom a row speaks of: `{id, name, …}`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Reference<'a> {
    #[serde(borrow)]
    pub id: Scalar<'a>,
    /// What kind of asset it is, where it is one and that was asked for.
    #[serde(borrow, rename = "type")]
    pub asset_type: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct Place<'a> {
    #[serde(borrow)]
    pub latitude: Scalar<'a>,
    #[serde(borrow)]
    pub longitude: Scalar<'a>,
    #[serde(borrow)]
    pub heading_degrees: Scalar<'a>,
}
