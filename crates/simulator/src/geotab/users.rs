//! What every user has, driver or not.

use model::Timestamp;

use super::records::{OPEN_END, write_ids};
use super::rows::Row;
use crate::samsara::wire::Json;

const EMPTY: [&str; 13] = [
    "authorityAddress",
    "authorityName",
    "carrierNumber",
    "comment",
    "companyAddress",
    "companyName",
    "defaultMapEngine",
    "designation",
    "employeeNo",
    "featurePreview",
    "phoneNumberExtension",
    "defaultHereMapStyle",
    "defaultOpenStreetMapStyle",
];

const TEXTS: [(&str, &str); 11] = [
    ("countryCode", "us"),
    ("dateFormat", "MM/dd/yy HH:mm:ss"),
    ("defaultGoogleMapStyle", "Roadmap"),
    ("defaultPage", "map"),
    ("displayCurrency", "Usd"),
    ("electricEnergyEconomyUnit", "MPGEUS"),
    ("firstDayOfWeek", "Monday"),
    ("fuelEconomyUnit", "MPGUS"),
    ("language", "en"),
    ("userAuthenticationType", "BasicAuthentication"),
    ("zoneDisplayMode", "Default"),
];

/// Switches; the first of them are on.
const FLAGS: [&str; 16] = [
    "isEULAAccepted",
    "isMetric",
    "isNewsEnabled",
    "isPersonalConveyanceEnabled",
    "isYardMoveEnabled",
    "changePassword",
    "isAceDisclaimerDisabled",
    "isAdverseDrivingEnabled",
    "isAutoAdded",
    "isEmailReportEnabled",
    "isExemptHOSEnabled",
    "isLabsEnabled",
    "isMaintenanceNotificationEnabled",
    "isServiceDisruptionNotificationsEnabled",
    "showClickOnceWarning",
    "showRateThisApp",
];
const SWITCHED_ON: usize = 5;

pub(super) fn settings(json: &mut Json, security_groups: &[&str]) {
    for name in EMPTY {
        json.text_member(name, "");
    }
    for (name, text) in TEXTS {
        json.text_member(name, text);
    }
    for (place, name) in FLAGS.into_iter().enumerate() {
        json.flag_member(name, place < SWITCHED_ON);
    }
    json.flag_member("smsNotificationsOptIn", false);
    json.flag_member("whatsAppNotificationsOptIn", false);
    json.integer_member("acceptedEULA", 20);
    json.integer_member("wifiEULA", 0);
    let groups: Vec<String> = security_groups.iter().map(|id| (*id).to_owned()).collect();
    write_ids(json.key("securityGroups"), &groups);
}

/// The one user who drives nothing.
pub(super) fn administrator(since: Timestamp) -> Row {
    let (id, name) = ("b1", "dispatch@fleet.example");
    let mut json = Json::default();
    json.raw("{").time_member("activeFrom", since);
    json.text_member("activeTo", OPEN_END);
    write_ids(json.key("companyGroups"), &["GroupCompanyId".to_owned()]);
    json.text_member("firstName", "Dispatch");
    json.text_member("hosRuleSet", "None");
    json.text_member("id", id).flag_member("isDriver", false);
    json.text_member("lastName", "Office");
    json.text_member("name", name);
    json.text_member("phoneNumber", "");
    json.text_member("timeZoneId", "America/New_York");
    settings(&mut json, &["GroupEverythingSecurityId"]);
    json.raw("}");
    Row::new(id.to_owned(), 1, since, json).named(name)
}
