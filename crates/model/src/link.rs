//! What the hosted Link page is opened with, and how an application has it look.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::connection::SyncMode;
use crate::ids::TemplateId;
use crate::language::Language;
use crate::time::Timestamp;

/// Characters of a company's name or an external id.
pub const LONGEST_TEXT: usize = 255;
pub const LONGEST_TAG: usize = 200;
pub const MOST_TAGS: usize = 100;
/// All tags of a link together, in bytes: a visit carries them from page to page in its address.
pub const MOST_TAG_BYTES: usize = 2_048;
/// Of a redirect address, and of a state, in bytes.
pub const LONGEST_ADDRESS: usize = 2_000;
pub const MOST_HINTS: usize = 100;

/// What a Link page is opened with: by the query of its address, or by a short link. In the
/// contract's names (`ShortLinkInput`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LinkOptions {
    /// The customer's company.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The one provider to choose from, by its code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Codes of providers that stand first in the list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub provider_hints: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// One of the application's registered addresses; a query of its own is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sync_mode: Option<SyncMode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backfill: Option<Backfill>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<TemplateId>,
    /// Given back with the redirect, and nothing else to us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

/// How much history the first sync reads: one of the two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Backfill {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_from: Option<Timestamp>,
    /// 0 to 3,660.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<f64>,
}

/// How an application asks for consent: what the page shows, and what connections get where the
/// link says nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConsentForm {
    /// Who asks, as its customers know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// `#rrggbb`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary_color: Option<String>,
    /// Of buttons and fields, in pixels: 0 to 24.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub border_radius: Option<u8>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub texts: BTreeMap<Language, ConsentTexts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sync_mode: Option<SyncMode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backfill_days: Option<f64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// A link without an external id is refused.
    #[serde(default)]
    pub require_external_id: bool,
    /// Where the browser goes after success, where the link names no address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_url: Option<String>,
    /// Where it goes after an unlisted provider was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsupported_redirect_url: Option<String>,
}

/// Plain texts; an absent one is the built-in text of that language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConsentTexts {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What the account's owner agrees to. Paragraphs are parted by an empty line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub success: Option<String>,
}
