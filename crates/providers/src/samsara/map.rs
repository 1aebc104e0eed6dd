//! Listings into records: vehicles, drivers, tags, and the account.
//!
//! Samsara leaves out what it does not know and sends empty texts besides: both are absence here. A
//! member of a wrong type is absent too, with a notice; only a row without an id is lost. What
//! people type freely (a driver's phone, e-mail, licence state) is taken when it fits the contract
//! and left out without a notice when not: most fleets have such entries, and `raw` shows them.

use model::driver::Driver;
use model::group::Group;
use model::issue::IssueCode;
use model::vehicle::{Licence, Vehicle};
use model::{Draft, GroupId, RawRange, RecordStatus, Timestamp};
use provider::{AccountFacts, Answer, Next, Notice, Page, ProviderError, Task};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::errors::{text, unexpected, unreadable};
use super::wire::{
    DriverRow, GatewayRow, List, Object, One, Organisation, Pagination, Scalar, TagRow, VehicleRow,
};
use super::{DESCRIPTOR, Place, Sweep};

const A_LIST: &str = "an object with `data`, a list, and `pagination`";
const AN_ORGANISATION: &str = "an object with `data`, an organisation";

/// The contract's `State` list.
const STATES: &str = "AL AK AS AZ AR CA CO CT DE FL GA GU HI ID IL IN IA KS KY LA ME MD MA MI MN \
                      MP MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA PR RI SC SD TN TX UT VT VA \
                      WA WV WI WY VI AB BC MB NB NL NS ON PE QC SK NT NU UM YT DC";

pub fn account(answer: &Answer<'_>) -> Result<Page, ProviderError> {
    let body = text(answer, AN_ORGANISATION)?;
    let Organisation {
        id,
        name,
        carrier_settings,
    } = serde_json::from_str::<One<'_>>(body)
        .map_err(|error| unreadable(answer, &error, AN_ORGANISATION))?
        .data;
    let mut page = Page::default();
    let mut fields = Fields::new("data".to_owned(), &mut page.notices);
    let source_id = fields.text("id", &id);
    let name = fields.text("name", &name);
    let dot_number = match fields.object("carrierSettings", &carrier_settings) {
        Some(settings) => fields.whole_number("carrierSettings.dotNumber", &settings.dot_number),
        None => None,
    };
    page.account = Some(AccountFacts {
        source_id,
        name,
        dot_numbers: dot_number
            .filter(|number| *number > 0)
            .map(|number| number.to_string())
            .into_iter()
            .collect(),
    });
    Ok(page)
}

/// One row of a listing and where it lies.
pub struct RawRow<'a> {
    index: usize,
    text: &'a str,
    range: RawRange,
}

/// What a row says, or nothing with a notice in the page.
type MapRow = fn(&Task<'_>, &RawRow<'_>, &mut Vec<Notice>) -> Option<Draft>;

/// A page of a listing. An empty one with more to come is legal, so only `hasNextPage` counts.
pub fn listing(
    task: &Task<'_>,
    answer: &Answer<'_>,
    map_row: MapRow,
) -> Result<Page, ProviderError> {
    let body = text(answer, A_LIST)?;
    let list: List<'_> =
        serde_json::from_str(body).map_err(|error| unreadable(answer, &error, A_LIST))?;
    let mut page = Page {
        next: next(task, answer, &list.pagination)?,
        ..Page::default()
    };
    for (index, row) in list.data.iter().enumerate() {
        let row = RawRow {
            index,
            text: row.get(),
            range: range_within(body, row.get()),
        };
        let draft = map_row(task, &row, &mut page.notices);
        page.drafts.extend(draft);
    }
    Ok(page)
}

/// What follows this page. The cursor of a last page is empty on lists and set on feeds, so it says
/// nothing about the end.
pub fn next(
    task: &Task<'_>,
    answer: &Answer<'_>,
    pagination: &Pagination<'_>,
) -> Result<Next, ProviderError> {
    let place = Place::of(task);
    if !pagination.has_next_page {
        return Ok(place.next_sweep(task).map_or(Next::End, Next::Page));
    }
    let cursor = pagination.end_cursor.as_ref();
    if cursor.is_empty() || cursor == place.cursor {
        return Err(unexpected(
            answer,
            "pagination.endCursor",
            "a new cursor, as hasNextPage is true",
        ));
    }
    Ok(Next::Page(place.at(task, cursor)))
}

