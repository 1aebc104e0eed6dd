//! Hosted pages, rendered on the server: Link, where the owner of an account connects it.
//!
//! A visit begins at [`entry`] (an address with a publishable key, a short link, or the address of
//! a connection to sign in to again), chooses a provider ([`choose`]), reads what is agreed to and
//! gives credentials ([`connect`]) or consents at the provider ([`oauth`]); [`consent`] hands them
//! to the engine and [`done`] tells whoever opened the page. Between two pages everything that was
//! asked for is in the *ticket* ([`ticket`]) that every link and form carries: sealed by the vault,
//! good for an hour, so that nothing is stored of visits that come to nothing.
//!
//! Who opened the page is told in one of two ways. Framed, or opened by another page: messages, to
//! the application's registered origins only, sent by the script. On its own and with a redirect
//! address: the browser is sent there. Which of the two it is, browsers say themselves
//! (`Sec-Fetch-Dest`); where they do not, the script fills in a field of the form, and without
//! either the page counts as standing on its own.
//!
//! Absent here: SQL, providers (the engine's catalogue describes them), sessions, any cookie but
//! the one that ties an OAuth flow to its browser, and whatever would come from another host.

mod agreement;
mod artwork;
mod attempts;
mod choose;
mod connect;
mod consent;
mod done;
mod entry;
mod files;
mod form;
mod journey;
mod layout;
mod oauth;
mod outcome;
mod parameters;
mod policy;
mod redirect;
mod site;
mod texts;
mod ticket;
mod visit;
mod wish;

#[cfg(test)]
mod tests;

pub use site::{Pages, PagesConfig, router};
