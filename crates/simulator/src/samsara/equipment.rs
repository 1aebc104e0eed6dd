//! Gateways, devices and trailers.

use std::collections::HashSet;

use super::answer::Refusal;
use super::entities::wants;
use super::wire::Json;
use super::{Call, MOST_A_PAGE, SamsaraServer};
use crate::fleet::TrailerFix;
use crate::shown::equipment::{MountedIn, ShownGateway, ShownTrailer};

/// Assets on a page; the endpoint has no `limit`.
const ASSETS_A_PAGE: usize = 300;
const MOST_DEVICES_A_PAGE: usize = 100;
const MOST_TYPES: usize = 3;
/// Stat types of trailers; this fleet has the first two.
const TRAILER_STATS: [&str; 12] = [
    "gps",
    "gpsOdometerMeters",
    "carrierReeferState",
    "reeferAlarms",
    "reeferAmbientAirTemperatureMilliC",
    "reeferDoorStateZone1",
    "reeferFuelPercent",
    "reeferObdEngineSeconds",
    "reeferReturnAirTemperatureMilliCZone1",
    "reeferRunMode",
    "reeferSetPointTemperatureMilliCZone1",
    "reeferStateZone1",
];

impl SamsaraServer {
    pub(super) fn gateways(&self, call: &Call<'_>) -> Result<Json, Refusal> {
        let models: HashSet<&str> = call.parameters.list("models").into_iter().collect();
        let shown = self.shown(call.now);
        // Like the other lists without a `limit`.
        let limit = self.rows_a_page().min(MOST_A_PAGE);
        self.list_of(call, shown.gateway_places(), limit, |json, place| {
            let wanted = shown
                .gateway(place)
                .filter(|gateway| models.is_empty() || models.contains(gateway.model));
            if let Some(gateway) = &wanted {
                self.write_gateway(json, place, gateway);
            }
            wanted.is_some()
        })
    }

    fn write_gateway(&self, json: &mut Json, place: usize, gateway: &ShownGateway) {
        json.raw("{");
        if place % 9 == 4 {
            json.key("accessoryDevices").raw("[{");
            json.text_member("model", "EM11");
            json.text_member("serial", &format!("EM{place:06}"))
                .raw("}]");
        }
        match gateway.mounted_in {
            MountedIn::Vehicle(vehicle) => {
                let plan = &self.world.vehicles()[vehicle];
                json.key("asset").raw("{");
                self.write_external_ids(json, plan, "externalIds");
                json.text_member("id", &plan.source_id).raw("}");
            }
            MountedIn::Trailer(trailer) => {
                let plan = &self.world.trailers()[trailer];
                json.key("asset").raw("{");
                json.text_member("id", &plan.source_id).raw("}");
            }
            MountedIn::Nothing => {}
        }
        json.key("connectionStatus").raw("{");
        match gateway.last_connected_at {
            Some(at) => {
                json.text_member("healthStatus", "Connected");
                json.time_member("lastConnected", at);
            }
            None => {
                json.text_member("healthStatus", "Not Installed");
            }
        }
        json.raw("}").key("dataUsageLast30Days").raw("{");
        json.integer_member("cellularDataUsageBytes", 41_000_000 + 7 * place as i64);
        json.integer_member("hotspotUsageBytes", 0).raw("}");
        json.text_member("model", gateway.model);
        json.text_member("serial", &gateway.serial).raw("}");
    }

