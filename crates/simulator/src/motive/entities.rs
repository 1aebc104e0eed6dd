//! The company, vehicles, users and groups.

use model::Timestamp;

use super::answer::Refusal;
use super::paging::Wrapper;
use super::wire::{Members, rails_zone};
use super::{Call, MotiveServer, ids};
use crate::faults::RecordKind;
use crate::fleet::{DriverPlan, GroupPlan, VehiclePlan};
use crate::samsara::wire::Json;

/// What a record is called, and when it was last changed.
pub(super) struct View {
    pub name: String,
    pub updated_at: Timestamp,
}

/// Who is in the list of users.
enum User<'a> {
    /// With the role.
    Office(i64, &'static str),
    Driver(&'a DriverPlan, View),
}

/// Keys that only drivers have, and that this fleet leaves as they come.
const DRIVER_SETTINGS_OFF: [&str; 13] = [
    "exception_24_hour_restart",
    "exception_8_hour_break",
    "exception_adverse_driving",
    "exception_ca_farm_school_bus",
    "exception_short_haul",
    "exception_wait_time",
    "exception_24_hour_restart2",
    "exception_8_hour_break2",
    "exception_adverse_driving2",
    "exception_ca_farm_school_bus2",
    "exception_short_haul2",
    "exception_wait_time2",
    "export_odometers",
];
const DRIVER_SETTINGS_ON: [&str; 5] = [
    "export_combined",
    "export_recap",
    "minute_logs",
    "personal_conveyance_enabled",
    "yard_moves_enabled",
];

/// A year is a text, and `"0"` when nobody gave one.
fn year(text: Option<&str>) -> &str {
    text.unwrap_or("0")
}

/// First name and the rest of it.
pub(crate) fn names(whole: &str) -> (&str, &str) {
    let whole = whole.trim();
    let (first, rest) = whole.split_once(' ').unwrap_or((whole, ""));
    (first, rest.trim_start())
}

/// Country code and number, as the office types them in.
fn phone(typed: Option<&str>) -> (Option<&'static str>, Option<&str>) {
    let Some(typed) = typed else {
        return (None, None);
    };
    for (prefix, code) in [("+44", "+44"), ("+1", "+1"), ("1-", "+1")] {
        if let Some(national) = typed.strip_prefix(prefix) {
            return (Some(code), Some(national.trim()));
        }
    }
    let code = (!typed.is_empty()).then_some("+1");
    (code, Some(typed))
}

impl MotiveServer {
    pub(super) fn view(
        &self,
        kind: RecordKind,
        index: usize,
        name: &str,
        updated_at: Timestamp,
        now: Timestamp,
    ) -> Option<View> {
        let begins_at = self.world.config().begins_at;
        let withdrawn = self.faults.record_withdrawn_at(kind, index, begins_at);
        if withdrawn.is_some_and(|at| at <= now) {
            return None;
        }
        let edited = self.faults.record_edited_at(kind, index, begins_at);
        Some(match edited.filter(|at| *at <= now) {
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

    pub(super) fn vehicle_view(&self, plan: &VehiclePlan, now: Timestamp) -> Option<View> {
        let kind = RecordKind::Vehicle;
        self.view(kind, plan.index, &plan.name, plan.updated_at, now)
    }

    pub(super) fn driver_view(&self, plan: &DriverPlan, now: Timestamp) -> Option<View> {
        let kind = RecordKind::Driver;
        self.view(kind, plan.index, &plan.name, plan.updated_at, now)
    }

    /// Vehicles that are listed, with how they are called.
    pub(super) fn listed_vehicles(&self, now: Timestamp) -> Vec<(&VehiclePlan, View)> {
        let plans = self.world.vehicles().iter();
        plans
            .filter_map(|plan| Some((plan, self.vehicle_view(plan, now)?)))
            .collect()
    }

    /// Drivers that are listed, with how they are called.
    pub(super) fn listed_drivers(&self, now: Timestamp) -> Vec<(&DriverPlan, View)> {
        let plans = self.world.drivers().iter();
        plans
            .filter_map(|plan| Some((plan, self.driver_view(plan, now)?)))
            .collect()
    }

    pub(super) fn companies(&self, call: &Call) -> Result<Json, Refusal> {
        let wrapper = Wrapper::of("companies", "company");
        Ok(self.page(call, wrapper, &[()], |json, ()| {
            json.raw("{").integer_member("id", ids::COMPANY);
            json.text_member("company_id", "BLUE-1");
            json.text_member("name", &self.config.organisation);
            json.text_member("street", "1 Depot Ave");
            json.text_member("city", "Nashville");
            json.text_member("state", "TN").text_member("zip", "37011");
            json.key("dot_ids").raw("[\"1234567\"]");
            json.text_member("cycle", "70_8");
            json.text_member("time_zone", rails_zone(self.world.zone()));
            json.flags(
                &["exception_24_hour_restart", "exception_8_hour_break"],
                false,
            );
            json.flag_member("metric_units", self.config.metric_by_default);
            json.flag_member("minute_logs", true);
            json.text_member("subscription_plan", "pro").raw("}");
        }))
    }

    pub(super) fn vehicles(&self, call: &Call) -> Result<Json, Refusal> {
        let mut found = self.listed_vehicles(call.now);
        if let Some(after) = call.parameters.time("updated_after") {
            found.retain(|(_, view)| view.updated_at > after);
        }
        let wrapper = Wrapper::of("vehicles", "vehicle");
        Ok(self.page(call, wrapper, &found, |json, (plan, view)| {
            self.write_vehicle(json, plan, view, call);
        }))
    }

    pub(super) fn vehicle(&self, call: &Call) -> Result<Json, Refusal> {
        let found = self.listed_vehicles(call.now);
        let named = |(plan, _): &&(&VehiclePlan, View)| Some(ids::vehicle(plan.index)) == call.id;
        let (plan, view) = found.iter().find(named).ok_or_else(Refusal::not_found)?;
        let mut json = Json::default();
        json.raw("{").key("vehicle");
        self.write_vehicle(&mut json, plan, view, call);
        json.raw("}");
        Ok(json)
    }

    fn write_vehicle(&self, json: &mut Json, plan: &VehiclePlan, view: &View, call: &Call) {
        json.raw("{").integer_member("id", ids::vehicle(plan.index));
        json.integer_member("company_id", ids::COMPANY);
        json.text_member("number", &view.name);
        json.text_member(
            "status",
            match &plan.gateway {
                Some(_) => "active",
                None if plan.index % 16 == 5 => "inactive",
                None => "deactivated",
            },
        );
        json.flag_member("ifta", plan.gateway.is_some());
        json.text_or_null("vin", plan.vin.as_deref());
        json.text_or_null("make", plan.make.as_deref());
        json.text_or_null("model", plan.model.as_deref());
        json.text_member("year", year(plan.year.as_deref()));
        json.text_or_null("license_plate_state", plan.plate_state());
        json.text_or_null("license_plate_number", plan.plate.as_deref());
        json.text_member("license_plate_country_code", "US");
        json.flag_member("metric_units", call.form.metric);
        let fuels = ["diesel", "Diesel", "gasoline", "lng"];
        json.text_member("fuel_type", fuels[plan.index % fuels.len()]);
        json.flag_member("prevent_auto_odometer_entry", false);
        json.text_member("notes", &plan.notes);
        let has_camera = plan.camera_serial.is_some();
        json.integer_member("incab_alert_live_stream_enable", i64::from(has_camera));
        // Not configured, where there is none.
        json.integer_member("driver_facing_camera", if has_camera { 0 } else { -1 });
        json.integer_member("incab_audio_recording", -1);
        self.write_group_ids(json, &plan.groups);
        call.form.time(json, "created_at", plan.created_at);
        call.form.time(json, "updated_at", view.updated_at);
        json.key("permanent_driver");
        self.write_driver_or_null(json, plan.static_driver, call);
        json.key("availability_details").raw("{");
        json.text_member("availability_status", "in_service");
        call.form.time(json, "updated_at", plan.updated_at);
        json.raw("}").key("eld_device");
        self.write_eld_or_null(json, plan.index);
        json.key("current_driver");
        let driver = self.world.driver_at(plan.index, call.now);
        self.write_driver_or_null(json, driver, call);
        json.key("external_ids").raw("[]");
        json.nulls(&[
            "carb_ctc_test_enabled",
            "carb_ctc_emission_status",
            "registration_expiry_date",
        ]);
        json.raw("}");
    }

    pub(super) fn users(&self, call: &Call) -> Result<Json, Refusal> {
        let office = [
            (ids::ADMINISTRATOR, "admin"),
            (ids::ADMINISTRATOR + 1, "fleet_user"),
        ];
        let office = office.into_iter().map(|(id, role)| User::Office(id, role));
        let drivers = self.listed_drivers(call.now).into_iter();
        let mut users: Vec<User<'_>> = office
            .chain(drivers.map(|(plan, view)| User::Driver(plan, view)))
            .collect();
        let after = call.parameters.time("updated_after");
        let (role, status) = (call.parameters.one("role"), call.parameters.one("status"));
        users.retain(|user| {
            role.is_none_or(|role| role == user.role())
                && status.is_none_or(|status| status == user.status())
                && after.is_none_or(|after| user.updated_at() > after)
        });
        let wrapper = Wrapper::of("users", "user");
        Ok(self.page(call, wrapper, &users, |json, user| {
            self.write_user(json, user, call);
        }))
    }

    fn write_user(&self, json: &mut Json, user: &User<'_>, call: &Call) {
        let driver = match user {
            User::Office(..) => None,
            User::Driver(plan, _) => Some(*plan),
        };
        let whole = user.name();
        let (first, last) = names(&whole);
        json.raw("{").key("id").raw(&user.id());
        json.text_member("first_name", first);
        json.text_member("last_name", last);
        json.text_or_null(
            "email",
            driver.map_or(Some(""), |plan| plan.email.as_deref()),
        );
        let (code, number) = phone(driver.and_then(|plan| plan.phone.as_deref()));
        json.text_or_null("phone", number);
        json.text_or_null("phone_country_code", code);
        json.nulls(&["phone2", "phone_country_code2", "phone_ext"]);
        json.null("company_reference_id");
        let zone = driver.map_or(self.world.zone(), |plan| plan.zone);
        json.text_member("time_zone", rails_zone(zone));
        json.flag_member("metric_units", call.form.metric);
        json.text_member("role", user.role());
        json.text_member("status", user.status());
        self.write_group_ids(json, driver.map_or(&[], |plan| &plan.groups));
        call.form.time(json, "created_at", user.created_at());
        call.form.time(json, "updated_at", user.updated_at());
        json.nulls(&[
            "mobile_current_sign_in_at",
            "mobile_last_active_at",
            "mobile_last_sign_in_at",
            "web_current_sign_in_at",
            "web_last_active_at",
            "web_last_sign_in_at",
            "associated_dispatcher_id",
            "expires_at",
            "external_ids",
        ]);
        if let Some(plan) = driver {
            self.write_driver_keys(json, plan, call);
        }
        json.raw("}");
    }

    /// What users that do not drive lack.
    fn write_driver_keys(&self, json: &mut Json, plan: &DriverPlan, call: &Call) {
        json.text_or_null("username", plan.username.as_deref());
        json.text_member("driver_company_id", &company_number(plan.index));
        json.text_or_null("drivers_license_number", plan.licence_number.as_deref());
        json.text_or_null("drivers_license_state", plan.licence_state.as_deref());
        let joined = plan.created_at.to_string();
        json.text_member("joined_at", joined.get(..10).unwrap_or_default());
        let status = self.world.clocks(plan.index, call.now);
        let status = status.map_or("off_duty", |clocks| super::duty::wire_type(clocks.status));
        json.text_member("duty_status", status);
        json.text_member("eld_mode", "logs");
        json.text_member("cycle", "70_8");
        json.text_member("cycle2", "70_8_2020");
        json.text_member("violation_alerts", "1_hour");
        json.text_member("carrier_name", &self.config.organisation);
        json.text_member("carrier_street", "1 Depot Ave");
        json.text_member("carrier_city", "Nashville");
        json.text_member("carrier_state", "TN");
        json.text_member("carrier_zip", "37011");
        json.text_member("terminal_street", plan.home_terminal);
        json.text_member("terminal_city", "Nashville");
        json.text_member("terminal_state", "TN");
        json.text_member("terminal_zip", "37011");
        json.flags(&DRIVER_SETTINGS_OFF, false);
        json.flags(&DRIVER_SETTINGS_ON, true);
        json.flag_member("manual_driving_enabled", false);
    }

    pub(super) fn groups(&self, call: &Call) -> Result<Json, Refusal> {
        let wrapper = Wrapper::of("groups", "group");
        let write = |json: &mut Json, plan: &GroupPlan| {
            let id = |index| ids::group(&self.world, index);
            json.raw("{").key("id").raw(id(plan.index));
            json.integer_member("company_id", ids::COMPANY);
            json.text_member("name", &plan.name).key("parent_id");
            json.raw(plan.parent.map_or("null", id)).key("user");
            json.raw("{").integer_member("id", ids::ADMINISTRATOR);
            json.text_member("first_name", "Ada");
            json.text_member("last_name", "Office");
            json.text_member("email", "office@fleet.example");
            json.null("username");
            json.text_member("role", "admin");
            json.text_member("status", "active");
            json.null("driver_company_id");
            json.raw("}}");
        };
        Ok(self.page(call, wrapper, self.world.groups(), write))
    }

    pub(super) fn write_group_ids(&self, json: &mut Json, groups: &[usize]) {
        json.key("group_ids").raw("[");
        for group in groups {
            json.comma().raw(ids::group(&self.world, *group));
        }
        json.raw("]");
    }

    /// The few members by which other objects name a vehicle.
    pub(super) fn write_vehicle_ref(&self, json: &mut Json, index: usize, call: &Call) {
        json.raw("{");
        self.write_vehicle_members(json, index, call.now);
        json.flag_member("metric_units", call.form.metric).raw("}");
    }

    pub(super) fn write_vehicle_members(&self, json: &mut Json, index: usize, now: Timestamp) {
        let plan = &self.world.vehicles()[index];
        let view = self.vehicle_view(plan, now);
        json.integer_member("id", ids::vehicle(index));
        json.text_member(
            "number",
            view.as_ref().map_or(&plan.name, |view| &view.name),
        );
        json.text_member("year", year(plan.year.as_deref()));
        json.text_or_null("make", plan.make.as_deref());
        json.text_or_null("model", plan.model.as_deref());
        json.text_or_null("vin", plan.vin.as_deref());
    }

    /// The few members by which other objects name a driver.
    pub(super) fn write_driver_or_null(&self, json: &mut Json, driver: Option<usize>, call: &Call) {
        let Some(index) = driver else {
            json.raw("null");
            return;
        };
        json.raw("{");
        self.write_driver_members(json, index, call.now);
        json.raw("}");
    }

    pub(super) fn write_driver_members(&self, json: &mut Json, index: usize, now: Timestamp) {
        let plan = &self.world.drivers()[index];
        let view = self.driver_view(plan, now);
        let whole = view.as_ref().map_or(&plan.name, |view| &view.name);
        let (first, last) = names(whole);
        json.key("id").raw(ids::driver(&self.world, index));
        json.text_member("first_name", first);
        json.text_member("last_name", last);
        json.text_or_null("username", plan.username.as_deref());
        json.text_or_null("email", plan.email.as_deref());
        json.text_member("driver_company_id", &company_number(index));
        json.text_member("status", status(plan));
        json.text_member("role", "driver");
    }
}

fn company_number(driver: usize) -> String {
    format!("{}-SYN", 10_001 + driver)
}

fn status(plan: &DriverPlan) -> &'static str {
    if plan.is_active {
        "active"
    } else {
        "deactivated"
    }
}

impl User<'_> {
    fn id(&self) -> String {
        match self {
            User::Office(id, _) => id.to_string(),
            User::Driver(plan, _) => plan.source_id.clone(),
        }
    }

    fn name(&self) -> String {
        match self {
            User::Office(_, role) => format!("Ada {role}"),
            User::Driver(_, view) => view.name.clone(),
        }
    }

    fn role(&self) -> &'static str {
        match self {
            User::Office(_, role) => role,
            User::Driver(..) => "driver",
        }
    }

    fn status(&self) -> &'static str {
        match self {
            User::Office(..) => "active",
            User::Driver(plan, _) => status(plan),
        }
    }

    fn created_at(&self) -> Timestamp {
        match self {
            User::Office(..) => Timestamp::from_millis(1_600_000_000_000),
            User::Driver(plan, _) => plan.created_at,
        }
    }

    fn updated_at(&self) -> Timestamp {
        match self {
            User::Office(..) => self.created_at(),
            User::Driver(_, view) => view.updated_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_taken_apart() {
        assert_eq!(names("Zoë de la Ng II"), ("Zoë", "de la Ng II"));
        assert_eq!(names("李"), ("李", ""));
        assert_eq!(phone(Some("+44 20 7946 1001")).0, Some("+44"));
        let national = |typed| phone(Some(typed)).1;
        assert_eq!(national("1-615-555-1001"), Some("615-555-1001"));
        assert_eq!(national("+1 (416) 555-1001"), Some("(416) 555-1001"));
        assert_eq!(phone(Some("")), (None, Some("")));
        assert_eq!(phone(None), (None, None));
    }
}
