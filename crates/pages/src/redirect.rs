//! Where the browser goes when a visit is over: to registered addresses and nowhere else.

use url::Url;

/// An address that the application registered, with the query that the link gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    url: Url,
    /// Given back as it came.
    state: Option<String>,
}

impl Redirect {
    /// `None` where no registered address has the same scheme, host, port and path. Queries are
    /// free.
    pub fn registered(asked: &str, state: Option<&String>, known: &[String]) -> Option<Redirect> {
        let address = store::redirect_address(asked).ok()?;
        let url = Url::parse(asked).ok()?;
        known.contains(&address).then(|| Redirect {
            url,
            state: state.cloned(),
        })
    }

    /// Scheme, host and port, as policies name them.
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// After a success.
    pub fn with_token(&self, public_token: &str) -> String {
        self.with("token", public_token)
    }

    /// When nothing came of the visit.
    pub fn with_error(&self) -> String {
        self.with("error", "access_denied")
    }

    /// With nothing but the state: after a wish.
    pub fn plain(&self) -> String {
        let mut url = self.url.clone();
        if let Some(state) = &self.state {
            url.query_pairs_mut().append_pair("state", state);
        }
        url.into()
    }

    fn with(&self, name: &str, value: &str) -> String {
        let mut url = self.url.clone();
        let mut pairs = url.query_pairs_mut();
        pairs.append_pair(name, value);
        if let Some(state) = &self.state {
            pairs.append_pair("state", state);
        }
        drop(pairs);
        url.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Vec<String> {
        [
            "https://app.example.com/linked",
            "http://127.0.0.1:3000/back",
            "https://bare.example.com/",
        ]
        .map(str::to_owned)
        .into()
    }

    #[test]
    fn only_registered_addresses_are_gone_to() {
        let check = |asked: &str, want: bool| {
            let found = Redirect::registered(asked, None, &known());
            assert_eq!(found.is_some(), want, "{asked}");
        };
        check("https://app.example.com/linked", true);
        check("https://APP.example.com:443/linked?customer=7", true);
        check("http://127.0.0.1:3000/back", true);
        check("https://bare.example.com/", true);
        check("https://bare.example.com/?a=b", true);
        check("http://app.example.com/linked", false);
        check("https://app.example.com/linked/", false);
        check("https://app.example.com/linked/../other", false);
        check("https://app.example.com:8443/linked", false);
        check("https://app.example.com.evil.test/linked", false);
        check("https://app.example.com@evil.test/linked", false);
        check("https://user@app.example.com/linked", false);
        check("https://app.example.com/linked#token", false);
        check("http://127.0.0.1:3001/back", false);
        check("javascript:alert(1)", false);
        check("//app.example.com/linked", false);
        check("", false);
    }

    #[test]
    fn token_and_state_join_the_query() {
        let state = "a b&c=d".to_owned();
        let asked = "https://app.example.com/linked?customer=7";
        let redirect = Redirect::registered(asked, Some(&state), &known()).expect("registered");
        assert_eq!(
            redirect.with_token("pub_tkn_1"),
            "https://app.example.com/linked?customer=7&token=pub_tkn_1&state=a+b%26c%3Dd"
        );
        let redirect = Redirect::registered("http://127.0.0.1:3000/back", None, &known());
        let redirect = redirect.expect("registered");
        assert_eq!(
            redirect.with_error(),
            "http://127.0.0.1:3000/back?error=access_denied"
        );
        assert_eq!(redirect.plain(), "http://127.0.0.1:3000/back");
        assert_eq!(redirect.origin(), "http://127.0.0.1:3000");
    }
}
