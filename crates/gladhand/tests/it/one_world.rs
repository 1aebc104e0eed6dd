//! One world, synced through every provider that shows it: what the common models say must be the
//! same, but for what each provider's support matrix says it leaves out.
//!
//! Rows are matched by what they are about (the name of a vehicle, the time of an event), never by
//! id: ids and source ids are each connection's own. A member that one provider gives and another
//! never does must stand in the other's `omits`; whatever else they do not agree about, in the
//! `differs` of one of the two. An entry of either that is not true here is as wrong.

use std::collections::{BTreeMap, BTreeSet};

use model::device::Device;
use model::driver::Driver;
use model::fault::FaultCodeEvent;
use model::group::Group;
use model::history::StatUnit;
use model::hos::{HosDailyLog, HosLog};
use model::ifta::IftaVehicleMonth;
use model::safety::SafetyEvent;
use model::sync::SyncStatus;
use model::trailer::Trailer;
use model::trip::Trip;
use model::utilization::VehicleUtilizationDay;
use model::vehicle::Vehicle;
use model::{ConnectionId, Record, StatType, Timestamp};
use serde_json::Value;
use simulator::Vendor;
use store::{Execution, HistoryKinds, RowValue, Store};
use testkit::databases::TestDatabase;
use testkit::fleet::{Fleet, FleetConfig};
use testkit::truth::{history, stored};

/// Of one model at one provider: rows by what they are about, members by their paths.
type Rows = BTreeMap<String, BTreeMap<String, Value>>;

/// Everything of one provider, by the contract's name of the model.
struct Seen {
    provider: &'static str,
    models: BTreeMap<&'static str, Rows>,
    /// Values over time, by vehicle and stat.
    stats: BTreeMap<(String, StatType), Vec<(Timestamp, f64)>>,
}

async fn json<R: Record>(store: &Store, connection: ConnectionId) -> Vec<Value> {
    let rows = stored::<R>(store, connection).await.into_iter();
    rows.map(|row| serde_json::to_value(&row).expect("records are JSON"))
        .collect()
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Without the dashes that some providers take out of serial numbers.
fn plain(serial: &str) -> String {
    serial.replace('-', "")
}

/// The first and last word of the name, since not everybody knows middle names, and the licence (or
/// what comes before the @ of the user name), since names are not unique.
fn driver_label(row: &Value) -> String {
    let name = format!("{} {}", word(&row["firstName"]), word(&row["lastName"]));
    let words: Vec<&str> = name.split_whitespace().collect();
    let (first, last) = (words.first().unwrap_or(&""), words.last().unwrap_or(&""));
    let licence = word(&row["license"]["number"]);
    let username = word(&row["username"]);
    let user = username.split('@').next().unwrap_or_default();
    // Where the fleet gave no user name, a provider that must have one makes one up.
    let user = if user.starts_with("driver.") {
        user
    } else {
        ""
    };
    let papers = if licence.is_empty() { user } else { &licence };
    format!("driver {first} {last} {papers}")
}

/// What a provider's ids stand for.
struct Labels(BTreeMap<String, String>);

impl Labels {
    async fn of(fleet: &Fleet, connection: ConnectionId) -> Labels {
        let store = &fleet.store;
        let mut labels = BTreeMap::new();
        let mut add = |rows: Vec<Value>, name: &dyn Fn(&Value) -> String| {
            for row in rows {
                labels.insert(word(&row["id"]), name(&row));
            }
        };
        add(json::<Vehicle>(store, connection).await, &|row| {
            format!("vehicle {}", word(&row["name"]))
        });
        add(json::<Driver>(store, connection).await, &driver_label);
        add(json::<Group>(store, connection).await, &|row| {
            format!("group {}", word(&row["name"]))
        });
        add(json::<Trailer>(store, connection).await, &|row| {
            format!("trailer {}", word(&row["name"]))
        });
        add(json::<Device>(store, connection).await, &|row| {
            format!("device {}", plain(&word(&row["serialNumber"])))
        });
        Labels(labels)
    }

    /// Ids by what they stand for, in the whole value.
    fn apply(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(label) = self.0.get(text.as_str()) {
                    *text = label.clone();
                }
            }
            Value::Array(items) => {
                items.iter_mut().for_each(|item| self.apply(item));
                items.sort_by_key(Value::to_string);
            }
            Value::Object(members) => members.values_mut().for_each(|item| self.apply(item)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// Names the connection itself, so no two providers can agree on it.
const OWN: [&str; 4] = ["id", "sourceId", "sourceType", "provider"];

fn flatten(path: &str, value: &Value, into: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if OWN.contains(&name.as_str()) {
                    continue;
                }
                let path = match path.is_empty() {
                    true => name.clone(),
                    false => format!("{path}.{name}"),
                };
                flatten(&path, member, into);
            }
        }
        Value::Array(items) if items.is_empty() => {}
        Value::Array(items) if items.iter().all(Value::is_object) => {
            let mut columns: BTreeMap<String, Vec<Value>> = BTreeMap::new();
            for item in items {
                let mut members = BTreeMap::new();
                flatten(path, item, &mut members);
                for (path, member) in members {
                    columns.entry(path).or_default().push(member);
                }
            }
            let columns = columns.into_iter();
            into.extend(columns.map(|(path, column)| (path, Value::Array(column))));
        }
        other => {
            into.insert(path.to_owned(), other.clone());
        }
    }
}

