//! Numbers by which Motive names things, made from the world's plan.
//!
//! Records have numbers of 32 bits, events have larger ones (and all fit a double exactly), rows of
//! location history have UUIDs. None of them changes when what it names is edited.

use jiff::civil::Date;
use model::Timestamp;
use world::Rng;

use crate::fleet::World;

/// 2015-01-01: nothing of a simulated fleet is earlier.
const EPOCH_MS: i64 = 1_420_070_400_000;
/// Owners whose events cannot meet.
const OWNERS: i64 = 8_192;

pub(super) const COMPANY: i64 = 72_113;
/// Who made the groups, and administers the company.
pub(super) const ADMINISTRATOR: i64 = 700_001;

pub(crate) fn vehicle(index: usize) -> i64 {
    540_001 + 37 * index as i64
}

pub(crate) fn driver(world: &World, index: usize) -> &str {
    &world.drivers()[index].source_id
}

pub(crate) fn group(world: &World, index: usize) -> &str {
    &world.groups()[index].source_id
}

/// By place in [`crate::shown::Shown::gateway`].
pub(crate) fn eld_device(place: usize) -> i64 {
    940_001 + 11 * place as i64
}

/// A trailer.
pub(crate) fn asset(index: usize) -> i64 {
    635_001 + 7 * index as i64
}

pub(super) fn asset_gateway(index: usize) -> i64 {
    698_001 + 3 * index as i64
}

/// An event that `owner`, a vehicle or driver, can have one of a kind of at a time.
pub(crate) fn event(owner: usize, began: Timestamp) -> i64 {
    (began.millis() - EPOCH_MS) * OWNERS + owner as i64 % OWNERS
}

/// A driver's day, above 32 bits like real ones.
pub(crate) fn day_log(driver: usize, date: Date) -> i64 {
    let day = date
        .to_zoned(jiff::tz::TimeZone::UTC)
        .map_or(0, |midnight| midnight.timestamp().as_second() / 86_400);
    (1 << 33) + day * OWNERS + driver as i64 % OWNERS
}

/// The films of an event.
pub(crate) fn media(event: i64) -> i64 {
    event / 16 + 1
}

/// A row of location history: `kind` tells rows of one instant apart.
pub(crate) fn row(vehicle: usize, time: Timestamp, kind: u64) -> String {
    let mut rng = Rng::new(0x6d6f_7469_7665)
        .fork(vehicle as u64)
        .fork(time.millis().cast_unsigned())
        .fork(kind);
    let (high, low) = (rng.next_u64(), rng.next_u64());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        0x8000 | (low >> 50),
        low & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_fit_32_bits_and_events_do_not() {
        let now = Timestamp::from_millis(1_790_000_000_000);
        assert!(vehicle(5_000) < i64::from(i32::MAX));
        assert!(event(3, now) > i64::from(u32::MAX));
        assert!(event(OWNERS as usize - 1, now) < 1 << 53);
        assert_ne!(event(3, now), event(4, now));
        let later = Timestamp::from_millis(now.millis() + 1);
        assert_ne!(event(3, now), event(3, later));
        assert_ne!(row(3, now, 0), row(3, now, 1));
        assert_eq!(row(3, now, 0).len(), 36);
    }
}
