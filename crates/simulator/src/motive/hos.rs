//! Hours of service: days of drivers with what was logged on them, and what is left of the hours.
//!
//! Dates are the driver's own. Events have no coordinates and no vehicle; vehicles and co-drivers
//! stand on the day.

use jiff::civil::Date;

use super::answer::Refusal;
use super::duty::{DutyDay, Piece, sds_type, wire_type};
use super::paging::Wrapper;
use super::wire::{Members, rails_zone};
use super::{Call, MotiveServer, ids};
use crate::fleet::zone::local_date;
use crate::fleet::{DriverPlan, DutyClocks};
use crate::samsara::wire::Json;
use crate::shown::after;

/// Notes of half of the drivers stand on their events, of the others beside them.
pub(crate) fn notes_on_events(driver: usize) -> bool {
    driver.is_multiple_of(2)
}

/// The number of the remark that a note is, where it stands beside the event.
pub(crate) fn remark(event: i64) -> i64 {
    event / 4
}

impl MotiveServer {
    /// The drivers that a request is about. Who has left the list of users keeps the logs.
    fn asked_drivers(&self, call: &Call) -> Vec<&DriverPlan> {
        let wanted = call.parameters.many("driver_ids");
        let is_wanted = |plan: &&DriverPlan| {
            wanted
                .as_ref()
                .is_none_or(|wanted| wanted.contains(&plan.source_id))
        };
        let active = self.world.drivers().iter().filter(|plan| plan.is_active);
        active.filter(is_wanted).collect()
    }

    fn asked_days(&self, call: &Call) -> Result<Vec<(&DriverPlan, Date)>, Refusal> {
        let mut days = Vec::new();
        for plan in self.asked_drivers(call) {
            let zone = self.world.driver_time_zone(plan.index);
            let asked = call.parameters.window(&zone, call.now)?;
            // No day before history, and none to come, is there.
            let first = local_date(&zone, self.world.config().begins_at);
            let ended = self.world.config().ends_at.unwrap_or(call.now);
            let last = local_date(&zone, call.now.min(after(ended, -1)));
            let dates = asked.dates().skip_while(|date| *date < first);
            days.extend(
                dates
                    .take_while(|date| *date <= last)
                    .map(|date| (plan, date)),
            );
        }
        Ok(days)
    }

    pub(super) fn logs(&self, call: &Call) -> Result<Json, Refusal> {
        let days = self.asked_days(call)?;
        let wrapper = Wrapper::of("logs", "log");
        Ok(self.page(call, wrapper, &days, |json, (plan, date)| {
            self.write_log(json, plan, *date, call);
        }))
    }

    fn write_log(&self, json: &mut Json, plan: &DriverPlan, date: Date, call: &Call) {
        json.raw("{");
        let day = DutyDay::of(&self.shown(call.now), plan.index, date);
        let Some(day) = day else {
            json.raw("}");
            return;
        };
        let km_or_miles = match call.form.metric {
            true => (day.metres() + 500) / 1_000,
            false => (day.metres() * 1_000 + 804_672) / 1_609_344,
        };
        self.write_day_head(json, plan, date, &day, call);
        json.integer_member("total_miles", km_or_miles);
        json.flag_member("metric_units", call.form.metric);
        json.nulls(&["driver_signed_at", "driver_signature_url"]);
        json.text_member("time_zone", rails_zone(plan.zone));
        json.text_member("cycle", "70_8");
        let (first, last) = super::entities::names(&plan.name);
        json.text_member("driver_first_name", first);
        json.text_member("driver_last_name", last);
        json.text_member("carrier_name", &self.config.organisation);
        json.text_member("carrier_street", "1 Depot Ave");
        json.text_member("carrier_city", "Nashville");
        json.text_member("carrier_state", "TN");
        json.text_member("carrier_zip", "37011");
        json.nulls(&[
            "terminal_street",
            "terminal_city",
            "terminal_state",
            "terminal_zip",
            "notes",
            "driver_company_id",
            "origin",
            "destination",
        ]);
        json.flags(
            &[
                "exception_24_hour_restart",
                "exception_8_hour_break",
                "exception_wait_time",
                "exception_short_haul",
                "short_haul",
            ],
            false,
        );
        json.text_member("eld_mode", "logs");
        json.text_member("trailer_numbers", "");
        json.text_member("shipping_docs", "");
        self.write_crew(json, &day, call);
        self.write_events(json, plan, &day, call);
        for empty in [
            "cycle_restarts",
            "form_and_manner_errors",
            "hos_violations",
            "inspection_reports",
        ] {
            json.key(empty).raw("[]");
        }
        json.raw("}");
    }

    /// What a day has in both lists of days.
    fn write_day_head(
        &self,
        json: &mut Json,
        plan: &DriverPlan,
        date: Date,
        day: &DutyDay,
        call: &Call,
    ) {
        json.integer_member("id", ids::day_log(plan.index, date));
        json.text_member("date", &date.to_string());
        for (name, wire) in [
            ("off_duty_duration", "off_duty"),
            ("on_duty_duration", "on_duty"),
            ("sleeper_duration", "sleeper"),
            ("driving_duration", "driving"),
            ("waiting_duration", "waiting"),
        ] {
            json.integer_member(name, day.seconds_of(wire, call.now));
        }
        json.key("driver");
        self.write_driver_or_null(json, Some(plan.index), call);
    }

