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
pub mod request;
pub mod task;

pub use answer::Answer;
pub use credentials::{CredentialField, Credentials, Secret};
pub use descriptor::{
    Descriptor, FeedShape, Grain, PartitionBy, Reread, Shape, SignalDescriptor, Stream, WindowShape,
};
pub use error::{Excerpt, ProviderError, Unavailability};
pub use explain::{ExplainError, explain};
pub use live::{
    LiveAnswer, LiveCall, LiveEvent, LiveOperation, LiveRow, LiveRows, LiveState, LiveStep,
};
pub use page::{AccountFacts, Next, Notice, Page, Withdrawal};
pub use request::{Auth, Request};
pub use task::{Member, Partition, Position, Task};

/// One telematics vendor.
pub trait Provider: Send + Sync + 'static {
    /// Name, credentials, streams, limits and support, as data.
    fn descriptor(&self) -> &'static Descriptor;

    /// The request that comes next for this task. It carries no credentials yet, which is how it is
    /// kept in the raw log.
    fn request(&self, task: &Task<'_>) -> Request;

    /// How this vendor wants a request signed: the header or parameter to add, never logged.
    fn authorize(
        &self,
        request: &Request,
        credentials: &Credentials,
    ) -> Result<Auth, ProviderError>;

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
