//! Texts of the description as HTML: what stands between backticks is code.

use maud::{Markup, html};

pub(super) fn prose(text: &str) -> Markup {
    html! {
        @for (index, part) in text.split('`').enumerate() {
            @if index % 2 == 1 {
                code { (part) }
            } @else {
                (part)
            }
        }
    }
}
