//! Serving points: which blocks are needed, and the rows that they give.
//!
//! A list of what is stored (days, ranks, counts, no bodies) tells which series answers for each
//! day and how far to read for the limit. Then only those bodies are fetched and decoded, each
//! only up to its last row that is served. So the cost follows the answer, not what is stored.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::time::DAY_MS;
use model::{ConnectionId, SeriesKey, SeriesKind, Timestamp};

use super::blocks::Blocks;
use super::columns::Shape;
use super::day::{StoredPart, rank_of};
use super::merge::{Overlay, lay_over};
use super::points::HistoryPoints;
use super::prepare::{PART_COLUMNS, load_tail, stored_part};
use super::rows::points_of;
use super::tail::TailSeries;
use super::{HistoryKinds, HistoryPage, HistoryQuery, codec};
use crate::backend::{Dialect, Tx, Value, params};
use crate::{Store, StoreError};

/// Blocks of one series that are listed at a time.
const LISTED_PARTS: usize = 64;

impl Store {
    /// A page of a vehicle's points, ordered by (time, id); withdrawn points are not among them.
    /// Each is an object of its own: where that costs too much there is [`Store::read_points`].
    pub async fn read_history(
        &self,
        connection: ConnectionId,
        query: &HistoryQuery,
    ) -> Result<HistoryPage, StoreError> {
        Ok(self.read_points(connection, query).await?.to_page())
    }

    /// The same page, left in the columns that it was stored in.
    pub async fn read_points(
        &self,
        connection: ConnectionId,
        query: &HistoryQuery,
    ) -> Result<HistoryPoints, StoreError> {
        let mut from = match query.after {
            Some(after) => query.window.from.max(after.time),
            None => query.window.from,
        };
        let mut page = HistoryPoints::default();
        while from < query.window.until {
            let stretch = Stretch {
                connection,
                query: query.clone(),
                from,
                wanted: query.limit.saturating_sub(page.len()),
            };
            let blocks = Arc::clone(self.blocks());
            let answer = self
                .read(move |tx| Box::pin(async move { stretch.answer(tx, &blocks).await }))
                .await?;
            let points = match answer {
                Answer::Points { until, points } => {
                    from = until;
                    points
                }
                Answer::Found(stretch, found) => {
                    from = found.until;
                    let blocks = Arc::clone(self.blocks());
                    self.compute(move || points_of(&stretch, found, &blocks))
                        .await??
                }
            };
            page.append(points);
            if page.len() > query.limit {
                page.truncate(query.limit);
                page.more = true;
                break;
            }
        }
        Ok(page)
    }
}

impl HistoryKinds {
    fn include(&self, kind: SeriesKind) -> bool {
        match (self, kind) {
            (HistoryKinds::Locations, SeriesKind::Location) => true,
            (HistoryKinds::Stats(stats), SeriesKind::Stat(stat)) => {
                stats.is_empty() || stats.contains(&stat)
            }
            _ => false,
        }
    }
}

/// What is left of a query.
#[derive(Clone, Debug)]
pub(super) struct Stretch {
    connection: ConnectionId,
    pub(super) query: HistoryQuery,
    pub(super) from: Timestamp,
    /// Rows that are still wanted, besides the one that tells that there are more.
    pub(super) wanted: usize,
}

/// What a stretch's transaction comes back with.
enum Answer {
    Points {
        until: Timestamp,
        points: HistoryPoints,
    },
    /// Still to be decoded, somewhere that may be kept busy.
    Found(Stretch, Found),
}

/// Everything that is needed to serve `[from, until)`.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) until: Timestamp,
    pub(super) series: Vec<FoundSeries>,
}

#[derive(Debug)]
pub(super) struct FoundSeries {
    pub(super) key: SeriesKey,
    /// In the order of time, without days for which another series answers.
    pub(super) parts: Vec<StoredPart>,
    pub(super) overlay: Overlay,
}

/// A series as it is listed: its blocks without their bodies, and what the tail says of it.
struct Listed {
    key: SeriesKey,
    days: BTreeMap<i64, Vec<StoredPart>>,
    /// Days from this one on may not be listed completely.
    listed_until_day: i64,
    tail: Option<TailSeries>,
}

impl Stretch {
    /// On SQLite a reader has a thread to itself, and handing what it found to another would cost
    /// more than decoding it.
    async fn answer(self, tx: &mut Tx<'_>, blocks: &Blocks) -> Result<Answer, StoreError> {
        let found = self.load(tx).await?;
        Ok(match tx.dialect() {
            Dialect::Sqlite => Answer::Points {
                until: found.until,
                points: points_of(&self, found, blocks)?,
            },
            Dialect::Postgres => Answer::Found(self, found),
        })
    }

