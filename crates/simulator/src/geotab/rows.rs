//! Rows of an answer: which are asked for, in which order, and how many.

use std::cmp::Ordering;

use model::time::DAY_MS;
use model::{Timestamp, Window};
use serde_json::Value;

use super::entity::Entity;
use super::ids;
use super::rpc::{Call, Refusal, Search};
use crate::fleet::World;
use crate::samsara::wire::Json;
use crate::shown::after;

/// The server's own maximum, where an entity has no lower one.
const MOST_FED: usize = 50_000;

/// One object of an answer, written.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub id: String,
    pub version: u64,
    /// By which it is ordered; of a trip its stop.
    pub date: Timestamp,
    pub begins_at: Timestamp,
    pub name: String,
    pub json: Vec<u8>,
}

impl Row {
    pub fn new(id: String, version: u64, date: Timestamp, json: Json) -> Row {
        Row {
            id,
            version,
            date,
            begins_at: date,
            name: String::new(),
            json: json.bytes,
        }
    }

    pub fn named(self, name: &str) -> Row {
        Row {
            name: name.to_owned(),
            ..self
        }
    }
}

/// Which rows a call is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Selection {
    /// Of a feed: rows that came or changed at this instant or later.
    pub since: Option<Timestamp>,
}

impl Selection {
    /// Whether a revision is to be shown: of each id only the newest is.
    pub fn shows(&self, now: Timestamp, at: Timestamp, until: Option<Timestamp>) -> bool {
        let is_current = at <= now && until.is_none_or(|until| now < until);
        is_current && self.since.is_none_or(|since| at >= since)
    }

    /// The dates that a `Get` asks for; feeds do not know any, and an id says when its row was.
    pub fn window(&self, search: Search<'_>) -> Result<Window, Refusal> {
        let asked_for = search.window()?;
        if self.since.is_some() {
            return Ok(Window {
                from: Timestamp::from_millis(0),
                until: Timestamp::MAX,
            });
        }
        let around = search.text("id").and_then(ids::id_number).map(|number| {
            let at = ids::instant_of(number);
            Window {
                from: after(at, -DAY_MS),
                until: after(at, 2 * DAY_MS),
            }
        });
        Ok(match around {
            Some(around) => asked_for.intersect(&around).unwrap_or(Window {
                until: around.from,
                ..around
            }),
            None => asked_for,
        })
    }

    /// The vehicles whose devices are asked about; none for ids that nobody has.
    pub fn vehicles(&self, world: &World, search: Search<'_>) -> Vec<usize> {
        let all = world.vehicles().len();
        let named = match search.id_in("deviceSearch") {
            Some(device) => Some(ids::vehicle_of(device)),
            None => search
                .text("id")
                .and_then(ids::id_number)
                .map(|number| Some(ids::owner_of(number))),
        };
        match named {
            None => (0..all).collect(),
            Some(vehicle) => vehicle
                .filter(|vehicle| *vehicle < all)
                .into_iter()
                .collect(),
        }
    }

    /// The drivers whose rows are asked about.
    pub fn drivers(&self, world: &World, search: Search<'_>) -> Vec<usize> {
        let all = world.drivers().len();
        let named = match search.id_in("userSearch") {
            Some(user) => Some(ids::driver_of(user)),
            None => search
                .text("id")
                .and_then(ids::id_number)
                .map(|number| Some(ids::owner_of(number))),
        };
        match named {
            None => (0..all).collect(),
            Some(driver) => driver.filter(|driver| *driver < all).into_iter().collect(),
        }
    }

    /// The driver that a search within the search names: `Some(None)` for nobody.
    pub fn driver(&self, search: Search<'_>, name: &str) -> Option<Option<usize>> {
        let user = search.id_in(name)?;
        Some(match user {
            ids::NO_DRIVER => None,
            // An id that nobody has is no driver's.
            user => Some(ids::driver_of(user).unwrap_or(usize::MAX)),
        })
    }
}

/// The order of a `Get`, and where it goes on.
struct Sort {
    by: String,
    descends: bool,
    /// The last row of the page before.
    offset: Option<String>,
    last_id: Option<String>,
}

