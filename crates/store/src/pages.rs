//! The raw log: pages as they came, numbered per connection.
//!
//! A page is kept as it came over the wire where the provider compressed it, else zstd level 1. A
//! page that changed nothing keeps its hash, time and request only. Offsets and ranges always mean
//! the decompressed body.

use std::collections::BTreeMap;
use std::io::Read;

use bytes::Bytes;
use model::{ConnectionId, RawRange, Timestamp};
use twox_hash::XxHash3_128;

use crate::backend::{Row, Tx, Value, params};
use crate::{Store, StoreError};

/// A page as the transport gave it.
#[derive(Clone, Debug)]
pub struct RawPage {
    pub number: i64,
    /// The number of the first page of the window read or listing that this one belongs to. Of a
    /// group in which anything changed, all bodies that are committed together are kept.
    pub group: i64,
    pub stream: &'static str,
    /// The request without credentials, as sent (`GET /fleet/vehicles?limit=512`).
    pub request: String,
    /// The task as the engine describes it to itself (JSON), for replay.
    pub task: String,
    pub received_at: Timestamp,
    pub status: u16,
    pub body: PageBody,
}

#[derive(Clone, Debug)]
pub enum PageBody {
    /// Not compressed on the wire.
    Plain(Bytes),
    /// As it came. Of what it decompresses to only the log's note is held: a page waits here for
    /// its commit, and its plain form is some eight times as large.
    Gzip { wire: Bytes, plain: PlainNote },
}

/// What the raw log notes of a page's decompressed body.
#[derive(Clone, Copy, Debug)]
pub struct PlainNote {
    bytes: usize,
    hash: u128,
}

impl PlainNote {
    fn of(plain: &[u8]) -> PlainNote {
        PlainNote {
            bytes: plain.len(),
            hash: XxHash3_128::oneshot(plain),
        }
    }
}

impl PageBody {
    /// A body that came compressed, and what it decompresses to.
    pub fn gzip(wire: Bytes, plain: &[u8]) -> PageBody {
        PageBody::Gzip {
            wire,
            plain: PlainNote::of(plain),
        }
    }

    /// Bytes of the decompressed body.
    pub fn plain_bytes(&self) -> usize {
        match self {
            PageBody::Plain(plain) => plain.len(),
            PageBody::Gzip { plain, .. } => plain.bytes,
        }
    }
}

/// Where a row lies in the raw log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RawPointer {
    /// A record's row.
    Range { page: i64, range: RawRange },
    /// A point's row: the innermost JSON object around this byte.
    Inside { page: i64, offset: u32 },
}

/// A provider's own row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawRow {
    /// The stream that it was read from.
    pub stream: String,
    pub extracted_at: Timestamp,
    /// A JSON object.
    pub data: String,
}

macro_rules! page_columns {
    () => {
        "stream, received_at, encoding, plain_bytes, body"
    };
}
pub(crate) use page_columns;

/// Places of the columns above, and of the number where it follows them.
pub(crate) const STREAM: usize = 0;
pub(crate) const RECEIVED_AT: usize = 1;
const ENCODING: usize = 2;
const PLAIN_BYTES: usize = 3;
pub(crate) const PAGE_BODY: usize = 4;
pub(crate) const NUMBER: usize = 5;

const BY_NUMBER: &str = concat!(
    "select ",
    page_columns!(),
    " from pages where connection = ?1 and number = ?2"
);

/// A row of a page whose body was retired.
const KEPT_ROW: &str = "select data from raw_rows
    where connection = ?1 and page = ?2 and start = ?3 and length = ?4";

pub(crate) const INSERT: &str = "insert into pages (connection, number, stream, request, task,
    received_at, status, hash, plain_bytes, encoding, body, page_group)
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
/// The place of the body among the parameters of [`INSERT`], for dropping it.
pub(crate) const BODY: usize = 10;

const PLAIN_ZSTD_LEVEL: i32 = 1;

/// A page ready to be inserted, its body compressed.
pub(crate) fn insert_params(
    connection: ConnectionId,
    page: &RawPage,
) -> Result<Vec<Value>, StoreError> {
    let (plain, encoding, body) = match &page.body {
        PageBody::Gzip { wire, plain } => (*plain, Encoding::Gzip, wire.clone()),
        PageBody::Plain(plain) => (
            PlainNote::of(plain),
            Encoding::Zstd,
            Bytes::from(pack(plain)?),
        ),
    };
    Ok(params![
        connection,
        page.number,
        page.stream,
        &page.request,
        &page.task,
        page.received_at,
        page.status,
        plain.hash.to_be_bytes(),
        plain.bytes as i64,
        encoding.name(),
        body,
        page.group,
    ]
    .to_vec())
}

