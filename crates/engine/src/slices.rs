//! Open stretches of time cut into the windows that are asked for. Pure.
//!
//! Cuts lie at fixed places (multiples of the longest window since 1970, local midnights, first
//! days of months), so that vehicles which lack overlapping stretches share windows.

use std::time::Duration;

use model::time::DAY_MS;
use model::{Timestamp, Window, Zone};
use provider::{Grain, WindowShape};

/// Disjoint; of days and months whole ones, even where only a part of them is open.
pub fn slices(mut open: Vec<Window>, shape: &WindowShape, zone: &Zone) -> Vec<Window> {
    match shape.grain {
        Grain::Instant => {
            let longest = shape.max_window;
            open.into_iter()
                .flat_map(|open| by_length(open, longest))
                .collect()
        }
        Grain::Day => {
            let days = (shape.max_window.as_millis() as i64 / DAY_MS).max(1);
            open = disjoint(open, |open| zone.days_around(open));
            open.into_iter()
                .flat_map(|open| by_days(open, days, zone))
                .collect()
        }
        Grain::Month => {
            open = disjoint(open, |open| months_around(open, zone));
            open.into_iter()
                .flat_map(|open| by_months(open, zone))
                .collect()
        }
    }
}

/// Rounded outwards, and joined where they meet then.
fn disjoint(open: Vec<Window>, rounded: impl Fn(Window) -> Window) -> Vec<Window> {
    let mut whole: Vec<Window> = open.into_iter().map(rounded).collect();
    whole.sort_unstable();
    let mut joined: Vec<Window> = Vec::with_capacity(whole.len());
    for window in whole {
        match joined.last_mut() {
            Some(last) if window.from <= last.until => last.until = last.until.max(window.until),
            _ => joined.push(window),
        }
    }
    joined
}

fn by_length(window: Window, longest: Duration) -> Vec<Window> {
    let step_ms = longest.as_millis() as i64;
    let mut slices = Vec::new();
    let mut from = window.from;
    while from < window.until {
        let until = Timestamp::from_millis(from.floor_to(step_ms).millis() + step_ms);
        let slice = Window {
            from,
            until: until.min(window.until),
        };
        from = slice.until;
        slices.push(slice);
    }
    slices
}

/// `window` begins and ends at local midnights.
fn by_days(window: Window, days: i64, zone: &Zone) -> Vec<Window> {
    let mut slices = Vec::new();
    let mut from = window.from;
    while from < window.until {
        let mut date = zone.date_of(from).next();
        while zone.start_of(date) < window.until && date.utc_midnight().utc_day() % days != 0 {
            date = date.next();
        }
        let until = zone.start_of(date).min(window.until);
        slices.push(Window { from, until });
        from = until;
    }
    slices
}

fn months_around(window: Window, zone: &Zone) -> Window {
    let last = Timestamp::from_millis(window.until.millis() - 1);
    Window {
        from: zone.month(zone.date_of(window.from).month()).from,
        until: zone.month(zone.date_of(last).month()).until,
    }
}

fn by_months(window: Window, zone: &Zone) -> Vec<Window> {
    let mut slices = Vec::new();
    let mut from = window.from;
    while from < window.until {
        let month = zone.month(zone.date_of(from).month());
        slices.push(month);
        from = month.until;
    }
    slices
}

#[cfg(test)]
mod tests {
    use provider::PartitionBy;

    use super::*;

    fn shape(grain: Grain, days: u64) -> WindowShape {
        WindowShape {
            partition: PartitionBy::Vehicle,
            grain,
            signals: &[],
            owns: &[],
            proves_absence: true,
            settle: Duration::ZERO,
            max_window: Duration::from_secs(days * 86_400),
            max_batch: 1,
            bytes_per_partition_hour: 1,
            least_open: Duration::ZERO,
            reread: &[],
        }
    }

    fn window(from: &str, until: &str) -> Window {
        let at = |text: &str| format!("2026-{text}:00.000Z").parse().expect("a time");
        Window {
            from: at(from),
            until: at(until),
        }
    }

    fn chicago() -> Zone {
        Zone::named("America/Chicago").expect("bundled")
    }

    #[test]
    fn days_are_local_and_none_is_asked_for_twice() {
        // Either side of the night in which clocks go forward.
        let open = vec![
            window("03-07T20:00", "03-08T10:00"),
            window("03-08T12:00", "03-09T06:00"),
        ];
        assert_eq!(
            slices(open, &shape(Grain::Day, 1), &chicago()),
            [
                window("03-07T06:00", "03-08T06:00"),
                window("03-08T06:00", "03-09T05:00"),
                window("03-09T05:00", "03-10T05:00"),
            ]
        );
    }

    #[test]
    fn several_days_share_their_cuts() {
        let whole = slices(
            vec![window("03-01T00:00", "03-30T00:00")],
            &shape(Grain::Day, 7),
            &chicago(),
        );
        let part = slices(
            vec![window("03-11T00:00", "03-30T00:00")],
            &shape(Grain::Day, 7),
            &chicago(),
        );
        assert!(whole.len() <= 6);
        assert_eq!(whole[whole.len() - 2..], part[part.len() - 2..]);
        let total: i64 = whole.iter().map(Window::length_ms).sum();
        assert_eq!(total, window("02-28T06:00", "03-30T05:00").length_ms());
    }

    #[test]
    fn months_are_whole() {
        let open = vec![window("03-01T03:00", "03-01T04:00")];
        assert_eq!(
            slices(open, &shape(Grain::Month, 1), &chicago()),
            [window("02-01T06:00", "03-01T06:00")]
        );
    }
}
