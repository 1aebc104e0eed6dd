//! What the simulator promises, seen from outside: through its answers.

mod faulty;
mod history;
mod http;
mod physics;
mod reader;
mod samples;
mod wire;
