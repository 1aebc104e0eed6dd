//! What a step of a sync read, gathered by series: sorted, each key once.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

use model::time::DAY_MS;
use model::{SeriesKey, Timestamp, VehicleId, Window};

use super::columns::{Shape, StoredPoints, misshapen};
use super::merge::{Absence, latest_rows};
use super::{PagePoints, ReadWindow};
use crate::StoreError;

/// One series of one vehicle.
pub(super) type SeriesId = (VehicleId, SeriesKey);

#[derive(Debug)]
pub(super) struct IncomingSeries {
    /// `None` when only windows were read, without a point.
    pub(super) rank: Option<u8>,
    pub(super) points: StoredPoints,
    /// Windows that were read completely, and the groups of pages that they were read from.
    pub(super) windows: Vec<Window>,
    pub(super) groups: Vec<i64>,
    /// These are not points of a step of a sync but what stored pages give when mapped again.
    pub(super) replayed: Option<Replayed>,
}

/// What a replay knows of a series on one UTC day.
#[derive(Clone, Debug)]
pub(super) struct Replayed {
    pub(super) day: i64,
    /// Sorted.
    pub(super) pages: Arc<[i64]>,
    pub(super) spared: Vec<Window>,
}

/// When a UTC day begins, and when the next one does.
pub(super) fn bounds_of_day(day: i64) -> (Timestamp, Timestamp) {
    let begins_ms = day.saturating_mul(DAY_MS);
    (
        Timestamp::from_millis(begins_ms),
        Timestamp::from_millis(begins_ms.saturating_add(DAY_MS)),
    )
}

impl Replayed {
    fn begins_at(&self) -> Timestamp {
        bounds_of_day(self.day).0
    }

    fn ends_at(&self) -> Timestamp {
        bounds_of_day(self.day).1
    }
}

impl IncomingSeries {
    pub(super) fn new(series: &SeriesKey) -> IncomingSeries {
        IncomingSeries {
            rank: None,
            points: StoredPoints::new(Shape::of(series)),
            windows: Vec::new(),
            groups: Vec::new(),
            replayed: None,
        }
    }

    /// What tells that a stored point is gone.
    pub(super) fn absence(&self) -> Absence<'_> {
        match &self.replayed {
            Some(replayed) => Absence::Pages {
                replayed: &replayed.pages,
                spared: &replayed.spared,
            },
            None => Absence::Windows(&self.windows),
        }
    }

    /// Whether a point of this time may be found to be gone.
    pub(super) fn may_lack(&self, time: Timestamp) -> bool {
        let of_day = self.replayed.as_ref().map(|replayed| replayed.day);
        of_day == Some(time.utc_day()) || self.windows.iter().any(|w| w.contains(time))
    }

    /// Groups of pages whose windows tell of this time.
    pub(super) fn groups_at(&self, time: Timestamp) -> impl Iterator<Item = i64> {
        let windows = self.windows.iter().zip(&self.groups);
        windows
            .filter(move |(window, _)| window.contains(time))
            .map(|(_, group)| *group)
    }

    /// The time of all points and windows; `None` when there are none of either.
    pub(super) fn span(&self) -> Option<RangeInclusive<Timestamp>> {
        let times = &self.points.points.time;
        let starts = self
            .windows
            .iter()
            .map(|window| window.from)
            .chain(self.replayed.iter().map(Replayed::begins_at))
            .chain(times.first().copied());
        let ends = self
            .windows
            .iter()
            .map(|window| window.until)
            .chain(self.replayed.iter().map(Replayed::ends_at))
            .chain(times.last().copied());
        Some(starts.min()?..=ends.max()?)
    }

    /// UTC days on which there are points.
    pub(super) fn days(&self) -> BTreeSet<i64> {
        let mut days = BTreeSet::new();
        let mut row = 0;
        while row < self.points.len() {
            let day = self.points.time(row).utc_day();
            days.insert(day);
            row += self.points.points.time[row..].partition_point(|time| time.utc_day() == day);
        }
        days
    }
}

/// A stretch of days, both ends included, that a commit may touch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DayRun {
    pub(super) series: SeriesId,
    pub(super) first_day: i64,
    pub(super) last_day: i64,
}

#[derive(Debug, Default)]
pub(super) struct Incoming {
    pub(super) series: BTreeMap<SeriesId, IncomingSeries>,
}

impl Incoming {
    /// Of two points with one key the later page wins, within a page the later entry.
    pub(super) fn gather(
        points: Vec<PagePoints>,
        read: Vec<ReadWindow>,
    ) -> Result<Incoming, StoreError> {
        let mut pages: BTreeMap<SeriesId, Vec<PagePoints>> = BTreeMap::new();
        for of_page in points {
            let series = &of_page.points.series;
            if let Some(reason) = misshapen(series, &of_page.points.points) {
                return Err(StoreError::Corrupt {
                    what: "mapped points",
                    reason: format!("{series}: {reason}"),
                });
            }
            let id = (of_page.points.vehicle, series.clone());
            pages.entry(id).or_default().push(of_page);
        }
        let mut series: BTreeMap<SeriesId, IncomingSeries> = BTreeMap::new();
        for (id, pages) in pages {
            let gathered = gather_series(&id.1, pages);
            series.insert(id, gathered);
        }
        for window in read {
            for key in window.series {
                let id = (window.vehicle, key);
                let new = IncomingSeries::new(&id.1);
                let of_series = series.entry(id).or_insert(new);
                of_series.windows.push(window.window);
                of_series.groups.push(window.group);
            }
        }
        Ok(Incoming { series })
    }

    /// The days whose stored points have to be known.
    pub(super) fn day_runs(&self) -> Vec<DayRun> {
        let mut runs: Vec<DayRun> = Vec::new();
        for (id, incoming) in &self.series {
            let mut spans: Vec<(i64, i64)> =
                incoming.days().into_iter().map(|day| (day, day)).collect();
            spans.extend(incoming.windows.iter().map(|window| {
                let last_ms = window.until.millis().saturating_sub(1);
                let last = Timestamp::from_millis(last_ms);
                (window.from.utc_day(), last.utc_day())
            }));
            spans.extend(incoming.replayed.iter().map(|of| (of.day, of.day)));
            spans.sort_unstable();
            let mut joined: Vec<(i64, i64)> = Vec::new();
            for (first, last) in spans {
                match joined.last_mut() {
                    Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
                    _ => joined.push((first, last)),
                }
            }
            runs.extend(joined.into_iter().map(|(first_day, last_day)| DayRun {
                series: id.clone(),
                first_day,
                last_day,
            }));
        }
        runs
    }
}

fn gather_series(series: &SeriesKey, mut pages: Vec<PagePoints>) -> IncomingSeries {
    pages.sort_by_key(|of_page| of_page.page);
    let mut gathered = IncomingSeries::new(series);
    for of_page in pages {
        gathered.rank = Some(of_page.points.rank);
        let points = StoredPoints::from_page(of_page.page, of_page.points.points);
        if gathered.points.is_empty() {
            gathered.points = points;
        } else {
            gathered.points.push_rows(&points, 0..points.len());
        }
    }
    if !gathered.points.is_sorted() {
        let mut sorted = StoredPoints::new(Shape::of(series));
        for row in latest_rows(&gathered.points) {
            sorted.push_row(&gathered.points, row);
        }
        gathered.points = sorted;
    }
    gathered
}
