//! What small syncs write: one new point a vehicle and series each, for a week on the cadence.

use std::sync::Arc;

use model::time::DAY_MS;
use store::StorageReport;
use world::{Clock, ManualClock};

use crate::canned::TrickleProvider;
use crate::cli::Settings;
use crate::deployment::{CADENCE, Deployment, NOW, Outside, run_next};
use crate::error::BenchError;
use crate::process::{self, WrittenBytes};
use crate::scratch::Scratch;
use crate::table::{Line, Table, grouped};

const ROW: &str = "trickle";
const VEHICLES: usize = 25;
const MOST_WRITTEN: f64 = 20.0;

struct Trickled {
    syncs: u64,
    written: WrittenBytes,
    kept: StorageReport,
}

pub fn run(settings: &Settings, table: &mut Table) -> Result<(), BenchError> {
    let days = if settings.quick { 1 } else { 7 };
    settings.progress(format!(
        "trickle: {days} simulated days, {VEHICLES} vehicles"
    ));
    let scratch = Scratch::new(settings.directory.as_deref())?;
    let runtime = process::runtime()?;
    let (path, progress) = (scratch.path().to_owned(), settings.clone());
    let before = process::written()?;
    let trickling = runtime.spawn(async move {
        let deployment = Deployment::new(&path, NOW).await?;
        let clock = Arc::new(ManualClock::at(NOW));
        deployment.connect(1, Some(CADENCE)).await?;
        let shared = Arc::clone(&clock) as Arc<dyn Clock>;
        let engine = deployment.engine(Outside {
            base_url: "http://trickle".to_owned(),
            transport: Arc::new(TrickleProvider::new(VEHICLES, shared)?),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            workers: 1,
            probe: None,
        });
        let syncs = days * DAY_MS as u64 / CADENCE.as_millis() as u64;
        for sync in 1..=syncs {
            clock.advance(CADENCE);
            engine.enqueue_due().await?;
            run_next(&engine).await?;
            if sync % (syncs / 7).max(1) == 0 {
                progress.progress(format!("trickle: {sync} of {syncs} syncs"));
            }
        }
        let kept = deployment.store.storage().await?;
        Ok::<_, BenchError>((syncs, kept))
    });
    let (syncs, kept) = runtime
        .block_on(trickling)
        .map_err(BenchError::unexpected)??;
    // The store's last clone went with the engine: the log was written into the file by now.
    let after = process::written()?;
    let written = WrittenBytes {
        called: after.called - before.called,
        disk: after.disk - before.disk,
    };
    report(
        &Trickled {
            syncs,
            written,
            kept,
        },
        table,
    );
    Ok(())
}

fn report(trickled: &Trickled, table: &mut Table) {
    let Trickled {
        syncs,
        written,
        kept,
    } = trickled;
    let most_written = written.called.max(written.disk) as f64;
    let ratio = most_written / kept.database_bytes.max(1) as f64;
    let payload = kept.block_bytes + kept.tail_bytes + kept.page_bytes + kept.record_bytes;
    let measured = format!(
        "{:.1} times ({} of {} MB)",
        ratio,
        grouped(most_written / 1e6),
        grouped(kept.database_bytes as f64 / 1e6)
    );
    let note = format!(
        "{syncs} syncs, {} points; {:.1} kB a sync; by write calls {:.1} MB, towards the disk \
         {:.1} MB: the larger counts, write-ahead log and raw log included. Kept: the file; of it \
         blocks {:.2}, tail {:.2}, pages {:.2}, records {:.2} MB, {:.1} times what was written",
        grouped(kept.points as f64),
        most_written / 1e3 / (*syncs).max(1) as f64,
        written.called as f64 / 1e6,
        written.disk as f64 / 1e6,
        kept.block_bytes as f64 / 1e6,
        kept.tail_bytes as f64 / 1e6,
        kept.page_bytes as f64 / 1e6,
        kept.record_bytes as f64 / 1e6,
        most_written / payload.max(1) as f64,
    );
    table.lines.push(
        Line::new(ROW, "bytes written, of bytes kept", measured)
            .target("≤ 20 times", ratio <= MOST_WRITTEN)
            .figure("ratio", ratio)
            .figure("written_bytes_by_calls", written.called as f64)
            .figure("written_bytes_to_disk", written.disk as f64)
            .figure("database_bytes", kept.database_bytes as f64)
            .figure("payload_bytes", payload as f64)
            .figure("points", kept.points as f64)
            .figure("syncs", *syncs as f64)
            .note(note),
    );
}
