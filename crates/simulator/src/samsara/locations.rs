//! The stream of locations and speeds.

use std::cmp::Reverse;

use super::answer::Refusal;
use super::rows::LIST;
use super::wire::Json;
use super::{Call, MOST_A_PAGE, SamsaraServer};
use crate::fleet::{Fix, Position};

const MOST_IDS: usize = 50;

impl SamsaraServer {
    /// Fixes of the named vehicles by time; without an end the stream goes on.
    pub(super) fn location_stream(&self, call: &Call<'_>) -> Result<Json, Refusal> {
        let parameters = &call.parameters;
        let ids = parameters.list("ids");
        if ids.is_empty() {
            return Err(Refusal::bad("Need to include asset IDs to filter by."));
        }
        if ids.len() > MOST_IDS {
            return Err(Refusal::bad(
                "Need to filter by 50 or less asset IDs or syncTokens.",
            ));
        }
        let with_speed = parameters.flag("includeSpeed")?;
        let with_address = parameters.flag("includeReverseGeo")?;
        let limit = parameters.limit(MOST_A_PAGE)?;
        let start = parameters.time("startTime")?.unwrap_or(call.now);
        let sweep = self.sweep(call, start, parameters.time("endTime")?)?;
        let mut fixes: Vec<(usize, Fix)> = Vec::new();
        for plan in self.world.vehicles() {
            if let (true, Some(window)) = (ids.contains(&plan.source_id.as_str()), sweep.window) {
                let found = self.fixes_at(plan.index, window, sweep.as_of());
                fixes.extend(found.into_iter().map(|fix| (plan.index, fix)));
            }
        }
        fixes.sort_by_key(|(vehicle, fix)| (fix.time, Reverse(*vehicle)));
        Ok(
            self.sweep_page(call, &sweep, LIST, &fixes, limit, |json, (vehicle, fix)| {
                let plan = &self.world.vehicles()[*vehicle];
                json.raw("{").key("asset").raw("{");
                json.text_member("id", &plan.source_id).raw("}");
                json.time_member("happenedAtTime", fix.time);
                json.key("location").raw("{");
                json.integer_member("accuracyMeters", 4);
                if let (true, Some(address)) = (with_address, fix.address) {
                    json.key("address").raw("{");
                    json.text_member("city", address.city().name);
                    json.text_member("state", address.city().state);
                    json.text_member("street", address.street()).raw("}");
                }
                json.key("geofence").raw("{}");
                json.integer_member("headingDegrees", fix.heading_degrees.into());
                json.place_members(Position {
                    latitude_e7: fix.latitude_e7,
                    longitude_e7: fix.longitude_e7,
                });
                json.raw("}");
                if with_speed {
                    // Hundredths of a mile an hour to thousandths of a metre a second.
                    let milli = i64::from(fix.speed_centi_mph) * 44_704 / 10_000;
                    let key = if plan.has_ecu_speed {
                        "ecuSpeedMetersPerSecond"
                    } else {
                        "gpsSpeedMetersPerSecond"
                    };
                    json.key("speed").raw("{").key(key);
                    json.decimal(milli, 3).raw("}");
                }
                json.raw("}");
            }),
        )
    }
}
