//! What the outside gives us: time, chance, and answers to HTTP requests.
//!
//! Only this crate reads a clock, draws randomness or opens a connection. Everything else receives
//! a [`Clock`], an [`Entropy`] and a [`Transport`] as arguments, so that a test decides all three
//! and a seed repeats a failure.

pub mod clock;
pub mod entropy;
pub mod http;
pub mod transport;

pub use clock::{Clock, ManualClock, SystemClock, VirtualClock};
pub use entropy::{Entropy, Rng, SeededEntropy, SystemEntropy};
pub use http::{Encoding, HttpAnswer, HttpRequest, Method, Reach, Transport, TransportError};
pub use transport::{RealTransport, RealTransportConfig, inflate};
