//! Pages of history over HTTP, beside the same bytes from memory.

use std::time::Duration;

use crate::api_server::{ApiServerAt, FROM_MEMORY, KEY};
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
        (3, 2, 1)
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
    ])?;
    for coding in ["plain", "gzip"] {
        measure(
            settings,
            &server.said,
            coding,
            Duration::from_secs(seconds),
            table,
        )?;
    }
    Ok(())
}

fn measure(
    settings: &Settings,
    server: &ApiServerAt,
    coding: &str,
    duration: Duration,
    table: &mut Table,
) -> Result<(), BenchError> {
    let head = |path: &str| request(path, server, coding);
    let pages: Vec<String> = server.paths.iter().map(|path| head(path)).collect();
    let memory = [head(FROM_MEMORY)];
    generate(server.address, &pages, duration / 3)?;
    let (mut from_store, mut from_memory): (Vec<Load>, Vec<Load>) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        from_memory.push(generate(server.address, &memory, duration)?);
        from_store.push(generate(server.address, &pages, duration)?);
        settings.progress(format!(
            "http, {coding}, round {round}: {} pages/s, from memory {}/s",
            grouped(from_store[round - 1].requests_per_s()),
            grouped(from_memory[round - 1].requests_per_s()),
        ));
    }
    let rate = |loads: &[Load]| median(loads.iter().map(Load::requests_per_s));
    let bytes = |loads: &[Load]| median(loads.iter().map(Load::bytes_each));
    let share = rate(&from_store) / rate(&from_memory);
    let measured = format!(
        "{} of {} pages/s: {:.0} %",
        grouped(rate(&from_store)),
        grouped(rate(&from_memory)),
        share * 100.0
    );
    let note = format!(
        "{CONNECTIONS} connections, {} pages of {} bytes; from memory {} bytes",
        pages.len(),
        grouped(bytes(&from_store)),
        grouped(bytes(&from_memory))
    );
    table.lines.push(
        Line::new(
            ROW,
            format!("1,000 points a page, {coding}, of memory's"),
            measured,
        )
        .target("≥ 60 %", share >= LEAST_SHARE)
        .figure("pages_per_s", rate(&from_store))
        .figure("from_memory_per_s", rate(&from_memory))
        .figure("share", share)
        .figure("page_bytes", bytes(&from_store))
        .note(note),
    );
    Ok(())
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