    async fn load(&self, tx: &mut Tx<'_>) -> Result<Found, StoreError> {
        let vehicle = self.query.vehicle;
        // Whole days: which series answers for a day depends on all of it.
        let day_end = start_of_day(last_day(self.query.window.until).saturating_add(1));
        let days = start_of_day(self.from.utc_day())..=day_end;
        let mut tail = load_tail(tx, self.connection)
            .await?
            .of_vehicle(vehicle, &days)?;
        tail.retain(|series, _| self.query.kinds.include(series.kind));
        let mut keys: BTreeSet<SeriesKey> = tail.keys().cloned().collect();
        keys.extend(self.stored_series(tx).await?);
        let mut listed = Vec::with_capacity(keys.len());
        for key in keys {
            let tail = tail.remove(&key);
            listed.push(self.list(tx, key, tail).await?);
        }
        let horizon_day = listed.iter().map(|series| series.listed_until_day).min();
        let until = match horizon_day {
            Some(day) if day < i64::MAX => self.query.window.until.min(start_of_day(day)),
            _ => self.query.window.until,
        };
        let answering = self.answering(tx, &listed, until).await?;
        let until = self.enough_until(&listed, &answering, until);
        let mut series = Vec::new();
        for (listed, days) in listed.into_iter().zip(answering) {
            if !days.is_empty() {
                series.push(self.fetch(tx, listed, &days, until).await?);
            }
        }
        Ok(Found { until, series })
    }