    /// Gateways and cameras that are mounted in something.
    pub(super) fn devices(&self, call: &Call<'_>) -> Result<Json, Refusal> {
        let limit = call.parameters.limit(MOST_DEVICES_A_PAGE)?;
        let shown = self.shown(call.now);
        let (gateways, vehicles) = (shown.gateway_places(), self.world.vehicles());
        self.list_of(call, gateways + vehicles.len(), limit, |json, place| {
            let found = match place.checked_sub(gateways) {
                Some(vehicle) => vehicles[vehicle]
                    .camera_serial
                    .clone()
                    .filter(|_| self.vehicle_view(&vehicles[vehicle], call.now).is_some())
                    .map(|serial| (serial, "CM32", MountedIn::Vehicle(vehicle), None)),
                None => shown.gateway(place).map(|gateway| {
                    let at = gateway.last_connected_at;
                    (gateway.serial, gateway.model, gateway.mounted_in, at)
                }),
            };
            let Some((serial, model, mounted_in, last_connected_at)) = found else {
                return false;
            };
            let (id, name) = match mounted_in {
                MountedIn::Vehicle(vehicle) => {
                    let plan = &vehicles[vehicle];
                    (&plan.source_id, self.vehicle_name(plan, call.now))
                }
                MountedIn::Trailer(trailer) => {
                    let plan = &self.world.trailers()[trailer];
                    (&plan.source_id, plan.name.clone())
                }
                MountedIn::Nothing => return false,
            };
            json.raw("{").key("asset").raw("{");
            json.text_member("id", id).text_member("name", &name);
            json.raw("}");
            if let Some(at) = last_connected_at {
                json.time_member("lastConnectedTime", at);
            }
            json.text_member("model", model);
            json.text_member("serial", &serial).raw("}");
            true
        })
    }

    /// Of the kinds of asset that there are, this fleet's trailers alone are listed here.
    pub(super) fn assets(&self, call: &Call<'_>) -> Result<Json, Refusal> {
        let kinds = [
            "",
            "trailer",
            "equipment",
            "unpowered",
            "uncategorized",
            "vehicle",
        ];
        let kind = call.parameters.choice("type", &kinds)?;
        let updated_after = call.parameters.time("updatedAfterTime")?;
        let groups = self.wanted_groups(&call.parameters)?;
        let ids = call.parameters.ids("ids", usize::MAX)?;
        let with_tags = call.parameters.flag("includeTags")?;
        let with_ids = call.parameters.flag("includeExternalIds")?;
        let shown = self.shown(call.now);
        let limit = self.rows_a_page().min(ASSETS_A_PAGE);
        let count = if matches!(kind, "" | "trailer") {
            self.world.trailers().len()
        } else {
            0
        };
        self.list_of(call, count, limit, |json, index| {
            let Some(trailer) = shown.trailer(index) else {
                return false;
            };
            let is_wanted = updated_after.is_none_or(|after| trailer.updated_at >= after)
                && wants(&groups, &trailer.plan.groups)
                && ids
                    .as_ref()
                    .is_none_or(|ids| ids.contains(&trailer.plan.source_id));
            if is_wanted {
                self.write_asset(json, &trailer, with_tags, with_ids);
            }
            is_wanted
        })
    }

    fn write_asset(
        &self,
        json: &mut Json,
        trailer: &ShownTrailer<'_>,
        with_tags: bool,
        with_ids: bool,
    ) {
        let plan = trailer.plan;
        json.raw("{").time_member("createdAtTime", plan.created_at);
        let vin = plan.vin.as_deref().filter(|vin| !vin.is_empty());
        if let (true, Some(vin)) = (with_ids, vin) {
            json.key("externalIds").raw("{");
            json.text_member("samsara.vin", vin).raw("}");
        }
        json.text_member("id", &plan.source_id);
        json.optional_member("licensePlate", plan.plate.as_deref());
        json.optional_member("make", plan.make.as_deref());
        json.optional_member("model", plan.model.as_deref());
        json.text_member("name", &trailer.name);
        json.optional_member("notes", plan.notes.as_deref());
        json.text_member("regulationMode", "mixed");
        json.optional_member("serialNumber", plan.serial.as_deref());
        if with_tags {
            self.write_tags(json, &plan.groups);
        }
        json.text_member("type", "trailer");
        json.time_member("updatedAtTime", trailer.updated_at);
        json.optional_member("vin", plan.vin.as_deref());
        // Here the year is a number, so one that nobody filled in cannot be empty.
        let year = plan.year.as_deref().and_then(|year| year.parse().ok());
        if let Some(year) = year {
            json.integer_member("year", year);
        }
        json.raw("}");
    }

