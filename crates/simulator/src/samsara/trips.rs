//! Trips: of one vehicle in the old form, and as a stream.

use std::collections::HashSet;

use model::time::DAY_MS;
use model::{Timestamp, Window};

use super::answer::Refusal;
use super::rows::LIST;
use super::wire::Json;
use super::{Call, SamsaraServer};
use crate::faults::LONGEST_DELAY;
use crate::fleet::{Address, Position, Signal, VehiclePlan};
use crate::shown::trips::ShownTrip;
use crate::shown::{Shown, instant};

const LONGEST_RANGE_MS: i64 = 90 * DAY_MS;
const MOST_IDS: usize = 50;

impl SamsaraServer {
    /// Every trip that touches the range, on one page; answers do not name the vehicle.
    pub(super) fn v1_trips(&self, call: &Call<'_>) -> Result<Json, Refusal> {
        let vehicle = required_integer(call, "vehicleId")?.to_string();
        let from = Timestamp::from_millis(required_integer(call, "startMs")?);
        let until = Timestamp::from_millis(required_integer(call, "endMs")?);
        if until < from {
            return Err(Refusal::v1("startMs must be before endMs"));
        }
        if until.millis().saturating_sub(from.millis()) > LONGEST_RANGE_MS {
            return Err(Refusal::v1("requested time range cannot exceed 90 days"));
        }
        let window = Window::new(from, until).unwrap_or(instant(from));
        let plans = self.world.vehicles();
        let plan = plans.iter().find(|plan| plan.source_id == vehicle);
        let trips = plan.map_or_else(Vec::new, |plan| {
            self.shown(call.now).trips(plan.index, window)
        });
        let mut json = Json::default();
        json.raw("{\"trips\":[");
        for (plan, shown) in plan.into_iter().flat_map(|plan| {
            let of_plan = move |shown| (plan, shown);
            trips.iter().map(of_plan)
        }) {
            self.write_v1_trip(json.comma(), plan, shown);
        }
        json.raw("]}");
        Ok(json)
    }

    fn write_v1_trip(&self, json: &mut Json, plan: &VehiclePlan, shown: &ShownTrip) {
        let trip = &shown.trip;
        // A gateway that cannot read the bus gives 0.
        let reads_odometer = plan.reports(Signal::BusOdometerMetres);
        let odometer = |metres: i64| if reads_odometer { metres } else { 0 };
        json.raw("{").key("assetIds").raw("[");
        for trailer in self.world.trailers() {
            if self.world.coupled(trailer.index, trip.from) == Some(plan.index) {
                json.comma().raw(&trailer.source_id);
            }
        }
        json.raw("]").key("codriverIds").raw("[]");
        json.key("driverId");
        json.raw(trip.driver.map_or("0", |driver| {
            self.world.drivers()[driver].source_id.as_str()
        }));
        json.integer_member("startMs", trip.from.millis());
        json.text_member("startLocation", &trip.start_address.text());
        json.key("startCoordinates").raw("{");
        json.place_members(trip.start).raw("}");
        json.integer_member("startOdometer", odometer(trip.odometer_start_m));
        if shown.is_over {
            json.integer_member("endMs", trip.until.millis());
            json.text_member("endLocation", &trip.end_address.text());
            json.key("endCoordinates").raw("{");
            json.place_members(trip.end).raw("}");
            json.integer_member("endOdometer", odometer(trip.odometer_end_m));
            json.integer_member("distanceMeters", trip.metres);
            json.integer_member("fuelConsumedMl", trip.fuel_ml);
        } else {
            json.integer_member("endMs", i64::MAX);
            json.text_member("endLocation", "");
            json.integer_member("endOdometer", 0);
            json.integer_member("distanceMeters", 0);
            json.integer_member("fuelConsumedMl", 0);
        }
        json.integer_member("tollMeters", 0).raw("}");
    }

