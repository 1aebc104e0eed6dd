//! Points written as JSON, thousands a page.
//!
//! Rows of a page differ in little. What stands between a row's brace and its value lies ready, and
//! only the id and the digits of the time that are others than the last row's are put into it; what
//! follows the value lies ready until a point was modified at another moment.

use model::ids::ULID_LEN;
use model::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};
use model::{Timestamp, Ulid};
use store::{PointRow, RawRow};

use crate::json::{Page, push_raw, push_text, push_time};

/// What all points of a page say alike.
pub(crate) struct Alike<'a> {
    /// Of the points' ids.
    pub prefix: &'static str,
    pub provider: &'a str,
    /// The vehicle as JSON.
    pub vehicle: &'a [u8],
    /// The member that holds the time.
    pub time_member: &'static str,
    /// What follows the time.
    pub rest: &'static str,
    /// Of the rest of a row, at most as a rule: for the first allocation.
    pub row_bytes: usize,
}

/// A page of points under construction.
pub(crate) struct PointPage<'a> {
    page: Page,
    provider: &'a str,
    head: Vec<u8>,
    id_at: usize,
    time_at: usize,
    /// The UTC day that the head's time says.
    day: Option<i64>,
    tail: Vec<u8>,
    /// What the tail says.
    modified_at: Option<Timestamp>,
}

impl<'a> PointPage<'a> {
    pub(crate) fn new(points: usize, alike: Alike<'a>) -> PointPage<'a> {
        let mut head = b"{\"id\":\"".to_vec();
        head.extend_from_slice(alike.prefix.as_bytes());
        let id_at = head.len();
        head.extend_from_slice(&[b'0'; ULID_LEN]);
        head.extend_from_slice(b"\",\"provider\":");
        push_text(&mut head, alike.provider);
        head.extend_from_slice(b",\"vehicle\":");
        head.extend_from_slice(alike.vehicle);
        head.extend_from_slice(b",\"");
        head.extend_from_slice(alike.time_member.as_bytes());
        head.extend_from_slice(b"\":\"");
        let time_at = head.len();
        head.extend_from_slice(&[b'0'; Timestamp::TEXT_LEN]);
        head.extend_from_slice(b"\",");
        head.extend_from_slice(alike.rest.as_bytes());
        PointPage {
            page: Page::new(points * (head.len() + alike.row_bytes)),
            provider: alike.provider,
            head,
            id_at,
            time_at,
            day: None,
            tail: Vec::new(),
            modified_at: None,
        }
    }

    /// Writes a row up to its value, which the caller writes to what is returned.
    pub(crate) fn begin(&mut self, ulid: Ulid, time: Timestamp) -> &mut Vec<u8> {
        self.head[self.id_at..self.id_at + ULID_LEN].copy_from_slice(&ulid.encode());
        let text = &mut self.head[self.time_at..self.time_at + Timestamp::TEXT_LEN];
        let day = time.utc_day();
        match self.day == Some(day) {
            true => put_time_of_day(text, time.millis().rem_euclid(DAY_MS)),
            false => text.copy_from_slice(&time.encode()),
        }
        self.day = Some(day);
        let bytes = self.page.row();
        bytes.extend_from_slice(&self.head);
        bytes
    }

    /// Writes what every point ends with: the source's id, metadata and, where it was asked for,
    /// the source row.
    pub(crate) fn end(&mut self, point: &PointRow<'_>, raw: Option<Option<&RawRow>>) {
        if self.modified_at != Some(point.modified_at) {
            self.modified_at = Some(point.modified_at);
            self.tail.clear();
            self.tail
                .extend_from_slice(b",\"metadata\":{\"modifiedAt\":");
            push_time(&mut self.tail, point.modified_at);
            self.tail.push(b'}');
        }
        let bytes = self.page.bytes();
        if let Some(source_id) = point.source_id {
            bytes.extend_from_slice(b",\"sourceId\":");
            push_text(bytes, source_id);
        }
        bytes.extend_from_slice(&self.tail);
        if let Some(raw) = raw {
            push_raw(bytes, self.provider, raw);
        }
        bytes.push(b'}');
    }

    pub(crate) fn finish(self, next: Option<String>) -> Vec<u8> {
        self.page.finish(next)
    }
}

/// Puts the time of day into the text form of another moment of that day.
fn put_time_of_day(text: &mut [u8], in_day_ms: i64) {
    // A day has less than 2^32 milliseconds, and smaller numbers divide faster.
    let in_day = in_day_ms as u32;
    let mut put = |at: usize, number: u32| {
        text[at] = b'0' + (number / 10) as u8;
        text[at + 1] = b'0' + (number % 10) as u8;
    };
    put(11, in_day / HOUR_MS as u32);
    put(14, in_day / MINUTE_MS as u32 % 60);
    put(17, in_day / SECOND_MS as u32 % 60);
    let millis = in_day % SECOND_MS as u32;
    put(20, millis / 10);
    text[22] = b'0' + (millis % 10) as u8;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_everywhere() {
        for day in [-719_528, -1, 0, 20_454, 2_932_896] {
            let mut text = Timestamp::from_millis(day * DAY_MS).encode();
            for in_day_ms in (0..DAY_MS).step_by(7_919).chain([DAY_MS - 1]) {
                put_time_of_day(&mut text, in_day_ms);
                let time = Timestamp::from_millis(day * DAY_MS + in_day_ms);
                assert_eq!(text, time.encode());
            }
        }
    }
}
