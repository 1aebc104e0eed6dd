//! A page by scanner: the same walk as that of [`super::visitors`], for pages that are sound.
//!
//! `None` is no verdict: the page is then read again by serde, which knows what is wrong with it. A
//! row that the scanner does not understand goes to serde alone, and the walk goes on behind it.

use model::{Points, SeriesKind};

use super::super::wire::stats::{GpsRow, StatRow};
use super::super::wire::{Pagination, Scalar};
use super::{Reading, ReadingsOf};
use crate::scan::Scanner;

pub fn read<'a>(reading: &mut Reading<'_>, body: &'a str) -> Option<Pagination<'a>> {
    let mut json = Scanner::new(body);
    let mut has_data = false;
    let mut pagination = None;
    json.object(|json| match json.key()? {
        "data" if has_data => None,
        "data" => {
            has_data = true;
            let mut index = 0;
            json.list(|json| {
                vehicle(reading, json, index)?;
                index += 1;
                Some(())
            })
        }
        "pagination" => {
            pagination = Some(json.by_serde()?);
            Some(())
        }
        _ => json.skip(),
    })?;
    json.end()?;
    pagination.filter(|_| has_data)
}

fn vehicle(reading: &mut Reading<'_>, json: &mut Scanner<'_>, index: usize) -> Option<()> {
    let signals = reading.signals;
    let mut columns: Vec<Points> = signals.iter().map(|s| Points::new(s.kind)).collect();
    let mut id = Scalar::Absent;
    json.object(|json| {
        let key = json.key()?;
        if key == "id" {
            id = json.by_serde()?;
            return Some(());
        }
        match signals.iter().position(|signal| signal.name == key) {
            Some(signal) => {
                let mut readings = ReadingsOf {
                    reading: &mut *reading,
                    vehicle_index: index,
                    signal: &signals[signal],
                    points: &mut columns[signal],
                };
                rows(&mut readings, json)
            }
            None => json.skip(),
        }
    })?;
    reading.finish_vehicle(index, &id, columns);
    Some(())
}

fn rows(readings: &mut ReadingsOf<'_, '_>, json: &mut Scanner<'_>) -> Option<()> {
    let mut index = 0;
    match readings.signal.kind {
        SeriesKind::Location => json.list(|json| {
            let (mut row, mut ahead) = (GpsRow::default(), *json);
            match row.scan(&mut ahead) {
                Some(()) => {
                    *json = ahead;
                    readings.position(index, &row);
                }
                None => readings.position_or_odd(index, &json.by_serde()?),
            }
            index += 1;
            Some(())
        }),
        SeriesKind::Stat(stat) => json.list(|json| {
            let (mut row, mut ahead) = (StatRow::default(), *json);
            match row.scan(&mut ahead) {
                Some(()) => {
                    *json = ahead;
                    readings.stat(stat, index, &row);
                }
                None => readings.stat_or_odd(stat, index, &json.by_serde()?),
            }
            index += 1;
            Some(())
        }),
    }
}
