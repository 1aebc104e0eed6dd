//! Recorded answers in, drafts, points, notices and requests out. The answers of `fixtures/` were
//! written for these tests; what Samsara itself sends is read in [`samples`].

mod entities;
mod events;
mod faults;
mod feeds;
mod history;
mod hos;
mod live;
mod refusals;
mod reports;
mod samples;
mod session;
mod sound;

use std::fmt::Write;

use expect_test::Expect;
use model::history::{LocationPoint, Values};
use model::{IdSpace, Timestamp, Window, Zone};
use provider::{
    Answer, Credentials, Grain, Member, Next, Page, Partition, PartitionBy, Position, Provider,
    ProviderError, Secret, Shape, Stream, Task,
};

use super::{DESCRIPTOR, Samsara};

/// A file of `fixtures/`, for the modules below this one.
macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("../fixtures/", $name)).as_slice()
    };
}
use fixture;

fn ids() -> IdSpace {
    IdSpace {
        connection: "conn_01GV12VR4DJP70GD1ZBK0SDWFH".parse().expect("an id"),
        created_at: Timestamp::from_millis(1_678_406_345_869),
    }
}

fn stream(name: &str) -> &'static Stream {
    DESCRIPTOR.stream(name).expect("a stream of Samsara")
}

fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn window() -> Window {
    Window::new(time("2026-03-01T08:00:00Z"), time("2026-03-01T09:00:00Z")).expect("an hour")
}

fn zone() -> Zone {
    Zone::named("America/Chicago").expect("a zone")
}

/// Whom and when a stream is asked about here: the hour above, or the days or month it lies in.
struct Setting {
    ids: IdSpace,
    zone: Zone,
    partitions: Vec<Partition>,
    window: Option<Window>,
}

fn setting(name: &str) -> Setting {
    let (partitions, window) = match &stream(name).shape {
        Shape::Listing { .. } => (Vec::new(), None),
        Shape::Feed(_) | Shape::Watch(_) => (Vec::new(), Some(window())),
        Shape::Window(shape) => {
            let mut partitions = match shape.partition {
                PartitionBy::Vehicle => vehicles(),
                PartitionBy::Driver => drivers(),
            };
            partitions.truncate(shape.max_batch);
            let day = zone().date_of(window().from);
            let window = match shape.grain {
                Grain::Instant => window(),
                Grain::Day if name == "hos.daily" => Window {
                    from: zone().start_of(day.previous()),
                    until: zone().start_of(day.next()),
                },
                Grain::Day => zone().day(day),
                Grain::Month => zone().month(day.month()),
            };
            (partitions, Some(window))
        }
    };
    Setting {
        ids: ids(),
        zone: zone(),
        partitions,
        window,
    }
}

fn vehicles() -> Vec<Partition> {
    (101..=103)
        .map(|number| {
            let source_id = format!("550000000000{number}");
            Partition {
                member: Member::Vehicle(ids().vehicle(&source_id)),
                source_id,
            }
        })
        .collect()
}

fn drivers() -> Vec<Partition> {
    (88001..=88003)
        .map(|number: u32| {
            let source_id = number.to_string();
            Partition {
                member: Member::Driver(ids().driver(&source_id)),
                source_id,
            }
        })
        .collect()
}

fn credentials(field: &str, secret: &str) -> Credentials {
    let mut credentials = Credentials::default();
    let secret = Secret::new(secret);
    credentials.0.insert(field.to_owned(), secret);
    credentials
}

fn key() -> Credentials {
    credentials("apiKey", "samsara_api_not_a_real_token")
}

fn answer(status: u16, body: &[u8]) -> Answer<'_> {
    Answer {
        status,
        headers: &[],
        body,
        received_at: Timestamp::from_millis(1_780_000_000_000),
    }
}

/// Reads `body` as an answer to a stream in its setting.
fn read(name: &str, position: Option<&str>, body: &[u8]) -> Result<Page, ProviderError> {
    with_task(name, position, |task| {
        Samsara.read(task, &answer(200, body))
    })
}

