//! What several calls in one answer: a list of lists of rows, in the order of the calls.
//!
//! A window that was read proves what it did not list. So a call without an answer, or with as many
//! rows as it may have (more would have been cut without a word), is never taken for a whole one.

use provider::{Answer, ProviderError};
use serde_json::value::RawValue;

use super::Reading;
use super::errors::{self, Question, unexpected, unreadable};
use super::map::RawRow;
use super::place::SEEK_LIMIT;

const LISTS: &str = "a list of rows for each call";

/// The rows that one call gave.
pub struct Call<'a> {
    /// Its JSON path in the page (`result[3]`).
    pub place: String,
    pub rows: Vec<&'a RawValue>,
}

impl<'a> Call<'a> {
    pub fn raw_rows<'c>(&'c self, answer: &Answer<'a>) -> impl Iterator<Item = RawRow<'a>> + 'c {
        let answer = *answer;
        self.rows
            .iter()
            .enumerate()
            .map(move |(index, row)| RawRow::new(format!("{}[{index}]", self.place), &answer, row))
    }
}

/// The answers of `calls` calls. Where their number is not known (nobody says whom a stored page
/// was asked about) any will do, and so will the answer of one plain `Get`.
pub fn read<'a>(
    question: Question,
    answer: &Answer<'a>,
    calls: Option<usize>,
) -> Result<Vec<Call<'a>>, ProviderError> {
    let result = errors::result(question, answer)?;
    let elements: Vec<&RawValue> = list(answer, result)?;
    let is_plain = elements
        .first()
        .is_none_or(|first| first.get().starts_with('{'));
    if calls.is_none() && is_plain {
        return Ok(vec![Call {
            place: "result".to_owned(),
            rows: elements,
        }]);
    }
    if calls.is_some_and(|calls| calls != elements.len()) {
        return Err(unexpected(answer, "result", LISTS));
    }
    elements
        .into_iter()
        .enumerate()
        .map(|(index, element)| {
            Ok(Call {
                place: format!("result[{index}]"),
                rows: list(answer, element)?,
            })
        })
        .collect()
}

fn list<'a>(answer: &Answer<'a>, value: &'a RawValue) -> Result<Vec<&'a RawValue>, ProviderError> {
    serde_json::from_str(value.get()).map_err(|error| unreadable(answer, &error, LISTS))
}

/// The answers to the calls of a task: `each` for every partition, and `more` behind them. None of
/// the first may have `limit` rows.
pub fn of_task<'t>(
    reading: &Reading<'t>,
    each: usize,
    more: usize,
    limit: usize,
) -> Result<(Vec<Call<'t>>, Vec<Call<'t>>), ProviderError> {
    let partitions = reading.task.partitions.len();
    let wanted = (partitions > 0).then_some(partitions * each + more);
    let mut calls = read(Question::of(reading.task), reading.answer, wanted)?;
    if calls.len() < more {
        return Err(unexpected(reading.answer, "result", LISTS));
    }
    let behind = calls.split_off(calls.len() - more);
    match calls.iter().any(|call| call.rows.len() >= limit) {
        true => Err(ProviderError::TooLarge),
        false => Ok((calls, behind)),
    }
}

/// The rows of a `Get` that must give all there is: neither parents nor missing rules can be told
/// from a part. Some lists are cut at this many without a word: exactly as many are not believed.
pub fn whole<'t>(reading: &Reading<'t>) -> Result<Call<'t>, ProviderError> {
    let call = rows(reading)?;
    match call.rows.len() {
        SEEK_LIMIT => Err(ProviderError::TooLarge),
        _ => Ok(call),
    }
}

/// The rows of one plain `Get`.
pub fn rows<'t>(reading: &Reading<'t>) -> Result<Call<'t>, ProviderError> {
    let result = errors::result(Question::of(reading.task), reading.answer)?;
    Ok(Call {
        place: "result".to_owned(),
        rows: list(reading.answer, result)?,
    })
}
