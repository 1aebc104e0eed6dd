//! Positions and measurements straight into columns.
//!
//! This is the hot path: answers are megabytes, so the JSON is walked once by a scanner, a row
//! borrows from the page while it is checked and its numbers are pushed where they stay. Rows say
//! themselves whose they are and what they measure, so windows and feeds are read alike. Where the
//! scanner gives up on the page, serde reads it from the beginning and decides.
//!
//! A row that cannot be used becomes a notice. Two kinds are left out without one: rows without an
//! id in a window, which the server interpolates at the bounds of the question, and measurements of
//! other diagnostics in the feed, which has all there are.

mod columns;
mod values;

use std::borrow::Cow;

use model::issue::IssueCode;
use model::units::degrees_e7;
use model::{Timestamp, Window};
use provider::{Notice, Page, ProviderError, Shape};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::errors::{self, A_RESULT, Question, text, unexpected, unreadable};
use super::map;
use super::place::after_feed;
use super::requests::ROWS_LIMIT;
use super::streams::{self, MEASUREMENTS};
use super::wire::date::LastDate;
use super::wire::envelope::Feed;
use super::wire::events::{LogRow, StatusRow};
use super::wire::{Object, Reference, Scalar};
use super::{Reading, calls};
use crate::scan::Scanner;
use columns::Columns;
use values::{fixed_point, speed_centi_kph};

const A_FEED: &str = "an object with `result.data`, a list of rows, and `result.toVersion`";

pub fn page(reading: &Reading<'_>) -> Result<Page, ProviderError> {
    let is_feed = matches!(reading.task.stream.shape, Shape::Feed(_));
    let body = text(reading.answer, A_RESULT)?;
    let mut rows = Rows::new(reading, body, is_feed);
    let quick = match is_feed {
        _ if reading.answer.status != 200 => None,
        true => rows.quick_feed(body),
        false => rows.quick_calls(body),
    };
    let counted = match quick {
        Some(counted) => counted,
        None => {
            rows = Rows::new(reading, body, is_feed);
            match is_feed {
                true => rows.feed()?,
                false => rows.calls()?,
            }
        }
    };
    let mut page = rows.into_page();
    match counted {
        Counted::Feed { rows, to_version } => {
            page.next = after_feed(reading, rows, &to_version)?;
        }
        Counted::Calls { calls, most_rows } => {
            let asked = reading.task.partitions.len();
            let each = match reading.task.stream.name {
                streams::STATUS_DATA => MEASUREMENTS.len(),
                _ => 1,
            };
            if asked > 0 && calls != asked * each {
                let wanted = "a list of rows for each call";
                return Err(unexpected(reading.answer, "result", wanted));
            }
            if most_rows >= ROWS_LIMIT {
                return Err(ProviderError::TooLarge);
            }
        }
    }
    Ok(page)
}

/// What was walked.
enum Counted<'a> {
    Feed {
        rows: usize,
        to_version: Cow<'a, str>,
    },
    Calls {
        calls: usize,
        /// Of any call.
        most_rows: usize,
    },
}

/// What is known while a page is walked.
struct Rows<'t> {
    reading: &'t Reading<'t>,
    /// One signal, and positions; or measurements.
    is_of_positions: bool,
    is_feed: bool,
    /// Address of the body's first byte: a borrowed text's offset is its address minus this.
    body_start: usize,
    window: Window,
    date: LastDate,
    columns: Columns,
    notices: Vec<Notice>,
}

/// A member of a row and what is wrong with it.
type Wrong = (&'static str, Cow<'static, str>);

/// Where a row lies: its call, and its place in there.
#[derive(Clone, Copy)]
struct At {
    call: usize,
    row: usize,
}

