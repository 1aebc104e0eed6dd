//! Answers written straight into bytes.
//!
//! Stored bodies are JSON already, so a list only splices `metadata` and `raw` into them. History
//! is thousands of rows a page: fixed-point columns become decimal text without passing through a
//! float, and no row ever exists as an object.

use model::ids::Ulid;
use model::{RecordId, Timestamp};
use store::{RawRow, StoredRecord};

use crate::error::ApiError;
use crate::visibility;
use model::connection::Visibility;

/// A page under construction: `{"results":[…],"next":"…"}`.
pub(crate) struct Page {
    bytes: Vec<u8>,
    empty: bool,
}

impl Page {
    /// `capacity` is a guess in bytes.
    pub(crate) fn new(capacity: usize) -> Page {
        let mut bytes = Vec::with_capacity(capacity + 64);
        bytes.extend_from_slice(b"{\"results\":[");
        Page { bytes, empty: true }
    }

    /// Where the next row is to be written.
    pub(crate) fn row(&mut self) -> &mut Vec<u8> {
        if !self.empty {
            self.bytes.push(b',');
        }
        self.empty = false;
        &mut self.bytes
    }

    /// What was written so far: a row is continued at its end.
    pub(crate) fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// `next` is absent on the last page. Cursors need no escaping.
    pub(crate) fn finish(mut self, next: Option<String>) -> Vec<u8> {
        self.bytes.push(b']');
        if let Some(next) = next {
            self.bytes.extend_from_slice(b",\"next\":\"");
            self.bytes.extend_from_slice(next.as_bytes());
            self.bytes.push(b'"');
        }
        self.bytes.push(b'}');
        self.bytes
    }
}

/// `value` × 10^-`DECIMALS` (9 at most), without trailing zeros.
pub(crate) fn push_fixed<const DECIMALS: u32>(bytes: &mut Vec<u8>, value: i64) {
    const { assert!(DECIMALS <= 9, "the fraction is kept in 32 bits") };
    let magnitude = value.unsigned_abs();
    let scale = 10u64.pow(DECIMALS);
    let (mut whole, mut fraction) = (magnitude / scale, (magnitude % scale) as u32);
    // Sign, twenty digits, point and nine decimals; written from its middle to both sides.
    const POINT: usize = 21;
    let mut text = [b'0'; POINT + 10];
    let mut end = POINT;
    if fraction != 0 {
        text[POINT] = b'.';
        end += 1 + DECIMALS as usize;
        for slot in text[POINT + 1..end].iter_mut().rev() {
            *slot = b'0' + (fraction % 10) as u8;
            fraction /= 10;
        }
        while text[end - 1] == b'0' {
            end -= 1;
        }
    }
    let mut start = POINT;
    loop {
        start -= 1;
        text[start] = b'0' + (whole % 10) as u8;
        whole /= 10;
        if whole == 0 {
            break;
        }
    }
    if value < 0 {
        start -= 1;
        text[start] = b'-';
    }
    bytes.extend_from_slice(&text[start..end]);
}

/// A quoted JSON string.
pub(crate) fn push_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.push(b'"');
    // All bytes are looked at, whatever the first ones are: so the machine takes many at once.
    let plain = text.bytes().fold(true, |plain, byte| {
        plain & (byte >= 0x20) & (byte != b'"') & (byte != b'\\')
    });
    if plain {
        bytes.extend_from_slice(text.as_bytes());
    } else {
        push_escaped(bytes, text);
    }
    bytes.push(b'"');
}

fn push_escaped(bytes: &mut Vec<u8>, text: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => bytes.extend_from_slice(&[b'\\', byte]),
            b'\n' => bytes.extend_from_slice(b"\\n"),
            b'\r' => bytes.extend_from_slice(b"\\r"),
            b'\t' => bytes.extend_from_slice(b"\\t"),
            0..0x20 => {
                bytes.extend_from_slice(b"\\u00");
                bytes.push(HEX[usize::from(byte >> 4)]);
                bytes.push(HEX[usize::from(byte & 15)]);
            }
            byte => bytes.push(byte),
        }
    }
}

