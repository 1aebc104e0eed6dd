//! The master key: 64 hexadecimal digits, from wherever the operator keeps them.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::KeyInit;
use model::Secret;

use super::VaultError;

/// Seals data keys, and nothing else since there are data keys. `Debug` tells only where it is
/// from.
#[derive(Clone)]
pub struct MasterKey {
    key: [u8; 32],
    from: String,
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey(of {})", self.from)
    }
}

impl MasterKey {
    /// `from` says to people where the key is kept, as in "the key of …".
    pub fn new(key: [u8; 32], from: impl Into<String>) -> MasterKey {
        MasterKey {
            key,
            from: from.into(),
        }
    }

    /// From 64 hexadecimal digits; space around them is an editor's.
    pub fn from_text(text: &Secret, from: impl Into<String>) -> Result<MasterKey, VaultError> {
        let from = from.into();
        match unhex(text.reveal().trim()) {
            Some(key) => Ok(MasterKey { key, from }),
            None => Err(VaultError::NotAKey { from }),
        }
    }

    /// Reads the key file; makes it (mode 0600, from `new_key`) when there is none.
    pub fn open_file(path: &Path, new_key: [u8; 32]) -> Result<MasterKey, VaultError> {
        let from = format!("the file {}", path.display());
        let wrong = |error: std::io::Error| VaultError::KeyFile {
            path: path.display().to_string(),
            reason: error.to_string(),
        };
        let made = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path);
        match made {
            Ok(mut file) => {
                let text = format!("{}\n", hex(&new_key));
                file.write_all(text.as_bytes())
                    .and_then(|()| file.sync_all())
                    .map_err(wrong)?;
                return Ok(MasterKey { key: new_key, from });
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(wrong(error)),
        }
        let mode = std::fs::metadata(path).map_err(wrong)?.permissions().mode();
        if mode & 0o077 != 0 {
            // Not refused: a mounted secret has the mode that the cluster gives it.
            tracing::warn!(
                path = %path.display(),
                mode = format!("{:o}", mode & 0o777),
                "others than its owner can use the vault's key file; chmod 600 keeps them out"
            );
        }
        let text = Secret::new(std::fs::read_to_string(path).map_err(wrong)?);
        MasterKey::from_text(&text, from)
    }

    /// For the operator's own file, or the way to the server that is to use it.
    pub fn text(&self) -> Secret {
        Secret::new(hex(&self.key))
    }

    /// Where it is kept.
    pub fn from(&self) -> &str {
        &self.from
    }

    pub(super) fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.key.into())
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn unhex(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut key = [0; 32];
    for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
        let high = char::from(pair[0]).to_digit(16)?;
        let low = char::from(pair[1]).to_digit(16)?;
        *byte = (high * 16 + low) as u8;
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_survive_their_text() {
        let key: [u8; 32] = std::array::from_fn(|i| i as u8 * 7);
        let text = MasterKey::new(key, "a test").text();
        let padded = Secret::new(format!(" {}\n", text.reveal()));
        let again = MasterKey::from_text(&padded, "a test").expect("64 digits");
        assert_eq!(again.key, key);
        for nonsense in ["é", "", &"g".repeat(64), &"0".repeat(63)] {
            let refused = MasterKey::from_text(&Secret::new(nonsense), "vault.master_key");
            let shown = refused.expect_err(nonsense).to_string();
            assert!(
                shown.starts_with("vault.master_key does not hold 64"),
                "{shown}"
            );
        }
        assert_eq!(format!("{again:?}"), "MasterKey(of a test)");
    }

    #[test]
    fn a_key_file_is_made_once_and_private() {
        let name = format!("gladhand-{}-master.key", std::process::id());
        let path = std::env::temp_dir().join(name);
        let first = MasterKey::open_file(&path, [1; 32]).expect("made");
        let again = MasterKey::open_file(&path, [2; 32]).expect("read");
        let mode = std::fs::metadata(&path)
            .expect("there")
            .permissions()
            .mode();
        std::fs::remove_file(&path).expect("removed");
        assert_eq!((first.key, again.key), ([1; 32], [1; 32]));
        assert_eq!(mode & 0o777, 0o600);
    }
}
