//! Samsara: a fleet's records, history and present over its REST API.
//!
//! [`requests`] asks the questions and [`place`] says what follows a page; [`session`] signs and
//! signs in; [`wire`] holds what Samsara sends, [`map`] turns rows into records, [`stats`] turns
//! history into columns, [`live`] answers what is asked at the moment of a call, [`errors`] says
//! what a refusal means. Facts about the API, with their sources, are in the folder's `README.md`.
//!
//! Absent on purpose: `/trips/stream` (no driver, and fifty vehicles a call for a distance that
//! only its newest form has), the legacy safety events (their rows can be read, nothing asks for
//! them), `/devices` (in beta, to be enabled by Samsara) and the tag filters (a token is limited to
//! tags in Samsara's own dashboard).

mod credentials;
mod errors;
mod live;
mod map;
mod place;
mod requests;
mod session;
mod stats;
mod streams;
mod wire;

#[cfg(test)]
mod tests;

use provider::{
    Answer, Auth, Credentials, Descriptor, LiveCall, LiveState, LiveStep, OAuthApp, Page, Provider,
    ProviderError, Request, Session, Shape, SignIn, SignedIn, Stream, Task,
};

use map::{assignments, devices, drivers, entities, faults, hos, reports, safety, trips, vehicles};
pub use streams::DESCRIPTOR;

pub struct Samsara;

pub static PROVIDERS: &[&dyn Provider] = &[&Samsara];

impl Provider for Samsara {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn request(&self, task: &Task<'_>) -> Request {
        requests::request(task)
    }

    fn authorize(
        &self,
        _request: &Request,
        credentials: &Credentials,
        session: Option<&Session>,
    ) -> Result<Auth, ProviderError> {
        session::authorize(credentials, session)
    }

    fn sign_in(
        &self,
        credentials: &Credentials,
        app: Option<&OAuthApp>,
    ) -> Result<Option<SignIn>, ProviderError> {
        session::sign_in(credentials, app)
    }

    fn signed_in(
        &self,
        _credentials: &Credentials,
        _asked: &str,
        answer: &Answer<'_>,
    ) -> Result<SignedIn, ProviderError> {
        session::signed_in(answer)
    }

    fn read(&self, task: &Task<'_>, answer: &Answer<'_>) -> Result<Page, ProviderError> {
        if answer.status != 200 {
            return Err(errors::of_task(task, answer));
        }
        match Endpoint::of(task.stream) {
            Endpoint::Account => entities::account(answer),
            Endpoint::Vehicles => map::listing(task, answer, vehicles::vehicle),
            Endpoint::Drivers => map::listing(task, answer, drivers::driver),
            Endpoint::Groups => map::listing(task, answer, entities::group),
            Endpoint::Gateways => map::listing(task, answer, devices::gateway),
            Endpoint::Trailers => map::listing(task, answer, entities::trailer),
            Endpoint::StatsHistory | Endpoint::StatsFeed => stats::read(task, answer),
            Endpoint::Faults => faults::read(task, answer),
            Endpoint::Assignments => map::listing(task, answer, assignments::assignment),
            Endpoint::Trips => trips::read(task, answer),
            Endpoint::Safety | Endpoint::SafetyFeed => map::listing(task, answer, safety::event),
            Endpoint::HosLogs => hos::logs(task, answer),
            Endpoint::HosDailyLogs => map::listing(task, answer, hos::daily_log),
            Endpoint::Utilization => reports::utilization(task, answer),
            Endpoint::Ifta => reports::ifta(task, answer),
        }
    }

    fn live(
        &self,
        call: &LiveCall<'_>,
        state: LiveState,
        answer: Option<&Answer<'_>>,
    ) -> Result<LiveStep, ProviderError> {
        live::step(call, state, answer)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Endpoint {
    Account,
    Vehicles,
    Drivers,
    Groups,
    Gateways,
    Trailers,
    StatsHistory,
    StatsFeed,
    Faults,
    Assignments,
    Trips,
    Safety,
    SafetyFeed,
    HosLogs,
    HosDailyLogs,
    Utilization,
    Ifta,
}

impl Endpoint {
    fn of(stream: &Stream) -> Endpoint {
        match (&stream.shape, stream.name) {
            (_, streams::VEHICLES) => Endpoint::Vehicles,
            (_, streams::DRIVERS) => Endpoint::Drivers,
            (_, streams::GROUPS) => Endpoint::Groups,
            (_, streams::GATEWAYS) => Endpoint::Gateways,
            (_, streams::TRAILERS) => Endpoint::Trailers,
            (_, streams::FAULTS) => Endpoint::Faults,
            (_, streams::ASSIGNMENTS) => Endpoint::Assignments,
            (_, streams::TRIPS) => Endpoint::Trips,
            (_, streams::SAFETY) => Endpoint::Safety,
            (_, streams::SAFETY_FEED) => Endpoint::SafetyFeed,
            (_, streams::HOS_LOGS) => Endpoint::HosLogs,
            (_, streams::HOS_DAILY) => Endpoint::HosDailyLogs,
            (_, streams::UTILIZATION) => Endpoint::Utilization,
            (_, streams::IFTA) => Endpoint::Ifta,
            // What is left: the stats, and one listing, `account`.
            (Shape::Window(_), _) => Endpoint::StatsHistory,
            (Shape::Feed(_) | Shape::Watch(_), _) => Endpoint::StatsFeed,
            (Shape::Listing { .. }, _) => Endpoint::Account,
        }
    }

    /// Whether it hides deactivated drivers unless they are asked for.
    fn is_swept(self) -> bool {
        matches!(self, Endpoint::Drivers | Endpoint::HosDailyLogs)
    }
}
