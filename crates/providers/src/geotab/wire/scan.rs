//! What only MyGeotab's rows have, for the scanner.

use super::Reference;
use crate::scan::Scanner;

impl<'a> Scanner<'a> {
    /// A reference in either of its forms, likewise. An object with more than its id is serde's.
    #[inline(always)]
    pub fn reference(&mut self, member: &mut Reference<'a>) -> Option<()> {
        if !matches!(member, Reference::Absent) {
            return None;
        }
        let id = match self.peek()? {
            b'"' => self.plain_text()?,
            _ => {
                self.take(b'{')?;
                self.take(b'"')?;
                if !self.is_key(b"id\"") {
                    return None;
                }
                let id = self.plain_text()?;
                self.take(b'}')?;
                id
            }
        };
        *member = Reference::Id(id.into());
        Some(())
    }
}
