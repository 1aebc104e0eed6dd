//! Drivers. Their zones go to the page: Samsara does not name the organisation's.

use model::driver::Driver;
use model::vehicle::Licence;
use model::{Draft, RecordStatus, Zone};
use provider::{Page, Task};

use super::super::DESCRIPTOR;
use super::super::place::{Place, Sweep};
use super::super::wire::Scalar;
use super::super::wire::entities::DriverRow;
use super::entities::groups;
use super::{Fields, RawRow, contract_state, parse};

pub fn driver(task: &Task<'_>, raw: &RawRow<'_>, page: &mut Page) {
    let Some(row) = parse::<DriverRow<'_>>(raw, &mut page.notices) else {
        return;
    };
    let mut fields = Fields::of(raw, &mut page.notices);
    let Some(source_id) = fields.source_id("id", &row.id) else {
        return;
    };
    let name = fields.text("name", &row.name).unwrap_or_default();
    let (first_name, middle_name, last_name) = split_name(&name);
    let locale = fields.text("locale", &row.locale);
    let phone = fields.text("phone", &row.phone);
    let state = fields.text("licenseState", &row.license_state);
    let licence = Licence {
        state: state.as_deref().and_then(contract_state),
        number: fields.text("licenseNumber", &row.license_number),
    };
    let record = Driver {
        id: task.ids.driver(&source_id),
        status: driver_status(task, &mut fields, &row.driver_activation_status),
        provider: DESCRIPTOR.code.to_owned(),
        first_name,
        middle_name,
        last_name,
        email: fields
            .text("email", &row.email)
            .and_then(|text| email(&text)),
        phone: phone.and_then(|text| normalised_phone(&text, locale.as_deref())),
        username: fields.text("username", &row.username),
        license: (licence.state.is_some() || licence.number.is_some()).then_some(licence),
        groups: groups(task, &mut fields, row.tags),
        created_at: fields.time("createdAtTime", &row.created_at_time),
        updated_at: fields.time("updatedAtTime", &row.updated_at_time),
        source_id,
    };
    if let Some(name) = fields.text("timezone", &row.timezone) {
        match Zone::named(&name) {
            Some(_) => page.zones.push(name.trim().to_owned()),
            None => fields.invalid("timezone", "no time zone that is known here"),
        }
    }
    page.drafts
        .push(Draft::new(task.ids, &record, vec![raw.range]));
}

/// The row's own word; where it has none, the sweep that listed it.
fn driver_status(task: &Task<'_>, fields: &mut Fields<'_>, status: &Scalar<'_>) -> RecordStatus {
    match fields.text("driverActivationStatus", status).as_deref() {
        Some("active") => return RecordStatus::Active,
        Some("deactivated") => return RecordStatus::Inactive,
        Some(_) => fields.invalid(
            "driverActivationStatus",
            "neither `active` nor `deactivated`; the listing that was asked for decides",
        ),
        None => {}
    }
    match Place::of(task).sweep {
        Sweep::Active => RecordStatus::Active,
        Sweep::Deactivated => RecordStatus::Inactive,
    }
}

type NamePart = Option<String>;

/// First word, the words between, last word: Samsara has one text for the whole name.
fn split_name(name: &str) -> (NamePart, NamePart, NamePart) {
    let words: Vec<&str> = name.split_whitespace().collect();
    match words.as_slice() {
        [] => (None, None, None),
        [only] => (Some((*only).to_owned()), None, None),
        [first, between @ .., last] => (
            Some((*first).to_owned()),
            (!between.is_empty()).then(|| between.join(" ")),
            Some((*last).to_owned()),
        ),
    }
}

/// Ten digits, or eleven from 1 on, are a North American number unless the locale is elsewhere.
/// What follows the number (`x12`, a second number) is not part of it.
fn normalised_phone(text: &str, locale: Option<&str>) -> Option<String> {
    let start = text.find(|c: char| c == '+' || c.is_ascii_digit())?;
    let (plus, rest) = match text[start..].strip_prefix('+') {
        Some(rest) => ("+", rest),
        None => ("", &text[start..]),
    };
    let digits: String = rest
        .chars()
        .take_while(|c| c.is_ascii_digit() || " -.()/\u{a0}".contains(*c))
        .filter(char::is_ascii_digit)
        .collect();
    let in_numbering_plan = locale.is_none_or(|locale| matches!(locale, "us" | "ca" | "pr"));
    match digits.len() {
        10 if plus.is_empty() && in_numbering_plan => Some(format!("+1{digits}")),
        11 if in_numbering_plan && digits.starts_with('1') => Some(format!("+{digits}")),
        10..=14 => Some(format!("{plus}{digits}")),
        _ => None,
    }
}

fn email(text: &str) -> Option<String> {
    let text = text.trim();
    let (name, domain) = text.split_once('@')?;
    let is_label = |label: &str| !label.is_empty();
    let fits = !name.is_empty()
        && domain.contains('.')
        && domain.split('.').all(is_label)
        && !text.contains(|c: char| c.is_whitespace() || c.is_control() || ",;<>\"".contains(c))
        && !domain.contains('@');
    fits.then(|| text.to_owned())
}
