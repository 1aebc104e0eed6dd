//! What can go wrong with a command: what happened, where, and what to do about it.

use std::process::ExitCode;

use provider::ExplainError;
use store::StoreError;

use crate::config::ConfigErrors;

#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    #[error("{0}")]
    Config(#[from] ConfigErrors),
    /// The command line asks for something that does not exist.
    #[error("{0}")]
    Usage(String),
    #[error("{path}: {reason}")]
    File { path: String, reason: String },
    #[error(
        "cannot listen on {address}: {reason}; choose another address, or port 0 for any free one"
    )]
    Listen { address: String, reason: String },
    /// Never with what it printed.
    #[error("{from}: {reason}")]
    MasterKeyCommand { from: &'static str, reason: String },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("requests cannot be sent: {0}")]
    Transport(#[from] world::TransportError),
    /// The admin API said no.
    #[error("{message}{}", details(.detail))]
    Refused {
        message: String,
        detail: Vec<String>,
    },
    #[error("the server at {base_url} gave an answer that is not understood (status {status})")]
    UnknownAnswer { base_url: String, status: u16 },
    #[error("the server at {base_url} does not answer: {reason}")]
    ServerSilent { base_url: String, reason: String },
    #[error(transparent)]
    Request(#[from] engine::RequestSyncError),
    #[error("{sync} failed: {reason}")]
    SyncFailed { sync: String, reason: String },
    #[error("the replay failed: {reason}")]
    ReplayFailed { reason: String },
    #[error(transparent)]
    Explain(#[from] ExplainError),
    #[error("the simulator cannot start: {0}")]
    Simulator(String),
    #[error("the terminal or pipe is closed: {0}")]
    Output(std::io::Error),
    #[error("the server stopped: {0}")]
    Serve(std::io::Error),
}

fn details(detail: &[String]) -> String {
    detail.iter().map(|line| format!("\n  {line}")).collect()
}

impl CommandError {
    pub fn file(path: &std::path::Path, error: &std::io::Error) -> CommandError {
        CommandError::File {
            path: path.display().to_string(),
            reason: error.to_string(),
        }
    }

    /// 2 when the command line or the configuration is wrong, else 1.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            CommandError::Config(_)
            | CommandError::Usage(_)
            | CommandError::Explain(ExplainError::UnknownStream { .. }) => ExitCode::from(2),
            _ => ExitCode::FAILURE,
        }
    }
}