impl Sort {
    fn read(call: &Call, entity: Entity) -> Result<Option<Sort>, Refusal> {
        let Some(sort) = call.params.get("sort").filter(|sort| sort.is_object()) else {
            return Ok(None);
        };
        let text = |name: &str| sort[name].as_str().map(str::to_owned);
        let by = text("sortBy").unwrap_or_default().to_ascii_lowercase();
        let sort = Sort {
            descends: text("sortDirection").is_some_and(|way| way.eq_ignore_ascii_case("desc")),
            offset: text("offset"),
            last_id: text("lastId"),
            by,
        };
        if entity == Entity::ExceptionEvent && !call.search().is_absent() {
            return Err(Refusal::of(
                "GenericException",
                "An undefined exception has occurred. Please contact Support for further \
                 assistance.",
            ));
        }
        if !entity.orders().contains(&sort.by.as_str()) {
            return Err(Refusal::argument(format!(
                "Can not sort by {}. Supported sortable fields are {}.",
                sort.by,
                entity.orders().join(", ")
            )));
        }
        if sort.by == "id" && sort.last_id.is_some() {
            return Err(Refusal::argument(
                "lastId can not be used when sorting by id.",
            ));
        }
        Ok(Some(sort))
    }

    fn compare(&self, one: &Row, other: &Row) -> Ordering {
        let ids = || by_id(&one.id, &other.id);
        let order = match self.by.as_str() {
            "id" => ids(),
            "name" => one.name.cmp(&other.name).then_with(ids),
            "version" => one.version.cmp(&other.version).then_with(ids),
            "start" => one.begins_at.cmp(&other.begins_at).then_with(ids),
            _ => one.date.cmp(&other.date).then_with(ids),
        };
        if self.descends {
            order.reverse()
        } else {
            order
        }
    }

    /// Whether the row comes after the page before.
    fn is_ahead(&self, row: &Row) -> bool {
        let Some(offset) = &self.offset else {
            return true;
        };
        let time = |of_row: Timestamp| match Timestamp::parse(offset) {
            Some(offset) => of_row.cmp(&offset),
            None => Ordering::Greater,
        };
        let order = match self.by.as_str() {
            "id" => by_id(&row.id, offset),
            "name" => row.name.as_str().cmp(offset.as_str()),
            "version" => row.version.cmp(&ids::read_version(offset).unwrap_or(0)),
            "start" => time(row.begins_at),
            _ => time(row.date),
        };
        let order = match &self.last_id {
            Some(last_id) => order.then_with(|| by_id(&row.id, last_id)),
            None => order,
        };
        let wanted = if self.descends {
            Ordering::Less
        } else {
            Ordering::Greater
        };
        order == wanted
    }
}

/// Numbers as numbers, other ids as texts after them.
fn by_id(one: &str, other: &str) -> Ordering {
    match (ids::id_number(one), ids::id_number(other)) {
        (Some(one), Some(other)) => one.cmp(&other),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => one.cmp(other),
    }
}

/// How many rows a `Get` may give: no more than the entity has, for some without a word.
///
/// # Errors
/// `OverLimitException` where more are asked for and the entity says so.
pub(super) fn most_rows(call: &Call, entity: Entity) -> Result<usize, Refusal> {
    let limits = entity.limits();
    match call.limit()? {
        Some(limit) if limit > limits.most_rows && !limits.cuts_silently => Err(Refusal::of(
            "OverLimitException",
            format!(
                "Supplied results limit ({limit}) exceeds maximum limit ({}).",
                limits.most_rows
            ),
        )),
        limit => Ok(limit.unwrap_or(limits.most_rows).min(limits.most_rows)),
    }
}

/// Leaves those rows that the search names by their ids, if it names any.
pub(super) fn keep_named(search: Search<'_>, rows: &mut Vec<Row>) {
    if let Some(id) = search.text("id") {
        rows.retain(|row| row.id == id);
    }
    if let Some(ids) = search.ids_in("ids") {
        rows.retain(|row| ids.contains(&row.id.as_str()));
    }
}