    pub(super) fn trailers(&self, call: &Call<'_>) -> Result<Json, Refusal> {
        let groups = self.wanted_groups(&call.parameters)?;
        let shown = self.shown(call.now);
        self.list(call, self.world.trailers().len(), |json, index| {
            let Some(trailer) = shown.trailer(index) else {
                return false;
            };
            let plan = trailer.plan;
            if !wants(&groups, &plan.groups) {
                return false;
            }
            json.raw("{")
                .flag_member("enabledForMobile", index % 3 != 1);
            json.text_member("id", &plan.source_id);
            if let Some(gateway) = &plan.gateway {
                json.key("installedGateway").raw("{");
                json.text_member("model", gateway.model);
                json.text_member("serial", &gateway.serial).raw("}");
            }
            json.optional_member("licensePlate", plan.plate.as_deref());
            json.text_member("name", &trailer.name);
            json.optional_member("notes", plan.notes.as_deref());
            self.write_tags(json, &plan.groups);
            json.optional_member("trailerSerialNumber", plan.serial.as_deref());
            json.raw("}");
            true
        })
    }

    /// Where trailers are, as far as they have a gateway.
    pub(super) fn trailer_stats(&self, call: &Call<'_>) -> Result<Json, Refusal> {
        let types = call.parameters.list("types");
        if types.is_empty() {
            return Err(Refusal::bad("Missing parameter: types"));
        }
        let is_unknown = |name: &&&str| !TRAILER_STATS.contains(name);
        let unknown: Vec<&str> = types.iter().filter(is_unknown).copied().collect();
        if !unknown.is_empty() {
            let names = unknown.join(", ");
            return Err(Refusal::bad(format!("Invalid stat type(s): {names}")));
        }
        if types.iter().collect::<HashSet<_>>().len() > MOST_TYPES {
            return Err(Refusal::bad(format!(
                "Cannot request more than {MOST_TYPES} stat types but got {}",
                types.len()
            )));
        }
        let at = call.parameters.time("time")?.unwrap_or(call.now);
        let ids = call.parameters.ids("trailerIds", usize::MAX)?;
        let groups = self.wanted_groups(&call.parameters)?;
        let shown = self.shown(call.now);
        let limit = self.rows_a_page().min(MOST_A_PAGE);
        self.list_of(call, self.world.trailers().len(), limit, |json, index| {
            let found = shown.trailer(index).zip(shown.trailer_fix(index, at));
            let Some((trailer, fix)) = found else {
                return false;
            };
            let source_id = &trailer.plan.source_id;
            if !wants(&groups, &trailer.plan.groups)
                || ids.as_ref().is_some_and(|ids| !ids.contains(source_id))
                || !types.contains(&"gps")
            {
                return false;
            }
            json.raw("{").text_member("id", source_id);
            json.text_member("name", &trailer.name).key("gps");
            write_trailer_fix(json, &fix);
            json.raw("}");
            true
        })
    }
}

/// Miles an hour, whole ones, rounded half up.
pub(crate) fn whole_mph(speed_centi_kmh: u32) -> i64 {
    // 1.609344 km to the mile.
    (i64::from(speed_centi_kmh) * 10_000 + 804_672) / 1_609_344
}

fn write_trailer_fix(json: &mut Json, fix: &TrailerFix) {
    json.raw("{");
    json.integer_member("headingDegrees", fix.heading_degrees.into());
    json.place_members(fix.position);
    json.key("reverseGeo").raw("{");
    let address = fix.position.address().text();
    json.text_member("formattedLocation", &address).raw("}");
    json.integer_member("speedMilesPerHour", whole_mph(fix.speed_centi_kmh));
    json.time_member("time", fix.time).raw("}");
}
