//! The whole store against the whole truth.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use model::assignment::DriverAssignment;
use model::fault::FaultCodeEvent;
use model::hos::{HosDailyLog, HosLog};
use model::idle::IdleEvent;
use model::ifta::IftaVehicleMonth;
use model::safety::SafetyEvent;
use model::trip::Trip;
use model::utilization::VehicleUtilizationDay;
use model::{ConnectionId, Model, Record, StatType, Timestamp, VehicleId, Window};
use simulator::Truth;
use store::{
    HistoryKinds, HistoryQuery, HistoryRow, PointPosition, RecordOrder, RecordQuery, RowValue,
    Store,
};

/// Of each kind of difference so many are shown.
const SHOWN: usize = 8;

/// What differs, by what it is about, and how much there was to compare.
#[derive(Debug, Default)]
pub struct Differences {
    lines: BTreeMap<String, Vec<String>>,
    /// Stored rows by model.
    pub records: BTreeMap<&'static str, usize>,
    pub locations: usize,
    /// Locations with a driver.
    pub driven: usize,
    pub stats: usize,
}

impl Differences {
    fn add(&mut self, about: &str, line: String) {
        self.lines.entry(about.to_owned()).or_default().push(line);
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

impl fmt::Display for Differences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (about, lines) in &self.lines {
            writeln!(f, "{about}: {} difference(s)", lines.len())?;
            for line in lines.iter().take(SHOWN) {
                writeln!(f, "    {line}")?;
            }
        }
        Ok(())
    }
}

/// Compares everything stored for a connection with the truth.
pub async fn compare(store: &Store, connection: ConnectionId, truth: &dyn Truth) -> Differences {
    compare_days_until(store, connection, truth, Timestamp::MAX).await
}

/// The same where time runs on by itself: a driver's day that is not over by `over_by` grows with
/// every moment, and is left out.
pub async fn compare_days_until(
    store: &Store,
    connection: ConnectionId,
    truth: &dyn Truth,
    over_by: Timestamp,
) -> Differences {
    let mut differences = Differences::default();
    let found = &mut differences;
    records(found, stored(store, connection).await, truth.vehicles());
    records(found, stored(store, connection).await, truth.drivers());
    records(found, stored(store, connection).await, truth.groups());
    records(found, stored(store, connection).await, truth.devices());
    records(found, stored(store, connection).await, truth.trailers());
    let trips: Vec<Trip> = expected(truth, store, connection).await;
    records(found, trips, &truth.trips());
    let events: Vec<SafetyEvent> = expected(truth, store, connection).await;
    records(found, events, &truth.safety_events());
    let assignments: Vec<DriverAssignment> = expected(truth, store, connection).await;
    records(found, assignments, &truth.assignments());
    let faults: Vec<FaultCodeEvent> = expected(truth, store, connection).await;
    records(found, faults, &truth.fault_code_events());
    let logs: Vec<HosLog> = expected(truth, store, connection).await;
    let (logs, wanted) = (followed(truth, logs), followed(truth, truth.hos_logs()));
    records(found, logs, &wanted);
    let days: Vec<HosDailyLog> = expected(truth, store, connection).await;
    let (mut days, mut wanted) = (
        followed(truth, days),
        followed(truth, truth.hos_daily_logs()),
    );
    // A day begins and ends within half a day of its date in UTC.
    const DAY_AND_A_HALF: Duration = Duration::from_secs(36 * 3_600);
    let is_over = |day: &HosDailyLog| day.date.utc_midnight() + DAY_AND_A_HALF <= over_by;
    days.retain(is_over);
    wanted.retain(is_over);
    records(found, days, &wanted);
    let utilization: Vec<VehicleUtilizationDay> = stored(store, connection).await;
    records(found, utilization, &truth.utilization());
    let ifta: Vec<IftaVehicleMonth> = stored(store, connection).await;
    records(found, ifta, &truth.ifta());
    let idling: Vec<IdleEvent> = expected(truth, store, connection).await;
    records(found, idling, &truth.idle_events());
    histories(&mut differences, store, connection, truth).await;
    differences
}

/// Compares locations and stats alone.
pub async fn compare_history(
    store: &Store,
    connection: ConnectionId,
    truth: &dyn Truth,
) -> Differences {
    let mut differences = Differences::default();
    histories(&mut differences, store, connection, truth).await;
    differences
}

async fn histories(
    differences: &mut Differences,
    store: &Store,
    connection: ConnectionId,
    truth: &dyn Truth,
) {
    for vehicle in truth.vehicles().iter().map(|vehicle| vehicle.id) {
        locations(differences, store, connection, truth, vehicle).await;
        stats(differences, store, connection, truth, vehicle).await;
    }
}