fn rows<R: Record>(labels: &Labels, records: Vec<R>, about: &[&str]) -> Rows {
    let mut rows = Rows::new();
    for record in records {
        let mut row = serde_json::to_value(&record).expect("records are JSON");
        labels.apply(&mut row);
        let word = |name: &&str| match &row[name] {
            // Providers that speak in seconds.
            Value::String(text) => match Timestamp::parse(text) {
                Some(time) => time.floor_to(1_000).to_string(),
                None if *name == "serialNumber" => plain(text),
                None => text.clone(),
            },
            other => other.to_string(),
        };
        let key = about.iter().map(word).collect::<Vec<_>>().join(" | ");
        let mut members = BTreeMap::new();
        flatten("", &row, &mut members);
        // Two that are about the same: both are kept, in the order of their contents.
        let mut key_of_this = key.clone();
        for twin in 2.. {
            if !rows.contains_key(&key_of_this) {
                break;
            }
            key_of_this = format!("{key} ({twin})");
        }
        rows.insert(key_of_this, members);
    }
    rows
}

/// By first and last word of the name.
async fn drivers(labels: &Labels, fleet: &Fleet, connection: ConnectionId) -> Rows {
    let mut drivers: Vec<Driver> = stored(&fleet.store, connection).await;
    drivers.sort_by_key(|driver| driver.source_id.len());
    let named = |driver: &Driver| {
        let own = labels.0.get(&driver.id.to_string());
        own.cloned().expect("every driver has a label")
    };
    let mut by_name = Rows::new();
    for driver in drivers {
        let name = named(&driver);
        for (_, row) in rows(labels, vec![driver], &["firstName"]) {
            by_name.insert(name.clone(), row);
        }
    }
    by_name
}

/// Days that lie within history: of the first and the last there is only a part.
fn is_whole(day: &str) -> bool {
    ["2026-03-02", "2026-03-03"]
        .iter()
        .any(|whole| day.contains(whole))
}

