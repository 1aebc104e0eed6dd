//! Safety events: published some time after they happened, and judged anew afterwards.

use model::time::MINUTE_MS;
use model::{Timestamp, Window};

use super::{Shown, after};
use crate::faults::{EventKind, LONGEST_DELAY, RowFault};
use crate::fleet::SafetyEvent;

/// An event that is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownSafetyEvent {
    pub event: SafetyEvent,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Somebody looked at it and judged it anew.
    pub is_edited: bool,
}

impl Shown<'_> {
    /// The events of a vehicle that began in the window and are published, by start.
    pub fn safety_events(&self, vehicle: usize, window: Window) -> Vec<ShownSafetyEvent> {
        let Some(window) = self.until_now(window) else {
            return Vec::new();
        };
        let events = self.world.safety_events(vehicle, window);
        let shown = |event| self.safety_event(event);
        events.into_iter().filter_map(shown).collect()
    }

    /// The events of a vehicle of which one of the two times lies in the window, by start.
    pub fn safety_events_by(
        &self,
        time: fn(&ShownSafetyEvent) -> Timestamp,
        vehicle: usize,
        window: Window,
    ) -> Vec<ShownSafetyEvent> {
        let began = Window {
            from: window.from.saturating_sub(LONGEST_DELAY),
            until: window.until,
        };
        let mut events = self.safety_events(vehicle, began);
        events.retain(|event| window.contains(time(event)));
        events
    }

    fn safety_event(&self, event: SafetyEvent) -> Option<ShownSafetyEvent> {
        let fault = self
            .faults
            .event_fault(EventKind::Safety, event.vehicle, event.from);
        let created_at = match fault {
            RowFault::Late { at } => at.max(event.published_at),
            _ => event.published_at,
        };
        let edited_at = match fault {
            RowFault::Edited { at } => Some(at.max(after(created_at, MINUTE_MS))),
            _ => None,
        };
        let edited_at = edited_at.filter(|at| self.is_over(*at));
        self.is_over(created_at).then_some(ShownSafetyEvent {
            event,
            created_at,
            updated_at: edited_at.unwrap_or(created_at),
            is_edited: edited_at.is_some(),
        })
    }
}
