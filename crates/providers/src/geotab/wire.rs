//! What MyGeotab sends, borrowed from the page.
//!
//! Every leaf is a [`Scalar`], every nested object an [`Object`] and whoever a row speaks of a
//! [`Reference`]: a member of the wrong type costs one field or one row, which is reported, and not
//! the page. Lists that rows lie in are not like that: a window that was read proves what it did
//! not list, so a page whose lists are none is refused whole. Members that are not named here are
//! skipped unread.
//!
//! [`envelope`] is what every answer is wrapped in, [`entities`] what listings answer, [`events`]
//! what happened. [`date`] and `scan` are for the rows that come by the million.

pub mod date;
pub mod entities;
pub mod envelope;
pub mod events;
pub mod reference;
mod scan;

pub use crate::json::{Object, Scalar};
pub use reference::Reference;