async fn seen(fleet: &Fleet, connection: ConnectionId, provider: &'static str) -> Seen {
    let labels = Labels::of(fleet, connection).await;
    let store = &fleet.store;
    macro_rules! of {
        ($model:ty, $about:expr) => {
            rows::<$model>(&labels, stored(store, connection).await, &$about)
        };
    }
    let mut models = BTreeMap::from([
        ("Vehicle", of!(Vehicle, ["name"])),
        ("Driver", drivers(&labels, fleet, connection).await),
        ("Group", of!(Group, ["name"])),
        ("Device", of!(Device, ["serialNumber"])),
        ("Trailer", of!(Trailer, ["name"])),
        ("Trip", of!(Trip, ["vehicle", "startedAt"])),
        (
            "SafetyEvent",
            of!(SafetyEvent, ["vehicle", "startedAt", "type"]),
        ),
        (
            "FaultCodeEvent",
            of!(FaultCodeEvent, ["vehicle", "observedAt", "code", "status"]),
        ),
        ("HOSLog", of!(HosLog, ["driver", "startedAt"])),
        ("HOSDailyLog", of!(HosDailyLog, ["driver", "date"])),
        (
            "VehicleUtilization",
            of!(VehicleUtilizationDay, ["vehicle", "startAt"]),
        ),
        (
            "IFTASummary",
            of!(IftaVehicleMonth, ["vehicle", "month", "jurisdiction"]),
        ),
    ]);
    for of_days in ["HOSDailyLog", "VehicleUtilization"] {
        if let Some(rows) = models.get_mut(of_days) {
            rows.retain(|about, _| is_whole(about));
        }
    }
    let (locations, stats) = histories(fleet, connection, &labels).await;
    models.insert("VehicleLocation", locations);
    Seen {
        provider,
        models,
        stats,
    }
}

type Stats = BTreeMap<(String, StatType), Vec<(Timestamp, f64)>>;

/// Locations as rows, by vehicle and second; stats as they are.
async fn histories(fleet: &Fleet, connection: ConnectionId, labels: &Labels) -> (Rows, Stats) {
    let (mut locations, mut stats) = (Rows::new(), Stats::new());
    for vehicle in stored::<Vehicle>(&fleet.store, connection).await {
        let label = &labels.0[&vehicle.id.to_string()];
        for kinds in [HistoryKinds::Locations, HistoryKinds::Stats(Vec::new())] {
            for row in history(&fleet.store, connection, vehicle.id, kinds, 3_000).await {
                match row.value {
                    RowValue::Location {
                        latitude_e7,
                        longitude_e7,
                        heading_centi,
                        speed_centi_kph,
                        address,
                        ..
                    } => {
                        let number = |number: f64| Some(Value::from(number));
                        let members = [
                            ("location.latitude", number(f64::from(latitude_e7) / 1e7)),
                            ("location.longitude", number(f64::from(longitude_e7) / 1e7)),
                            (
                                "heading",
                                heading_centi.and_then(|h| number(f64::from(h) / 100.0)),
                            ),
                            (
                                "speed",
                                speed_centi_kph.and_then(|s| number(f64::from(s) / 100.0)),
                            ),
                            (
                                "address",
                                address.map(|text| Value::from(text.into_string())),
                            ),
                        ];
                        let members = members.into_iter();
                        let members = members
                            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
                            .collect();
                        locations
                            .insert(format!("{label} | {}", row.time.floor_to(1_000)), members);
                    }
                    RowValue::Stat { stat, value } => {
                        let value = match stat.member().1 {
                            StatUnit::Hundredths => value as f64 / 100.0,
                            StatUnit::Milliseconds | StatUnit::EngineState => value as f64,
                        };
                        let series = stats.entry((label.clone(), stat)).or_default();
                        series.push((row.time, value));
                    }
                }
            }
        }
    }
    (locations, stats)
}

