//! `/me`, vehicles, drivers and tags.

use std::collections::HashSet;

use model::Timestamp;

use super::answer::Refusal;
use super::paging::write_end;
use super::request::Parameters;
use super::wire::Json;
use super::{Call, MOST_A_PAGE, SamsaraServer};
use crate::faults::RecordKind;
use crate::fleet::{DriverPlan, GroupPlan, VehiclePlan};

impl SamsaraServer {
    pub(super) fn me(&self, _call: &Call<'_>) -> Result<Json, Refusal> {
        let mut json = Json::default();
        json.raw("{\"data\":{")
            .text_member("id", "20936")
            .text_member("name", &self.config.organisation)
            .key("carrierSettings")
            .raw("{")
            .text_member("carrierName", &self.config.organisation)
            .key("dotNumber")
            .integer(1_234_567)
            .text_member("mainOfficeAddress", "1 Depot Ave, Nashville, TN 37011")
            .raw("}}}");
        Ok(json)
    }

    pub(super) fn vehicles(&self, call: &Call<'_>) -> Result<Json, Refusal> {
        let after = ChangedAfter::read(&call.parameters)?;
        let groups = self.wanted_groups(&call.parameters)?;
        let plans = self.world.vehicles();
        self.list(call, plans.len(), |json, index| {
            let plan = &plans[index];
            let Some(view) = self.vehicle_view(plan, call.now) else {
                return false;
            };
            if !after.includes(plan.created_at, view.updated_at) || !wants(&groups, &plan.groups) {
                return false;
            }
            self.write_vehicle(json, plan, &view);
            true
        })
    }

    pub(super) fn drivers(&self, call: &Call<'_>) -> Result<Json, Refusal> {
        let refused = "Invalid value for driverActivationStatus. \
                       Can only be 'active' or 'deactivated'";
        if call.parameters.occurrences("driverActivationStatus") > 1 {
            return Err(Refusal::bad(refused));
        }
        let active = match call.parameters.one("driverActivationStatus") {
            None | Some("active") => true,
            Some("deactivated") => false,
            Some(_) => return Err(Refusal::bad(refused)),
        };
        let after = ChangedAfter::read(&call.parameters)?;
        let groups = self.wanted_groups(&call.parameters)?;
        let plans = self.world.drivers();
        self.list(call, plans.len(), |json, index| {
            let plan = &plans[index];
            let Some(view) = self.driver_view(plan, call.now) else {
                return false;
            };
            if plan.is_active != active
                || !after.includes(plan.created_at, view.updated_at)
                || !wants(&groups, &plan.groups)
            {
                return false;
            }
            self.write_driver(json, plan, &view);
            true
        })
    }

    pub(super) fn tags(&self, call: &Call<'_>) -> Result<Json, Refusal> {
        let plans = self.world.groups();
        self.list(call, plans.len(), |json, index| {
            self.write_tag(json, &plans[index], call.now);
            true
        })
    }

    /// Walks records by their place; `write` says whether it gave the record.
    pub(super) fn list(
        &self,
        call: &Call<'_>,
        count: usize,
        write: impl FnMut(&mut Json, usize) -> bool,
    ) -> Result<Json, Refusal> {
        let limit = call.parameters.limit(MOST_A_PAGE)?;
        self.list_of(call, count, limit, write)
    }

