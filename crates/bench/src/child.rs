//! This program a second time, as a server in a process of its own.
//!
//! A server says where it listens, as one line of JSON on its standard output, and ends when its
//! standard input does: whatever becomes of the parent, nothing is left running.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdin, Command, Stdio};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::oneshot;

use crate::error::{BenchError, Doing};

#[derive(Debug)]
pub struct ChildServer<T> {
    /// What it said of itself.
    pub said: T,
    child: Child,
    _standard_input: Option<ChildStdin>,
}

impl<T: DeserializeOwned> ChildServer<T> {
    pub fn start(arguments: &[String]) -> Result<ChildServer<T>, BenchError> {
        let program = std::env::current_exe().doing("finding this program")?;
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .doing("starting a server")?;
        let mut line = String::new();
        if let Some(output) = child.stdout.take() {
            let read = BufReader::new(output).read_line(&mut line);
            read.doing("waiting for a server")?;
        }
        let said = serde_json::from_str(&line).map_err(|_| {
            BenchError::Unexpected(format!(
                "the server `{}` did not start",
                arguments.join(" ")
            ))
        })?;
        let standard_input = child.stdin.take();
        Ok(ChildServer {
            said,
            child,
            _standard_input: standard_input,
        })
    }
}

impl<T> Drop for ChildServer<T> {
    fn drop(&mut self) {
        // One that has ended by itself can be neither killed nor waited for twice.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// For the server's side: tells the parent, and completes when it is gone.
pub fn announce(said: &impl Serialize) -> Result<oneshot::Receiver<()>, BenchError> {
    println!(
        "{}",
        serde_json::to_string(said).map_err(BenchError::unexpected)?
    );
    let (parent_gone, wait) = oneshot::channel();
    std::thread::spawn(move || {
        // An error ends the waiting as the end does.
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        drop(parent_gone);
    });
    Ok(wait)
}
