//! What the engine does about each thing that a provider can answer. Nothing else decides it.

use std::time::Duration;

use model::Timestamp;
use model::issue::IssueCode;
use provider::{Excerpt, ProviderError, Unavailability};
use world::TransportError;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// Ask again after the provider's own delay, or a growing one.
    Wait(Option<Duration>),
    /// Ask again after a growing pause; the attempt fails when that does not help.
    Retry,
    /// The account's owner must sign in again.
    Disconnect,
    /// An issue; the stream is left out for the rest of this sync.
    LeaveStream(IssueCode),
    /// Ask for less at once.
    Halve,
    /// Ask only from here on; an issue says what is missing.
    Clamp(Option<Timestamp>),
    /// Begin this reading anew.
    Restart,
    /// Ask again a few times; then an issue with the excerpt, and this window stays open.
    Quarantine(IssueCode),
}

pub fn disposition(error: &ProviderError) -> Disposition {
    match error {
        ProviderError::Throttled { retry_after } => Disposition::Wait(*retry_after),
        ProviderError::Unavailable { .. } => Disposition::Retry,
        // A new session was tried by then ([`crate::access`]).
        ProviderError::Moved { .. } => Disposition::Retry,
        ProviderError::SessionEnded { .. } | ProviderError::CredentialsRejected { .. } => {
            Disposition::Disconnect
        }
        ProviderError::Forbidden { .. } => Disposition::LeaveStream(IssueCode::PermissionMissing),
        ProviderError::NotEntitled { .. } => {
            Disposition::LeaveStream(IssueCode::SubscriptionRequired)
        }
        ProviderError::TooLarge => Disposition::Halve,
        ProviderError::TooOld { earliest } => Disposition::Clamp(*earliest),
        ProviderError::PositionExpired => Disposition::Restart,
        ProviderError::UnexpectedAnswer { .. } => {
            Disposition::Quarantine(IssueCode::ProviderSourceDataInvalid)
        }
        ProviderError::Refused { .. } => {
            Disposition::Quarantine(IssueCode::ProviderDataInaccessible)
        }
    }
}

/// What it means that there is no answer at all.
pub fn unanswered(error: TransportError) -> ProviderError {
    let unavailable = |cause| ProviderError::Unavailable { cause };
    match error {
        TransportError::TimedOut { .. } => unavailable(Unavailability::TimedOut),
        TransportError::Connect { .. } | TransportError::Interrupted { .. } => {
            unavailable(Unavailability::Unreachable)
        }
        TransportError::TooLarge { .. } => ProviderError::TooLarge,
        TransportError::NotPublic { .. } => ProviderError::Refused {
            status: 0,
            excerpt: Excerpt::of(error.to_string().as_bytes()),
        },
        TransportError::Unsendable { reason } => ProviderError::Refused {
            status: 0,
            excerpt: Excerpt::of(reason.as_bytes()),
        },
    }
}
