//! What the simulator promises, seen from outside: through its answers.

mod equipment;
mod faulty;
mod happenings;
mod history;
mod http;
mod oauth;
mod openapi;
mod physics;
mod present;
mod reader;
mod refusals;
mod reports;
mod samples;
mod streams;
mod wire;
