//! A block's body: columns, one after the other, behind a version and before a check.
//!
//! ```text
//! version 1 | shape | rows | columns | check (4 bytes)
//! columns: time, source id, raw offset, page, stamp,
//!          then latitude, longitude, heading, speed, driver, address, or the stat's values
//! ```
//!
//! Reading takes a prefix of the rows: a page of history rarely wants a whole day.

use std::ops::Range;

use model::{LocationColumns, Points, Timestamp, Values};

use super::bytes::{Damage, Reader, put_signed, put_unsigned, seal, unseal};
use super::columns::{STAMP_OF_ROW, Shape, StoredPoints};
use super::integers::{self, Trend, narrow};
use super::texts;
use crate::StoreError;

const VERSION: u8 = 1;
/// Blocks hold up to 8,192 rows, unless that many share one millisecond; tail rows hold what a
/// small commit brought. A larger figure is damage.
const ROWS_MAX: usize = 1 << 20;

const BLOCK: &str = "block of points";

/// Encodes rows `rows` as the body of a block.
pub(super) fn encode(points: &StoredPoints, rows: Range<usize>) -> Vec<u8> {
    let mut out = Vec::with_capacity(64 + rows.len() * 10);
    out.push(VERSION);
    out.push(code(points.shape()));
    encode_columns(&mut out, points, rows);
    seal(out)
}

fn code(shape: Shape) -> u8 {
    match shape {
        Shape::Location => 0,
        Shape::Stat => 1,
    }
}

/// A body whose check was right and whose times are decoded.
pub(super) struct Opened<'a> {
    shape: Shape,
    rows: usize,
    rest: Reader<'a>,
    pub(super) time: Vec<Timestamp>,
}

/// A block of another shape than its series has is refused.
pub(super) fn open(body: &[u8], shape: Shape) -> Result<Opened<'_>, StoreError> {
    open_block(body, shape).map_err(|damage| damage.of(BLOCK))
}

fn open_block(body: &[u8], shape: Shape) -> Result<Opened<'_>, Damage> {
    let mut reader = Reader::new(unseal(body)?);
    if reader.byte()? != VERSION {
        return Err(Damage("it is of an unknown version"));
    }
    if reader.byte()? != code(shape) {
        return Err(Damage("it is of another shape than its series"));
    }
    open_columns(reader, shape)
}

/// All of a block's points, stamped.
pub(super) fn decode(
    body: &[u8],
    shape: Shape,
    row_stamp: Timestamp,
) -> Result<StoredPoints, StoreError> {
    let opened = open(body, shape)?;
    let rows = opened.rows;
    let mut points = opened.prefix(rows)?;
    points.resolve_stamps(row_stamp);
    Ok(points)
}

impl Opened<'_> {
    /// The first `wanted` rows (all, if there are fewer).
    pub(super) fn prefix(self, wanted: usize) -> Result<StoredPoints, StoreError> {
        let wanted = wanted.min(self.rows);
        let columns = self.columns(wanted);
        let (points, rest) = columns.map_err(|damage| damage.of(BLOCK))?;
        if !rest.is_at_end() {
            return Err(Damage("something follows its columns").of(BLOCK));
        }
        Ok(points)
    }
}

/// The columns without version and check, as tail rows hold them too.
pub(super) fn encode_columns(out: &mut Vec<u8>, points: &StoredPoints, rows: Range<usize>) {
    put_unsigned(out, rows.len() as u64);
    if rows.is_empty() {
        return;
    }
    let columns = &points.points;
    let times: Vec<i64> = columns.time[rows.clone()]
        .iter()
        .map(|t| t.millis())
        .collect();
    integers::encode(out, &times, Trend::Drifting);
    texts::encode(out, &columns.source_id, rows.clone());
    let offsets = &columns.raw_offset[rows.clone()];
    integers::encode(out, &widened(offsets), Trend::Drifting);
    integers::encode(out, &points.page[rows.clone()], Trend::Drifting);
    encode_stamps(out, &points.stamp[rows.clone()]);
    match &columns.values {
        Values::Location(location) => encode_location(out, location, rows),
        Values::Stat(values) => integers::encode(out, &values[rows], Trend::Drifting),
    }
}

fn encode_location(out: &mut Vec<u8>, location: &LocationColumns, rows: Range<usize>) {
    let latitudes = &location.latitude_e7[rows.clone()];
    integers::encode(out, &widened(latitudes), Trend::Drifting);
    let longitudes = &location.longitude_e7[rows.clone()];
    integers::encode(out, &widened(longitudes), Trend::Drifting);
    integers::encode_optional(out, &location.heading_centi[rows.clone()], Trend::Level);
    integers::encode_optional(out, &location.speed_centi_kph[rows.clone()], Trend::Level);
    texts::encode(out, &location.driver, rows.clone());
    texts::encode(out, &location.address, rows);
}

