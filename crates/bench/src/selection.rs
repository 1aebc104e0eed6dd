//! Which of a connector's streams a measurement is about: the provider refuses the rest (403), and
//! a stream that is refused is left out of the sync.
//!
//! So a figure stays comparable when the connector learns to read more.

use std::sync::Arc;

use bytes::Bytes;
use clap::ValueEnum;
use world::http::Sending;
use world::{Encoding, HttpAnswer, HttpRequest, Transport};

/// Account, vehicles, drivers, groups.
const FIRST_LISTINGS: [&str; 4] = ["/me", "/fleet/vehicles", "/fleet/drivers", "/tags"];
const HISTORY: &str = "/fleet/vehicles/stats/history";
/// The first of the types that the stream with the locations asks for.
const MOTION: &str = "types=gps";
const FAULTS: &str = "types=faultCodes";
const TRIPS: &str = "/v1/fleet/trips";
const GATEWAYS: &str = "/gateways";

pub const REFUSAL: &[u8] = b"{\"message\":\"This token may not read that.\"}";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Selection {
    /// Listings, and the history stream that has the locations.
    Locations,
    /// Listings, and the four history streams of locations and stats: eight streams in all.
    Stats,
    /// Listings, gateways among them, and trips.
    Trips,
    All,
}

impl Selection {
    /// Whether `url` (path and query) is answered.
    pub fn takes(self, url: &str) -> bool {
        let path = url.split('?').next().unwrap_or_default();
        let is_history = path == HISTORY && !url.contains(FAULTS);
        let is_first_listing = FIRST_LISTINGS.contains(&path);
        match self {
            Selection::Locations => is_first_listing || (is_history && url.contains(MOTION)),
            Selection::Stats => is_first_listing || is_history,
            Selection::Trips => is_first_listing || path == GATEWAYS || path == TRIPS,
            Selection::All => true,
        }
    }
}

/// A provider in process that answers the selection alone.
pub struct Selected {
    pub selection: Selection,
    pub base_url: &'static str,
    pub provider: Arc<dyn Transport>,
}

impl Transport for Selected {
    fn send(&self, request: HttpRequest) -> Sending {
        let url = request.url.strip_prefix(self.base_url);
        if self.selection.takes(url.unwrap_or(&request.url)) {
            return self.provider.send(request);
        }
        let body = Bytes::from_static(REFUSAL);
        let refusal = HttpAnswer {
            status: 403,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            wire_body: body.clone(),
            encoding: Encoding::Identity,
            body,
        };
        Box::pin(std::future::ready(Ok(refusal)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selection_takes_its_own_streams() {
        let check = |url: &str, taken_by: &[Selection]| {
            for selection in Selection::value_variants() {
                let want = taken_by.contains(selection);
                assert_eq!(selection.takes(url), want, "{url}: {selection:?}");
            }
        };
        let all = Selection::value_variants();
        check("/fleet/vehicles?limit=512", all);
        check("/me", all);
        check(
            "/fleet/vehicles/stats/history?types=gps%2CengineStates",
            &[Selection::Locations, Selection::Stats, Selection::All],
        );
        check(
            "/fleet/vehicles/stats/history?types=engineRpm",
            &[Selection::Stats, Selection::All],
        );
        check(
            "/fleet/vehicles/stats/history?types=faultCodes",
            &[Selection::All],
        );
        check("/fleet/vehicles/stats/feed?types=gps", &[Selection::All]);
        check("/gateways", &[Selection::Trips, Selection::All]);
        check("/assets?type=trailer", &[Selection::All]);
        check(
            "/v1/fleet/trips?vehicleId=1",
            &[Selection::Trips, Selection::All],
        );
    }
}
