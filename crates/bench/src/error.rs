//! What can end a measurement.

use std::fmt::Display;

#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    #[error(transparent)]
    Store(#[from] store::StoreError),
    #[error(transparent)]
    Transport(#[from] world::TransportError),
    #[error(transparent)]
    Request(#[from] engine::RequestSyncError),
    #[error(transparent)]
    Provider(#[from] provider::ProviderError),
    #[error("{doing}: {source}")]
    Io {
        doing: String,
        source: std::io::Error,
    },
    /// What was measured did something else than what is measured.
    #[error("{0}")]
    Unexpected(String),
}

impl BenchError {
    pub fn unexpected(what: impl Display) -> BenchError {
        BenchError::Unexpected(what.to_string())
    }
}

/// Says what was being done when input or output failed.
pub trait Doing<T> {
    fn doing(self, what: impl Into<String>) -> Result<T, BenchError>;
}

impl<T> Doing<T> for std::io::Result<T> {
    fn doing(self, what: impl Into<String>) -> Result<T, BenchError> {
        self.map_err(|source| BenchError::Io {
            doing: what.into(),
            source,
        })
    }
}
