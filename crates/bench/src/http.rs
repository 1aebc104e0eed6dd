//! Pages of history over HTTP, beside the same bytes from memory; how such pages are measured.

use std::time::Duration;

use crate::api_server::{ApiServerAt, KEY, Pages};
use crate::child::ChildServer;
use crate::cli::Settings;
use crate::error::BenchError;
use crate::load::{CONNECTIONS, Load, generate};
use crate::median::{ROUNDS, median};
use crate::scratch::Scratch;
use crate::table::{Line, Table, grouped};

const ROW: &str = "http";
const LEAST_SHARE: f64 = 0.6;

pub fn run(settings: &Settings, table: &mut Table) -> Result<(), BenchError> {
    let (vehicles, days, seconds) = if settings.quick {
        (6, 3, 1)
    } else {
        (10, 7, 3)
    };
    settings.progress("http: a fleet is synced for the API to serve");
    let scratch = Scratch::new(settings.directory.as_deref())?;
    let server: ChildServer<ApiServerAt> = ChildServer::start(&[
        "api-server".to_owned(),
        format!("--data={}", scratch.path().display()),
        format!("--vehicles={vehicles}"),
        format!("--days={days}"),
        "--pages=locations".to_owned(),
    ])?;
    let duration = Duration::from_secs(seconds);
    for pages in &server.said.pages {
        for coding in ["plain", "gzip"] {
            let measured = measure(settings, &server.said, pages, coding, duration)?;
            let share = measured.share();
            let line = measured.line(ROW, format!("{}, {coding}, of memory's", pages.what));
            table
                .lines
                .push(line.target("≥ 60 %", share >= LEAST_SHARE));
        }
    }
    Ok(())
}

/// The same requests to the store and to memory.
pub struct Measured {
    from_store: Vec<Load>,
    from_memory: Vec<Load>,
    pages: usize,
}

impl Measured {
    fn rate(loads: &[Load]) -> f64 {
        median(loads.iter().map(Load::requests_per_s))
    }

    pub fn share(&self) -> f64 {
        Measured::rate(&self.from_store) / Measured::rate(&self.from_memory)
    }

    pub fn line(&self, row: &'static str, what: String) -> Line {
        let bytes = |loads: &[Load]| median(loads.iter().map(Load::bytes_each));
        let store = Measured::rate(&self.from_store);
        let memory = Measured::rate(&self.from_memory);
        let measured = format!(
            "{} of {} pages/s: {:.0} %",
            grouped(store),
            grouped(memory),
            self.share() * 100.0
        );
        let note = format!(
            "{CONNECTIONS} connections, {} pages of {} bytes; from memory {} bytes",
            self.pages,
            grouped(bytes(&self.from_store)),
            grouped(bytes(&self.from_memory))
        );
        Line::new(row, what, measured)
            .figure("pages_per_s", store)
            .figure("from_memory_per_s", memory)
            .figure("share", self.share())
            .figure("page_bytes", bytes(&self.from_store))
            .note(note)
    }
}

/// Rounds of both in turn, `duration` each, after a warm-up.
pub fn measure(
    settings: &Settings,
    server: &ApiServerAt,
    pages: &Pages,
    coding: &str,
    duration: Duration,
) -> Result<Measured, BenchError> {
    let head = |path: &str| request(path, server, coding);
    let requests: Vec<String> = pages.paths.iter().map(|path| head(path)).collect();
    let memory = [head(&pages.from_memory)];
    generate(server.address, &requests, duration / 3)?;
    let (mut from_store, mut from_memory): (Vec<Load>, Vec<Load>) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        from_memory.push(generate(server.address, &memory, duration)?);
        from_store.push(generate(server.address, &requests, duration)?);
        settings.progress(format!(
            "{}, {coding}, round {round}: {} pages/s, from memory {}/s",
            pages.what,
            grouped(from_store[round - 1].requests_per_s()),
            grouped(from_memory[round - 1].requests_per_s()),
        ));
    }
    Ok(Measured {
        from_store,
        from_memory,
        pages: requests.len(),
    })
}

fn request(path: &str, server: &ApiServerAt, coding: &str) -> String {
    let accept = match coding {
        "gzip" => "Accept-Encoding: gzip\r\n",
        _ => "",
    };
    format!(
        "GET {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {KEY}\r\n\
         Connection-Token: {}\r\n{accept}\r\n",
        server.address, server.token
    )
}
