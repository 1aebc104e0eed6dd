//! The formats and patterns that the contract uses, each with a matcher of its own.
//!
//! No regular expressions: two dozen patterns of six kinds do not pay for a dependency. A pattern
//! of a seventh kind is refused when the contract is read.

/// Formats that say no more than "a text".
const FREE_FORMATS: [&str; 4] = ["password", "cursor", "binary", "user-agent"];
const CROCKFORD: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const ULID_PATTERN: &str = "[0-9A-HJKMNP-TV-Z]{26}$";
/// The same of 128 bits, which is what a ULID has.
const EXACT_ULID_PATTERN: &str = "[0-7][0-9A-HJKMNP-TV-Z]{25}$";

pub(super) fn knows_format(format: &str) -> bool {
    FREE_FORMATS.contains(&format)
        || ["date-time", "date", "uri", "email", "ipv4", "ulid"].contains(&format)
}

/// # Panics
/// On a format that [`knows_format`] does not know.
pub(super) fn has_format(format: &str, text: &str) -> bool {
    match format {
        "date-time" => is_date_time(text),
        "date" => is_date(text),
        "uri" => is_uri(text),
        "email" => is_email(text),
        "ipv4" => text.parse::<std::net::Ipv4Addr>().is_ok(),
        // The contract's ids carry a prefix before their ULID.
        "ulid" => is_ulid(text.rsplit('_').next().unwrap_or(text)),
        _ if FREE_FORMATS.contains(&format) => true,
        _ => panic!("the format `{format}` is not known"),
    }
}

/// A kind of pattern, read from its text.
enum Pattern<'a> {
    /// `^vcl_[…]{26}$`, or exactly `^vcl_[0-7][…]{25}$`
    Ulid {
        prefix: &'a str,
        exact: bool,
    },
    /// `^con_tkn_\S+$`
    Token {
        prefix: &'a str,
    },
    Phone,
    Month,
    ShortCode,
}

fn read_pattern(pattern: &str) -> Option<Pattern<'_>> {
    let body = pattern.strip_prefix('^')?;
    match body {
        r"\+?\d{10,14}$" => return Some(Pattern::Phone),
        r"(\d{4})-(0[1-9]|1[0-2])$" | "[0-9]{4}-(0[1-9]|1[0-2])$" => {
            return Some(Pattern::Month);
        }
        "[a-hjkmnp-z2-9]{8}$" => return Some(Pattern::ShortCode),
        _ => {}
    }
    let plain = |prefix: &str| {
        prefix.ends_with('_')
            && prefix
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    for (pattern, exact) in [(ULID_PATTERN, false), (EXACT_ULID_PATTERN, true)] {
        if let Some(prefix) = body.strip_suffix(pattern).filter(|prefix| plain(prefix)) {
            return Some(Pattern::Ulid { prefix, exact });
        }
    }
    let prefix = body.strip_suffix(r"\S+$").filter(|prefix| plain(prefix))?;
    Some(Pattern::Token { prefix })
}

pub(super) fn knows_pattern(pattern: &str) -> bool {
    read_pattern(pattern).is_some()
}

/// # Panics
/// On a pattern that [`knows_pattern`] does not know.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    match read_pattern(pattern) {
        Some(Pattern::Ulid { prefix, exact }) => text
            .strip_prefix(prefix)
            .is_some_and(|ulid| is_ulid(ulid) && (!exact || ulid < "8")),
        Some(Pattern::Token { prefix }) => text
            .strip_prefix(prefix)
            .is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace)),
        Some(Pattern::Phone) => {
            let digits = text.strip_prefix('+').unwrap_or(text);
            (10..=14).contains(&digits.len()) && is_digits(digits)
        }
        Some(Pattern::Month) => text
            .split_once('-')
            .is_some_and(|(year, month)| number(year, 4).is_some() && is_month(month)),
        Some(Pattern::ShortCode) => {
            let (letters, digits) = ("abcdefghjkmnpqrstuvwxyz", "23456789");
            text.len() == 8
                && text
                    .chars()
                    .all(|c| letters.contains(c) || digits.contains(c))
        }
        None => panic!("the pattern `{pattern}` is of no kind that is known"),
    }
}

fn is_ulid(text: &str) -> bool {
    text.len() == 26 && text.chars().all(|c| CROCKFORD.contains(c))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number of exactly so many digits.
fn number(text: &str, digits: usize) -> Option<u32> {
    (text.len() == digits && is_digits(text)).then(|| text.parse().ok())?
}

fn is_month(text: &str) -> bool {
    number(text, 2).is_some_and(|month| (1..=12).contains(&month))
}

fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next(), parts.next(), parts.next());
    let (Some(year), Some(month), Some(day), None) = (year, month, day, parts.next()) else {
        return false;
    };
    let Some(year) = number(year, 4).filter(|_| is_month(month)) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        "02" if leap => 29,
        "02" => 28,
        "04" | "06" | "09" | "11" => 30,
        _ => 31,
    };
    number(day, 2).is_some_and(|day| (1..=days).contains(&day))
}

/// RFC 3339.
fn is_date_time(text: &str) -> bool {
    let Some((date, rest)) = text.split_once(['T', 't']) else {
        return false;
    };
    let Some(split) = rest.find(['Z', 'z', '+', '-']) else {
        return false;
    };
    let (time, offset) = rest.split_at(split);
    let (clock, fraction) = match time.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (time, None),
    };
    is_date(date)
        && is_clock(clock, 3)
        && fraction.is_none_or(is_digits)
        && (offset.eq_ignore_ascii_case("z") || is_clock(&offset[1..], 2))
}

