//! Ingest from HTTP to durable and queryable, beside the bare loop over the same pages.

use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::StartFrom;
use model::Timestamp;
use model::time::DAY_MS;
use world::{ManualClock, RealTransport, RealTransportConfig, Transport};

use crate::bare::{fetch, read_pages};
use crate::child::ChildServer;
use crate::cli::Settings;
use crate::deployment::{Deployment, NOW, Outside, PROVIDER, sync};
use crate::error::BenchError;
use crate::median::{ROUNDS, median};
use crate::page_server::{LISTING, PageServerArgs, PageServerAt};
use crate::process;
use crate::scratch::Scratch;
use crate::selection::Selection;
use crate::table::{Line, Table, grouped};

const ROW: &str = "ingest";
const LEAST_SHARE: f64 = 0.6;
const MOST_CPU_US: f64 = 1.6;

/// One run over all pages.
#[derive(Clone, Copy, Debug)]
struct Run {
    elapsed: Duration,
    cpu: Duration,
    points: u64,
}

impl Run {
    fn points_per_s(&self) -> f64 {
        self.points as f64 / self.elapsed.as_secs_f64()
    }

    fn cpu_us(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.points.max(1) as f64
    }
}

pub fn run(settings: &Settings, table: &mut Table) -> Result<(), BenchError> {
    let (vehicles, days) = if settings.quick { (10, 3) } else { (150, 14) };
    for selection in [Selection::Locations, Selection::Stats] {
        let pages = PageServerArgs {
            vehicles,
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
    engine_run(settings, pages, base_url, None)?;
    let urls = Arc::new(list(base_url)?);
    let bodies = format!("{} answers", urls.len());
    let (mut bare, mut engine) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        let bare_now = bare_run(base_url, &urls)?;
        let engine_now = engine_run(settings, pages, base_url, Some(bare_now.points))?;
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

fn transport() -> Result<Arc<dyn Transport>, BenchError> {
    Ok(Arc::new(
        RealTransport::new(RealTransportConfig::default())?,
    ))
}

fn list(base_url: &str) -> Result<Vec<String>, BenchError> {
    let transport = transport()?;
    let url = format!("{base_url}{LISTING}");
    let answer = process::runtime()?.block_on(fetch(transport.as_ref(), url))?;
    serde_json::from_slice(&answer.body).map_err(BenchError::unexpected)
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

/// A first sync into a new store. Where `points` are named, it must hold as many afterwards.
fn engine_run(
    settings: &Settings,
    pages: &PageServerArgs,
    base_url: &str,
    points: Option<u64>,
) -> Result<Run, BenchError> {
    let scratch = Scratch::new(settings.directory.as_deref())?;
    let runtime = process::runtime()?;
    let deployment = runtime.block_on(Deployment::new(scratch.path(), NOW))?;
    let connection = runtime.block_on(deployment.connect(1, None))?;
    let engine = deployment.engine(Outside {
        base_url: base_url.to_owned(),
        transport: transport()?,
        clock: Arc::new(ManualClock::at(NOW)),
        workers: process::cores(),
        probe: None,
    });
    let start = StartFrom::At(Timestamp::from_millis(pages.begins_at_ms));
    let (began, cpu_before) = (Instant::now(), process::cpu_time()?);
    let syncing = runtime.spawn(async move { sync(&engine, &connection, start).await });
    runtime
        .block_on(syncing)
        .map_err(BenchError::unexpected)??;
    let (elapsed, cpu_after) = (began.elapsed(), process::cpu_time()?);
    let stored = runtime.block_on(deployment.store.storage())?.points;
    if points.is_some_and(|points| points != stored) {
        let want = points.unwrap_or_default();
        let what = format!("the pages hold {want} points, the store {stored} after the sync");
        return Err(BenchError::Unexpected(what));
    }
    // Closing waits for the writer, so that the next run has the disk to itself.
    drop(deployment);
    Ok(Run {
        elapsed,
        cpu: cpu_after.saturating_sub(cpu_before),
        points: stored,
    })
}
