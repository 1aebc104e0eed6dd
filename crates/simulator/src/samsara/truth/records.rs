//! The truth about what belongs to the fleet: vehicles, drivers, groups, devices, trailers.

use model::device::{Device, DeviceType};
use model::driver::Driver;
use model::group::Group;
use model::trailer::Trailer;
use model::vehicle::{Licence, Vehicle};
use model::{DriverId, IdSpace, RecordStatus, Timestamp};

use super::PROVIDER;
use crate::faults::{FaultPlan, RecordKind};
use crate::fleet::{DriverPlan, VehiclePlan, World};
use crate::shown::Shown;
use crate::shown::equipment::MountedIn;
use crate::truth::words::{current, filled, phone, split_name};

/// The states and provinces that this fleet's licences name and the contract knows.
const KNOWN_STATES: [&str; 6] = ["TX", "TN", "ON", "QC", "CA", "OH"];

fn group_ids(world: &World, ids: &IdSpace, groups: &[usize]) -> Vec<model::GroupId> {
    groups
        .iter()
        .map(|group| ids.group(&world.groups()[*group].source_id))
        .collect()
}

pub(super) fn vehicles(
    world: &World,
    faults: &FaultPlan,
    ids: &IdSpace,
    now: Timestamp,
) -> Vec<Vehicle> {
    let vehicle = |plan: &VehiclePlan| {
        let record = (RecordKind::Vehicle, plan.index);
        let (name, updated_at) = current(world, faults, record, now, &plan.name, plan.updated_at)?;
        let gateway_serial = plan.gateway.as_ref().map(|gateway| &gateway.serial);
        Some(Vehicle {
            id: ids.vehicle(&plan.source_id),
            name: Some(name),
            status: match &plan.gateway {
                Some(_) => RecordStatus::Active,
                None => RecordStatus::Inactive,
            },
            source_id: plan.source_id.clone(),
            provider: PROVIDER.to_owned(),
            vin: filled(plan.vin.as_ref()),
            make: filled(plan.make.as_ref()),
            model: filled(plan.model.as_ref()),
            year: filled(plan.year.as_ref()).and_then(|year| year.parse().ok()),
            groups: group_ids(world, ids, &plan.groups),
            devices: gateway_serial
                .into_iter()
                .chain(plan.camera_serial.as_ref())
                .map(|serial| ids.device(serial))
                .collect(),
            license_plate: filled(plan.plate.as_ref()).map(|number| Licence {
                state: None,
                number: Some(number),
            }),
            created_at: Some(plan.created_at),
            // Vehicles carry times without milliseconds.
            updated_at: Some(updated_at.floor_to(model::time::SECOND_MS)),
        })
    };
    world.vehicles().iter().filter_map(vehicle).collect()
}

pub(super) fn drivers(
    world: &World,
    faults: &FaultPlan,
    ids: &IdSpace,
    now: Timestamp,
) -> Vec<Driver> {
    let driver = |plan: &DriverPlan| {
        let record = (RecordKind::Driver, plan.index);
        let (name, updated_at) = current(world, faults, record, now, &plan.name, plan.updated_at)?;
        let (first_name, middle_name, last_name) = split_name(&name);
        Some(Driver {
            id: ids.driver(&plan.source_id),
            status: if plan.is_active {
                RecordStatus::Active
            } else {
                RecordStatus::Inactive
            },
            source_id: plan.source_id.clone(),
            provider: PROVIDER.to_owned(),
            first_name,
            middle_name,
            last_name,
            email: filled(plan.email.as_ref()),
            phone: plan.phone.as_deref().and_then(phone),
            username: filled(plan.username.as_ref()),
            license: licence(plan),
            groups: group_ids(world, ids, &plan.groups),
            created_at: Some(plan.created_at),
            updated_at: Some(updated_at),
        })
    };
    world.drivers().iter().filter_map(driver).collect()
}

fn licence(plan: &DriverPlan) -> Option<Licence> {
    let state =
        filled(plan.licence_state.as_ref()).filter(|state| KNOWN_STATES.contains(&state.as_str()));
    let number = filled(plan.licence_number.as_ref());
    (state.is_some() || number.is_some()).then_some(Licence { state, number })
}

