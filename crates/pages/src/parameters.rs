//! The query that a Link page is opened with, by the names that the SDK gives them.
//!
//! Everything wrong with it is collected, so that whoever builds the link sees it all at once. What
//! is not named here is passed over: addresses collect parameters on their way that nobody meant
//! for us.

use model::connection::SyncMode;
use model::link::{
    Backfill, LONGEST_ADDRESS, LONGEST_TAG, LONGEST_TEXT, LinkOptions, MOST_TAG_BYTES, MOST_TAGS,
};
use model::{Date, TemplateId, Timestamp};

use crate::texts::Texts;
use crate::visit;

/// Ten years.
const MOST_DAYS: f64 = 3_660.0;

pub const EXTERNAL_ID: &str = "external_id";
pub const PROVIDER: &str = "provider";
pub const REDIRECT_URL: &str = "redirect_url";
pub const TEMPLATE: &str = "template";

/// What is wrong with a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    Required,
    UnknownProvider,
    NoSyncMode,
    NoDays,
    NoDate,
    InFuture,
    /// Only one of the two forms of backfill can be meant.
    BesideDays,
    /// More characters than this.
    TooLong(usize),
    TooMany(usize),
    UnknownTemplate,
    Unregistered,
}

impl Wrong {
    pub fn sentence(self, texts: &Texts) -> String {
        let plain = match self {
            Wrong::TooLong(most) => return (texts.wrong_length)(most as u64),
            Wrong::TooMany(most) => return (texts.wrong_count)(most as u64),
            Wrong::Required => texts.wrong_required,
            Wrong::UnknownProvider => texts.wrong_provider,
            Wrong::NoSyncMode => texts.wrong_sync_mode,
            Wrong::NoDays => texts.wrong_days,
            Wrong::NoDate => texts.wrong_date,
            Wrong::InFuture => texts.wrong_future,
            Wrong::BesideDays => texts.wrong_both,
            Wrong::UnknownTemplate => texts.wrong_template,
            Wrong::Unregistered => texts.wrong_address,
        };
        plain.to_owned()
    }
}

/// Parameters with what is wrong about each.
pub type Mistakes = Vec<(&'static str, Wrong)>;

struct Reader<'a> {
    query: &'a [(String, String)],
    mistakes: Mistakes,
}

/// What the query asks for, as far as that can be said without the store.
pub fn read(query: &[(String, String)], now: Timestamp) -> (LinkOptions, Mistakes) {
    let mut reader = Reader {
        query,
        mistakes: Mistakes::new(),
    };
    let options = LinkOptions {
        name: reader.text("name", LONGEST_TEXT),
        provider: reader.provider(),
        provider_hints: Vec::new(),
        external_id: reader.text(EXTERNAL_ID, LONGEST_TEXT),
        tags: reader.tags(),
        sync_mode: reader.parsed("sync_mode", Wrong::NoSyncMode, SyncMode::from_name),
        backfill: reader.backfill(now),
        redirect_url: reader.text(REDIRECT_URL, LONGEST_ADDRESS),
        template: reader.template(),
        state: reader.text("state", LONGEST_ADDRESS),
    };
    (options, reader.mistakes)
}

/// Of a link that signs in to a connection again: all else was settled when it was made.
pub fn read_again(query: &[(String, String)]) -> (LinkOptions, Mistakes) {
    let mut reader = Reader {
        query,
        mistakes: Mistakes::new(),
    };
    let options = LinkOptions {
        redirect_url: reader.text(REDIRECT_URL, LONGEST_ADDRESS),
        template: reader.template(),
        state: reader.text("state", LONGEST_ADDRESS),
        ..LinkOptions::default()
    };
    (options, reader.mistakes)
}

