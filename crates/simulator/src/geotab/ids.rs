//! How MyGeotab names things: opaque ids, versions that only grow, references in two shapes, spans
//! of time in .NET's words.
//!
//! Ids and versions are one kind of number here, made of an instant, an owner and a slot, so that
//! a row is found again by its id and a feed by a version without any table of what was given out.

use model::Timestamp;

use crate::samsara::wire::Json;

/// Of instants in numbers: 2015-01-01.
const EPOCH_MS: i64 = 1_420_070_400_000;
const INSTANT_BITS: u32 = 40;
const OWNER_BITS: u32 = 15;
const SLOT_BITS: u32 = 9;
const OWNERS: u64 = (1 << OWNER_BITS) - 1;
const SLOTS: u64 = (1 << SLOT_BITS) - 1;

/// Where the devices of trailers and the users begin.
const TRAILER_DEVICES: u64 = 0x4_0000_0000;
const USERS: u64 = 0x2_0000;

/// References to nobody and nothing; a share of each comes as a bare string.
pub(crate) const NO_DRIVER: &str = "UnknownDriverId";
pub(crate) const NO_DEVICE: &str = "NoDeviceId";
pub(crate) const NO_DIAGNOSTIC: &str = "NoDiagnosticId";
pub(crate) const NO_FAILURE_MODE: &str = "NoFailureModeId";
pub(crate) const NO_CONTROLLER: &str = "ControllerNoneId";

/// An instant, an owner (below 32,768) and one of 512 slots, in this order of weight.
pub(crate) fn number(at: Timestamp, owner: usize, slot: u64) -> u64 {
    let most_ms = (1_i64 << INSTANT_BITS) - 1;
    let since_ms = (at.millis().saturating_sub(EPOCH_MS)).clamp(0, most_ms);
    (since_ms.cast_unsigned() << (OWNER_BITS + SLOT_BITS))
        | ((owner as u64 & OWNERS) << SLOT_BITS)
        | (slot & SLOTS)
}

/// The highest number of an instant.
pub(crate) fn last_number(at: Timestamp) -> u64 {
    number(at, OWNERS as usize, SLOTS)
}

pub(crate) fn instant_of(number: u64) -> Timestamp {
    let since_ms = number >> (OWNER_BITS + SLOT_BITS);
    Timestamp::from_millis(EPOCH_MS + since_ms.cast_signed())
}

pub(crate) fn owner_of(number: u64) -> usize {
    ((number >> SLOT_BITS) & OWNERS) as usize
}

/// `b` and a number.
pub(crate) fn id(number: u64) -> String {
    format!("b{number:X}")
}

/// The number of an id that has one.
pub(crate) fn id_number(id: &str) -> Option<u64> {
    u64::from_str_radix(id.strip_prefix('b')?, 16).ok()
}

/// `a` and a GUID, of sixteen bytes as .NET keeps them.
pub(crate) fn guid_id(bytes: [u8; 16]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::with_capacity(23);
    text.push('a');
    let number = u128::from_be_bytes(bytes);
    for place in 0..21 {
        let digit = (number >> (122 - 6 * place)) & 63;
        text.push(char::from(DIGITS[digit as usize]));
    }
    // Two bits are left over.
    text.push(char::from(DIGITS[((number & 3) << 4) as usize]));
    text
}

/// The id of a GUID in its usual text form; other texts are hashed into one.
pub(crate) fn id_of_uuid(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
    let Some(number) = u128::from_str_radix(&digits, 16)
        .ok()
        .filter(|_| digits.len() == 32)
    else {
        return hashed_id(text);
    };
    let mut bytes = number.to_be_bytes();
    // .NET writes the first three groups with their low bytes first.
    bytes[0..4].reverse();
    bytes[4..6].reverse();
    bytes[6..8].reverse();
    guid_id(bytes)
}

/// Always the same for the same text.
pub(crate) fn hashed_id(text: &str) -> String {
    let (high, low) = (mix(text, 1), mix(text, 2));
    guid_id(((u128::from(high) << 64) | u128::from(low)).to_be_bytes())
}

/// A hash of a text that is the same on every machine.
pub(crate) fn mix(text: &str, salt: u64) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325 ^ salt.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
    }
    scatter(hash)
}

