//! Addresses that an application registers: where its pages are, and where browsers are sent back
//! to.
//!
//! Both are compared as texts, so each has one spelling here: lower case, no port that the scheme
//! has anyway, no `..` in the path.

use url::{Host, Url};

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    #[error("is no address such as https://app.example.com")]
    NotAnAddress,
    /// On the way to another machine, whoever sits between would read tokens.
    #[error("must begin with https:// (http:// is for localhost, 127.0.0.1 and [::1] only)")]
    NotSecure,
    #[error("must name a host of letters, digits, dots and hyphens, and no wildcard")]
    StrangeHost,
    #[error("must not hold a user's name or password")]
    UserInfo,
    #[error("must end after host and port, such as https://app.example.com:8443")]
    MoreThanAnOrigin,
    #[error("must not have a fragment (#…)")]
    Fragment,
}

/// The one spelling of an origin: scheme, host, and the port if it is not the scheme's own.
pub fn origin_address(text: &str) -> Result<String, AddressError> {
    let url = read(text)?;
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    // A slash at the end is what address bars add; what browsers and the SDK compare has none.
    match is_bare {
        true => Ok(url.origin().ascii_serialization()),
        false => Err(AddressError::MoreThanAnOrigin),
    }
}

/// The one spelling of an address to be redirected to, without its query.
pub fn redirect_address(text: &str) -> Result<String, AddressError> {
    let mut url = read(text)?;
    if url.fragment().is_some() {
        return Err(AddressError::Fragment);
    }
    url.set_query(None);
    Ok(url.into())
}

fn read(text: &str) -> Result<Url, AddressError> {
    let url = Url::parse(text).map_err(|_| AddressError::NotAnAddress)?;
    let (is_plain, is_loopback) = match url.host() {
        Some(Host::Domain(name)) => (is_plain(name), is_local(name)),
        Some(Host::Ipv4(address)) => (true, address.is_loopback()),
        Some(Host::Ipv6(address)) => (true, address.is_loopback()),
        None => return Err(AddressError::NotAnAddress),
    };
    match url.scheme() {
        "https" => {}
        "http" if is_loopback => {}
        _ => return Err(AddressError::NotSecure),
    }
    // An origin becomes a word of a Content-Security-Policy: `*`, `;` and `,` would mean something.
    if !is_plain {
        return Err(AddressError::StrangeHost);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(AddressError::UserInfo);
    }
    Ok(url)
}

fn is_plain(name: &str) -> bool {
    let is_usual = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    name.bytes().all(is_usual)
}

fn is_local(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_one_spelling() {
        let check = |text: &str, want: Result<&str, AddressError>| {
            assert_eq!(origin_address(text), want.map(str::to_owned), "{text}");
        };
        check("https://app.example.com", Ok("https://app.example.com"));
        check("https://app.example.com/", Ok("https://app.example.com"));
        check("HTTPS://App.Example.com:443", Ok("https://app.example.com"));
        check(
            "https://app.example.com:8443",
            Ok("https://app.example.com:8443"),
        );
        check("http://localhost:3000", Ok("http://localhost:3000"));
        check("http://127.0.0.1:3000", Ok("http://127.0.0.1:3000"));
        check("http://[::1]:3000", Ok("http://[::1]:3000"));
        check(
            "https://münchen.example",
            Ok("https://xn--mnchen-3ya.example"),
        );
        check("http://app.example.com", Err(AddressError::NotSecure));
        check("ftp://app.example.com", Err(AddressError::NotSecure));
        check("https://*.example.com", Err(AddressError::StrangeHost));
        check("https://a;b.example.com", Err(AddressError::StrangeHost));
        check("https://a,b.example.com", Err(AddressError::StrangeHost));
        check("https://me@app.example.com", Err(AddressError::UserInfo));
        for more in ["/page", "/?x", "?x", "#x"] {
            let text = format!("https://app.example.com{more}");
            check(&text, Err(AddressError::MoreThanAnOrigin));
        }
        for nothing in ["", "app.example.com", "null", "*", "https://", "data:x"] {
            check(nothing, Err(AddressError::NotAnAddress));
        }
    }

    #[test]
    fn a_redirect_is_an_address_without_its_query() {
        let check = |text: &str, want: Result<&str, AddressError>| {
            assert_eq!(redirect_address(text), want.map(str::to_owned), "{text}");
        };
        check("https://a.example/done?x=1", Ok("https://a.example/done"));
        check("https://a.example", Ok("https://a.example/"));
        check(
            "https://A.example:443/x/../Done",
            Ok("https://a.example/Done"),
        );
        check("http://localhost:1/done", Ok("http://localhost:1/done"));
        check("https://a.example/done#x", Err(AddressError::Fragment));
        check("https://u:p@a.example/", Err(AddressError::UserInfo));
        check("http://a.example/done", Err(AddressError::NotSecure));
        check("javascript:alert(1)", Err(AddressError::NotAnAddress));
        check("//a.example/done", Err(AddressError::NotAnAddress));
        check("/done", Err(AddressError::NotAnAddress));
    }
}
