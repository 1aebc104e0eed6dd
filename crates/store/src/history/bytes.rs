//! Reading and writing the parts of an encoded body: variable-length numbers, lengths, texts.
//!
//! Nothing here trusts what it reads: a length is checked against what is left before anything is
//! taken or allocated.

use twox_hash::XxHash3_64;

use crate::StoreError;

/// What is wrong with an encoded body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Damage(pub(super) &'static str);

impl Damage {
    pub(super) fn of(self, what: &'static str) -> StoreError {
        StoreError::Corrupt {
            what,
            reason: self.0.to_owned(),
        }
    }
}

/// Seven bits a byte, lowest first, the top bit set on all but the last.
pub(super) fn put_unsigned(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Zigzag: small numbers of either sign are short.
pub(super) fn put_signed(out: &mut Vec<u8>, value: i64) {
    put_unsigned(out, ((value << 1) ^ (value >> 63)) as u64);
}

/// The length, then the bytes.
pub(super) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_unsigned(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

const CHECK_LEN: usize = 4;

/// Ends a body with a check over all of it, so that damage is found before anything is decoded.
pub(super) fn seal(mut body: Vec<u8>) -> Vec<u8> {
    let check = check(&body);
    body.extend_from_slice(&check);
    body
}

/// The body without its check, if that is right.
pub(super) fn unseal(sealed: &[u8]) -> Result<&[u8], Damage> {
    let body = without_check(sealed)?;
    if check(body) != sealed[body.len()..] {
        return Err(Damage("its check does not agree with it"));
    }
    Ok(body)
}

/// The body of what was unsealed before.
pub(super) fn without_check(sealed: &[u8]) -> Result<&[u8], Damage> {
    let length = sealed.len().checked_sub(CHECK_LEN);
    length
        .map(|length| &sealed[..length])
        .ok_or(Damage("it is too short"))
}

fn check(body: &[u8]) -> [u8; CHECK_LEN] {
    (XxHash3_64::oneshot(body) as u32).to_le_bytes()
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn byte(&mut self) -> Result<u8, Damage> {
        let (first, rest) = self.rest.split_first().ok_or(Damage("it ends early"))?;
        self.rest = rest;
        Ok(*first)
    }

    pub(super) fn unsigned(&mut self) -> Result<u64, Damage> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Damage("a number does not end"))
    }

    pub(super) fn signed(&mut self) -> Result<i64, Damage> {
        let value = self.unsigned()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// A count of things of which each takes at least a byte, or which is otherwise at most `most`.
    pub(super) fn count(&mut self, most: usize) -> Result<usize, Damage> {
        usize::try_from(self.unsigned()?)
            .ok()
            .filter(|count| *count <= most)
            .ok_or(Damage("a count is larger than can be"))
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8], Damage> {
        let length = self.count(self.rest.len())?;
        self.take(length)
    }

    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], Damage> {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(Damage("it ends early"))?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    pub(super) fn text(&mut self) -> Result<&'a str, Damage> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Damage("a text is not UTF-8"))
    }
}
