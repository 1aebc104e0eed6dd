//! Idle events: the engine ran for a while and the vehicle stood.

use model::time::{DAY_MS, MINUTE_MS};
use model::{Timestamp, Window};

use super::answer::Refusal;
use super::paging::Wrapper;
use super::wire::Members;
use super::{Call, MotiveServer, ids};
use crate::fleet::{Position, Signal, World};
use crate::samsara::wire::Json;
use crate::shown::{clear_of_halves, overlaps};

const SHORTEST_MS: i64 = 2 * MINUTE_MS;
/// Value of [`Signal::EngineState`].
const IDLE: i64 = 2;

/// An idle event that is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Idling {
    pub vehicle: usize,
    pub from: Timestamp,
    pub until: Timestamp,
    pub position: Position,
    pub driver: Option<usize>,
    /// What the engine had burnt at the beginning, and what it burnt: millilitres. `None`: the
    /// vehicle does not count fuel.
    pub fuel_ml: Option<(i64, i64)>,
    /// Else it drove off.
    pub ends_with_stop: bool,
}

/// The events that overlap `window` and are over at `now`, by time. Nothing goes wrong with them.
pub(crate) fn idle_events(
    world: &World,
    vehicle: usize,
    window: Window,
    now: Timestamp,
) -> Vec<Idling> {
    // Every UTC day begins and ends with the engine off.
    let until = Timestamp::from_millis(window.until.millis().saturating_add(DAY_MS));
    let whole_days = Window {
        from: window.from.start_of_utc_day(),
        until: until.start_of_utc_day().min(crate::shown::after(now, 1)),
    };
    let mut events = Vec::new();
    let mut began: Option<Timestamp> = None;
    world.readings(vehicle, Signal::EngineState, whole_days, |reading| {
        let from = began.take();
        if reading.value == IDLE {
            began = Some(reading.time);
        }
        let long_enough = |from: &Timestamp| reading.time.millis() - from.millis() >= SHORTEST_MS;
        if let Some(from) = from.filter(long_enough) {
            events.push(idling(world, vehicle, from, reading.time, reading.value));
        }
    });
    events.retain(|event| overlaps(event.from, event.until, window));
    events
}

fn idling(
    world: &World,
    vehicle: usize,
    from: Timestamp,
    until: Timestamp,
    state_after: i64,
) -> Idling {
    let (start, end) = (world.moment(vehicle, from), world.moment(vehicle, until));
    let counts_fuel = world.vehicles()[vehicle].reports(Signal::FuelUsedMillilitres);
    let burnt_ml = clear_of_halves(end.fuel_used_ml - start.fuel_used_ml);
    Idling {
        vehicle,
        from,
        until,
        position: start.position,
        driver: world.driver_at(vehicle, from),
        fuel_ml: counts_fuel.then_some((start.fuel_used_ml, burnt_ml)),
        ends_with_stop: state_after == 0,
    }
}

impl MotiveServer {
    /// Events that overlap a day of the company's zone, by their ends.
    pub(super) fn idle_events(&self, call: &Call) -> Result<Json, Refusal> {
        let asked = call.parameters.window(&self.world.time_zone(), call.now)?;
        let mut events: Vec<Idling> = Vec::new();
        for plan in self.world.vehicles() {
            events.extend(idle_events(&self.world, plan.index, asked.window, call.now));
        }
        events.sort_by_key(|event| (event.until, event.vehicle));
        let wrapper = Wrapper::of("idle_events", "idle_event");
        Ok(self.page(call, wrapper, &events, |json, event| {
            self.write_idle_event(json, event, call);
        }))
    }

    fn write_idle_event(&self, json: &mut Json, event: &Idling, call: &Call) {
        let form = &call.form;
        let city = event.position.nearest_city();
        let has_match = event.vehicle.is_multiple_of(2);
        json.raw("{")
            .integer_member("id", ids::event(event.vehicle, event.from));
        form.time(json, "start_time", event.from);
        form.time(json, "end_time", event.until);
        match event.fuel_ml {
            // Litres, whatever was asked for.
            Some((before_ml, burnt_ml)) => {
                json.key("veh_fuel_start").decimal(before_ml, 3);
                json.key("veh_fuel_end").decimal(before_ml + burnt_ml, 3);
            }
            None => json.nulls(&["veh_fuel_start", "veh_fuel_end"]),
        }
        json.place(["lat", "lon"], event.position);
        json.text_member("city", city.name);
        json.text_member("state", city.state);
        json.key("rg_brg").decimal(31_528, 2);
        json.key("rg_km").decimal(4_139, 3);
        json.flag_member("rg_match", has_match);
        let end = if event.ends_with_stop {
            "engine_stop"
        } else {
            "vehicle_moving"
        };
        json.text_member("end_type", end).key("driver");
        self.write_driver_or_null(json, event.driver, call);
        json.key("vehicle");
        self.write_vehicle_ref(json, event.vehicle, call);
        json.key("eld_device");
        self.write_eld_or_null(json, event.vehicle);
        let place = match has_match {
            true => format!("{}, {}", city.name, city.state),
            false => format!(
                "{} NW of {}, {}",
                form.distance_text(4_139),
                city.name,
                city.state
            ),
        };
        json.text_member("location", &place).raw("}");
    }
}
