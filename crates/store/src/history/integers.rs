//! One column of whole numbers, encoded.
//!
//! A column that says one thing takes two bytes or so. A short one is a list of differences,
//! because the tables of the `pco` crate would outweigh it; a long one is reduced to steps above
//! its lowest value (times that are whole seconds, coordinates with five decimals) and given to
//! `pco`, in 32 bits wherever they suffice, which halves the work.

use model::history::ABSENT;
use pco::wrapped::{FileCompressor, FileDecompressor};
use pco::{ChunkConfig, DecompressorScratch, DeltaSpec, FULL_BATCH_N, ModeSpec};

use super::bytes::{Damage, Reader, put_bytes, put_signed, put_unsigned};

const CONSTANT: u8 = 0;
const DIFFERENCES: u8 = 1;
const PACKED_32: u8 = 2;
const PACKED_64: u8 = 3;
/// Set on the above: the lowest value stands for an absent one.
const LOWEST_IS_ABSENT: u8 = 0x10;
const ALL_ABSENT: u8 = 0x20;

/// Columns shorter than this are lists of differences.
const PACKED_ROWS_MIN: usize = 24;
/// Of 0 to 12: the figures hardly improve above this, the time does not stop growing.
const PACKING_LEVEL: usize = 6;

/// What is known of a column beforehand, so that it need not be found out for every block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trend {
    /// Neighbours are close: times, coordinates, counters.
    Drifting,
    /// Neighbours say little of each other, or are mostly equal.
    Level,
}

impl Trend {
    fn delta(self) -> DeltaSpec {
        match self {
            Trend::Drifting => DeltaSpec::TryConsecutive(1),
            Trend::Level => DeltaSpec::NoOp,
        }
    }
}

/// Encodes a column in which [`ABSENT`] means that there is no value.
pub(super) fn encode_optional(out: &mut Vec<u8>, values: &[i32], trend: Trend) {
    let lowest = values
        .iter()
        .copied()
        .filter(|value| *value != ABSENT)
        .min();
    let Some(lowest) = lowest else {
        out.push(ALL_ABSENT);
        return;
    };
    let absent = i64::from(lowest) - 1;
    let mut any_absent = false;
    let mut wide = Vec::with_capacity(values.len());
    for value in values {
        any_absent |= *value == ABSENT;
        wide.push(match *value {
            ABSENT => absent,
            value => i64::from(value),
        });
    }
    encode_marked(
        out,
        &wide,
        trend,
        if any_absent { LOWEST_IS_ABSENT } else { 0 },
    );
}

pub(super) fn encode(out: &mut Vec<u8>, values: &[i64], trend: Trend) {
    encode_marked(out, values, trend, 0);
}

fn encode_marked(out: &mut Vec<u8>, values: &[i64], trend: Trend, mark: u8) {
    let (lowest, highest) = bounds(values);
    if lowest == highest {
        out.push(CONSTANT | mark);
        put_signed(out, lowest);
        return;
    }
    if values.len() < PACKED_ROWS_MIN {
        out.push(DIFFERENCES | mark);
        let mut before = 0i64;
        for value in values {
            put_signed(out, value.wrapping_sub(before));
            before = *value;
        }
        return;
    }
    // Distances are taken unsigned, so that even the widest column fits.
    let distance = |value: i64| value.wrapping_sub(lowest) as u64;
    let step = common_step(values.iter().map(|value| distance(*value)));
    let top = distance(highest) / step;
    out.push(
        if top <= u64::from(u32::MAX) {
            PACKED_32
        } else {
            PACKED_64
        } | mark,
    );
    put_signed(out, lowest);
    put_unsigned(out, step);
    let packed = if top <= u64::from(u32::MAX) {
        let steps: Vec<u32> = match step {
            1 => values.iter().map(|value| distance(*value) as u32).collect(),
            _ => values
                .iter()
                .map(|value| (distance(*value) / step) as u32)
                .collect(),
        };
        pack(&steps, trend)
    } else {
        let steps: Vec<u64> = values.iter().map(|value| distance(*value) / step).collect();
        pack(&steps, trend)
    };
    put_bytes(out, &packed);
}

fn bounds(values: &[i64]) -> (i64, i64) {
    values
        .iter()
        .fold(None, |bounds, value| match bounds {
            None => Some((*value, *value)),
            Some((low, high)) => Some((i64::min(low, *value), i64::max(high, *value))),
        })
        .unwrap_or((0, 0))
}

/// The greatest number that divides all distances; they are not all zero.
fn common_step(distances: impl Iterator<Item = u64>) -> u64 {
    let mut step = 0u64;
    for distance in distances {
        if step == 0 {
            step = distance;
        } else if !distance.is_multiple_of(step) {
            step = greatest_common_divisor(step, distance);
            if step == 1 {
                break;
            }
        }
    }
    step.max(1)
}

fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn pack<T: pco::data_types::Number>(numbers: &[T], trend: Trend) -> Vec<u8> {
    let config = ChunkConfig::default()
        .with_compression_level(PACKING_LEVEL)
        .with_mode_spec(ModeSpec::Classic)
        .with_delta_spec(trend.delta());
    let packing = || -> pco::errors::PcoResult<Vec<u8>> {
        let files = FileCompressor::default();
        let packed = files.write_header(Vec::with_capacity(64 + numbers.len() * 2))?;
        let mut chunk = files.chunk_compressor(numbers, &config)?;
        let packed = chunk.write_meta(packed)?;
        chunk.write_page(0, packed)
    };
    packing().expect("memory takes all that is written, and the settings are valid ones")
}

/// Decodes the first `wanted` of a column of `rows` numbers and leaves the reader at its end.
pub(super) fn decode(
    reader: &mut Reader<'_>,
    rows: usize,
    wanted: usize,
) -> Result<Vec<i64>, Damage> {
    let tag = reader.byte()?;
    let (values, _) = decode_tagged(reader, tag, rows, wanted)?;
    Ok(values)
}

pub(super) fn decode_optional(
    reader: &mut Reader<'_>,
    rows: usize,
    wanted: usize,
) -> Result<Vec<i32>, Damage> {
    let tag = reader.byte()?;
    if tag == ALL_ABSENT {
        return Ok(vec![ABSENT; wanted]);
    }
    let (values, lowest) = decode_tagged(reader, tag & !LOWEST_IS_ABSENT, rows, wanted)?;
    let absent = (tag & LOWEST_IS_ABSENT != 0).then_some(lowest);
    values
        .into_iter()
        .map(|value| match Some(value) == absent {
            true => Ok(ABSENT),
            false => narrow(value),
        })
        .collect()
}

/// A number of a column that holds 32-bit ones.
pub(super) fn narrow<T: TryFrom<i64>>(value: i64) -> Result<T, Damage> {
    T::try_from(value).map_err(|_| Damage("a number is too large for its column"))
}

fn decode_tagged(
    reader: &mut Reader<'_>,
    tag: u8,
    rows: usize,
    wanted: usize,
) -> Result<(Vec<i64>, i64), Damage> {
    match tag {
        CONSTANT => {
            let value = reader.signed()?;
            Ok((vec![value; wanted], value))
        }
        DIFFERENCES => {
            let mut values = Vec::with_capacity(rows.min(PACKED_ROWS_MIN));
            let mut before = 0i64;
            for _ in 0..rows {
                before = before.wrapping_add(reader.signed()?);
                values.push(before);
            }
            let (lowest, _) = bounds(&values);
            values.truncate(wanted);
            Ok((values, lowest))
        }
        PACKED_32 | PACKED_64 => {
            let lowest = reader.signed()?;
            let step = reader.unsigned()?;
            let packed = reader.bytes()?;
            let value = |steps: u64| lowest.wrapping_add(steps.wrapping_mul(step) as i64);
            let values = if tag == PACKED_32 {
                let steps = unpack::<u32>(packed, rows, wanted)?;
                steps
                    .into_iter()
                    .map(|steps| value(u64::from(steps)))
                    .collect()
            } else {
                unpack::<u64>(packed, rows, wanted)?
                    .into_iter()
                    .map(value)
                    .collect()
            };
            Ok((values, lowest))
        }
        _ => Err(Damage("a column is encoded in an unknown way")),
    }
}

fn unpack<T: pco::data_types::Number + Default>(
    packed: &[u8],
    rows: usize,
    wanted: usize,
) -> Result<Vec<T>, Damage> {
    // Whole batches are decoded, or all that is left.
    let decoded = wanted.next_multiple_of(FULL_BATCH_N).min(rows);
    let mut numbers = vec![T::default(); decoded];
    let mut scratch = DecompressorScratch::default();
    let mut unpacking = || -> pco::errors::PcoResult<bool> {
        let (files, packed) = FileDecompressor::new(packed)?;
        let (chunk, packed) = files.chunk_decompressor::<T, _>(packed)?;
        let mut page = chunk.page_decompressor_with_scratch(packed, rows, &mut scratch)?;
        Ok(page.read(&mut numbers)?.n_processed == decoded)
    };
    match unpacking() {
        Ok(true) => {
            numbers.truncate(wanted);
            Ok(numbers)
        }
        Ok(false) => Err(Damage("a column ends early")),
        Err(_) => Err(Damage("a column's packed numbers cannot be read")),
    }
}
