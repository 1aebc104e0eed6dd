//! Tests of the whole program: one binary, a module a subject.

mod api;
mod filters;
mod freshness;
mod kill;
mod one_world;
mod replay;
mod sessions;
mod simulation;
mod truth;
mod zones;
