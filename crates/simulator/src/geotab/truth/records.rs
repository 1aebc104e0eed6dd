//! The truth about what belongs to the fleet.

use model::device::{Device, DeviceType};
use model::driver::Driver;
use model::group::Group;
use model::trailer::Trailer;
use model::vehicle::{Licence, Vehicle};
use model::{GroupId, RecordStatus};

use super::super::ids;
use super::super::records::{
    STOCK_GROUPS, TRAILER_GROUP, TrailerForm, VEHICLE_GROUP, login, trailer_form,
    trailer_source_id, typed_phone,
};
use super::{GeotabTruth, PROVIDER};
use crate::fleet::DriverPlan;
use crate::shown::equipment::ShownTrailer;
use crate::truth::words::{filled, split_name};

/// The states and provinces that this fleet's licences name and the contract knows.
const KNOWN_STATES: [&str; 6] = ["TX", "TN", "ON", "QC", "CA", "OH"];

fn plate(number: Option<&String>, state: Option<&str>) -> Option<Licence> {
    let state = state.filter(|state| KNOWN_STATES.contains(state));
    filled(number).map(|number| Licence {
        state: state.map(str::to_owned),
        number: Some(number),
    })
}

fn status(is_active: bool) -> RecordStatus {
    if is_active {
        RecordStatus::Active
    } else {
        RecordStatus::Inactive
    }
}

impl GeotabTruth {
    fn group_ids(&self, groups: &[usize], stock: Option<&str>) -> Vec<GroupId> {
        let ids = self.database().group_ids(groups, stock);
        ids.iter().map(|id| self.scope.ids.group(id)).collect()
    }

    pub(super) fn true_vehicles(&self) -> Vec<Vehicle> {
        let plans = self.scope.world.vehicles().iter();
        plans
            .filter_map(|plan| {
                let (name, _) = self.database().vehicle_name(plan)?;
                let serial = plan.gateway.as_ref().map(|gateway| &gateway.serial);
                Some(Vehicle {
                    id: self.vehicle_id(plan.index),
                    name: Some(name),
                    status: status(plan.gateway.is_some()),
                    source_id: ids::device_id(plan.index),
                    provider: PROVIDER.to_owned(),
                    vin: filled(plan.vin.as_ref()),
                    make: filled(plan.make.as_ref()),
                    model: filled(plan.model.as_ref()),
                    year: filled(plan.year.as_ref()).and_then(|year| year.parse().ok()),
                    groups: self.group_ids(&plan.groups, Some(VEHICLE_GROUP)),
                    devices: serial
                        .into_iter()
                        .map(|serial| self.scope.ids.device(serial))
                        .collect(),
                    license_plate: plate(plan.plate.as_ref(), plan.plate_state()),
                    created_at: None,
                    updated_at: None,
                })
            })
            .collect()
    }

    pub(super) fn true_drivers(&self) -> Vec<Driver> {
        let plans = self.scope.world.drivers().iter();
        plans.map(|plan| self.true_driver(plan)).collect()
    }

    fn true_driver(&self, plan: &DriverPlan) -> Driver {
        let (name, _, left) = self.database().driver_name(plan);
        let (first_name, _, last_name) = split_name(&name);
        let state = filled(plan.licence_state.as_ref())
            .filter(|state| KNOWN_STATES.contains(&state.as_str()));
        let number = filled(plan.licence_number.as_ref());
        let phone: String = typed_phone(plan).split_whitespace().collect();
        let username = login(plan);
        Driver {
            id: self.driver_id(plan.index),
            status: status(plan.is_active && left.is_none()),
            source_id: ids::user_id(plan.index),
            provider: PROVIDER.to_owned(),
            first_name,
            middle_name: None,
            last_name,
            email: filled(plan.email.as_ref()),
            phone: Some(phone).filter(|phone| !phone.is_empty()),
            username: Some(username),
            license: (state.is_some() || number.is_some()).then_some(Licence { state, number }),
            groups: self.group_ids(&plan.groups, None),
            created_at: None,
            updated_at: None,
        }
    }

    /// Without what is about who may do what.
    pub(super) fn true_groups(&self) -> Vec<Group> {
        let group = |id: &str, name: &str, parent: Option<&str>| Group {
            id: self.scope.ids.group(id),
            name: Some(name.to_owned()).filter(|name| !name.is_empty()),
            source_id: id.to_owned(),
            provider: PROVIDER.to_owned(),
            parent: parent.map(|parent| self.scope.ids.group(parent)),
            created_at: None,
            updated_at: None,
        };
        let stock = STOCK_GROUPS
            .iter()
            .filter(|(id, ..)| !id.contains("Security") && !id.contains("Private"))
            .map(|(id, name, parent)| group(id, name, *parent));
        let own = self.scope.world.groups().iter().map(|plan| {
            let parent = plan.parent.map(ids::group_id);
            let parent = parent.as_deref().unwrap_or(STOCK_GROUPS[0].0);
            group(&ids::group_id(plan.index), &plan.name, Some(parent))
        });
        stock.chain(own).collect()
    }

    fn shown_trailers(&self) -> Vec<ShownTrailer<'_>> {
        let places = 0..self.scope.world.trailers().len();
        let shown = self.scope.shown();
        places.filter_map(|index| shown.trailer(index)).collect()
    }

    pub(super) fn true_devices(&self) -> Vec<Device> {
        let device = |serial: &str| Device {
            id: self.scope.ids.device(serial),
            device_type: DeviceType::Tracker,
            source_id: serial.to_owned(),
            provider: PROVIDER.to_owned(),
            vehicle: None,
            description: Some("GO9".to_owned()),
            serial_number: Some(serial.to_owned()),
            last_connected_at: None,
            created_at: None,
            updated_at: None,
        };
        let plans = self.scope.world.vehicles().iter();
        let vehicles = plans.filter_map(|plan| {
            let gateway = plan.gateway.as_ref()?;
            Some(Device {
                vehicle: Some(self.vehicle_id(plan.index)),
                ..device(&gateway.serial)
            })
        });
        let trailers = self.shown_trailers();
        let trailers = trailers.iter().filter_map(|shown| {
            let gateway = shown.plan.gateway.as_ref()?;
            Some(device(&gateway.serial))
        });
        vehicles.chain(trailers).collect()
    }

    pub(super) fn true_trailers(&self) -> Vec<Trailer> {
        let trailers = self.shown_trailers();
        trailers
            .iter()
            .map(|shown| {
                let plan = shown.plan;
                // The older entity has little more than a name.
                let is_device = trailer_form(shown) != TrailerForm::Entity;
                let known = |text: Option<&String>| filled(text).filter(|_| is_device);
                let serial = plan.gateway.as_ref().map(|gateway| &gateway.serial);
                let source_id = trailer_source_id(shown);
                let stock = is_device.then_some(TRAILER_GROUP);
                Trailer {
                    id: self.scope.ids.trailer(&source_id),
                    name: Some(shown.name.clone()),
                    status: RecordStatus::Active,
                    source_id,
                    provider: PROVIDER.to_owned(),
                    vin: known(plan.vin.as_ref()),
                    serial_number: known(serial),
                    make: known(plan.make.as_ref()),
                    model: known(plan.model.as_ref()),
                    year: known(plan.year.as_ref()).and_then(|year| year.parse().ok()),
                    groups: self.group_ids(&plan.groups, stock),
                    license_plate: plate(plan.plate.as_ref(), None).filter(|_| is_device),
                    created_at: None,
                    updated_at: None,
                }
            })
            .collect()
    }
}