    /// The same with so many records a page.
    pub(super) fn list_of(
        &self,
        call: &Call<'_>,
        count: usize,
        limit: usize,
        mut write: impl FnMut(&mut Json, usize) -> bool,
    ) -> Result<Json, Refusal> {
        let cursor = self.cursor(call)?;
        let mut json = Json::default();
        json.raw("{\"data\":[");
        if cursor.blank {
            let next = self.following(call, &cursor, cursor.next, cursor.previous);
            write_end(&mut json, &next.encode(), true);
            return Ok(json);
        }
        if self.faults.repeat && cursor.previous > 0 {
            write(&mut json, cursor.previous - 1);
        }
        let (mut next, mut given, mut previous) = (cursor.next, 0, cursor.previous);
        while next < count && given < limit {
            json.comma();
            let mark = json.bytes.len();
            if write(&mut json, next) {
                given += 1;
                previous = next + 1;
                if self.faults.repeat && self.faults.chance(0x5245_4354, next as u64).below(20) == 0
                {
                    let row = json.bytes[mark..].to_vec();
                    json.comma().bytes.extend_from_slice(&row);
                }
            } else {
                json.bytes.truncate(mark);
                if json.bytes.last() == Some(&b',') {
                    json.bytes.pop();
                }
            }
            next += 1;
        }
        if next < count {
            let cursor = self.following(call, &cursor, next, previous);
            write_end(&mut json, &cursor.encode(), true);
        } else {
            write_end(&mut json, "", false);
        }
        Ok(json)
    }

    /// Groups that a request limits itself to; `None`: no limit.
    pub(super) fn wanted_groups(
        &self,
        parameters: &Parameters,
    ) -> Result<Option<HashSet<usize>>, Refusal> {
        let (tags, parents) = (parameters.list("tagIds"), parameters.list("parentTagIds"));
        if tags.is_empty() && parents.is_empty() {
            return Ok(None);
        }
        let plans = self.world.groups();
        let mut wanted = HashSet::new();
        for id in tags.iter().chain(&parents) {
            let index = plans
                .iter()
                .position(|group| group.source_id == *id)
                .ok_or_else(|| Refusal::bad(format!("Invalid tag id: {id}")))?;
            wanted.insert(index);
        }
        let parents: Vec<usize> = (0..plans.len())
            .filter(|index| parents.contains(&plans[*index].source_id.as_str()))
            .collect();
        wanted.extend(
            plans
                .iter()
                .filter(|group| group.parent.is_some_and(|p| parents.contains(&p)))
                .map(|group| group.index),
        );
        Ok(Some(wanted))
    }

    pub(super) fn vehicle_view(&self, plan: &VehiclePlan, now: Timestamp) -> Option<View> {
        View::at(
            self,
            RecordKind::Vehicle,
            plan.index,
            now,
            &plan.name,
            plan.updated_at,
        )
    }

    pub(super) fn driver_view(&self, plan: &DriverPlan, now: Timestamp) -> Option<View> {
        View::at(
            self,
            RecordKind::Driver,
            plan.index,
            now,
            &plan.name,
            plan.updated_at,
        )
    }

    /// The vehicle's name at `now`, which stats repeat.
    pub(super) fn vehicle_name(&self, plan: &VehiclePlan, now: Timestamp) -> String {
        self.vehicle_view(plan, now)
            .map_or_else(|| plan.name.clone(), |view| view.name)
    }

    /// A vehicle as others name it: `{"externalIds":…,"id":…,"name":…}`; see
    /// [`SamsaraServer::write_external_ids`] for `ids_key`.
    pub(super) fn write_vehicle_ref(
        &self,
        json: &mut Json,
        vehicle: usize,
        ids_key: &str,
        now: Timestamp,
    ) {
        let plan = &self.world.vehicles()[vehicle];
        json.raw("{");
        self.write_external_ids(json, plan, ids_key);
        json.text_member("id", &plan.source_id);
        json.text_member("name", &self.vehicle_name(plan, now))
            .raw("}");
    }

    /// A driver as others name it.
    pub(super) fn write_driver_ref(&self, json: &mut Json, driver: usize, now: Timestamp) {
        let plan = &self.world.drivers()[driver];
        let view = self.driver_view(plan, now);
        let name = view.map_or_else(|| plan.name.clone(), |view| view.name);
        write_tiny(json, &plan.source_id, &name, None);
    }

