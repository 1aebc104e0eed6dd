//! A provider described as data: the engine plans from this and calls no method to learn it.

use std::time::Duration;

use model::provider::SupportStatus;
use model::safety::SafetyEventType;
use model::{Model, SeriesKind};

use crate::credentials::CredentialField;
use crate::live::LiveOperation;

#[derive(Debug)]
pub struct Descriptor {
    /// The contract's provider code (`samsara`).
    pub code: &'static str,
    /// Of a reseller's brand: the code of the platform that it is.
    pub base_code: Option<&'static str>,
    pub name: &'static str,
    pub default_base_url: &'static str,
    pub credentials: &'static [CredentialField],
    /// Where accounts can be connected through an app of the operator's own.
    pub oauth: Option<OAuthFlow>,
    pub streams: &'static [Stream],
    /// The listing whose first page is read to see whether credentials are good. Its page names
    /// the account, unless signing in does.
    pub check: &'static str,
    /// What can be asked of it at the moment of a call.
    pub live: &'static [LiveOperation],
    /// The models that it has not got at all, by the names of `model::provider::SUPPORTED_MODELS`.
    pub lacks: &'static [&'static str],
    /// Members of served models that it never gives: for the support matrix. By the contract's
    /// names, with dots into nested objects (`distances.yardMove`).
    pub omits: &'static [(&'static str, &'static [&'static str])],
    /// Where its rows say something else than most providers' about the same thing: for the
    /// support matrix.
    pub differs: &'static [Difference],
    /// The contract's safety event types that it can give.
    pub safety_types: &'static [SafetyEventType],
    /// For the support matrix (`5 to 60 s while moving`).
    pub location_sample_rate: &'static str,
    /// How far back location history reaches, for the support matrix; empty where nobody says.
    pub location_history: &'static str,
    pub developer_docs_url: &'static str,
    pub login_url: &'static str,
    /// How many requests of one sync may be under way at once.
    pub concurrency: usize,
}

/// Something that one provider's rows say otherwise, though nothing is wrong with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// By the contract's name.
    pub model: &'static str,
    /// The member, with dots into nested objects, and all within it; `""`: which rows there are.
    pub member: &'static str,
    /// In what, in a few words for people.
    pub how: &'static str,
}

/// The authorization code flow of a provider.
#[derive(Clone, Copy, Debug)]
pub struct OAuthFlow {
    /// Where an account's owner consents, below the base URL.
    pub authorize_path: &'static str,
    /// What the app must be allowed, in the provider's words.
    pub scopes: &'static [&'static str],
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
    /// Read by window of time; a point of `signals` inside a window that it did not list is gone,
    /// and so is a record of `owns` that began inside it, where the window proves that.
    Window(WindowShape),
    /// Read from where it was left: what arrived or changed since, whatever its own time.
    Feed(FeedShape),
    /// The same, for rows that mean little by themselves: what it gives is where to look again.
    Watch(WatchShape),
}

#[derive(Debug)]
pub struct WindowShape {
    pub partition: PartitionBy,
    /// What a window's bounds are rounded outwards to.
    pub grain: Grain,
    pub signals: &'static [SignalDescriptor],
    pub owns: &'static [Model],
    /// A record of `owns` that began in a window (its date or month, for these grains) and that a
    /// second reading of the window did not list is gone.
    pub proves_absence: bool,
    /// Rows younger than this may still be on their way: an interval is finished only up to
    /// now − settle.
    pub settle: Duration,
    /// The longest window asked for at once. Of months: one is asked for whatever this says.
    pub max_window: Duration,
    /// The most partitions asked for at once.
    pub max_batch: usize,
    /// A first guess that sizes batches to about 8 MiB an answer.
    pub bytes_per_partition_hour: u32,
    /// The present is left for later until so much of it lies open, unless a client asked for it:
    /// for what is dear to ask and slow to change.
    pub least_open: Duration,
    /// When a window is read again for rows that came late.
    pub reread: &'static [Reread],
}

/// In the zone of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grain {
    Instant,
    Day,
    Month,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartitionBy {
    Vehicle,
    Driver,
}

/// A feed stands beside a window stream, gives the same rows under the same keys, and leaves the
/// past to it: its first position is kept before the past is read. Where a position has expired the
/// feed begins anew, [`crate::Task::window`] then begins before its last reading.
#[derive(Debug)]
pub struct FeedShape {
    /// The window stream whose rows it gives; that one owns them.
    pub beside: &'static str,
    /// Every row comes through it, however late, and none is taken back: what it has passed need
    /// not be read a second time.
    pub is_complete: bool,
}

