//! The pages over a scripted provider, called in process: what browsers do with them, tests in a
//! real one say.

mod connecting;
mod edges;
mod endings;
mod oauth;
mod opening;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use model::link::ConsentForm;
use model::{ApplicationId, KeyId, Secret, TemplateId};
use store::{ApiKey, ApplicationPatch, Connection, KeyKind, Template};
use testkit::databases::TestDatabase;
use testkit::fleet::{self, Fleet, FleetConfig};
use testkit::scripted::{Reaction, ScriptedProvider};
use tower::ServiceExt;

use crate::{Pages, PagesConfig, router};

const BASE: &str = "http://link.test";
const HOST: &str = "https://app.example.com";
const BACK: &str = "https://app.example.com/linked";
const WISHED: &str = "https://app.example.com/wished";

/// Keys of accounts at the provider.
const GOOD_KEY: &str = "samsara_api_good";
const OTHER_KEY: &str = "samsara_api_other";

/// A person with a browser, and the server that they visit.
struct Visitor {
    fleet: Fleet,
    router: Router,
    application: ApplicationId,
    /// Publishable.
    key: String,
    provider: Arc<ScriptedProvider>,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

/// Samsara and Motive, each as far as a consent asks them. What is wrong is said by the key.
fn provider() -> Arc<ScriptedProvider> {
    ScriptedProvider::new(|request| {
        let token = request
            .headers
            .iter()
            .find(|(name, _)| name == "authorization")
            .map(|(_, value)| value.trim_start_matches("Bearer ").to_owned())
            .unwrap_or_default();
        let body = request.body.as_deref().unwrap_or_default();
        let body = String::from_utf8_lossy(body);
        let account = |id: &str| {
            Reaction::json(&serde_json::json!({"data": {"id": id, "name": "Harbour Freight"}}))
        };
        match token.as_str() {
            _ if request.url.ends_with("/oauth/token") => match body.contains("code=good") {
                true => Reaction::json(&serde_json::json!({
                    "access_token": "grant", "refresh_token": "next", "token_type": "Bearer",
                    "expires_in": 7200, "created_at": 1_772_000_000, "scope": "companies.read",
                })),
                false => {
                    let refusal = serde_json::json!({"error": "invalid_grant"});
                    Reaction::status(400).body(refusal.to_string())
                }
            },
            "grant" => Reaction::json(&serde_json::json!({
                "companies": [{"company": {"id": 4711, "name": "Harbour Freight"}}],
                "pagination": {"per_page": 25, "page_no": 1, "total": 1},
            })),
            GOOD_KEY => account("1001"),
            OTHER_KEY => account("2002"),
            "scopeless" => {
                let refusal = serde_json::json!({"message": "Missing scope"});
                Reaction::status(403).body(refusal.to_string())
            }
            "busy" => Reaction::status(429).header("retry-after", "120"),
            "down" => Reaction::status(503),
            "silent" => Reaction::no_answer(),
            "garbage" => Reaction::status(200).body("<html>Welcome</html>"),
            _ => Reaction::status(401),
        }
    })
}

impl Visitor {
    async fn new() -> Visitor {
        Visitor::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut PagesConfig)) -> Visitor {
        let database = TestDatabase::sqlite_in_memory_backed_file();
        let fleet = Fleet::new(FleetConfig::small(1), database).await;
        let application = fleet.connection().await.application;
        let patch = ApplicationPatch {
            origins_added: vec![HOST.to_owned()],
            redirects_added: vec![BACK.to_owned(), WISHED.to_owned()],
            ..ApplicationPatch::default()
        };
        let patched = fleet.store.update_application(application, &patch).await;
        patched.expect("an application is changed");
        let provider = provider();
        let engine = fleet::engine(
            &fleet.store,
            provider.clone(),
            fleet.clock.clone(),
            77,
            None,
        );
        let mut config = PagesConfig::new(BASE);
        change(&mut config);
        let mut visitor = Visitor {
            fleet,
            router: router(Pages { engine, config }),
            application,
            key: String::new(),
            provider,
        };
        visitor.key = visitor.make_key(KeyKind::Publishable, 1).await;
        visitor
    }