/// The list of a `Get`: ordered, cut, and with the chosen members.
pub(super) fn list(call: &Call, entity: Entity, mut rows: Vec<Row>) -> Result<Json, Refusal> {
    let most = most_rows(call, entity)?;
    keep_named(call.search(), &mut rows);
    match Sort::read(call, entity)? {
        Some(sort) => {
            rows.retain(|row| sort.is_ahead(row));
            rows.sort_by(|one, other| sort.compare(one, other));
        }
        None => rows.sort_by(|one, other| {
            let order = one.date.cmp(&other.date);
            order.then_with(|| by_id(&one.id, &other.id))
        }),
    }
    rows.truncate(most);
    let selector = Selector::read(call, entity)?;
    let mut json = Json::default();
    json.raw("[");
    for row in rows {
        json.comma();
        match &selector {
            Some(selector) => json.bytes.extend(selector.applied(&row.json)),
            None => json.bytes.extend(row.json),
        }
    }
    json.raw("]");
    Ok(json)
}

/// Which members of rows are wanted.
struct Selector {
    fields: Vec<String>,
    is_included: bool,
}

impl Selector {
    fn read(call: &Call, entity: Entity) -> Result<Option<Selector>, Refusal> {
        let Some(selector) = call.params.get("propertySelector") else {
            return Ok(None);
        };
        let Some(fields) = selector["fields"].as_array() else {
            return Ok(None);
        };
        if !entity.has_selector() {
            return Err(Refusal::argument(
                "The property selector is not supported for this entity.",
            ));
        }
        let fields = fields.iter().filter_map(Value::as_str);
        Ok(Some(Selector {
            fields: fields.map(str::to_owned).collect(),
            is_included: selector["isIncluded"].as_bool() != Some(false),
        }))
    }

    fn applied(&self, row: &[u8]) -> Vec<u8> {
        let Ok(Value::Object(mut members)) = serde_json::from_slice(row) else {
            return row.to_vec();
        };
        members.retain(|name, _| {
            let is_named = self.fields.iter().any(|field| field == name);
            is_named == self.is_included
        });
        Value::Object(members).to_string().into_bytes()
    }
}

/// Where a feed goes on, and how many rows a page of it has.
pub(super) struct Place {
    /// The last version that the client has; `None`: it wants no rows, but to know where it is.
    pub version: Option<u64>,
    pub most: usize,
}

impl Place {
    pub fn read(call: &Call, entity: Entity) -> Result<Place, Refusal> {
        let most = call
            .limit()?
            .unwrap_or(MOST_FED)
            .min(entity.limits().most_fed);
        let version =
            match call.text("fromVersion") {
                Some(text) => Some(ids::read_version(text).ok_or_else(|| {
                    Refusal::argument(format!("The version '{text}' is not valid."))
                })?),
                // Everything that has come since then, however old it is.
                None => call
                    .search()
                    .time("fromDate")?
                    .map(|from| ids::last_number(after(from, -1))),
            };
        Ok(Place { version, most })
    }

    /// `Selection` of what may lie ahead.
    pub fn selection(&self) -> Selection {
        let since = self.version.map_or(Timestamp::MAX, ids::instant_of);
        Selection { since: Some(since) }
    }
}

/// A page of a feed: rows with higher versions than the client has, lowest first.
pub(super) fn feed(place: &Place, mut rows: Vec<Row>, now: Timestamp) -> Json {
    let head = ids::last_number(now);
    rows.retain(|row| place.version.is_some_and(|known| row.version > known));
    rows.sort_by(|one, other| {
        let order = one.version.cmp(&other.version);
        order.then_with(|| one.id.cmp(&other.id))
    });
    let is_full = rows.len() >= place.most;
    // A page ends between two versions, never within one.
    let mut end = place.most.min(rows.len());
    while is_full && end > 1 && end < rows.len() && rows[end - 1].version == rows[end].version {
        end += 1;
    }
    rows.truncate(end);
    let to_version = match rows.last() {
        Some(row) if is_full => row.version,
        _ => head.max(place.version.unwrap_or(0)),
    };
    let mut json = Json::default();
    json.raw("{\"data\":[");
    for row in rows {
        json.comma().bytes.extend(row.json);
    }
    json.raw("],").raw("\"toVersion\":");
    json.text(&ids::version(to_version)).raw("}");
    json
}
