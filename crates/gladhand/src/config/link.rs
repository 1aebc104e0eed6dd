//! Where the hosted Link page is served, and how browsers reach it.

use std::net::SocketAddr;

use super::error::ConfigErrors;
use super::section::both;
use super::values::Values;

#[derive(Clone, Debug)]
pub struct LinkSection {
    /// `None`: at the server's own listener, for requests whose `Host` is that of `base_url`.
    pub listen: Option<SocketAddr>,
    /// A bare origin. `None`: from the address that the listener got.
    pub base_url: Option<String>,
    /// Lower-case. `None`: whoever connects is the client.
    pub client_ip_header: Option<String>,
}

impl LinkSection {
    pub fn read(values: &Values) -> Result<LinkSection, ConfigErrors> {
        let listen = match values.text("link.listen") {
            "" => Ok(None),
            _ => values
                .parse(
                    "link.listen",
                    "an address and a port, such as \"127.0.0.1:8881\", or nothing",
                )
                .map(Some),
        };
        let base_url = values.base_url("link.base_url").and_then(|url| {
            let is_bare = |url: &String| url.split('/').count() == 3;
            match url {
                Some(url) if !is_bare(&url) => Err(values.bad(
                    "link.base_url",
                    "scheme, host and port alone: browsers compare it with the page's origin",
                )),
                url => Ok(url),
            }
        });
        let (listen, base_url) = both(listen, base_url)?;
        if listen.is_none() && base_url.is_none() {
            let wanted = "how browsers reach the Link page, since link.listen is empty";
            return Err(values.bad("link.base_url", wanted).into());
        }
        let header = values.text("link.client_ip_header").to_ascii_lowercase();
        Ok(LinkSection {
            listen,
            base_url,
            client_ip_header: (!header.is_empty()).then_some(header),
        })
    }
}
