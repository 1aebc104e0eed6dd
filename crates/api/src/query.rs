//! A query string becomes typed arguments, or a list of everything that is wrong with it.
//!
//! What an operation takes is declared in [`crate::parameters`]; here it is enforced: malformed and
//! repeated values, unknown names, limits, and the agreement with a cursor. What one value may hold
//! is [`value`]'s.

mod value;

use std::collections::BTreeMap;

use model::envelope::ErrorPathDetail;
use model::{Date, Model, Month, RecordId, Timestamp, Ulid};

use crate::config::UnknownParameters;
use crate::cursor::Cursor;
use crate::error::{ApiError, place};
use crate::nearest::nearest;
use crate::parameters::{KNOWN, Kind, MAY_CHANGE, Operation, Parameter};
use value::{Value, read_value};

/// Rows a page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub default: usize,
    pub maximum: usize,
    /// For a client that takes compressed answers.
    pub compressed_maximum: usize,
}

impl Limits {
    pub(crate) const LIST: Limits = Limits {
        default: 100,
        maximum: 1_000,
        compressed_maximum: 1_000,
    };
    pub(crate) const HISTORY: Limits = Limits {
        default: 1_000,
        maximum: 10_000,
        compressed_maximum: 40_000,
    };

    fn clamp(self, asked: usize, compressed: bool) -> usize {
        asked.min(if compressed {
            self.compressed_maximum
        } else {
            self.maximum
        })
    }
}

/// A query string, taken apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct QueryText {
    pub pairs: Vec<(String, String)>,
    /// The client takes gzip or zstd, so its pages of history may be longer.
    pub accepts_compression: bool,
}

/// What surrounds a query: the server's policy, whose list it is, and what the path names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueryContext<'a> {
    pub unknown: UnknownParameters,
    /// Application, and connection where there is one: a cursor is good for its own alone.
    pub owner: &'a str,
    pub subject: &'a str,
}

/// The arguments of an operation, checked.
#[derive(Debug)]
pub(crate) struct Arguments {
    operation: &'static Operation,
    owner: String,
    subject: String,
    values: BTreeMap<&'static str, Value>,
    position: Option<String>,
    limit: usize,
    /// Texts of the `Warning` headers of the answer.
    pub warnings: Vec<String>,
}

impl Arguments {
    /// Reads a query for an operation, or says all that is wrong with it.
    pub(crate) fn read(
        operation: &'static Operation,
        query: &QueryText,
        context: QueryContext<'_>,
    ) -> Result<Arguments, ApiError> {
        let mut reading = Reading {
            operation,
            unknown: context.unknown,
            texts: BTreeMap::new(),
            warnings: Vec::new(),
            places: Vec::new(),
        };
        reading.sort(query);
        let mut values = reading.values(query.accepts_compression);
        let position = reading.follow_cursor(&mut values, context, query.accepts_compression);
        reading.demand(&values);
        if !reading.places.is_empty() {
            return Err(ApiError::BadRequest(reading.places));
        }
        let limit = match values.get("limit") {
            Some(Value::Number(limit)) => *limit,
            _ => default_limit(operation),
        };
        Ok(Arguments {
            operation,
            owner: context.owner.to_owned(),
            subject: context.subject.to_owned(),
            values,
            position,
            limit,
            warnings: reading.warnings,
        })
    }

    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    pub(crate) fn time(&self, name: &str) -> Option<Timestamp> {
        match self.values.get(name) {
            Some(Value::Time(time)) => Some(*time),
            _ => None,
        }
    }

    pub(crate) fn date(&self, name: &str) -> Option<Date> {
        match self.values.get(name) {
            Some(Value::Date(date)) => Some(*date),
            _ => None,
        }
    }

    pub(crate) fn month(&self, name: &str) -> Option<Month> {
        match self.values.get(name) {
            Some(Value::Month(month)) => Some(*month),
            _ => None,
        }
    }

    /// The ids of a list (`vehicleIds`), none twice; empty without the parameter.
    pub(crate) fn ids(&self, name: &str, model: Model) -> impl Iterator<Item = Ulid> {
        let ids: &[RecordId] = match self.values.get(name) {
            Some(Value::Ids(ids)) => ids,
            _ => &[],
        };
        ids.iter()
            .filter(move |id| id.model == model)
            .map(|id| id.ulid)
    }

