//! Geotab, and the names under which resellers give it to their customers. They differ in nothing
//! but code, name and where people sign in: one database server answers for all.

use provider::{Descriptor, Provider};

use super::Geotab;
use super::streams::descriptor;

/// Geotab's own code: the base of all others.
pub const GEOTAB: &str = "geotab";

const fn brand(code: &'static str, name: &'static str) -> Descriptor {
    descriptor(code, Some(GEOTAB), name)
}

static PLATFORM: Descriptor = descriptor(GEOTAB, None, "Geotab");
static ADVANTAGE_ONE: Descriptor = brand("advantage-one", "Advantage One");
static ARGOS: Descriptor = brand("argos", "Argos Connected Solutions");
static ATTRIX: Descriptor = brand("attrix", "Attrix");
static BLUE_ARROW: Descriptor = brand("blue-arrow", "Blue Arrow Telematics");
static EAGLE_WIRELESS: Descriptor = brand("eagle-wireless", "Eagle Wireless");
static ENVUE: Descriptor = brand("envue-telematics", "EnVue Telematics");
static FLEET_PROFIT_CENTER: Descriptor = brand("fleet-profit-center", "Fleet Profit Center");
static FLEETISTICS: Descriptor = brand("fleetistics", "Fleetistics");
static GEOTAB_ATT: Descriptor = brand("geotab-att", "Geotab AT&T");
static GOFLEET: Descriptor = brand("gofleet", "GoFleet");
static GOGPS: Descriptor = brand("gogps", "GoGPS");
static GPS_TRACKING_CANADA: Descriptor = brand("gps-tracking-canada", "GPS Tracking Canada");
static GRAYBOX: Descriptor = brand("graybox-solutions", "GrayBox Solutions");
static GRIDLINE: Descriptor = brand("gridline", "Gridline");
static HIGH_POINT_GPS: Descriptor = brand("high-point-gps", "High Point GPS");
static IO_TAB: Descriptor = brand("io-tab", "IoTab");
static TRANSFLO: Descriptor = brand("transflo", "Transflo");

pub static PROVIDERS: &[&dyn Provider] = &[
    &Geotab::of(&PLATFORM),
    &Geotab::of(&ADVANTAGE_ONE),
    &Geotab::of(&ARGOS),
    &Geotab::of(&ATTRIX),
    &Geotab::of(&BLUE_ARROW),
    &Geotab::of(&EAGLE_WIRELESS),
    &Geotab::of(&ENVUE),
    &Geotab::of(&FLEET_PROFIT_CENTER),
    &Geotab::of(&FLEETISTICS),
    &Geotab::of(&GEOTAB_ATT),
    &Geotab::of(&GOFLEET),
    &Geotab::of(&GOGPS),
    &Geotab::of(&GPS_TRACKING_CANADA),
    &Geotab::of(&GRAYBOX),
    &Geotab::of(&GRIDLINE),
    &Geotab::of(&HIGH_POINT_GPS),
    &Geotab::of(&IO_TAB),
    &Geotab::of(&TRANSFLO),
];