#[derive(Clone, Copy)]
enum Encoding {
    Gzip,
    Zstd,
}

impl Encoding {
    fn name(self) -> &'static str {
        match self {
            Encoding::Gzip => "gzip",
            Encoding::Zstd => "zstd",
        }
    }

    fn from_name(name: &str) -> Option<Encoding> {
        [Encoding::Gzip, Encoding::Zstd]
            .into_iter()
            .find(|encoding| encoding.name() == name)
    }
}

impl Store {
    /// The rows at these places, in the same order; `None` where the page's body is no longer kept
    /// and no record was made of the row.
    pub async fn raw_rows(
        &self,
        connection: ConnectionId,
        pointers: &[RawPointer],
    ) -> Result<Vec<Option<RawRow>>, StoreError> {
        let mut by_page: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
        for (index, pointer) in pointers.iter().enumerate() {
            let (RawPointer::Range { page, .. } | RawPointer::Inside { page, .. }) = pointer;
            by_page.entry(*page).or_default().push(index);
        }
        let mut rows = vec![None; pointers.len()];
        // One page at a time: bodies are large.
        for (page, indexes) in by_page {
            let wanted: Vec<RawPointer> = indexes.iter().map(|index| pointers[*index]).collect();
            let (stored, wanted) = self
                .read(move |tx| {
                    Box::pin(async move {
                        let stored = stored_page(tx, connection, page, &wanted).await?;
                        Ok((stored, wanted))
                    })
                })
                .await?;
            let Some((row, kept)) = stored else {
                continue;
            };
            let found = match row.opt_blob(PAGE_BODY)? {
                Some(_) => self.compute(move || rows_of_page(&row, &wanted)).await??,
                None => rows_kept(&row, &wanted, kept)?,
            };
            for (index, row) in indexes.into_iter().zip(found) {
                rows[index] = row;
            }
        }
        Ok(rows)
    }
}

/// A page's row and, where its body is gone, what is kept for each pointer.
async fn stored_page(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
    page: i64,
    pointers: &[RawPointer],
) -> Result<Option<(Row, Vec<Option<Bytes>>)>, StoreError> {
    let row = tx
        .query_first(BY_NUMBER, &params![connection, page])
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    if row.opt_blob(PAGE_BODY)?.is_some() {
        return Ok(Some((row, Vec::new())));
    }
    let asked = pointers
        .iter()
        .map(|pointer| {
            // No row is of length 0, so that nothing is found for a point.
            let (start, length) = match pointer {
                RawPointer::Range { range, .. } => (range.offset, range.length),
                RawPointer::Inside { offset, .. } => (*offset, 0),
            };
            params![connection, page, start, length].to_vec()
        })
        .collect();
    let mut kept = Vec::with_capacity(pointers.len());
    for rows in tx.query_each(KEPT_ROW, asked).await? {
        let found = rows.first().map(|row| row.blob(0).cloned());
        kept.push(found.transpose()?);
    }
    Ok(Some((row, kept)))
}

/// Of a page whose body is gone.
fn rows_kept(
    row: &Row,
    pointers: &[RawPointer],
    kept: Vec<Option<Bytes>>,
) -> Result<Vec<Option<RawRow>>, StoreError> {
    let mut rows = Vec::with_capacity(pointers.len());
    for (pointer, data) in pointers.iter().zip(kept) {
        rows.push(match (pointer, data) {
            (RawPointer::Range { range, .. }, Some(data)) => {
                let plain = unpack(Encoding::Zstd, &data, i64::from(range.length))?;
                Some(RawRow {
                    stream: row.text(STREAM)?.to_owned(),
                    extracted_at: row.time(RECEIVED_AT)?,
                    data: String::from_utf8(plain).map_err(unreadable)?,
                })
            }
            _ => None,
        });
    }
    Ok(rows)
}

fn rows_of_page(row: &Row, pointers: &[RawPointer]) -> Result<Vec<Option<RawRow>>, StoreError> {
    let (stream, extracted_at) = (row.text(STREAM)?, row.time(RECEIVED_AT)?);
    let plain = plain_of(row)?;
    let offsets: Vec<usize> = pointers
        .iter()
        .filter_map(|pointer| match pointer {
            RawPointer::Inside { offset, .. } => Some(*offset as usize),
            RawPointer::Range { .. } => None,
        })
        .collect();
    let mut objects = json_objects_around(&plain, &offsets).into_iter();
    pointers
        .iter()
        .map(|pointer| {
            let slice = match pointer {
                RawPointer::Range { range, .. } => {
                    let start = range.offset as usize;
                    plain.get(start..start + range.length as usize)
                }
                RawPointer::Inside { .. } => objects.next().flatten(),
            };
            let data = slice
                .and_then(|bytes| std::str::from_utf8(bytes).ok())
                .ok_or_else(|| unreadable("a place that is not in the page"))?;
            Ok(Some(RawRow {
                stream: stream.to_owned(),
                extracted_at,
                data: data.to_owned(),
            }))
        })
        .collect()
}

