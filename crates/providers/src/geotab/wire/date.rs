//! Times of readings, which follow each other within days.

use model::Timestamp;
use model::time::{HOUR_MS, MINUTE_MS, SECOND_MS};

/// The date of the time that was read last: most times have it again, and then only their hours,
/// minutes and seconds have to be read.
#[derive(Default)]
pub struct LastDate {
    text: [u8; 10],
    start: Timestamp,
}

impl LastDate {
    /// As [`Timestamp::parse`] reads it.
    #[inline]
    pub fn parse(&mut self, text: &str) -> Option<Timestamp> {
        if let Some((date, clock)) = text.as_bytes().split_first_chunk::<10>()
            && *date == self.text
            && let Some(in_day_ms) = in_day_ms(clock)
        {
            return Some(Timestamp::from_millis(self.start.millis() + in_day_ms));
        }
        self.parse_any(text)
    }

    fn parse_any(&mut self, text: &str) -> Option<Timestamp> {
        let time = Timestamp::parse(text)?;
        // With an offset, the instant's day may be another than the text's.
        if let Some((date, [.., b'Z'])) = text.as_bytes().split_first_chunk::<10>() {
            self.text = *date;
            self.start = time.start_of_utc_day();
        }
        Some(time)
    }
}

/// Of `T08:00:00Z` and `T08:00:00.000Z`, the forms that are sent.
#[inline]
fn in_day_ms(clock: &[u8]) -> Option<i64> {
    let (clock, fraction) = clock.split_first_chunk::<9>()?;
    let [b'T', h1, h2, b':', m1, m2, b':', s1, s2] = *clock else {
        return None;
    };
    let millis = match *fraction {
        [b'Z'] => 0,
        [b'.', d1, d2, d3, b'Z'] => digit(d1)? * 100 + digit(d2)? * 10 + digit(d3)?,
        _ => return None,
    };
    let hours = digit(h1)? * 10 + digit(h2)?;
    let minutes = digit(m1)? * 10 + digit(m2)?;
    let seconds = digit(s1)? * 10 + digit(s2)?;
    // A leap second, too, is for others.
    (hours < 24 && minutes < 60 && seconds < 60)
        .then(|| hours * HOUR_MS + minutes * MINUTE_MS + seconds * SECOND_MS + millis)
}

#[inline]
fn digit(byte: u8) -> Option<i64> {
    let digit = byte.wrapping_sub(b'0');
    (digit <= 9).then_some(i64::from(digit))
}