/// A quoted date and time.
pub(crate) fn push_time(bytes: &mut Vec<u8>, time: Timestamp) {
    bytes.push(b'"');
    bytes.extend_from_slice(&time.encode());
    bytes.push(b'"');
}

/// A quoted id.
pub(crate) fn push_id(bytes: &mut Vec<u8>, prefix: &str, ulid: Ulid) {
    bytes.push(b'"');
    bytes.extend_from_slice(prefix.as_bytes());
    bytes.extend_from_slice(&ulid.encode());
    bytes.push(b'"');
}

/// The `raw` of a row: those of its source rows that are still kept.
pub(crate) fn push_raw<'a>(
    bytes: &mut Vec<u8>,
    provider: &str,
    rows: impl IntoIterator<Item = &'a RawRow>,
) {
    bytes.extend_from_slice(b",\"raw\":[");
    for (index, row) in rows.into_iter().enumerate() {
        if index > 0 {
            bytes.push(b',');
        }
        bytes.extend_from_slice(b"{\"provider\":");
        push_text(bytes, provider);
        bytes.extend_from_slice(b",\"schema\":");
        push_text(bytes, &row.stream);
        bytes.extend_from_slice(b",\"extractedAt\":");
        push_time(bytes, row.extracted_at);
        bytes.extend_from_slice(b",\"data\":");
        bytes.extend_from_slice(row.data.as_bytes());
        bytes.push(b'}');
    }
    bytes.push(b']');
}

/// A record as served: its body with `metadata` spliced in, and `raw` where it was asked for.
pub(crate) fn push_record(
    bytes: &mut Vec<u8>,
    record: &StoredRecord,
    body: &str,
    visibility: Option<Visibility>,
    raw: Option<(&str, &[Option<RawRow>])>,
) -> Result<(), ApiError> {
    bytes.extend_from_slice(opened(body).ok_or_else(|| corrupt(record.id))?);
    bytes.extend_from_slice(b",\"metadata\":{\"addedAt\":");
    push_time(bytes, record.added_at);
    bytes.extend_from_slice(b",\"modifiedAt\":");
    push_time(bytes, record.modified_at);
    if let Some(deleted_at) = record.deleted_at {
        bytes.extend_from_slice(b",\"deletedAt\":");
        push_time(bytes, deleted_at);
    }
    if let Some(visibility) = visibility {
        bytes.extend_from_slice(b",\"visibility\":\"");
        bytes.extend_from_slice(visibility::name(visibility).as_bytes());
        bytes.push(b'"');
    }
    bytes.push(b'}');
    if let Some((provider, rows)) = raw {
        push_raw(bytes, provider, rows.iter().flatten());
    }
    bytes.push(b'}');
    Ok(())
}

/// A row that the contract serves without `metadata`: its body alone, and `raw`.
pub(crate) fn push_plain<'a>(
    bytes: &mut Vec<u8>,
    body: &str,
    raw: Option<(&str, impl IntoIterator<Item = &'a RawRow>)>,
) -> Result<(), ApiError> {
    let open = opened(body).ok_or_else(|| ApiError::internal("a row is no JSON object"))?;
    bytes.extend_from_slice(open);
    if let Some((provider, rows)) = raw {
        push_raw(bytes, provider, rows);
    }
    bytes.push(b'}');
    Ok(())
}

/// A body without its last brace.
fn opened(body: &str) -> Option<&[u8]> {
    let open = body.strip_suffix('}').filter(|open| open.len() > 1)?;
    Some(open.as_bytes())
}

