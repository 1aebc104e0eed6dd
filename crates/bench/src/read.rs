//! Reading a page's worth of points in process: rows with their ids, no JSON.

use std::time::Instant;

use model::time::{DAY_MS, HOUR_MS};
use model::{IdSpace, Timestamp};
use store::{PagePoints, Store};
use world::Rng;

use crate::cli::Settings;
use crate::deployment::{Deployment, NOW};
use crate::error::BenchError;
use crate::growth::{micros, page_query};
use crate::material::{Material, first_day, vehicle};
use crate::median::{ROUNDS, median};
use crate::process;
use crate::scratch::Scratch;
use crate::table::{Line, Table};
use crate::writer::Writer;

const ROW: &str = "read";
const VEHICLES: usize = 10;
const DAYS: i64 = 10;
const MOST_US: f64 = 200.0;

pub fn run(settings: &Settings, table: &mut Table) -> Result<(), BenchError> {
    let reads = if settings.quick { 50 } else { 1_000 };
    for with_addresses in [false, true] {
        let addresses = if with_addresses {
            "with addresses"
        } else {
            "without addresses"
        };
        settings.progress(format!("read: 1,000 points {addresses}"));
        let scratch = Scratch::new(settings.directory.as_deref())?;
        let runtime = process::runtime()?;
        let path = scratch.path().to_owned();
        let measuring = runtime.spawn(async move {
            let deployment = Deployment::new(&path, NOW).await?;
            let connection = deployment.connect(1, None).await?;
            let ids = fill(&deployment.store, &connection, with_addresses).await?;
            let mut rng = Rng::new(9);
            let mut rounds = Vec::new();
            for _ in 0..ROUNDS {
                rounds.push(median_us(&deployment.store, &ids, reads, &mut rng).await?);
            }
            Ok::<f64, BenchError>(median(rounds))
        });
        let us = runtime
            .block_on(measuring)
            .map_err(BenchError::unexpected)??;
        table.lines.push(
            Line::new(
                ROW,
                format!("1,000 points in process, {addresses}"),
                format!("{:.3} ms", us / 1e3),
            )
            .target("≤ 0.2 ms", us <= MOST_US)
            .figure("median_us", us),
        );
    }
    Ok(())
}

async fn fill(
    store: &Store,
    connection: &store::Connection,
    with_addresses: bool,
) -> Result<IdSpace, BenchError> {
    let material = Material::new(with_addresses);
    let mut writer = Writer::new(store, connection, NOW).await?;
    let ids = *writer.ids();
    for day in 0..DAYS {
        let page = writer.page_number();
        let points = (0..VEHICLES).map(|number| PagePoints {
            page,
            points: material.day(&ids, number, day),
        });
        writer
            .write(points.collect(), Vec::new(), Vec::new())
            .await?;
    }
    Ok(ids)
}

async fn median_us(
    store: &Store,
    ids: &IdSpace,
    reads: usize,
    rng: &mut Rng,
) -> Result<f64, BenchError> {
    let mut micros_each = Vec::new();
    for _ in 0..reads {
        let vehicle = vehicle(ids, rng.below(VEHICLES as u64) as usize);
        let hours = rng.below(24 * (DAYS as u64 - 2)) as i64;
        let from = Timestamp::from_millis(first_day() * DAY_MS + hours * HOUR_MS);
        let query = page_query(vehicle, from);
        let began = Instant::now();
        let page = store.read_history(ids.connection, &query).await?;
        micros_each.push(micros(began.elapsed()));
        if page.rows.len() != query.limit {
            let rows = page.rows.len();
            return Err(BenchError::Unexpected(format!(
                "a page holds {rows} rows, not 1,000"
            )));
        }
    }
    Ok(median(micros_each))
}
