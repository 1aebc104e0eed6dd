//! Bytes that a location takes: without its address, with it, and with its page kept.
//!
//! The pages are the simulator's and go through the connector's mapping, so that the columns beside
//! the coordinates (raw offsets, page numbers) are what they are in earnest.

use model::time::DAY_MS;
use model::{Points, TextColumn, Timestamp, Values, Window, Zone};
use provider::{Answer, Next, Provider, Task};
use simulator::{SimRequest, SimulatedProvider, Vendor};
use store::{PageBody, PagePoints, RawPage, StorageReport};
use world::Encoding;

use crate::cli::Settings;
use crate::deployment::{Deployment, NOW, PROVIDER};
use crate::error::BenchError;
use crate::page_server::{PageServerArgs, TOKEN, simulated};
use crate::process;
use crate::scratch::Scratch;
use crate::selection::Selection;
use crate::table::{Line, Table, grouped};
use crate::writer::Writer;

const ROW: &str = "storage";
const STREAM: &str = "stats.motion";
const MOST_BYTES: f64 = 10.0;
const MOST_BYTES_WITH_PAGE: f64 = 40.0;

/// What is done to the points before they are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Variant {
    NoAddress,
    AsGiven,
    /// Every point has an id of the provider's, 36 characters that nothing can shorten.
    SourceIds,
}

pub fn run(settings: &Settings, table: &mut Table) -> Result<(), BenchError> {
    let (vehicles, days) = if settings.quick { (5, 2) } else { (25, 7) };
    let pages = PageServerArgs {
        vehicles,
        provider: Vendor::Samsara,
        begins_at_ms: NOW.start_of_utc_day().millis() - days * DAY_MS,
        now_ms: NOW.millis(),
        selection: Selection::Locations,
    };
    let measure = |variant| measure(settings, &pages, variant);
    settings.progress("storage: locations without addresses, with them, with ids of their own");
    let plain = measure(Variant::NoAddress)?;
    let given = measure(Variant::AsGiven)?;
    let source_ids = measure(Variant::SourceIds)?;
    let plain_bytes = points_bytes(&plain);
    let with_page = plain_bytes + per_point(given.page_bytes, &given);
    let note = format!(
        "{} locations; blocks and tail as stored; {:.1} bytes of the file each with their page",
        grouped(given.points as f64),
        per_point(given.database_bytes, &given),
    );
    let bytes = |bytes: f64| format!("{bytes:.2} bytes");
    table.lines.extend([
        Line::new(ROW, "a location without address", bytes(plain_bytes))
            .target("≤ 10 bytes", plain_bytes <= MOST_BYTES)
            .figure("bytes", plain_bytes)
            .note(note),
        Line::new(
            ROW,
            "a location without address, page kept",
            bytes(with_page),
        )
        .target("≤ 40 bytes", with_page <= MOST_BYTES_WITH_PAGE)
        .figure("bytes", with_page)
        .note("the page is counted as it came over the wire, gzip, addresses and all"),
        figure_only("a location as Samsara gives it", points_bytes(&given))
            .note("40 % of the rows carry an address, no two the same"),
        figure_only(
            "the same with a UUID as source id",
            points_bytes(&source_ids),
        ),
    ]);
    Ok(())
}

fn figure_only(what: &str, bytes: f64) -> Line {
    Line::new(ROW, what, format!("{bytes:.2} bytes")).figure("bytes", bytes)
}

fn per_point(bytes: u64, report: &StorageReport) -> f64 {
    bytes as f64 / report.points.max(1) as f64
}

fn points_bytes(report: &StorageReport) -> f64 {
    per_point(report.block_bytes + report.tail_bytes, report)
}

fn measure(
    settings: &Settings,
    pages: &PageServerArgs,
    variant: Variant,
) -> Result<StorageReport, BenchError> {
    let scratch = Scratch::new(settings.directory.as_deref())?;
    let server = simulated(pages.provider, pages.world());
    process::runtime()?.block_on(async {
        let deployment = Deployment::new(scratch.path(), NOW).await?;
        let connection = deployment.connect(1, None).await?;
        let mut writer = Writer::new(&deployment.store, &connection, NOW).await?;
        let first_day = Timestamp::from_millis(pages.begins_at_ms).utc_day();
        for day in first_day..NOW.utc_day() {
            let window = Window {
                from: Timestamp::from_millis(day * DAY_MS),
                until: Timestamp::from_millis((day + 1) * DAY_MS),
            };
            write_day(server.as_ref(), &mut writer, window, variant).await?;
        }
        Ok(deployment.store.storage().await?)
    })
}

