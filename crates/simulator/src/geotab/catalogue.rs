//! What rows refer to: rules, diagnostics, controllers, failure modes, units.

use super::database::Database;
use super::faultdata::Code;
use super::gauges::Gauge;
use super::ids;
use super::rows::Row;
use crate::fleet::SafetyKind;
use crate::samsara::wire::Json;

/// The one rule that is not Geotab's own: its name says what it is about.
pub(crate) const PHONE_RULE: &str = "Cell phone use (camera partner)";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Id and name.
    Stock(&'static str, &'static str),
    Phone,
}

pub(crate) const STOCK_RULES: [(&str, &str); 9] = [
    ("RuleHarshBrakingId", "Harsh Braking"),
    ("RuleJackrabbitStartsId", "Hard Acceleration"),
    ("RuleHarshCorneringId", "Harsh Cornering"),
    ("RulePostedSpeedingId", "Speeding"),
    ("RuleSeatbeltId", "Seat belt"),
    ("RuleAccidentId", "Possible Collision (Legacy)"),
    ("RuleReverseAtStartId", "Reversing at Start of Trip"),
    ("RuleIdlingId", "Idling"),
    ("RuleAfterHoursUsageId", "After Hours Usage"),
];

impl Rule {
    pub fn id(self) -> String {
        match self {
            Rule::Stock(id, _) => id.to_owned(),
            Rule::Phone => ids::hashed_id(PHONE_RULE),
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Rule::Stock(_, name) => name,
            Rule::Phone => PHONE_RULE,
        }
    }
}

/// The rule that such an event breaks; `None`: no rule here is about it.
pub(crate) fn rule_of(kind: SafetyKind) -> Option<Rule> {
    let stock = |place: usize| {
        let (id, name) = STOCK_RULES[place];
        Some(Rule::Stock(id, name))
    };
    match kind {
        SafetyKind::HarshBraking => stock(0),
        SafetyKind::HarshAcceleration => stock(1),
        SafetyKind::HarshTurn => stock(2),
        SafetyKind::Speeding => stock(3),
        SafetyKind::NoSeatBelt => stock(4),
        SafetyKind::Crash => stock(5),
        SafetyKind::Reversing => stock(6),
        SafetyKind::MobileUsage => Some(Rule::Phone),
        SafetyKind::NearCollision
        | SafetyKind::Drowsiness
        | SafetyKind::Tailgating
        | SafetyKind::RollingStop
        | SafetyKind::DefensiveDriving => None,
    }
}

const UNPLUGGED: &str = "DiagnosticDeviceHasBeenUnpluggedId";
const GO_CONTROLLER: &str = "ControllerGoDeviceId";

pub(crate) fn diagnostic_id(code: &Code) -> String {
    match code {
        Code::J1939(fault) => spn_id(fault.spn),
        Code::Obd2(fault) => obd_id(fault.code),
        Code::Unplugged => UNPLUGGED.to_owned(),
    }
}

fn spn_id(spn: u32) -> String {
    ids::hashed_id(&format!("spn {spn}"))
}

fn obd_id(code: &str) -> String {
    ids::hashed_id(&format!("obd {code}"))
}

fn fmi_id(fmi: u8) -> String {
    ids::hashed_id(&format!("fmi {fmi}"))
}

/// Of codes of light vehicles the first letter is told by the controller.
pub(crate) fn controller_id(code: &Code) -> &'static str {
    match code {
        Code::J1939(_) => ids::NO_CONTROLLER,
        Code::Obd2(fault) => obd_controller(fault.code),
        Code::Unplugged => GO_CONTROLLER,
    }
}

fn obd_controller(code: &str) -> &'static str {
    match code.as_bytes().first() {
        Some(b'B') => "ControllerObdBodyId",
        Some(b'C') => "ControllerObdChassisId",
        Some(b'U') => "ControllerObdNetworkingId",
        _ => "ControllerObdPowertrainId",
    }
}

pub(crate) fn failure_mode_id(code: &Code) -> Option<String> {
    match code {
        Code::J1939(fault) => Some(fmi_id(fault.fmi)),
        Code::Obd2(_) | Code::Unplugged => None,
    }
}

/// A diagnostic as it is listed.
struct Diagnostic<'a> {
    id: &'a str,
    /// Makers' own parameters have none.
    name: &'a str,
    code: i64,
    kind: &'a str,
    source: &'a str,
    controller: &'a str,
    unit: &'a str,
}

impl Diagnostic<'_> {
    fn row(&self) -> Row {
        let mut json = Json::default();
        json.raw("{").text_member("id", self.id);
        if !self.name.is_empty() {
            json.text_member("name", self.name);
        }
        json.integer_member("code", self.code);
        json.text_member("diagnosticType", self.kind);
        json.text_member("source", self.source);
        match self.controller {
            ids::NO_CONTROLLER => json.text_member("controller", ids::NO_CONTROLLER),
            known => json.reference("controller", known),
        };
        json.text_member("unitOfMeasure", self.unit).raw("}");
        listed(self.id, self.name, json)
    }
}