/// `hh:mm:ss` (three parts) or `hh:mm` (two).
fn is_clock(text: &str, parts: usize) -> bool {
    let limits = [23, 59, 60];
    text.split(':').count() == parts
        && text
            .split(':')
            .zip(limits)
            .all(|(part, most)| number(part, 2).is_some_and(|value| value <= most))
}

/// Absolute, with a host or something else behind the scheme, without characters that a URI must
/// encode. The contract's own `{CONNECTION_ID}` in an example is not served by anybody.
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let starts_well = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    let scheme_fits = scheme
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let rest_fits = rest
        .chars()
        .all(|c| c.is_ascii_graphic() && !"\"<>\\^`{|}".contains(c));
    let host_fits = rest.strip_prefix("//").is_none_or(|rest| {
        rest.split(['/', '?', '#'])
            .next()
            .is_some_and(|host| !host.is_empty())
    });
    starts_well && scheme_fits && rest_fits && host_fits && !rest.is_empty()
}

fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty()
            && !host.is_empty()
            && !host.contains('@')
            && !text.contains(char::is_whitespace)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(format: &str, good: &[&str], bad: &[&str]) {
        assert!(knows_format(format));
        for text in good {
            assert!(has_format(format, text), "{text} should be a {format}");
        }
        for text in bad {
            assert!(!has_format(format, text), "{text} should be no {format}");
        }
    }

    #[test]
    fn formats_take_what_they_name_and_nothing_else() {
        check(
            "date-time",
            &[
                "2021-01-06T03:24:53.000Z",
                "2021-01-06T03:24:53Z",
                "2024-02-29T23:59:60+05:30",
                "2021-01-06t03:24:53.123456-08:00",
            ],
            &[
                "",
                "2021-01-06",
                "2021-01-06 03:24:53Z",
                "2021-01-06T03:24:53",
                "2021-02-29T03:24:53Z",
                "2021-13-06T03:24:53Z",
                "2021-01-06T24:00:00Z",
                "2021-01-06T03:24Z",
                "2021-01-06T03:24:53.Z",
                "2021-01-06T03:24:53+0530",
            ],
        );
        check(
            "date",
            &["2021-01-06"],
            &["2021-1-6", "2021-04-31", "2021-01-06-01", "20210106"],
        );
        check(
            "uri",
            &[
                "https://example.com/a?b=c",
                "http://127.0.0.1:80",
                "mailto:a@b",
            ],
            &[
                "",
                "example.com",
                "/a",
                "https://",
                "https://a b",
                "1https://a",
                "https://a/{ID}",
            ],
        );
        check("email", &["a@b"], &["a", "@b", "a@", "a@b@c", "a b@c"]);
        check("ipv4", &["10.0.0.1"], &["10.0.0", "10.0.0.256", "::1"]);
        check(
            "ulid",
            &[
                "01D8ZQFGHVJ858NBF2Q7DV9MNC",
                "requ_01D8ZQFGHVJ858NBF2Q7DV9MNC",
            ],
            &[
                "",
                "01D8ZQFGHVJ858NBF2Q7DV9MN",
                "01D8ZQFGHVJ858NBF2Q7DV9MNI",
            ],
        );
        check("cursor", &["anything"], &[]);
        assert!(!knows_format("uuid"));
    }

    #[test]
    fn patterns_take_what_they_say_and_nothing_else() {
        let check = |pattern: &str, good: &[&str], bad: &[&str]| {
            assert!(knows_pattern(pattern), "{pattern}");
            for text in good {
                assert!(matches(pattern, text), "{text} should match {pattern}");
            }
            for text in bad {
                assert!(!matches(pattern, text), "{text} should not match {pattern}");
            }
        };
        check(
            "^vcl_loc_[0-9A-HJKMNP-TV-Z]{26}$",
            &["vcl_loc_01D8ZQFGHVJ858NBF2Q7DV9MNC"],
            &[
                "vcl_01D8ZQFGHVJ858NBF2Q7DV9MNC",
                "vcl_loc_01d8zqfghvj858nbf2q7dv9mnc",
                "vcl_loc_01D8ZQFGHVJ858NBF2Q7DV9MNCX",
                "01D8ZQFGHVJ858NBF2Q7DV9MNC",
            ],
        );
        check(
            "^vcl_[0-7][0-9A-HJKMNP-TV-Z]{25}$",
            &[
                "vcl_01D8ZQFGHVJ858NBF2Q7DV9MNC",
                "vcl_7ZZZZZZZZZZZZZZZZZZZZZZZZZ",
            ],
            &[
                "vcl_81D8ZQFGHVJ858NBF2Q7DV9MNC",
                "vcl_Z1D8ZQFGHVJ858NBF2Q7DV9MNC",
            ],
        );
        check(
            r"^con_tkn_\S+$",
            &["con_tkn_a"],
            &["con_tkn_", "con_tkn_a b", "tkn_a"],
        );
        check(
            r"^\+?\d{10,14}$",
            &["+19058084567", "19058084567"],
            &[
                "+1905808456x",
                "905808456",
                "++19058084567",
                "190580845671234",
            ],
        );
        check(
            r"^(\d{4})-(0[1-9]|1[0-2])$",
            &["2021-01"],
            &["2021-00", "2021-13", "21-01"],
        );
        check(
            "^[a-hjkmnp-z2-9]{8}$",
            &["abcdefg2"],
            &["abcdefgi", "abcdefg1", "abcdefg"],
        );
    }

    #[test]
    fn a_pattern_of_another_kind_is_refused() {
        for pattern in [
            "",
            "^a+$",
            "vcl_[0-9A-HJKMNP-TV-Z]{26}$",
            r"^\S+$",
            "^[A-Z]{17}$",
        ] {
            assert!(!knows_pattern(pattern), "{pattern}");
        }
    }
}