impl Reader<'_> {
    fn text(&mut self, name: &'static str, longest: usize) -> Option<String> {
        let value = visit::first(self.query, name)?;
        // Addresses are ASCII where they are right.
        let length = match longest {
            LONGEST_ADDRESS => value.len(),
            _ => value.chars().count(),
        };
        if length > longest {
            self.mistakes.push((name, Wrong::TooLong(longest)));
            return None;
        }
        Some(value.to_owned())
    }

    fn parsed<T>(
        &mut self,
        name: &'static str,
        wrong: Wrong,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = visit::first(self.query, name)?;
        let parsed = parse(value);
        if parsed.is_none() {
            self.mistakes.push((name, wrong));
        }
        parsed
    }

    fn provider(&mut self) -> Option<String> {
        let known = |code: &str| engine::catalogue_entry(code).map(|entry| entry.code.to_owned());
        self.parsed(PROVIDER, Wrong::UnknownProvider, known)
    }

    fn template(&mut self) -> Option<TemplateId> {
        // The name of the template that is taken anyway.
        if visit::first(self.query, TEMPLATE) == Some("default") {
            return None;
        }
        self.parsed(TEMPLATE, Wrong::UnknownTemplate, |text| text.parse().ok())
    }

    fn tags(&mut self) -> Vec<String> {
        let Some(joined) = visit::first(self.query, "tags") else {
            return Vec::new();
        };
        let mut tags: Vec<String> = Vec::new();
        for tag in joined.split(',').map(str::trim) {
            if !tag.is_empty() && !tags.iter().any(|known| known == tag) {
                tags.push(tag.to_owned());
            }
        }
        if tags.len() > MOST_TAGS {
            self.mistakes.push(("tags", Wrong::TooMany(MOST_TAGS)));
        }
        if tags.iter().map(String::len).sum::<usize>() > MOST_TAG_BYTES {
            self.mistakes.push(("tags", Wrong::TooLong(MOST_TAG_BYTES)));
        }
        if tags.iter().any(|tag| tag.chars().count() > LONGEST_TAG) {
            self.mistakes.push(("tags", Wrong::TooLong(LONGEST_TAG)));
        }
        tags
    }

    fn backfill(&mut self, now: Timestamp) -> Option<Backfill> {
        const START_FROM: &str = "backfill_start_from";
        let days = self.parsed("backfill_days", Wrong::NoDays, |text| {
            let days: f64 = text.parse().ok()?;
            (0.0..=MOST_DAYS).contains(&days).then_some(days)
        });
        let start_from = self.parsed(START_FROM, Wrong::NoDate, |text| {
            let date = || Date::parse(text).map(Date::utc_midnight);
            Timestamp::parse(text).or_else(date)
        });
        if start_from.is_some_and(|start| start > now) {
            self.mistakes.push((START_FROM, Wrong::InFuture));
        }
        if start_from.is_some() && visit::first(self.query, "backfill_days").is_some() {
            self.mistakes.push((START_FROM, Wrong::BesideDays));
        }
        (days.is_some() || start_from.is_some()).then_some(Backfill { start_from, days })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::parse("2026-03-04T10:17:00Z").expect("a valid time")
    }

    fn mistakes(query: &str) -> Mistakes {
        read(&visit::form_fields(query.as_bytes()), now()).1
    }

    #[test]
    fn the_sdk_is_understood() {
        let query = "key=pk_sandbox_x&sync_mode=manual&name=Acme+%26+Sons&external_id=42\
            &tags=west%2Cvip&provider=samsara&backfill_days=30&redirect_url=https%3A%2F%2Fa.b%2F\
            &state=s+1&template=ltp_01GV12VR4DJP70GD1ZBK0SDWFH&lang=fr&utm_source=mail";
        let (options, mistakes) = read(&visit::form_fields(query.as_bytes()), now());
        assert_eq!(mistakes, []);
        assert_eq!(options.sync_mode, Some(SyncMode::Manual));
        assert_eq!(options.name.as_deref(), Some("Acme & Sons"));
        assert_eq!(options.external_id.as_deref(), Some("42"));
        assert_eq!(options.tags, ["west", "vip"]);
        assert_eq!(options.provider.as_deref(), Some("samsara"));
        assert_eq!(
            options.backfill.and_then(|backfill| backfill.days),
            Some(30.0)
        );
        assert_eq!(options.redirect_url.as_deref(), Some("https://a.b/"));
        assert_eq!(options.state.as_deref(), Some("s 1"));
        assert!(options.template.is_some());
    }

    #[test]
    fn a_day_begins_at_midnight() {
        let start = |query: &str| {
            let (options, mistakes) = read(&visit::form_fields(query.as_bytes()), now());
            assert_eq!(mistakes, [], "{query}");
            let backfill = options.backfill.expect("a backfill");
            backfill.start_from.expect("its start").to_string()
        };
        let midnight = "2026-01-31T00:00:00.000Z";
        assert_eq!(start("backfill_start_from=2026-01-31"), midnight);
        assert_eq!(start("backfill_start_from=2026-01-31T00:00:00Z"), midnight);
    }

    #[test]
    fn all_mistakes_are_told() {
        let check = |query: &str, want: &[(&'static str, Wrong)]| {
            assert_eq!(mistakes(query), want, "{query}");
        };
        check("provider=none", &[(PROVIDER, Wrong::UnknownProvider)]);
        check("sync_mode=never", &[("sync_mode", Wrong::NoSyncMode)]);
        check("template=7", &[(TEMPLATE, Wrong::UnknownTemplate)]);
        for days in ["-1", "3661", "NaN", "many"] {
            check(
                &format!("backfill_days={days}"),
                &[("backfill_days", Wrong::NoDays)],
            );
        }
        check(
            "backfill_start_from=soon",
            &[("backfill_start_from", Wrong::NoDate)],
        );
        check(
            "backfill_start_from=2026-03-05",
            &[("backfill_start_from", Wrong::InFuture)],
        );
        check(
            "backfill_start_from=2026-01-01&backfill_days=3",
            &[("backfill_start_from", Wrong::BesideDays)],
        );
        let long = "x".repeat(257);
        check(
            &format!("name={long}&external_id={long}"),
            &[
                ("name", Wrong::TooLong(255)),
                (EXTERNAL_ID, Wrong::TooLong(255)),
            ],
        );
        let tags: Vec<String> = (0..101).map(|tag| tag.to_string()).collect();
        check(
            &format!("tags={}", tags.join(",")),
            &[("tags", Wrong::TooMany(100))],
        );
        let tags: Vec<String> = (100..111).map(|tag| "x".repeat(tag)).collect();
        check(&format!("tags={}", tags.join(",")), &[]);
        let tags: Vec<String> = (180..200).map(|tag| "x".repeat(tag)).collect();
        check(
            &format!("tags={}", tags.join(",")),
            &[("tags", Wrong::TooLong(2_048))],
        );
        check("tags=a,,+a&template=default", &[]);
    }
}
