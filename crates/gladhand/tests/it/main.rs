//! Tests of the whole program: one binary, a module a subject.

mod admin_door;
mod api;
mod consent;
mod edges;
mod erasure;
mod filters;
mod freshness;
mod kill;
mod licences;
mod lifecycle;
mod one_world;
mod replay;
mod secrets;
mod security_document;
mod sessions;
mod simulation;
mod tenants;
mod transport;
mod truth;
mod zones;