pub(crate) fn corrupt(id: RecordId) -> ApiError {
    ApiError::internal(format_args!("the body of {id} is no JSON object"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Model, units};

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut bytes = Vec::new();
        write(&mut bytes);
        String::from_utf8(bytes).expect("UTF-8")
    }

    #[test]
    fn fixed_point_is_written_without_loss() {
        let check = |value: i64, want: &str| {
            assert_eq!(written(|bytes| push_fixed::<2>(bytes, value)), want);
        };
        check(0, "0");
        check(9_533, "95.33");
        check(9_530, "95.3");
        check(9_500, "95");
        check(5, "0.05");
        check(-5, "-0.05");
        check(-12_340, "-123.4");
        check(i64::MIN, "-92233720368547758.08");
        let degrees = |value: i64| written(|bytes| push_fixed::<7>(bytes, value));
        assert_eq!(degrees(377_749_295), "37.7749295");
        assert_eq!(degrees(-1_224_194_155), "-122.4194155");
        assert_eq!(degrees(1), "0.0000001");
        assert_eq!(degrees(-100_000_000), "-10");
        assert_eq!(
            written(|bytes| push_fixed::<0>(bytes, 1_800_000)),
            "1800000"
        );
    }

    #[test]
    fn fixed_point_reads_back_as_the_served_number() {
        let mut state = 11u64;
        for _ in 0..20_000 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let value = (state >> 20) as i64 - (1 << 43);
            let text = written(|bytes| push_fixed::<2>(bytes, value));
            assert_eq!(
                text.parse::<f64>().expect("a number"),
                units::from_hundredths(value)
            );
            let degrees = (state >> 33) as i32;
            let text = written(|bytes| push_fixed::<7>(bytes, i64::from(degrees)));
            assert_eq!(
                text.parse::<f64>().expect("a number"),
                units::from_degrees_e7(degrees)
            );
        }
    }

    #[test]
    fn texts_are_escaped_as_json_needs() {
        for text in [
            "",
            "plain é",
            "a \"quoted\" \\ one",
            "tab\tline\nbell\u{7}\r",
            "🚚",
        ] {
            let json = written(|bytes| push_text(bytes, text));
            assert_eq!(serde_json::from_str::<String>(&json).expect("JSON"), text);
        }
    }

    #[test]
    fn metadata_and_raw_are_spliced_in() {
        let time = Timestamp::from_millis(0);
        let id = RecordId::parse(Model::Vehicle, "vcl_01GV12VR4DJP70GD1ZBK0SDWFH").expect("an id");
        let record = StoredRecord {
            id,
            status: None,
            body: r#"{"id":"x"}"#.to_owned(),
            added_at: time,
            modified_at: time,
            deleted_at: Some(time),
            raw: Vec::new(),
        };
        let row = RawRow {
            stream: "vehicles".to_owned(),
            extracted_at: time,
            data: "{}".to_owned(),
        };
        let raw = [None, Some(row)];
        let text = written(|bytes| {
            let raw = Some(("samsara", &raw[..]));
            push_record(bytes, &record, &record.body, Some(Visibility::Deleted), raw)
                .expect("a good body");
        });
        assert_eq!(
            text,
            concat!(
                r#"{"id":"x","metadata":{"addedAt":"1970-01-01T00:00:00.000Z","#,
                r#""modifiedAt":"1970-01-01T00:00:00.000Z","#,
                r#""deletedAt":"1970-01-01T00:00:00.000Z","visibility":"deleted"},"#,
                r#""raw":[{"provider":"samsara","schema":"vehicles","#,
                r#""extractedAt":"1970-01-01T00:00:00.000Z","data":{}}]}"#
            )
        );
        assert!(push_record(&mut Vec::new(), &record, "[]", None, None).is_err());
    }

    #[test]
    fn a_page_has_a_next_or_none() {
        let mut page = Page::new(0);
        page.row().push(b'1');
        page.row().push(b'2');
        assert_eq!(
            page.finish(Some("abc".to_owned())),
            br#"{"results":[1,2],"next":"abc"}"#
        );
        assert_eq!(Page::new(0).finish(None), br#"{"results":[]}"#);
    }
}