    /// Whether the parameter was sent, here or with the cursor's first page.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.values.get(name) == Some(&Value::Flag(true))
    }

    pub(crate) fn word(&self, name: &str) -> Option<&'static str> {
        match self.values.get(name) {
            Some(Value::Word(word)) => Some(word),
            _ => None,
        }
    }

    pub(crate) fn words(&self, name: &str) -> &[&'static str] {
        match self.values.get(name) {
            Some(Value::Words(words)) => words,
            _ => &[],
        }
    }

    pub(crate) fn expands(&self, what: &str) -> bool {
        self.words("expand").contains(&what)
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.values.get(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The place that the cursor names, as `read` understands it; 400 when it does not.
    pub(crate) fn position<T>(
        &self,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, ApiError> {
        match &self.position {
            None => Ok(None),
            Some(text) => match read(text) {
                Some(position) => Ok(Some(position)),
                None => Err(ApiError::BadRequest(vec![cursor_place()])),
            },
        }
    }

    /// The cursor of the page after this one.
    pub(crate) fn next(&self, position: String) -> String {
        let query = self
            .values
            .iter()
            .filter_map(|(name, value)| Some(((*name).to_owned(), value.canonical()?)))
            .collect();
        Cursor {
            operation: self.operation.id.to_owned(),
            subject: self.subject.clone(),
            query,
            position,
        }
        .seal(&self.owner)
    }
}

fn default_limit(operation: &Operation) -> usize {
    match operation.parameter("limit").map(|parameter| parameter.kind) {
        Some(Kind::Limit(limits)) => limits.default,
        _ => Limits::LIST.default,
    }
}

fn query_path(name: &str) -> String {
    format!("{{requestQuery}}.{name}")
}

fn cursor_place() -> ErrorPathDetail {
    place(
        query_path("cursor"),
        "'cursor' is not a cursor of this list",
        Some(
            "Send 'next' of the page before as it came, or start again without 'cursor'".to_owned(),
        ),
    )
}

struct Reading {
    operation: &'static Operation,
    unknown: UnknownParameters,
    /// What was sent for each parameter of the operation.
    texts: BTreeMap<&'static str, (&'static Parameter, String)>,
    warnings: Vec<String>,
    places: Vec<ErrorPathDetail>,
}

impl Reading {
    /// Sorts what was sent into parameters of this operation, known ones and unknown ones.
    fn sort(&mut self, query: &QueryText) {
        for (name, text) in &query.pairs {
            match self.operation.parameter(name) {
                Some(parameter) => self.take(parameter, name, text),
                None if KNOWN.contains(&name.as_str()) => self.warnings.push(format!(
                    "'{name}' is no parameter of this operation and was ignored"
                )),
                None => self.meet_unknown(name),
            }
        }
    }

    fn take(&mut self, parameter: &'static Parameter, name: &str, text: &str) {
        if name != parameter.name {
            let canonical = parameter.name;
            self.warnings
                .push(format!("'{name}' was read as '{canonical}'"));
        }
        let sent = (parameter, text.to_owned());
        if self.texts.insert(parameter.name, sent).is_some() {
            self.places.push(place(
                query_path(parameter.name),
                format!("'{}' was sent more than once", parameter.name),
                Some("Send it once; lists are separated by commas".to_owned()),
            ));
        }
    }

    fn meet_unknown(&mut self, name: &str) {
        if self.unknown == UnknownParameters::Ignore {
            let shown: String = name
                .chars()
                .filter(|c| c.is_ascii_alphanumeric() || "._-[]".contains(*c))
                .take(64)
                .collect();
            self.warnings
                .push(format!("'{shown}' is an unknown parameter and was ignored"));
            return;
        }
        let own = || self.operation.parameters.iter().map(|own| own.name);
        // This operation's own names come first, so they win where two are equally near.
        let suggestion = match nearest(name, own().chain(KNOWN.iter().copied())) {
            Some(near) if own().any(|own| own == near) => {
                format!("The nearest parameter of this operation is '{near}'")
            }
            Some(near) => format!("The nearest parameter is '{near}', of other operations only"),
            None => "This operation takes no parameters".to_owned(),
        };
        let message = format!("'{name}' is not a parameter of this or any operation");
        self.places
            .push(place(query_path(name), message, Some(suggestion)));
    }

    fn values(&mut self, compressed: bool) -> BTreeMap<&'static str, Value> {
        let mut values = BTreeMap::new();
        for (name, (parameter, text)) in &self.texts {
            match read_value(parameter, text, compressed) {
                Ok(value) => {
                    values.insert(*name, value);
                }
                Err(complaint) => self.places.push(place(
                    query_path(name),
                    complaint.message,
                    Some(complaint.suggestion),
                )),
            }
        }
        values
    }

    /// Opens the cursor, if one was sent: what was sent beside it must agree with it, and what was
    /// not is taken from it.
    fn follow_cursor(
        &mut self,
        values: &mut BTreeMap<&'static str, Value>,
        context: QueryContext<'_>,
        compressed: bool,
    ) -> Option<String> {
        let Some(Value::Text(text)) = values.remove("cursor") else {
            return None;
        };
        let cursor = Cursor::open(&text, context.owner).filter(|cursor| {
            cursor.operation == self.operation.id && cursor.subject == context.subject
        });
        let Some(cursor) = cursor else {
            self.places.push(cursor_place());
            return None;
        };
        for parameter in self.operation.parameters {
            let carried = cursor.query.get(parameter.name);
            match values.get(parameter.name) {
                Some(_) if MAY_CHANGE.contains(&parameter.name) => {}
                Some(sent) if sent.canonical().as_ref() != carried => self.places.push(place(
                    query_path(parameter.name),
                    format!("'{}' differs from the query of the cursor", parameter.name),
                    Some("Repeat the first page's parameters, or leave them out".to_owned()),
                )),
                Some(_) => {}
                None => match carried.map(|text| read_value(parameter, text, compressed)) {
                    Some(Ok(value)) => {
                        values.insert(parameter.name, value);
                    }
                    Some(Err(_)) => self.places.push(cursor_place()),
                    None => {}
                },
            }
        }
        Some(cursor.position)
    }

    /// Complains of parameters that must be sent and were not; a cursor brings those of its first
    /// page.
    fn demand(&mut self, values: &BTreeMap<&'static str, Value>) {
        if self.texts.contains_key("cursor") {
            return;
        }
        let missing = self.operation.parameters.iter().filter(|parameter| {
            let name = parameter.name;
            parameter.required && !values.contains_key(name) && !self.texts.contains_key(name)
        });
        for parameter in missing {
            self.places.push(place(
                query_path(parameter.name),
                format!("'{}' must be sent", parameter.name),
                Some(value::example(parameter.kind)),
            ));
        }
    }
}

#[cfg(test)]
#[path = "query_tests.rs"]
mod tests;
