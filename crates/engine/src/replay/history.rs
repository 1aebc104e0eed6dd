//! The second pass of a replay: history, a UTC day of a few vehicles at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use model::{SeriesKey, VehicleId};
use provider::{Shape, WindowShape};
use store::{Checkpoint, HistoryFold, PagePoints, PreparedHistory, ReadWindow};

use super::readings::{Reading, within};
use super::run::{RECORDS_PERCENT, ReplayEnd, ReplayRun};
use crate::window::read_window_of;

/// Vehicles whose day is in memory at once: some megabytes each.
const VEHICLES_AT_ONCE: u32 = 32;

/// Where points are counted of a signal that no stream has any more.
const NO_STREAM: &str = "(no stream)";

impl ReplayRun {
    pub(super) async fn replay_history(&mut self) -> Result<(), ReplayEnd> {
        let mut vehicles = std::mem::take(&mut self.readings.vehicles);
        let readings = std::mem::take(&mut self.readings);
        let (pages, by_day) = (readings.pages(), readings.by_day());
        let mut stored_days: BTreeMap<u32, Range<i64>> = BTreeMap::new();
        for extent in self.store.history_extents(self.connection.id).await? {
            let place = vehicles.place(extent.vehicle);
            stored_days.insert(place, extent.first_day..extent.last_day + 1);
        }
        let mut chunks: Vec<(Range<u32>, BTreeSet<i64>)> = Vec::new();
        for first in (0..vehicles.len()).step_by(VEHICLES_AT_ONCE as usize) {
            let chunk = first..vehicles.len().min(first + VEHICLES_AT_ONCE);
            let mut days: BTreeSet<i64> = BTreeSet::new();
            for (_, of_vehicle) in stored_days.range(chunk.clone()) {
                days.extend(of_vehicle.clone());
            }
            let read = by_day.iter();
            let read = read.filter(|(_, readings)| readings.iter().any(|r| r.touches(&chunk)));
            days.extend(read.map(|(day, _)| *day));
            chunks.push((chunk, days));
        }
        let in_all: usize = chunks.iter().map(|(_, days)| days.len()).sum();
        let mut done = 0usize;
        for (chunk, days) in chunks {
            let ids: BTreeSet<VehicleId> = chunk.clone().map(|place| vehicles.id(place)).collect();
            for day in days {
                self.keeper.touch().await?;
                let mut fold = HistoryFold::new(day, ids.clone());
                for reading in by_day.get(&day).into_iter().flatten() {
                    if reading.touches(&chunk) {
                        let id = |place: u32| vehicles.id(place);
                        self.lay(&mut fold, reading, &chunk, &id).await?;
                    }
                }
                self.compare(fold, &pages).await?;
                done += 1;
                let share = done as f64 / in_all as f64;
                self.progressed(RECORDS_PERCENT + (100.0 - RECORDS_PERCENT) * share);
                self.tell();
            }
        }
        Ok(())
    }

    async fn lay(
        &self,
        fold: &mut HistoryFold,
        reading: &Reading,
        chunk: &Range<u32>,
        id: &(dyn Fn(u32) -> VehicleId + Sync),
    ) -> Result<(), ReplayEnd> {
        let mut windows: Vec<ReadWindow> = Vec::new();
        if let (Shape::Window(shape), Some(window)) = (&reading.stream.shape, reading.window) {
            if reading.pages.is_empty() {
                for place in within(&reading.vehicles, chunk) {
                    fold.spare(id(place), series_of(shape), window);
                }
                return Ok(());
            }
            let proven = within(&reading.proven, chunk);
            windows.extend(
                proven.filter_map(|place| read_window_of(shape, id(place), window, reading.group)),
            );
        }
        let mut points = Vec::new();
        for page in &reading.pages {
            let mapped = self.page_again(*page, reading.stream).await?;
            points.extend(mapped.points.into_iter().map(|points| PagePoints {
                page: *page,
                points,
            }));
        }
        Ok(fold.lay(points, windows)?)
    }

    async fn compare(&mut self, fold: HistoryFold, pages: &Arc<[i64]>) -> Result<(), ReplayEnd> {
        let connection = self.connection.id;
        let prepared = self.store.prepare_fold(connection, fold, pages).await?;
        self.count(&prepared);
        if self.dry_run || prepared.changes_nothing() {
            return Ok(());
        }
        self.commit(Checkpoint {
            history: Some(prepared),
            ..Checkpoint::default()
        })
        .await?;
        Ok(())
    }

    fn count(&mut self, prepared: &PreparedHistory) {
        let descriptor = self.provider.descriptor();
        for (series, counts) in prepared.point_counts() {
            let has = |shape: &WindowShape| {
                let mut signals = shape.signals.iter();
                signals.any(|s| s.kind == series.kind && s.name == series.signal)
            };
            let mut streams = descriptor.streams.iter();
            let stream = streams.find(|stream| match &stream.shape {
                Shape::Window(shape) => has(shape),
                Shape::Listing { .. } | Shape::Feed(_) | Shape::Watch(_) => false,
            });
            let stream = stream.map_or(NO_STREAM, |stream| stream.name);
            // A series of another stream than the one asked for was only looked at.
            if self.owner.is_none_or(|owner| owner == stream) || stream == NO_STREAM {
                let points = &mut self.summary.stream(stream).points;
                *points.entry(series.kind.name()).or_default() += counts.into();
            }
        }
    }
}

fn series_of(shape: &WindowShape) -> Vec<SeriesKey> {
    let signals = shape.signals.iter();
    signals
        .map(|signal| SeriesKey::new(signal.kind, signal.name))
        .collect()
}