    pub(super) fn trip_stream(&self, call: &Call<'_>) -> Result<Json, Refusal> {
        let parameters = &call.parameters;
        let ids = parameters
            .ids("ids", MOST_IDS)?
            .ok_or_else(|| Refusal::bad("Missing parameter: ids"))?;
        let by_start =
            parameters.choice("queryBy", &["updatedAtTime", "tripStartTime"])? == "tripStartTime";
        let status = parameters.choice("completionStatus", &["all", "inProgress", "completed"])?;
        let with_asset = parameters.flag("includeAsset")?;
        let start = parameters.required_time("startTime")?;
        let sweep = self.sweep(call, start, parameters.time("endTime")?)?;
        let shown = self.shown_to(&sweep.cursor);
        let mut trips = match sweep.window {
            Some(window) => self.trips_by(&shown, &ids, window, by_start),
            None => Vec::new(),
        };
        trips.retain(|shown| match status {
            "inProgress" => !shown.is_over,
            "completed" => shown.is_over,
            _ => true,
        });
        let most = self.rows_a_page();
        Ok(
            self.sweep_page(call, &sweep, LIST, &trips, most, |json, trip| {
                self.write_stream_trip(json, trip, with_asset, sweep.as_of());
            }),
        )
    }

    /// By the time that is asked about.
    fn trips_by(
        &self,
        shown: &Shown<'_>,
        ids: &HashSet<String>,
        window: Window,
        by_start: bool,
    ) -> Vec<ShownTrip> {
        let time = |shown: &ShownTrip| {
            if by_start {
                shown.trip.from
            } else {
                shown.updated_at
            }
        };
        let began = Window {
            from: window.from.saturating_sub(LONGEST_DELAY),
            until: window.until,
        };
        let plans = self.world.vehicles().iter();
        let mut trips: Vec<ShownTrip> = plans
            .filter(|plan| ids.contains(&plan.source_id))
            .flat_map(|plan| shown.trips(plan.index, began))
            .filter(|shown| window.contains(time(shown)))
            .collect();
        trips.sort_by_key(|shown| (time(shown), shown.trip.vehicle, shown.trip.from));
        trips
    }

    fn write_stream_trip(
        &self,
        json: &mut Json,
        shown: &ShownTrip,
        with_asset: bool,
        now: Timestamp,
    ) {
        let trip = &shown.trip;
        let plan = &self.world.vehicles()[trip.vehicle];
        json.raw("{").key("asset").raw("{");
        json.text_member("id", &plan.source_id);
        if with_asset {
            json.text_member("name", &self.vehicle_name(plan, now));
            json.text_member("type", "vehicle");
            json.optional_member("vin", plan.vin.as_deref());
        }
        json.raw("}");
        let status = if shown.is_over {
            "completed"
        } else {
            "inProgress"
        };
        json.text_member("completionStatus", status);
        json.time_member("createdAtTime", shown.created_at);
        if shown.is_over {
            json.key("endLocation");
            write_place(json, trip.end, trip.end_address, 0);
            json.time_member("tripEndTime", trip.until);
        }
        json.key("startLocation");
        write_place(json, trip.start, trip.start_address, 0);
        json.time_member("tripStartTime", trip.from);
        json.time_member("updatedAtTime", shown.updated_at).raw("}");
    }
}

/// A place as the newer endpoints write it.
pub(super) fn write_place(json: &mut Json, place: Position, address: Address, heading: i64) {
    let city = address.city();
    json.raw("{").integer_member("accuracyMeters", 4);
    json.key("address").raw("{");
    json.text_member("city", city.name);
    json.text_member("state", city.state);
    json.text_member("street", address.street());
    json.text_member("streetNumber", &address.number.to_string())
        .raw("}");
    json.integer_member("headingDegrees", heading);
    json.place_members(place).raw("}");
}

fn required_integer(call: &Call<'_>, name: &str) -> Result<i64, Refusal> {
    let text = call
        .parameters
        .one(name)
        .ok_or_else(|| Refusal::v1(&format!("Missing parameter: {name}")))?;
    text.parse()
        .map_err(|_| Refusal::v1(&format!("Invalid value for parameter {name}: {text}")))
}
