//! Reading one window to its end.

use std::sync::Arc;

use model::{IdSpace, SeriesKey, Timestamp, VehicleId, Window};
use provider::{Next, Page, Position, ProviderError, Stream, Task};
use store::{RawPage, ReadWindow};

use crate::ask::{AskError, Asker};
use crate::plan::WindowTask;

/// A window whose answers grow beyond this is asked for in halves.
const MAX_WINDOW_BYTES: usize = 64 << 20;
/// So often a reading begins anew when its position expires under it.
const MAX_RESTARTS: u32 = 3;

/// Everything that one window gave.
pub struct WindowRead {
    pub pages: Vec<(RawPage, Page)>,
    /// When its first page was received.
    pub read_at: Timestamp,
}

pub async fn read_window(
    asker: Arc<Asker>,
    ids: IdSpace,
    stream: &'static Stream,
    task: WindowTask,
) -> (WindowTask, Result<WindowRead, AskError>) {
    let mut restarts = 0;
    loop {
        match read_pages(&asker, &ids, stream, &task).await {
            Err(AskError::Provider(ProviderError::PositionExpired)) if restarts < MAX_RESTARTS => {
                restarts += 1;
            }
            result => return (task, result),
        }
    }
}

async fn read_pages(
    asker: &Asker,
    ids: &IdSpace,
    stream: &'static Stream,
    window_task: &WindowTask,
) -> Result<WindowRead, AskError> {
    let mut pages: Vec<(RawPage, Page)> = Vec::new();
    let mut position: Option<Position> = None;
    let mut bytes = 0;
    loop {
        let task = Task {
            stream,
            ids,
            partitions: &window_task.partitions,
            window: Some(window_task.window),
            position: position.as_ref(),
        };
        let read = asker.ask(&task).await?;
        bytes += read.raw.body.plain_bytes();
        if bytes > MAX_WINDOW_BYTES {
            return Err(ProviderError::TooLarge.into());
        }
        let next = read.page.next.clone();
        pages.push((read.raw, read.page));
        match next {
            Next::Page(next) => position = Some(next),
            Next::End => break,
        }
    }
    let read_at = pages[0].0.received_at;
    Ok(WindowRead { pages, read_at })
}

/// That this vehicle's series were read to the end of the window.
pub fn read_window_of(
    stream: &'static Stream,
    vehicle: VehicleId,
    window: Window,
) -> Option<ReadWindow> {
    let provider::Shape::Window(shape) = &stream.shape else {
        return None;
    };
    let series = shape
        .signals
        .iter()
        .map(|signal| SeriesKey::new(signal.kind, signal.name))
        .collect();
    Some(ReadWindow {
        vehicle,
        series,
        window,
    })
}
