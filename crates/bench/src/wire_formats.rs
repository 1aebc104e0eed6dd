//! Ingest from HTTP to durable, of each provider in turn: one world in several wire formats.
//!
//! Nothing is refused: a first sync reads all that a provider shows, but only locations and stat
//! values count as points. Absent: a bare loop beside it (the ingest row has one), and a verdict,
//! since providers give different numbers of points, in requests of different sizes, from the same
//! world.

use std::sync::Arc;

use model::time::DAY_MS;
use simulator::Vendor;

use crate::bare::kept_pages;
use crate::child::ChildServer;
use crate::cli::Settings;
use crate::counted::Counted;
use crate::deployment::NOW;
use crate::error::BenchError;
use crate::first_sync::{Run, first_sync, transport};
use crate::median::{ROUNDS, median};
use crate::page_server::{PageServerArgs, PageServerAt};
use crate::selection::Selection;
use crate::table::{Line, Table, grouped};

const ROW: &str = "providers";

struct Measured {
    provider: &'static str,
    runs: Vec<Run>,
    /// Of the last run, as the others.
    answers: u64,
    wire_bytes: u64,
    /// Answers that the simulator had to make while it was measured.
    answers_made: usize,
}

pub fn run(settings: &Settings, table: &mut Table) -> Result<(), BenchError> {
    let (vehicles, days) = if settings.quick { (10, 3) } else { (100, 14) };
    for (index, provider) in Vendor::ALL.into_iter().enumerate() {
        let pages = PageServerArgs {
            provider,
            vehicles,
            begins_at_ms: NOW.start_of_utc_day().millis() - days * DAY_MS,
            now_ms: NOW.millis(),
            selection: Selection::All,
        };
        let mut note = measure(settings, &pages)?.line(table);
        if index == 0 {
            note.push_str(&format!(
                ". For every provider: {vehicles} vehicles, {days} days, a first sync of all \
                 streams; a point is a location or a stat value as stored, and what else is read \
                 costs time but counts nothing; bytes are those of answers' bodies, compressed"
            ));
        }
        if let Some(line) = table.lines.last_mut() {
            line.note = Some(note);
        }
    }
    Ok(())
}

fn measure(settings: &Settings, pages: &PageServerArgs) -> Result<Measured, BenchError> {
    let found = providers::find(pages.provider.name());
    let found = found.ok_or_else(|| BenchError::unexpected("a provider has no connector"))?;
    let name = found.descriptor().name;
    settings.progress(format!(
        "providers, {name}: warm-up, the simulator makes its pages"
    ));
    let server: ChildServer<PageServerAt> = ChildServer::start(&pages.command_line())?;
    let base_url = &server.said.base_url;
    let points = first_sync(settings, pages, base_url, transport()?, None)?.points;
    let kept_before = kept_pages(base_url)?.answers;
    let (mut runs, mut answers, mut wire_bytes) = (Vec::new(), 0, 0);
    for round in 1..=ROUNDS {
        let counted = Arc::new(Counted::new(transport()?));
        let run = first_sync(settings, pages, base_url, counted.clone(), Some(points))?;
        (answers, wire_bytes) = (counted.answers(), counted.wire_bytes());
        settings.progress(format!(
            "providers, {name}, round {round}: {answers} answers, {} points; {}/s, {:.2} µs",
            grouped(run.points as f64),
            grouped(run.points_per_s()),
            run.cpu_us(),
        ));
        runs.push(run);
    }
    let answers_made = kept_pages(base_url)?.answers - kept_before;
    Ok(Measured {
        provider: name,
        runs,
        answers,
        wire_bytes,
        answers_made,
    })
}

impl Measured {
    /// Adds the line; returns its note.
    fn line(&self, table: &mut Table) -> String {
        let points = self.runs.first().map_or(0, |run| run.points);
        let points_per_s = median(self.runs.iter().map(Run::points_per_s));
        let cpu_us = median(self.runs.iter().map(Run::cpu_us));
        let bytes_per_point = self.wire_bytes as f64 / points.max(1) as f64;
        let measured = format!(
            "{} points/s, {cpu_us:.2} µs CPU and {bytes_per_point:.1} bytes a point",
            grouped(points_per_s)
        );
        let what = format!("{}, HTTP to durable", self.provider);
        let line = Line::new(ROW, what, measured)
            .figure("points", points as f64)
            .figure("points_per_s", points_per_s)
            .figure("cpu_us", cpu_us)
            .figure("wire_bytes_per_point", bytes_per_point)
            .figure("answers", self.answers as f64);
        table.lines.push(line);
        let mut note = format!(
            "{} points in {} answers of {:.1} MB",
            grouped(points as f64),
            grouped(self.answers as f64),
            self.wire_bytes as f64 / 1e6,
        );
        if self.answers_made > 0 {
            note.push_str(&format!(
                "; {} more were made while it was measured",
                self.answers_made
            ));
        }
        note
    }
}