/// A day of the whole fleet in one commit, with its pages.
async fn write_day(
    server: &dyn SimulatedProvider,
    writer: &mut Writer,
    window: Window,
    variant: Variant,
) -> Result<(), BenchError> {
    let provider: &dyn Provider = providers::find(PROVIDER)
        .ok_or_else(|| BenchError::unexpected("the provider is not in the registry"))?;
    let stream = provider.descriptor().stream(STREAM);
    let stream = stream.ok_or_else(|| BenchError::unexpected("the stream is not there"))?;
    let (mut points, mut pages, mut position) = (Vec::new(), Vec::new(), None);
    let zone = Zone::utc();
    loop {
        let ids = *writer.ids();
        let task = Task {
            stream,
            ids: &ids,
            partitions: &[],
            window: Some(window),
            zone: &zone,
            position: position.as_ref(),
        };
        // Locations alone, or the page's bytes would be those of other series too.
        let mut url = format!(
            "/fleet/vehicles/stats/history?types=gps&startTime={}&endTime={}&limit=512",
            window.from, window.until
        );
        if let Some(provider::Position(after)) = &position {
            url.push_str(&format!("&after={after}"));
        }
        let number = writer.page_number();
        let (page, raw) = ask(server, provider, &task, &url, number)?;
        points.extend(page.points.into_iter().map(|mut points| {
            change(&mut points.points, variant);
            PagePoints {
                page: number,
                points,
            }
        }));
        pages.push(raw);
        match page.next {
            Next::Page(next) => position = Some(next),
            Next::Later(_) | Next::End => break,
        }
    }
    writer.write(points, Vec::new(), pages).await?;
    Ok(())
}

fn ask(
    server: &dyn SimulatedProvider,
    provider: &dyn Provider,
    task: &Task<'_>,
    url: &str,
    number: i64,
) -> Result<(provider::Page, RawPage), BenchError> {
    let request = SimRequest::get(url)
        .with_header("authorization", &format!("Bearer {TOKEN}"))
        .with_header("accept-encoding", "gzip");
    let answer = server.answer(&request, NOW);
    let (plain, body) = match answer.encoding {
        Encoding::Identity => (answer.body.clone(), PageBody::Plain(answer.body)),
        Encoding::Gzip => {
            let plain = world::inflate(&answer.body, 64 << 20)?;
            let body = PageBody::gzip(answer.body, &plain);
            (plain, body)
        }
    };
    let page = provider.read(
        task,
        &Answer {
            status: answer.status,
            headers: &answer.headers,
            body: &plain,
            received_at: NOW,
        },
    )?;
    let raw = RawPage {
        number,
        group: number,
        stream: STREAM,
        request: format!("GET {url}"),
        task: "{}".to_owned(),
        received_at: NOW,
        status: answer.status,
        body,
    };
    Ok((page, raw))
}

fn change(points: &mut Points, variant: Variant) {
    match variant {
        Variant::AsGiven => {}
        Variant::NoAddress => {
            if let Values::Location(columns) = &mut points.values {
                columns.address = absent(columns.address.len());
            }
        }
        Variant::SourceIds => {
            let mut source_id = TextColumn::default();
            for time in &points.time {
                source_id.push(Some(&uuid(time.millis() as u64)));
            }
            points.source_id = source_id;
        }
    }
}

fn absent(rows: usize) -> TextColumn {
    let mut column = TextColumn::default();
    (0..rows).for_each(|_| column.push(None));
    column
}

/// Random digits in the form of a version 4 UUID.
fn uuid(seed: u64) -> String {
    let mut rng = world::Rng::new(seed);
    let (high, low) = (rng.next_u64(), rng.next_u64());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        0x8000 | (low >> 48) & 0x3fff,
        low & 0xffff_ffff_ffff
    )
}
