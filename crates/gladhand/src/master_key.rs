//! Fetches the vault's master key from where the configuration says that it is kept.
//!
//! What a command prints is the key: it is never shown, whatever went wrong with it, and neither is
//! what it says on its standard error, which would end in the log.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use model::Secret;
use store::{MasterKey, StoreError};
use world::Entropy;

use crate::config::MasterKeySource;
use crate::data_directory::DataDirectory;
use crate::error::CommandError;

/// The key of the configuration that holds the command.
const COMMAND_KEY: &str = "vault.master_key_command";
/// A key is 64 digits: more is something else.
const MOST_OUTPUT_BYTES: u64 = 4_096;
/// Enough for one that asks a server far away.
const PATIENCE: Duration = Duration::from_secs(30);

/// Makes the key file where one is to be used and there is none.
pub fn fetch(
    source: &MasterKeySource,
    data: &DataDirectory,
    entropy: &dyn Entropy,
) -> Result<MasterKey, CommandError> {
    match source {
        MasterKeySource::DataDirectory => of_file(&data.vault_key(), entropy),
        MasterKeySource::File(path) => of_file(path, entropy),
        MasterKeySource::Text(text) => of_text(text, "vault.master_key"),
        MasterKeySource::Command(line) => of_command(line, COMMAND_KEY),
    }
}

pub fn of_file(path: &Path, entropy: &dyn Entropy) -> Result<MasterKey, CommandError> {
    let mut new_key = [0; 32];
    entropy.fill(&mut new_key);
    Ok(MasterKey::open_file(path, new_key).map_err(StoreError::from)?)
}

fn of_text(text: &Secret, from: &str) -> Result<MasterKey, CommandError> {
    Ok(MasterKey::from_text(text, from).map_err(StoreError::from)?)
}

/// The key that a shell's command line prints; `from` names the line in errors.
pub fn of_command(line: &str, from: &'static str) -> Result<MasterKey, CommandError> {
    let wrong = |reason: String| CommandError::MasterKeyCommand { from, reason };
    let mut child = Command::new("sh")
        .args(["-c", line])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| wrong(format!("it cannot be run: {error}")))?;
    let output = child.stdout.take().expect("it was asked to be a pipe");
    let (sender, receiver) = mpsc::channel();
    // A thread, because reading a pipe has no time-out.
    std::thread::spawn(move || {
        let mut text = String::new();
        let read = output.take(MOST_OUTPUT_BYTES).read_to_string(&mut text);
        // Nobody listens any more when it took too long.
        let _heard = sender.send(read.map(|_| Secret::new(text)));
    });
    let Ok(text) = receiver.recv_timeout(PATIENCE) else {
        if let Err(error) = child.kill() {
            tracing::warn!(%error, "a command that took too long goes on");
        }
        let seconds = PATIENCE.as_secs();
        return Err(wrong(format!("it did not end within {seconds} seconds")));
    };
    let ended = child.wait().map_err(|error| wrong(error.to_string()))?;
    if !ended.success() {
        return Err(wrong(format!(
            "it failed ({ended}); run it by hand to see what it says"
        )));
    }
    let text = text.map_err(|_| wrong("what it prints is not text".to_owned()))?;
    if text.reveal().trim().is_empty() {
        return Err(wrong("it printed nothing".to_owned()));
    }
    of_text(&text, from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_prints_the_key() {
        let digits = "0123456789abcdef".repeat(4);
        let key = of_command(&format!("echo {digits}"), COMMAND_KEY).expect("a key");
        assert_eq!(key.text().reveal(), digits);
        assert_eq!(key.from(), COMMAND_KEY);
    }

    #[test]
    fn what_a_command_prints_is_never_shown() {
        let check = |line: &str, want: &str| {
            let shown = of_command(line, COMMAND_KEY).expect_err(line).to_string();
            assert!(shown.starts_with(COMMAND_KEY), "{shown}");
            assert!(shown.contains(want), "{shown}");
            assert!(!shown.contains("geheim"), "{shown}");
        };
        check("true", "it printed nothing");
        check("echo; echo", "it printed nothing");
        check("echo geheim; exit 3", "it failed (exit status: 3)");
        check("echo geheim >&2; exit 1", "it failed");
        check("echo geheim", "does not hold 64 hexadecimal digits");
        check("no-such-program-anywhere", "it failed");
    }
}
