//! The data directory: what lies in it, and who may read it.
//!
//! `gladhand.db` (SQLite, unless PostgreSQL is used), `vault.key` (seals credentials),
//! `admin-token` (what the operator's commands show the running server) and `server.json` (where
//! it listens). The directory is made with mode 0700, secrets with 0600.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use model::Secret;
use serde::{Deserialize, Serialize};
use world::Entropy;

use crate::error::CommandError;

const TOKEN_BYTES: usize = 24;

#[derive(Clone, Debug)]
pub struct DataDirectory(PathBuf);

/// Written by a running server, removed when it stops; one that was killed leaves it behind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerFile {
    /// How commands on this machine reach it.
    pub base_url: String,
    pub process_id: u32,
}

impl DataDirectory {
    /// Makes the directory when there is none.
    pub fn open(path: &Path) -> Result<DataDirectory, CommandError> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(path)
            .map_err(|error| CommandError::file(path, &error))?;
        let absolute = std::path::absolute(path).map_err(|e| CommandError::file(path, &e))?;
        // `absolute` keeps a `.` in the middle; paths that are shown should be plain.
        Ok(DataDirectory(absolute.components().collect()))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn database(&self) -> PathBuf {
        self.0.join("gladhand.db")
    }

    pub fn vault_key(&self) -> PathBuf {
        self.0.join("vault.key")
    }

    /// The token that commands and server share; made at the first call.
    pub fn admin_token(&self, entropy: &dyn Entropy) -> Result<Secret, CommandError> {
        let path = self.0.join("admin-token");
        let mut bytes = [0; TOKEN_BYTES];
        entropy.fill(&mut bytes);
        let fresh: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        match create_private(&path, fresh.as_bytes()) {
            Ok(()) => Ok(Secret::new(fresh)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let text = read(&path)?;
                if text.trim().is_empty() {
                    return Err(CommandError::File {
                        path: path.display().to_string(),
                        reason: "is empty; remove it, and the next start makes another".to_owned(),
                    });
                }
                Ok(Secret::new(text.trim()))
            }
            Err(error) => Err(CommandError::file(&path, &error)),
        }
    }

    fn server_file(&self) -> PathBuf {
        self.0.join("server.json")
    }

    /// `None` when no server wrote one.
    pub fn server(&self) -> Result<Option<ServerFile>, CommandError> {
        self.read_json(&self.server_file())
    }

    pub fn announce_server(&self, server: &ServerFile) -> Result<(), CommandError> {
        self.write_json(&self.server_file(), server)
    }

    pub fn withdraw_server(&self) {
        let path = self.server_file();
        if let Err(error) = std::fs::remove_file(&path) {
            tracing::warn!(path = %path.display(), %error, "the server's file stays behind");
        }
    }

    pub fn read_json<T: for<'de> Deserialize<'de>>(
        &self,
        path: &Path,
    ) -> Result<Option<T>, CommandError> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(CommandError::file(path, &error)),
        };
        serde_json::from_str(&text)
            .map(Some)
            .map_err(|error| CommandError::File {
                path: path.display().to_string(),
                reason: format!("{error}; remove the file if nothing uses this directory"),
            })
    }

    /// Whole or not at all: written beside and moved into its place.
    pub fn write_json<T: Serialize>(&self, path: &Path, value: &T) -> Result<(), CommandError> {
        let text = serde_json::to_string_pretty(value)
            .expect("plain structs of texts and numbers become JSON");
        let beside = path.with_extension(format!("{}.new", std::process::id()));
        write_private(&beside, text.as_bytes())
            .and_then(|()| std::fs::rename(&beside, path))
            .map_err(|error| CommandError::file(path, &error))
    }
}

fn read(path: &Path) -> Result<String, CommandError> {
    std::fs::read_to_string(path).map_err(|error| CommandError::file(path, &error))
}

fn create_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    write_with(options, path, bytes)
}

/// Over what is there, too.
pub fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    write_with(options, path, bytes)
}

fn write_with(mut options: OpenOptions, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use world::SeededEntropy;

    use super::*;

    fn directory(name: &str) -> DataDirectory {
        let name = format!("gladhand-{}-{name}", std::process::id());
        DataDirectory::open(&std::env::temp_dir().join(name)).expect("a temporary directory")
    }

    #[test]
    fn the_admin_token_is_made_once_and_private() {
        let directory = directory("token");
        let token = |seed: u64| {
            let token = directory.admin_token(&SeededEntropy::new(seed));
            token.expect("a token").reveal().to_owned()
        };
        let first = token(1);
        assert_eq!(first.len(), 2 * TOKEN_BYTES);
        assert_eq!(token(2), first);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let path = directory.path().join("admin-token");
            let mode = std::fs::metadata(path).expect("there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        std::fs::remove_dir_all(directory.path()).expect("removed");
    }

    #[test]
    fn a_server_announces_and_withdraws_itself() {
        let directory = directory("server");
        assert_eq!(directory.server().expect("readable"), None);
        let file = ServerFile {
            base_url: "http://127.0.0.1:8880".to_owned(),
            process_id: 7,
        };
        directory.announce_server(&file).expect("written");
        assert_eq!(directory.server().expect("readable"), Some(file));
        directory.withdraw_server();
        assert_eq!(directory.server().expect("readable"), None);
        std::fs::remove_dir_all(directory.path()).expect("removed");
    }
}
