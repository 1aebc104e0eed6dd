//! Everything that a provider can answer instead of data, as a few meanings.

use std::fmt;
use std::time::Duration;

use model::Timestamp;

/// At most this much of an answer is shown in an error or an issue.
const EXCERPT_CHARS: usize = 200;

/// The beginning of an answer's body, printable and short. Answers to logins never become one.
#[derive(Clone, PartialEq, Eq)]
pub struct Excerpt(String);

impl Excerpt {
    pub fn of(body: &[u8]) -> Excerpt {
        let start = &body[..body.len().min(EXCERPT_CHARS * 4)];
        let text: String = String::from_utf8_lossy(start)
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(EXCERPT_CHARS)
            .collect();
        Excerpt(text)
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unavailability {
    /// 5xx, with the status.
    Status(u16),
    /// No answer in time.
    TimedOut,
    /// No connection, or one that broke.
    Unreachable,
    /// Being moved, or maintained, and signing in anew did not find it.
    Moved,
}

/// The engine decides about each of these in one exhaustive match and reads nothing else.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    #[error("throttled by the provider")]
    Throttled { retry_after: Option<Duration> },
    #[error("the provider is unavailable ({cause:?})")]
    Unavailable { cause: Unavailability },
    #[error("the provider refuses the credentials: {excerpt}")]
    CredentialsRejected { excerpt: Excerpt },
    /// The session that signed the request is no more: a new one may do.
    #[error("the session has ended: {excerpt}")]
    SessionEnded { excerpt: Excerpt },
    /// The account is not to be found where the session says: signing in anew tells where it is.
    #[error("the account is elsewhere or being moved: {excerpt}")]
    Moved { excerpt: Excerpt },
    /// The account may not read this; `scope` in the provider's words.
    #[error("not permitted: {scope}")]
    Forbidden { scope: String },
    /// The account has no licence for this.
    #[error("not included in the account's subscription: {what}")]
    NotEntitled { what: String },
    /// The window or batch was more than one answer may hold.
    #[error("the answer would be too large")]
    TooLarge,
    /// The window begins before what the provider keeps.
    #[error("the provider keeps nothing that old")]
    TooOld { earliest: Option<Timestamp> },
    #[error("the position has expired")]
    PositionExpired,
    /// Not what this connector understands.
    #[error("unexpected answer at {at}: wanted {wanted}: {excerpt}")]
    UnexpectedAnswer {
        at: String,
        wanted: &'static str,
        excerpt: Excerpt,
    },
    /// A refusal of a kind not named above.
    #[error("refused with status {status}: {excerpt}")]
    Refused { status: u16, excerpt: Excerpt },
}
