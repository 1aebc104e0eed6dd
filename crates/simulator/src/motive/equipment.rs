//! Gateways, assets and where they are, cameras.
//!
//! Only gateways of vehicles, and spare ones, are in the list of gateways: the one of an asset is
//! named by its asset alone.

use super::answer::Refusal;
use super::paging::Wrapper;
use super::wire::Members;
use super::{Call, MotiveServer, ids};
use crate::fleet::{TrailerFix, VehiclePlan};
use crate::samsara::wire::Json;
use crate::shown::equipment::{MountedIn, ShownTrailer};

const KINDS: [&str; 4] = ["dry_box", "reefer", "flatbed", "low_boy"];

/// How an asset moves, in words.
fn motion(fix: &TrailerFix) -> &'static str {
    if fix.speed_centi_kmh > 0 {
        "moving"
    } else {
        "stationary"
    }
}

impl MotiveServer {
    pub(super) fn eld_devices(&self, call: &Call) -> Result<Json, Refusal> {
        let shown = self.shown(call.now);
        let of_vehicles = call.parameters.many("vehicle_ids");
        let identifiers = call.parameters.many("identifiers");
        let listed = |place| {
            let gateway = shown.gateway(place)?;
            let vehicle = match gateway.mounted_in {
                MountedIn::Vehicle(vehicle) => Some(vehicle),
                MountedIn::Nothing => None,
                MountedIn::Trailer(_) => return None,
            };
            let is_wanted = of_vehicles.as_ref().is_none_or(|wanted| {
                vehicle.is_some_and(|index| wanted.contains(&ids::vehicle(index).to_string()))
            }) && identifiers
                .as_ref()
                .is_none_or(|wanted| wanted.contains(&gateway.serial));
            is_wanted.then_some((place, vehicle, gateway))
        };
        let gateways: Vec<_> = (0..shown.gateway_places()).filter_map(listed).collect();
        let wrapper = Wrapper::of("eld_devices", "eld_device");
        Ok(self.page(
            call,
            wrapper,
            &gateways,
            |json, (place, vehicle, gateway)| {
                json.raw("{").key("vehicle");
                match vehicle {
                    Some(vehicle) => self.write_vehicle_ref(json, *vehicle, call),
                    None => {
                        json.raw("null");
                    }
                }
                json.integer_member("id", ids::eld_device(*place));
                json.text_member("identifier", &gateway.serial);
                json.text_member("model", gateway.model).raw("}");
            },
        ))
    }

    /// The gateway of a vehicle.
    pub(super) fn write_eld_or_null(&self, json: &mut Json, vehicle: usize) {
        let Some(gateway) = &self.world.vehicles()[vehicle].gateway else {
            json.raw("null");
            return;
        };
        json.raw("{").integer_member("id", ids::eld_device(vehicle));
        json.text_member("identifier", &gateway.serial);
        json.text_member("model", gateway.model).raw("}");
    }

