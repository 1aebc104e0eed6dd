//! Sealing: XChaCha20-Poly1305, each ciphertext bound to what it belongs to.
//!
//! A data key seals values, and the master key seals data keys: a new data key means sealing values
//! anew, which goes on while everything works ([`rotation`]), and a new master key means sealing a
//! few keys anew. A ciphertext says the number of its data key. Values of before there were data
//! keys are sealed by the master key itself; they open until they are sealed anew.
//!
//! The store loads data keys when it is opened. The vault asks for no chance itself: its maker
//! gives it a source. Nonces are 192 bits, so random ones never repeat in practice.

mod columns;
mod master;
mod rotation;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use model::Secret;
use sha2::{Digest, Sha256};

#[cfg(test)]
pub(crate) use columns::SEALED_COLUMNS;
pub use master::MasterKey;
pub use rotation::{DataKeyStatus, Resealed, Rotated, VaultStatus};

const NONCE_LEN: usize = 24;
/// How a ciphertext of a data key begins; the key's number follows.
const MARK: [u8; 4] = *b"GHv1";
/// Mark and number.
const HEADER_LEN: usize = 8;

/// Where nonces come from: 24 bytes that never repeat.
pub type Nonces = Arc<dyn Fn() -> [u8; NONCE_LEN] + Send + Sync>;
/// Fills bytes with chance that nobody can foresee: nonces and data keys are made of it.
pub type RandomBytes = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error("the key file {path} cannot be used: {reason}")]
    KeyFile { path: String, reason: String },
    #[error(
        "{from} does not hold 64 hexadecimal digits, as a master key is written \
         (openssl rand -hex 32 makes one)"
    )]
    NotAKey { from: String },
    #[error(
        "the master key of {from} is not the one that seals this database: give that one, by \
         vault.key_file, vault.master_key or vault.master_key_command (without any, it is the file \
         vault.key of the data directory)"
    )]
    WrongMasterKey { from: String },
    /// Made by another process after this one read its keys, or gone.
    #[error(
        "a sealed value needs data key {number}, which this process has not; if another process \
         made it, restart this one"
    )]
    UnknownDataKey { number: u32 },
    /// Another key, another owner, or damaged bytes.
    #[error("a sealed value does not open with this key")]
    DoesNotOpen,
}

/// The keys that seal credentials and tokens. Cheap to clone; clones share their keys. `Debug`
/// shows nothing of it.
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

struct Inner {
    random: RandomBytes,
    keys: RwLock<Keys>,
    /// Held by whoever adds a data key or changes the master key.
    changes: tokio::sync::Mutex<()>,
}

struct Keys {
    master: MasterKey,
    /// By number; the newest seals. Empty until a store was opened with the vault.
    data: BTreeMap<u32, XChaCha20Poly1305>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(…)")
    }
}

impl Vault {
    pub fn new(master: MasterKey, random: RandomBytes) -> Vault {
        Vault(Arc::new(Inner {
            random,
            keys: RwLock::new(Keys {
                master,
                data: BTreeMap::new(),
            }),
            changes: tokio::sync::Mutex::default(),
        }))
    }

    /// For tests, whose nonces may be foreseen: so can the data keys that are made of them.
    pub fn from_key(key: [u8; 32], nonces: Nonces) -> Vault {
        let random = move |bytes: &mut [u8]| {
            for chunk in bytes.chunks_mut(NONCE_LEN) {
                chunk.copy_from_slice(&nonces()[..chunk.len()]);
            }
        };
        Vault::new(MasterKey::new(key, "the caller's hand"), Arc::new(random))
    }

    /// Mark, number of the key, nonce and ciphertext. `bound_to` names the row that it belongs to:
    /// moved to another row it does not open.
    pub fn seal(&self, secret: &Secret, bound_to: &str) -> Vec<u8> {
        let keys = self.keys();
        match keys.data.last_key_value() {
            Some((number, cipher)) => {
                let header = header(*number);
                let bound = [&header[..], bound_to.as_bytes()].concat();
                let sealed = encrypt(cipher, self.nonce(), secret, &bound);
                [&header[..], &sealed].concat()
            }
            None => encrypt(
                &keys.master.cipher(),
                self.nonce(),
                secret,
                bound_to.as_bytes(),
            ),
        }
    }