fn widened<T: Copy + Into<i64>>(values: &[T]) -> Vec<i64> {
    values.iter().map(|value| (*value).into()).collect()
}

/// Stamps are few and repeat: the distinct ones, and which it is. Zero is the row's own stamp.
fn encode_stamps(out: &mut Vec<u8>, stamps: &[Timestamp]) {
    let mut distinct: Vec<Timestamp> = stamps.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    distinct.retain(|stamp| *stamp != STAMP_OF_ROW);
    put_unsigned(out, distinct.len() as u64);
    let mut before = 0i64;
    for stamp in &distinct {
        put_signed(out, stamp.millis().wrapping_sub(before));
        before = stamp.millis();
    }
    let place = |stamp: &Timestamp| match distinct.binary_search(stamp) {
        Ok(place) => place as i64 + 1,
        Err(_) => 0,
    };
    if !distinct.is_empty() {
        let places: Vec<i64> = stamps.iter().map(place).collect();
        integers::encode(out, &places, Trend::Level);
    }
}

fn decode_stamps(
    reader: &mut Reader<'_>,
    rows: usize,
    wanted: usize,
) -> Result<Vec<Timestamp>, Damage> {
    let count = reader.count(rows)?;
    if count == 0 {
        return Ok(vec![STAMP_OF_ROW; wanted]);
    }
    let mut distinct = vec![STAMP_OF_ROW];
    let mut before = 0i64;
    for _ in 0..count {
        before = before.wrapping_add(reader.signed()?);
        distinct.push(Timestamp::from_millis(before));
    }
    integers::decode(reader, rows, wanted)?
        .into_iter()
        .map(|place| {
            let stamp = usize::try_from(place)
                .ok()
                .and_then(|place| distinct.get(place));
            stamp.copied().ok_or(Damage("a stamp is missing"))
        })
        .collect()
}

pub(super) fn open_columns(mut reader: Reader<'_>, shape: Shape) -> Result<Opened<'_>, Damage> {
    let rows = reader.count(ROWS_MAX)?;
    let time = match rows {
        0 => Vec::new(),
        _ => integers::decode(&mut reader, rows, rows)?,
    };
    Ok(Opened {
        shape,
        rows,
        rest: reader,
        time: time.into_iter().map(Timestamp::from_millis).collect(),
    })
}

impl<'a> Opened<'a> {
    /// The first `wanted` rows, at most all of them, and what follows the columns.
    pub(super) fn columns(self, wanted: usize) -> Result<(StoredPoints, Reader<'a>), Damage> {
        let Opened {
            shape,
            rows,
            rest: mut reader,
            mut time,
        } = self;
        if rows == 0 {
            return Ok((StoredPoints::new(shape), reader));
        }
        time.truncate(wanted);
        let source_id = texts::decode(&mut reader, rows, wanted)?;
        let raw_offset = narrowed(integers::decode(&mut reader, rows, wanted)?)?;
        let page = integers::decode(&mut reader, rows, wanted)?;
        let stamp = decode_stamps(&mut reader, rows, wanted)?;
        let values = match shape {
            Shape::Location => Values::Location(decode_location(&mut reader, rows, wanted)?),
            Shape::Stat => Values::Stat(integers::decode(&mut reader, rows, wanted)?),
        };
        let points = Points {
            time,
            source_id,
            raw_offset,
            values,
        };
        Ok((
            StoredPoints {
                points,
                page,
                stamp,
            },
            reader,
        ))
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }
}

fn decode_location(
    reader: &mut Reader<'_>,
    rows: usize,
    wanted: usize,
) -> Result<LocationColumns, Damage> {
    Ok(LocationColumns {
        latitude_e7: narrowed(integers::decode(reader, rows, wanted)?)?,
        longitude_e7: narrowed(integers::decode(reader, rows, wanted)?)?,
        heading_centi: integers::decode_optional(reader, rows, wanted)?,
        speed_centi_kph: integers::decode_optional(reader, rows, wanted)?,
        driver: texts::decode(reader, rows, wanted)?,
        address: texts::decode(reader, rows, wanted)?,
    })
}

fn narrowed<T: TryFrom<i64>>(values: Vec<i64>) -> Result<Vec<T>, Damage> {
    values.into_iter().map(narrow).collect()
}
