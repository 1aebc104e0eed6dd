//! One synthetic world that knows its truth, and servers that speak a provider's wire format over
//! it.
//!
//! The world ([`World`]) is drawn from a seed; [`samsara::SamsaraServer`] shows it as Samsara
//! would, with the faults that a [`FaultPlan`] switches on; [`Truth`] says what a store must hold
//! after reading all of that. Nothing here is shared with the connectors but the common model: a
//! mistake about the wire format would otherwise be made twice and be found by nobody.

pub mod faults;
pub mod fleet;
pub mod samsara;
pub mod server;
mod shown;
pub mod tls;
pub mod transport;
pub mod truth;

pub use faults::{FaultPlan, FaultPlanError};
pub use fleet::{World, WorldConfig};
pub use samsara::{SamsaraConfig, SamsaraServer, SimAnswer, SimRequest};
pub use server::{ServerHandle, serve, serve_on};
pub use tls::{TlsError, TlsIdentity};
pub use transport::InProcessTransport;
pub use truth::{ServedStat, TrueLocation, TrueSeries, TrueStat, Truth};

#[cfg(test)]
mod tests;