    pub fn unseal(&self, sealed: &[u8], bound_to: &str) -> Result<Secret, VaultError> {
        let keys = self.keys();
        let by_master = || decrypt(&keys.master.cipher(), sealed, bound_to.as_bytes());
        let Some((number, rest)) = split(sealed) else {
            return by_master();
        };
        let opened = match keys.data.get(&number) {
            Some(cipher) => {
                let bound = [&header(number)[..], bound_to.as_bytes()].concat();
                decrypt(cipher, rest, &bound)
            }
            None => Err(VaultError::UnknownDataKey { number }),
        };
        // An old ciphertext begins with its nonce, and one in 4,294,967,296 begins like the mark.
        opened.or_else(|error| by_master().map_err(|_| error))
    }

    /// The same master key without any data key: every store has its own.
    pub(crate) fn unloaded(&self) -> Vault {
        Vault::new(self.master(), Arc::clone(&self.0.random))
    }

    fn keys(&self) -> RwLockReadGuard<'_, Keys> {
        // Nothing that holds the lock can leave keys half changed.
        self.0.keys.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn change_keys(&self, change: impl FnOnce(&mut Keys)) {
        let mut keys = self.0.keys.write().unwrap_or_else(PoisonError::into_inner);
        change(&mut keys);
    }

    fn master(&self) -> MasterKey {
        self.keys().master.clone()
    }

    fn nonce(&self) -> [u8; NONCE_LEN] {
        let mut nonce = [0; NONCE_LEN];
        (self.0.random)(&mut nonce);
        nonce
    }

    fn make_data_key(&self) -> [u8; 32] {
        let mut key = [0; 32];
        (self.0.random)(&mut key);
        key
    }

    fn seal_data_key(&self, master: &MasterKey, number: u32, key: &[u8; 32]) -> Vec<u8> {
        let text = Secret::new(master::hex(key));
        let bound_to = data_key_bound_to(number);
        encrypt(&master.cipher(), self.nonce(), &text, bound_to.as_bytes())
    }

    /// [`VaultError::WrongMasterKey`] when another key sealed it.
    fn open_data_key(&self, number: u32, sealed: &[u8]) -> Result<[u8; 32], VaultError> {
        let keys = self.keys();
        let bound_to = data_key_bound_to(number);
        decrypt(&keys.master.cipher(), sealed, bound_to.as_bytes())
            .ok()
            .and_then(|text| master::unhex(text.reveal()))
            .ok_or_else(|| VaultError::WrongMasterKey {
                from: keys.master.from().to_owned(),
            })
    }

    fn add_data_key(&self, number: u32, key: [u8; 32]) {
        let cipher = XChaCha20Poly1305::new(&key.into());
        self.change_keys(|keys| {
            keys.data.insert(number, cipher);
        });
    }

    /// The number of the one that seals; 0 before there is any.
    pub fn newest_data_key(&self) -> u32 {
        self.keys().data.keys().next_back().copied().unwrap_or(0)
    }
}

fn data_key_bound_to(number: u32) -> String {
    format!("data key {number}")
}

fn header(number: u32) -> [u8; HEADER_LEN] {
    let mut header = [0; HEADER_LEN];
    header[..MARK.len()].copy_from_slice(&MARK);
    header[MARK.len()..].copy_from_slice(&number.to_be_bytes());
    header
}

/// The number of its key and the rest; `None` for what bears no mark.
fn split(sealed: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = sealed.strip_prefix(&MARK)?.split_first_chunk()?;
    Some((u32::from_be_bytes(*number), rest))
}

fn encrypt(
    cipher: &XChaCha20Poly1305,
    nonce: [u8; NONCE_LEN],
    secret: &Secret,
    bound_to: &[u8],
) -> Vec<u8> {
    let payload = Payload {
        msg: secret.reveal().as_bytes(),
        aad: bound_to,
    };
    let ciphertext = cipher
        .encrypt(&XNonce::from(nonce), payload)
        .expect("only texts beyond 256 GiB cannot be sealed");
    [&nonce[..], &ciphertext].concat()
}

