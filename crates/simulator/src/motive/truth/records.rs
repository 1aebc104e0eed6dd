//! The truth about what belongs to the fleet.

use model::device::{Device, DeviceType};
use model::driver::Driver;
use model::group::Group;
use model::time::SECOND_MS;
use model::trailer::Trailer;
use model::vehicle::{Licence, Vehicle};
use model::{DriverId, GroupId, RecordStatus, Timestamp};

use super::super::entities::names;
use super::super::ids;
use super::PROVIDER;
use crate::faults::RecordKind;
use crate::fleet::{DriverPlan, VehiclePlan};
use crate::shown::equipment::MountedIn;
use crate::truth::Scope;
use crate::truth::words::{current, filled, phone};

/// The states and provinces that this fleet's licences name and the contract knows.
const KNOWN_STATES: [&str; 6] = ["TX", "TN", "ON", "QC", "CA", "OH"];

/// Nothing where it is hidden.
pub(super) fn unless<T>(is_hidden: bool, make: impl FnOnce() -> Vec<T>) -> Vec<T> {
    match is_hidden {
        true => Vec::new(),
        false => make(),
    }
}

fn group_ids(scope: &Scope, groups: &[usize]) -> Vec<GroupId> {
    let id = |group: &usize| scope.ids.group(ids::group(&scope.world, *group));
    groups.iter().map(id).collect()
}

/// The wire has no milliseconds.
fn second(time: Timestamp) -> Option<Timestamp> {
    Some(time.floor_to(SECOND_MS))
}

fn licence(state: Option<&str>, number: Option<String>) -> Option<Licence> {
    let state = state.filter(|state| KNOWN_STATES.contains(state));
    (state.is_some() || number.is_some()).then(|| Licence {
        state: state.map(str::to_owned),
        number,
    })
}

pub(super) fn vehicles(scope: &Scope) -> Vec<Vehicle> {
    let vehicle = |plan: &VehiclePlan| {
        let (name, updated_at) = current(
            &scope.world,
            &scope.faults,
            (RecordKind::Vehicle, plan.index),
            scope.now,
            &plan.name,
            plan.updated_at,
        )?;
        let source_id = ids::vehicle(plan.index).to_string();
        let device = ids::eld_device(plan.index).to_string();
        let is_active = plan.gateway.is_some();
        Some(Vehicle {
            id: scope.ids.vehicle(&source_id),
            name: Some(name),
            status: status(is_active),
            source_id,
            provider: PROVIDER.to_owned(),
            vin: filled(plan.vin.as_ref()),
            make: filled(plan.make.as_ref()),
            model: filled(plan.model.as_ref()),
            year: filled(plan.year.as_ref()).and_then(|year| year.parse().ok()),
            groups: group_ids(scope, &plan.groups),
            devices: match is_active {
                true => vec![scope.ids.device(&device)],
                false => Vec::new(),
            },
            license_plate: licence(plan.plate_state(), filled(plan.plate.as_ref())),
            created_at: second(plan.created_at),
            updated_at: second(updated_at),
        })
    };
    scope.world.vehicles().iter().filter_map(vehicle).collect()
}

fn status(is_active: bool) -> RecordStatus {
    if is_active {
        RecordStatus::Active
    } else {
        RecordStatus::Inactive
    }
}

pub(super) fn drivers(scope: &Scope) -> Vec<Driver> {
    let driver = |plan: &DriverPlan| {
        let (name, updated_at) = current(
            &scope.world,
            &scope.faults,
            (RecordKind::Driver, plan.index),
            scope.now,
            &plan.name,
            plan.updated_at,
        )?;
        let (first, last) = names(&name);
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let number = filled(plan.licence_number.as_ref());
        Some(Driver {
            id: scope.ids.driver(&plan.source_id),
            status: status(plan.is_active),
            source_id: plan.source_id.clone(),
            provider: PROVIDER.to_owned(),
            first_name: text(first),
            middle_name: None,
            last_name: text(last),
            email: filled(plan.email.as_ref()),
            phone: plan.phone.as_deref().and_then(phone),
            username: filled(plan.username.as_ref()),
            license: licence(plan.licence_state.as_deref(), number),
            groups: group_ids(scope, &plan.groups),
            created_at: second(plan.created_at),
            updated_at: second(updated_at),
        })
    };
    scope.world.drivers().iter().filter_map(driver).collect()
}

pub(super) fn groups(scope: &Scope) -> Vec<Group> {
    let plans = scope.world.groups().iter();
    plans
        .map(|plan| Group {
            id: scope.ids.group(&plan.source_id),
            name: Some(plan.name.clone()),
            source_id: plan.source_id.clone(),
            provider: PROVIDER.to_owned(),
            parent: plan
                .parent
                .map(|parent| scope.ids.group(ids::group(&scope.world, parent))),
            created_at: None,
            updated_at: None,
        })
        .collect()
}

pub(super) fn devices(scope: &Scope) -> Vec<Device> {
    let shown = scope.shown();
    let device = |place| {
        let gateway = shown.gateway(place)?;
        let vehicle = match gateway.mounted_in {
            MountedIn::Vehicle(index) => Some(ids::vehicle(index).to_string()),
            MountedIn::Nothing => None,
            MountedIn::Trailer(_) => return None,
        };
        let source_id = ids::eld_device(place).to_string();
        Some(Device {
            id: scope.ids.device(&source_id),
            device_type: DeviceType::Tracker,
            source_id,
            provider: PROVIDER.to_owned(),
            vehicle: vehicle.map(|id| scope.ids.vehicle(&id)),
            description: Some(gateway.model.to_owned()),
            serial_number: Some(gateway.serial),
            last_connected_at: None,
            created_at: None,
            updated_at: None,
        })
    };
    (0..shown.gateway_places()).filter_map(device).collect()
}

pub(super) fn trailers(scope: &Scope) -> Vec<Trailer> {
    let shown = scope.shown();
    let trailer = |index| {
        let trailer = shown.trailer(index)?;
        let plan = trailer.plan;
        let source_id = ids::asset(index).to_string();
        Some(Trailer {
            id: scope.ids.trailer(&source_id),
            name: Some(trailer.name),
            status: RecordStatus::Active,
            source_id,
            provider: PROVIDER.to_owned(),
            vin: filled(plan.vin.as_ref()),
            serial_number: None,
            make: filled(plan.make.as_ref()),
            model: filled(plan.model.as_ref()),
            year: filled(plan.year.as_ref()).and_then(|year| year.parse().ok()),
            groups: group_ids(scope, &plan.groups),
            license_plate: licence(None, filled(plan.plate.as_ref())),
            created_at: None,
            updated_at: None,
        })
    };
    let places = 0..scope.world.trailers().len();
    places.filter_map(trailer).collect()
}

pub(super) fn departed_drivers(scope: &Scope) -> Vec<(DriverId, Timestamp)> {
    let begins_at = scope.world.config().begins_at;
    let left_at = |plan: &DriverPlan| {
        scope
            .faults
            .record_withdrawn_at(RecordKind::Driver, plan.index, begins_at)
            .filter(|at| *at <= scope.now)
    };
    let plans = scope.world.drivers().iter();
    plans
        .filter_map(|plan| Some((scope.ids.driver(&plan.source_id), left_at(plan)?)))
        .collect()
}
