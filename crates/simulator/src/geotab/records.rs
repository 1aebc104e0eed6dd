//! What belongs to the fleet: devices, users, groups, trailers and what they hang on.
//!
//! A vehicle is its device. A trailer is one, too, where it has hardware or was made in the newer
//! way; it may be the older entity besides, or alone. Vehicles that leave the fleet vanish from the
//! list; drivers who do are kept, with a date at which they left.

use model::Timestamp;
use model::time::{DAY_MS, SECOND_MS};

use super::database::Database;
use super::ids;
use super::rows::Row;
use super::rpc::Search;
use crate::faults::RecordKind;
use crate::fleet::{DriverPlan, VehiclePlan};
use crate::samsara::wire::Json;
use crate::shown::after;
use crate::shown::equipment::ShownTrailer;
use crate::truth::words::{current, phone, split_name};

pub(crate) const COMPANY_GROUP: &str = "GroupCompanyId";
pub(crate) const VEHICLE_GROUP: &str = "GroupVehicleId";
pub(crate) const TRAILER_GROUP: &str = "GroupTrailerId";
/// As long as nobody ends something.
pub(crate) const OPEN_END: &str = "2050-01-01T00:00:00.000Z";

/// Stock groups: id, name (some have none), and the group that each lies in.
pub(crate) const STOCK_GROUPS: [(&str, &str, Option<&str>); 7] = [
    (COMPANY_GROUP, "Company Group", None),
    (
        "GroupAssetInformationId",
        "Asset Information",
        Some(COMPANY_GROUP),
    ),
    (VEHICLE_GROUP, "Vehicle", Some("GroupAssetInformationId")),
    (TRAILER_GROUP, "", Some("GroupAssetInformationId")),
    ("GroupSecurityId", "Security", None),
    (
        "GroupDriveUserSecurityId",
        "**DriveUserSecurity**",
        Some("GroupSecurityId"),
    ),
    ("GroupPrivateUserId", "Private User Group", None),
];

/// How a trailer is kept; of three, one each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TrailerForm {
    /// A device that names the older entity, which is there as well.
    Both,
    Device,
    /// The older entity alone.
    Entity,
}

pub(crate) fn trailer_form(shown: &ShownTrailer<'_>) -> TrailerForm {
    match (shown.plan.gateway.is_some(), shown.plan.index % 3) {
        (_, 0) => TrailerForm::Both,
        (true, _) | (false, 1) => TrailerForm::Device,
        (false, _) => TrailerForm::Entity,
    }
}

/// What identifies the trailer everywhere else.
pub(crate) fn trailer_source_id(shown: &ShownTrailer<'_>) -> String {
    match trailer_form(shown) {
        TrailerForm::Both | TrailerForm::Entity => ids::trailer_id(shown.plan.index),
        TrailerForm::Device => ids::trailer_device_id(shown.plan.index),
    }
}

/// The name that a driver signs in with.
pub(crate) fn login(plan: &DriverPlan) -> String {
    let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    filled(&plan.email)
        .or(filled(&plan.username))
        .unwrap_or_else(|| format!("driver{}", plan.index))
}

/// A number as somebody typed it who keeps to one form, or nothing.
pub(crate) fn typed_phone(plan: &DriverPlan) -> String {
    match plan.phone.as_deref().and_then(phone) {
        Some(number) if number.starts_with("+1") => format!("+1 {}", &number[2..]),
        Some(number) => number,
        None => String::new(),
    }
}

