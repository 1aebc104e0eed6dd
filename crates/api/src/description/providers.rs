//! `/providers`.

use model::provider::{SUPPORTED_MODELS, SupportStatus};
use model::safety::SafetyEventType;
use utoipa::openapi::schema::{AllOfBuilder, ArrayBuilder, ObjectBuilder};
use utoipa::openapi::{HttpMethod, Ref};

use super::operation::{Built, Described, Wants};
use super::schema::{Schemas, address, like, list_of, object, text};
use crate::parameters;

pub(super) static OPERATIONS: &[Described] = &[Described {
    method: HttpMethod::Get,
    path: "/providers",
    tag: "Providers",
    summary: "Lists the providers that can be connected",
    wants: Wants::Nothing,
    answer: Built::read(
        &parameters::LIST_PROVIDERS,
        "`baseCode` is shown to those with a key alone.",
        ("Providers.", "ProviderList"),
    ),
}];

pub(super) fn describe(schemas: &mut Schemas) {
    schemas.add_type::<SupportStatus>();
    schemas.add_type::<SafetyEventType>();
    let operations = object("What can be done with a model.")
        .property("read", like("SupportStatus", "Whether it is read."))
        .required("read");
    let support = object("How a model is supported.")
        .property("supportedOperations", operations)
        .required("supportedOperations");
    schemas.add("ModelSupport", support);
    schemas.add("SupportedModels", supported_models());
    let kind = text("What is found there.").enum_values(Some(["login-page", "developer-docs"]));
    let reference = object("A page of the provider's own.")
        .property("type", kind)
        .required("type")
        .property("url", address("Where it is."))
        .required("url")
        .property(
            "label",
            text("What to call it.").examples(["Sign in to Samsara"]),
        )
        .required("label");
    schemas.add("ProviderReference", reference);
    schemas.add("Provider", provider());
    let list = ArrayBuilder::new()
        .items(Ref::from_schema_name("Provider"))
        .description(Some("All providers, in one answer."));
    schemas.add("ProviderList", list);
}

fn provider() -> ObjectBuilder {
    let status = text("How far its connector is.").enum_values(Some(["live"]));
    let base = "The code of the system that it runs on; for callers with a key.";
    object("A telematics service that connections can be made to.")
        .property("code", text("Its name in requests.").examples(["samsara"]))
        .required("code")
        .property("baseCode", text(base).examples(["samsara"]))
        .property("name", text("Its name for people.").examples(["Samsara"]))
        .required("name")
        .property("status", status)
        .required("status")
        .property("logo", address("A wide picture (SVG)."))
        .required("logo")
        .property("icon", address("A square picture (SVG)."))
        .required("icon")
        .property(
            "references",
            list_of("ProviderReference", "Pages of the provider's own."),
        )
        .required("references")
        .property(
            "supportedModels",
            like("SupportedModels", "What is read from it."),
        )
        .required("supportedModels")
}

fn supported_models() -> ObjectBuilder {
    let models = object("Each model of the contract, by its name.");
    SUPPORTED_MODELS.into_iter().fold(models, |models, name| {
        let text = format!("How the model {name} is supported.");
        let models = match more(name) {
            Some(more) => {
                let both = AllOfBuilder::new()
                    .item(Ref::from_schema_name("ModelSupport"))
                    .item(more)
                    .description(Some(text));
                models.property(name, both)
            }
            None => models.property(name, like("ModelSupport", &text)),
        };
        models.required(name)
    })
}

/// What two models tell beyond the others.
fn more(name: &str) -> Option<ObjectBuilder> {
    match name {
        "VehicleLocation" => {
            let rate = text("The usual time between two points.").examples(["5 to 60 s"]);
            let history = text("How far back a sync can begin; absent where nobody says.");
            Some(
                object("What locations tell beyond other models.")
                    .property("sampleRate", rate)
                    .required("sampleRate")
                    .property("availableHistory", history.examples(["1 year"])),
            )
        }
        "SafetyEvent" => Some(
            object("What safety events tell beyond other models.")
                .property(
                    "types",
                    list_of("SafetyEventType", "The types that are read."),
                )
                .required("types"),
        ),
        _ => None,
    }
}
