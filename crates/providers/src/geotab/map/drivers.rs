//! Drivers: users who are marked as such. Their zones go to the page, because the database has none
//! of its own.

use model::driver::Driver;
use model::vehicle::Licence;
use model::{Draft, GroupId, Zone};
use provider::{Page, ProviderError};

use super::super::wire::entities::UserRow;
use super::super::{Reading, calls, place};
use super::{Fields, RawRow, contract_state, parse};

pub fn page(reading: &Reading<'_>) -> Result<Page, ProviderError> {
    let answered = calls::rows(reading)?;
    let mut page = Page {
        next: place::after_seek(reading, &answered.rows)?,
        ..Page::default()
    };
    for raw in answered.raw_rows(reading.answer) {
        driver(reading, &raw, &mut page);
    }
    Ok(page)
}

fn driver(reading: &Reading<'_>, raw: &RawRow<'_>, page: &mut Page) {
    let Some(row) = parse::<UserRow<'_>>(raw, &mut page.notices) else {
        return;
    };
    let ids = reading.task.ids;
    let mut fields = Fields::of(raw, &mut page.notices);
    // Drivers were asked for; somebody else who comes with them is no loss.
    if fields.truth("isDriver", &row.is_driver) == Some(false) {
        return;
    }
    let Some(source_id) = fields.source_id("id", &row.id) else {
        return;
    };
    let login = fields.text("name", &row.name);
    let phone = fields.text("phoneNumber", &row.phone_number);
    let state = fields.text("licenseProvince", &row.license_province);
    let licence = Licence {
        state: state.as_deref().and_then(contract_state),
        number: fields.text("licenseNumber", &row.license_number),
    };
    let mut groups = fields.groups(ids, "companyGroups", row.company_groups);
    let of_driver = fields.groups(ids, "driverGroups", row.driver_groups);
    let is_new = |group: &GroupId| !groups.contains(group);
    let more: Vec<GroupId> = of_driver.into_iter().filter(is_new).collect();
    groups.extend(more);
    let record = Driver {
        id: ids.driver(&source_id),
        status: fields.status(raw.received_at, &row.active_from, &row.active_to),
        provider: reading.provider.to_owned(),
        first_name: fields.text("firstName", &row.first_name),
        middle_name: None,
        last_name: fields.text("lastName", &row.last_name),
        email: login.as_deref().and_then(email),
        phone: phone.as_deref().and_then(phone_number),
        username: login,
        license: (licence.state.is_some() || licence.number.is_some()).then_some(licence),
        groups,
        created_at: None,
        updated_at: None,
        source_id,
    };
    if let Some(name) = fields.text("timeZoneId", &row.time_zone_id) {
        match Zone::named(&name) {
            Some(_) => page.zones.push(name.trim().to_owned()),
            None => fields.invalid("timeZoneId", "no time zone that is known here"),
        }
    }
    page.drafts.push(Draft::new(ids, &record, vec![raw.range]));
}

/// Most names to sign in with are mail addresses.
fn email(login: &str) -> Option<String> {
    let login = login.trim();
    let (name, domain) = login.split_once('@')?;
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || ",;<>\"@".contains(c);
    let fits = !name.is_empty()
        && domain.contains('.')
        && domain.split('.').all(|label| !label.is_empty())
        && !name.contains(is_odd)
        && !domain.contains(is_odd);
    fits.then(|| login.to_owned())
}

/// 10 to 14 digits after a plus sign, if there is one; what stands between them goes.
fn phone_number(text: &str) -> Option<String> {
    let kept: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !"-.()/".contains(*c))
        .collect();
    let digits = kept.strip_prefix('+').unwrap_or(&kept);
    let fits = (10..=14).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    fits.then_some(kept)
}
