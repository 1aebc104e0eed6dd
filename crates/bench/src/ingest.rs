//! Ingest from HTTP to durable and queryable, beside the bare loop over the same pages.

use std::sync::Arc;
use std::time::Instant;

use model::time::DAY_MS;
use simulator::Vendor;

use crate::bare::{kept_pages, read_pages};
use crate::child::ChildServer;
use crate::cli::Settings;
use crate::deployment::{NOW, PROVIDER};
use crate::error::BenchError;
use crate::first_sync::{Run, first_sync, transport};
use crate::median::{ROUNDS, median};
use crate::page_server::{PageServerArgs, PageServerAt};
use crate::process;
use crate::selection::Selection;
use crate::table::{Line, Table, grouped};

const ROW: &str = "ingest";
const LEAST_SHARE: f64 = 0.6;
const MOST_CPU_US: f64 = 1.6;

pub fn run(settings: &Settings, table: &mut Table) -> Result<(), BenchError> {
    let (vehicles, days) = if settings.quick { (10, 3) } else { (150, 14) };
    for selection in [Selection::Locations, Selection::Stats] {
        let pages = PageServerArgs {
            vehicles,
            provider: Vendor::Samsara,
            begins_at_ms: NOW.start_of_utc_day().millis() - days * DAY_MS,
            now_ms: NOW.millis(),
            selection,
        };
        measure(settings, &pages, table)?;
    }
    Ok(())
}

fn measure(
    settings: &Settings,
    pages: &PageServerArgs,
    table: &mut Table,
) -> Result<(), BenchError> {
    let streams = match pages.selection {
        Selection::Locations => "location stream",
        _ => "locations and stats",
    };
    settings.progress(format!(
        "ingest, {streams}: warm-up, the simulator makes its pages"
    ));
    let server: ChildServer<PageServerAt> = ChildServer::start(&pages.command_line())?;
    let base_url = &server.said.base_url;
    first_sync(settings, pages, base_url, transport()?, None)?;
    let urls = Arc::new(kept_pages(base_url)?.urls);
    let bodies = format!("{} answers", urls.len());
    let (mut bare, mut engine) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        let bare_now = bare_run(base_url, &urls)?;
        let points = Some(bare_now.points);
        let engine_now = first_sync(settings, pages, base_url, transport()?, points)?;
        settings.progress(format!(
            "ingest, {streams}, round {round}: {bodies}, {} points; bare {}/s, engine {}/s",
            grouped(bare_now.points as f64),
            grouped(bare_now.points_per_s()),
            grouped(engine_now.points_per_s()),
        ));
        bare.push(bare_now);
        engine.push(engine_now);
    }
    report(streams, &bare, &engine, table);
    Ok(())
}

fn report(streams: &str, bare: &[Run], engine: &[Run], table: &mut Table) {
    let speed = |runs: &[Run]| median(runs.iter().map(Run::points_per_s));
    let cpu = |runs: &[Run]| median(runs.iter().map(Run::cpu_us));
    let share = speed(engine) / speed(bare);
    let measured = format!(
        "{} of {} points/s: {:.0} %",
        grouped(speed(engine)),
        grouped(speed(bare)),
        share * 100.0
    );
    table.lines.push(
        Line::new(
            ROW,
            format!("HTTP to durable, {streams}, of a bare loop"),
            measured,
        )
        .target("≥ 60 %", share >= LEAST_SHARE)
        .figure("points", engine[0].points as f64)
        .figure("points_per_s", speed(engine))
        .figure("bare_points_per_s", speed(bare))
        .figure("share", share),
    );
    let measured = format!("{:.2} µs, bare loop {:.2} µs", cpu(engine), cpu(bare));
    table.lines.push(
        Line::new(ROW, format!("CPU a point, {streams}"), measured)
            .target("≤ 1.6 µs", cpu(engine) <= MOST_CPU_US)
            .figure("cpu_us", cpu(engine))
            .figure("bare_cpu_us", cpu(bare)),
    );
}

fn bare_run(base_url: &str, urls: &Arc<Vec<String>>) -> Result<Run, BenchError> {
    let concurrency = providers::find(PROVIDER).map_or(1, |p| p.descriptor().concurrency);
    let (transport, runtime) = (transport()?, process::runtime()?);
    let (base_url, urls) = (base_url.to_owned(), Arc::clone(urls));
    let (began, cpu_before) = (Instant::now(), process::cpu_time()?);
    // On a worker thread, as the engine's run is: the main thread only waits.
    let reading =
        runtime.spawn(async move { read_pages(transport, &base_url, urls, concurrency).await });
    let points = runtime
        .block_on(reading)
        .map_err(BenchError::unexpected)??;
    Ok(Run {
        elapsed: began.elapsed(),
        cpu: process::cpu_time()?.saturating_sub(cpu_before),
        points,
    })
}
