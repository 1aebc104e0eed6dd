//! Hosted pages, rendered on the server: Link, where the owner of an account connects it.
