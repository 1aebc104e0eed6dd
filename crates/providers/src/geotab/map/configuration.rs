//! How the customer has set the platform up, as far as records depend on it: which stock safety
//! rules fire at all, and whether measurements come in the units that they are converted from. What
//! is not as expected is a notice; nothing is kept.

use std::collections::BTreeSet;

use model::issue::IssueCode;
use model::{SeriesKind, StatType};
use provider::{Excerpt, Page, ProviderError, SignalDescriptor};

use super::super::errors::Question;
use super::super::streams::MEASUREMENTS;
use super::super::wire::entities::{DiagnosticRow, RuleRow};
use super::super::{Reading, calls};
use super::{Fields, RawRow, parse};

/// What must be there, under any of its ids.
const STOCK_RULES: &[(&str, &[&str])] = &[
    (
        "Harsh Braking",
        &["RuleHarshBrakingId", "RuleHarshGpsBrakingId"],
    ),
    (
        "Hard Acceleration",
        &["RuleJackrabbitStartsId", "RuleHarshGpsAccelerationId"],
    ),
    (
        "Harsh Cornering",
        &["RuleHarshCorneringId", "RuleHarshGpsCorneringId"],
    ),
    ("Speeding", &["RulePostedSpeedingId"]),
    ("Seat belt", &["RuleSeatbeltId"]),
    (
        "Collision",
        &[
            "RuleEnhancedMajorCollisionId",
            "RuleEnhancedMinorCollisionId",
            "RuleAccidentId",
        ],
    ),
];

pub fn rules(reading: &Reading<'_>) -> Result<Page, ProviderError> {
    let answered = calls::whole(reading)?;
    let mut page = Page::default();
    let mut active: BTreeSet<String> = BTreeSet::new();
    for raw in answered.raw_rows(reading.answer) {
        let Some(row) = parse::<RuleRow<'_>>(&raw, &mut page.notices) else {
            continue;
        };
        let mut fields = Fields::of(&raw, &mut page.notices);
        let Some(id) = fields.source_id("id", &row.id) else {
            continue;
        };
        let ended = fields.time("activeTo", &row.active_to);
        if ended.is_none_or(|ended| ended > raw.received_at) {
            active.insert(id);
        }
    }
    let missing: Vec<&str> = STOCK_RULES
        .iter()
        .filter(|(_, ids)| !ids.iter().any(|id| active.contains(*id)))
        .map(|(name, _)| *name)
        .collect();
    if !missing.is_empty() {
        let reason = format!(
            "no active rule for {}: such events are not detected",
            missing.join(", ")
        );
        let mut fields = Fields::new("result", &mut page.notices);
        fields.notice(IssueCode::ProviderPartiallyConfigured, "", &reason);
    }
    Ok(page)
}

pub fn diagnostics(reading: &Reading<'_>) -> Result<Page, ProviderError> {
    let question = Question::of(reading.task);
    let answered = calls::read(question, reading.answer, Some(MEASUREMENTS.len()))?;
    let mut page = Page::default();
    for (call, signal) in answered.iter().zip(MEASUREMENTS) {
        for raw in call.raw_rows(reading.answer) {
            diagnostic(signal, &raw, &mut page);
        }
    }
    Ok(page)
}

fn diagnostic(signal: &SignalDescriptor, raw: &RawRow<'_>, page: &mut Page) {
    let Some(row) = parse::<DiagnosticRow<'_>>(raw, &mut page.notices) else {
        return;
    };
    let mut fields = Fields::of(raw, &mut page.notices);
    if fields
        .source_id("id", &row.id)
        .is_none_or(|id| id != signal.name)
    {
        fields.invalid("id", "not the diagnostic that was asked for");
        return;
    }
    const MEMBER: &str = "unitOfMeasure";
    let unit = fields.reference(MEMBER, &row.unit_of_measure);
    let expected = unit_of(signal);
    match unit {
        // On and off have no unit, or that of having none.
        Some(unit) if !expected.is_empty() && unit != expected => {
            let (shown, name) = (Excerpt::of(unit.as_bytes()), signal.name);
            let reason = format!("`{shown}` for {name}, not `{expected}`");
            fields.invalid(MEMBER, &reason);
        }
        _ => {}
    }
}

/// The id of the unit that a measurement is converted from.
fn unit_of(signal: &SignalDescriptor) -> &'static str {
    let SeriesKind::Stat(stat) = signal.kind else {
        return "";
    };
    match stat {
        StatType::Odometer => "UnitOfMeasureMetersId",
        StatType::EngineRuntime => "UnitOfMeasureSecondsId",
        StatType::TotalFuelConsumption => "UnitOfMeasureLitersId",
        StatType::FuelLevel | StatType::EngineOilPercentage | StatType::CoolantPercentage => {
            "UnitOfMeasurePercentageId"
        }
        StatType::EngineRpm => "UnitOfMeasureRevolutionsPerMinuteId",
        StatType::EngineCoolantTemperature | StatType::EngineOilTemperature => {
            "UnitOfMeasureDegreesCelsiusId"
        }
        StatType::EngineOilPressure => "UnitOfMeasurePascalsId",
        StatType::BatteryVoltage => "UnitOfMeasureVoltsId",
        StatType::EngineState => "",
    }
}
