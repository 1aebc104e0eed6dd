//! Where owners of connections sign in again.

use model::{ApplicationId, ConnectionId, Secret};
use store::StoreError;

use crate::engine::Engine;

/// Addresses of one application's connections.
pub struct LinkUrls {
    base_url: String,
    /// The application's newest publishable key that is good now, for all to see.
    key: Option<Secret>,
}

impl Engine {
    /// One look-up, however many addresses are made with it.
    pub async fn link_urls(&self, application: ApplicationId) -> Result<LinkUrls, StoreError> {
        let now = self.clock().now();
        Ok(LinkUrls {
            base_url: self.config().link_base_url.clone(),
            key: self.store().publishable_key(application, now).await?,
        })
    }
}

impl LinkUrls {
    /// Without a key, which the page then asks for, where the application has none.
    pub fn of(&self, connection: ConnectionId) -> String {
        let page = format!(
            "{}/connection/{connection}",
            self.base_url.trim_end_matches('/')
        );
        match &self.key {
            Some(key) => format!("{page}?key={}", key.reveal()),
            None => page,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_the_key_where_there_is_one() {
        let connection: ConnectionId = "conn_01GV12VR4DJP70GD1ZBK0SDWFH".parse().expect("an id");
        let mut urls = LinkUrls {
            base_url: "https://link.example/".to_owned(),
            key: None,
        };
        let page = "https://link.example/connection/conn_01GV12VR4DJP70GD1ZBK0SDWFH";
        assert_eq!(urls.of(connection), page);
        urls.key = Some(Secret::new("pk_prod_abc"));
        assert_eq!(urls.of(connection), format!("{page}?key=pk_prod_abc"));
    }
}
