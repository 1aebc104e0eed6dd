//! Pictures and colours: providers' marks, and what templates bring.
//!
//! Logos are only ever shown as images, and answered with a policy under which a picture that holds
//! a script is a picture.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use model::TemplateId;
use model::link::ConsentForm;
use store::Template;

use crate::files::File;
use crate::outcome::{Reason, Stop};
use crate::site::{Shared, Site};

/// All dark enough for white letters.
const GROUNDS: [&str; 8] = [
    "#475569", "#1d4ed8", "#0f766e", "#15803d", "#a16207", "#b91c1c", "#a21caf", "#6d28d9",
];

/// Pictures may style themselves and do nothing else.
const PICTURE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox; \
    frame-ancestors 'none'";

/// A neutral mark with the provider's initial: the vendors' own artwork is theirs.
///
/// `GET /providers/{code}/icon.svg`
pub async fn icon(
    State(_site): State<Shared>,
    Path(code): Path<String>,
    asked: HeaderMap,
) -> Result<Response, Stop> {
    let entry = engine::catalogue_entry(&code).ok_or(Reason::NotHere)?;
    let initial = entry
        .name
        .chars()
        .find(|letter| letter.is_ascii_alphanumeric());
    let sum: usize = code.bytes().map(usize::from).sum();
    let ground = GROUNDS[sum % GROUNDS.len()];
    let initial = initial.unwrap_or('?').to_ascii_uppercase();
    Ok(File::new("image/svg+xml", mark(initial, ground)).answer(&asked))
}

/// `GET /icon.svg`, of the pages themselves
pub async fn own(asked: HeaderMap) -> Response {
    File::new("image/svg+xml", mark('G', GROUNDS[0])).answer(&asked)
}

fn mark(initial: char, ground: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 64 64\">\
         <rect width=\"64\" height=\"64\" rx=\"14\" fill=\"{ground}\"/>\
         <text x=\"32\" y=\"44\" font-family=\"sans-serif\" font-weight=\"600\" font-size=\"34\" \
         fill=\"#fff\" text-anchor=\"middle\">{initial}</text></svg>"
    )
}

/// `GET /templates/{id}/logo`
pub async fn logo(
    State(site): State<Shared>,
    Path(id): Path<String>,
    asked: HeaderMap,
) -> Result<Response, Stop> {
    let template = template(&site, &id).await?;
    let logo = template.logo.ok_or(Reason::NotHere)?;
    let mut response = File::new(&logo.media_type, logo.bytes).answer(&asked);
    let policy = HeaderValue::from_static(PICTURE_POLICY);
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

/// `GET /templates/{id}/theme.css`
pub async fn theme(
    State(site): State<Shared>,
    Path(id): Path<String>,
    asked: HeaderMap,
) -> Result<Response, Stop> {
    let template = template(&site, &id).await?;
    Ok(File::new("text/css; charset=utf-8", theme_of(&template.form)).answer(&asked))
}

async fn template(site: &Site, id: &str) -> Result<Template, Stop> {
    let id: TemplateId = id.parse().map_err(|_| Reason::NotHere)?;
    let found = site.engine.store().template(id).await?;
    found.ok_or(Reason::NotHere.into())
}

/// Only what can be read as a colour or a number gets into it.
fn theme_of(form: &ConsentForm) -> String {
    let mut rules = String::new();
    if let Some(colour) = form.primary_color.as_deref().and_then(Colour::parse) {
        let Colour([red, green, blue]) = colour;
        let ink = colour.ink();
        rules.push_str(&format!(
            "  --accent: #{red:02x}{green:02x}{blue:02x};\n  --accent-ink: {ink};\n"
        ));
    }
    if let Some(pixels) = form.border_radius {
        rules.push_str(&format!("  --radius: {}px;\n", pixels.min(24)));
    }
    format!(":root {{\n{rules}}}\n")
}

/// Red, green and blue of sRGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Colour([u8; 3]);

impl Colour {
    /// `#rrggbb`
    fn parse(text: &str) -> Option<Colour> {
        let is_hex = |digits: &&str| {
            digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
        };
        let digits = text.strip_prefix('#').filter(is_hex)?;
        let whole = u32::from_str_radix(digits, 16).ok()?;
        let [_, red, green, blue] = whole.to_be_bytes();
        Some(Colour([red, green, blue]))
    }

    /// Relative luminance as WCAG 2 defines it: 0 to 1.
    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            match part <= 0.040_45 {
                true => part / 12.92,
                false => ((part + 0.055) / 1.055).powf(2.4),
            }
        };
        let Colour([red, green, blue]) = self;
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }

    /// The colour of letters on it: of black and white one always has a contrast of 4.5 or more.
    fn ink(self) -> &'static str {
        let on_black = (self.luminance() + 0.05) / 0.05;
        let on_white = 1.05 / (self.luminance() + 0.05);
        match on_white >= on_black {
            true => "#ffffff",
            false => "#000000",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_can_be_read_on_every_colour() {
        let ink = |text: &str| Colour::parse(text).expect("a colour").ink();
        assert_eq!(ink("#000000"), "#ffffff");
        assert_eq!(ink("#ffffff"), "#000000");
        assert_eq!(ink("#0b57b0"), "#ffffff");
        assert_eq!(ink("#ffd400"), "#000000");
        for step in 0..=255_u8 {
            let colour = Colour([step, 255 - step, step / 2]);
            let (ours, other) = match colour.ink() {
                "#ffffff" => (1.05, colour.luminance() + 0.05),
                _ => (colour.luminance() + 0.05, 0.05),
            };
            assert!(ours / other >= 4.5, "{colour:?}");
        }
    }

    #[test]
    fn a_theme_holds_nothing_but_colours_and_lengths() {
        let form = ConsentForm {
            primary_color: Some("#0B57b0".to_owned()),
            border_radius: Some(200),
            ..ConsentForm::default()
        };
        assert_eq!(
            theme_of(&form),
            ":root {\n  --accent: #0b57b0;\n  --accent-ink: #ffffff;\n  --radius: 24px;\n}\n"
        );
        for text in [
            "red",
            "#fff",
            "#12345é",
            "#+12345",
            "#000000;} * {",
            "0b57b0",
        ] {
            let form = ConsentForm {
                primary_color: Some(text.to_owned()),
                ..ConsentForm::default()
            };
            assert_eq!(theme_of(&form), ":root {\n}\n", "{text}");
        }
    }

    #[test]
    fn white_letters_can_be_read_on_every_mark() {
        for ground in GROUNDS {
            assert_eq!(
                Colour::parse(ground).expect("a colour").ink(),
                "#ffffff",
                "{ground}"
            );
        }
    }
}
