//! Samsara's mapping as other releases might have it.

use model::{Model, StatType, Timestamp, Values};
use provider::{
    Answer, Auth, Credentials, Descriptor, LiveCall, LiveState, LiveStep, Page, Provider,
    ProviderError, Request, Session, Task,
};
use providers::samsara::Samsara;
use serde_json::{Value, json};

/// Samsara as another release would read it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Other {
    /// Vehicles are named otherwise, devices are not known, fuel levels are whole tens.
    Renamed,
    /// The same, but what came before noon of the second day is not understood.
    RenamedInPart,
    /// Fault readings are not known, so nothing can be derived from them.
    Faultless,
    /// [`REKEYED`] have other ids.
    Rekeyed,
}

pub const SUFFIX: &str = " (renamed)";
pub const TENTH: i64 = 1_000;
pub const REKEYED: [Model; 3] = [Model::HosLog, Model::DriverAssignment, Model::Trip];

impl Provider for Other {
    fn descriptor(&self) -> &'static Descriptor {
        Samsara.descriptor()
    }

    fn request(&self, task: &Task<'_>) -> Request {
        Samsara.request(task)
    }

    fn authorize(
        &self,
        request: &Request,
        with: &Credentials,
        session: Option<&Session>,
    ) -> Result<Auth, ProviderError> {
        Samsara.authorize(request, with, session)
    }

    fn read(&self, task: &Task<'_>, answer: &Answer<'_>) -> Result<Page, ProviderError> {
        let mut page = Samsara.read(task, answer)?;
        match self {
            Other::Renamed => rename(&mut page),
            Other::RenamedInPart if answer.received_at > understood_until() => {
                return Err(ProviderError::PositionExpired);
            }
            Other::RenamedInPart => rename(&mut page),
            Other::Faultless => {
                let drafts = &mut page.drafts;
                drafts.retain(|draft| draft.id.model != Model::FaultReading);
            }
            Other::Rekeyed => {
                let drafts = page.drafts.iter_mut();
                for draft in drafts.filter(|draft| REKEYED.contains(&draft.id.model)) {
                    draft.natural_key.push_str("-other");
                    draft.id = task.ids.record(draft.id.model, &draft.natural_key);
                    let mut body = json_of(&draft.body);
                    body["id"] = json!(draft.id.to_string());
                    draft.body = body.to_string();
                }
            }
        }
        Ok(page)
    }

    fn live(
        &self,
        call: &LiveCall<'_>,
        state: LiveState,
        answer: Option<&Answer<'_>>,
    ) -> Result<LiveStep, ProviderError> {
        Samsara.live(call, state, answer)
    }
}

pub fn understood_until() -> Timestamp {
    Timestamp::parse("2026-03-05T12:00:00Z").expect("a valid time")
}

pub fn rename(page: &mut Page) {
    page.drafts.retain(|draft| draft.id.model != Model::Device);
    for draft in &mut page.drafts {
        if draft.id.model == Model::Vehicle {
            draft.body = renamed(&draft.body);
        }
    }
    for series in &mut page.points {
        let is_fuel = series.series.kind == model::SeriesKind::Stat(StatType::FuelLevel);
        if let (true, Values::Stat(values)) = (is_fuel, &mut series.points.values) {
            values.iter_mut().for_each(|value| *value -= *value % TENTH);
        }
    }
}

pub fn renamed(body: &str) -> String {
    let mut body: Value = serde_json::from_str(body).expect("a body is JSON");
    if let Some(name) = body["name"].as_str() {
        body["name"] = json!(format!("{name}{SUFFIX}"));
    }
    body.to_string()
}

pub fn json_of(body: &str) -> Value {
    serde_json::from_str(body).expect("a body is JSON")
}
