//! Where vehicles are and were.
//!
//! The lists of versions 1 and 2 have every vehicle, version 3 only those with a gateway that was
//! heard of: the last known place, whatever dates are asked for. History of one vehicle is not
//! paged.

use jiff::tz::TimeZone;

use super::answer::Refusal;
use super::paging::Wrapper;
use super::rows::{Row, last_row, rows};
use super::wire::{Members, milli_kph};
use super::{Call, MotiveServer, ids};
use crate::fleet::{Signal, VehiclePlan};
use crate::samsara::wire::Json;

/// How far back the last known place may lie.
pub(crate) const SNAPSHOT_DAYS: i64 = 60;
/// "Three months".
const LONGEST_RANGE_DAYS: i64 = 93;

impl MotiveServer {
    pub(super) fn last_row(&self, vehicle: usize, call: &Call) -> Option<Row> {
        last_row(&self.world, &self.faults, vehicle, call.now, SNAPSHOT_DAYS)
    }

    pub(super) fn latest_locations(&self, call: &Call) -> Result<Json, Refusal> {
        let wanted = call.parameters.many("vehicle_ids");
        let listed = self.listed_vehicles(call.now).into_iter();
        let mut found: Vec<&VehiclePlan> = listed.map(|(plan, _)| plan).collect();
        found.retain(|plan| {
            let id = ids::vehicle(plan.index).to_string();
            let is_named = wanted.as_ref().is_none_or(|wanted| wanted.contains(&id));
            is_named && (call.version < 3 || plan.gateway.is_some())
        });
        let wrapper = Wrapper::of("vehicles", "vehicle");
        Ok(self.page(call, wrapper, &found, |json, plan| {
            let row = self.last_row(plan.index, call);
            json.raw("{");
            self.write_vehicle_members(json, plan.index, call.now);
            match call.version {
                3 => self.write_v3(json, row.as_ref(), call),
                _ => self.write_v1(json, plan.index, row.as_ref(), call),
            }
            json.raw("}");
        }))
    }

    fn write_v1(&self, json: &mut Json, vehicle: usize, row: Option<&Row>, call: &Call) {
        if call.version == 2 {
            json.text_member("fuel_type", "diesel");
        }
        json.key("current_location");
        match row {
            Some(row) => self.write_row(json, row, call, true),
            None => {
                json.raw("null");
            }
        }
        json.key("current_driver");
        let driver = self.world.driver_at(vehicle, call.now);
        self.write_driver_or_null(json, driver, call);
    }

    fn write_v3(&self, json: &mut Json, row: Option<&Row>, call: &Call) {
        json.null("aux_status");
        let Some(row) = row else {
            json.null("current_location");
            return;
        };
        let moment = self.world.moment(row.vehicle, call.now);
        let city = row.position.nearest_city();
        json.key("current_location").raw("{");
        json.place(["lat", "lon"], row.position);
        json.key("bearing").decimal(row.bearing_centi.into(), 2);
        call.form.time(json, "located_at", row.located_at());
        json.text_member("city", city.name);
        json.text_member("state", city.state);
        json.nulls(&["rg_km", "rg_brg"]);
        json.flag_member("rg_match", true);
        // km/h, whatever was asked for.
        let kph = milli_kph(row.speed_centi_mph.unwrap_or(0));
        json.key("kph").decimal(kph, 3);
        let state = if moment.engine_runs { "on" } else { "off" };
        json.text_member("vehicle_state", state);
        let text = row.address.map(|address| address.text());
        json.text_or_null("current_location", text.as_deref());
        json.raw("}");
    }

    pub(super) fn location_history(&self, call: &Call) -> Result<Json, Refusal> {
        let listed = self.listed_vehicles(call.now).into_iter();
        let (plan, _) = listed
            .into_iter()
            .find(|(plan, _)| Some(ids::vehicle(plan.index)) == call.id)
            .ok_or_else(Refusal::not_found)?;
        let asked = match (call.version, call.parameters.one("date")) {
            (1, Some(date)) => {
                let query = format!("start_date={date}");
                super::Parameters::read(&query).window(&TimeZone::UTC, call.now)?
            }
            _ => call.parameters.window(&TimeZone::UTC, call.now)?,
        };
        if asked.delta_days() > LONGEST_RANGE_DAYS {
            let message = "Date range cannot be greater than 3 months";
            return Err(Refusal::bad(message));
        }
        let found = rows(
            &self.world,
            &self.faults,
            plan.index,
            asked.window,
            call.now,
        );
        let mut json = Json::default();
        json.raw("{").key("vehicle_locations").raw("[");
        for row in &found {
            let is_repeated = self
                .faults
                .is_repeated(row.vehicle, Signal::Position, row.time);
            for _ in 0..1 + usize::from(is_repeated) {
                json.comma().raw("{").key("vehicle_location");
                self.write_row(&mut json, row, call, false);
                json.raw("}");
            }
        }
        json.raw("]}");
        Ok(json)
    }

    /// A row of history; or the same as the last known place, which says everything it knows.
    fn write_row(&self, json: &mut Json, row: &Row, call: &Call, is_latest: bool) {
        let form = &call.form;
        let value = |signal| match is_latest {
            true => row.value(signal),
            false => row.value_in_history(signal),
        };
        json.raw("{");
        form.time(json, "located_at", row.located_at());
        json.place(["lat", "lon"], row.position);
        json.text_member("id", &row.id());
        json.text_member("type", row.kind.name());
        let text = row.address.map(|address| address.text());
        match (text, row.speed_centi_mph) {
            (None, Some(0)) => {
                json.text_member("description", "");
            }
            (text, _) => json.text_or_null("description", text.as_deref()),
        }
        match row.speed_centi_mph {
            Some(speed) => form.speed(json, "speed", speed),
            None => json.null("speed"),
        }
        json.key("bearing").decimal(row.bearing_centi.into(), 2);
        let distance = |json: &mut Json, name, signal| match value(signal) {
            Some(metres) => form.distance(json, name, metres),
            None => json.null(name),
        };
        let hours = |json: &mut Json, name, signal| match value(signal) {
            Some(seconds) => json.hours(name, seconds),
            None => json.null(name),
        };
        distance(json, "odometer", Signal::GpsOdometerMetres);
        hours(json, "engine_hours", Signal::EstimatedEngineSeconds);
        match value(Signal::FuelUsedMillilitres) {
            Some(millilitres) => form.fuel(json, "fuel", millilitres),
            None => json.null("fuel"),
        }
        if call.version > 1 {
            distance(json, "true_odometer", Signal::BusOdometerMetres);
            hours(json, "true_engine_hours", Signal::BusEngineSeconds);
            match value(Signal::BatteryMillivolts) {
                Some(millivolts) => {
                    json.key("battery_voltage").decimal(millivolts, 3);
                }
                None => json.null("battery_voltage"),
            }
            let percent = value(Signal::FuelPercent);
            json.integer_or_null("fuel_primary_remaining_percentage", percent);
            json.nulls(&[
                "fuel_secondary_remaining_percentage",
                "veh_range",
                "hvb_state_of_charge",
                "hvb_charge_status",
                "hvb_charge_source",
                "hvb_lifetime_energy_output",
            ]);
        }
        if !is_latest {
            json.key("driver");
            self.write_driver_or_null(json, row.driver, call);
            json.key("eld_device");
            self.write_eld_or_null(json, row.vehicle);
        }
        json.raw("}");
    }
}
