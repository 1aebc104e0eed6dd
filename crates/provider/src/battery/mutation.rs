//! Seeded ways to break a JSON document.

use serde_json::{Map, Value, json};

/// A small generator (SplitMix64): the same seed gives the same mutation on every machine.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

/// The body with one to three things wrong, and what was done, in words.
pub(super) fn mutate(body: &[u8], seed: u64) -> (Vec<u8>, String) {
    let mut chance = Chance(seed);
    match serde_json::from_slice::<Value>(body) {
        Ok(mut document) if chance.below(4) != 0 => {
            let mut done = Vec::new();
            for _ in 0..=chance.below(3) {
                let target = chance.below(count(&document));
                done.push(change(&mut document, target, &mut chance));
            }
            (document.to_string().into_bytes(), done.join(", "))
        }
        _ => flip(body, &mut chance),
    }
}

fn flip(body: &[u8], chance: &mut Chance) -> (Vec<u8>, String) {
    let mut body = body.to_vec();
    let mut done = Vec::new();
    for _ in 0..=chance.below(4) {
        let at = chance.below(body.len());
        if let Some(byte) = body.get_mut(at) {
            *byte = (chance.next() & 0xff) as u8;
            done.push(format!("byte {at} is {byte:#04x}"));
        }
    }
    (body, done.join(", "))
}

/// How many values there are, counted depth first, the document itself being the first.
fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}

/// Changes the `target`-th value below (or at) `value`.
fn change(value: &mut Value, target: usize, chance: &mut Chance) -> String {
    if target == 0 {
        let put = nonsense(value, chance);
        let done = format!("a value became {put}");
        *value = put;
        return done;
    }
    let mut left = target - 1;
    match value {
        Value::Array(items) => {
            for index in 0..items.len() {
                let below = count(&items[index]);
                if left >= below {
                    left -= below;
                } else if left == 0 && chance.below(3) == 0 {
                    items.remove(index);
                    return format!("item {index} removed");
                } else {
                    return change(&mut items[index], left, chance);
                }
            }
        }
        Value::Object(members) => return change_member(members, left, chance),
        _ => {}
    }
    "nothing".to_owned()
}

fn change_member(members: &mut Map<String, Value>, mut left: usize, chance: &mut Chance) -> String {
    let mut found = None;
    for (key, member) in members.iter() {
        let below = count(member);
        if left < below {
            found = Some(key.clone());
            break;
        }
        left -= below;
    }
    let Some(key) = found else {
        return "nothing".to_owned();
    };
    if left == 0 && chance.below(3) == 0 {
        members.remove(&key);
        return format!("`{key}` removed");
    }
    match members.get_mut(&key) {
        Some(member) => format!("in `{key}` {}", change(member, left, chance)),
        None => "nothing".to_owned(),
    }
}

/// Another type, another size, another sign, or the same wrapped once.
fn nonsense(value: &Value, chance: &mut Chance) -> Value {
    match chance.below(12) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(-1),
        3 => json!(1e300),
        4 => json!(i64::MIN),
        5 => json!(u64::MAX),
        6 => json!(""),
        7 => json!("\u{0}\"\\é😀"),
        8 => json!({}),
        9 => json!([]),
        10 => json!([value]),
        _ => json!({ "value": value }),
    }
}