/// Each value of one provider must be what the other had at that second: the last before it, or one
/// of the same second.
fn compare_stats(one: &Seen, other: &Seen, findings: &mut Findings) {
    for (one, other) in [(one, other), (other, one)] {
        for ((vehicle, stat), points) in &one.stats {
            let member = stat.member().0;
            let Some(twins) = other.stats.get(&(vehicle.clone(), *stat)) else {
                let is_given = other.stats.keys().any(|(_, of)| of == stat);
                if is_given || !omits(other.provider, "VehicleStatLog", member) {
                    let example = format!("{} only at {}: {vehicle}", stat.name(), one.provider);
                    let pair = [one.provider, other.provider];
                    findings.add(pair, "VehicleStatLog", member, example);
                }
                continue;
            };
            for (time, value) in points {
                let second = time.floor_to(1_000);
                let from = twins
                    .partition_point(|(at, _)| *at < second)
                    .saturating_sub(1);
                let until = twins.partition_point(|(at, _)| at.floor_to(1_000) <= second);
                let near = &twins[from..until.max(from)];
                let slack = (value.abs() * 0.000_5).max(match stat.member().1 {
                    StatUnit::Hundredths => 0.2,
                    StatUnit::Milliseconds => 60_000.0,
                    StatUnit::EngineState => 0.0,
                });
                let is_near = |(_, twin): &(Timestamp, f64)| (value - twin).abs() <= slack;
                if !near.is_empty() && !near.iter().any(is_near) {
                    let example = format!(
                        "{} of {vehicle} at {time}: {value} at {}, {near:?} at {}",
                        stat.name(),
                        one.provider,
                        other.provider
                    );
                    let pair = [one.provider, other.provider];
                    findings.add(pair, "VehicleStatLog", member, example);
                }
            }
        }
    }
}

/// Whether two values say the same in the coarser of two units.
fn agree(path: &str, one: &Value, other: &Value) -> bool {
    if path == "serialNumber" {
        return plain(&word(one)) == plain(&word(other));
    }
    if let (Some(one), Some(other)) = (one.as_f64(), other.as_f64()) {
        let slack = if path.ends_with("atitude") || path.ends_with("ongitude") {
            2e-5
        } else if path == "speed" {
            // Whole kilometres an hour.
            0.51
        } else if path == "heading" {
            // Whole degrees, cut off.
            1.01
        } else if path.contains("uration") {
            // Milliseconds of whole seconds.
            1_000.0
        } else {
            // A tenth of a mile, a tenth of a litre, or a hundredth of the value.
            (one.abs() * 0.01).max(0.17)
        };
        return (one - other).abs() <= slack;
    }
    if let (Some(one), Some(other)) = (one.as_str(), other.as_str())
        && let (Some(one), Some(other)) = (Timestamp::parse(one), Timestamp::parse(other))
    {
        return one.floor_to(1_000) == other.floor_to(1_000);
    }
    one == other
}

