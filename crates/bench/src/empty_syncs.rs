//! Syncs that find nothing new, as fast as they go: what many quiet connections cost.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use engine::{Probe, ProbePoint};
use model::SyncId;
use tokio::sync::watch;
use world::{Clock, SystemClock};

use crate::canned::StillProvider;
use crate::cli::Settings;
use crate::deployment::{Deployment, Outside, PROVIDER};
use crate::error::BenchError;
use crate::median::{ROUNDS, median};
use crate::process;
use crate::scratch::Scratch;
use crate::table::{Line, Table, grouped};

const ROW: &str = "syncs";
const LEAST_SYNCS_PER_S: f64 = 500.0;
/// So short that every connection is due again before its turn comes: workers never wait.
const CADENCE: Duration = Duration::from_secs(1);
const WORKERS: usize = 16;
/// A graceful stop ends checkpoints in hand; there are none that take long here.
const STOPPING: Duration = Duration::from_secs(10);

/// Counts syncs that are over.
#[derive(Default)]
struct Counter(AtomicU64);

impl Probe for Counter {
    fn reached(
        &self,
        point: ProbePoint,
        _sync: SyncId,
    ) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        if point == ProbePoint::AfterFinish {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
        Box::pin(std::future::ready(()))
    }
}

pub fn run(settings: &Settings, table: &mut Table) -> Result<(), BenchError> {
    let (connections, seconds) = if settings.quick { (50, 1) } else { (2_000, 5) };
    let streams = providers::find(PROVIDER).map_or(0, |p| p.descriptor().streams.len());
    settings.progress(format!(
        "syncs: {connections} connections, first syncs uncounted"
    ));
    let scratch = Scratch::new(settings.directory.as_deref())?;
    let runtime = process::runtime()?;
    let (path, progress) = (scratch.path().to_owned(), settings.clone());
    let measuring = runtime.spawn(async move {
        let deployment = Deployment::new(&path, SystemClock.now()).await?;
        for number in 0..connections {
            deployment.connect(number, Some(CADENCE)).await?;
        }
        let counter = Arc::new(Counter::default());
        let engine = deployment.engine(Outside {
            base_url: "http://still".to_owned(),
            transport: Arc::new(StillProvider::new(1)?),
            clock: Arc::new(SystemClock),
            workers: WORKERS,
            probe: Some(Arc::clone(&counter) as Arc<dyn Probe>),
        });
        let (stop, stopped) = watch::channel(false);
        let running = tokio::spawn(async move { engine.run(stopped).await });
        while counter.0.load(Ordering::Relaxed) < connections {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let mut rates = Vec::new();
        for _ in 0..ROUNDS {
            let (began, before) = (Instant::now(), counter.0.load(Ordering::Relaxed));
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            let syncs = counter.0.load(Ordering::Relaxed) - before;
            let rate = syncs as f64 / began.elapsed().as_secs_f64();
            progress.progress(format!("syncs: {} a second", grouped(rate)));
            rates.push(rate);
        }
        // A receiver that is gone has stopped by itself.
        let _ = stop.send(true);
        let ending = running.abort_handle();
        if tokio::time::timeout(STOPPING, running).await.is_err() {
            progress.progress("syncs: the engine was told to stop, and did not in time");
            ending.abort();
        }
        Ok::<f64, BenchError>(median(rates))
    });
    let rate = runtime
        .block_on(measuring)
        .map_err(BenchError::unexpected)??;
    table.lines.push(
        Line::new(
            ROW,
            format!("empty syncs, {streams} streams, answers in process"),
            format!("{}/s", grouped(rate)),
        )
        .target("≥ 500/s", rate >= LEAST_SYNCS_PER_S)
        .figure("syncs_per_s", rate)
        .figure("streams", streams as f64)
        .note(format!(
            "{connections} connections on a cadence that keeps all of them due, {WORKERS} workers; \
             making each sync's row is included"
        )),
    );
    Ok(())
}
