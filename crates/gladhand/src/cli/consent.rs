//! Asking for consent templates and for providers.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use model::TemplateId;
use model::connection::SyncMode;

use super::connections::sync_mode;
use super::{ApplicationArgs, OutputArgs};

const TEMPLATE_EXAMPLES: &str = "\
Examples:
  gladhand template create default --display-name Acme --primary-color '#1b66d1' --logo acme.svg
  gladhand template create fleets --agreement-en agreement.txt --agreement-fr accord.txt
  gladhand template show ltp_… --format json
  gladhand template update ltp_… --backfill-days 90 --require-external-id true
  gladhand template update ltp_… --file form.json          the whole form anew

The template called \"default\" serves links that name none. Texts are plain; paragraphs of an
agreement are parted by an empty line. An owner agrees to the text as it is at that moment: what
was agreed to before stays as it was.";

#[derive(Debug, Subcommand)]
#[command(after_help = TEMPLATE_EXAMPLES)]
pub enum TemplateCommand {
    /// Make a template
    Create {
        /// What to call it
        name: String,
        #[command(flatten)]
        owner: ApplicationArgs,
        /// PNG or SVG of at most 64 KiB
        #[arg(long, value_name = "FILE")]
        logo: Option<PathBuf>,
        #[command(flatten)]
        output: OutputArgs,
        #[command(flatten)]
        form: Box<FormArgs>,
    },
    /// List templates, archived ones included
    List {
        #[command(flatten)]
        owner: ApplicationArgs,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Show a template; its texts with --format json
    Show {
        #[arg(value_name = "ltp_…")]
        id: TemplateId,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Change what flags name; an empty text takes a text away
    Update {
        #[arg(value_name = "ltp_…")]
        id: TemplateId,
        /// Call it otherwise
        #[arg(long, value_name = "TEXT")]
        name: Option<String>,
        /// PNG or SVG of at most 64 KiB
        #[arg(long, value_name = "FILE", conflicts_with = "no_logo")]
        logo: Option<PathBuf>,
        /// Take the logo away
        #[arg(long)]
        no_logo: bool,
        #[command(flatten)]
        output: OutputArgs,
        #[command(flatten)]
        form: Box<FormArgs>,
    },
    /// Let no new link name it; links that do go on working
    Archive {
        #[arg(value_name = "ltp_…")]
        id: TemplateId,
        #[command(flatten)]
        output: OutputArgs,
    },
}

/// A consent form: a file, and flags over it.
#[derive(Args, Clone, Debug, Default)]
pub struct FormArgs {
    /// The form as JSON, as `template show --format json` has it under "form"
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Who asks, as customers know it
    #[arg(long, value_name = "TEXT")]
    pub display_name: Option<String>,
    /// Of buttons and links, such as #1b66d1
    #[arg(long, value_name = "COLOUR")]
    pub primary_color: Option<String>,
    /// Of buttons and fields, in pixels: 0 to 24
    #[arg(long, value_name = "PIXELS")]
    pub border_radius: Option<u8>,
    /// Of new connections, where the link says nothing
    #[arg(long, value_parser = sync_mode, value_name = "MODE")]
    pub sync_mode: Option<SyncMode>,
    /// Days of history that the first sync reads, where the link says nothing
    #[arg(long, value_name = "DAYS")]
    pub backfill_days: Option<f64>,
    /// Tag of new connections; can be repeated, and takes the place of all before
    #[arg(long, value_name = "TEXT")]
    pub tag: Vec<String>,
    /// Refuse links without an external id
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub require_external_id: Option<bool>,
    /// Where the browser goes after success, where the link names no address
    #[arg(long, value_name = "URL")]
    pub redirect_url: Option<String>,
    /// Where it goes after an unlisted provider was asked for
    #[arg(long, value_name = "URL")]
    pub unsupported_redirect_url: Option<String>,
    // Last, for what follows it in the help would stand under its heading.
    #[command(flatten)]
    pub texts: TextArgs,
}

/// Titles and messages are given as they are, agreements as files: names of files that may be
/// empty, which paths may not.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Texts")]
pub struct TextArgs {
    /// Heading in English
    #[arg(long, value_name = "TEXT")]
    pub title_en: Option<String>,
    /// Heading in French
    #[arg(long, value_name = "TEXT")]
    pub title_fr: Option<String>,
    /// Heading in Spanish
    #[arg(long, value_name = "TEXT")]
    pub title_es: Option<String>,
    /// What owners agree to, in English
    #[arg(long, value_name = "FILE")]
    pub agreement_en: Option<String>,
    /// What owners agree to, in French
    #[arg(long, value_name = "FILE")]
    pub agreement_fr: Option<String>,
    /// What owners agree to, in Spanish
    #[arg(long, value_name = "FILE")]
    pub agreement_es: Option<String>,
    /// Message at the end, in English
    #[arg(long, value_name = "TEXT")]
    pub success_en: Option<String>,
    /// Message at the end, in French
    #[arg(long, value_name = "TEXT")]
    pub success_fr: Option<String>,
    /// Message at the end, in Spanish
    #[arg(long, value_name = "TEXT")]
    pub success_es: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum ProviderCommand {
    /// List the providers that can be connected
    List {
        #[command(flatten)]
        output: OutputArgs,
    },
    /// List providers that people on the Link page asked for and did not find
    Requests {
        #[command(flatten)]
        owner: ApplicationArgs,
        #[command(flatten)]
        output: OutputArgs,
    },
}
