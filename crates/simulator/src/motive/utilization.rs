//! Driving and idling of vehicles and of drivers, summed over the asked window.
//!
//! A row has no date: a day and a week each give one row. Days are the company's. Version 2 lists
//! the whole fleet, and says in words where it knows nothing; version 1 lists what moved, and of
//! drivers it ignores the header that asks for units.

use std::collections::BTreeMap;

use super::answer::Refusal;
use super::paging::Wrapper;
use super::wire::{Form, Members, local_text};
use super::{Call, MotiveServer};
use crate::fleet::{Utilization, VehiclePlan};
use crate::samsara::wire::Json;

const NO_DATA: &str = "No data available for the vehicle in given time period";
/// Three litres an hour.
const IDLING_MS_PER_ML: i64 = 1_200;

/// What idling and driving burnt, together `fuel_ml`.
fn fuel_ml(done: &Utilization) -> (i64, i64) {
    let idling = (done.idle_ms / IDLING_MS_PER_ML).min(done.fuel_ml);
    (idling, done.fuel_ml - idling)
}

/// Whole seconds of idling and of driving.
pub(crate) fn seconds(done: &Utilization) -> (i64, i64) {
    let driving_ms = done.engine_run_ms - done.idle_ms;
    (done.idle_ms / 1_000, driving_ms / 1_000)
}

/// The share of driving in the time that the engine ran, in hundredths of a percent.
fn share(done: &Utilization) -> i64 {
    let driving_ms = done.engine_run_ms - done.idle_ms;
    driving_ms * 10_000 / done.engine_run_ms.max(1)
}

fn add(sum: &mut Utilization, part: Utilization) {
    sum.metres += part.metres;
    sum.fuel_ml += part.fuel_ml;
    sum.engine_run_ms += part.engine_run_ms;
    sum.idle_ms += part.idle_ms;
}

impl MotiveServer {
    pub(super) fn vehicle_utilization(&self, call: &Call) -> Result<Json, Refusal> {
        let asked = call.parameters.window(&self.world.time_zone(), call.now)?;
        let wanted = call.parameters.many("vehicle_ids");
        let shown = self.shown(call.now);
        let mut rows: Vec<(&VehiclePlan, Option<Utilization>)> = Vec::new();
        for (plan, _) in self.listed_vehicles(call.now) {
            let id = super::ids::vehicle(plan.index).to_string();
            if wanted.as_ref().is_none_or(|wanted| wanted.contains(&id)) {
                rows.push((plan, shown.utilization(plan.index, asked.window)));
            }
        }
        if call.version == 1 {
            rows.retain(|(_, done)| done.is_some_and(|done| done.engine_run_ms > 0));
            let wrapper = Wrapper::of("vehicle_idle_rollups", "vehicle_idle_rollup");
            return Ok(self.page(call, wrapper, &rows, |json, (plan, done)| {
                json.raw("{").key("vehicle");
                self.write_vehicle_ref(json, plan.index, call);
                write_rollup(json, &call.form, &done.unwrap_or_default());
            }));
        }
        let wrapper = Wrapper::of("vehicle_utilizations", "vehicle_utilization");
        Ok(self.page(call, wrapper, &rows, |json, (plan, done)| {
            self.write_utilization(json, plan, done.as_ref(), call);
        }))
    }

    fn write_utilization(
        &self,
        json: &mut Json,
        plan: &VehiclePlan,
        done: Option<&Utilization>,
        call: &Call,
    ) {
        let known = done.copied().unwrap_or_default();
        let (idle_ml, driving_ml) = fuel_ml(&known);
        let (idle_s, driving_s) = seconds(&known);
        json.raw("{");
        call.form.fuel(json, "driving_fuel", driving_ml);
        json.integer_member("driving_time", driving_s);
        call.form.fuel(json, "idle_fuel", idle_ml);
        json.integer_member("idle_time", idle_s);
        let located = self.last_row(plan.index, call).filter(|_| done.is_some());
        let located = located.map(|row| local_text(&self.world.time_zone(), row.located_at()));
        json.text_or_null("last_located_at", located.as_deref());
        let message = if done.is_some() { "" } else { NO_DATA };
        json.text_member("message", message);
        call.form.distance(json, "total_distance", known.metres);
        call.form.fuel(json, "total_fuel", known.fuel_ml);
        json.key("utilization_percentage").decimal(share(&known), 2);
        json.key("vehicle");
        self.write_vehicle_ref(json, plan.index, call);
        json.raw("}");
    }

    /// By driver, and what nobody was signed in for last.
    pub(super) fn driver_utilization(&self, call: &Call) -> Result<Json, Refusal> {
        let asked = call.parameters.window(&self.world.time_zone(), call.now)?;
        let shown = self.shown(call.now);
        let mut drivers: BTreeMap<usize, Utilization> = BTreeMap::new();
        let mut unattributed = Utilization::default();
        for plan in self.world.vehicles() {
            let Some(mut left) = shown.utilization(plan.index, asked.window) else {
                continue;
            };
            for assignment in self.world.assignments(plan.index, asked.window) {
                let from = assignment.from.max(asked.window.from);
                let until = assignment.until.min(asked.window.until).min(call.now);
                let part = self.world.utilization(plan.index, from, until);
                // Reports lag behind: nobody did more than what is in them.
                let part = Utilization {
                    metres: part.metres.min(left.metres),
                    fuel_ml: part.fuel_ml.min(left.fuel_ml),
                    engine_run_ms: part.engine_run_ms.min(left.engine_run_ms),
                    idle_ms: part.idle_ms.min(left.idle_ms),
                };
                left.metres -= part.metres;
                left.fuel_ml -= part.fuel_ml;
                left.engine_run_ms -= part.engine_run_ms;
                left.idle_ms -= part.idle_ms;
                add(drivers.entry(assignment.driver).or_default(), part);
            }
            add(&mut unattributed, left);
        }
        let known = drivers.into_iter().map(|(driver, sum)| (Some(driver), sum));
        let rows: Vec<_> = known.chain([(None, unattributed)]).collect();
        let mut form = call.form.clone();
        if call.version == 1 {
            form.metric = self.config.metric_by_default;
        }
        let wrapper = Wrapper::of("driver_idle_rollups", "driver_idle_rollup");
        Ok(self.page(call, wrapper, &rows, |json, (driver, sum)| {
            json.raw("{").key("driver");
            self.write_driver_or_null(json, *driver, call);
            write_rollup(json, &form, sum);
        }))
    }
}

/// The members that follow whose rollup it is.
fn write_rollup(json: &mut Json, form: &Form, done: &Utilization) {
    let (idle_ml, driving_ml) = fuel_ml(done);
    let (idle_s, driving_s) = seconds(done);
    json.key("utilization").decimal(share(done), 2);
    json.integer_member("idle_time", idle_s);
    json.integer_member("driving_time", driving_s);
    form.fuel(json, "idle_fuel", idle_ml);
    form.fuel(json, "driving_fuel", driving_ml);
    json.raw("}");
}
