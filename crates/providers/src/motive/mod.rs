//! Motive (once KeepTruckin): a fleet's records, history and present over its REST API.
//!
//! [`requests`] asks the questions and [`place`] says what follows a page; [`session`] signs and
//! signs in; [`wire`] holds what Motive sends, [`map`] turns rows into records, [`history`] turns
//! positions into columns, [`live`] answers what is asked at the moment of a call, [`units`] and
//! [`zones`] say what numbers and names mean, [`errors`] what a refusal means. Facts about the API,
//! with their sources, are in the folder's `README.md`.
//!
//! Absent on purpose: `/v1/hours_of_service` (the logs have the same sums and the statuses
//! besides), `/v1/driver_utilization`, inspections, violations and fuel purchases (the contract has
//! none), cameras as devices (no list of them is known), and driving by personal conveyance apart.

mod credentials;
mod errors;
mod history;
mod live;
mod map;
mod place;
mod requests;
mod session;
mod streams;
mod units;
mod wire;
mod zones;

#[cfg(test)]
mod tests;

use provider::{
    Answer, Auth, Credentials, Descriptor, LiveCall, LiveState, LiveStep, OAuthApp, Page, Provider,
    ProviderError, Request, Session, SignIn, SignedIn, Stream, Task,
};

use map::{drivers, duty, entities, faults, hos, reports, safety, trips, vehicles};
pub use streams::DESCRIPTOR;

pub struct Motive;

pub static PROVIDERS: &[&dyn Provider] = &[&Motive];

impl Provider for Motive {
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
            Endpoint::Vehicles => map::list(task, answer, map::VEHICLES, vehicles::vehicle),
            Endpoint::Drivers => map::list(task, answer, map::USERS, drivers::driver),
            Endpoint::Groups => map::list(task, answer, map::GROUPS, entities::group),
            Endpoint::EldDevices => map::list(task, answer, map::ELD_DEVICES, entities::gateway),
            Endpoint::Assets => map::list(task, answer, map::ASSETS, entities::trailer),
            Endpoint::Locations => history::read(task, answer),
            Endpoint::Trips => map::list(task, answer, map::DRIVING_PERIODS, trips::trip),
            Endpoint::HosLogs => duty::logs(task, answer),
            Endpoint::HosDaily => map::list(task, answer, map::LOGS, hos::daily_log),
            Endpoint::Safety => safety::read(task, answer),
            Endpoint::Utilization => map::list(task, answer, map::UTILIZATION, reports::day),
            Endpoint::Ifta => reports::ifta(task, answer),
            Endpoint::IdleEvents => map::list(task, answer, map::IDLE_EVENTS, trips::idling),
            Endpoint::Faults => map::list(task, answer, map::FAULT_CODES, faults::code),
            Endpoint::FaultsFeed => faults::feed(task, answer),
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Endpoint {
    Account,
    Vehicles,
    Drivers,
    Groups,
    EldDevices,
    Assets,
    Locations,
    Trips,
    HosLogs,
    HosDaily,
    Safety,
    Utilization,
    Ifta,
    IdleEvents,
    Faults,
    FaultsFeed,
}

impl Endpoint {
    fn of(stream: &Stream) -> Endpoint {
        match stream.name {
            streams::VEHICLES => Endpoint::Vehicles,
            streams::DRIVERS => Endpoint::Drivers,
            streams::GROUPS => Endpoint::Groups,
            streams::ELD_DEVICES => Endpoint::EldDevices,
            streams::ASSETS => Endpoint::Assets,
            streams::LOCATIONS => Endpoint::Locations,
            streams::TRIPS => Endpoint::Trips,
            streams::HOS_LOGS => Endpoint::HosLogs,
            streams::HOS_DAILY => Endpoint::HosDaily,
            streams::SAFETY => Endpoint::Safety,
            streams::UTILIZATION => Endpoint::Utilization,
            streams::IFTA => Endpoint::Ifta,
            streams::IDLE_EVENTS => Endpoint::IdleEvents,
            streams::FAULTS => Endpoint::Faults,
            streams::FAULTS_FEED => Endpoint::FaultsFeed,
            // What is left is one stream, `account`.
            _ => Endpoint::Account,
        }
    }
}
