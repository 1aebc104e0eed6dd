//! How much more may be asked, as providers say in the headers of their answers.

use model::Timestamp;

/// The state of one quota after a request that counted against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Requests that are left until it is filled again.
    pub remaining: u32,
    pub filled_at: Timestamp,
}
