//! Where a provider is asked, and how far requests to it may reach.

use world::Reach;

/// Scheme, host and port below which a provider's API lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    pub url: String,
    /// Named by the operator rather than by the provider's descriptor.
    pub is_operators: bool,
}

impl BaseUrl {
    /// How far a request to `url` may reach. The operator may point us into a private network, and
    /// then at that host alone: an account that says it lives elsewhere cannot.
    pub fn reach(&self, url: &str) -> Reach {
        match self.is_operators && host(url) == host(&self.url) {
            true => Reach::Anywhere,
            false => Reach::Public,
        }
    }
}

/// Without user, port and path, in lower case.
fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_host_that_the_operator_named_may_be_private() {
        let operators = BaseUrl {
            url: "http://127.0.0.1:8931".to_owned(),
            is_operators: true,
        };
        let check = |url: &str, want: Reach| assert_eq!(operators.reach(url), want, "{url}");
        check("http://127.0.0.1:8931/fleet", Reach::Anywhere);
        check("http://127.0.0.1:8932", Reach::Anywhere);
        check("http://10.0.0.1/fleet", Reach::Public);
        check("http://127.0.0.1@10.0.0.1/", Reach::Public);
        check("http://10.0.0.1?127.0.0.1", Reach::Public);
        let own = BaseUrl {
            url: "https://api.samsara.com".to_owned(),
            is_operators: false,
        };
        assert_eq!(own.reach("https://api.samsara.com/me"), Reach::Public);
        assert_eq!(host("http://[::1]:80/x"), "::1");
    }
}