/// What is stored, without what a store that began to read in the middle of things may hold
/// beside the truth.
async fn expected<R: Record>(truth: &dyn Truth, store: &Store, connection: ConnectionId) -> Vec<R> {
    let mut rows: Vec<R> = stored(store, connection).await;
    rows.retain(|row| !truth.may_be_extra(R::MODEL, row.started_at(), row.ended_at()));
    rows
}

/// Rows that a store has had time to follow: a driver that left the list is asked about no more,
/// and what happened or changed shortly before that may not have been seen.
fn followed<R: Record>(truth: &dyn Truth, mut rows: Vec<R>) -> Vec<R> {
    const CHANGES_FOR: Duration = Duration::from_secs(72 * 3_600);
    rows.retain(|row| {
        let departed = truth
            .departed_drivers()
            .iter()
            .find(|(driver, _)| row.driver() == Some(*driver));
        departed.is_none_or(|(_, at)| {
            row.started_at()
                .is_some_and(|began| began.saturating_add(CHANGES_FOR) < *at)
        })
    });
    rows
}

/// Every live record of a model.
pub async fn stored<R: Record>(store: &Store, connection: ConnectionId) -> Vec<R> {
    let mut found = Vec::new();
    let mut query = RecordQuery::of(R::MODEL, RecordOrder::Modified, 100);
    loop {
        let page = store
            .list_records(connection, &query, &|_| true)
            .await
            .expect("the store answers");
        for record in page.records {
            found.push(serde_json::from_str(&record.body).expect("a stored body is its model"));
        }
        match page.next {
            Some(next) => query.after = Some(next),
            None => return found,
        }
    }
}

/// As served: what a row is kept by and does not show is left out.
fn served<R: Record>(row: &R) -> String {
    serde_json::to_string(row).expect("records are JSON")
}

/// What names a row in what is served of it: its id, else its vehicle and when it begins.
fn name_in(body: &str) -> String {
    let body: serde_json::Value = serde_json::from_str(body).expect("records are JSON");
    let member = |name: &str| body[name].as_str().map(str::to_owned);
    member("id").unwrap_or_else(|| {
        let begins = member("startAt").or_else(|| member("startedAt"));
        let driver = member("driver").unwrap_or_default();
        format!("{:?} {driver} {begins:?}", member("vehicle"))
    })
}

fn records<R: Record>(differences: &mut Differences, stored: Vec<R>, truth: &[R]) {
    let about = R::MODEL.name();
    differences.records.insert(about, stored.len());
    let by_key = |list: Vec<&R>| -> BTreeMap<String, String> {
        list.into_iter()
            .map(|row| {
                let body = served(row);
                (name_in(&body), body)
            })
            .collect()
    };
    if stored.len() != truth.len() {
        differences.add(
            about,
            format!("{} stored, {} true", stored.len(), truth.len()),
        );
    }
    let (stored, truth) = (
        by_key(stored.iter().collect()),
        by_key(truth.iter().collect()),
    );
    for (key, wanted) in &truth {
        match stored.get(key) {
            None => differences.add(about, format!("missing {key}")),
            Some(got) if got != wanted => {
                differences.add(
                    about,
                    format!("{key}\n      stored {got}\n      true   {wanted}"),
                );
            }
            Some(_) => {}
        }
    }
    for key in stored.keys().filter(|key| !truth.contains_key(*key)) {
        differences.add(about, format!("extra {key}"));
    }
}

/// Every row of a vehicle's history, page by page.
pub async fn history(
    store: &Store,
    connection: ConnectionId,
    vehicle: VehicleId,
    kinds: HistoryKinds,
    page_size: usize,
) -> Vec<HistoryRow> {
    let mut rows: Vec<HistoryRow> = Vec::new();
    loop {
        let after = rows.last().map(|row| PointPosition {
            time: row.time,
            ulid: row.ulid,
        });
        let query = HistoryQuery {
            vehicle,
            kinds: kinds.clone(),
            window: Window {
                from: Timestamp::MIN,
                until: Timestamp::MAX,
            },
            after,
            limit: page_size,
        };
        let page = store
            .read_history(connection, &query)
            .await
            .expect("the store answers");
        rows.extend(page.rows);
        if !page.more {
            return rows;
        }
    }
}

/// The window that holds all that a simulated world can have.
fn ever() -> Window {
    Window {
        from: Timestamp::from_millis(0),
        until: Timestamp::parse("2100-01-01T00:00:00Z").expect("a valid time"),
    }
}

