//! JSON as machines write it, read without serde.
//!
//! History is millions of rows that all look alike, and serde's way of asking for every value's
//! type costs more than all that is done with it afterwards. The scanner knows texts without
//! escapes, numbers of up to 18 digits without an exponent, and literals. Everything else it leaves
//! to others: `None` always means "not understood", never "wrong". What it does understand it
//! reads as serde would.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::json::Scalar;

/// A number of that many digits is a `u64`.
const MOST_DIGITS: usize = 18;
/// All of them exact.
const POWERS_OF_TEN: [f64; MOST_DIGITS + 1] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18,
];

const INTEGER_POWERS_OF_TEN: [u64; 9] = [
    1,
    10,
    100,
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
];
/// A one in each byte, and the top bit of each.
const ONES: u64 = u64::MAX / 255;
const TOPS: u64 = ONES << 7;

#[derive(Clone, Copy, Debug)]
pub struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str) -> Scanner<'a> {
        Scanner { text, at: 0 }
    }

    /// An object: `member` is called behind the quotation mark that begins each key, and reads key
    /// and value.
    #[inline(always)]
    pub fn object(&mut self, mut member: impl FnMut(&mut Scanner<'a>) -> Option<()>) -> Option<()> {
        self.take(b'{')?;
        if self.took(b'}') {
            return Some(());
        }
        loop {
            self.take(b'"')?;
            member(self)?;
            match self.next()? {
                b',' => {}
                b'}' => return Some(()),
                _ => return None,
            }
        }
    }

    /// Whether the key is this one, given with the quotation mark that ends it; then it is read.
    /// Quicker than reading the key first, because such a short text is compared in one step.
    #[inline(always)]
    pub fn is_key(&mut self, key: &'static [u8]) -> bool {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        if !rest.starts_with(key) {
            return false;
        }
        let mut ahead = *self;
        ahead.at += key.len();
        let is_key = ahead.took(b':');
        if is_key {
            *self = ahead;
        }
        is_key
    }

    /// A key, whatever it is.
    #[inline]
    pub fn key(&mut self) -> Option<&'a str> {
        let key = self.rest_of_text()?;
        self.take(b':')?;
        Some(key)
    }

    /// A member that nobody wants.
    #[inline]
    pub fn skip_member(&mut self) -> Option<()> {
        self.key()?;
        self.skip()
    }

    /// A list: `element` is called at each element and reads it.
    #[inline]
    pub fn list(&mut self, mut element: impl FnMut(&mut Scanner<'a>) -> Option<()>) -> Option<()> {
        self.take(b'[')?;
        if self.took(b']') {
            return Some(());
        }
        loop {
            element(self)?;
            match self.next()? {
                b',' => {}
                b']' => return Some(()),
                _ => return None,
            }
        }
    }

    /// A text into a member that has nothing yet: given twice, it is for serde to refuse.
    #[inline(always)]
    pub fn text(&mut self, member: &mut Scalar<'a>) -> Option<()> {
        if !matches!(member, Scalar::Absent) {
            return None;
        }
        *member = Scalar::Text(self.plain_text()?.into());
        Some(())
    }

    /// A number, likewise.
    #[inline(always)]
    pub fn number(&mut self, member: &mut Scalar<'a>) -> Option<()> {
        if !matches!(member, Scalar::Absent) {
            return None;
        }
        *member = Scalar::Number(self.plain_number()?);
        Some(())
    }

    /// A text or a number, likewise.
    #[inline(always)]
    pub fn text_or_number(&mut self, member: &mut Scalar<'a>) -> Option<()> {
        match self.peek()? {
            b'"' => self.text(member),
            _ => self.number(member),
        }
    }

    /// Any value, unread.
    #[inline]
    pub fn skip(&mut self) -> Option<()> {
        let known = match self.peek()? {
            b'"' => {
                let mut ahead = *self;
                ahead.plain_text().map(|_| ahead.at)
            }
            b't' => self.behind("true"),
            b'f' => self.behind("false"),
            _ => None,
        };
        match known {
            Some(behind) => {
                self.at = behind;
                Some(())
            }
            None => self.by_serde::<IgnoredAny>().map(drop),
        }
    }

    /// Any value, as serde reads it.
    pub fn by_serde<T: Deserialize<'a>>(&mut self) -> Option<T> {
        let rest = self.text.get(self.at..)?;
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<T>();
        let value = values.next()?.ok()?;
        self.at += values.byte_offset();
        Some(value)
    }

    /// Nothing but white space is left.
    pub fn end(&mut self) -> Option<()> {
        self.peek().is_none().then_some(())
    }

    #[inline]
    pub fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    #[inline]
    pub fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    #[inline]
    pub fn take(&mut self, wanted: u8) -> Option<()> {
        (self.next()? == wanted).then_some(())
    }

    #[inline]
    pub fn took(&mut self, wanted: u8) -> bool {
        let is_there = self.peek() == Some(wanted);
        self.at += usize::from(is_there);
        is_there
    }

    /// The place behind `literal`, which is a whole value only if the caller finds a comma or a
    /// bracket there.
    fn behind(&self, literal: &str) -> Option<usize> {
        let rest = self.text.as_bytes().get(self.at..)?;
        rest.starts_with(literal.as_bytes())
            .then_some(self.at + literal.len())
    }

    #[inline]
    pub fn plain_text(&mut self) -> Option<&'a str> {
        self.take(b'"')?;
        self.rest_of_text()
    }

    #[inline(always)]
    fn rest_of_text(&mut self) -> Option<&'a str> {
        let start = self.at;
        let end = start + plain_length(self.text.as_bytes().get(start..)?);
        if self.text.as_bytes().get(end) != Some(&b'"') {
            return None;
        }
        self.at = end + 1;
        self.text.get(start..end)
    }

    #[inline(always)]
    pub fn plain_number(&mut self) -> Option<f64> {
        self.peek()?;
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        let is_negative = bytes.get(at) == Some(&b'-');
        at += usize::from(is_negative);
        let mut significand = 0u64;
        let whole = digits(bytes.get(at..)?, &mut significand);
        // JSON knows no leading zeros.
        if whole == 0 || (whole > 1 && bytes[at] == b'0') {
            return None;
        }
        at += whole;
        let mut decimals = 0;
        if bytes.get(at) == Some(&b'.') {
            at += 1;
            decimals = digits(bytes.get(at..)?, &mut significand);
            if decimals == 0 {
                return None;
            }
            at += decimals;
        }
        if whole + decimals > MOST_DIGITS || matches!(bytes.get(at), Some(b'e' | b'E')) {
            return None;
        }
        self.at = at;
        let number = significand as i64 as f64 / POWERS_OF_TEN[decimals];
        Some(if is_negative { -number } else { number })
    }
}