impl Database<'_> {
    /// The name now; `None`: it has left the list.
    pub fn vehicle_name(&self, plan: &VehiclePlan) -> Option<(String, Timestamp)> {
        let record = (RecordKind::Vehicle, plan.index);
        let (name, at) = (&plan.name, plan.updated_at);
        current(self.world, self.faults, record, self.now, name, at)
    }

    /// The name now, and when the driver left, if that was.
    pub fn driver_name(&self, plan: &DriverPlan) -> (String, Timestamp, Option<Timestamp>) {
        let begins_at = self.world.config().begins_at;
        let is_past = |at: &Timestamp| *at <= self.now;
        let left = self
            .faults
            .record_withdrawn_at(RecordKind::Driver, plan.index, begins_at)
            .filter(is_past);
        let edited = self
            .faults
            .record_edited_at(RecordKind::Driver, plan.index, begins_at)
            .filter(is_past);
        let (name, at) = match edited {
            Some(at) => (format!("{} II", plan.name), at),
            None => (plan.name.clone(), plan.updated_at),
        };
        (name, left.map_or(at, |left| left.max(at)), left)
    }

    /// Ids of groups, or of the whole company.
    pub fn group_ids(&self, groups: &[usize], stock: Option<&str>) -> Vec<String> {
        let own = groups.iter().map(|group| ids::group_id(*group));
        let mut ids: Vec<String> = stock.map(str::to_owned).into_iter().chain(own).collect();
        if groups.is_empty() {
            ids.push(COMPANY_GROUP.to_owned());
        }
        ids
    }

    pub(super) fn device_rows(&self, search: Search<'_>) -> Vec<Row> {
        let vehicles = self.world.vehicles().iter();
        let mut rows: Vec<Row> = vehicles
            .filter_map(|plan| {
                let (name, at) = self.vehicle_name(plan)?;
                Some(self.device_row(plan, &name, at))
            })
            .collect();
        let trailers = 0..self.world.trailers().len();
        let trailers = trailers.filter_map(|index| self.shown(self.now).trailer(index));
        rows.extend(
            trailers
                .filter(|shown| trailer_form(shown) != TrailerForm::Entity)
                .map(|shown| self.trailer_device_row(&shown)),
        );
        matching(
            rows,
            search,
            &["serialNumber", "vehicleIdentificationNumber"],
        )
    }

    fn device_row(&self, plan: &VehiclePlan, name: &str, updated_at: Timestamp) -> Row {
        let id = ids::device_id(plan.index);
        let has_device = plan.gateway.is_some();
        let serial = plan.gateway.as_ref().map_or("", |gateway| &gateway.serial);
        let vin = plan.vin.as_deref().unwrap_or_default();
        let mut json = Json::default();
        json.raw("{");
        json.time_member("activeFrom", plan.created_at);
        // Without hardware a vehicle is one that was taken out of use.
        if has_device {
            json.text_member("activeTo", OPEN_END);
        } else {
            json.time_member("activeTo", after(plan.created_at, DAY_MS));
        }
        json.key("autoGroups").raw("[]");
        json.text_member("comment", &plan.notes);
        json.text_member("deviceType", if has_device { "GO9" } else { "None" });
        json.text_member("engineVehicleIdentificationNumber", engine_vin(vin));
        json.integer_member("fuelTankCapacity", 0);
        let groups = self.group_ids(&plan.groups, Some(VEHICLE_GROUP));
        write_ids(json.key("groups"), &groups);
        json.text_member("id", &id);
        json.text_member("ignoreDownloadsUntil", "1986-01-01T00:00:00.000Z");
        json.text_member("licensePlate", plan.plate.as_deref().unwrap_or_default());
        json.text_member("licenseState", plan.plate_state().unwrap_or_default());
        json.integer_member("maxSecondsBetweenLogs", 200);
        json.text_member("name", name);
        json.integer_member("productId", if has_device { 120 } else { -1 });
        json.text_member("serialNumber", serial);
        json.text_member("timeToDownload", "1.00:00:00");
        json.text_member("timeZoneId", self.world.zone());
        json.text_member("vehicleIdentificationNumber", vin);
        json.optional_member("vinInfoMake", plan.make.as_deref());
        json.optional_member("vinInfoModel", plan.model.as_deref());
        json.optional_member("vinInfoYear", plan.year.as_deref());
        json.text_member("workTime", "WorkTimeStandardHoursId")
            .raw("}");
        let version = ids::number(updated_at.floor_to(SECOND_MS), plan.index, 0);
        Row::new(id, version, plan.created_at, json).named(name)
    }

    fn trailer_device_row(&self, shown: &ShownTrailer<'_>) -> Row {
        let plan = shown.plan;
        let id = ids::trailer_device_id(plan.index);
        let has_device = plan.gateway.is_some();
        let serial = plan.gateway.as_ref().map_or("", |gateway| &gateway.serial);
        let vin = plan.vin.as_deref().unwrap_or_default();
        let mut json = Json::default();
        json.raw("{");
        json.time_member("activeFrom", plan.created_at);
        json.text_member("activeTo", OPEN_END);
        json.key("autoGroups").raw("[]");
        json.text_member("comment", plan.notes.as_deref().unwrap_or_default());
        json.text_member("deviceType", if has_device { "GO9" } else { "None" });
        json.text_member("engineVehicleIdentificationNumber", engine_vin(vin));
        let groups = self.group_ids(&plan.groups, Some(TRAILER_GROUP));
        write_ids(json.key("groups"), &groups);
        json.text_member("id", &id);
        json.text_member("licensePlate", plan.plate.as_deref().unwrap_or_default());
        json.text_member("licenseState", "");
        json.text_member("name", &shown.name);
        json.integer_member("productId", if has_device { 120 } else { -1 });
        json.text_member("serialNumber", serial);
        json.text_member("timeZoneId", self.world.zone());
        if trailer_form(shown) == TrailerForm::Both {
            json.text_member("tmpTrailerId", &ids::trailer_id(plan.index));
        }
        json.text_member("vehicleIdentificationNumber", vin);
        json.optional_member("vinInfoMake", plan.make.as_deref());
        json.optional_member("vinInfoModel", plan.model.as_deref());
        json.optional_member("vinInfoYear", plan.year.as_deref());
        json.text_member("workTime", "WorkTimeStandardHoursId")
            .raw("}");
        let version = ids::number(shown.updated_at, plan.index, 1);
        Row::new(id, version, plan.created_at, json).named(&shown.name)
    }

    pub(super) fn trailer_rows(&self) -> Vec<Row> {
        let trailers = 0..self.world.trailers().len();
        let trailers = trailers.filter_map(|index| self.shown(self.now).trailer(index));
        trailers
            .filter(|shown| trailer_form(shown) != TrailerForm::Device)
            .map(|shown| {
                let plan = shown.plan;
                let id = ids::trailer_id(plan.index);
                let version = ids::number(shown.updated_at, plan.index, 0);
                let mut json = Json::default();
                json.raw("{").text_member("id", &id);
                json.text_member("name", &shown.name);
                json.text_member("comment", plan.notes.as_deref().unwrap_or_default());
                let groups = self.group_ids(&plan.groups, None);
                write_ids(json.key("groups"), &groups);
                json.version_member(version).raw("}");
                Row::new(id, version, plan.created_at, json).named(&shown.name)
            })
            .collect()
    }

    /// The present attachment of each trailer of the older kind: since when is known to the day.
    pub(super) fn attachment_rows(&self, search: Search<'_>) -> Vec<Row> {
        let wanted = search.id_in("trailerSearch");
        let device = search.id_in("deviceSearch");
        let mut rows = Vec::new();
        for index in 0..self.world.trailers().len() {
            let Some(shown) = self.shown(self.now).trailer(index) else {
                continue;
            };
            let trailer = ids::trailer_id(index);
            let is_entity = trailer_form(&shown) != TrailerForm::Device;
            let coupled = self.world.coupled(index, self.now);
            let Some(vehicle) = coupled.filter(|_| is_entity) else {
                continue;
            };
            let of_device = ids::device_id(vehicle);
            let is_asked_for = wanted.is_none_or(|wanted| wanted == trailer)
                && device.is_none_or(|device| device == of_device);
            if !is_asked_for {
                continue;
            }
            let since = self.coupled_since(index, vehicle);
            let number = ids::number(since, index, 0);
            let id = ids::id(number);
            let mut json = Json::default();
            json.raw("{").text_member("id", &id);
            json.reference("trailer", &trailer);
            json.reference("device", &of_device);
            json.time_member("activeFrom", since);
            json.text_member("activeTo", OPEN_END);
            json.version_member(number).raw("}");
            rows.push(Row::new(id, number, since, json));
        }
        rows
    }

    fn coupled_since(&self, trailer: usize, vehicle: usize) -> Timestamp {
        let mut since = self.now.start_of_utc_day();
        let begins_at = self.world.config().begins_at;
        while since > begins_at && self.world.coupled(trailer, since) == Some(vehicle) {
            since = after(since, -DAY_MS);
        }
        since.max(begins_at)
    }

    pub(super) fn group_rows(&self) -> Vec<Row> {
        let own = self.world.groups();
        let children = |id: &str| -> Vec<String> {
            let stock = STOCK_GROUPS.iter().filter(|group| group.2 == Some(id));
            let stock = stock.map(|group| group.0.to_owned());
            let of = |parent: Option<usize>| match parent {
                None => id == COMPANY_GROUP,
                Some(parent) => id == ids::group_id(parent),
            };
            let own = own.iter().filter(|group| of(group.parent));
            stock
                .chain(own.map(|group| ids::group_id(group.index)))
                .collect()
        };
        let stock = STOCK_GROUPS
            .iter()
            .map(|(id, name, _)| ((*id).to_owned(), *name));
        let own = own
            .iter()
            .map(|group| (ids::group_id(group.index), group.name.as_str()));
        stock
            .chain(own)
            .map(|(id, name)| {
                let mut json = Json::default();
                json.raw("{").text_member("id", &id);
                if !name.is_empty() {
                    json.text_member("name", name);
                }
                write_ids(json.key("children"), &children(&id));
                json.key("color").raw("{\"r\":0,\"g\":0,\"b\":0,\"a\":255}");
                json.text_member("comments", "");
                json.text_member("reference", "");
                json.flag_member("isGlobalReportingGroup", false).raw("}");
                let date = Timestamp::from_millis(0);
                Row::new(id, 1, date, json).named(name)
            })
            .collect()
    }

    pub(super) fn user_rows(&self, search: Search<'_>) -> Vec<Row> {
        let drivers = self.world.drivers().iter();
        let mut rows: Vec<Row> = drivers.map(|plan| self.driver_row(plan)).collect();
        if !search.flag("isDriver") {
            rows.push(super::users::administrator(self.world.config().begins_at));
        }
        matching(rows, search, &[])
    }

    fn driver_row(&self, plan: &DriverPlan) -> Row {
        let (name, updated_at, left) = self.driver_name(plan);
        let (first, _, last) = split_name(&name);
        let id = ids::user_id(plan.index);
        let mut json = Json::default();
        json.raw("{");
        json.time_member("activeFrom", plan.created_at);
        match (left, plan.is_active) {
            (Some(left), true) => json.time_member("activeTo", left),
            (_, false) => json.time_member("activeTo", after(plan.created_at, DAY_MS)),
            (None, true) => json.text_member("activeTo", OPEN_END),
        };
        let groups = self.group_ids(&plan.groups, None);
        write_ids(json.key("companyGroups"), &groups);
        write_ids(json.key("driverGroups"), &groups);
        json.text_member("firstName", first.as_deref().unwrap_or_default());
        json.text_member("hosRuleSet", "America8DayBig");
        json.text_member("id", &id).flag_member("isDriver", true);
        json.key("keys").raw("[]");
        json.text_member("lastName", last.as_deref().unwrap_or_default());
        json.optional_member("licenseNumber", plan.licence_number.as_deref());
        json.optional_member("licenseProvince", plan.licence_state.as_deref());
        json.text_member("name", &login(plan));
        json.text_member("phoneNumber", &typed_phone(plan));
        json.text_member("timeZoneId", plan.zone);
        json.flag_member("viewDriversOwnDataOnly", true);
        super::users::settings(&mut json, &["GroupDriveUserSecurityId"]);
        json.raw("}");
        let version = ids::number(updated_at, plan.index, 0);
        Row::new(id, version, plan.created_at, json).named(&login(plan))
    }
}

