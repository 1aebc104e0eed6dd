//! Pages of lists over HTTP, beside the same bytes from memory: vehicles and trips, with ids and
//! with whole entities in their places.

use std::time::Duration;

use crate::api_server::ApiServerAt;
use crate::child::ChildServer;
use crate::cli::Settings;
use crate::error::BenchError;
use crate::http::measure;
use crate::scratch::Scratch;
use crate::table::Table;

const ROW: &str = "lists";
/// Some do not make a page of a thousand: vehicles are hidden that left the fleet.
const VEHICLES: usize = 1_100;

pub fn run(settings: &Settings, table: &mut Table) -> Result<(), BenchError> {
    let (vehicles, days, seconds) = if settings.quick {
        (120, 1, 1)
    } else {
        (VEHICLES, 3, 2)
    };
    settings.progress("lists: a fleet and its trips are synced for the API to serve");
    let scratch = Scratch::new(settings.directory.as_deref())?;
    let server: ChildServer<ApiServerAt> = ChildServer::start(&[
        "api-server".to_owned(),
        format!("--data={}", scratch.path().display()),
        format!("--vehicles={vehicles}"),
        format!("--days={days}"),
        "--pages=lists".to_owned(),
    ])?;
    for pages in &server.said.pages {
        let duration = Duration::from_secs(seconds);
        let measured = measure(settings, &server.said, pages, "plain", duration)?;
        table
            .lines
            .push(measured.line(ROW, format!("{}, of memory's", pages.what)));
    }
    Ok(())
}
