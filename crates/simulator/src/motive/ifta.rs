//! Miles by state, for the fuel tax.
//!
//! Days are the company's. Only vehicles that are marked for it (those with a gateway) appear.

use std::collections::BTreeMap;

use model::Window;

use super::answer::Refusal;
use super::paging::Wrapper;
use super::request::Asked;
use super::wire::{Members, rails_zone};
use super::{Call, MotiveServer, ids};
use crate::fleet::zone::{local_date, local_month};
use crate::fleet::{MetresByJurisdiction, Trip, VehiclePlan};
use crate::samsara::wire::Json;

impl MotiveServer {
    fn ifta_vehicles(&self, call: &Call) -> Vec<&VehiclePlan> {
        let wanted = call.parameters.many("vehicle_ids");
        let listed = self.listed_vehicles(call.now).into_iter();
        let plans = listed.map(|(plan, _)| plan);
        plans
            .filter(|plan| {
                let id = ids::vehicle(plan.index).to_string();
                plan.gateway.is_some() && wanted.as_ref().is_none_or(|wanted| wanted.contains(&id))
            })
            .collect()
    }

    /// One row for each vehicle and jurisdiction, over all of the window.
    pub(super) fn ifta_summary(&self, call: &Call) -> Result<Json, Refusal> {
        let asked = call.parameters.window(&self.world.time_zone(), call.now)?;
        let mut rows = Vec::new();
        for plan in self.ifta_vehicles(call) {
            let metres = self.metres(plan.index, &asked, call);
            rows.extend(
                metres
                    .into_iter()
                    .map(|(state, metres)| (plan, state, metres)),
            );
        }
        let wrapper = Wrapper::of("ifta_trips", "ifta_trip");
        Ok(
            self.page(call, wrapper, &rows, |json, (plan, state, metres)| {
                json.raw("{");
                // Outside every jurisdiction there is no code for it.
                json.text_member("jurisdiction", state.unwrap_or(""));
                json.key("vehicle");
                self.write_vehicle_ref(json, plan.index, call);
                call.form.distance(json, "distance", *metres);
                json.text_member("time_zone", rails_zone(self.world.zone()));
                json.raw("}");
            }),
        )
    }

    /// No entry is zero. A month, or what there is of it so far, is what the month's report says.
    fn metres(&self, vehicle: usize, asked: &Asked, call: &Call) -> MetresByJurisdiction {
        let (year, month) = (asked.first.year(), asked.first.month());
        let so_far = |window: Window| window.until.min(call.now);
        let is_month = local_month(&self.world.time_zone(), year, month).is_some_and(|whole| {
            whole.from == asked.window.from && so_far(whole) == so_far(asked.window)
        });
        if is_month {
            return self.shown(call.now).ifta_month(vehicle, year, month);
        }
        let mut metres: MetresByJurisdiction = BTreeMap::new();
        for trip in self.driven(vehicle, asked.window, call) {
            *metres.entry(trip.jurisdiction).or_default() += trip.metres;
        }
        metres.retain(|_, metres| *metres > 0);
        metres
    }

    /// Trips, cut to the window and to now.
    fn driven(&self, vehicle: usize, window: Window, call: &Call) -> Vec<Trip> {
        let Some(window) = Window::new(window.from, window.until.min(call.now)) else {
            return Vec::new();
        };
        let trips = self.world.trips(vehicle, window).into_iter();
        trips
            .map(|trip| {
                let (from, until) = (trip.from.max(window.from), trip.until.min(window.until));
                let (start, end) = (
                    self.world.moment(vehicle, from),
                    self.world.moment(vehicle, until),
                );
                Trip {
                    from,
                    until,
                    start: start.position,
                    end: end.position,
                    odometer_start_m: start.odometer_m,
                    odometer_end_m: end.odometer_m,
                    metres: end.odometer_m - start.odometer_m,
                    ..trip
                }
            })
            .collect()
    }

    /// One row for each stretch in one jurisdiction.
    pub(super) fn ifta_trips(&self, call: &Call) -> Result<Json, Refusal> {
        let zone = self.world.time_zone();
        let asked = call.parameters.window(&zone, call.now)?;
        let plans = self.ifta_vehicles(call).into_iter();
        let trips: Vec<Trip> = plans
            .flat_map(|plan| self.driven(plan.index, asked.window, call))
            .collect();
        let wrapper = Wrapper::of("ifta_trips", "ifta_trip");
        Ok(self.page(call, wrapper, &trips, |json, trip| {
            let form = &call.form;
            json.raw("{")
                .integer_member("id", ids::event(trip.vehicle, trip.from));
            let date = local_date(&zone, trip.from).to_string();
            json.text_member("date", &date);
            json.text_member("jurisdiction", trip.jurisdiction.unwrap_or(""));
            json.key("vehicle");
            self.write_vehicle_ref(json, trip.vehicle, call);
            form.distance(json, "start_odometer", trip.odometer_start_m);
            form.distance(json, "end_odometer", trip.odometer_end_m);
            json.nulls(&["calibrated_start_odometer", "calibrated_end_odometer"]);
            json.place(["start_lat", "start_lon"], trip.start);
            json.place(["end_lat", "end_lon"], trip.end);
            form.distance(json, "distance", trip.metres);
            json.text_member("time_zone", rails_zone(self.world.zone()));
            json.raw("}");
        }))
    }
}
