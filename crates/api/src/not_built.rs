//! Operations of the contract that are not built yet: 501, to those who may call them.

use crate::error::ApiError;
use crate::extract::{Caller, Scope};

/// For operations that the contract calls with a key alone.
pub(crate) async fn for_application(_caller: Caller) -> ApiError {
    ApiError::NotImplemented
}

/// For operations on a connection.
pub(crate) async fn for_connection(_scope: Scope) -> ApiError {
    ApiError::NotImplemented
}
