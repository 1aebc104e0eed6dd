//! Encoding and decoding of blocks, in all shapes.

use model::history::{ABSENT, LocationPoint};
use model::{Timestamp, Values};

use super::super::bytes::Reader;
use super::super::columns::{STAMP_OF_ROW, Shape, StoredPoints};
use super::super::integers::Trend;
use super::super::{codec, integers};
use super::{Chance, SECOND, START, at};

const ROW_STAMP: Timestamp = Timestamp::from_millis(START + 77);

fn random_points(chance: &mut Chance, shape: Shape, rows: usize) -> StoredPoints {
    let mut points = StoredPoints::new(shape);
    let many_sources = chance.one_in(3);
    let wild = chance.one_in(3);
    let mut time = START;
    for row in 0..rows {
        time += 1 + chance.below(3) as i64 * SECOND;
        points
            .points
            .time
            .push(at(if wild { time.wrapping_mul(9) } else { time }));
        let source = format!("source-{}", chance.next());
        points
            .points
            .source_id
            .push((many_sources && !chance.one_in(4)).then_some(&source));
        points.points.raw_offset.push(match wild {
            true => chance.next() as u32,
            false => row as u32 * 300,
        });
        points.page.push(if wild {
            chance.next() as i64
        } else {
            1_000 + row as i64 / 500
        });
        points.stamp.push(match chance.below(3) {
            0 => STAMP_OF_ROW,
            stamp => at(START + stamp as i64),
        });
        let text = format!("{} Main Street", chance.below(9));
        match &mut points.points.values {
            Values::Stat(values) if wild => values.push(chance.next() as i64),
            Values::Stat(values) => values.push(row as i64 * 161),
            Values::Location(columns) => columns.push(LocationPoint {
                latitude_e7: if wild {
                    chance.next() as i32
                } else {
                    row as i32 * 19
                },
                longitude_e7: if wild {
                    i32::MIN
                } else {
                    i32::MAX - row as i32 * 100
                },
                heading_centi: (!chance.one_in(5)).then(|| chance.below(36_001) as i32),
                speed_centi_kph: (!wild).then(|| chance.below(13_000) as i32),
                driver: (!chance.one_in(3)).then_some("drv_01GV4D0S4D949VD5RYY4FXYYWQ"),
                address: (!chance.one_in(9)).then_some(&text),
            }),
        }
    }
    points
}

#[test]
fn all_shapes_and_lengths_come_back_as_they_were() {
    for seed in 0..60 {
        let mut chance = Chance::new(seed);
        let rows = match seed % 6 {
            0 => 1,
            1 => 2 + chance.below(22) as usize,
            2 => 23 + chance.below(3) as usize,
            3 => 255 + chance.below(3) as usize,
            4 => 511 + chance.below(1_000) as usize,
            _ => 8_192,
        };
        let shape = if chance.one_in(3) {
            Shape::Stat
        } else {
            Shape::Location
        };
        let points = random_points(&mut chance, shape, rows);
        let start = chance.below(rows as u64) as usize;
        let body = codec::encode(&points, start..rows);
        let mut wanted = points.rows(start..rows);
        let opened = codec::open(&body, shape).expect("what was encoded");
        let prefix = chance.below((rows - start) as u64 + 2) as usize;
        let found = opened.prefix(prefix).expect("what was encoded");
        assert_eq!(
            found,
            wanted.rows(0..prefix.min(rows - start)),
            "seed {seed}"
        );
        wanted.resolve_stamps(ROW_STAMP);
        let found = codec::decode(&body, shape, ROW_STAMP).expect("what was encoded");
        assert_eq!(found, wanted, "seed {seed}");
    }
}

#[test]
fn the_widest_columns_come_back_as_they_were() {
    let columns: [&[i64]; 6] = [
        &[i64::MIN, i64::MAX],
        &[0],
        &[i64::MAX; 40],
        &[5, 10, i64::MIN, i64::MAX, 0, -1],
        &[-7, -14, 7_000_000_000_000_000_000],
        &[i64::MIN, 0],
    ];
    for column in columns {
        for times in [1, 30] {
            let values = column.repeat(times);
            for trend in [Trend::Drifting, Trend::Level] {
                let mut body = Vec::new();
                integers::encode(&mut body, &values, trend);
                let mut reader = Reader::new(&body);
                let found = integers::decode(&mut reader, values.len(), values.len());
                assert_eq!(found.as_ref(), Ok(&values));
                assert!(reader.is_at_end());
            }
        }
    }
    for values in [
        vec![ABSENT],
        vec![ABSENT, i32::MAX, i32::MIN + 1],
        [0, ABSENT].repeat(40),
    ] {
        let mut body = Vec::new();
        integers::encode_optional(&mut body, &values, Trend::Level);
        let found = integers::decode_optional(&mut Reader::new(&body), values.len(), values.len());
        assert_eq!(found, Ok(values));
    }
}

#[test]
fn uuids_and_what_only_looks_like_them_come_back_as_they_were() {
    let texts = [
        vec![
            "0d3f5c6e-8a3b-4c0d-9e1f-0123456789ab",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
        ],
        vec![
            "0D3F5C6E-8a3b-4c0d-9e1f-0123456789ab",
            "0d3f5c6e08a3b-4c0d-9e1f-0123456789ab",
        ],
        vec!["", "é", "é\u{0}"],
    ];
    for texts in texts {
        let mut points = StoredPoints::new(Shape::Stat);
        for (row, text) in texts.iter().enumerate() {
            super::push(&mut points.points, START + row as i64, Some(text), 0, 5);
            points.page.push(1);
            points.stamp.push(at(1));
        }
        let body = codec::encode(&points, 0..texts.len());
        assert_eq!(
            codec::decode(&body, Shape::Stat, ROW_STAMP).expect("what was encoded"),
            points
        );
    }
}

#[test]
fn every_damaged_byte_is_noticed() {
    let mut chance = Chance::new(3);
    for rows in [1, 20, 300] {
        let body = codec::encode(&random_points(&mut chance, Shape::Location, rows), 0..rows);
        for place in 0..body.len() {
            let mut damaged = body.clone();
            damaged[place] ^= 1 << chance.below(8);
            assert!(
                codec::decode(&damaged, Shape::Location, ROW_STAMP).is_err(),
                "{rows} rows, byte {place}"
            );
            assert!(
                codec::decode(&body[..place], Shape::Location, ROW_STAMP).is_err(),
                "{rows} rows, cut {place}"
            );
        }
    }
}

/// Damage that the check does not notice (a bug that wrote nonsense) is an error or other points,
/// never a panic.
#[test]
fn nonsense_with_a_right_check_does_not_panic() {
    let mut chance = Chance::new(4);
    for rows in [1, 20, 300] {
        let body = codec::encode(&random_points(&mut chance, Shape::Location, rows), 0..rows);
        let plain = &body[..body.len() - 4];
        for _ in 0..4_000 {
            let mut damaged = plain.to_vec();
            for _ in 0..=chance.below(3) {
                let place = chance.below(damaged.len() as u64) as usize;
                damaged[place] = chance.next() as u8;
            }
            if chance.one_in(4) {
                damaged.truncate(chance.below(damaged.len() as u64) as usize);
            }
            let sealed = super::super::bytes::seal(damaged);
            if let Ok(points) = codec::decode(&sealed, Shape::Location, ROW_STAMP) {
                assert_eq!(points.points.source_id.len(), points.len());
            }
        }
    }
}
