//! REST as an application uses it, and whether its answers are Twilio's.

use std::{collections::BTreeMap, fs, path::Path, sync::LazyLock};

use reqwest::{Client, ClientBuilder};
use serde_json::{Value, json};

use connectors_twilio_twin::Twin;

/// What a request came to.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

/// A client of the twin's REST API.
pub(crate) struct Api {
    client: Client,
    base: String,
    token: String,
}

pub(crate) const ACCOUNT: &str = "AC00000000000000000000000000000001";

impl Api {
    pub(crate) fn of(twin: &Twin) -> Self {
        Self::with(twin, "12345")
    }

    pub(crate) fn with(twin: &Twin, token: &str) -> Self {
        Self {
            client: ClientBuilder::new()
                .tls_backend_preconfigured(no_tls())
                .build()
                .unwrap(),
            base: format!("{}/2010-04-01/Accounts/{ACCOUNT}", twin.url()),
            token: token.into(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.client.get(format!("{}{path}", self.base)))
            .await
    }

    /// Returns the body as it is.
    pub(crate) async fn bytes(&self, path: &str) -> Vec<u8> {
        let request = self.client.get(format!("{}{path}", self.base));
        let answer = request
            .basic_auth(ACCOUNT, Some(&self.token))
            .send()
            .await
            .unwrap();
        answer.bytes().await.unwrap().to_vec()
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(self.client.delete(format!("{}{path}", self.base)))
            .await
    }

    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(form);
        let request = self.client.post(format!("{}{path}", self.base));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(body.finish())).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let answer = request
            .basic_auth(ACCOUNT, Some(&self.token))
            .send()
            .await
            .unwrap();
        let status = answer.status().as_u16();
        let body = answer.bytes().await.unwrap();
        let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Answer { status, body }
    }
}

fn no_tls() -> rustls::ClientConfig {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}

/// Twilio's own description of its resources.
static SCHEMAS: LazyLock<Value> = LazyLock::new(|| {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs/resources.json");
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
});

/// Checks that a resource has the fields of Twilio's description and no wrong ones.
pub(crate) fn assert_fits(kind: &str, resource: &Value) {
    let name = format!("api.v2010.account.{kind}");
    let schema = json!({
        "$ref": format!("#/components/schemas/{name}"),
        "components": SCHEMAS["components"],
    });
    let validator = jsonschema::options().build(&schema).unwrap();
    let errors: BTreeMap<String, String> = validator
        .iter_errors(resource)
        .map(|error| (error.instance_path().to_string(), error.to_string()))
        .collect();
    assert!(errors.is_empty(), "{kind}: {errors:#?}");
    let known = SCHEMAS["components"]["schemas"][&name]["properties"]
        .as_object()
        .unwrap();
    for field in known.keys() {
        assert!(resource.get(field).is_some(), "{kind} has no {field}");
    }
}
