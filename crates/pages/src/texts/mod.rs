//! Every text of the pages, in every language: a text that a language lacks does not compile.
//!
//! Texts with something to fill in are functions, so that each language has its own order of words.
//! Names of permissions, menus and parameters stay as they are written where they come from.

mod en;
mod es;
mod fr;

use model::Language;

pub fn texts(language: Language) -> &'static Texts {
    match language {
        Language::En => &en::TEXTS,
        Language::Fr => &fr::TEXTS,
        Language::Es => &es::TEXTS,
    }
}

/// A page that says one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    pub heading: &'static str,
    pub sentence: &'static str,
}

/// With one name or text filled in.
type With = fn(&str) -> String;
type WithTwo = fn(&str, &str) -> String;
/// With a count, or with minutes.
type WithNumber = fn(u64) -> String;

/// `who` is the application that asks, `provider` the name of one; where two are filled in, in the
/// order of the comment.
pub struct Texts {
    // Around every page.
    pub close: &'static str,
    pub languages: &'static str,
    pub problem: &'static str,
    pub optional: &'static str,

    // Choosing a provider.
    pub choose_title: &'static str,
    /// `who`
    pub choose_intro: With,
    pub search: &'static str,
    pub search_button: &'static str,
    /// With `#` where the number stands.
    pub found: &'static str,
    /// What was searched for.
    pub none_found: With,
    pub not_listed: &'static str,

    // Connecting.
    /// `provider`
    pub connect_title: With,
    /// `provider`
    pub again_title: With,
    pub another_provider: &'static str,
    pub agreement_heading: &'static str,
    /// `who`, `provider`; paragraphs are parted by an empty line.
    pub agreement: WithTwo,
    pub credentials_heading: &'static str,
    /// `provider`
    pub credentials_note: With,
    pub connect_button: &'static str,
    /// `provider`
    pub oauth_button: With,
    pub by_hand: &'static str,
    pub one_is_enough: &'static str,
    /// `provider`
    pub checking: With,

    // Done.
    /// `provider`
    pub done_title: With,
    /// `who`, `provider`
    pub done_text: WithTwo,
    pub done_button: &'static str,
    pub done_no_button: &'static str,
    pub handover: Told,
    pub handover_link: &'static str,

    // Asking for a provider.
    pub wish_title: &'static str,
    pub wish_intro: &'static str,
    pub wish_name: &'static str,
    pub wish_contact: &'static str,
    pub wish_contact_help: &'static str,
    pub wish_button: &'static str,
    pub wish_unusable: &'static str,
    pub wish_noted_title: &'static str,
    /// The provider that was asked for, `who`
    pub wish_noted: WithTwo,
    pub back_to_list: &'static str,

    // Refusals, on the form.
    /// `provider`
    pub rejected: With,
    /// `provider`, permission
    pub forbidden: WithTwo,
    /// `provider`
    pub throttled: With,
    /// `provider`, minutes
    pub throttled_until: fn(&str, u64) -> String,
    /// `provider`
    pub unavailable: With,
    /// `provider`
    pub misunderstood: With,
    /// `provider`
    pub other_account: With,
    pub missing: &'static str,
    pub missing_field: &'static str,
    pub unusable: &'static str,
    pub unusable_field: &'static str,
    pub check_field: &'static str,
    pub agreement_changed: &'static str,
    /// `provider`
    pub denied: With,
    /// `provider`
    pub no_consent: With,
    /// Minutes.
    pub too_many: WithNumber,

    // Ends of visits.
    pub expired_ticket: Told,
    pub foreign_ticket: Told,
    pub unknown_key: Told,
    pub dead_key: Told,
    pub unknown_link: Told,
    pub unknown_connection: Told,
    pub connection_closed: Told,
    pub wrong_parameters: Told,
    pub not_here: Told,
    pub foreign_form: Told,
    pub foreign_state: Told,
    pub too_many_wishes: Told,
    pub internal: Told,

    // What is wrong with a parameter.
    pub wrong_required: &'static str,
    pub wrong_provider: &'static str,
    pub wrong_sync_mode: &'static str,
    pub wrong_days: &'static str,
    pub wrong_date: &'static str,
    pub wrong_future: &'static str,
    pub wrong_both: &'static str,
    /// The most characters.
    pub wrong_length: WithNumber,
    /// The most entries.
    pub wrong_count: WithNumber,
    pub wrong_template: &'static str,
    pub wrong_address: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All sentences about what went wrong.
    fn sentences(texts: &Texts) -> Vec<String> {
        let told = [
            texts.expired_ticket,
            texts.foreign_ticket,
            texts.unknown_key,
            texts.dead_key,
            texts.unknown_link,
            texts.unknown_connection,
            texts.connection_closed,
            texts.wrong_parameters,
            texts.not_here,
            texts.foreign_form,
            texts.foreign_state,
            texts.too_many_wishes,
            texts.internal,
        ];
        let with = [
            texts.rejected,
            texts.throttled,
            texts.unavailable,
            texts.misunderstood,
            texts.other_account,
            texts.denied,
            texts.no_consent,
        ];
        let plain = [
            texts.missing,
            texts.missing_field,
            texts.unusable,
            texts.unusable_field,
            texts.check_field,
            texts.agreement_changed,
            texts.wish_unusable,
            texts.wrong_required,
            texts.wrong_provider,
            texts.wrong_sync_mode,
            texts.wrong_days,
            texts.wrong_date,
            texts.wrong_future,
            texts.wrong_both,
            texts.wrong_template,
            texts.wrong_address,
        ];
        let numbers = [texts.too_many, texts.wrong_length, texts.wrong_count];
        let mut all: Vec<String> = told.iter().map(|told| told.sentence.to_owned()).collect();
        all.extend(told.iter().map(|told| told.heading.to_owned()));
        all.extend(with.map(|with| with("Samsara")));
        all.extend(plain.map(str::to_owned));
        all.extend(numbers.map(|with| with(7)));
        all.push((texts.forbidden)("Samsara", "Read Vehicles"));
        all.push((texts.throttled_until)("Samsara", 3));
        all
    }

    #[test]
    fn every_sentence_is_told_in_every_language_and_once() {
        let all = Language::ALL.map(|language| sentences(texts(language)));
        for (index, english) in all[0].iter().enumerate() {
            let (french, spanish) = (&all[1][index], &all[2][index]);
            assert!(
                english != french && french != spanish && english != spanish,
                "{english}"
            );
        }
        for sentences in &all {
            for (index, sentence) in sentences.iter().enumerate() {
                assert!(!sentence.trim().is_empty());
                assert!(!sentences[..index].contains(sentence), "{sentence}");
            }
        }
    }

    #[test]
    fn what_is_filled_in_is_there() {
        for language in Language::ALL {
            let texts = texts(language);
            let two = (texts.forbidden)("Samsara", "Read Vehicles");
            assert!(
                two.contains("Samsara") && two.contains("Read Vehicles"),
                "{two}"
            );
            let agreement = (texts.agreement)("Acme Insurance", "Samsara");
            assert!(agreement.contains("Acme Insurance") && agreement.contains("Samsara"));
            assert!(agreement.contains("\n\n"));
            assert!((texts.too_many)(12).contains("12"));
            assert!((texts.too_many)(1).contains('1'));
            assert!((texts.wrong_length)(256).contains("256"));
            assert!(texts.found.contains('#'));
        }
    }
}