impl<'t> Rows<'t> {
    fn new(reading: &'t Reading<'t>, body: &str, is_feed: bool) -> Rows<'t> {
        let is_of_positions = matches!(
            reading.task.stream.name,
            streams::LOG_RECORDS | streams::LOG_RECORDS_FEED
        );
        Rows {
            reading,
            is_of_positions,
            is_feed,
            body_start: body.as_ptr() as usize,
            // What a feed gives is of any time: its window says when it was begun.
            window: match is_feed {
                true => map::ALWAYS,
                false => map::window(reading.task),
            },
            date: LastDate::default(),
            columns: Columns::new(is_of_positions),
            notices: Vec::new(),
        }
    }

    fn into_page(self) -> Page {
        Page {
            points: self.columns.into_points(),
            notices: self.notices,
            ..Page::default()
        }
    }

    /// `{"result": {"data": […], "toVersion": …}}`; `None` is no verdict.
    fn quick_feed<'a>(&mut self, body: &'a str) -> Option<Counted<'a>> {
        let mut json = Scanner::new(body);
        let (mut rows, mut to_version) = (None, None);
        json.object(|json| match json.key()? {
            "result" if rows.is_none() => json.object(|json| match json.key()? {
                "data" if rows.is_none() => {
                    rows = Some(self.quick_rows(json, 0)?);
                    Some(())
                }
                "toVersion" => {
                    to_version = Some(json.by_serde()?);
                    Some(())
                }
                _ => json.skip(),
            }),
            "jsonrpc" | "requestIndex" => json.skip(),
            // An error, or the result a second time.
            _ => None,
        })?;
        json.end()?;
        Some(Counted::Feed {
            rows: rows?,
            to_version: to_version?,
        })
    }

    /// `{"result": [[…], …]}`, or one list of rows; `None` is no verdict.
    fn quick_calls<'a>(&mut self, body: &str) -> Option<Counted<'a>> {
        let mut json = Scanner::new(body);
        let mut counted = None;
        json.object(|json| match json.key()? {
            "result" if counted.is_none() => {
                let (mut calls, mut most_rows) = (0, 0);
                json.list(|json| {
                    let rows = self.quick_rows(json, calls)?;
                    most_rows = most_rows.max(rows);
                    calls += 1;
                    Some(())
                })?;
                counted = Some(Counted::Calls { calls, most_rows });
                Some(())
            }
            "jsonrpc" | "requestIndex" => json.skip(),
            _ => None,
        })?;
        json.end()?;
        counted
    }

    fn quick_rows(&mut self, json: &mut Scanner<'_>, call: usize) -> Option<usize> {
        let mut row = 0;
        json.list(|json| {
            let at = At { call, row };
            self.quick_row(json, at)?;
            row += 1;
            Some(())
        })?;
        Some(row)
    }

    /// A row that the scanner does not understand goes to serde alone, and the walk goes on.
    #[inline]
    fn quick_row(&mut self, json: &mut Scanner<'_>, at: At) -> Option<()> {
        let mut ahead = *json;
        if self.is_of_positions {
            let mut row = LogRow::default();
            match row.scan(&mut ahead) {
                Some(()) => {
                    *json = ahead;
                    self.position(at, &row);
                }
                None => self.row(at, json.by_serde()?),
            }
        } else {
            let mut row = StatusRow::default();
            match row.scan(&mut ahead) {
                Some(()) => {
                    *json = ahead;
                    self.measurement(at, &row);
                }
                None => self.row(at, json.by_serde()?),
            }
        }
        Some(())
    }

    fn feed(&mut self) -> Result<Counted<'t>, ProviderError> {
        let answer = self.reading.answer;
        let result = errors::result(Question::of(self.reading.task), answer)?;
        let feed: Feed<'t> = serde_json::from_str(result.get())
            .map_err(|error| unreadable(answer, &error, A_FEED))?;
        for (row, raw) in feed.data.iter().enumerate() {
            self.row(At { call: 0, row }, raw);
        }
        Ok(Counted::Feed {
            rows: feed.data.len(),
            to_version: feed.to_version,
        })
    }

    fn calls(&mut self) -> Result<Counted<'t>, ProviderError> {
        let task = self.reading.task;
        let each = match task.stream.name {
            streams::STATUS_DATA => MEASUREMENTS.len(),
            _ => 1,
        };
        let wanted = Some(task.partitions.len() * each).filter(|calls| *calls > 0);
        let answered = calls::read(Question::of(task), self.reading.answer, wanted)?;
        for (call, rows) in answered.iter().enumerate() {
            for (row, raw) in rows.rows.iter().enumerate() {
                self.row(At { call, row }, raw);
            }
        }
        Ok(Counted::Calls {
            calls: answered.len(),
            most_rows: answered
                .iter()
                .map(|call| call.rows.len())
                .max()
                .unwrap_or(0),
        })
    }

    /// A row by serde.
    fn row(&mut self, at: At, raw: &RawValue) {
        match self.is_of_positions {
            true => {
                if let Some(row) = self.parsed::<LogRow<'_>>(at, raw) {
                    self.position(at, &row);
                }
            }
            false => {
                if let Some(row) = self.parsed::<StatusRow<'_>>(at, raw) {
                    self.measurement(at, &row);
                }
            }
        }
    }

    fn parsed<'a, T: Deserialize<'a>>(&mut self, at: At, raw: &'a RawValue) -> Option<T> {
        let reason = match serde_json::from_str::<Object<T>>(raw.get()) {
            Ok(Object::Present(row)) => return Some(row),
            Ok(Object::Absent) => "null, not a row".into(),
            Ok(Object::Odd(kind)) => format!("{kind}, not a row").into(),
            // The page was read already, so this is one member given twice.
            Err(error) => error.to_string().into(),
        };
        self.wrong(at, ("", reason));
        None
    }

    fn position(&mut self, at: At, row: &LogRow<'_>) {
        if let Err(wrong) = self.take_position(at, row) {
            self.wrong(at, wrong);
        }
    }

    fn take_position(&mut self, at: At, row: &LogRow<'_>) -> Result<(), Wrong> {
        let Some(id) = self.id(&row.id)? else {
            return Ok(());
        };
        let device = self.device(&row.device)?;
        let Some((time, raw_offset)) = self.time(&row.date_time)? else {
            return Ok(());
        };
        let latitude_e7 = coordinate("latitude", &row.latitude, 90.0)?;
        let longitude_e7 = coordinate("longitude", &row.longitude, 180.0)?;
        // A position without its speed is still a position.
        let speed = speed_centi_kph(&row.speed).unwrap_or_else(|wrong| {
            self.wrong(at, wrong);
            None
        });
        let mut points = self.columns.positions(self.reading.task, device);
        points.push_position((latitude_e7, longitude_e7), speed);
        points.push_key(time, id, raw_offset);
        Ok(())
    }

    fn measurement(&mut self, at: At, row: &StatusRow<'_>) {
        if let Err(wrong) = self.take_measurement(row) {
            self.wrong(at, wrong);
        }
    }

    fn take_measurement(&mut self, row: &StatusRow<'_>) -> Result<(), Wrong> {
        let Some(id) = self.id(&row.id)? else {
            return Ok(());
        };
        let Some(signal) = self.signal(&row.diagnostic)? else {
            return Ok(());
        };
        let device = self.device(&row.device)?;
        let Some((time, raw_offset)) = self.time(&row.date_time)? else {
            return Ok(());
        };
        let value =
            fixed_point(&MEASUREMENTS[signal], &row.data).map_err(|reason| ("data", reason))?;
        let mut points = self.columns.measurements(self.reading.task, device, signal);
        points.push_value(value);
        points.push_key(time, id, raw_offset);
        Ok(())
    }

    /// `Ok(None)` for what was interpolated.
    fn id<'r>(&self, id: &'r Scalar<'_>) -> Result<Option<&'r str>, Wrong> {
        match id {
            Scalar::Text(text) if !text.is_empty() => Ok(Some(text)),
            Scalar::Absent if !self.is_feed => Ok(None),
            other => Err(("id", format!("{}, not an id", other.kind()).into())),
        }
    }

    fn device<'r>(&self, device: &'r Reference<'_>) -> Result<&'r str, Wrong> {
        let id = device.id().ok_or(("device", "of no device".into()))?;
        let asked = self.reading.task.partitions;
        let is_asked = self.columns.was_last(id)
            || asked.is_empty()
            || asked.iter().any(|asked| asked.source_id == id);
        match is_asked {
            true => Ok(id),
            false => Err(("device", "not asked for".into())),
        }
    }

    /// `Ok(None)` for what a feed brings beside what is read.
    fn signal(&self, diagnostic: &Reference<'_>) -> Result<Option<usize>, Wrong> {
        let id = match diagnostic {
            Reference::Id(id) => id.as_ref(),
            Reference::Absent => return Err(("diagnostic", "missing".into())),
            Reference::Odd(kind) => {
                return Err(("diagnostic", format!("{kind}, not a diagnostic").into()));
            }
        };
        match MEASUREMENTS.iter().position(|signal| signal.name == id) {
            Some(signal) => Ok(Some(signal)),
            None if self.is_feed => Ok(None),
            None => Err(("diagnostic", "not asked for".into())),
        }
    }

    /// The row's time and where it lies. `Ok(None)` when it is outside the window.
    fn time(&mut self, time: &Scalar<'_>) -> Result<Option<(Timestamp, u32)>, Wrong> {
        const MEMBER: &str = "dateTime";
        let Scalar::Text(text) = time else {
            return Err((MEMBER, format!("{}, not a time", time.kind()).into()));
        };
        let Some(at) = self.date.parse(text) else {
            return Err((MEMBER, "not an RFC 3339 time".into()));
        };
        if !self.window.contains(at) {
            return Ok(None);
        }
        let offset = match text {
            Cow::Borrowed(text) => (text.as_ptr() as usize).wrapping_sub(self.body_start),
            Cow::Owned(_) => usize::MAX,
        };
        Ok(Some((at, u32::try_from(offset).unwrap_or(u32::MAX))))
    }

    fn wrong(&mut self, at: At, (member, reason): Wrong) {
        let At { call, row } = at;
        let dot = if member.is_empty() { "" } else { "." };
        let place = match self.is_feed {
            true => format!("result.data[{row}]{dot}{member}"),
            false => format!("result[{call}][{row}]{dot}{member}"),
        };
        let code = match member {
            "id" | "device" => IssueCode::InvalidSourceIdentifier,
            _ => IssueCode::ProviderSourceDataInvalid,
        };
        self.notices.push(Notice {
            code,
            place,
            reason: reason.into_owned(),
        });
    }
}

fn coordinate(member: &'static str, value: &Scalar<'_>, most: f64) -> Result<i32, Wrong> {
    let Scalar::Number(degrees) = value else {
        return Err((member, format!("{}, not a number", value.kind()).into()));
    };
    if degrees.abs() > most {
        return Err((member, format!("outside ±{most}°").into()));
    }
    degrees_e7(*degrees).ok_or((member, "not a coordinate".into()))
}
