//! Plans syncs and runs them: the only one that sends requests to providers, waits, retries and
//! commits.
//!
//! Planning is pure ([`plan`], [`intervals`], [`coverage`]): a table in, a list out. Running is
//! async: a worker ([`worker`]) claims a connection through its sync, reads what the plan names
//! ([`run`], [`window`], [`ask`]), gathers it ([`pending`]) and commits it with its intervals. What
//! is done about each thing a provider can answer stands in one table ([`disposition`]).
//!
//! What a client asks of the provider at the moment of its call goes another way and stores
//! nothing: [`live`] and [`live_call`], shared by equal calls ([`flights`]), and [`passthrough`].
//!
//! Absent here: SQL, HTTP statuses, anything that knows a provider by name.

mod access;
mod ask;
mod catalogue;
mod checkpoint;
mod consent;
mod coverage;
mod derive;
mod disposition;
mod engine;
mod erasing;
mod faults;
mod feed;
mod flights;
mod intervals;
mod lease;
mod link_urls;
mod listing;
mod live;
mod live_call;
mod members;
mod passthrough;
mod pending;
mod plan;
mod probe;
mod replay;
mod request;
mod retention;
mod run;
mod sizes;
mod slices;
mod task_record;
mod window;
mod windows;
mod worker;

pub use catalogue::{CatalogueEntry, catalogue, catalogue_entry};
pub use consent::{Consent, ConsentError, Consented, PUBLIC_TOKEN_LIFE};
pub use engine::{Engine, EngineConfig, EngineParts};
pub use erasing::DELETION_GRACE;
pub use link_urls::LinkUrls;
pub use live::{Live, LiveError};
pub use passthrough::{PassthroughAnswer, PassthroughRefusal, PassthroughRequest};
pub use probe::{Probe, ProbePoint};
/// What the API says to the engine about live calls.
pub use provider::{
    CredentialField, FieldKind, LiveEvent, LiveOperation, LiveRow, LiveRows, Member, OAuthApp,
    Partition,
};
pub use replay::{
    PageSummary, PointSummary, RecordSummary, ReplayError, ReplayPhase, ReplayRequest, ReplayState,
    ReplayStatus, ReplaySummary, StreamSummary,
};
pub use request::{RequestSyncError, StartFrom, SyncRequest};
pub use world::{Entropy, Method};
