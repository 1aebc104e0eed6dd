//! Pages of rows that are worked out for a request: things that happened, and sums over them.
//!
//! All pages of a walk are cut from what was to be seen when the walk began. Two streams have no
//! last page: they end a sweep with a cursor that begins the next one where this one ended.

use model::{Timestamp, Window};

use super::answer::Refusal;
use super::paging::{Cursor, write_pagination};
use super::wire::Json;
use super::{Call, SamsaraServer};
use crate::shown::{Shown, after};

/// What stands around the rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Envelope {
    pub open: &'static str,
    pub close: &'static str,
}

pub(super) const LIST: Envelope = Envelope {
    open: "{\"data\":[",
    close: "]",
};

/// A walk through a span of time.
pub(super) struct Sweep {
    pub cursor: Cursor,
    /// `None`: nothing lies in it.
    pub window: Option<Window>,
    /// Where an endless stream goes on; `None`: the stream has an end.
    next_from: Option<Timestamp>,
}

impl Sweep {
    pub fn as_of(&self) -> Timestamp {
        self.cursor.as_of
    }
}

impl SamsaraServer {
    /// Rows of a page unless the request's endpoint has a number of its own.
    pub(super) fn rows_a_page(&self) -> usize {
        4 * self.config.page_vehicles.max(1)
    }

    /// The world as the pages of the cursor's walk show it.
    pub(super) fn shown_to(&self, cursor: &Cursor) -> Shown<'_> {
        self.shown(cursor.as_of)
    }

    /// The span from `start` until `end`, or of an endless stream until the walk's present.
    pub(super) fn sweep(
        &self,
        call: &Call<'_>,
        start: Timestamp,
        end: Option<Timestamp>,
    ) -> Result<Sweep, Refusal> {
        if end.is_some_and(|end| end < start) {
            return Err(Refusal::bad("startTime must be before endTime"));
        }
        let mut cursor = self.cursor(call)?;
        if cursor.as_of == Timestamp::MIN {
            cursor.as_of = call.now;
        }
        let from = start.max(cursor.from);
        let present = after(cursor.as_of, 1);
        let until = end.map_or(present, |end| end.min(present));
        Ok(Sweep {
            cursor,
            window: Window::new(from, until),
            next_from: end.is_none().then_some(from.max(until)),
        })
    }

    /// A page of the rows from where the cursor stands.
    pub(super) fn page<T>(
        &self,
        call: &Call<'_>,
        cursor: &Cursor,
        envelope: Envelope,
        rows: &[T],
        most: usize,
        write: impl FnMut(&mut Json, &T),
    ) -> Json {
        let sweep = Sweep {
            cursor: *cursor,
            window: None,
            next_from: None,
        };
        self.sweep_page(call, &sweep, envelope, rows, most, write)
    }

    pub(super) fn sweep_page<T>(
        &self,
        call: &Call<'_>,
        sweep: &Sweep,
        envelope: Envelope,
        rows: &[T],
        most: usize,
        mut write: impl FnMut(&mut Json, &T),
    ) -> Json {
        let cursor = &sweep.cursor;
        let mut json = Json::default();
        json.raw(envelope.open);
        if cursor.blank {
            json.raw(envelope.close);
            let next = self.following(call, cursor, cursor.next, cursor.previous);
            write_pagination(&mut json, &next.encode(), true);
            return json;
        }
        let last_given = cursor.previous.checked_sub(1).and_then(|at| rows.get(at));
        if let (true, Some(row)) = (self.faults.repeat, last_given) {
            write(&mut json, row);
        }
        let until = rows.len().min(cursor.next.saturating_add(most.max(1)));
        for (row, place) in rows[cursor.next.min(until)..until]
            .iter()
            .zip(cursor.next..)
        {
            write(json.comma(), row);
            let place = call.fingerprint ^ place as u64;
            if self.faults.repeat && self.faults.chance(0x524f_5750, place).below(20) == 0 {
                write(json.comma(), row);
            }
        }
        json.raw(envelope.close);
        if until < rows.len() {
            let next = self.following(call, cursor, until, until);
            write_pagination(&mut json, &next.encode(), true);
        } else if let Some(from) = sweep.next_from {
            let next = Cursor {
                from,
                as_of: Timestamp::MIN,
                ..Cursor::first(call.fingerprint, call.now)
            };
            write_pagination(&mut json, &next.encode(), false);
        } else {
            write_pagination(&mut json, "", false);
        }
        json
    }

    /// Lists of which this organisation has none.
    pub(super) fn empty_list(&self, call: &Call<'_>) -> Result<Json, Refusal> {
        self.list(call, 0, |_, _| false)
    }

    /// The same for lists of a window: nobody here breaks the rules of hours of service.
    pub(super) fn empty_window(&self, call: &Call<'_>) -> Result<Json, Refusal> {
        call.parameters.window_around(call.now)?;
        self.list_of(call, 0, 1, |_, _| false)
    }
}
