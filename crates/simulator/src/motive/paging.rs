//! Lists: items in one-key objects, pages by number.

use super::{Call, MotiveServer};
use crate::samsara::wire::Json;

const DEFAULT_PER_PAGE: usize = 25;
const MOST_PER_PAGE: usize = 100;
/// Of a hundred pages that follow another so many repeat its last item.
const REPEATING_SHARE: f64 = 0.25;

/// How a list is wrapped.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wrapper {
    /// Around the list.
    pub list: &'static str,
    /// Around each item.
    pub item: &'static str,
    /// Whether the page's numbers stand at the top instead of in `pagination`.
    pub is_flat: bool,
}

impl Wrapper {
    pub const fn of(list: &'static str, item: &'static str) -> Wrapper {
        Wrapper {
            list,
            item,
            is_flat: false,
        }
    }

    pub const fn flat(self) -> Wrapper {
        Wrapper {
            is_flat: true,
            ..self
        }
    }
}

/// What of a list is on the page that a request names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Page {
    number: usize,
    size: usize,
}

impl Page {
    /// What cannot be read counts as not said; a page is never larger than it may be.
    fn of(call: &Call) -> Page {
        let size = call.parameters.number("per_page");
        let number = call.parameters.number("page_no");
        Page {
            number: number.filter(|number| *number > 0).unwrap_or(1),
            size: size
                .filter(|size| *size > 0)
                .unwrap_or(DEFAULT_PER_PAGE)
                .min(MOST_PER_PAGE),
        }
    }
}

impl MotiveServer {
    /// One page of `items`; past the end it is empty. `write` writes an item's inner object.
    pub(super) fn page<T>(
        &self,
        call: &Call,
        wrapper: Wrapper,
        items: &[T],
        mut write: impl FnMut(&mut Json, &T),
    ) -> Json {
        let page = Page::of(call);
        let first = (page.number - 1).saturating_mul(page.size).min(items.len());
        let last = first.saturating_add(page.size).min(items.len());
        // Something was taken out of an earlier page meanwhile, or put into it.
        let repeats = self.faults.repeat
            && first > 0
            && first < last
            && self
                .faults
                .chance(0x5041_4745, (first as u64) << 20 | items.len() as u64)
                .chance(REPEATING_SHARE);
        let first = first - usize::from(repeats);
        let mut json = Json::default();
        json.raw("{").key(wrapper.list).raw("[");
        for item in &items[first..last] {
            json.comma().raw("{").key(wrapper.item);
            write(&mut json, item);
            json.raw("}");
        }
        json.raw("]");
        if !wrapper.is_flat {
            json.key("pagination").raw("{");
        }
        json.integer_member("per_page", page.size as i64);
        json.integer_member("page_no", page.number as i64);
        json.integer_member("total", items.len() as i64).raw("}");
        if !wrapper.is_flat {
            json.raw("}");
        }
        json
    }
}
