//! Pages and wrappers: `{"vehicles": [{"vehicle": {…}}], "pagination": {…}}`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use provider::{Answer, ProviderError};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::errors::{text, unexpected, unreadable};
use super::{Object, Scalar};

const A_PAGE: &str = "an object with a list of rows";

/// What wraps the rows of an endpoint.
#[derive(Clone, Copy, Debug)]
pub struct Wrapper {
    /// The list's names: an envelope is not always called what the path is.
    pub lists: &'static [&'static str],
    /// What wraps one row, for each name of the list.
    pub items: &'static [&'static str],
}

impl Wrapper {
    pub const fn named(lists: &'static [&'static str], items: &'static [&'static str]) -> Wrapper {
        Wrapper { lists, items }
    }
}

/// A page with its wrapped rows, none of them read yet.
pub struct Page<'a> {
    /// The list's name as sent, for places of notices.
    pub list: &'static str,
    pub item: &'static str,
    pub rows: Vec<&'a RawValue>,
    /// `None` where the endpoint has no pages.
    pub pagination: Option<Pagination>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pagination {
    pub per_page: u64,
    pub page_no: u64,
    pub total: u64,
}

type Members<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

/// Three numbers, under `pagination` or flat at the top.
#[derive(Deserialize)]
struct Numbers<'a> {
    #[serde(borrow)]
    per_page: Scalar<'a>,
    #[serde(borrow)]
    page_no: Scalar<'a>,
    #[serde(borrow)]
    total: Scalar<'a>,
}

pub fn open<'a>(answer: &Answer<'a>, wrapper: Wrapper) -> Result<Page<'a>, ProviderError> {
    let body = text(answer, A_PAGE)?;
    let members: Members<'a> =
        serde_json::from_str(body).map_err(|error| unreadable(answer, &error, A_PAGE))?;
    let names = wrapper.lists.iter().zip(wrapper.items);
    let found = names
        .filter_map(|(list, item)| Some((*list, *item, members.get(*list)?)))
        .next();
    let Some((list, item, rows)) = found else {
        return Err(unexpected(answer, wrapper.lists[0], A_PAGE));
    };
    let rows: Vec<&'a RawValue> =
        serde_json::from_str(rows.get()).map_err(|_| unexpected(answer, list, "a list of rows"))?;
    Ok(Page {
        list,
        item,
        rows,
        pagination: pagination(answer, &members)?,
    })
}

fn pagination(
    answer: &Answer<'_>,
    members: &Members<'_>,
) -> Result<Option<Pagination>, ProviderError> {
    const AT: &str = "pagination";
    const WANTED: &str = "`per_page`, `page_no` and `total`, whole numbers";
    let numbers: Numbers<'_> = match members.get(AT) {
        Some(nested) => serde_json::from_str(nested.get()),
        None if members.contains_key("total") => serde_json::from_slice(answer.body),
        None => return Ok(None),
    }
    .map_err(|_| unexpected(answer, AT, WANTED))?;
    let whole = |number: &Scalar<'_>, least: u64| match number {
        Scalar::Number(number) if number.fract() == 0.0 && (0.0..9e15).contains(number) => {
            Some(*number as u64).filter(|n| *n >= least)
        }
        _ => None,
    };
    let numbers = (
        whole(&numbers.per_page, 1),
        whole(&numbers.page_no, 1),
        whole(&numbers.total, 0),
    );
    let (Some(per_page), Some(page_no), Some(total)) = numbers else {
        return Err(unexpected(answer, AT, WANTED));
    };
    Ok(Some(Pagination {
        per_page,
        page_no,
        total,
    }))
}

/// What lies in a wrapper under its one key; a word on what lies there instead.
pub fn unwrapped<'a>(row: &'a RawValue, item: &str) -> Result<&'a RawValue, &'static str> {
    match serde_json::from_str::<Object<Members<'a>>>(row.get()) {
        Ok(Object::Present(members)) => members.get(item).copied().ok_or("lacks its wrapper"),
        Ok(Object::Absent) => Err("null, not an object"),
        Ok(Object::Odd(kind)) => Err(kind),
        Err(_) => Err("not readable"),
    }
}
