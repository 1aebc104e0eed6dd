//! Driving periods.

use jiff::tz::TimeZone;
use model::time::SECOND_MS;

use super::answer::Refusal;
use super::paging::Wrapper;
use super::wire::Members;
use super::{Call, MotiveServer, ids};
use crate::fleet::{DutyStatus, Trip};
use crate::samsara::wire::Json;
use crate::shown::instant;
use crate::shown::trips::ShownTrip;

const LONGEST_RANGE_DAYS: i64 = 30;

/// From a trip's beginning to its end, in whole seconds of the wire.
pub(crate) fn seconds(trip: &Trip) -> i64 {
    trip.until.millis().div_euclid(SECOND_MS) - trip.from.millis().div_euclid(SECOND_MS)
}

impl MotiveServer {
    /// Periods that began on a UTC day of the window, the latest first.
    pub(super) fn driving_periods(&self, call: &Call) -> Result<Json, Refusal> {
        let asked = call.parameters.window(&TimeZone::UTC, call.now)?;
        if asked.delta_days() > LONGEST_RANGE_DAYS {
            return Err(Refusal::bad("Date range cannot be greater than 30 days"));
        }
        let vehicles = call.parameters.many("vehicle_ids");
        let drivers = call.parameters.many("driver_ids");
        let shown = self.shown(call.now);
        let mut periods: Vec<ShownTrip> = Vec::new();
        for plan in self.world.vehicles() {
            let id = ids::vehicle(plan.index).to_string();
            if vehicles.as_ref().is_none_or(|wanted| wanted.contains(&id)) {
                periods.extend(shown.trips(plan.index, asked.window));
            }
        }
        periods.retain(|period| {
            let driver = period.trip.driver;
            asked.window.contains(period.trip.from)
                && drivers.as_ref().is_none_or(|wanted| {
                    driver.is_some_and(|index| wanted.contains(ids::driver(&self.world, index)))
                })
        });
        periods.sort_by_key(|period| {
            let trip = &period.trip;
            std::cmp::Reverse((trip.from, trip.vehicle))
        });
        let wrapper = Wrapper::of("driving_periods", "driving_period");
        Ok(self.page(call, wrapper, &periods, |json, period| {
            self.write_period(json, period, call);
        }))
    }

    fn write_period(&self, json: &mut Json, period: &ShownTrip, call: &Call) {
        let (trip, form) = (&period.trip, &call.form);
        let is_over = period.is_over;
        json.raw("{")
            .integer_member("id", ids::event(trip.vehicle, trip.from));
        form.time(json, "start_time", trip.from);
        form.time_or_null(json, "end_time", is_over.then_some(trip.until));
        let status = if is_over { "complete" } else { "in_progress" };
        json.text_member("status", status);
        json.text_member("type", self.kind(trip));
        json.nulls(&["annotation_status", "notes"]);
        let so_far = Trip {
            until: trip.until.min(call.now),
            ..*trip
        };
        json.integer_member("duration", seconds(&so_far));
        // Kilometres, whatever was asked for. A corrected distance moves the end.
        let start_m = trip.odometer_start_m;
        json.key("start_kilometers").decimal(start_m, 3);
        let number = |json: &mut Json, name: &str, value: i64, decimals: u32| match is_over {
            true => {
                json.key(name).decimal(value, decimals);
            }
            false => json.null(name),
        };
        number(json, "end_kilometers", start_m + trip.metres, 3);
        // 3: nobody was signed in.
        json.integer_or_null("source", trip.driver.is_none().then_some(3));
        json.key("driver");
        self.write_driver_or_null(json, trip.driver, call);
        json.key("vehicle");
        self.write_vehicle_ref(json, trip.vehicle, call);
        json.text_member("origin", &trip.start_address.text());
        json.place(["origin_lat", "origin_lon"], trip.start);
        number(json, "destination_lat", trip.end.latitude_e7.into(), 7);
        number(json, "destination_lon", trip.end.longitude_e7.into(), 7);
        if is_over {
            json.text_member("destination", &trip.end_address.text());
            json.text_member("distance", &form.distance_text(trip.metres));
        } else {
            json.text_member("destination", "");
            json.null("distance");
        }
        json.nulls(&[
            "start_hvb_state_of_charge",
            "end_hvb_state_of_charge",
            "start_hvb_lifetime_energy_output",
            "end_hvb_lifetime_energy_output",
        ]);
        json.raw("}");
    }

    fn kind(&self, trip: &Trip) -> &'static str {
        let log = trip.driver.map_or_else(Vec::new, |driver| {
            self.world.duty_log(driver, instant(trip.from))
        });
        match log.first().map(|span| span.status) {
            Some(DutyStatus::PersonalConveyance) => "PC",
            Some(DutyStatus::YardMove) => "YM",
            _ => "driving",
        }
    }
}
