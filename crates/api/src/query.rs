//! A query string becomes typed arguments, or a list of everything that is wrong with it.
//!
//! What an operation takes is declared in [`crate::parameters`]; here it is enforced: malformed and
//! repeated values, unknown names, limits, and the agreement with a cursor.

use std::collections::BTreeMap;

use model::envelope::ErrorPathDetail;
use model::{ApplicationId, ConnectionId, StatType, Timestamp};

use crate::config::UnknownParameters;
use crate::cursor::Cursor;
use crate::error::{ApiError, place};
use crate::nearest::nearest;
use crate::parameters::{KNOWN, Kind, MAY_CHANGE, Operation, Parameter};

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

#[derive(Clone, Debug, PartialEq)]
enum Value {
    Number(usize),
    Time(Timestamp),
    Flag(bool),
    Word(&'static str),
    Words(Vec<&'static str>),
    Text(String),
}

impl Value {
    /// The text that a cursor carries; nothing for what means the same as absence.
    fn canonical(&self) -> Option<String> {
        match self {
            Value::Number(number) => Some(number.to_string()),
            Value::Time(time) => Some(time.to_string()),
            Value::Flag(flag) => flag.then(|| "true".to_owned()),
            Value::Word(word) => Some((*word).to_owned()),
            Value::Words(words) => (!words.is_empty()).then(|| words.join(",")),
            Value::Text(text) => Some(text.clone()),
        }
    }
}

/// Why a value is refused, and what to send in its place.
struct Complaint {
    message: String,
    suggestion: String,
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
}

fn read_value(parameter: &Parameter, text: &str, compressed: bool) -> Result<Value, Complaint> {
    let name = parameter.name;
    let complain = |what: String, suggestion: String| Complaint {
        message: format!("'{name}' must be {what}"),
        suggestion,
    };
    match parameter.kind {
        Kind::Limit(limits) => match read_whole_number(text) {
            Some(number) if number >= 1 => Ok(Value::Number(limits.clamp(number, compressed))),
            _ => Err(complain(
                "a whole number from 1".to_owned(),
                format!("Send 1 to {}", limits.clamp(usize::MAX, compressed)),
            )),
        },
        Kind::Time | Kind::DateOrTime => read_time(parameter.kind, text)
            .map(Value::Time)
            .ok_or_else(|| {
                complain(
                    "an ISO 8601 date and time".to_owned(),
                    "Send it like 2021-01-06T03:24:53.000Z".to_owned(),
                )
            }),
        Kind::Flag => match text {
            "true" => Ok(Value::Flag(true)),
            "false" => Ok(Value::Flag(false)),
            _ => Err(complain(
                "true or false".to_owned(),
                one_of(text, &["true", "false"]),
            )),
        },
        Kind::Choice(words) => find_word(words, text)
            .map(Value::Word)
            .ok_or_else(|| complain(format!("one of {}", words.join(", ")), one_of(text, words))),
        Kind::Order => match text {
            // An empty list means the same as absence, which is what the default order must mean.
            "asc" => Ok(Value::Words(Vec::new())),
            "desc" => Ok(Value::Words(vec!["desc"])),
            _ => Err(complain(
                "asc or desc".to_owned(),
                one_of(text, &["asc", "desc"]),
            )),
        },
        Kind::Expand(words) => read_list(text, words.to_vec(), true).map_err(|wrong| {
            complain(
                format!("a comma list of {}", words.join(", ")),
                one_of(wrong, words),
            )
        }),
        Kind::StatTypes => {
            let names = StatType::ALL.map(StatType::name);
            read_list(text, names.to_vec(), false).map_err(|wrong| {
                complain(
                    format!("a comma list of {}", names.join(", ")),
                    one_of(wrong, &names),
                )
            })
        }
        Kind::ConnectionId if text.parse::<ConnectionId>().is_ok() => {
            Ok(Value::Text(text.to_owned()))
        }
        Kind::ApplicationId if text.parse::<ApplicationId>().is_ok() => {
            Ok(Value::Text(text.to_owned()))
        }
        Kind::ConnectionId => Err(complain(
            "the id of a connection".to_owned(),
            "Ids of connections are conn_ and 26 characters".to_owned(),
        )),
        Kind::ApplicationId => Err(complain(
            "the id of an application".to_owned(),
            "Ids of applications are app_ and 26 characters".to_owned(),
        )),
        Kind::Text | Kind::Cursor if !text.is_empty() => Ok(Value::Text(text.to_owned())),
        Kind::Text | Kind::Cursor => Err(complain(
            "a text".to_owned(),
            "Leave the parameter out, or give it a value".to_owned(),
        )),
    }
}

/// Digits alone; a number beyond what fits is a very large number, not a malformed one.
fn read_whole_number(text: &str) -> Option<usize> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(usize::MAX))
}

fn read_time(kind: Kind, text: &str) -> Option<Timestamp> {
    // A plus sign that the client did not percent-encode arrives as a space.
    let mended = match text.rfind(' ') {
        Some(index) if index > 10 => format!("{}+{}", &text[..index], &text[index + 1..]),
        _ => text.to_owned(),
    };
    let midnight = matches!(kind, Kind::DateOrTime) && text.len() == "2021-01-06".len();
    if midnight {
        return Timestamp::parse(&format!("{text}T00:00:00Z"));
    }
    Timestamp::parse(&mended)
}

fn find_word(words: &[&'static str], text: &str) -> Option<&'static str> {
    words.iter().copied().find(|word| *word == text)
}

fn one_of(text: &str, words: &[&'static str]) -> String {
    match nearest(text, words.iter().copied()) {
        Some(word) => format!("The nearest value is '{word}'"),
        None => "Leave the parameter out".to_owned(),
    }
}

/// The words of a comma list, in the order of `words` (so that two lists that mean the same are the
/// same); the first part that is none of them, or a repeated one where `once`.
fn read_list<'a>(text: &'a str, words: Vec<&'static str>, once: bool) -> Result<Value, &'a str> {
    let mut found = vec![false; words.len()];
    for part in text.split(',') {
        match words.iter().position(|word| *word == part) {
            Some(index) if !(once && found[index]) => found[index] = true,
            _ => return Err(part),
        }
    }
    let chosen = words.into_iter().zip(found);
    Ok(Value::Words(
        chosen
            .filter_map(|(word, found)| found.then_some(word))
            .collect(),
    ))
}

#[cfg(test)]
#[path = "query_tests.rs"]
mod tests;
