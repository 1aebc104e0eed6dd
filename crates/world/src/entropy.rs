//! Chance: the operating system's for keys and ids, a seeded one for tests and simulated worlds.

use std::sync::Mutex;

/// A source of unpredictable bytes, shared between tasks.
pub trait Entropy: Send + Sync {
    fn fill(&self, bytes: &mut [u8]);

    fn u128(&self) -> u128 {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        u128::from_be_bytes(bytes)
    }

    /// The prefix and `length` letters and digits, each as likely as any other.
    fn letters(&self, prefix: &str, length: usize) -> String {
        const ALPHABET: &[u8; 62] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        // The largest multiple of 62 in a byte: above it, the first characters would be likelier.
        const FAIR: u8 = 248;
        let mut text = prefix.to_owned();
        let whole = prefix.len() + length;
        let mut bytes = [0; 64];
        while text.len() < whole {
            self.fill(&mut bytes);
            let wanted = whole - text.len();
            let fair = bytes.iter().filter(|byte| **byte < FAIR).take(wanted);
            text.extend(fair.map(|byte| char::from(ALPHABET[usize::from(byte % 62)])));
        }
        text
    }
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system's generator answers");
    }
}

/// The same bytes for the same seed. Never for keys that guard anything.
#[derive(Debug)]
pub struct SeededEntropy(Mutex<Rng>);

impl SeededEntropy {
    pub fn new(seed: u64) -> SeededEntropy {
        SeededEntropy(Mutex::new(Rng::new(seed)))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let mut rng = self
            .0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        for chunk in bytes.chunks_mut(8) {
            let word = rng.next_u64().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    }
}

/// A small seeded generator (SplitMix64): fast, splittable by [`Rng::fork`], the same on every
/// machine.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Rng {
        Rng(seed)
    }

    /// A generator of its own for the thing that `label` names: what one part of a world draws does
    /// not shift what another part draws.
    pub fn fork(&self, label: u64) -> Rng {
        let mut rng = Rng(self.0 ^ label.wrapping_mul(0xD1B5_4A32_D192_ED03));
        rng.next_u64();
        rng
    }

    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Evenly in `[0, 1)`.
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Evenly in `[low, high)`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Evenly in `[0, bound)`; `bound` must not be zero.
    pub fn below(&mut self, bound: u64) -> u64 {
        assert!(bound > 0, "a choice needs at least one outcome");
        ((u128::from(self.next_u64()) * u128::from(bound)) >> 64) as u64
    }

    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// One of the items; the slice must not be empty.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }
}