    fn write_crew(&self, json: &mut Json, day: &DutyDay, call: &Call) {
        let vehicles = &day.shown.vehicles;
        let names = |index: &usize| self.world.vehicles()[*index].name.clone();
        let numbers: Vec<String> = vehicles.iter().map(names).collect();
        json.text_member("vehicle_numbers", &numbers.join(", "));
        json.key("odometers").raw("{}").key("vehicles").raw("[");
        for vehicle in vehicles {
            json.comma().raw("{").key("vehicle");
            self.write_vehicle_ref(json, *vehicle, call);
            json.raw("}");
        }
        json.raw("]").key("co_drivers").raw("[");
        for codriver in &day.codrivers {
            json.comma().raw("{").key("co_driver");
            self.write_driver_or_null(json, Some(*codriver), call);
            json.raw("}");
        }
        json.raw("]").key("co_driver_full_names").raw("[");
        for codriver in &day.codrivers {
            json.comma().text(&self.world.drivers()[*codriver].name);
        }
        json.raw("]");
    }

    fn write_events(&self, json: &mut Json, plan: &DriverPlan, day: &DutyDay, call: &Call) {
        let on_events = notes_on_events(plan.index);
        json.key("events").raw("[");
        for piece in &day.pieces {
            let event = &piece.event;
            json.comma().raw("{").key("event").raw("{");
            json.integer_member("id", event.id);
            json.text_member("type", wire_type(event.status));
            json.text_or_null(
                "notes",
                event.note.filter(|_| on_events && piece.is_first()),
            );
            json.null("location");
            json.text_or_null("sds_type", sds_type(event.status));
            call.form.time(json, "start_time", piece.from);
            call.form.time_or_null(json, "end_time", piece.until);
            json.raw("}}");
        }
        json.raw("]").key("remarks").raw("[");
        let noted = day.pieces.iter().filter(|piece| piece.is_first());
        for (piece, note) in noted.filter_map(|piece: &Piece| Some((piece, piece.event.note?))) {
            if on_events {
                continue;
            }
            json.comma().raw("{").key("remark").raw("{");
            json.integer_member("id", remark(piece.event.id));
            call.form.time(json, "time", piece.from);
            json.text_member("notes", note);
            json.null("location");
            json.raw("}}");
        }
        json.raw("]");
    }

    /// The same days, without what was logged.
    pub(super) fn hours_of_service(&self, call: &Call) -> Result<Json, Refusal> {
        let is_dated = ["start_date", "end_date"]
            .iter()
            .any(|name| call.parameters.one(name).is_some());
        if !is_dated {
            return Err(Refusal::bad("start_date or end_date is required"));
        }
        let days = self.asked_days(call)?;
        let wrapper = Wrapper::of("hours_of_services", "hours_of_service");
        Ok(self.page(call, wrapper, &days, |json, (plan, date)| {
            json.raw("{");
            if let Some(day) = DutyDay::of(&self.shown(call.now), plan.index, *date) {
                self.write_day_head(json, plan, *date, &day, call);
            }
            json.raw("}");
        }))
    }

    /// Who keeps a log, with what the law leaves of the hours: seconds.
    pub(super) fn available_time(&self, call: &Call) -> Result<Json, Refusal> {
        let asked = self.asked_drivers(call).into_iter();
        let drivers = asked.filter(|plan| self.driver_view(plan, call.now).is_some());
        let clocks = |plan: &DriverPlan| self.world.clocks(plan.index, call.now);
        let known: Vec<(usize, DutyClocks)> = drivers
            .filter_map(|plan| Some((plan.index, clocks(plan)?)))
            .collect();
        let wrapper = Wrapper::of("users", "user");
        Ok(self.page(call, wrapper, &known, |json, (driver, clocks)| {
            json.raw("{");
            self.write_driver_members(json, *driver, call.now);
            let status = wire_type(clocks.status);
            json.text_member("duty_status", status);
            json.key("available_time").raw("{");
            for (name, ms) in [
                ("cycle", clocks.cycle_ms),
                ("shift", clocks.shift_ms),
                ("drive", clocks.drive_ms),
                ("break", clocks.until_break_ms),
            ] {
                json.integer_member(name, ms / 1_000);
            }
            json.raw("}").key("recap").raw("{");
            json.key("on_duty_duration").raw("[]");
            json.key("driving_duration").raw("[]");
            json.integer_member("seconds_available", clocks.cycle_ms / 1_000);
            json.integer_member("seconds_tomorrow", clocks.cycle_tomorrow_ms / 1_000);
            json.raw("}").key("last_hos_status").raw("{");
            json.text_member("status", status);
            call.form.time(json, "time", clocks.since);
            json.raw("}");
            json.null("last_cycle_reset");
            json.raw("}");
        }))
    }
}
