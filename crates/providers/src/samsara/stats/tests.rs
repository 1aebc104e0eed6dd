//! The two walks agree: what the scanner reads, serde would have read.

use model::{IdSpace, Timestamp, Window, Zone};
use provider::{Page, Task};

use super::date::LastDate;
use super::{DESCRIPTOR, Reading, quick, visitors};
use crate::json::Scalar;
use crate::samsara::wire::stats::{GpsRow, StatRow};
use crate::scan::Scanner;

const PAGES: &[(&str, &str)] = &[
    (
        "stats.motion",
        include_str!("../fixtures/stats-motion.json"),
    ),
    (
        "stats.motion",
        include_str!("../fixtures/stats-motion-last.json"),
    ),
    (
        "stats.motion",
        include_str!("../fixtures/stats-motion-unusable.json"),
    ),
    (
        "stats.distance",
        include_str!("../fixtures/stats-distance.json"),
    ),
    (
        "stats.engine",
        include_str!("../fixtures/stats-engine.json"),
    ),
    (
        "stats.health",
        include_str!("../fixtures/stats-health.json"),
    ),
    ("feed.motion", include_str!("../fixtures/feed-motion.json")),
];

/// What machines and people break JSON with.
const PIECES: &[&str] = &[
    "",
    " ",
    "\n",
    "\t",
    "\u{b}",
    "\u{7f}",
    "é",
    "\"",
    "\\",
    "\\u0041",
    "\\\"",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "0",
    "00",
    "1",
    "9",
    "-",
    ".",
    "e3",
    "E-2",
    "1e999",
    "123456789012345678901",
    "null",
    "true",
    "trueish",
    "false",
    "tru",
    "{}",
    "[1,{}]",
    "\"time\":\"2026-03-01T08:00:00Z\",",
    "\"latitude\":1,",
    "\"value\":-0,",
    "\"id\":7,",
    "\"reverseGeo\":{},",
    "\"gps\":[],",
    "\"data\":[],",
    "\"pagination\":{\"hasNextPage\":false},",
];

type Outcome = Option<(Page, String, bool)>;

/// What both walks make of a page; serde's error is `None` too.
fn both(stream: &str, body: &str) -> (Outcome, Outcome) {
    let ids = IdSpace {
        connection: "conn_01GV12VR4DJP70GD1ZBK0SDWFH".parse().expect("an id"),
        created_at: Timestamp::from_millis(1_678_406_345_869),
    };
    let time = |text| Timestamp::parse(text).expect("a time");
    let window = Window::new(time("2026-03-01T08:00:00Z"), time("2026-03-01T09:00:00Z"));
    let zone = Zone::named("America/Chicago").expect("a zone");
    let task = Task {
        stream: DESCRIPTOR.stream(stream).expect("a stream"),
        ids: &ids,
        zone: &zone,
        partitions: &[],
        window,
        position: None,
    };
    let reading = || Reading {
        task: &task,
        signals: DESCRIPTOR.signals(task.stream),
        body_start: body.as_ptr() as usize,
        window: window.expect("an hour"),
        date: LastDate::default(),
        page: Page::default(),
    };
    let (mut by_scanner, mut by_serde) = (reading(), reading());
    let scanned = quick::read(&mut by_scanner, body)
        .map(|end| (by_scanner.page, end.end_cursor.into(), end.has_next_page));
    let read = visitors::read(&mut by_serde, body)
        .ok()
        .map(|end| (by_serde.page, end.end_cursor.into(), end.has_next_page));
    (scanned, read)
}

fn assert_agree(stream: &str, body: &str) -> bool {
    let (scanned, read) = both(stream, body);
    let was_scanned = scanned.is_some();
    if was_scanned {
        assert_eq!(format!("{scanned:?}"), format!("{read:?}"), "{body}");
    }
    was_scanned
}

#[test]
fn sound_pages_need_no_second_walk() {
    for (stream, body) in PAGES {
        assert!(assert_agree(stream, body), "{body}");
    }
}

#[test]
fn broken_pages_are_read_alike_or_left_to_serde() {
    let mut state = 20_260_301u64;
    let mut below = |most: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % most
    };
    let mut scanned = 0;
    for round in 0..4_000 {
        let (stream, body) = PAGES[round % PAGES.len()];
        let mut body = body.to_owned();
        for _ in 0..=below(2) {
            let mut places = [below(body.len()), 0];
            places[1] = (places[0] + below(3)).min(body.len());
            if places.iter().all(|place| body.is_char_boundary(*place)) {
                body.replace_range(places[0]..places[1], PIECES[below(PIECES.len())]);
            }
        }
        scanned += usize::from(assert_agree(stream, &body));
    }
    assert!(scanned > 500, "{scanned}");
}

#[test]
fn numbers_are_those_of_serde_or_left_to_it() {
    let scanned = |json: &str| {
        let mut member = Scalar::Absent;
        Scanner::new(json).number(&mut member)?;
        match member {
            Scalar::Number(number) => Some(number.to_bits()),
            other => panic!("{}, not a number", other.kind()),
        }
    };
    let usual = "0 -0 7 -7 12345678 123456789 0.5 -87.6297982 41.8781136 0.00000001 \
                 9007199254740993 -9007199254740993 123456789012345678 1.23456789012345678 \
                 12345678.12345678";
    for text in usual.split(' ') {
        let want: f64 = serde_json::from_str(text).expect("a number");
        for behind in [",", " }        ", ""] {
            let json = format!("{text}{behind}");
            assert_eq!(scanned(&json), Some(want.to_bits()), "{json}");
        }
    }
    for text in "1234567890123456789 1e5 1.5E-3 01 -01 - 1. 1.e3 .5 --1 +1 null".split(' ') {
        assert_eq!(scanned(text), None, "{text}");
    }
}

#[test]
fn usual_rows_are_not_left_to_serde() {
    let text = r#"{"time":"2026-03-01T08:00:00Z","latitude":41.9,"longitude":-87.7,
        "headingDegrees":7,"speedMilesPerHour":5.5,"isEcuSpeed":true,"note":"a b",
        "reverseGeo":{"formattedLocation":"1 Test Street"},"address":{"id":"1"}}"#;
    let mut row = GpsRow::default();
    assert!(row.scan(&mut Scanner::new(text)).is_some());
    let mut row = StatRow::default();
    let text = r#"{ "time" : "2026-03-01T08:00:00Z", "value" : "On" }"#;
    assert!(row.scan(&mut Scanner::new(text)).is_some());
}

#[test]
fn times_are_those_of_the_model() {
    let mut date = LastDate::default();
    let times = [
        "2026-03-01T08:00:00Z",
        "2026-03-01T23:59:59.999Z",
        "2026-03-01T23:59:60Z",
        "2026-03-01T24:00:00Z",
        "2026-03-01T08:60:00Z",
        "2026-03-01T08:00:00.5Z",
        "2026-03-01T08:00:00.5001Z",
        "2026-03-01T08:00:00",
        "2026-03-01T0:00:000Z",
        "2026-03-01T08:0x:00Z",
        "2026-03-01t08:00:00z",
        "2026-03-01T00:30:00+02:00",
        "2026-03-01T00:30:00Z",
        "2026-03-02T00:30:00-07:00",
        "2026-03-02T00:30:00.000Z",
        "2026-02-30T00:00:00Z",
        "2026-02-30T00:00:00.000Z",
        "",
        "2026-03-02",
    ];
    for text in times.into_iter().chain(times) {
        assert_eq!(date.parse(text), Timestamp::parse(text), "{text}");
    }
}
