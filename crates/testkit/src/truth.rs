//! The whole store against the whole truth.

use std::collections::BTreeMap;
use std::fmt;

use model::{ConnectionId, Model, Record, StatType, Timestamp, VehicleId, Window};
use serde::de::DeserializeOwned;
use simulator::Truth;
use store::{
    HistoryKinds, HistoryQuery, HistoryRow, PointPosition, RecordOrder, RecordQuery, RowValue,
    Store,
};

/// Of each kind of difference so many are shown.
const SHOWN: usize = 8;

/// What differs, by what it is about.
#[derive(Debug, Default)]
pub struct Differences {
    lines: BTreeMap<String, Vec<String>>,
    pub vehicles: usize,
    pub drivers: usize,
    pub groups: usize,
    pub locations: usize,
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
pub async fn compare(store: &Store, connection: ConnectionId, truth: &Truth) -> Differences {
    let mut differences = Differences::default();
    let vehicles = stored::<model::vehicle::Vehicle>(store, connection).await;
    differences.vehicles = vehicles.len();
    records(&mut differences, "vehicles", vehicles, &truth.vehicles);
    let drivers = stored::<model::driver::Driver>(store, connection).await;
    differences.drivers = drivers.len();
    records(&mut differences, "drivers", drivers, &truth.drivers);
    let groups = stored::<model::group::Group>(store, connection).await;
    differences.groups = groups.len();
    records(&mut differences, "groups", groups, &truth.groups);
    for vehicle in truth.vehicles.iter().map(|vehicle| vehicle.id) {
        locations(&mut differences, store, connection, truth, vehicle).await;
        stats(&mut differences, store, connection, truth, vehicle).await;
    }
    differences
}

/// Every live record of a model.
pub async fn stored<R: Record + DeserializeOwned>(
    store: &Store,
    connection: ConnectionId,
) -> Vec<R> {
    let mut found = Vec::new();
    let mut query = RecordQuery {
        model: R::MODEL,
        order: RecordOrder::Modified,
        modified_after: None,
        modified_before: None,
        include_deleted: false,
        after: None,
        limit: 100,
    };
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

fn records<R: Record + PartialEq + fmt::Debug>(
    differences: &mut Differences,
    about: &str,
    stored: Vec<R>,
    truth: &[R],
) {
    let by_key = |list: Vec<&R>| -> BTreeMap<String, String> {
        list.into_iter()
            .map(|r| (r.natural_key().to_owned(), format!("{r:?}")))
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
    truth: &Truth,
    vehicle: VehicleId,
) {
    let stored = history(store, connection, vehicle, HistoryKinds::Locations, 3_000).await;
    differences.locations += stored.len();
    let show = |row: &HistoryRow| match &row.value {
        RowValue::Location {
            latitude_e7,
            longitude_e7,
            heading_centi,
            speed_centi_kph,
            address,
            ..
        } => format!(
            "{latitude_e7} {longitude_e7} {heading_centi:?} {speed_centi_kph:?} {address:?}"
        ),
        RowValue::Stat { .. } => "a stat among locations".to_owned(),
    };
    let stored = stored.iter().map(|row| (row.time, show(row))).collect();
    let wanted = truth
        .locations(vehicle, ever())
        .into_iter()
        .map(|point| {
            let shown = format!(
                "{} {} {:?} {:?} {:?}",
                point.latitude_e7,
                point.longitude_e7,
                Some(point.heading_centi),
                Some(point.speed_centi_kph),
                point.address
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
    truth: &Truth,
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
        let wanted: Vec<(Timestamp, String)> = match is_forbidden(truth, stat) {
            true => Vec::new(),
            false => truth
                .served_stats(vehicle, stat, ever())
                .into_iter()
                .map(|point| (point.time, point.value.to_string()))
                .collect(),
        };
        let got = stored.remove(&stat).unwrap_or_default();
        points(
            differences,
            &format!("{} of {vehicle}", stat.name()),
            got,
            wanted,
        );
    }
}

/// The connector asks for these three in one call, so a refusal of one hides all.
fn is_forbidden(truth: &Truth, stat: StatType) -> bool {
    truth.forbidden() == Some("batteryMilliVolts")
        && matches!(
            stat,
            StatType::BatteryVoltage
                | StatType::EngineOilPressure
                | StatType::EngineCoolantTemperature
        )
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
        model,
        order: RecordOrder::Modified,
        modified_after: None,
        modified_before: None,
        include_deleted: true,
        after: None,
        limit: 10_000,
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
