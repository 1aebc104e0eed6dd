//! Forms, as far as they are ours: what another site made a browser send is not read.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;

use crate::outcome::{Reason, Stop};
use crate::site::Shared;
use crate::visit::{Sender, Visit, first, form_fields};

const FORM: &str = "application/x-www-form-urlencoded";

/// The fields of a form that one of our pages sent, with what its request says about the browser.
/// Without `Debug`: what people type is for the provider alone.
pub struct Form {
    fields: Vec<(String, String)>,
    pub visit: Visit,
}

impl Form {
    /// Empty where it was left out or not filled in.
    pub fn text(&self, name: &str) -> &str {
        first(&self.fields, name).unwrap_or_default()
    }

    /// Whether the page stands in a frame: as the browser says, else as our script saw.
    pub fn is_framed(&self) -> bool {
        let seen = self.text("framed") == "1";
        self.visit.is_framed.unwrap_or(seen)
    }
}

impl FromRequest<Shared> for Form {
    type Rejection = Stop;

    async fn from_request(request: Request, site: &Shared) -> Result<Form, Stop> {
        let (parts, body) = request.into_parts();
        let visit = Visit::read(&parts, site);
        if !is_ours(&visit) {
            return Err(Reason::ForeignForm.into());
        }
        let kind = parts.headers.get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let essence = kind.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case(FORM) {
            return Err(Reason::NotAForm.into());
        }
        let body = Bytes::from_request(Request::from_parts(parts, body), site).await;
        let body = body.map_err(|refused| match refused.into_response().status() {
            StatusCode::PAYLOAD_TOO_LARGE => Stop::of(Reason::TooLarge),
            _ => Stop::of(Reason::NotAForm),
        })?;
        Ok(Form {
            fields: form_fields(&body),
            visit,
        })
    }
}

/// Browsers name the origin of every form. Where one withholds it, it must say in another way that
/// the form is from us.
fn is_ours(visit: &Visit) -> bool {
    match visit.origin {
        Sender::Us => true,
        Sender::Others => false,
        Sender::Unsaid => visit.is_from_us == Some(true),
    }
}