/// Both texts lie in one allocation, so the difference of their addresses is the offset.
fn range_within(body: &str, row: &str) -> RawRange {
    let offset = (row.as_ptr() as usize).wrapping_sub(body.as_ptr() as usize);
    RawRange {
        offset: u32::try_from(offset).unwrap_or(u32::MAX),
        length: u32::try_from(row.len()).unwrap_or(u32::MAX),
    }
}

pub fn vehicle(task: &Task<'_>, raw: &RawRow<'_>, notices: &mut Vec<Notice>) -> Option<Draft> {
    let row: VehicleRow<'_> = parse(raw, notices)?;
    let mut fields = Fields::of(raw, notices);
    let source_id = fields.source_id(&row.id)?;
    let gateway = gateway(&mut fields, &row.gateway);
    let camera = fields.text("cameraSerial", &row.camera_serial);
    let plate = fields.text("licensePlate", &row.license_plate);
    let record = Vehicle {
        id: task.ids.vehicle(&source_id),
        name: fields.text("name", &row.name),
        // Samsara lists units that were unplugged for good and has no field that says so; a vehicle
        // whose maker sends its data has a gateway of the model `OEM`.
        status: match gateway.is_known {
            true => RecordStatus::Active,
            false => RecordStatus::Inactive,
        },
        provider: DESCRIPTOR.code.to_owned(),
        vin: fields.text("vin", &row.vin),
        make: fields.text("make", &row.make),
        model: fields.text("model", &row.model),
        year: fields.year(&row.year),
        groups: groups(task, &mut fields, row.tags),
        devices: [gateway.serial, camera]
            .iter()
            .flatten()
            .map(|serial| task.ids.device(serial))
            .collect(),
        license_plate: plate.map(|number| Licence {
            state: None,
            number: Some(number),
        }),
        created_at: fields.time("createdAtTime", &row.created_at_time),
        updated_at: fields.time("updatedAtTime", &row.updated_at_time),
        source_id,
    };
    Some(Draft::new(task.ids, &record, vec![raw.range]))
}

struct Gateway {
    is_known: bool,
    serial: Option<String>,
}

fn gateway(fields: &mut Fields<'_>, gateway: &Object<GatewayRow<'_>>) -> Gateway {
    let Some(row) = fields.object("gateway", gateway) else {
        return Gateway {
            is_known: false,
            serial: None,
        };
    };
    let serial = fields.text("gateway.serial", &row.serial);
    let model = fields.text("gateway.model", &row.model);
    Gateway {
        is_known: serial.is_some() || model.is_some(),
        serial,
    }
}

pub fn driver(task: &Task<'_>, raw: &RawRow<'_>, notices: &mut Vec<Notice>) -> Option<Draft> {
    let row: DriverRow<'_> = parse(raw, notices)?;
    let mut fields = Fields::of(raw, notices);
    let source_id = fields.source_id(&row.id)?;
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
    Some(Draft::new(task.ids, &record, vec![raw.range]))
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

pub fn group(task: &Task<'_>, raw: &RawRow<'_>, notices: &mut Vec<Notice>) -> Option<Draft> {
    let row: TagRow<'_> = parse(raw, notices)?;
    let mut fields = Fields::of(raw, notices);
    let source_id = fields.source_id(&row.id)?;
    let record = Group {
        id: task.ids.group(&source_id),
        name: fields.text("name", &row.name),
        provider: DESCRIPTOR.code.to_owned(),
        parent: fields
            .text("parentTagId", &row.parent_tag_id)
            .map(|parent| task.ids.group(&parent)),
        created_at: None,
        updated_at: None,
        source_id,
    };
    Some(Draft::new(task.ids, &record, vec![raw.range]))
}

fn groups(task: &Task<'_>, fields: &mut Fields<'_>, tags: Option<&RawValue>) -> Vec<GroupId> {
    let Some(tags) = tags else {
        return Vec::new();
    };
    let Ok(tags) = serde_json::from_str::<Vec<Object<TagRow<'_>>>>(tags.get()) else {
        fields.invalid("tags", "not a list of tags");
        return Vec::new();
    };
    let mut groups = Vec::with_capacity(tags.len());
    for (index, tag) in tags.iter().enumerate() {
        let id = match tag {
            Object::Present(TagRow {
                id: Scalar::Text(id),
                ..
            }) if !id.trim().is_empty() => id,
            _ => {
                fields.invalid(&format!("tags[{index}]"), "not a tag with an id");
                continue;
            }
        };
        let group = task.ids.group(id);
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    groups
}

fn parse<'a, T: Deserialize<'a>>(raw: &RawRow<'a>, notices: &mut Vec<Notice>) -> Option<T> {
    match serde_json::from_str::<Object<T>>(raw.text) {
        Ok(Object::Present(row)) => return Some(row),
        Ok(Object::Absent) => Fields::of(raw, notices).invalid("", "null, not an object"),
        Ok(Object::Odd(kind)) => {
            Fields::of(raw, notices).invalid("", &format!("{kind}, not an object"));
        }
        // The page was read already, so this is one member given twice.
        Err(error) => Fields::of(raw, notices).invalid("", &error.to_string()),
    }
    None
}

/// Reads the members of one row and reports what is wrong with them.
struct Fields<'n> {
    /// The row's JSON path in the page.
    row: String,
    notices: &'n mut Vec<Notice>,
}

