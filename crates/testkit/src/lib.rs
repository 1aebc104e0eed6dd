//! What tests of the whole program share: fleets with their truth, databases, a client that checks
//! every answer against the contract.

pub mod api_server;
pub mod client;
pub mod contract;
pub mod databases;
pub mod fleet;
pub mod process;
pub mod records;
pub mod scripted;
pub mod temporary;
pub mod truth;
