//! A first sync into a new store, from a page server over HTTP to durable, and what it took.

use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::StartFrom;
use model::Timestamp;
use model::issue::IssueCode;
use store::IssueQuery;
use world::{ManualClock, RealTransport, RealTransportConfig, Transport};

use crate::cli::Settings;
use crate::deployment::{Deployment, NOW, Outside, sync};
use crate::error::BenchError;
use crate::page_server::PageServerArgs;
use crate::process;
use crate::scratch::Scratch;
use crate::selection::Selection;

/// One run over all pages.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    pub elapsed: Duration,
    pub cpu: Duration,
    /// Locations and stat values.
    pub points: u64,
}

impl Run {
    pub fn points_per_s(&self) -> f64 {
        self.points as f64 / self.elapsed.as_secs_f64()
    }

    pub fn cpu_us(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.points.max(1) as f64
    }
}

/// The server's own.
pub fn transport() -> Result<Arc<dyn Transport>, BenchError> {
    Ok(Arc::new(
        RealTransport::new(RealTransportConfig::default())?,
    ))
}

/// Reads everything that the server of `pages` shows. Where `points` are named, the store must
/// hold as many afterwards; where nothing is refused, every stream must have been read.
pub fn first_sync(
    settings: &Settings,
    pages: &PageServerArgs,
    base_url: &str,
    transport: Arc<dyn Transport>,
    points: Option<u64>,
) -> Result<Run, BenchError> {
    let scratch = Scratch::new(settings.directory.as_deref())?;
    let runtime = process::runtime()?;
    let deployment = runtime.block_on(Deployment::new(scratch.path(), NOW))?;
    let connection = runtime.block_on(deployment.connect_to(pages.provider, 1, None))?;
    let engine = deployment.engine(Outside {
        base_url: base_url.to_owned(),
        transport,
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
    if pages.selection == Selection::All {
        runtime.block_on(met_no_trouble(&deployment))?;
    }
    // Closing waits for the writer, so that the next run has the disk to itself.
    drop(deployment);
    Ok(Run {
        elapsed,
        cpu: cpu_after.saturating_sub(cpu_before),
        points: stored,
    })
}

/// A stream that was left out would make the others' figures look better. (Rows that cannot be used
/// are issues, too, and belong to every fleet.)
async fn met_no_trouble(deployment: &Deployment) -> Result<(), BenchError> {
    for code in [
        IssueCode::PermissionMissing,
        IssueCode::SubscriptionRequired,
        IssueCode::ProviderDataInaccessible,
    ] {
        let first = IssueQuery {
            code: Some(code),
            limit: 1,
            ..IssueQuery::default()
        };
        let issues = deployment.store.list_issues(deployment.application, &first);
        if let Some(issue) = issues.await?.first() {
            let what = format!("a stream was not read: {}", issue.message);
            return Err(BenchError::Unexpected(what));
        }
    }
    Ok(())
}