    fn write_vehicle(&self, json: &mut Json, plan: &VehiclePlan, view: &View) {
        json.raw("{");
        json.optional_member("cameraSerial", plan.camera_serial.as_deref());
        self.write_external_ids(json, plan, "externalIds");
        if let Some(gateway) = &plan.gateway {
            json.key("gateway").raw("{");
            json.text_member("serial", &gateway.serial);
            json.text_member("model", gateway.model).raw("}");
        }
        json.text_member("harshAccelerationSettingType", "automatic");
        json.text_member("id", &plan.source_id);
        json.optional_member("licensePlate", plan.plate.as_deref());
        json.optional_member("make", plan.make.as_deref());
        json.optional_member("model", plan.model.as_deref());
        json.text_member("name", &view.name);
        json.text_member("notes", &plan.notes);
        json.optional_member("serial", plan.serial.as_deref());
        if let Some(driver) = plan.static_driver {
            let driver = &self.world.drivers()[driver];
            json.key("staticAssignedDriver");
            write_tiny(json, &driver.source_id, &driver.name, None);
        }
        self.write_tags(json, &plan.groups);
        json.optional_member("vin", plan.vin.as_deref());
        json.optional_member("year", plan.year.as_deref());
        json.text_member("vehicleRegulationMode", "regulated");
        json.key("createdAtTime").time_in_seconds(plan.created_at);
        json.key("updatedAtTime").time_in_seconds(view.updated_at);
        json.raw("}");
    }

    /// Under `key`, because the oldest answers write it with a capital.
    pub(super) fn write_external_ids(&self, json: &mut Json, plan: &VehiclePlan, key: &str) {
        let vin = plan.vin.as_deref().filter(|vin| !vin.is_empty());
        if let (true, Some(serial), Some(vin)) = (plan.shows_external_ids, &plan.serial, vin) {
            json.key(key).raw("{");
            json.text_member("samsara.serial", serial);
            json.text_member("samsara.vin", vin).raw("}");
        }
    }

    pub(super) fn write_tags(&self, json: &mut Json, groups: &[usize]) {
        if groups.is_empty() {
            return;
        }
        json.key("tags").raw("[");
        for group in groups {
            json.comma();
            self.write_group(json, *group);
        }
        json.raw("]");
    }

    fn write_group(&self, json: &mut Json, group: usize) {
        let groups = self.world.groups();
        let plan = &groups[group];
        let parent = plan.parent.map(|parent| groups[parent].source_id.as_str());
        write_tiny(json, &plan.source_id, &plan.name, parent);
    }

    fn write_driver(&self, json: &mut Json, plan: &DriverPlan, view: &View) {
        json.raw("{").text_member("id", &plan.source_id);
        json.text_member("name", &view.name);
        json.optional_member("username", plan.username.as_deref());
        json.text_member(
            "driverActivationStatus",
            if plan.is_active {
                "active"
            } else {
                "deactivated"
            },
        );
        json.text_member("timezone", plan.zone);
        json.key("createdAtTime").time(plan.created_at);
        json.key("updatedAtTime").time(view.updated_at);
        json.key("hasVehicleUnpinningEnabled").raw("false");
        json.key("carrierSettings").raw("{");
        json.text_member("carrierName", &self.config.organisation);
        json.key("dotNumber").integer(1_234_567);
        json.text_member("mainOfficeAddress", "1 Depot Ave, Nashville, TN 37011");
        json.text_member("homeTerminalName", plan.home_terminal);
        json.text_member("homeTerminalAddress", "").raw("}");
        json.key("hosSetting")
            .raw("{\"heavyHaulExemptionToggleEnabled\":false}");
        if let Some(vehicle) = plan.static_vehicle {
            let vehicle = &self.world.vehicles()[vehicle];
            json.key("staticAssignedVehicle");
            write_tiny(json, &vehicle.source_id, &vehicle.name, None);
        }
        if let Some(group) = plan.peer_group {
            json.key("peerGroupTag");
            self.write_group(json, group);
        }
        json.optional_member("licenseNumber", plan.licence_number.as_deref());
        json.optional_member("licenseState", plan.licence_state.as_deref());
        json.optional_member("email", plan.email.as_deref());
        json.optional_member("phone", plan.phone.as_deref());
        json.text_member("locale", "us");
        json.optional_member("notes", plan.notes.as_deref());
        json.key("eldExempt").raw("false");
        json.key("eldSettings");
        write_rulesets(json);
        self.write_tags(json, &plan.groups);
        json.raw("}");
    }

