//! `/devices`.

use model::device::Device;
use utoipa::openapi::HttpMethod;

use super::operation::{Built, Described, Wants};
use super::schema::{Schemas, id_or, splice, splice_record_members};
use crate::parameters;

pub(super) static OPERATIONS: &[Described] = &[Described {
    method: HttpMethod::Get,
    path: "/devices",
    tag: "Devices",
    summary: "Lists devices",
    wants: Wants::KeyAndToken,
    answer: Built::read(
        &parameters::LIST_DEVICES,
        "Trackers and cameras, in the order in which we changed them. Those in a vehicle that the \
         connection's filters hide are left out, and those that the provider no longer has unless \
         asked for.",
        ("Devices.", "DevicePage"),
    ),
}];

pub(super) fn describe(schemas: &mut Schemas) {
    schemas.add_record::<Device>(|device| {
        device.description = Some("What is mounted in a vehicle and reports of it.".to_owned());
        let vehicle = "The vehicle that it is mounted in.";
        splice(device, "vehicle", id_or("VehicleId", "Vehicle", vehicle));
        splice_record_members(device);
    });
    schemas.tell("DeviceType", "", "What kind of device it is.");
    schemas.tell("Device", "serialNumber", "What its maker calls it by.");
    schemas.add_page("Device");
}
