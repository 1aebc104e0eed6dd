//! What a handler is given: who asks, for which connection, with which query.
//!
//! A handler that takes a [`Scope`] is authorised by that: it cannot name another connection than
//! the one whose token came with a key of the same application.

mod admin;
mod caller;
mod query;
mod scope;

pub(crate) use admin::Admin;
pub(crate) use caller::{Caller, OptionalCaller};
pub(crate) use scope::{Scope, WholeLife};

use crate::error::ApiError;

/// The id that a path names; `name` is the parameter's name in the contract.
pub(crate) fn path_id<T: std::str::FromStr<Err = model::ids::IdError>>(
    text: &str,
    name: &str,
) -> Result<T, ApiError> {
    text.parse().map_err(|error: model::ids::IdError| {
        ApiError::malformed(
            format!("{{requestPath}}.{name}"),
            format!("'{name}' is not an id of this kind"),
            format!("Such ids are {} and 26 characters", error.wanted),
        )
    })
}