/// A watch names the members and times at which rows of window streams changed ([`crate::News`]);
/// they are read again there, and nowhere else: for as long as the watch was read to its end, what
/// it did not name is as it was. So a row is always understood together with its neighbours.
#[derive(Debug)]
pub struct WatchShape {
    pub over: &'static [&'static str],
    /// It names times of these as well and does not vouch for them: their rows also come about
    /// without any change (a day's sums grow with the day), so they are read on their own schedule.
    pub stirs: &'static [&'static str],
}

impl WatchShape {
    /// Whether it tells of changes to this stream.
    pub fn names(&self, stream: &str) -> bool {
        self.over.contains(&stream) || self.stirs.contains(&stream)
    }
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

impl Descriptor {
    /// The signals that points of a stream may be of: a feed's are those of the stream beside it.
    pub fn signals(&self, stream: &Stream) -> &'static [SignalDescriptor] {
        match &stream.shape {
            Shape::Listing { .. } | Shape::Watch(_) => &[],
            Shape::Window(shape) => shape.signals,
            Shape::Feed(feed) => match self.stream(feed.beside).map(|beside| &beside.shape) {
                Some(Shape::Window(shape)) => shape.signals,
                _ => &[],
            },
        }
    }

    /// The models that drafts of a stream may be of.
    pub fn owns(&self, stream: &Stream) -> &'static [Model] {
        match &stream.shape {
            Shape::Listing { owns } => owns,
            Shape::Watch(_) => &[],
            Shape::Window(shape) => shape.owns,
            Shape::Feed(feed) => match self.stream(feed.beside).map(|beside| &beside.shape) {
                Some(Shape::Window(shape)) => shape.owns,
                _ => &[],
            },
        }
    }

    /// The stream that owns what this one gives: itself, but for feeds.
    pub fn owner(&self, stream: &'static Stream) -> &'static str {
        match &stream.shape {
            Shape::Feed(feed) => feed.beside,
            Shape::Listing { .. } | Shape::Window(_) | Shape::Watch(_) => stream.name,
        }
    }

    /// Whether a feed or a watch tells of changes to a stream.
    pub fn is_followed(&self, stream: &Stream) -> bool {
        self.streams.iter().any(|other| match &other.shape {
            Shape::Feed(feed) => feed.beside == stream.name,
            Shape::Watch(watch) => watch.names(stream.name),
            Shape::Listing { .. } | Shape::Window(_) => false,
        })
    }

    /// Whether a model is read, computed from what the streams own and signal, what is derived
    /// from their facts, and what is asked live. `name` is one of
    /// [`model::provider::SUPPORTED_MODELS`].
    pub fn support(&self, name: &str) -> SupportStatus {
        let owned = |model: Model| self.streams.iter().any(|s| self.owns(s).contains(&model));
        let signalled = |wanted: fn(SeriesKind) -> bool| {
            let mut kinds = self.streams.iter().flat_map(|s| self.signals(s));
            kinds.any(|signal| wanted(signal.kind))
        };
        let live = |operation: LiveOperation| self.live.contains(&operation);
        let read = match name {
            "Group" => owned(Model::Group),
            "Vehicle" => owned(Model::Vehicle),
            "Driver" => owned(Model::Driver),
            "LatestVehicleLocation" => live(LiveOperation::VehicleLocations),
            "VehicleLocation" => signalled(|kind| kind == SeriesKind::Location),
            "VehicleStatLog" => signalled(|kind| matches!(kind, SeriesKind::Stat(_))),
            "Trailer" => owned(Model::Trailer),
            "LatestTrailerLocation" => live(LiveOperation::TrailerLocations),
            "Trip" => owned(Model::Trip),
            "Device" => owned(Model::Device),
            "HOSLog" => owned(Model::HosLog),
            "HOSDailyLog" => owned(Model::HosDailyLog),
            "HOSAvailableTime" => live(LiveOperation::HosAvailableTime),
            "IFTASummary" => owned(Model::IftaVehicleMonth),
            "SafetyEvent" => owned(Model::SafetyEvent),
            "CameraMedia" => live(LiveOperation::CameraMedia),
            "FaultCodeEvent" => owned(Model::FaultCodeEvent) || owned(Model::FaultReading),
            "VehicleUtilization" => owned(Model::VehicleUtilizationDay),
            _ => false,
        };
        match read {
            true => SupportStatus::Supported,
            false if self.lacks.contains(&name) => SupportStatus::NotSupportedByProvider,
            false => SupportStatus::NotSupportedByTerminal,
        }
    }
}