async fn locations(
    differences: &mut Differences,
    store: &Store,
    connection: ConnectionId,
    truth: &dyn Truth,
    vehicle: VehicleId,
) {
    let stored = history(store, connection, vehicle, HistoryKinds::Locations, 3_000).await;
    differences.locations += stored.len();
    let assignments = store
        .assignments(connection, vehicle, ever())
        .await
        .expect("the store answers");
    // Of several the last that began: they are in the order of their beginnings.
    let driver_at = |time| {
        let covering = assignments.iter().rfind(|found| found.covers(time));
        covering.and_then(|found| found.driver)
    };
    let mut driven = 0;
    let mut show = |row: &HistoryRow| match &row.value {
        RowValue::Location {
            latitude_e7,
            longitude_e7,
            heading_centi,
            speed_centi_kph,
            address,
            driver,
        } => {
            // As the API serves it: the point's own driver, else the assignments'.
            let named = driver.as_deref().map(str::to_owned);
            let driver = named.or_else(|| driver_at(row.time).map(|id| id.to_string()));
            driven += usize::from(driver.is_some());
            format!(
                "{latitude_e7} {longitude_e7} {heading_centi:?} {speed_centi_kph:?} {address:?} \
                 {driver:?}"
            )
        }
        RowValue::Stat { .. } => "a stat among locations".to_owned(),
    };
    let stored = stored.iter().map(|row| (row.time, show(row))).collect();
    differences.driven += driven;
    let wanted = truth
        .locations(vehicle, ever())
        .into_iter()
        .map(|point| {
            let shown = format!(
                "{} {} {:?} {:?} {:?} {:?}",
                point.latitude_e7,
                point.longitude_e7,
                point.heading_centi,
                point.speed_centi_kph,
                point.address,
                point.driver.map(|driver| driver.to_string())
            );
            (point.time, shown)
        })
        .collect();
    points(
        differences,
        &format!("locations of {vehicle}"),
        stored,
        wanted,
    );
}

async fn stats(
    differences: &mut Differences,
    store: &Store,
    connection: ConnectionId,
    truth: &dyn Truth,
    vehicle: VehicleId,
) {
    let rows = history(
        store,
        connection,
        vehicle,
        HistoryKinds::Stats(Vec::new()),
        3_000,
    )
    .await;
    differences.stats += rows.len();
    let mut stored: BTreeMap<StatType, Vec<(Timestamp, String)>> = BTreeMap::new();
    for row in rows {
        if let RowValue::Stat { stat, value } = row.value {
            stored
                .entry(stat)
                .or_default()
                .push((row.time, value.to_string()));
        }
    }
    for stat in StatType::ALL {
        let wanted: Vec<(Timestamp, String)> = truth
            .served_stats(vehicle, stat, ever())
            .into_iter()
            .map(|point| (point.time, point.value.to_string()))
            .collect();
        let got = stored.remove(&stat).unwrap_or_default();
        points(
            differences,
            &format!("{} of {vehicle}", stat.name()),
            got,
            wanted,
        );
    }
}

fn points(
    differences: &mut Differences,
    about: &str,
    stored: Vec<(Timestamp, String)>,
    wanted: Vec<(Timestamp, String)>,
) {
    if stored == wanted {
        return;
    }
    if !stored.is_sorted_by(|a, b| a.0 <= b.0) {
        differences.add(about, "served out of order".to_owned());
    }
    if stored.len() != wanted.len() {
        differences.add(
            about,
            format!("{} stored, {} true", stored.len(), wanted.len()),
        );
    }
    let (mut s, mut w) = (stored.iter().peekable(), wanted.iter().peekable());
    loop {
        match (s.peek(), w.peek()) {
            (None, None) => return,
            (Some(got), None) => {
                differences.add(about, format!("extra   {} {}", got.0, got.1));
                s.next();
            }
            (None, Some(want)) => {
                differences.add(about, format!("missing {} {}", want.0, want.1));
                w.next();
            }
            (Some(got), Some(want)) if got.0 < want.0 => {
                differences.add(about, format!("extra   {} {}", got.0, got.1));
                s.next();
            }
            (Some(got), Some(want)) if got.0 > want.0 => {
                differences.add(about, format!("missing {} {}", want.0, want.1));
                w.next();
            }
            (Some(got), Some(want)) => {
                if got.1 != want.1 {
                    let line = format!("{}: stored {}, true {}", got.0, got.1, want.1);
                    differences.add(about, line);
                }
                s.next();
                w.next();
            }
        }
    }
}

/// Every record of a model with its times, deleted ones included: to see what moved.
pub async fn modified_times(
    store: &Store,
    connection: ConnectionId,
    model: Model,
) -> BTreeMap<String, Timestamp> {
    let query = RecordQuery {
        include_deleted: true,
        ..RecordQuery::of(model, RecordOrder::Modified, 10_000)
    };
    let page = store
        .list_records(connection, &query, &|_| true)
        .await
        .expect("the store answers");
    page.records
        .into_iter()
        .map(|r| (r.id.to_string(), r.modified_at))
        .collect()
}
