//! What the engine may ask of a telematics vendor, and nothing of how it is done.
//!
//! A provider is stateless and does no I/O: for a task it says which HTTP request comes next
//! ([`Provider::request`]) and for the answer what it means ([`Provider::read`]). It has no clock
//! (the answer carries `received_at`), no socket, no store and no randomness, so the same answer
//! always gives the same result: connectors are tested on files alone, and a corrected mapping can
//! be run again over every page ever stored.

pub mod answer;
pub mod battery;
pub mod credentials;
pub mod descriptor;
pub mod error;
pub mod explain;
pub mod live;
pub mod page;
pub mod quota;
pub mod request;
pub mod session;
pub mod task;

pub use answer::Answer;
pub use credentials::{CredentialField, Credentials, FieldKind, Secret};
pub use descriptor::{
    Descriptor, Difference, FeedShape, Grain, OAuthFlow, PartitionBy, Reread, Shape,
    SignalDescriptor, Stream, WatchShape, WindowShape,
};
pub use error::{Excerpt, ProviderError, Unavailability};
pub use explain::{ExplainError, explain};
pub use live::{
    LiveAnswer, LiveCall, LiveEvent, LiveOperation, LiveRow, LiveRows, LiveState, LiveStep,
};
pub use page::{AccountFacts, News, Next, Notice, Page, Withdrawal};
pub use quota::Quota;
pub use request::{Auth, Method, Request};
pub use session::{OAuthApp, Session, SignIn, SignedIn};
pub use task::{Member, Partition, Position, Task};

/// One telematics vendor.
pub trait Provider: Send + Sync + 'static {
    /// Name, credentials, streams, limits and support, as data.
    fn descriptor(&self) -> &'static Descriptor;

    /// The request that comes next for this task. It carries no credentials yet, which is how it is
    /// kept in the raw log.
    fn request(&self, task: &Task<'_>) -> Request;

    /// How this vendor wants a request signed, never logged. `session` is there for the accounts
    /// that [`Provider::sign_in`] asked to be signed in. A request of a client's own (passthrough)
    /// is signed too, whatever its path and body.
    fn authorize(
        &self,
        request: &Request,
        credentials: &Credentials,
        session: Option<&Session>,
    ) -> Result<Auth, ProviderError>;

    /// How this account signs in before anything else is asked; `None` where its credentials sign
    /// requests themselves. `app` is the operator's, where there is one.
    fn sign_in(
        &self,
        _credentials: &Credentials,
        _app: Option<&OAuthApp>,
    ) -> Result<Option<SignIn>, ProviderError> {
        Ok(None)
    }

    /// What the answer to a sign-in means. `asked` is the base URL that it was sent to. Wrong
    /// credentials are [`ProviderError::CredentialsRejected`] here and nowhere else; for a call,
    /// [`ProviderError::SessionEnded`] is all that can be known.
    fn signed_in(
        &self,
        _credentials: &Credentials,
        _asked: &str,
        answer: &Answer<'_>,
    ) -> Result<SignedIn, ProviderError> {
        Err(ProviderError::Refused {
            status: answer.status,
            excerpt: Excerpt::of(b"nobody signs in to this provider"),
        })
    }

    /// What the answer says of the quota that its request counted against, refusals included.
    fn quota(&self, _answer: &Answer<'_>) -> Option<Quota> {
        None
    }

    /// What the answer means.
    fn read(&self, task: &Task<'_>, answer: &Answer<'_>) -> Result<Page, ProviderError>;

    /// The next step of a live call: what to ask first where there is no answer yet, else what
    /// the answer means together with the state that was handed out with its question. A call
    /// that the descriptor does not offer is answered [`ProviderError::Refused`] with status 501.
    fn live(
        &self,
        call: &LiveCall<'_>,
        state: LiveState,
        answer: Option<&Answer<'_>>,
    ) -> Result<LiveStep, ProviderError>;
}
