//! Tools that are declared, not programmed: each asks one web service.

mod answer;
mod error;
mod guard;
mod headers;
mod settings;
mod url;

use std::time::Duration;

use agent_contract::{Tool, ToolAnswer, ToolContext, ToolError, ToolSpec};
use agent_wire::tls;
use async_trait::async_trait;
use reqwest::{Client, RequestBuilder, redirect};
use secrecy::SecretString;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use answer::Scrubber;
use guard::{Guard, Reach};
use headers::Headers;
use url::Template;

pub use error::{HttpToolError, UrlProblem};
pub use settings::{HeaderText, HttpToolSettings, Method};

/// A connection takes one round trip, TLS two: more than this is an outage.
const CONNECT: Duration = Duration::from_secs(3);

/// Makes HTTP tools; those of one agent share its connections.
#[derive(Debug, Clone)]
pub struct HttpTools {
    public: Client,
    private: Client,
}

impl HttpTools {
    /// Gets ready to connect.
    ///
    /// # Errors
    /// [`HttpToolError::Client`] when this machine cannot do TLS.
    pub fn new() -> Result<Self, HttpToolError> {
        Ok(Self {
            public: client(Reach::Public)?,
            private: client(Reach::Private)?,
        })
    }

    /// Makes a tool; `secrets` finds the values that the headers name.
    ///
    /// # Errors
    /// [`HttpToolError`] says what to correct.
    pub fn tool(
        &self,
        name: &str,
        settings: &HttpToolSettings,
        secrets: &dyn Fn(&str) -> Option<SecretString>,
    ) -> Result<HttpTool, HttpToolError> {
        let reach = Reach::of(settings.allow_private);
        let spec = spec(name, settings)?;
        let url = Template::new(&settings.url, reach)?;
        for argument in url.arguments() {
            let place = spec.parameters.pointer("/properties");
            if place.and_then(|known| known.get(argument)).is_none() {
                return Err(HttpToolError::Argument(argument.to_owned()));
            }
        }
        settings.check()?;
        Ok(HttpTool {
            spec,
            method: settings.method,
            url,
            headers: Headers::new(&settings.headers, secrets)?,
            scrubber: Scrubber::new(&settings.headers, secrets),
            deadline: Duration::from_millis(settings.deadline_ms),
            result_chars: settings.result_chars,
            client: match reach {
                Reach::Public => self.public.clone(),
                Reach::Private => self.private.clone(),
            },
        })
    }
}

fn client(reach: Reach) -> Result<Client, HttpToolError> {
    let unusable = |error: agent_contract::BoxError| HttpToolError::Client(error);
    let tls = tls::client().map_err(|error| unusable(error.into()))?;
    Client::builder()
        .tls_backend_preconfigured(tls)
        .connect_timeout(CONNECT)
        // A tool with effects must not be repeated by anybody who knows nothing of them.
        .retry(reqwest::retry::never())
        // A redirect could lead to where the guard would not let it.
        .redirect(redirect::Policy::none())
        // A proxy would look up the name itself, past the guard.
        .no_proxy()
        .dns_resolver(Guard::new(reach))
        .build()
        .map_err(|error| unusable(error.into()))
}

fn spec(name: &str, settings: &HttpToolSettings) -> Result<ToolSpec, HttpToolError> {
    if settings.description.trim().is_empty() {
        return Err(HttpToolError::Description);
    }
    Ok(ToolSpec {
        name: name.to_owned(),
        description: settings.description.clone(),
        parameters: settings.schema()?,
    })
}

/// A tool that sends one request and answers with what came back.
#[derive(Debug)]
pub struct HttpTool {
    spec: ToolSpec,
    method: Method,
    url: Template,
    headers: Headers,
    scrubber: Scrubber,
    deadline: Duration,
    result_chars: usize,
    client: Client,
}

impl HttpTool {
    fn request(
        &self,
        mut arguments: Map<String, Value>,
        context: &ToolContext,
    ) -> Result<RequestBuilder, ToolError> {
        let once = self.once(&arguments, context);
        let mut url = self.url.fill(&mut arguments)?;
        if !self.method.has_body() {
            url::add_query(&mut url, &arguments);
        }
        let mut request = self
            .client
            .request(self.method.into(), url)
            .timeout(self.deadline)
            .headers(self.headers.all());
        if self.method.has_effects() {
            request = request.header("idempotency-key", once);
        }
        if self.method.has_body() {
            request = request
                .header("content-type", "application/json")
                .body(Value::Object(arguments).to_string());
        }
        Ok(request)
    }

    /// A key that this very call alone has, also when it is made again. Some models number their calls from one in
    /// every answer, so the arguments are part of it.
    fn once(&self, arguments: &Map<String, Value>, context: &ToolContext) -> String {
        let mut hash = Sha256::new();
        let arguments = Value::Object(arguments.clone()).to_string();
        for part in [
            &*context.session,
            &context.call.0,
            &self.spec.name,
            &arguments,
        ] {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        let digest = hash.finalize();
        digest[..16]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

#[async_trait]
impl Tool for HttpTool {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn deadline(&self) -> Duration {
        self.deadline
    }

    fn answer_limit(&self) -> usize {
        self.result_chars
    }

    async fn call(&self, arguments: Value, context: ToolContext) -> Result<ToolAnswer, ToolError> {
        let Value::Object(arguments) = arguments else {
            return Err(ToolError::Arguments("they are no object".to_owned()));
        };
        let request = self.request(arguments, &context)?;
        let wrong = |error| answer::failure(error, self.deadline);
        let response = request.send().await.map_err(wrong)?;
        answer::read(response, self.result_chars, &self.scrubber)
            .await?
            .map_err(wrong)
    }
}
