//! What a series of readings must look like.

use std::collections::{BTreeMap, BTreeSet};

use super::super::WorldConfig;
use super::*;

const BEGINS_AT: Timestamp = Timestamp::from_millis(1_749_969_600_000);
const DAYS: i64 = 60;

fn world(seed: u64) -> World {
    World::new(WorldConfig::days_before(BEGINS_AT, 0, seed))
}

fn after(ms: i64) -> Timestamp {
    Timestamp::from_millis(BEGINS_AT.millis() + ms)
}

fn readings(world: &World, vehicle: usize) -> Vec<FaultReading> {
    world.fault_readings(
        vehicle,
        Window::new(BEGINS_AT, after(DAYS * DAY_MS)).unwrap(),
    )
}

/// What tells one open code from another.
fn codes(reading: &FaultReading) -> BTreeSet<String> {
    let heavy = reading
        .j1939
        .iter()
        .map(|fault| format!("{}/{}/{}", fault.source_address, fault.spn, fault.fmi));
    let light = reading.obd2.iter().map(|fault| fault.code.to_owned());
    heavy.chain(light).collect()
}

#[test]
fn readings_are_made_while_the_engine_runs() {
    let world = world(71);
    let mut buses = BTreeMap::new();
    for vehicle in 0..world.vehicles().len() {
        let all = readings(&world, vehicle);
        assert_eq!(world.fault_bus(vehicle).is_none(), all.is_empty());
        assert!(all.is_sorted_by(|a, b| a.time < b.time));
        for reading in all {
            *buses.entry(reading.bus).or_insert(0) += 1;
            assert!(reading.obd2.is_empty() || reading.j1939.is_empty());
            let before = Timestamp::from_millis(reading.time.millis() - SECOND_MS);
            assert!(world.moment(vehicle, before).engine_runs, "{reading:?}");
        }
    }
    assert!(buses[&FaultBus::J1939] > 3 * buses[&FaultBus::Obd2]);
}

#[test]
fn codes_come_and_most_of_them_go() {
    let world = world(72);
    let (mut came, mut went, mut stay) = (0, 0, 0);
    for vehicle in 0..world.vehicles().len() {
        let mut open = BTreeSet::new();
        for reading in readings(&world, vehicle) {
            let now = codes(&reading);
            assert_eq!(now.len(), reading.j1939.len() + reading.obd2.len());
            came += now.difference(&open).count();
            went += open.difference(&now).count();
            open = now;
        }
        stay += open.len();
    }
    assert!(came > 100 && went > 80 && stay > 3, "{came} {went} {stay}");
}

#[test]
fn a_code_is_pending_before_it_is_confirmed() {
    let mut seen = BTreeMap::new();
    for seed in 73..76 {
        let world = world(seed);
        for vehicle in 0..world.vehicles().len() {
            let mut stages: BTreeMap<&str, Obd2Stage> = BTreeMap::new();
            for reading in readings(&world, vehicle) {
                let lamp = reading.obd2.iter().any(|fault| fault.mil_is_on)
                    || reading.j1939.iter().any(|fault| fault.mil_is_on);
                assert_eq!(reading.mil_is_on, lamp);
                stages.retain(|code, _| reading.obd2.iter().any(|fault| fault.code == *code));
                for fault in &reading.obd2 {
                    *seen.entry(fault.stage).or_insert(0) += 1;
                    assert!(fault.stage != Obd2Stage::Pending || !fault.mil_is_on);
                    let before = stages.insert(fault.code, fault.stage);
                    assert!(before.is_none_or(|before| before <= fault.stage));
                }
            }
        }
    }
    assert_eq!(seen.len(), 3, "{seen:?}");
}

#[test]
fn a_reading_does_not_depend_on_the_window_that_finds_it() {
    let (asked_whole, asked_by_hours) = (world(77), world(77));
    for vehicle in 0..4 {
        let whole = readings(&asked_whole, vehicle);
        let mut parts = Vec::new();
        for hour in (0..DAYS * 24).rev() {
            let window = Window::new(after(hour * HOUR_MS), after((hour + 1) * HOUR_MS)).unwrap();
            let mut found = asked_by_hours.fault_readings(vehicle, window);
            found.append(&mut parts);
            parts = found;
        }
        assert_eq!(whole, parts);
    }
}
