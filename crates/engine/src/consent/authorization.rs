//! OAuth: where an account's owner consents at the provider.

use provider::{Descriptor, OAuthApp, Request};

use crate::access::url;
use crate::engine::Engine;

impl Engine {
    /// The operator's app with a provider; a brand has its platform's.
    pub(crate) fn oauth_app(&self, descriptor: &Descriptor) -> Option<&OAuthApp> {
        let app = |code: &str| self.config().oauth_apps.get(code);
        app(descriptor.code).or_else(|| descriptor.base_code.and_then(app))
    }

    /// Whether accounts of this provider can be connected by consenting at the provider.
    pub fn has_oauth(&self, provider: &str) -> bool {
        let found = providers::find(provider).map(|provider| provider.descriptor());
        found.is_some_and(|descriptor| {
            descriptor.oauth.is_some() && self.oauth_app(descriptor).is_some()
        })
    }

    /// Where the browser goes to consent; `state` comes back with the code. `None` where
    /// [`Engine::has_oauth`] is false.
    pub fn authorization_url(&self, provider: &str, state: &str) -> Option<String> {
        let descriptor = providers::find(provider)?.descriptor();
        let flow = descriptor.oauth?;
        let app = self.oauth_app(descriptor)?;
        let mut asked = Request::get(flow.authorize_path)
            .query("client_id", &app.client_id)
            .query("redirect_uri", &app.redirect_uri)
            .query("response_type", "code");
        if !flow.scopes.is_empty() {
            asked = asked.query("scope", flow.scopes.join(" "));
        }
        let asked = asked.query("state", state);
        let base_url = self.base_url(None, descriptor);
        Some(url(&base_url.url, &asked.path_and_query()))
    }

    /// The credential field that the code of a callback is given in.
    pub const CODE_FIELD: &'static str = "code";
}
