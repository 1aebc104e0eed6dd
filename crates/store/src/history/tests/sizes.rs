//! What a point takes on disk. The figures are printed; the bounds are the ones that were promised.

use model::Points;
use model::SeriesKind;
use model::history::LocationPoint;
use model::{StatType, Values};

use super::super::codec;
use super::super::columns::StoredPoints;
use super::{Chance, SECOND, START, at};

/// A lorry's day: it drives and stands, turns now and then, and reports every few seconds.
fn lorry(chance: &mut Chance, rows: usize, every_ms: i64, uuids: bool) -> Points {
    let mut points = Points::new(SeriesKind::Location);
    let (mut latitude, mut longitude) = (41.878_113_6_f64, -87.629_798_2_f64);
    let (mut heading, mut speed, mut standing) = (1.1_f64, 0.0_f64, 0u64);
    for row in 0..rows {
        match standing {
            0 if chance.one_in(200) => standing = 40 + chance.below(100),
            0 => {
                speed = (speed + (chance.below(700) as f64 - 320.0) / 100.0).clamp(5.0, 104.0);
                heading += (chance.below(2_001) as f64 - 1_000.0) / 20_000.0;
            }
            _ => {
                speed = 0.0;
                standing -= 1;
            }
        }
        let metres = speed / 3.6 * every_ms as f64 / 1_000.0;
        latitude += metres * heading.cos() / 111_320.0;
        longitude += metres * heading.sin() / 83_000.0;
        let jitter = chance.below(3) as i64 * SECOND;
        points
            .time
            .push(at(START + row as i64 * every_ms + jitter.min(every_ms - 1)));
        let uuid = format!(
            "{:08x}-{:04x}-4{:03x}-9{:03x}-{:012x}",
            chance.next() as u32,
            chance.next() as u16,
            chance.below(4_096),
            chance.below(4_096),
            chance.next() >> 16,
        );
        points.source_id.push(uuids.then_some(&uuid));
        points
            .raw_offset
            .push(170 + (row % 512) as u32 * 231 + chance.below(6) as u32);
        let Values::Location(columns) = &mut points.values else {
            unreachable!("locations were asked for");
        };
        columns.push(LocationPoint {
            latitude_e7: (latitude * 1e7) as i32,
            longitude_e7: (longitude * 1e7) as i32,
            heading_centi: Some((heading.to_degrees().rem_euclid(360.0) as i32) * 100),
            speed_centi_kph: Some((speed * 100.0) as i32),
            driver: None,
            address: None,
        });
    }
    points
}

fn bytes_a_point(points: Points) -> f64 {
    let rows = points.len();
    let mut stored = StoredPoints::from_page(0, points);
    for row in 0..rows {
        stored.page[row] = 40 + row as i64 / 512;
    }
    codec::encode(&stored, 0..rows).len() as f64 / rows as f64
}

#[test]
fn a_location_takes_at_most_ten_bytes() {
    let mut chance = Chance::new(1);
    for (rows, every_ms) in [
        (8_192, 5_000),
        (2_880, 30_000),
        (1_440, 60_000),
        (288, 300_000),
    ] {
        let size = bytes_a_point(lorry(&mut chance, rows, every_ms, false));
        println!("{rows} locations a day, every {every_ms} ms: {size:.2} bytes each");
        assert!(rows < 1_000 || size <= 10.0, "{size}");
    }
    let size = bytes_a_point(lorry(&mut chance, 8_192, 5_000, true));
    println!("with UUIDs as source ids: {size:.2} bytes each");
    assert!(size <= 26.0, "{size}");
}

#[test]
fn a_stat_takes_at_most_four_bytes() {
    let mut chance = Chance::new(2);
    let mut points = Points::new(SeriesKind::Stat(StatType::Odometer));
    let mut odometer = 123_456_700;
    for row in 0..2_880i64 {
        odometer += 4_000 + chance.below(3_000) as i64;
        super::push(
            &mut points,
            START + row * 30 * SECOND,
            None,
            row as u32 % 512 * 60,
            odometer,
        );
    }
    let size = bytes_a_point(points);
    println!("2,880 odometer readings a day: {size:.2} bytes each");
    assert!(size <= 4.0, "{size}");
}