    async fn make_key(&self, kind: KeyKind, number: u128) -> String {
        let text = format!("pk_prod_{number:032}");
        let now = self.fleet.engine.clock().now();
        let key = ApiKey {
            id: KeyId::new(now, number),
            application: self.application,
            kind,
            hint: "test".to_owned(),
            created_at: now,
            expires_at: None,
            revoked_at: None,
        };
        let made = self
            .fleet
            .store
            .insert_key(&key, &Secret::new(&*text))
            .await;
        made.expect("a key is made");
        text
    }

    async fn make_template(&self, name: &str, form: ConsentForm) -> TemplateId {
        let now = self.fleet.engine.clock().now();
        let template = Template {
            id: TemplateId::new(now, name.len() as u128),
            application: self.application,
            name: name.to_owned(),
            form,
            logo: None,
            created_at: now,
            updated_at: now,
            archived_at: None,
        };
        let made = self.fleet.store.create_template(&template).await;
        made.expect("a template is made");
        template.id
    }

    /// All connections of the application but the fleet's own.
    async fn connections(&self) -> Vec<Connection> {
        let query = store::ConnectionQuery {
            limit: 100,
            ..store::ConnectionQuery::default()
        };
        let listed = self
            .fleet
            .store
            .list_connections(self.application, &query)
            .await;
        let mut listed = listed.expect("the store answers");
        listed.retain(|connection| connection.id != self.fleet.connection);
        listed
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await;
        let response = response.expect("routers do not fail");
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX)
            .await
            .expect("a body");
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).expect("a request"))
            .await
    }

    async fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[]).await
    }

    /// As a browser sends one of our forms.
    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_with(path, fields, &[("origin", BASE)]).await
    }

    async fn post_with(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = Body::from(form.finish());
        self.send(request.body(body).expect("a request")).await
    }

    /// The form of a provider, reached with these parameters beside the key.
    async fn form(&self, provider: &str, parameters: &str) -> Answer {
        let path = format!("/?key={}&provider={provider}{parameters}", self.key);
        let form = self.get(&path).await;
        assert_eq!(form.status, StatusCode::OK, "{}", form.body);
        form
    }

    /// Fills in a key and sends the form.
    async fn connect(&self, form: &Answer, key: &str) -> Answer {
        let action = form.attribute("action", "method=\"post\"");
        let (ticket, agreement) = (form.field("ticket"), form.field("agreement"));
        let fields = [
            ("ticket", ticket.as_str()),
            ("agreement", &agreement),
            ("framed", ""),
            ("credential.apiKey", key),
        ];
        self.post(&action, &fields).await
    }

    fn advance(&self, minutes: u64) {
        self.fleet.clock.advance(Duration::from_secs(60 * minutes));
    }
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).map(|value| value.to_str());
        value.map_or("", |value| value.expect("a text"))
    }

    fn location(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        self.header("location")
    }

    /// The value of a hidden field.
    fn field(&self, name: &str) -> String {
        self.attribute("value", &format!("name=\"{name}\""))
    }

    /// Of the first element that also has this text in its tag.
    fn attribute(&self, name: &str, beside: &str) -> String {
        let tag = self.body.split('<').find(|tag| tag.contains(beside));
        let tag = tag.unwrap_or_else(|| panic!("no {beside} in {}", self.body));
        let value = tag.split(&format!(" {name}=\"")).nth(1);
        let value = value.and_then(|rest| rest.split('"').next());
        let value = value.unwrap_or_else(|| panic!("no {name} in <{tag}"));
        value.replace("&amp;", "&")
    }

    /// The sentence of the error summary.
    fn problem(&self) -> &str {
        let after = self.body.split("role=\"alert\"").nth(1);
        let sentence = after.and_then(|rest| rest.split("<p>").nth(1));
        let sentence = sentence.and_then(|rest| rest.split("</p>").next());
        sentence.unwrap_or_else(|| panic!("no problem in {}", self.body))
    }

    fn heading(&self) -> &str {
        let after = self.body.split("<h1>").nth(1);
        let heading = after.and_then(|rest| rest.split("</h1>").next());
        heading.unwrap_or_else(|| panic!("no heading in {}", self.body))
    }
}
