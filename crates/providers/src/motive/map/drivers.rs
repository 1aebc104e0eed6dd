//! Drivers: the users with that role. Deactivated ones are listed too.

use model::Draft;
use model::driver::Driver;
use provider::{Page, Task};

use super::super::DESCRIPTOR;
use super::super::wire::entities::UserRow;
use super::super::zones;
use super::entities::groups;
use super::{Fields, RawRow, parse};

pub fn driver(task: &Task<'_>, raw: &RawRow<'_>, page: &mut Page) {
    let Some(row) = parse::<UserRow<'_>>(raw, &mut page.notices) else {
        return;
    };
    let mut fields = Fields::of(raw, &mut page.notices);
    let Some(source_id) = fields.source_id(&row.id) else {
        return;
    };
    // The question names the role; should that not be heeded, the office drives nothing.
    if fields
        .text("role", &row.role)
        .is_some_and(|role| role != "driver")
    {
        return;
    }
    let phone = fields.text("phone", &row.phone);
    let country = fields.text("phone_country_code", &row.phone_country_code);
    let record = Driver {
        id: task.ids.driver(&source_id),
        status: fields.status(&row.status),
        provider: DESCRIPTOR.code.to_owned(),
        first_name: fields.text("first_name", &row.first_name),
        middle_name: None,
        last_name: fields.text("last_name", &row.last_name),
        email: fields
            .text("email", &row.email)
            .filter(|text| is_email(text)),
        phone: phone.and_then(|phone| normalised_phone(country.as_deref(), &phone)),
        username: fields.text("username", &row.username),
        license: fields.licence(
            ["drivers_license_state", "drivers_license_number"],
            &row.drivers_license_state,
            &row.drivers_license_number,
        ),
        groups: groups(task, &mut fields, row.group_ids),
        created_at: fields.time("created_at", &row.created_at),
        updated_at: fields.time("updated_at", &row.updated_at),
        source_id,
    };
    if let Some(name) = fields.text("time_zone", &row.time_zone) {
        match zones::iana(&name) {
            Some(zone) => page.zones.push(zone.to_owned()),
            None => fields.unknown_word("time_zone", &name, "time zone"),
        }
    }
    page.drafts
        .push(Draft::new(task.ids, &record, vec![raw.range]));
}

/// 10 to 14 digits after the country's code; `None` for what is no such number.
fn normalised_phone(country: Option<&str>, phone: &str) -> Option<String> {
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let is_whole = phone.trim_start().starts_with('+');
    let country = country.map(digits).filter(|_| !is_whole);
    let country = country.unwrap_or_default();
    let number = digits(phone);
    // Some write the country's code into the number as well.
    let number = match number.strip_prefix(country.as_str()) {
        Some(rest) if rest.len() >= 10 => format!("{country}{rest}"),
        _ => format!("{country}{number}"),
    };
    let plus = if is_whole || !country.is_empty() {
        "+"
    } else {
        ""
    };
    let is_plain = phone
        .chars()
        .all(|c| c.is_ascii_digit() || " -.()/+\u{a0}".contains(c));
    (is_plain && (10..=14).contains(&number.len())).then(|| format!("{plus}{number}"))
}

fn is_email(text: &str) -> bool {
    let Some((name, domain)) = text.split_once('@') else {
        return false;
    };
    !name.is_empty()
        && domain.contains('.')
        && domain.split('.').all(|label| !label.is_empty())
        && !text.contains(|c: char| c.is_whitespace() || c.is_control() || ",;<>\"".contains(c))
        && !domain.contains('@')
}
