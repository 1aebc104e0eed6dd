//! The HTTP API: `/tsp/v1`, which clients of the Terminal telematics API speak, and `/admin/v1`,
//! which the operator's own commands speak to the running server.
//!
//! A request passes [`middleware`] (its id, the deadline, compression), then the extractors of
//! [`extract`], which say who asks and for which connection, then a handler of a few lines that
//! reads its parameters through [`query`] and asks the store or the engine. Whatever goes wrong is
//! an [`ApiError`], and only that type knows how it looks outside.
//!
//! Absent here: SQL, providers, clocks and chance (the engine's handle carries both), and any
//! knowledge of how a sync runs.

pub mod admin;
mod assignments;
mod body;
mod camera_media;
mod compression;
mod config;
mod connection_patch;
mod connections;
mod cursor;
pub mod description;
mod devices;
mod docs;
mod drivers;
mod error;
mod expand;
mod extract;
mod fault_codes;
mod groups;
mod history;
mod hos;
mod ifta;
mod issues;
mod json;
mod link_options;
mod live;
mod locations;
mod middleware;
mod nearest;
mod parameters;
mod passthrough;
mod points;
mod providers;
mod public_token;
mod query;
mod rate_limit;
mod records;
mod reply;
mod router;
mod safety;
mod serve;
mod short_links;
mod stats;
mod sync_request;
mod syncs;
mod trailers;
mod trips;
mod utilization;
mod vehicles;
mod visibility;

pub use config::{Api, ApiConfig, UnknownParameters};
pub use error::ApiError;
pub use router::router;
pub use serve::{ServeLimits, serve, serve_within};

use std::sync::Arc;

/// What every handler and extractor is given.
pub(crate) type Shared = Arc<router::Served>;