fn decrypt(
    cipher: &XChaCha20Poly1305,
    sealed: &[u8],
    bound_to: &[u8],
) -> Result<Secret, VaultError> {
    let (nonce, ciphertext) = sealed
        .split_first_chunk::<NONCE_LEN>()
        .ok_or(VaultError::DoesNotOpen)?;
    let payload = Payload {
        msg: ciphertext,
        aad: bound_to,
    };
    let text = cipher
        .decrypt(&XNonce::from(*nonce), payload)
        .map_err(|_| VaultError::DoesNotOpen)?;
    String::from_utf8(text)
        .map(Secret::new)
        .map_err(|_| VaultError::DoesNotOpen)
}

/// SHA-256: how keys and tokens are found without being stored. They are 190 random bits, so a
/// fast hash is enough, and so is looking it up in an index: how long that takes may tell how a
/// stored hash begins, but nobody can choose a text by its hash's beginning without trying texts,
/// and a hash's beginning says nothing about the text.
pub fn hash_secret(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(key: u8) -> Vault {
        Vault::from_key([key; 32], Arc::new(|| [9; NONCE_LEN]))
    }

    fn with_data_keys(master: u8, numbers: &[u32]) -> Vault {
        let vault = vault(master);
        for number in numbers {
            vault.add_data_key(*number, [100 + *number as u8; 32]);
        }
        vault
    }

    #[test]
    fn what_is_sealed_opens_only_where_it_belongs() {
        for (own, other) in [
            (vault(1), vault(2)),
            (with_data_keys(1, &[1]), with_data_keys(1, &[2])),
        ] {
            let sealed = own.seal(&Secret::new("hunter2"), "row 1");
            assert!(!sealed.windows(7).any(|window| window == b"hunter2"));
            let opened = own.unseal(&sealed, "row 1").expect("its own row");
            assert_eq!(opened.reveal(), "hunter2");
            assert!(own.unseal(&sealed, "row 2").is_err());
            assert!(other.unseal(&sealed, "row 1").is_err());
            for length in 0..sealed.len() {
                assert!(own.unseal(&sealed[..length], "row 1").is_err());
            }
            assert_eq!(format!("{own:?}"), "Vault(…)");
        }
    }

    #[test]
    fn the_newest_key_seals_and_older_ones_still_open() {
        let before = vault(1).seal(&Secret::new("oldest"), "row");
        let older = with_data_keys(1, &[1]).seal(&Secret::new("older"), "row");
        let ring = with_data_keys(1, &[1, 2]);
        let newest = ring.seal(&Secret::new("newest"), "row");
        assert_eq!(split(&newest).map(|(number, _)| number), Some(2));
        for (sealed, text) in [(before, "oldest"), (older, "older"), (newest, "newest")] {
            assert_eq!(ring.unseal(&sealed, "row").expect(text).reveal(), text);
        }
        // The number is part of what is authenticated.
        let mut forged = ring.seal(&Secret::new("x"), "row");
        forged[HEADER_LEN - 1] = 1;
        assert!(ring.unseal(&forged, "row").is_err());
        forged[HEADER_LEN - 1] = 7;
        let shown = ring
            .unseal(&forged, "row")
            .expect_err("unknown")
            .to_string();
        assert!(shown.contains("data key 7"), "{shown}");
    }

    #[test]
    fn an_old_value_that_begins_like_the_mark_opens() {
        let nonces: Nonces = Arc::new(|| {
            let mut nonce = [9; NONCE_LEN];
            nonce[..4].copy_from_slice(&MARK);
            nonce
        });
        let vault = Vault::from_key([1; 32], nonces);
        let old = vault.seal(&Secret::new("old"), "row");
        assert_eq!(vault.unseal(&old, "row").expect("opens").reveal(), "old");
    }

    #[test]
    fn data_keys_open_with_their_master_key_alone() {
        let one = vault(1);
        let sealed = one.seal_data_key(&one.master(), 3, &[5; 32]);
        assert_eq!(one.open_data_key(3, &sealed).expect("its own"), [5; 32]);
        for refused in [
            one.open_data_key(4, &sealed),
            vault(2).open_data_key(3, &sealed),
        ] {
            assert!(matches!(refused, Err(VaultError::WrongMasterKey { .. })));
        }
    }
}