/// How many digits there are; `sum` gets them appended and is of no use when there are too many.
#[inline]
fn digits(bytes: &[u8], sum: &mut u64) -> usize {
    let (words, _) = bytes.as_chunks::<8>();
    let mut count = 0;
    for word in words {
        // Digits become 0 to 9 in their bytes, and any other byte is more.
        let values = u64::from_le_bytes(*word) ^ (ONES * u64::from(b'0'));
        let others = (values.wrapping_add(ONES * 0x76) | values) & TOPS;
        let length = others.trailing_zeros() as usize / 8;
        if length > 0 {
            let eight = eight_digits(values << (64 - 8 * length));
            *sum = sum.wrapping_mul(INTEGER_POWERS_OF_TEN[length]);
            *sum = sum.wrapping_add(eight);
        }
        count += length;
        if length < 8 {
            return count;
        }
    }
    for byte in &bytes[count..] {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        *sum = sum.wrapping_mul(10).wrapping_add(u64::from(digit));
        count += 1;
    }
    count
}

/// The number whose digits lie in the bytes, the first of them lowest: neighbours are joined to
/// pairs, pairs to fours, fours to the whole.
#[inline]
fn eight_digits(digits: u64) -> u64 {
    let pairs = (digits.wrapping_mul(10 << 8 | 1) >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100 << 16 | 1) >> 16) & 0x0000_ffff_0000_ffff;
    fours.wrapping_mul(10_000 << 32 | 1) >> 32
}

/// Bytes until the first that ends a text or makes it more than what it looks like.
#[inline]
fn plain_length(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let marks = marks(u64::from_le_bytes(*word));
        if marks != 0 {
            return index * 8 + marks.trailing_zeros() as usize / 8;
        }
    }
    let is_plain = |byte: &&u8| **byte >= b' ' && **byte != b'"' && **byte != b'\\';
    words.len() * 8 + rest.iter().take_while(is_plain).count()
}

/// The top bit of each byte that is a quotation mark, a backslash or a control character. Bits
/// above the lowest may be wrong: subtracting borrows from the next byte.
#[inline]
fn marks(word: u64) -> u64 {
    let below = |word: u64, least: u8| word.wrapping_sub(ONES * u64::from(least)) & !word;
    let equal = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    (below(word, b' ') | equal(b'"') | equal(b'\\')) & TOPS
}
