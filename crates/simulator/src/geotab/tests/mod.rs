//! What the simulated MyGeotab promises, seen from outside: through its answers.

mod client;
mod feeds;
mod foreign;
mod rows;
mod samples;
mod sessions;
mod truth;
