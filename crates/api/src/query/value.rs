//! What one parameter may hold: its text becomes a value, or a complaint that says what to send.

use model::{ApplicationId, ConnectionId, Date, Model, Month, RecordId, StatType, Timestamp};

use crate::nearest::nearest;
use crate::parameters::{Kind, MOST_IDS, Parameter};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Number(usize),
    Time(Timestamp),
    Date(Date),
    Month(Month),
    Flag(bool),
    Word(&'static str),
    Words(Vec<&'static str>),
    /// In their order, none twice, never empty.
    Ids(Vec<RecordId>),
    Text(String),
}

impl Value {
    /// The text that a cursor carries; nothing for what means the same as absence.
    pub(super) fn canonical(&self) -> Option<String> {
        match self {
            Value::Number(number) => Some(number.to_string()),
            Value::Time(time) => Some(time.to_string()),
            Value::Date(date) => Some(date.to_string()),
            Value::Month(month) => Some(month.to_string()),
            Value::Flag(flag) => flag.then(|| "true".to_owned()),
            Value::Word(word) => Some((*word).to_owned()),
            Value::Words(words) => (!words.is_empty()).then(|| words.join(",")),
            Value::Ids(ids) => {
                let texts: Vec<String> = ids.iter().map(RecordId::to_string).collect();
                Some(texts.join(","))
            }
            Value::Text(text) => Some(text.clone()),
        }
    }
}

/// Why a value is refused, and what to send in its place.
pub(super) struct Complaint {
    pub message: String,
    pub suggestion: String,
}

/// What to send for a parameter of this kind that is missing.
pub(super) fn example(kind: Kind) -> String {
    match kind {
        Kind::Month => "Send it like 2021-01",
        Kind::Date => "Send it like 2021-01-06",
        Kind::Time | Kind::DateOrTime => "Send it like 2021-01-06T03:24:53.000Z",
        _ => "Send a value for it",
    }
    .to_owned()
}

pub(super) fn read_value(
    parameter: &Parameter,
    text: &str,
    compressed: bool,
) -> Result<Value, Complaint> {
    let read = match parameter.kind {
        Kind::Limit(limits) => match read_whole_number(text) {
            Some(number) if number >= 1 => Ok(Value::Number(limits.clamp(number, compressed))),
            _ => Err((
                "a whole number from 1".to_owned(),
                format!("Send 1 to {}", limits.clamp(usize::MAX, compressed)),
            )),
        },
        Kind::Time | Kind::DateOrTime | Kind::Date | Kind::Month => {
            read_calendar(parameter.kind, text)
        }
        Kind::Flag | Kind::Choice(_) | Kind::Order | Kind::Expand(_) | Kind::StatTypes => {
            read_words(parameter.kind, text)
        }
        Kind::Ids(model) => read_ids(model, text),
        Kind::ConnectionId if text.parse::<ConnectionId>().is_ok() => {
            Ok(Value::Text(text.to_owned()))
        }
        Kind::ApplicationId if text.parse::<ApplicationId>().is_ok() => {
            Ok(Value::Text(text.to_owned()))
        }
        Kind::ConnectionId => Err((
            "the id of a connection".to_owned(),
            "Ids of connections are conn_ and 26 characters".to_owned(),
        )),
        Kind::ApplicationId => Err((
            "the id of an application".to_owned(),
            "Ids of applications are app_ and 26 characters".to_owned(),
        )),
        Kind::Text | Kind::Cursor if !text.is_empty() => Ok(Value::Text(text.to_owned())),
        Kind::Text | Kind::Cursor => Err((
            "a text".to_owned(),
            "Leave the parameter out, or give it a value".to_owned(),
        )),
    };
    read.map_err(|(what, suggestion)| Complaint {
        message: format!("'{}' must be {what}", parameter.name),
        suggestion,
    })
}

/// What a value must be, and what to send in its place.
type Wrong = (String, String);

fn read_calendar(kind: Kind, text: &str) -> Result<Value, Wrong> {
    let (value, what) = match kind {
        Kind::Date => (Date::parse(text).map(Value::Date), "an ISO 8601 date"),
        Kind::Month => (Month::parse(text).map(Value::Month), "an ISO 8601 month"),
        _ => (
            read_time(kind, text).map(Value::Time),
            "an ISO 8601 date and time",
        ),
    };
    value.ok_or_else(|| (what.to_owned(), example(kind)))
}

fn read_words(kind: Kind, text: &str) -> Result<Value, Wrong> {
    let list = |words: &[&'static str], once: bool| {
        read_list(text, words.to_vec(), once).map_err(|wrong| {
            (
                format!("a comma list of {}", words.join(", ")),
                one_of(wrong, words),
            )
        })
    };
    match kind {
        Kind::Choice(words) => find_word(words, text)
            .map(Value::Word)
            .ok_or_else(|| (format!("one of {}", words.join(", ")), one_of(text, words))),
        Kind::Order => match text {
            // An empty list means the same as absence, which is what the default order must mean.
            "asc" => Ok(Value::Words(Vec::new())),
            "desc" => Ok(Value::Words(vec!["desc"])),
            _ => Err(("asc or desc".to_owned(), one_of(text, &["asc", "desc"]))),
        },
        Kind::Expand(words) => list(words, true),
        Kind::StatTypes => list(&StatType::ALL.map(StatType::name), false),
        _ => match text {
            "true" => Ok(Value::Flag(true)),
            "false" => Ok(Value::Flag(false)),
            _ => Err(("true or false".to_owned(), one_of(text, &["true", "false"]))),
        },
    }
}

/// An id that comes twice counts once.
fn read_ids(model: Model, text: &str) -> Result<Value, Wrong> {
    let prefix = model.prefix();
    let what = || {
        format!(
            "a comma list of at most {MOST_IDS} ids of {}s",
            model.name()
        )
    };
    let mut ids = Vec::new();
    for part in text.split(',') {
        let id = RecordId::parse(model, part).map_err(|_| {
            let suggestion = format!("Ids of {}s are {prefix} and 26 characters", model.name());
            (what(), suggestion)
        })?;
        ids.push(id);
    }
    ids.sort_unstable();
    ids.dedup();
    if ids.len() > MOST_IDS {
        let suggestion = format!("Ask {MOST_IDS} at a time; these are {}", ids.len());
        return Err((what(), suggestion));
    }
    Ok(Value::Ids(ids))
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
