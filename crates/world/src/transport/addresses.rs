//! Which addresses are of the public internet, and a resolver that finds no others.
//!
//! Names are other people's: whoever owns one decides what it resolves to, and may decide anew each
//! time. So the rule is about the address that is connected to, at the moment of connecting, and
//! never about the name. It allows what is known to be public and refuses everything else.
//! Literal addresses in URLs never come to a resolver; [`literal`] finds those.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Blocks of IPv4 with a special purpose: IANA's registry of them (RFC 6890), multicast (RFC 5771)
/// and what is reserved (RFC 1112).
const NOT_PUBLIC_V4: [(Ipv4Addr, u32); 16] = [
    // "This network", which Linux takes for loopback.
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    // Between a carrier and its customers.
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    // Link-local, where clouds tell machines their secrets.
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    // Reserved, and the broadcast address at its end.
    (Ipv4Addr::new(240, 0, 0, 0), 4),
    // The address that some clouds' hosts answer their guests at.
    (Ipv4Addr::new(168, 63, 129, 16), 32),
];

/// All of IPv6 that is given to anybody (RFC 4291, 2.4); the blocks below lie in it.
const GLOBAL_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

const NOT_PUBLIC_V6: [(Ipv6Addr, u32); 3] = [
    // Protocols: Teredo, benchmarks, hashes that look like addresses.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => match inner_v4(v6) {
            Some(v4) => is_public_v4(v4),
            None => in_v6(v6, GLOBAL_V6) && !NOT_PUBLIC_V6.iter().any(|block| in_v6(v6, *block)),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let within = |(base, bits): &(Ipv4Addr, u32)| {
        (address.to_bits() ^ base.to_bits()).leading_zeros() >= *bits
    };
    !NOT_PUBLIC_V4.iter().any(within)
}

fn in_v6(address: Ipv6Addr, (base, bits): (Ipv6Addr, u32)) -> bool {
    (address.to_bits() ^ base.to_bits()).leading_zeros() >= bits
}

/// The IPv4 address that packets to this one end at: mapped, 6to4 (RFC 3056) or NAT64 with the
/// well-known prefix (RFC 6052).
fn inner_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    const NAT64: (Ipv6Addr, u32) = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);
    const SIX_TO_FOUR: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16);
    // The lowest 32 bits of what is left.
    let from = |shift: u32| Ipv4Addr::from_bits((address.to_bits() >> shift) as u32);
    address.to_ipv4_mapped().or_else(|| {
        if in_v6(address, NAT64) {
            Some(from(0))
        } else {
            in_v6(address, SIX_TO_FOUR).then(|| from(80))
        }
    })
}

/// The address in a URL that names no host; the URL's parser has read numbers in any base.
pub fn literal(url: &Url) -> Option<IpAddr> {
    let host = url.host_str()?;
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    bare.unwrap_or(host).parse().ok()
}

pub type LookingUp = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;
/// Finds the addresses of a host.
pub type Lookup = Arc<dyn Fn(String) -> LookingUp + Send + Sync>;

/// As the system does it.
pub fn system_lookup() -> Lookup {
    Arc::new(|host| {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            Ok(found.collect())
        })
    })
}

/// A host has no address that requests may reach.
#[derive(Debug, thiserror::Error)]
#[error("no address of {host} is public")]
pub struct NotPublic {
    pub host: String,
}

/// Finds the public addresses of a host, and only those.
pub struct PublicResolver(pub Lookup);

impl Resolve for PublicResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let looking_up = (self.0)(host.clone());
        Box::pin(async move {
            let mut found = looking_up.await?;
            found.retain(|address| is_public(address.ip()));
            match found.is_empty() {
                true => Err(NotPublic { host }.into()),
                false => Ok(Box::new(found.into_iter()) as Addrs),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_public_internet() {
        for public in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "2001:4860:4860::8888",
            "2a00:1450::1",
            "3ffe:ffff::1",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2002:808:808::1",
        ] {
            assert!(is_public(public.parse().expect(public)), "{public}");
        }
    }

    #[test]
    fn addresses_of_anything_else() {
        for private in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::8.8.8.8",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:0:10.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::8.8.8.8",
            "100::1",
            "2001::1",
            "2001:2::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "2002:a00:1::1",
            "2002:c0a8:101::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(private.parse().expect(private)), "{private}");
        }
    }

    #[test]
    fn literals_are_found_however_they_are_written() {
        let check = |url: &str, want: Option<&str>| {
            let url = Url::parse(url).expect(url);
            let want = want.map(|want| want.parse().expect(want));
            assert_eq!(literal(&url), want, "{url}");
        };
        check("http://127.0.0.1:8931/x", Some("127.0.0.1"));
        check("http://2130706433/", Some("127.0.0.1"));
        check("http://0x7f.1/", Some("127.0.0.1"));
        check("http://0177.0.0.01/", Some("127.0.0.1"));
        check("http://127.1/", Some("127.0.0.1"));
        check("http://%31%32%37.0.0.1/", Some("127.0.0.1"));
        check("http://①②⑦.0.0.1/", Some("127.0.0.1"));
        check("http://0/", Some("0.0.0.0"));
        check("http://127.0.0.1./", Some("127.0.0.1"));
        check("http://user@[::1]:80/", Some("::1"));
        check("http://[::ffff:7f00:1]/", Some("::ffff:127.0.0.1"));
        check("http://localhost/", None);
        check("http://127.0.0.1.example.com/", None);
        check("https://api.samsara.com/me", None);
    }
}