    /// The vehicle's series of the kinds asked for. There are a dozen at most, whatever the number
    /// of blocks: the index is asked for the next name, again and again.
    async fn stored_series(&self, tx: &mut Tx<'_>) -> Result<Vec<SeriesKey>, StoreError> {
        let sql = "with recursive names (name) as (
                     select min(series) from blocks
                     where connection = ?1 and vehicle = ?2 and series >= ?3 and series < ?4
                     union all
                     select (select min(series) from blocks
                             where connection = ?1 and vehicle = ?2
                               and series > names.name and series < ?4)
                     from names where names.name is not null)
                   select name from names where name is not null";
        // The names of one kind begin with the kind and a colon; a semicolon is the next character.
        let (first, end) = match &self.query.kinds {
            HistoryKinds::Locations => ("location:", "location;"),
            HistoryKinds::Stats(_) => ("", "~"),
        };
        let params = params![self.connection, self.query.vehicle, first, end];
        let mut series = Vec::new();
        for row in tx.query(sql, &params).await? {
            let key = row.parsed(0, SeriesKey::parse)?;
            if self.query.kinds.include(key.kind) {
                series.push(key);
            }
        }
        Ok(series)
    }

    async fn list(
        &self,
        tx: &mut Tx<'_>,
        key: SeriesKey,
        tail: Option<TailSeries>,
    ) -> Result<Listed, StoreError> {
        let params = params![
            self.connection,
            self.query.vehicle,
            key.to_string(),
            self.from.utc_day(),
            last_day(self.query.window.until),
        ];
        let mut limit = LISTED_PARTS;
        loop {
            // The limit is part of the text: SQLite would compile a statement anew for each value
            // bound in its place.
            let sql = format!(
                "select {PART_COLUMNS} from blocks
                 where connection = ?1 and vehicle = ?2 and series = ?3 and day >= ?4 and day <= ?5
                 order by day, part limit {limit}"
            );
            let rows = tx.query(&sql, &params).await?;
            let mut days: BTreeMap<i64, Vec<StoredPart>> = BTreeMap::new();
            for row in &rows {
                let (day, part) = stored_part(row)?;
                days.entry(day).or_default().push(part);
            }
            let mut listed_until_day = i64::MAX;
            if rows.len() == limit {
                // The last day may go on after the limit.
                listed_until_day = days.pop_last().map_or(i64::MAX, |(day, _)| day);
            }
            if !days.is_empty() || listed_until_day == i64::MAX {
                return Ok(Listed {
                    key,
                    days,
                    listed_until_day,
                    tail,
                });
            }
            limit *= 8;
        }
    }

    /// For each listed series the days before `until` that it answers for: among the signals of one
    /// kind those on which it has the lowest rank of all that have points.
    async fn answering(
        &self,
        tx: &mut Tx<'_>,
        listed: &[Listed],
        until: Timestamp,
    ) -> Result<Vec<BTreeSet<i64>>, StoreError> {
        let last_day = last_day(until);
        let mut candidates: BTreeMap<(SeriesKind, i64), Vec<(u8, usize)>> = BTreeMap::new();
        for (index, series) in listed.iter().enumerate() {
            let mut days: BTreeSet<i64> = series.days.keys().copied().collect();
            days.extend(series.tail_days());
            for day in days.range(self.from.utc_day()..=last_day) {
                let of_day = candidates.entry((series.key.kind, *day)).or_default();
                of_day.push((series.rank(*day), index));
            }
        }
        let mut answering = vec![BTreeSet::new(); listed.len()];
        for ((_, day), mut of_day) in candidates {
            of_day.sort_unstable();
            let alone = of_day.len() == 1;
            for (_, index) in of_day {
                if alone || self.has_points(tx, &listed[index], day).await? {
                    answering[index].insert(day);
                    break;
                }
            }
        }
        Ok(answering)
    }

    /// Whether a listed series has a point on this day that the tail does not take away.
    async fn has_points(
        &self,
        tx: &mut Tx<'_>,
        series: &Listed,
        day: i64,
    ) -> Result<bool, StoreError> {
        let (live, gone) = series.tail_rows(day);
        let stored: usize = series
            .days
            .get(&day)
            .into_iter()
            .flatten()
            .map(|part| part.count)
            .sum();
        if live > 0 || stored > gone {
            return Ok(true);
        }
        let Some(tail) = series.tail.as_ref().filter(|_| stored > 0) else {
            return Ok(false);
        };
        let (start, end) = (start_of_day(day), start_of_day(day.saturating_add(1)));
        for part in self.bodies(tx, &series.key, start, end).await? {
            let points = codec::decode(&part.body, Shape::of(&series.key), part.stamp)?;
            let rows = tail.overlay.rows_between(start, end);
            if !lay_over(&points, &tail.overlay, rows).is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The instant before which there certainly are enough rows, at most `until`.
    fn enough_until(
        &self,
        listed: &[Listed],
        answering: &[BTreeSet<i64>],
        until: Timestamp,
    ) -> Timestamp {
        let mut gone = 0;
        let mut whole: Vec<(Timestamp, usize)> = Vec::new();
        for (series, days) in listed.iter().zip(answering) {
            for day in days {
                gone += series.tail_rows(*day).1;
                let parts = series.days.get(day).into_iter().flatten();
                whole.extend(
                    parts
                        .filter(|part| part.first > self.from && part.last < until)
                        .map(|part| (part.last, part.count)),
                );
            }
        }
        whole.sort_unstable();
        let mut rows = 0;
        for (last, count) in whole {
            rows += count;
            if rows > self.wanted.saturating_add(gone) {
                return Timestamp::from_millis(last.millis() + 1);
            }
        }
        until
    }

    async fn bodies(
        &self,
        tx: &mut Tx<'_>,
        key: &SeriesKey,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<StoredPart>, StoreError> {
        let sql = format!(
            "select {PART_COLUMNS}, body from blocks
             where connection = ?1 and vehicle = ?2 and series = ?3 and day >= ?4 and day <= ?5
               and last_ms >= ?6 and first_ms < ?7
             order by day, part"
        );
        let params: [Value; 7] = params![
            self.connection,
            self.query.vehicle,
            key.to_string(),
            from.utc_day(),
            last_day(until),
            from,
            until,
        ];
        let rows = tx.query(&sql, &params).await?;
        rows.iter()
            .map(|row| stored_part(row).map(|(_, part)| part))
            .collect()
    }

    async fn fetch(
        &self,
        tx: &mut Tx<'_>,
        listed: Listed,
        days: &BTreeSet<i64>,
        until: Timestamp,
    ) -> Result<FoundSeries, StoreError> {
        let mut parts = Vec::new();
        if !listed.days.is_empty() {
            parts = self.bodies(tx, &listed.key, self.from, until).await?;
            parts.retain(|part| days.contains(&part.first.utc_day()));
        }
        let mut overlay = Overlay::new(Shape::of(&listed.key));
        if let Some(tail) = &listed.tail {
            for row in tail.overlay.rows_between(self.from, until) {
                if days.contains(&tail.overlay.points.time(row).utc_day()) {
                    overlay.push(&tail.overlay.points, row, tail.overlay.live[row]);
                }
            }
        }
        Ok(FoundSeries {
            key: listed.key,
            parts,
            overlay,
        })
    }
}

impl Listed {
    fn tail_days(&self) -> BTreeSet<i64> {
        let times = self
            .tail
            .iter()
            .flat_map(|tail| &tail.overlay.points.points.time);
        times.map(|time| time.utc_day()).collect()
    }

    /// Rows of the tail on this day, those with a point and those that take one away.
    fn tail_rows(&self, day: i64) -> (usize, usize) {
        let Some(tail) = &self.tail else {
            return (0, 0);
        };
        let times = &tail.overlay.points.points.time;
        let start = times.partition_point(|time| time.utc_day() < day);
        let end = times.partition_point(|time| time.utc_day() <= day);
        let live = tail.overlay.live[start..end]
            .iter()
            .filter(|live| **live)
            .count();
        (live, end - start - live)
    }

    fn rank(&self, day: i64) -> u8 {
        let stored = self.days.get(&day).and_then(|parts| rank_of(parts));
        match (&self.tail, self.tail_rows(day)) {
            (Some(tail), (1.., _)) => tail.rank,
            _ => stored.unwrap_or(u8::MAX),
        }
    }
}

fn start_of_day(day: i64) -> Timestamp {
    Timestamp::from_millis(day.saturating_mul(DAY_MS))
}

/// The last UTC day with an instant before `until`.
fn last_day(until: Timestamp) -> i64 {
    Timestamp::from_millis(until.millis().saturating_sub(1)).utc_day()
}
