//! Geotab: a fleet's records, history and present over MyGeotab's JSON-RPC, under its own name and
//! those of its resellers.
//!
//! [`requests`] asks the questions and [`place`] says what follows a page; [`wire`] holds what
//! MyGeotab sends and [`calls`] what several calls in one answer; [`map`] turns rows into records,
//! [`rows`] turns history into columns, [`live`] answers what is asked at the moment of a call,
//! [`errors`] says what a refusal means and [`session`] signs in. Facts about the API, with their
//! sources, are in the folder's `README.md`.
//!
//! Absent on purpose: films (their bytes are had with the session alone, which no client may see),
//! addresses (a call a place), the odometer that is computed on demand (a call a device and
//! moment), and writing of any kind.

mod brands;
mod calls;
mod credentials;
mod errors;
mod live;
mod map;
mod place;
mod requests;
mod rows;
mod session;
mod streams;
mod timespan;
mod wire;

#[cfg(test)]
mod tests;

use provider::{
    Answer, Auth, Credentials, Descriptor, LiveCall, LiveState, LiveStep, OAuthApp, Page, Provider,
    ProviderError, Quota, Request, Session, SignIn, SignedIn, Task,
};

pub use brands::PROVIDERS;
use map::{
    assignments, configuration, daily, devices, drivers, faults, groups, hos, ifta, safety,
    trailers, trips, utilization, watches,
};

/// One brand of the platform.
pub struct Geotab {
    descriptor: &'static Descriptor,
}

/// What an answer is read with.
#[derive(Clone, Copy)]
struct Reading<'t> {
    /// The brand's code.
    provider: &'static str,
    task: &'t Task<'t>,
    answer: &'t Answer<'t>,
}

impl Geotab {
    const fn of(descriptor: &'static Descriptor) -> Geotab {
        Geotab { descriptor }
    }
}

impl Provider for Geotab {
    fn descriptor(&self) -> &'static Descriptor {
        self.descriptor
    }

    fn request(&self, task: &Task<'_>) -> Request {
        requests::request(task)
    }

    fn authorize(
        &self,
        request: &Request,
        _credentials: &Credentials,
        session: Option<&Session>,
    ) -> Result<Auth, ProviderError> {
        session::authorize(request, session)
    }

    fn sign_in(
        &self,
        credentials: &Credentials,
        _app: Option<&OAuthApp>,
    ) -> Result<Option<SignIn>, ProviderError> {
        session::sign_in(credentials).map(Some)
    }

    fn signed_in(
        &self,
        _credentials: &Credentials,
        asked: &str,
        answer: &Answer<'_>,
    ) -> Result<SignedIn, ProviderError> {
        session::signed_in(asked, answer)
    }

    fn quota(&self, answer: &Answer<'_>) -> Option<Quota> {
        session::quota(answer)
    }

    fn read(&self, task: &Task<'_>, answer: &Answer<'_>) -> Result<Page, ProviderError> {
        let reading = &Reading {
            provider: self.descriptor.code,
            task,
            answer,
        };
        match task.stream.name {
            streams::DEVICES => devices::page(reading),
            streams::DRIVERS => drivers::page(reading),
            streams::GROUPS => groups::page(reading),
            streams::TRAILERS => trailers::page(reading),
            streams::RULES => configuration::rules(reading),
            streams::DIAGNOSTICS => configuration::diagnostics(reading),
            streams::LOG_RECORDS
            | streams::LOG_RECORDS_FEED
            | streams::STATUS_DATA
            | streams::STATUS_DATA_FEED => rows::page(reading),
            streams::TRIPS => trips::page(reading),
            streams::UTILIZATION => utilization::page(reading),
            streams::SAFETY => safety::page(reading),
            streams::FAULTS => faults::page(reading),
            streams::ASSIGNMENTS => assignments::page(reading),
            streams::HOS_LOGS => hos::page(reading),
            streams::HOS_DAILY => daily::page(reading),
            streams::IFTA => ifta::page(reading),
            // What is left are the watches.
            _ => watches::page(reading),
        }
    }

    fn live(
        &self,
        call: &LiveCall<'_>,
        state: LiveState,
        answer: Option<&Answer<'_>>,
    ) -> Result<LiveStep, ProviderError> {
        live::step(self.descriptor.code, call, state, answer)
    }
}