pub(super) fn groups(world: &World, ids: &IdSpace) -> Vec<Group> {
    world
        .groups()
        .iter()
        .map(|plan| Group {
            id: ids.group(&plan.source_id),
            name: Some(plan.name.clone()),
            source_id: plan.source_id.clone(),
            provider: PROVIDER.to_owned(),
            parent: plan
                .parent
                .map(|parent| ids.group(&world.groups()[parent].source_id)),
            created_at: None,
            updated_at: None,
        })
        .collect()
}

pub(super) fn devices(
    world: &World,
    faults: &FaultPlan,
    ids: &IdSpace,
    now: Timestamp,
) -> Vec<Device> {
    let device = |serial: &str| Device {
        id: ids.device(serial),
        device_type: DeviceType::Tracker,
        source_id: serial.to_owned(),
        provider: PROVIDER.to_owned(),
        vehicle: None,
        description: None,
        serial_number: Some(serial.to_owned()),
        last_connected_at: None,
        created_at: None,
        updated_at: None,
    };
    let shown = Shown { world, faults, now };
    let gateway = |place| {
        let gateway = shown.gateway(place)?;
        Some(Device {
            // A trailer's gateway is in no vehicle.
            vehicle: match gateway.mounted_in {
                MountedIn::Vehicle(vehicle) => {
                    Some(ids.vehicle(&world.vehicles()[vehicle].source_id))
                }
                MountedIn::Trailer(_) | MountedIn::Nothing => None,
            },
            description: Some(gateway.model.to_owned()),
            last_connected_at: gateway.last_connected_at,
            ..device(&gateway.serial)
        })
    };
    let camera = |plan: &VehiclePlan| {
        let record = (RecordKind::Vehicle, plan.index);
        current(world, faults, record, now, &plan.name, plan.updated_at)?;
        Some(Device {
            device_type: DeviceType::Camera,
            vehicle: Some(ids.vehicle(&plan.source_id)),
            ..device(plan.camera_serial.as_ref()?)
        })
    };
    let gateways = (0..shown.gateway_places()).filter_map(gateway);
    gateways
        .chain(world.vehicles().iter().filter_map(camera))
        .collect()
}

pub(super) fn trailers(
    world: &World,
    faults: &FaultPlan,
    ids: &IdSpace,
    now: Timestamp,
) -> Vec<Trailer> {
    let shown = Shown { world, faults, now };
    let trailer = |index| {
        let trailer = shown.trailer(index)?;
        let plan = trailer.plan;
        Some(Trailer {
            id: ids.trailer(&plan.source_id),
            name: Some(trailer.name),
            status: RecordStatus::Active,
            source_id: plan.source_id.clone(),
            provider: PROVIDER.to_owned(),
            vin: filled(plan.vin.as_ref()),
            serial_number: filled(plan.serial.as_ref()),
            make: filled(plan.make.as_ref()),
            model: filled(plan.model.as_ref()),
            year: filled(plan.year.as_ref()).and_then(|year| year.parse().ok()),
            groups: group_ids(world, ids, &plan.groups),
            license_plate: filled(plan.plate.as_ref()).map(|number| Licence {
                state: None,
                number: Some(number),
            }),
            created_at: Some(plan.created_at),
            updated_at: Some(trailer.updated_at),
        })
    };
    (0..world.trailers().len()).filter_map(trailer).collect()
}

pub(super) fn departed_drivers(
    world: &World,
    faults: &FaultPlan,
    ids: &IdSpace,
    now: Timestamp,
) -> Vec<(DriverId, Timestamp)> {
    let begins_at = world.config().begins_at;
    let left_at = |plan: &DriverPlan| {
        faults
            .record_withdrawn_at(RecordKind::Driver, plan.index, begins_at)
            .filter(|at| *at <= now)
    };
    world
        .drivers()
        .iter()
        .filter_map(|plan| Some((ids.driver(&plan.source_id), left_at(plan)?)))
        .collect()
}
