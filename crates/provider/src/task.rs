//! What is to be read next.

use model::{IdSpace, VehicleId, Window};

use crate::descriptor::Stream;

/// The provider's own continuation, opaque to everybody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position(pub String);

/// One vehicle that a partitioned stream is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    pub vehicle: VehicleId,
    pub source_id: String,
}

/// One page's worth of reading: this stream, for these partitions, over this window, from here.
#[derive(Clone, Copy, Debug)]
pub struct Task<'a> {
    pub stream: &'static Stream,
    pub ids: &'a IdSpace,
    /// Empty for streams that are not partitioned.
    pub partitions: &'a [Partition],
    /// Always there for window streams.
    pub window: Option<Window>,
    pub position: Option<&'a Position>,
}