    fn write_tag(&self, json: &mut Json, plan: &GroupPlan, now: Timestamp) {
        json.raw("{").text_member("id", &plan.source_id);
        json.text_member("name", &plan.name);
        match plan.parent {
            Some(parent) => {
                let parent = &self.world.groups()[parent];
                json.text_member("parentTagId", &parent.source_id);
                json.key("parentTag");
                write_tiny(json, &parent.source_id, &parent.name, None);
            }
            // Roots either lack the key or carry an empty one.
            None if plan.index.is_multiple_of(2) => {
                json.text_member("parentTagId", "");
            }
            None => {}
        }
        json.key("vehicles").raw("[");
        for vehicle in self.world.vehicles() {
            if let (true, Some(view)) = (
                vehicle.groups.contains(&plan.index),
                self.vehicle_view(vehicle, now),
            ) {
                json.comma();
                write_tiny(json, &vehicle.source_id, &view.name, None);
            }
        }
        json.raw("]").key("drivers").raw("[");
        for driver in self.world.drivers() {
            if let (true, Some(view)) = (
                driver.groups.contains(&plan.index),
                self.driver_view(driver, now),
            ) {
                json.comma();
                write_tiny(json, &driver.source_id, &view.name, None);
            }
        }
        json.raw("]}");
    }
}

pub(super) fn wants(wanted: &Option<HashSet<usize>>, groups: &[usize]) -> bool {
    wanted
        .as_ref()
        .is_none_or(|wanted| groups.iter().any(|group| wanted.contains(group)))
}

pub(super) fn write_tiny(json: &mut Json, id: &str, name: &str, parent: Option<&str>) {
    json.raw("{")
        .text_member("id", id)
        .text_member("name", name);
    json.optional_member("parentTagId", parent).raw("}");
}

/// The rules that the world's drivers keep.
pub(super) fn write_rulesets(json: &mut Json) {
    json.raw("{").key("rulesets").raw("[{");
    json.text_member("break", "Property (off-duty/sleeper)");
    json.text_member("cycle", "USA 70 hour / 8 day");
    json.text_member("restart", "34-hour Restart");
    json.text_member("shift", "US Interstate Property")
        .raw("}]}");
}

/// What an edit changes of a record.
pub(super) struct View {
    name: String,
    updated_at: Timestamp,
}

impl View {
    /// `None` once the record has been withdrawn.
    fn at(
        server: &SamsaraServer,
        kind: RecordKind,
        index: usize,
        now: Timestamp,
        name: &str,
        updated_at: Timestamp,
    ) -> Option<View> {
        let begins_at = server.world.config().begins_at;
        let withdrawn = server.faults.record_withdrawn_at(kind, index, begins_at);
        if withdrawn.is_some_and(|at| now >= at) {
            return None;
        }
        let edited = server.faults.record_edited_at(kind, index, begins_at);
        Some(match edited.filter(|at| now >= *at) {
            Some(at) => View {
                name: format!("{name} II"),
                updated_at: at,
            },
            None => View {
                name: name.to_owned(),
                updated_at,
            },
        })
    }
}

/// `updatedAfterTime` and `createdAfterTime`.
struct ChangedAfter {
    updated: Timestamp,
    created: Timestamp,
}

impl ChangedAfter {
    fn read(parameters: &Parameters) -> Result<ChangedAfter, Refusal> {
        let time = |name| Ok(parameters.time(name)?.unwrap_or(Timestamp::MIN));
        Ok(ChangedAfter {
            updated: time("updatedAfterTime")?,
            created: time("createdAfterTime")?,
        })
    }

    fn includes(&self, created_at: Timestamp, updated_at: Timestamp) -> bool {
        created_at > self.created && updated_at > self.updated
    }
}