/// A number without the pattern of the one it was made from.
pub(crate) fn scatter(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// Sixteen hexadecimal digits.
pub(crate) fn version(number: u64) -> String {
    format!("{number:016x}")
}

pub(crate) fn read_version(text: &str) -> Option<u64> {
    (text.len() <= 16)
        .then(|| u64::from_str_radix(text, 16).ok())
        .flatten()
}

pub(crate) fn device_id(vehicle: usize) -> String {
    id(0x11 + 3 * vehicle as u64)
}

/// The vehicle of a device, if it is one's.
pub(crate) fn vehicle_of(device: &str) -> Option<usize> {
    inverse(device, 0x11, 3)
}

/// Of a trailer that has a device of its own.
pub(crate) fn trailer_device_id(trailer: usize) -> String {
    id(TRAILER_DEVICES + 7 * trailer as u64)
}

/// Of the older entity `Trailer`.
pub(crate) fn trailer_id(trailer: usize) -> String {
    hashed_id(&format!("trailer {trailer}"))
}

pub(crate) fn user_id(driver: usize) -> String {
    id(USERS + 5 * driver as u64)
}

/// The driver that a user is.
pub(crate) fn driver_of(user: &str) -> Option<usize> {
    inverse(user, USERS, 5)
}

/// The place of an id among those that begin at `first` and lie `step` apart.
fn inverse(id: &str, first: u64, step: u64) -> Option<usize> {
    let past = id_number(id)?.checked_sub(first)?;
    past.is_multiple_of(step).then_some((past / step) as usize)
}

pub(crate) fn group_id(group: usize) -> String {
    id(0x2_7000 + 11 * group as u64)
}

/// Whether a reference to nobody is a bare string in the row of that number; most are.
pub(crate) fn is_bare(number: u64) -> bool {
    !scatter(number ^ 0x6261_7265).is_multiple_of(4)
}

impl Json {
    /// A reference to something.
    pub(crate) fn reference(&mut self, name: &str, id: &str) -> &mut Json {
        self.key(name).raw("{\"id\":").text(id).raw("}")
    }

    /// A reference to nothing, in the shape that the row of that number uses.
    pub(crate) fn no_reference(&mut self, name: &str, id: &str, row: u64) -> &mut Json {
        if is_bare(row) {
            self.text_member(name, id)
        } else {
            self.reference(name, id)
        }
    }

    /// To a driver, as trips and changes have it, or to nobody.
    pub(crate) fn driver_reference(&mut self, driver: Option<usize>, row: u64) -> &mut Json {
        match driver {
            Some(driver) => self
                .key("driver")
                .raw("{\"id\":")
                .text(&user_id(driver))
                .raw(",\"isDriver\":true}"),
            None => self.no_reference("driver", NO_DRIVER, row),
        }
    }

    /// `[-][d.]hh:mm:ss[.fffffff]`
    pub(crate) fn span_member(&mut self, name: &str, millis: i64) -> &mut Json {
        self.key(name).text(&time_span(millis))
    }

    pub(crate) fn decimal_member(&mut self, name: &str, number: i64, decimals: u32) -> &mut Json {
        self.key(name).decimal(number, decimals)
    }

    pub(crate) fn version_member(&mut self, number: u64) -> &mut Json {
        self.key("version").text(&version(number))
    }
}

pub(crate) fn time_span(millis: i64) -> String {
    let sign = if millis < 0 { "-" } else { "" };
    let (seconds, part) = (millis.abs() / 1_000, millis.abs() % 1_000);
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    let days = match days {
        0 => String::new(),
        days => format!("{days}."),
    };
    let part = match part {
        0 => String::new(),
        part => format!(".{part:03}0000"),
    };
    let (hours, minutes, seconds) = (hours % 24, minutes % 60, seconds % 60);
    format!("{sign}{days}{hours:02}:{minutes:02}:{seconds:02}{part}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_hold_what_they_were_made_of() {
        let at = Timestamp::from_millis(1_760_000_000_123);
        let made = number(at, 4_711, 300);
        assert_eq!(instant_of(made), at);
        assert_eq!(owner_of(made), 4_711);
        assert_eq!(id_number(&id(made)), Some(made));
        assert_eq!(read_version(&version(made)), Some(made));
        assert!(made < last_number(at));
        let next_ms = Timestamp::from_millis(at.millis() + 1);
        assert!(last_number(at) < number(next_ms, 0, 0));
        assert_eq!(read_version("2024-01-01T00:00:00Z"), None);
    }

    #[test]
    fn guids_are_written_as_net_keeps_them() {
        // 01020304-0506-0708-090a-0b0c0d0e0f10 is kept as 04 03 02 01 06 05 08 07 09 …
        let id = id_of_uuid("01020304-0506-0708-090a-0b0c0d0e0f10");
        assert_eq!(id, "aBAMCAQYFCAcJCgsMDQ4PEA");
        assert_eq!(hashed_id("x").len(), 23);
        assert_ne!(hashed_id("x"), hashed_id("y"));
    }

    #[test]
    fn spans_are_written_in_nets_words() {
        for (millis, text) in [
            (0, "00:00:00"),
            (5_000, "00:00:05"),
            (405_676_250, "4.16:41:16.2500000"),
            (-90_000, "-00:01:30"),
        ] {
            assert_eq!(time_span(millis), text);
        }
    }
}