    fn listed_assets(&self, call: &Call) -> Vec<ShownTrailer<'_>> {
        let shown = self.shown(call.now);
        let listed = (0..self.world.trailers().len()).filter_map(|index| shown.trailer(index));
        let mut assets: Vec<ShownTrailer<'_>> = listed.collect();
        if let Some(name) = call.parameters.one("name") {
            assets.retain(|asset| asset.name.contains(name));
        }
        if call.parameters.one("status") == Some("deactivated") {
            assets.clear();
        }
        assets
    }

    pub(super) fn assets(&self, call: &Call) -> Result<Json, Refusal> {
        let assets = self.listed_assets(call);
        let wrapper = Wrapper::of("assets", "asset");
        Ok(self.page(call, wrapper, &assets, |json, asset| {
            self.write_asset(json, asset);
        }))
    }

    fn write_asset(&self, json: &mut Json, asset: &ShownTrailer<'_>) {
        let plan = asset.plan;
        json.raw("{");
        write_asset_members(json, asset);
        self.write_group_ids(json, &plan.groups);
        json.nulls(&["custom_type", "axle"]);
        json.flags(&["weight_metric_units", "length_metric_units"], false);
        json.null("leased");
        json.text_or_null("notes", plan.notes.as_deref());
        json.nulls(&["length", "gvwr", "gawr"]);
        match &plan.gateway {
            Some(gateway) => {
                json.key("asset_gateway").raw("{");
                json.integer_member("id", ids::asset_gateway(plan.index));
                json.text_member("identifier", &gateway.serial);
                json.flag_member("active", true).raw("}");
            }
            None => json.null("asset_gateway"),
        }
        json.key("external_ids").raw("[]").raw("}");
    }

    pub(super) fn asset_locations(&self, call: &Call) -> Result<Json, Refusal> {
        let shown = self.shown(call.now);
        let assets = self.listed_assets(call);
        let wrapper = Wrapper::of("assets", "asset");
        Ok(self.page(call, wrapper, &assets, |json, asset| {
            let index = asset.plan.index;
            json.raw("{");
            write_asset_members(json, asset);
            match shown.trailer_fix(index, call.now) {
                Some(fix) => {
                    json.key("current_location").raw("{");
                    json.text_member("id", &asset_row(index, &fix));
                    json.place(["lat", "lon"], fix.position);
                    json.text_member("description", &fix.position.address().text());
                    call.form.time(json, "located_at", fix.time);
                    json.raw("}");
                }
                None => json.null("current_location"),
            }
            json.flag_member("metric_units", call.form.metric).raw("}");
        }))
    }

    /// The reports of one asset, from `start_time` until `end_time`.
    pub(super) fn asset_history(&self, call: &Call) -> Result<Json, Refusal> {
        let assets = self.listed_assets(call);
        let named = |asset: &&ShownTrailer<'_>| Some(ids::asset(asset.plan.index)) == call.id;
        let asset = assets.iter().find(named).ok_or_else(Refusal::not_found)?;
        let asked = call.parameters.span(call.now)?;
        let window = self.shown(call.now).until_now(asked);
        let index = asset.plan.index;
        let fixes = window.map_or_else(Vec::new, |window| self.world.trailer_fixes(index, window));
        let mut json = Json::default();
        json.raw("{").key("asset");
        self.write_asset(&mut json, asset);
        json.key("breadcrumbs").raw("[");
        for fix in &fixes {
            json.comma().raw("{");
            json.text_member("uuid", &asset_row(index, fix));
            json.place(["lat", "lon"], fix.position);
            json.integer_member("bearing", fix.heading_degrees.into());
            let centi_kmh = i64::from(fix.speed_centi_kmh);
            let centi_mph = centi_kmh * 1_000_000 / 1_609_344;
            let speed = if call.form.metric {
                centi_kmh
            } else {
                centi_mph
            };
            json.key("speed").decimal(speed, 2);
            json.text_member("motion_description", motion(fix));
            json.flag_member("moving", fix.speed_centi_kmh > 0);
            json.text_member("address", &fix.position.address().text());
            call.form.time(&mut json, "located_at", fix.time);
            json.raw("}");
        }
        json.raw("]}");
        Ok(json)
    }

    pub(super) fn camera_connections(&self, call: &Call) -> Result<Json, Refusal> {
        let with_camera = |plan: &&VehiclePlan| plan.camera_serial.is_some();
        let plans: Vec<&VehiclePlan> = self.world.vehicles().iter().filter(with_camera).collect();
        let wrapper = Wrapper::of("camera_connections", "camera_connection");
        Ok(self.page(call, wrapper, &plans, |json, plan| {
            json.raw("{")
                .integer_member("id", 720_001 + plan.index as i64);
            json.text_or_null("identifier", plan.camera_serial.as_deref());
            json.text_member("cam_type", super::safety::camera_type(plan));
            json.text_member("status", "connected").key("vehicle");
            self.write_vehicle_ref(json, plan.index, call);
            json.raw("}");
        }))
    }
}

fn asset_row(index: usize, fix: &TrailerFix) -> String {
    ids::row(1 << 20 | index, fix.time, 2)
}

/// What both lists of assets say of one.
fn write_asset_members(json: &mut Json, asset: &ShownTrailer<'_>) {
    let plan = asset.plan;
    json.integer_member("id", ids::asset(plan.index));
    json.text_member("name", &asset.name);
    json.text_member("type", KINDS[plan.index % KINDS.len()]);
    json.text_member("status", "active");
    json.text_or_null("vin", plan.vin.as_deref());
    json.null("license_plate_state");
    json.text_or_null("license_plate_number", plan.plate.as_deref());
    json.text_or_null("make", plan.make.as_deref());
    json.text_or_null("model", plan.model.as_deref());
    json.text_member("year", plan.year.as_deref().unwrap_or("0"));
}