/// What never changes has been there since the beginning.
fn listed(id: &str, name: &str, json: Json) -> Row {
    let date = model::Timestamp::from_millis(0);
    Row::new(id.to_owned(), 1, date, json).named(name)
}

const CONTROLLERS: [(&str, &str); 6] = [
    (ids::NO_CONTROLLER, "**None"),
    ("ControllerObdPowertrainId", "OBD-II Powertrain"),
    ("ControllerObdBodyId", "OBD-II Body"),
    ("ControllerObdChassisId", "OBD-II Chassis"),
    ("ControllerObdNetworkingId", "OBD-II Networking"),
    (GO_CONTROLLER, "Telematics device"),
];

impl Database<'_> {
    pub(super) fn rule_rows(&self) -> Vec<Row> {
        let stock = STOCK_RULES.map(|(id, name)| Rule::Stock(id, name));
        let rules = stock.into_iter().chain([Rule::Phone]);
        rules
            .map(|rule| {
                let kind = match rule {
                    Rule::Stock(..) => "Stock",
                    Rule::Phone => "Custom",
                };
                let id = rule.id();
                let mut json = Json::default();
                json.raw("{").text_member("id", &id);
                json.text_member("name", rule.name());
                json.text_member("baseType", kind);
                json.text_member("comment", "");
                json.text_member("activeFrom", "1986-01-01T00:00:00.000Z");
                json.text_member("activeTo", "2050-01-01T00:00:00.000Z");
                json.key("groups").raw("[{\"id\":\"GroupCompanyId\"}]");
                json.version_member(1).raw("}");
                listed(&id, rule.name(), json)
            })
            .collect()
    }

    pub(super) fn diagnostic_rows(&self) -> Vec<Row> {
        let mut rows: Vec<Row> = Gauge::ALL
            .into_iter()
            .zip(5..)
            .map(|(gauge, code)| {
                Diagnostic {
                    id: gauge.id(),
                    name: gauge.name(),
                    code,
                    kind: "GoDiagnostic",
                    source: "SourceGeotabGoId",
                    controller: ids::NO_CONTROLLER,
                    unit: gauge.unit(),
                }
                .row()
            })
            .collect();
        for (id, code) in self.known_codes().0 {
            let (name, number, kind, source) = match &code {
                Code::J1939(fault) => (
                    fault.spn_description,
                    fault.spn.into(),
                    "SuspectParameter",
                    "SourceJ1939Id",
                ),
                Code::Obd2(fault) => (
                    fault.description,
                    i64::from_str_radix(&fault.code[1..], 16).unwrap_or(0),
                    "ObdFault",
                    "SourceObdId",
                ),
                Code::Unplugged => continue,
            };
            let diagnostic = Diagnostic {
                id: &id,
                name,
                code: number,
                kind,
                source,
                controller: controller_id(&code),
                unit: "UnitOfMeasureNoneId",
            };
            rows.push(diagnostic.row());
        }
        let unplugged = Diagnostic {
            id: UNPLUGGED,
            name: "Telematics device has been unplugged",
            code: 130,
            kind: "GoFault",
            source: "SourceGeotabGoId",
            controller: GO_CONTROLLER,
            unit: "UnitOfMeasureNoneId",
        };
        rows.push(unplugged.row());
        rows
    }

    pub(super) fn controller_rows(&self) -> Vec<Row> {
        let row = |(id, name): (&str, &str)| {
            let mut json = Json::default();
            json.raw("{").text_member("id", id);
            json.text_member("name", name);
            json.text_member("source", "SourceObdId").raw("}");
            listed(id, name, json)
        };
        CONTROLLERS.into_iter().map(row).collect()
    }

    pub(super) fn failure_mode_rows(&self) -> Vec<Row> {
        let row = |(id, code): (String, Code)| {
            let Code::J1939(fault) = code else {
                return None;
            };
            let mut json = Json::default();
            json.raw("{").text_member("id", &id);
            json.text_member("name", fault.fmi_description);
            json.integer_member("code", fault.fmi.into());
            json.text_member("source", "SourceJ1939Id").raw("}");
            Some(listed(&id, fault.fmi_description, json))
        };
        self.known_codes().1.into_iter().filter_map(row).collect()
    }

    pub(super) fn unit_rows(&self) -> Vec<Row> {
        let mut units: Vec<&str> = Gauge::ALL.into_iter().map(Gauge::unit).collect();
        units.sort_unstable();
        units.dedup();
        let row = |id: &str| {
            let name = id
                .trim_start_matches("UnitOfMeasure")
                .trim_end_matches("Id");
            let mut json = Json::default();
            json.raw("{").text_member("id", id);
            json.text_member("name", name).raw("}");
            listed(id, name, json)
        };
        units.into_iter().map(row).collect()
    }
}
