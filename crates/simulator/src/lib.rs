//! One synthetic world that knows its truth, and servers that speak a provider's wire format over
//! it.
//!
//! The world ([`World`]) is drawn from a seed; [`samsara::SamsaraServer`] shows it as Samsara
//! would, with the faults that a [`FaultPlan`] switches on; its [`Truth`] says what a store must
//! hold after reading all of that. Nothing here is shared with the connectors but the common model:
//! a mistake about the wire format would otherwise be made twice and be found by nobody.

pub mod exchange;
pub mod faults;
pub mod fleet;
pub mod geotab;
mod manner;
pub mod motive;
mod oauth;
pub mod samsara;
pub mod server;
mod shown;
pub mod tls;
pub mod transport;
pub mod truth;
pub mod vendor;

pub use exchange::{ProviderServer, SimAnswer, SimRequest};
pub use faults::{FaultPlan, FaultPlanError};
pub use fleet::{World, WorldConfig};
pub use geotab::{GeotabConfig, GeotabServer, GeotabTruth};
pub use motive::{MotiveConfig, MotiveServer, MotiveTruth};
pub use oauth::{AppConfig, USUAL_LINK_URL};
pub use samsara::{SamsaraConfig, SamsaraServer, SamsaraTruth};
pub use server::{ServerHandle, serve, serve_on};
pub use tls::{TlsError, TlsIdentity};
pub use transport::InProcessTransport;
pub use truth::{ServedStat, SimulatedProvider, TrueLocation, TrueSeries, TrueStat, Truth};
pub use vendor::{UnknownVendor, Vendor, VendorOptions};

#[cfg(test)]
mod tests;
