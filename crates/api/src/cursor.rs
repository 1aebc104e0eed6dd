//! Cursors: where a list goes on, and the query it belongs to.
//!
//! A cursor carries its whole query, so a client may follow it with nothing else in hand, and one
//! that repeats its parameters is told when they no longer agree. A checksum over the query, the
//! position, and whose list it is guards against accidents and tampering. It is no secret: a forged
//! cursor could only name a place in a list that its caller may read anyway.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::{Timestamp, Ulid};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

const VERSION: u8 = 1;
const CHECKSUM_BYTES: usize = 8;
/// Ours are a few hundred characters; nobody's need be decoded beyond this.
const LONGEST_TEXT: usize = 8_192;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cursor {
    /// The operation's id in the contract.
    #[serde(rename = "o")]
    pub operation: String,
    /// What the path names (`vcl_…`), or nothing.
    #[serde(rename = "s", default, skip_serializing_if = "String::is_empty")]
    pub subject: String,
    /// Parameters that differ from their defaults, as text.
    #[serde(rename = "q", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub query: BTreeMap<String, String>,
    /// The last row that was given, as its list writes it.
    #[serde(rename = "p")]
    pub position: String,
}

impl Cursor {
    /// Opaque text of `[A-Za-z0-9_-]`. `owner` names the application and connection it is good for.
    pub(crate) fn seal(&self, owner: &str) -> String {
        let payload = serde_json::to_vec(self).expect("texts are JSON");
        let mut bytes = Vec::with_capacity(1 + CHECKSUM_BYTES + payload.len());
        bytes.push(VERSION);
        bytes.extend_from_slice(&checksum(owner, &payload));
        bytes.extend_from_slice(&payload);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// `None` for anything that [`Cursor::seal`] did not make for this owner.
    pub(crate) fn open(text: &str, owner: &str) -> Option<Cursor> {
        if text.len() > LONGEST_TEXT {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()?;
        let (version, rest) = bytes.split_first()?;
        let (sum, payload) = rest.split_at_checked(CHECKSUM_BYTES)?;
        if *version != VERSION || sum != checksum(owner, payload) {
            return None;
        }
        serde_json::from_slice(payload).ok()
    }
}

fn checksum(owner: &str, payload: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut hash = Sha256::new();
    hash.update(b"gladhand.cursor.v1\0");
    hash.update(owner.as_bytes());
    hash.update(b"\0");
    hash.update(payload);
    let digest = hash.finalize();
    std::array::from_fn(|index| digest[index])
}

/// A place in an order of (time, id), as text.
pub(crate) fn position_text(time: Timestamp, ulid: Ulid) -> String {
    format!("{}.{ulid}", time.millis())
}

pub(crate) fn read_position(text: &str) -> Option<(Timestamp, Ulid)> {
    let (millis, ulid) = text.split_once('.')?;
    let time = Timestamp::from_millis(millis.parse().ok()?);
    Some((time, ulid.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_come_back_as_they_went() {
        let ulid: Ulid = "01GV12VR4DJP70GD1ZBK0SDWFH".parse().expect("a ULID");
        for millis in [-1, 0, 1_767_268_800_123] {
            let time = Timestamp::from_millis(millis);
            let text = position_text(time, ulid);
            assert_eq!(read_position(&text), Some((time, ulid)));
        }
        assert_eq!(read_position("1767268800123"), None);
        assert_eq!(read_position("x.01GV12VR4DJP70GD1ZBK0SDWFH"), None);
    }

    fn cursor() -> Cursor {
        Cursor {
            operation: "listVehicles".to_owned(),
            subject: String::new(),
            query: BTreeMap::from([("deleted".to_owned(), "true".to_owned())]),
            position: "1767268800123.01GV12VR4DJP70GD1ZBK0SDWFH".to_owned(),
        }
    }

    #[test]
    fn comes_back_as_it_went_for_its_owner_alone() {
        let text = cursor().seal("app/conn");
        assert!(
            text.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)),
            "{text}"
        );
        assert_eq!(Cursor::open(&text, "app/conn"), Some(cursor()));
        assert_eq!(Cursor::open(&text, "app/other"), None);
    }

    #[test]
    fn a_changed_character_anywhere_is_noticed() {
        let text = cursor().seal("owner");
        for index in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).expect("ASCII");
            // The last character's spare bits are refused by the decoder or change nothing.
            assert!(Cursor::open(&changed, "owner").is_none_or(|c| c == cursor()));
        }
        for nonsense in [
            "",
            "=",
            "abc",
            "%%%",
            "cD0yMDIxLTAxLTA2",
            &"A".repeat(9_000),
        ] {
            assert_eq!(Cursor::open(nonsense, "owner"), None, "{nonsense}");
        }
    }
}