/// What the providers do not agree about, and which of their entries say so.
#[derive(Default)]
struct Findings {
    unsaid: BTreeMap<String, (usize, String)>,
    said: BTreeSet<(&'static str, &'static str, &'static str)>,
}

impl Findings {
    /// `of` are the providers that could say so.
    fn add(&mut self, of: [&'static str; 2], model: &'static str, path: &str, example: String) {
        let mut is_said = false;
        for provider in of {
            let entries = descriptor(provider).differs.iter();
            for entry in entries.filter(|entry| entry.model == model) {
                if is_within(entry.member, path) {
                    self.said.insert((provider, model, entry.member));
                    is_said = true;
                }
            }
        }
        if !is_said {
            let [one, other] = of;
            let what = format!("{model} of {one} and {other}: `{path}`");
            self.unsaid.entry(what).or_insert((0, example)).0 += 1;
        }
    }
}

fn descriptor(provider: &str) -> &'static provider::Descriptor {
    let found = providers::find(provider).expect("it is in the registry");
    found.descriptor()
}

/// Whether the path is the member, or lies in it.
fn is_within(member: &str, path: &str) -> bool {
    let rest = path.strip_prefix(member);
    rest.is_some_and(|rest| rest.is_empty() || (rest.starts_with('.') && !member.is_empty()))
}

fn omits(provider: &str, model: &str, path: &str) -> bool {
    let entries = descriptor(provider).omits.iter();
    let own = entries.filter(|(of, _)| *of == model);
    own.flat_map(|(_, members)| members.iter())
        .any(|member| is_within(member, path))
}

fn compare(one: &Seen, other: &Seen, findings: &mut Findings) {
    let pair = [one.provider, other.provider];
    for (model, ones) in &one.models {
        let others = &other.models[model];
        for (key, row) in ones {
            let Some(twin) = others.get(key) else {
                if has_type(other.provider, model, row) {
                    findings.add(pair, model, "", format!("only at {}: {key}", one.provider));
                }
                continue;
            };
            for path in row.keys().chain(twin.keys()).collect::<BTreeSet<_>>() {
                let (a, b) = (row.get(path), twin.get(path));
                let is_same = match (a, b) {
                    (Some(a), Some(b)) => agree(path, a, b),
                    (Some(_), None) => omits(other.provider, model, path),
                    (None, _) => omits(one.provider, model, path),
                };
                if !is_same {
                    let shown = |value: Option<&Value>| {
                        value.map_or("nothing".to_owned(), Value::to_string)
                    };
                    let example = format!("{key}: {} and {}", shown(a), shown(b));
                    findings.add(pair, model, path, example);
                }
            }
        }
        for (key, row) in others.iter().filter(|(key, _)| !ones.contains_key(*key)) {
            if has_type(one.provider, model, row) {
                findings.add(
                    pair,
                    model,
                    "",
                    format!("only at {}: {key}", other.provider),
                );
            }
        }
    }
}

/// Whether the provider can give safety events of the row's type.
fn has_type(provider: &str, model: &str, row: &BTreeMap<String, Value>) -> bool {
    if model != "SafetyEvent" {
        return true;
    }
    let types = descriptor(provider).safety_types;
    let mut names = types
        .iter()
        .map(|of| serde_json::to_value(of).expect("a name"));
    row.get("type")
        .is_none_or(|of| names.any(|name| name == *of))
}

/// Of the members that some provider gives, those that are said to be left out here and are not,
/// or that never come although that is not said.
fn check_omits(seen: &Seen, all: &[Seen]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (model, rows) in &seen.models {
        let own: BTreeSet<&String> = rows.values().flat_map(BTreeMap::keys).collect();
        let others = all.iter().flat_map(|other| other.models[model].values());
        let given: BTreeSet<&String> = others.flat_map(BTreeMap::keys).collect();
        let provider = seen.provider;
        for path in given {
            match (omits(provider, model, path), own.contains(path)) {
                (true, true) => wrong.push(format!("{provider} gives {model}.{path} after all")),
                (false, false) => wrong.push(format!("{provider} never gives {model}.{path}")),
                _ => {}
            }
        }
    }
    wrong
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_providers_of_one_world_agree_but_for_what_they_leave_out() {
    let config = FleetConfig::demo_sized(3).at(Vendor::ALL);
    let fleet = Fleet::new(config, TestDatabase::sqlite(Execution::Threads)).await;
    let mut all = Vec::new();
    for (vendor, connection) in Vendor::ALL.into_iter().zip(&fleet.connections) {
        let row = fleet.backfill_of(*connection).await;
        assert_eq!(
            row.status,
            SyncStatus::Completed,
            "{vendor}: {:?}",
            row.failure_reason
        );
        all.push(seen(&fleet, *connection, vendor.name()).await);
    }
    let mut findings = Findings::default();
    let mut wrong = Vec::new();
    for (index, one) in all.iter().enumerate() {
        wrong.extend(check_omits(one, &all));
        for other in &all[index + 1..] {
            compare(one, other, &mut findings);
            compare_stats(one, other, &mut findings);
        }
    }
    let unsaid = findings.unsaid.iter();
    wrong.extend(unsaid.map(|(what, (count, example))| format!("{what} ({count}): {example}")));
    for seen in &all {
        for entry in descriptor(seen.provider).differs {
            let key = (seen.provider, entry.model, entry.member);
            let is_seen = entry.model == "VehicleStatLog" || seen.models.contains_key(entry.model);
            if is_seen && !findings.said.contains(&key) {
                wrong.push(format!("nothing differs where it is said to: {key:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
