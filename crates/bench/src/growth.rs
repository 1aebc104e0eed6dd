//! What a point and a page cost with ever more points already there.

use std::time::{Duration, Instant};

use model::{Timestamp, VehicleId, Window};
use store::{HistoryKinds, HistoryQuery, PagePoints, ReadWindow, Store};
use world::Rng;

use crate::cli::Settings;
use crate::deployment::{Deployment, NOW};
use crate::error::BenchError;
use crate::material::{Material, first_day, locations, vehicle};
use crate::median::{ROUNDS, median};
use crate::process;
use crate::scratch::Scratch;
use crate::table::{Line, Table, grouped};
use crate::writer::Writer;

const ROW: &str = "growth";
const VEHICLES: usize = 100;
/// About as many points as a checkpoint of the engine holds: 8 MiB of pages.
const VEHICLES_A_COMMIT: usize = 25;
const PAGE_POINTS: usize = 1_000;
const MOST_RATIO: f64 = 1.2;

/// A store that is filled day by day.
struct Filling {
    material: Material,
    writer: Writer,
    store: Store,
    points: u64,
    /// Counted from the first.
    day: i64,
    /// The vehicle with which the next commit begins.
    vehicle: usize,
    rng: Rng,
}

#[derive(Clone, Copy, Debug)]
struct Cost {
    points: u64,
    point_us: f64,
    page_us: f64,
}

pub fn run(settings: &Settings, table: &mut Table) -> Result<(), BenchError> {
    let mut levels = match settings.quick {
        true => vec![50_000, 200_000],
        false => vec![1_000_000, 10_000_000],
    };
    if settings.large {
        levels.push(100_000_000);
    }
    let scratch = Scratch::new(settings.directory.as_deref())?;
    let runtime = process::runtime()?;
    let (progress, path) = (settings.clone(), scratch.path().to_owned());
    let measuring = runtime.spawn(async move {
        let deployment = Deployment::new(&path, NOW).await?;
        let connection = deployment.connect(1, None).await?;
        let mut filling = Filling {
            material: Material::new(false),
            writer: Writer::new(&deployment.store, &connection, NOW).await?,
            store: deployment.store.clone(),
            points: 0,
            day: 0,
            vehicle: 0,
            rng: Rng::new(3),
        };
        let mut costs = Vec::new();
        for level in levels {
            costs.push(filling.cost_at(level, &progress).await?);
        }
        Ok::<Vec<Cost>, BenchError>(costs)
    });
    let costs = runtime
        .block_on(measuring)
        .map_err(BenchError::unexpected)??;
    report(&costs, table);
    Ok(())
}

impl Filling {
    async fn cost_at(&mut self, level: u64, progress: &Settings) -> Result<Cost, BenchError> {
        let began = Instant::now();
        let before = self.points;
        while self.points < level {
            self.commit().await?;
        }
        let filled = (self.points - before) as f64;
        progress.progress(format!(
            "growth: {} points are there, {}/s",
            grouped(self.points as f64),
            grouped(filled / began.elapsed().as_secs_f64())
        ));
        let page_us = self.page_us().await?;
        let mut points_us = Vec::new();
        for _ in 0..ROUNDS {
            let (began, before) = (Instant::now(), self.points);
            for _ in 0..VEHICLES / VEHICLES_A_COMMIT {
                self.commit().await?;
            }
            points_us.push(micros(began.elapsed()) / (self.points - before) as f64);
        }
        let cost = Cost {
            points: level,
            point_us: median(points_us),
            page_us,
        };
        progress.progress(format!(
            "growth: a point {:.3} µs, a page {:.0} µs",
            cost.point_us, cost.page_us
        ));
        Ok(cost)
    }

    /// Some vehicles' next day.
    async fn commit(&mut self) -> Result<(), BenchError> {
        let page = self.writer.page_number();
        let ids = *self.writer.ids();
        let start = Timestamp::from_millis((first_day() + self.day) * model::time::DAY_MS);
        let until = Timestamp::from_millis(start.millis() + model::time::DAY_MS);
        let (mut points, mut read) = (Vec::new(), Vec::new());
        for number in self.vehicle..self.vehicle + VEHICLES_A_COMMIT {
            points.push(PagePoints {
                page,
                points: self.material.day(&ids, number, self.day),
            });
            read.push(ReadWindow {
                vehicle: vehicle(&ids, number),
                series: vec![locations()],
                window: Window { from: start, until },
                group: page,
            });
        }
        self.points += self.writer.write(points, read, Vec::new()).await?;
        self.vehicle += VEHICLES_A_COMMIT;
        if self.vehicle >= VEHICLES {
            (self.vehicle, self.day) = (0, self.day + 1);
        }
        Ok(())
    }

    async fn page_us(&mut self) -> Result<f64, BenchError> {
        let ids = *self.writer.ids();
        let connection = self.writer.connection();
        let mut micros_each = Vec::new();
        for _ in 0..400 {
            let vehicle = vehicle(&ids, self.rng.below(VEHICLES as u64) as usize);
            // The last day but one is whole for every vehicle.
            let days = self.day.saturating_sub(2).max(1) as u64;
            let at_ms = self.rng.below(days * model::time::DAY_MS as u64) as i64;
            let from = Timestamp::from_millis(first_day() * model::time::DAY_MS + at_ms);
            let query = page_query(vehicle, from);
            let began = Instant::now();
            let page = self.store.read_history(connection, &query).await?;
            let elapsed = began.elapsed();
            // Pages at the end of what is there are shorter, and no measure.
            if page.rows.len() == PAGE_POINTS {
                micros_each.push(micros(elapsed));
            }
        }
        Ok(median(micros_each))
    }
}

/// The thousand locations from `from` on.
pub fn page_query(vehicle: VehicleId, from: Timestamp) -> HistoryQuery {
    HistoryQuery {
        vehicle,
        kinds: HistoryKinds::Locations,
        window: Window {
            from,
            until: Timestamp::MAX,
        },
        after: None,
        limit: PAGE_POINTS,
    }
}

pub fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

fn report(costs: &[Cost], table: &mut Table) {
    let Some(first) = costs.first() else { return };
    for cost in &costs[1..] {
        let millions = grouped(cost.points as f64 / 1e6);
        let lines = [
            ("a point", cost.point_us, first.point_us),
            ("a page", cost.page_us, first.page_us),
        ];
        for (what, now_us, first_us) in lines {
            let ratio = now_us / first_us;
            let measured = format!("{now_us:.2} µs, {first_us:.2} before: {ratio:.2} times");
            table.lines.push(
                Line::new(
                    ROW,
                    format!("cost of {what} with {millions} million there"),
                    measured,
                )
                .target("± 20 %", ratio <= MOST_RATIO)
                .figure("points", cost.points as f64)
                .figure("us", now_us)
                .figure("us_at_first_level", first_us)
                .figure("ratio", ratio),
            );
        }
    }
}