impl<'n> Fields<'n> {
    fn new(row: String, notices: &'n mut Vec<Notice>) -> Fields<'n> {
        Fields { row, notices }
    }

    fn of(raw: &RawRow<'_>, notices: &'n mut Vec<Notice>) -> Fields<'n> {
        Fields::new(format!("data[{}]", raw.index), notices)
    }

    fn notice(&mut self, code: IssueCode, member: &str, reason: &str) {
        let place = match member {
            "" => self.row.clone(),
            member => format!("{}.{member}", self.row),
        };
        self.notices.push(Notice {
            code,
            place,
            reason: reason.to_owned(),
        });
    }

    fn invalid(&mut self, member: &str, reason: &str) {
        self.notice(IssueCode::ProviderSourceDataInvalid, member, reason);
    }

    /// Without it the row is nobody's.
    fn source_id(&mut self, id: &Scalar<'_>) -> Option<String> {
        match id {
            Scalar::Text(text) if !text.trim().is_empty() => Some(text.to_string()),
            other => {
                let reason = format!("{}, not an id: the row is left out", other.kind());
                self.notice(IssueCode::InvalidSourceIdentifier, "id", &reason);
                None
            }
        }
    }

    fn text(&mut self, member: &str, value: &Scalar<'_>) -> Option<String> {
        match value {
            Scalar::Absent => None,
            Scalar::Text(text) => (!text.trim().is_empty()).then(|| text.to_string()),
            other => {
                self.invalid(member, &format!("{}, not a text", other.kind()));
                None
            }
        }
    }

    fn object<'o, T>(&mut self, member: &str, value: &'o Object<T>) -> Option<&'o T> {
        match value {
            Object::Absent => None,
            Object::Present(object) => Some(object),
            Object::Odd(kind) => {
                self.invalid(member, &format!("{kind}, not an object"));
                None
            }
        }
    }

    fn time(&mut self, member: &str, value: &Scalar<'_>) -> Option<Timestamp> {
        let text = self.text(member, value)?;
        let time = Timestamp::parse(&text);
        if time.is_none() {
            self.invalid(member, "not an RFC 3339 time");
        }
        time
    }

    /// A whole number, as such or in a text: Samsara has both for the same member of two endpoints.
    fn whole_number(&mut self, member: &str, value: &Scalar<'_>) -> Option<i64> {
        let number = match value {
            Scalar::Absent => return None,
            Scalar::Number(n) => (n.fract() == 0.0 && n.abs() < 9e15).then_some(*n as i64),
            Scalar::Text(text) if text.trim().is_empty() => return None,
            Scalar::Text(text) => text.trim().parse().ok(),
            Scalar::Odd(_) => None,
        };
        if number.is_none() {
            self.invalid(member, "not a whole number");
        }
        number
    }

    /// The contract has any integer; 0 and the like are how fleets say that they do not know.
    fn year(&mut self, value: &Scalar<'_>) -> Option<i32> {
        let number = self.whole_number("year", value)?;
        let year = i32::try_from(number).ok().filter(|year| *year > 0);
        if year.is_none() {
            self.invalid("year", "not a year");
        }
        year
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

fn contract_state(text: &str) -> Option<String> {
    let state = text.trim().to_ascii_uppercase();
    STATES
        .split_ascii_whitespace()
        .any(|known| known == state)
        .then_some(state)
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
