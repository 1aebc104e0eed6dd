//! Looks for secrets in everything that was written, also as encoders write them.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};

/// Something that must not be found, with the forms in which it is looked for.
pub struct Secret {
    pub name: &'static str,
    forms: Vec<(&'static str, Vec<u8>)>,
}

impl Secret {
    pub fn text(name: &'static str, text: &str) -> Secret {
        let mut secret = Secret::bytes(name, text.as_bytes());
        let quoted = serde_json::to_string(text).expect("a text is JSON");
        let unquoted = quoted[1..quoted.len() - 1].to_owned();
        let debugged = format!("{text:?}");
        let debugged = debugged[1..debugged.len() - 1].to_owned();
        for (form, text) in [
            ("JSON", unquoted),
            ("Debug", debugged),
            ("URL", percent_encoded(text, "")),
            ("form", percent_encoded(text, "").replace("%20", "+")),
            ("query", percent_encoded(text, ",:/+=@")),
        ] {
            secret.forms.push((form, text.clone().into_bytes()));
            secret.forms.push((form, text.to_lowercase().into_bytes()));
        }
        secret
    }

    pub fn bytes(name: &'static str, bytes: &[u8]) -> Secret {
        assert!(bytes.len() >= 12, "{name} may be found by chance");
        let mut forms = vec![("plain", bytes.to_vec())];
        let hex = |upper: bool| {
            bytes.iter().fold(String::new(), |mut hex, byte| {
                let written = match upper {
                    true => write!(hex, "{byte:02X}"),
                    false => write!(hex, "{byte:02x}"),
                };
                written.expect("a text takes everything");
                hex
            })
        };
        forms.push(("hex", hex(false).into_bytes()));
        forms.push(("hex", hex(true).into_bytes()));
        // In the middle of something longer it begins at any of three places of a group.
        for before in 0..3 {
            let all = [&vec![0; before][..], bytes].concat();
            let skipped = (before * 8).div_ceil(6);
            for (form, encoded) in [
                ("base64", BASE64_STANDARD_NO_PAD.encode(&all)),
                ("base64url", BASE64_URL_SAFE_NO_PAD.encode(&all)),
            ] {
                let whole = all.len() * 8 / 6;
                forms.push((form, encoded.as_bytes()[skipped..whole].to_vec()));
            }
        }
        Secret { name, forms }
    }

    /// In which form it is in there.
    pub fn found_in(&self, bytes: &[u8]) -> Option<&'static str> {
        let found = self.forms.iter().find(|(_, form)| holds(bytes, form));
        found.map(|(form, _)| *form)
    }
}

fn percent_encoded(text: &str, plain: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        let is_plain = byte.is_ascii_alphanumeric()
            || b"-._~".contains(&byte)
            || plain.as_bytes().contains(&byte);
        match is_plain {
            true => encoded.push(char::from(byte)),
            false => write!(encoded, "%{byte:02X}").expect("a text takes everything"),
        }
    }
    encoded
}

pub fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    memchr::memmem::find(bytes, wanted).is_some()
}

/// Something that was written: a file, or what a stored body decompresses to.
#[derive(Clone)]
pub struct Written {
    pub what: String,
    pub bytes: Vec<u8>,
}

/// Everything that was found where it must not be: what, where, in which form.
pub fn leaks(secrets: &[Secret], written: &[Written]) -> Vec<String> {
    let mut leaks = Vec::new();
    for place in written {
        for secret in secrets {
            let form = secret.found_in(&place.bytes);
            leaks.extend(form.map(|form| format!("{} as {form} in {}", secret.name, place.what)));
        }
    }
    leaks
}

#[test]
fn secrets_are_found_in_every_form() {
    let text = "Pa\"ss/wörd+12 3456=";
    let secret = Secret::text("password", text);
    let check = |written: &str, want: Option<&str>| {
        assert_eq!(secret.found_in(written.as_bytes()), want, "{written}");
    };
    check("nothing of it", None);
    check("Pa\"ss/wörd+12 345", None);
    check(&format!("log: {text}."), Some("plain"));
    check(r#"{"password":"Pa\"ss/wörd+12 3456="}"#, Some("JSON"));
    check("x=Pa%22ss%2Fw%C3%B6rd%2B12%203456%3D&", Some("URL"));
    check("x=pa%22ss%2fw%c3%b6rd%2b12%203456%3d&", Some("URL"));
    check("x=Pa%22ss%2Fw%C3%B6rd%2B12+3456%3D&", Some("form"));
    check("506122737377", None);
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    check(&hex, Some("hex"));
    for before in ["", "a", "ab", "user:"] {
        let encoded = BASE64_STANDARD_NO_PAD.encode(format!("{before}{text} and more"));
        check(&encoded, Some("base64"));
    }
}
