//! Sealing: XChaCha20-Poly1305 with a key from a file, each ciphertext bound to what it belongs to.
//!
//! The vault asks for no chance itself: its maker gives it a source of nonces. They are 192 bits,
//! so random ones never repeat in practice.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use model::Secret;
use sha2::{Digest, Sha256};

const NONCE_LEN: usize = 24;

/// Where nonces come from: 24 bytes that never repeat.
pub type Nonces = Arc<dyn Fn() -> [u8; NONCE_LEN] + Send + Sync>;

#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error("the key file {path} cannot be used: {reason}")]
    KeyFile { path: String, reason: String },
    /// Another key, another owner, or damaged bytes.
    #[error("a sealed value does not open with this key")]
    DoesNotOpen,
}

/// The key that seals credentials and tokens. `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Vault {
    cipher: XChaCha20Poly1305,
    nonces: Nonces,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(…)")
    }
}

impl Vault {
    /// Reads the key file (64 hexadecimal digits); makes it (mode 0600, from `new_key`) when there
    /// is none.
    pub fn open(path: &Path, new_key: [u8; 32], nonces: Nonces) -> Result<Vault, VaultError> {
        let wrong = |reason: String| VaultError::KeyFile {
            path: path.display().to_string(),
            reason,
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
                    .map_err(|error| wrong(error.to_string()))?;
                return Ok(Vault::from_key(new_key, nonces));
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(wrong(error.to_string())),
        }
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        let key = unhex(text.trim())
            .ok_or_else(|| wrong("it does not hold 64 hexadecimal digits".to_owned()))?;
        Ok(Vault::from_key(key, nonces))
    }

    pub fn from_key(key: [u8; 32], nonces: Nonces) -> Vault {
        Vault {
            cipher: XChaCha20Poly1305::new(&key.into()),
            nonces,
        }
    }

    /// The nonce and the ciphertext. `bound_to` names the row that it belongs to: moved to another
    /// row it does not open.
    pub fn seal(&self, secret: &Secret, bound_to: &str) -> Vec<u8> {
        let nonce = (self.nonces)();
        let payload = Payload {
            msg: secret.reveal().as_bytes(),
            aad: bound_to.as_bytes(),
        };
        let ciphertext = self
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .expect("only texts beyond 256 GiB cannot be sealed");
        [&nonce[..], &ciphertext].concat()
    }

    pub fn unseal(&self, sealed: &[u8], bound_to: &str) -> Result<Secret, VaultError> {
        let (nonce, ciphertext) = sealed
            .split_first_chunk::<NONCE_LEN>()
            .ok_or(VaultError::DoesNotOpen)?;
        let payload = Payload {
            msg: ciphertext,
            aad: bound_to.as_bytes(),
        };
        let text = self
            .cipher
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| VaultError::DoesNotOpen)?;
        String::from_utf8(text)
            .map(Secret::new)
            .map_err(|_| VaultError::DoesNotOpen)
    }
}

/// SHA-256: how keys and tokens are found without being stored. They are 190 random bits, so a
/// fast hash is enough.
pub fn hash_secret(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<[u8; 32]> {
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

    fn vault(key: u8) -> Vault {
        Vault::from_key([key; 32], Arc::new(|| [9; NONCE_LEN]))
    }

    #[test]
    fn what_is_sealed_opens_only_where_it_belongs() {
        let sealed = vault(1).seal(&Secret::new("hunter2"), "row 1");
        assert!(!sealed.windows(7).any(|window| window == b"hunter2"));
        let opened = vault(1).unseal(&sealed, "row 1").expect("its own row");
        assert_eq!(opened.reveal(), "hunter2");
        assert!(vault(1).unseal(&sealed, "row 2").is_err());
        assert!(vault(2).unseal(&sealed, "row 1").is_err());
        assert!(vault(1).unseal(&sealed[..30], "row 1").is_err());
        assert!(vault(1).unseal(b"short", "row 1").is_err());
        assert_eq!(format!("{:?}", vault(1)), "Vault(…)");
    }

    #[test]
    fn keys_survive_their_file() {
        let key: [u8; 32] = std::array::from_fn(|i| i as u8 * 7);
        assert_eq!(unhex(&hex(&key)), Some(key));
        assert_eq!(unhex("é"), None);
        assert_eq!(unhex(&"g".repeat(64)), None);
    }
}
