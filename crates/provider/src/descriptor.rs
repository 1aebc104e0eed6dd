//! A provider described as data: the engine plans from this and calls no method to learn it.

use std::time::Duration;

use model::provider::SupportStatus;
use model::{Model, SeriesKind};

use crate::credentials::CredentialField;

#[derive(Debug)]
pub struct Descriptor {
    /// The contract's provider code (`samsara`).
    pub code: &'static str,
    pub name: &'static str,
    pub default_base_url: &'static str,
    pub credentials: &'static [CredentialField],
    pub streams: &'static [Stream],
    /// By the names of `model::provider::SUPPORTED_MODELS`; what is not listed is
    /// `not_supported_by_terminal`.
    pub support: &'static [(&'static str, SupportStatus)],
    /// For the support matrix (`5 to 60 s while moving`).
    pub location_sample_rate: &'static str,
    pub developer_docs_url: &'static str,
    pub login_url: &'static str,
    /// How many requests of one sync may be under way at once.
    pub concurrency: usize,
}

impl Descriptor {
    pub fn stream(&self, name: &str) -> Option<&'static Stream> {
        self.streams.iter().find(|stream| stream.name == name)
    }
}

/// Something that is read on its own, with a position of its own. Names are stored: frozen.
#[derive(Debug)]
pub struct Stream {
    pub name: &'static str,
    /// What the provider's owner must grant for it, as issues name it.
    pub permission: &'static str,
    pub shape: Shape,
}

#[derive(Debug)]
pub enum Shape {
    /// Read whole at every sync, page by page; a record of `owns` that no page listed is gone.
    Listing { owns: &'static [Model] },
    /// Read by window of time; a point of `signals` inside a window that it did not list is gone.
    Window(WindowShape),
}

#[derive(Debug)]
pub struct WindowShape {
    pub partition: PartitionBy,
    pub signals: &'static [SignalDescriptor],
    /// Rows younger than this may still be on their way: an interval is finished only up to
    /// now − settle.
    pub settle: Duration,
    /// The longest window asked for at once.
    pub max_window: Duration,
    /// The most partitions asked for at once.
    pub max_batch: usize,
    /// A first guess that sizes batches to about 8 MiB an answer.
    pub bytes_per_partition_hour: u32,
    /// When a window is read again for rows that came late.
    pub reread: &'static [Reread],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartitionBy {
    Vehicle,
}

#[derive(Debug)]
pub struct SignalDescriptor {
    /// The provider's name of the signal. Part of every point's id: frozen.
    pub name: &'static str,
    pub kind: SeriesKind,
    /// Among signals of one kind, the lowest with points on a UTC day answers for that day.
    pub rank: u8,
}

/// One step of the thinning schedule: slots of `slot` length (aligned to 1970, UTC) are read again
/// once they have been over for `after`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reread {
    pub after: Duration,
    pub slot: Duration,
}
