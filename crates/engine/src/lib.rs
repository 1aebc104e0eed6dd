//! Plans syncs and runs them: the only one that sends requests to providers, waits, retries and
//! commits.
//!
//! Planning is pure ([`plan`], [`intervals`], [`coverage`]): a table in, a list out. Running is
//! async: a worker ([`worker`]) claims a connection through its sync, reads what the plan names
//! ([`run`], [`window`], [`ask`]), gathers it ([`pending`]) and commits it with its intervals. What
//! is done about each thing a provider can answer stands in one table ([`disposition`]).
//!
//! Absent here: SQL, HTTP statuses, anything that knows a provider by name.

mod ask;
mod catalogue;
mod coverage;
mod disposition;
mod engine;
mod intervals;
mod lease;
mod pending;
mod plan;
mod probe;
mod request;
mod run;
mod sizes;
mod window;
mod worker;

pub use catalogue::{CatalogueEntry, catalogue};
pub use engine::{Engine, EngineConfig, EngineParts};
pub use probe::{Probe, ProbePoint};
pub use request::{RequestSyncError, StartFrom, SyncRequest};