/// An engine that does not know its number says so.
fn engine_vin(vin: &str) -> &str {
    if vin.is_empty() { "?" } else { vin }
}

pub(super) fn write_ids<'j>(json: &'j mut Json, ids: &[String]) -> &'j mut Json {
    json.raw("[");
    for id in ids {
        json.comma().raw("{\"id\":").text(id).raw("}");
    }
    json.raw("]")
}

/// Rows in one of the groups that are asked for, and with the texts that are.
fn matching(mut rows: Vec<Row>, search: Search<'_>, members: &[&str]) -> Vec<Row> {
    let quoted = |name: &str, value: &str| {
        let mut json = Json::default();
        json.raw("\"").raw(name).raw("\":").text(value);
        json.bytes
    };
    let holds = |row: &Row, wanted: &[u8]| {
        let mut places = row.json.windows(wanted.len());
        places.any(|place| place == wanted)
    };
    if let Some(groups) = search.ids_in("groups")
        && !groups.contains(&COMPANY_GROUP)
    {
        let wanted: Vec<Vec<u8>> = groups.iter().map(|group| quoted("id", group)).collect();
        rows.retain(|row| wanted.iter().any(|group| holds(row, group)));
    }
    if let Some(name) = search.text("name") {
        let (inner, is_open) = (name.trim_matches('%'), name.contains('%'));
        rows.retain(|row| row.name == name || (is_open && row.name.contains(inner)));
    }
    for member in members {
        if let Some(value) = search.text(member) {
            let wanted = quoted(member, value);
            rows.retain(|row| holds(row, &wanted));
        }
    }
    rows
}
