//! Cursors: stateless, opaque to the client, tied to their query and dead after thirty days.

use model::Timestamp;
use model::time::DAY_MS;

use super::answer::Refusal;
use super::request::fnv;
use super::wire::Json;

const LIFETIME_MS: i64 = 30 * DAY_MS;

/// Where the next page starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// [`super::request::Parameters::fingerprint`] of the query that it belongs to.
    pub query: u64,
    pub issued_at: Timestamp,
    /// Place of the next record in its plan.
    pub next: usize,
    /// One more than the place of the last record given, 0 when none was.
    pub previous: usize,
    /// The next page shall be an empty one.
    pub blank: bool,
    /// Feeds only: changes after `from` up to and including `until` are being given.
    pub from: Timestamp,
    pub until: Timestamp,
    /// The pages of one walk show things as they stood at this instant, so that no row slips to a
    /// page that was given already. [`Timestamp::MIN`]: the next page begins a walk.
    pub as_of: Timestamp,
}

impl Cursor {
    pub fn first(query: u64, now: Timestamp) -> Cursor {
        Cursor {
            query,
            issued_at: now,
            next: 0,
            previous: 0,
            blank: false,
            from: Timestamp::MIN,
            until: Timestamp::MIN,
            as_of: now,
        }
    }

    /// The same for every walk of one query, whenever it is made.
    pub fn place(&self) -> u64 {
        fnv(std::iter::once(self.plain(Timestamp::MIN).as_str()))
    }

    fn plain(&self, issued_at: Timestamp) -> String {
        format!(
            "{:x}.{:x}.{:x}.{:x}.{}.{:x}.{:x}",
            self.query,
            issued_at.millis(),
            self.next,
            self.previous,
            u8::from(self.blank),
            self.from.millis(),
            self.until.millis(),
        )
    }

    pub fn encode(&self) -> String {
        let plain = format!("{}.{:x}", self.plain(self.issued_at), self.as_of.millis());
        let mut text = String::with_capacity(plain.len() * 2 + 16);
        for byte in plain.bytes() {
            text.push_str(&format!("{byte:02x}"));
        }
        text.push_str(&format!("{:08x}", checksum(&plain)));
        text
    }

    fn decode(text: &str) -> Option<Cursor> {
        let (hex, sum) = text.split_at_checked(text.len().checked_sub(8)?)?;
        let bytes: Option<Vec<u8>> = hex
            .as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect();
        let plain = String::from_utf8(bytes?).ok()?;
        if u32::from_str_radix(sum, 16).ok()? != checksum(&plain) {
            return None;
        }
        let mut fields = plain.split('.');
        let mut number = || u64::from_str_radix(fields.next()?, 16).ok();
        let query = number()?;
        let mut time = || Some(Timestamp::from_millis(number()?.cast_signed()));
        let issued_at = time()?;
        let (next, previous) = (
            usize::try_from(number()?).ok()?,
            usize::try_from(number()?).ok()?,
        );
        let blank = number()? == 1;
        let mut time = || Some(Timestamp::from_millis(number()?.cast_signed()));
        Some(Cursor {
            query,
            issued_at,
            next,
            previous,
            blank,
            from: time()?,
            until: time()?,
            as_of: time()?,
        })
    }

    /// Reads `after`.
    pub fn read(after: &str, query: u64, now: Timestamp) -> Result<Cursor, Refusal> {
        let cursor = Cursor::decode(after)
            .filter(|cursor| cursor.query == query)
            .ok_or_else(|| Refusal::bad("Invalid value for after: not a cursor of this query"))?;
        if now.millis() - cursor.issued_at.millis() > LIFETIME_MS {
            return Err(expired());
        }
        Ok(cursor)
    }
}

pub fn expired() -> Refusal {
    Refusal::bad("Invalid value for after: the cursor has expired")
}

fn checksum(plain: &str) -> u32 {
    (fnv(std::iter::once(plain)) >> 32) as u32
}

/// Ends a list answer: `],"pagination":{…}}`. `end_cursor` is empty on a list's last page.
pub fn write_end(json: &mut Json, end_cursor: &str, has_next_page: bool) {
    json.raw("]");
    write_pagination(json, end_cursor, has_next_page);
}

/// The same when `data` has been closed already.
pub fn write_pagination(json: &mut Json, end_cursor: &str, has_next_page: bool) {
    json.raw(",\"pagination\":{\"endCursor\":").text(end_cursor);
    json.raw(",\"hasNextPage\":")
        .raw(if has_next_page { "true" } else { "false" })
        .raw("}}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_come_back_as_they_went() {
        let now = Timestamp::from_millis(1_750_000_000_000);
        let cursor = Cursor {
            next: 50,
            previous: 49,
            blank: true,
            from: now,
            as_of: now,
            ..Cursor::first(77, now)
        };
        let text = cursor.encode();
        assert_eq!(Cursor::read(&text, 77, now), Ok(cursor));
        assert!(Cursor::read(&text, 78, now).is_err());
        assert!(Cursor::read(&text.replacen('3', "4", 1), 77, now).is_err());
        for nonsense in ["", "é", "abc", "zz00000000", "8f😀x"] {
            assert!(Cursor::read(nonsense, 77, now).is_err());
        }
        let later = Timestamp::from_millis(now.millis() + LIFETIME_MS + 1);
        assert_eq!(Cursor::read(&text, 77, later), Err(expired()));
    }
}
