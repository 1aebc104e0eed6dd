//! Recorded answers in, drafts, points, news, notices and requests out. The answers of `fixtures/`
//! were written for these tests; what MyGeotab itself sends is read in [`samples`].

mod drops;
mod entities;
mod events;
mod faults;
mod history;
mod hos;
mod live;
mod refusals;
mod requests;
mod safety;
mod samples;
mod sessions;
mod sound;
mod watches;

use std::fmt::Write;

use expect_test::Expect;
use model::history::{LocationPoint, Values};
use model::{IdSpace, Timestamp, Window, Zone};
use provider::{
    Answer, Credentials, Grain, Member, Next, Page, Partition, PartitionBy, Position, Provider,
    ProviderError, Secret, Session, Shape, Stream, Task,
};

use super::PROVIDERS;

/// A file of `fixtures/`, for the modules below this one.
macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("../fixtures/", $name, ".json")).as_slice()
    };
}
use fixture;

fn geotab() -> &'static dyn Provider {
    PROVIDERS[0]
}

fn ids() -> IdSpace {
    IdSpace {
        connection: "conn_01GV12VR4DJP70GD1ZBK0SDWFH".parse().expect("an id"),
        created_at: Timestamp::from_millis(1_678_406_345_869),
    }
}

fn stream(name: &str) -> &'static Stream {
    geotab().descriptor().stream(name).expect("a stream")
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

/// Whom and when a stream is asked about here: the hour above, or the day or month it lies in.
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
                PartitionBy::Vehicle => {
                    members(["b1", "b2"], |id| Member::Vehicle(ids().vehicle(id)))
                }
                PartitionBy::Driver => {
                    members(["b101", "b102"], |id| Member::Driver(ids().driver(id)))
                }
            };
            if name == "status_data" {
                partitions.truncate(1);
            }
            let day = zone().date_of(window().from);
            let window = match shape.grain {
                Grain::Instant => window(),
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

fn members(source_ids: [&str; 2], member: fn(&str) -> Member) -> Vec<Partition> {
    source_ids
        .map(|source_id| Partition {
            member: member(source_id),
            source_id: source_id.to_owned(),
        })
        .to_vec()
}

fn credentials() -> Credentials {
    let fields = [
        ("username", "sync@carrier.example"),
        ("password", "correct horse battery"),
        ("database", "carrier_database"),
    ];
    let secrets = fields.map(|(name, text)| (name.to_owned(), Secret::new(text)));
    Credentials(secrets.into_iter().collect())
}

fn session() -> Session {
    let secrets = [
        ("sessionId", "not-a-real-session"),
        ("userName", "sync@carrier.example"),
    ];
    Session {
        secrets: secrets
            .map(|(name, text)| (name.to_owned(), Secret::new(text)))
            .into(),
        account: Some("carrier_database".to_owned()),
        ..Session::default()
    }
}

fn answer(status: u16, body: &[u8]) -> Answer<'_> {
    Answer {
        status,
        headers: &[],
        body,
        received_at: time("2026-03-01T12:00:00Z"),
    }
}

/// Reads `body` as an answer to a stream in its setting.
fn read(name: &str, position: Option<&str>, body: &[u8]) -> Result<Page, ProviderError> {
    with_task(name, position, |task| {
        geotab().read(task, &answer(200, body))
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

/// The position that a first page leads to.
fn position_after(name: &str, body: &[u8]) -> String {
    match read(name, None, body).expect("a page").next {
        Next::Page(position) => position.0,
        other => panic!("{name}: {other:?}"),
    }
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
            let id = series.points.source_id.get(index).expect("an id");
            line(&mut text, format_args!("  {time} {id} {value} at {token}"));
        }
    }
    for news in &page.news {
        line(
            &mut text,
            format_args!("{} of {}", news.stream, news.member),
        );
        line(&mut text, format_args!("  {}", news.window));
    }
    for notice in &page.notices {
        let (code, place) = (notice.code.name(), &notice.place);
        line(&mut text, format_args!("{code} at {place}:"));
        line(&mut text, format_args!("  {}", notice.reason));
    }
    if !page.zones.is_empty() {
        line(&mut text, format_args!("zones {}", page.zones.join(" ")));
    }
    match &page.next {
        Next::Page(position) => {
            line(&mut text, format_args!("next {}", wrapped(&position.0)));
        }
        Next::Later(position) => line(&mut text, format_args!("later {}", position.0)),
        Next::End => line(&mut text, format_args!("end")),
    }
    text
}

/// Fixed-point numbers as they are kept, `-` for what is absent.
fn position(point: LocationPoint<'_>) -> String {
    assert!(point.heading_centi.is_none() && point.address.is_none() && point.driver.is_none());
    let speed = point
        .speed_centi_kph
        .map_or("-".to_owned(), |n| n.to_string());
    format!("{} {} speed {speed}", point.latitude_e7, point.longitude_e7)
}

/// In lines that fit on a screen, broken behind commas.
fn wrapped(text: &str) -> String {
    const WIDTH: usize = 76;
    let mut wrapped = String::new();
    let mut width = 0;
    for part in text.split_inclusive(',') {
        if width > 0 && width + part.len() > WIDTH {
            wrapped.push_str("\n  ");
            width = 0;
        }
        wrapped.push_str(part);
        width = match part.rsplit_once('\n') {
            Some((_, last)) => last.len(),
            None => width + part.len(),
        };
    }
    wrapped
}

fn line(text: &mut String, what: std::fmt::Arguments<'_>) {
    writeln!(text, "{what}").expect("writing to a String");
}

/// The time of day at an offset: enough to see that it is the row's own time.
fn time_at(body: &[u8], offset: usize) -> String {
    let time = &body[offset..];
    assert_eq!(time[10], b'T', "the offset is that of a time");
    String::from_utf8_lossy(&time[11..19]).into_owned()
}
