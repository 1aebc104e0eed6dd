//! What is asked of a provider at the moment of a call, stored nowhere.
//!
//! The same division as for tasks: the provider says what to ask and what the answers mean, the
//! engine sends. Where one question needs several answers (pages, two stats that are joined), what
//! was understood so far travels in a [`LiveState`] of the provider's own.

use std::any::Any;

use model::live::{CameraMedia, HosAvailableTime, LatestTrailerLocation, LatestVehicleLocation};
use model::{IdSpace, Timestamp};

use crate::page::Notice;
use crate::request::Request;
use crate::task::Partition;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LiveOperation {
    VehicleLocations,
    TrailerLocations,
    HosAvailableTime,
    CameraMedia,
}

/// The safety event whose films are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveEvent {
    /// The provider's own id of the event.
    pub source_id: String,
    pub started_at: Timestamp,
}

#[derive(Clone, Copy, Debug)]
pub struct LiveCall<'a> {
    pub operation: LiveOperation,
    pub ids: &'a IdSpace,
    /// Only these vehicles or drivers; all where there are none.
    pub members: &'a [Partition],
    /// For [`LiveOperation::CameraMedia`].
    pub event: Option<&'a LiveEvent>,
}

/// What was understood of the answers so far; the first question has none.
pub type LiveState = Option<Box<dyn Any + Send>>;

pub enum LiveStep {
    /// Send this, and call again with the state and the answer.
    Ask {
        request: Request,
        state: LiveState,
    },
    Done(LiveAnswer),
}

/// A row and the provider's own rows (JSON objects) that it was made of.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveRow<T> {
    pub row: T,
    pub raw: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum LiveRows {
    VehicleLocations(Vec<LiveRow<LatestVehicleLocation>>),
    TrailerLocations(Vec<LiveRow<LatestTrailerLocation>>),
    HosAvailableTime(Vec<LiveRow<HosAvailableTime>>),
    /// `None` when the provider no longer knows the event.
    CameraMedia(Option<LiveRow<CameraMedia>>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct LiveAnswer {
    pub rows: LiveRows,
    /// Rows that could not be used: logged by the engine.
    pub notices: Vec<Notice>,
}
