//! English.

use super::{Texts, Told};

pub const TEXTS: Texts = Texts {
    close: "Close",
    languages: "Language",
    problem: "That did not work",
    optional: "optional",

    choose_title: "Choose your provider",
    choose_intro: |who| {
        format!("{who} asks to read your fleet's data. Which telematics provider do you use?")
    },
    search: "Search providers",
    search_button: "Search",
    found: "Providers found: #",
    none_found: |sought| format!("No provider is called “{sought}”."),
    not_listed: "My provider is not listed",

    connect_title: |provider| format!("Connect {provider}"),
    again_title: |provider| format!("Sign in to {provider} again"),
    another_provider: "Choose another provider",
    agreement_heading: "What you agree to",
    agreement: |who, provider| {
        format!(
            "{who} will be able to read the data of your {provider} account: vehicles, drivers, \
             locations, trips, hours of service, safety events and diagnostics, past and future, \
             for as long as the connection exists.\n\n\
             Nothing is changed in your account. You can end this at any time: change the \
             credentials at {provider}, or ask {who} to delete the connection.\n\n\
             By continuing you confirm that you may grant this access for your company."
        )
    },
    credentials_heading: "Your credentials",
    credentials_note: |provider| {
        format!("They are checked with {provider} and then stored encrypted.")
    },
    connect_button: "Agree and connect",
    oauth_button: |provider| format!("Agree and continue with {provider}"),
    by_hand: "Enter credentials instead",
    one_is_enough: "One of these fields is enough.",
    checking: |provider| format!("Checking with {provider}. This can take a few seconds."),

    done_title: |provider| format!("{provider} is connected"),
    done_text: |who, provider| format!("{who} can now read the data of your {provider} account."),
    done_button: "Done",
    done_no_button: "You can close this page.",
    handover: Told {
        heading: "One moment",
        sentence: "This window closes by itself. If it stays open, continue here.",
    },
    handover_link: "Continue",

    wish_title: "Ask for a provider",
    wish_intro: "Tell us which provider you use. You cannot connect it today.",
    wish_name: "Name of the provider",
    wish_contact: "Your e-mail address",
    wish_contact_help: "If you want to be told when it is available.",
    wish_button: "Send",
    wish_unusable: "Enter the name of the provider, with at most 200 characters in each field.",
    wish_noted_title: "Thank you",
    wish_noted: |provider, who| format!("{who} will see that you asked for {provider}."),
    back_to_list: "Back to the list",

    rejected: |provider| {
        format!(
            "{provider} does not accept these credentials. Check them for typing errors and \
             spaces, and that they have not expired."
        )
    },
    forbidden: |provider, permission| {
        format!(
            "{provider} accepts these credentials, but they lack a permission: {permission}. \
             Grant it at {provider} and try again."
        )
    },
    throttled: |provider| {
        format!("{provider} is answering too many requests just now. Try again in a minute.")
    },
    throttled_until: |provider, minutes| {
        let unit = if minutes == 1 { "minute" } else { "minutes" };
        format!("{provider} asks us to wait. Try again in {minutes} {unit}.")
    },
    unavailable: |provider| {
        format!(
            "{provider} does not answer, or not in time. Nothing is wrong with what you entered: \
             try again in a few minutes."
        )
    },
    misunderstood: |provider| {
        format!(
            "{provider} answered in a way that we do not understand. Try again; if it happens \
             again, tell whoever sent you here."
        )
    },
    other_account: |provider| {
        format!(
            "These credentials belong to another {provider} account than the one that was \
             connected. Sign in to that account."
        )
    },
    missing: "Something is missing. Fill in the marked fields.",
    missing_field: "Fill in this field.",
    unusable: "Something cannot be used. Check the marked fields.",
    unusable_field: "This is too long or holds characters that cannot be typed.",
    check_field: "Check this field.",
    agreement_changed: "The text that you agree to has changed. Read it and continue.",
    denied: |provider| {
        format!("You did not give your consent at {provider}. Nothing was connected.")
    },
    no_consent: |provider| {
        format!("{provider} sent you back without a consent. Nothing was connected: try again.")
    },
    too_many: |minutes| {
        let unit = if minutes == 1 { "minute" } else { "minutes" };
        format!("Too many attempts. Try again in {minutes} {unit}.")
    },

    expired_ticket: Told {
        heading: "This page is too old",
        sentence: "It was open for more than an hour. Close it and open it again from where you \
                   came.",
    },
    foreign_ticket: Told {
        heading: "This link is not complete",
        sentence: "It was cut off or changed. Close this page and open it again from where you \
                   came.",
    },
    unknown_key: Told {
        heading: "This link does not work",
        sentence: "It does not name a publishable key (pk_…) of this server. Tell whoever gave it \
                   to you.",
    },
    dead_key: Told {
        heading: "This link no longer works",
        sentence: "The key in it was revoked or has expired. Ask for a new link.",
    },
    unknown_link: Told {
        heading: "There is no such link",
        sentence: "It was deleted, is too old, or was mistyped. Ask for a new one.",
    },
    unknown_connection: Told {
        heading: "There is no such connection",
        sentence: "This link is for a connection that is not there. Ask for a new link.",
    },
    connection_closed: Told {
        heading: "This connection is being deleted",
        sentence: "It was deleted or soon will be, so nobody can sign in to it again. Ask for a \
                   link to a new one.",
    },
    wrong_parameters: Told {
        heading: "This link has mistakes",
        sentence: "Whoever made it must correct these parameters:",
    },
    not_here: Told {
        heading: "There is nothing here",
        sentence: "The address does not lead to a page of this server.",
    },
    foreign_form: Told {
        heading: "This was not sent by our page",
        sentence: "For your safety it was not accepted. Close this page and open it again from \
                   where you came.",
    },
    foreign_state: Told {
        heading: "This answer cannot be used",
        sentence: "Your browser did not ask for it, or asked too long ago. Close this page and \
                   begin again from where you came.",
    },
    too_many_wishes: Told {
        heading: "Too many requests",
        sentence: "Your earlier requests were received.",
    },
    internal: Told {
        heading: "Something went wrong on our side",
        sentence: "Nothing was connected. Try again in a few minutes.",
    },

    wrong_required: "is required",
    wrong_provider: "names no provider of this server",
    wrong_sync_mode: "must be automatic or manual",
    wrong_days: "must be a number from 0 to 3660",
    wrong_date: "must be a date such as 2026-01-31",
    wrong_future: "must not lie in the future",
    wrong_both: "must not be given together with backfill_days",
    wrong_length: |most| format!("must have at most {most} characters"),
    wrong_count: |most| format!("must have at most {most} entries"),
    wrong_template: "names no consent template of this application",
    wrong_address: "is not one of this application's registered redirect addresses",
};