fn with_task<T>(name: &str, position: Option<&str>, run: impl FnOnce(&Task<'_>) -> T) -> T {
    let position = position.map(|text| Position(text.to_owned()));
    let setting = setting(name);
    run(&Task {
        stream: stream(name),
        ids: &setting.ids,
        zone: &setting.zone,
        partitions: &setting.partitions,
        window: setting.window,
        position: position.as_ref(),
    })
}

fn check(name: &str, position: Option<&str>, body: &[u8], expected: &Expect) {
    let text = match read(name, position, body) {
        Ok(page) => rendered(&page, body),
        Err(error) => error.to_string(),
    };
    expected.assert_eq(&text);
}

/// A page as lines: what a reviewer wants to see of it.
fn rendered(page: &Page, body: &[u8]) -> String {
    let mut text = String::new();
    if let Some(account) = &page.account {
        line(&mut text, format_args!("{account:#?}"));
    }
    for draft in &page.drafts {
        let served: serde_json::Value = serde_json::from_str(&draft.body).expect("JSON");
        line(&mut text, format_args!("{} {served:#}", draft.natural_key));
        for range in &draft.raw {
            let from = range.offset as usize;
            let row = &body[from..from + range.length as usize];
            assert!(
                row.starts_with(b"{") && row.ends_with(b"}"),
                "the range is the row"
            );
        }
    }
    for series in &page.points {
        let (vehicle, key, rank) = (series.vehicle, &series.series, series.rank);
        line(&mut text, format_args!("{key} rank {rank}"));
        line(&mut text, format_args!("  of {vehicle}"));
        for index in 0..series.points.len() {
            let value = match &series.points.values {
                Values::Location(columns) => position(columns.get(index)),
                Values::Stat(values) => values[index].to_string(),
            };
            let token = match series.points.raw_offset[index] {
                u32::MAX => "unknown".to_owned(),
                offset => time_at(body, offset as usize),
            };
            let time = series.points.time[index];
            line(&mut text, format_args!("  {time} {value} at {token}"));
        }
    }
    for notice in &page.notices {
        let (code, place) = (notice.code.name(), &notice.place);
        // Long places get a line of their own.
        let space = if place.len() > 40 { "\n  " } else { " " };
        line(&mut text, format_args!("{code} at{space}{place}:"));
        line(&mut text, format_args!("  {}", notice.reason));
    }
    for withdrawal in &page.withdrawals {
        line(&mut text, format_args!("withdrawn {}", withdrawal.id));
    }
    if !page.zones.is_empty() {
        line(&mut text, format_args!("zones {}", page.zones.join(" ")));
    }
    match &page.next {
        Next::Page(position) => line(&mut text, format_args!("next {}", position.0)),
        Next::Later(position) => line(&mut text, format_args!("later {}", position.0)),
        Next::End => line(&mut text, format_args!("end")),
    }
    text
}

/// Fixed-point numbers as they are kept, `-` for what is absent.
fn position(point: LocationPoint<'_>) -> String {
    let shown = |number: Option<i32>| number.map_or("-".to_owned(), |n| n.to_string());
    format!(
        "{} {} heading {} speed {}{}",
        point.latitude_e7,
        point.longitude_e7,
        shown(point.heading_centi),
        shown(point.speed_centi_kph),
        point
            .address
            .map_or_else(String::new, |text| format!("\n    {text}")),
    )
}

/// Path and query with a parameter a line.
fn asked(name: &str, position: Option<&str>) -> String {
    let text = with_task(name, position, |task| {
        Samsara.request(task).path_and_query()
    });
    text.replace(['?', '&'], "\n    ")
}

fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    writeln!(text, "{arguments}").expect("a String takes everything");
}

/// The time of day at an offset: enough to see that it is the reading's own time.
fn time_at(body: &[u8], offset: usize) -> String {
    let time = &body[offset..];
    assert_eq!(time[10], b'T', "the offset is that of a time");
    String::from_utf8_lossy(&time[11..19]).into_owned()
}
