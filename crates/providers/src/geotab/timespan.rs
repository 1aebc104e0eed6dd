//! .NET's TimeSpan as text: `[-][d.]hh:mm:ss[.fffffff]` (`4.16:41:16`, `00:13:05.2500000`).

use model::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};

/// More days than a TimeSpan can have.
const MOST_DAYS: i64 = 11_000_000;
const MOST_DECIMALS: usize = 7;

/// Milliseconds, half of one rounded away from zero; `None` for anything else.
pub fn milliseconds(text: &str) -> Option<i64> {
    let (sign, span) = match text.strip_prefix('-') {
        Some(span) => (-1, span),
        None => (1, text),
    };
    let (clock, fraction) = match span.rfind(':') {
        Some(colon) => match span[colon..].find('.') {
            Some(dot) => (&span[..colon + dot], Some(&span[colon + dot + 1..])),
            None => (span, None),
        },
        None => return None,
    };
    let (days, clock) = match clock.split_once('.') {
        Some((days, clock)) => (number(days, 1..=8)?, clock),
        None => (0, clock),
    };
    let mut parts = clock.split(':');
    let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next()?);
    let (hours, minutes) = (number(hours, 2..=2)?, number(minutes, 2..=2)?);
    let seconds = number(seconds, 2..=2)?;
    if parts.next().is_some() || hours > 23 || minutes > 59 || seconds > 59 || days > MOST_DAYS {
        return None;
    }
    let ticks_ms = match fraction {
        None => 0,
        Some(decimals) => {
            let value = number(decimals, 1..=MOST_DECIMALS)?;
            let scale = 10_i64.pow(u32::try_from(decimals.len()).ok()?);
            (value * 2_000 + scale) / (2 * scale)
        }
    };
    let whole = days * DAY_MS + hours * HOUR_MS + minutes * MINUTE_MS + seconds * SECOND_MS;
    Some(sign * (whole + ticks_ms))
}

fn number(digits: &str, lengths: std::ops::RangeInclusive<usize>) -> Option<i64> {
    let fits = lengths.contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|_| fits)
}

#[cfg(test)]
mod tests {
    use super::milliseconds;

    #[test]
    fn spans_have_days_signs_and_seven_decimals() {
        for (text, wanted) in [
            ("00:00:00", 0),
            ("00:04:43.8600000", 283_860),
            ("00:13:05.25", 785_250),
            ("4.16:41:16", 405_676_000),
            ("-00:30:00", -1_800_000),
            ("-1.00:00:00.5", -86_400_500),
            ("00:00:00.0005000", 1),
            ("00:00:00.0004999", 0),
            ("10675199.02:48:05.4775807", 922_337_203_685_478),
        ] {
            assert_eq!(milliseconds(text), Some(wanted), "{text}");
        }
    }

    #[test]
    fn anything_else_is_none() {
        for text in [
            "",
            "PT25M",
            "25:00:00",
            "00:60:00",
            "00:00:60",
            "0:00:00",
            "00:00",
            "00:00:00:00",
            "+00:00:01",
            "--00:00:01",
            "1.2.00:00:00",
            "00:00:00.",
            "00:00:00.12345678",
            "00:00:0é",
            "999999999.00:00:00",
            " 00:00:00",
        ] {
            assert_eq!(milliseconds(text), None, "{text}");
        }
    }
}