/// The decompressed body of a page that has one.
pub(crate) fn plain_of(row: &Row) -> Result<Vec<u8>, StoreError> {
    let encoding = row.parsed(ENCODING, Encoding::from_name)?;
    unpack(encoding, row.blob(PAGE_BODY)?, row.i64(PLAIN_BYTES)?)
}

pub(crate) fn pack(plain: &[u8]) -> Result<Vec<u8>, StoreError> {
    zstd::bulk::compress(plain, PLAIN_ZSTD_LEVEL).map_err(unreadable)
}

fn unpack(encoding: Encoding, body: &Bytes, plain_bytes: i64) -> Result<Vec<u8>, StoreError> {
    let plain_bytes = usize::try_from(plain_bytes).map_err(unreadable)?;
    let plain = match encoding {
        Encoding::Zstd => zstd::bulk::decompress(body, plain_bytes).map_err(unreadable)?,
        Encoding::Gzip => {
            let mut plain = Vec::with_capacity(plain_bytes);
            // A gzip stream may be several members end to end. One byte more than expected is
            // enough to tell that it is not what was stored.
            flate2::read::MultiGzDecoder::new(body.as_ref())
                .take(plain_bytes as u64 + 1)
                .read_to_end(&mut plain)
                .map_err(unreadable)?;
            plain
        }
    };
    if plain.len() == plain_bytes {
        Ok(plain)
    } else {
        Err(unreadable("another length than was stored"))
    }
}

fn unreadable(reason: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt {
        what: "raw page",
        reason: reason.to_string(),
    }
}

/// For each offset the innermost JSON object around it, found in one pass over the page: quotes and
/// braces are all that matters. `None` where there is none.
fn json_objects_around<'a>(json: &'a [u8], offsets: &[usize]) -> Vec<Option<&'a [u8]>> {
    let mut order: Vec<usize> = (0..offsets.len()).collect();
    order.sort_by_key(|index| offsets[*index]);
    let mut waiting = order.into_iter().peekable();
    let mut found = vec![None; offsets.len()];
    // Objects that are open here, and the offsets that lie in them and in nothing deeper.
    let mut open: Vec<(usize, Vec<usize>)> = Vec::new();
    let (mut quoted, mut escaped) = (false, false);
    for (place, byte) in json.iter().enumerate() {
        if !quoted && *byte == b'{' {
            open.push((place, Vec::new()));
        }
        while let Some(index) = waiting.next_if(|index| offsets[*index] <= place) {
            if let Some((_, inside)) = open.last_mut() {
                inside.push(index);
            }
        }
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'}' if !quoted => {
                if let Some((start, inside)) = open.pop() {
                    for index in inside {
                        found[index] = Some(&json[start..=place]);
                    }
                }
                if open.is_empty() && waiting.peek().is_none() {
                    break;
                }
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::json_objects_around;

    #[test]
    fn the_innermost_object_is_found() {
        let json = br#"{"a":[{"t":"}\"{","v":{"x":1}},{"t":2}],"b":3}"#;
        let at = |needle: &str| {
            let text = std::str::from_utf8(json).expect("ASCII");
            text.find(needle).expect("it is there")
        };
        // Out of order, twice in one object, on the braces themselves, inside a quoted brace.
        let offsets = [
            at("2}"),
            at("1}"),
            at("}\\"),
            at("{\"t\":2"),
            at("3}") + 1,
            9_999,
        ];
        let found: Vec<Option<&str>> = json_objects_around(json, &offsets)
            .into_iter()
            .map(|found| found.map(|bytes| std::str::from_utf8(bytes).expect("ASCII")))
            .collect();
        let whole = std::str::from_utf8(json).expect("ASCII");
        assert_eq!(
            found,
            [
                Some(r#"{"t":2}"#),
                Some(r#"{"x":1}"#),
                Some(r#"{"t":"}\"{","v":{"x":1}}"#),
                Some(r#"{"t":2}"#),
                Some(whole),
                None,
            ]
        );
        assert_eq!(json_objects_around(b"[1,2]", &[1]), [None]);
    }
}
