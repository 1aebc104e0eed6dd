//! Logs: one line an event, on standard error, as text for people or JSON for machines.

use std::io::IsTerminal;

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::config::{LogFormat, LogSection};

/// To be called once; a second call changes nothing.
pub fn start(log: &LogSection) {
    // The configuration has checked the text.
    let level: Targets = log.level.parse().unwrap_or_default();
    let layer = match log.format {
        LogFormat::Text => fmt::layer()
            .with_writer(std::io::stderr)
            .with_ansi(std::io::stderr().is_terminal())
            .boxed(),
        LogFormat::Json => fmt::layer()
            .json()
            .flatten_event(true)
            .with_writer(std::io::stderr)
            .boxed(),
    };
    let subscriber = tracing_subscriber::registry().with(layer.with_filter(level));
    // It fails only when there is one already.
    let _first = subscriber.try_init();
}
