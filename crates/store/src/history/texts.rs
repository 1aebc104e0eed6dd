//! One column of texts, encoded: each distinct text once, compressed together, and for each row
//! which one it is. Drivers and addresses repeat from row to row; source ids do not, but their row
//! numbers then cost nothing.

use std::collections::HashMap;

use model::TextColumn;

use super::bytes::{Damage, Reader, put_bytes, put_unsigned};
use super::integers::{self, Trend};

const ALL_ABSENT: u8 = 0;
const CONSTANT: u8 = 1;
/// Distinct texts as they are.
const PLAIN: u8 = 2;
/// Distinct texts compressed with zstd, after their plain length.
const COMPRESSED: u8 = 3;
/// Distinct texts that are all UUIDs in the usual form: 16 bytes each.
const UUIDS: u8 = 4;

const COMPRESSION_LEVEL: i32 = 3;
/// Compressing a shorter text costs more bytes than it saves.
const COMPRESSED_LEN_MIN: usize = 64;
/// No column of one block comes near this: a longer one is damage, not a reason to allocate.
const TEXT_LEN_MAX: usize = 256 << 20;
const UUID_LEN: usize = 36;

/// Encodes rows `rows` of the column.
pub(super) fn encode(out: &mut Vec<u8>, column: &TextColumn, rows: std::ops::Range<usize>) {
    let (distinct, indexes) = dictionary(column, rows);
    match distinct.as_slice() {
        [] => out.push(ALL_ABSENT),
        [only] if indexes.iter().all(|index| *index == 1) => {
            out.push(CONSTANT);
            put_bytes(out, only.as_bytes());
        }
        _ => {
            encode_distinct(out, &distinct);
            // Mostly equal neighbours (a driver's day), or each one more than the last.
            integers::encode(out, &indexes, Trend::Drifting);
        }
    }
}

/// Distinct texts in order of appearance, and for each row 0 when absent, else 1 + its place.
fn dictionary(column: &TextColumn, rows: std::ops::Range<usize>) -> (Vec<&str>, Vec<i64>) {
    let mut distinct: Vec<&str> = Vec::new();
    let mut indexes = Vec::with_capacity(rows.len());
    if column.present() == 0 {
        return (distinct, indexes);
    }
    let mut places: HashMap<&str, i64> = HashMap::new();
    let mut before = None;
    for row in rows {
        let Some(text) = column.get(row) else {
            indexes.push(0);
            continue;
        };
        if let Some((_, index)) = before.filter(|(other, _)| *other == text) {
            indexes.push(index);
            continue;
        }
        let index = *places.entry(text).or_insert_with(|| {
            distinct.push(text);
            distinct.len() as i64
        });
        before = Some((text, index));
        indexes.push(index);
    }
    (distinct, indexes)
}

fn encode_distinct(out: &mut Vec<u8>, distinct: &[&str]) {
    let uuids: Option<Vec<[u8; 16]>> = distinct.iter().map(|text| parse_uuid(text)).collect();
    if let Some(uuids) = uuids {
        out.push(UUIDS);
        put_unsigned(out, uuids.len() as u64);
        uuids.iter().for_each(|uuid| out.extend_from_slice(uuid));
        return;
    }
    let lengths: Vec<i64> = distinct.iter().map(|text| text.len() as i64).collect();
    let plain = distinct.concat();
    let compressed = (plain.len() >= COMPRESSED_LEN_MIN)
        .then(|| zstd::bulk::compress(plain.as_bytes(), COMPRESSION_LEVEL))
        .and_then(Result::ok)
        .filter(|compressed| compressed.len() < plain.len());
    out.push(if compressed.is_some() {
        COMPRESSED
    } else {
        PLAIN
    });
    put_unsigned(out, distinct.len() as u64);
    integers::encode(out, &lengths, Trend::Level);
    match compressed {
        Some(compressed) => {
            put_unsigned(out, plain.len() as u64);
            put_bytes(out, &compressed);
        }
        None => put_bytes(out, plain.as_bytes()),
    }
}

/// Decodes the first `wanted` texts of a column of `rows` and leaves the reader at its end.
pub(super) fn decode(
    reader: &mut Reader<'_>,
    rows: usize,
    wanted: usize,
) -> Result<TextColumn, Damage> {
    let mut column = TextColumn::default();
    let tag = reader.byte()?;
    match tag {
        ALL_ABSENT => (0..wanted).for_each(|_| column.push(None)),
        CONSTANT => {
            let text = reader.text()?;
            (0..wanted).for_each(|_| column.push(Some(text)));
        }
        PLAIN | COMPRESSED | UUIDS => {
            let (texts, ends) = decode_distinct(reader, tag, rows)?;
            for index in integers::decode(reader, rows, wanted)? {
                column.push(place(&texts, &ends, index)?);
            }
        }
        _ => return Err(Damage("texts are encoded in an unknown way")),
    }
    Ok(column)
}

fn place<'a>(texts: &'a str, ends: &[usize], index: i64) -> Result<Option<&'a str>, Damage> {
    const MISSING: Damage = Damage("a text is missing");
    if index == 0 {
        return Ok(None);
    }
    let place = usize::try_from(index - 1).map_err(|_| MISSING)?;
    let end = *ends.get(place).ok_or(MISSING)?;
    let start = match place {
        0 => 0,
        _ => ends[place - 1],
    };
    texts.get(start..end).map(Some).ok_or(MISSING)
}

/// The distinct texts end to end, and where each ends.
fn decode_distinct(
    reader: &mut Reader<'_>,
    tag: u8,
    rows: usize,
) -> Result<(String, Vec<usize>), Damage> {
    let count = reader.count(rows)?;
    if tag == UUIDS {
        let mut texts = String::with_capacity(count * UUID_LEN);
        for _ in 0..count {
            push_uuid(&mut texts, reader.take(16)?);
        }
        let ends = (1..=count).map(|number| number * UUID_LEN).collect();
        return Ok((texts, ends));
    }
    let lengths = integers::decode(reader, count, count)?;
    let bytes = if tag == COMPRESSED {
        let length = reader.count(TEXT_LEN_MAX)?;
        zstd::bulk::decompress(reader.bytes()?, length)
            .map_err(|_| Damage("compressed texts cannot be read"))?
    } else {
        reader.bytes()?.to_vec()
    };
    let texts = String::from_utf8(bytes).map_err(|_| Damage("a text is not UTF-8"))?;
    let mut end = 0usize;
    let mut ends = Vec::with_capacity(count);
    for length in lengths {
        let length = usize::try_from(length).map_err(|_| Damage("a text has no length"))?;
        end = end.saturating_add(length);
        ends.push(end);
    }
    Ok((texts, ends))
}

/// `None` unless writing it back gives exactly this text.
fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    if text.len() != UUID_LEN {
        return None;
    }
    let mut uuid = [0u8; 16];
    let mut digits = 0usize;
    for (place, byte) in text.bytes().enumerate() {
        if matches!(place, 8 | 13 | 18 | 23) {
            if byte != b'-' {
                return None;
            }
            continue;
        }
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            _ => return None,
        };
        uuid[digits / 2] = (uuid[digits / 2] << 4) | digit;
        digits += 1;
    }
    Some(uuid)
}

fn push_uuid(texts: &mut String, uuid: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (place, byte) in uuid.iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            texts.push('-');
        }
        texts.push(char::from(DIGITS[usize::from(byte >> 4)]));
        texts.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}
