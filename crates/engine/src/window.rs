//! Reading one window to its end.

use std::sync::Arc;

use model::{IdSpace, SeriesKey, Timestamp, VehicleId, Window, Zone};
use provider::{Next, Page, Position, ProviderError, Stream, Task, WindowShape};
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
    zone: Zone,
    stream: &'static Stream,
    task: WindowTask,
) -> (WindowTask, Result<WindowRead, AskError>) {
    let mut restarts = 0;
    loop {
        match read_pages(&asker, &ids, &zone, stream, &task).await {
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
    zone: &Zone,
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
            zone,
            partitions: &window_task.partitions,
            window: Some(window_task.window),
            position: position.as_ref(),
        };
        let mut read = asker.ask(&task).await?;
        // What a window withdrew can be told again only from all of its pages.
        if let Some((first, _)) = pages.first() {
            read.raw.group = first.number;
        }
        bytes += read.raw.body.plain_bytes();
        if bytes > MAX_WINDOW_BYTES {
            return Err(ProviderError::TooLarge.into());
        }
        let next = read.page.next.clone();
        pages.push((read.raw, read.page));
        match next {
            Next::Page(next) => position = Some(next),
            Next::End | Next::Later(_) => break,
        }
    }
    let read_at = pages[0].0.received_at;
    Ok(WindowRead { pages, read_at })
}

/// That this vehicle's series were read to the end of the window. `None` where there are none.
pub fn read_window_of(
    shape: &WindowShape,
    vehicle: VehicleId,
    window: Window,
    group: i64,
) -> Option<ReadWindow> {
    let series: Vec<SeriesKey> = shape
        .signals
        .iter()
        .map(|signal| SeriesKey::new(signal.kind, signal.name))
        .collect();
    (!series.is_empty()).then_some(ReadWindow {
        vehicle,
        series,
        window,
        group,
    })
}
