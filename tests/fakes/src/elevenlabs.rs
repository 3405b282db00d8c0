//! ElevenLabs' stream-input socket.

use std::{io, sync::Arc};

use serde_json::{Map, Value, json};
use tokio::net::TcpStream;
use url::Url;

use crate::{
    Conduct, Fault, Journal, Vendor, Way,
    server::{Desk, Listening},
    socket::{self, Knock, Refused},
};

mod session;

/// A voice that is given words and returns sound with their times.
#[derive(Debug)]
pub struct ElevenLabs {
    desk: Arc<Desk<()>>,
    listening: Listening,
}

impl ElevenLabs {
    /// Starts one on a free port of loopback.
    ///
    /// # Errors
    /// No port is free.
    pub async fn start() -> io::Result<Self> {
        Self::start_on(0, Conduct::default()).await
    }

    /// Starts one on a port of loopback.
    ///
    /// # Errors
    /// The port is taken.
    pub async fn start_on(port: u16, conduct: Conduct) -> io::Result<Self> {
        let desk = Desk::new(Vendor::ElevenLabs, conduct);
        let serving = Arc::clone(&desk);
        let listening = Listening::start(port, move |stream| serve(stream, Arc::clone(&serving)));
        Ok(Self {
            listening: listening.await?,
            desk,
        })
    }

    /// Returns the base address.
    ///
    /// # Panics
    /// Never: an address makes a URL.
    #[must_use]
    pub fn url(&self) -> Url {
        let url = format!("ws://{}/", self.listening.address);
        Url::parse(&url).expect("an address makes a URL")
    }

    /// Changes its conduct from the next connection on.
    pub fn conduct(&self, conduct: Conduct) {
        self.desk.set_conduct(conduct);
    }

    /// Spoils one of the next connections; faults are used in order.
    pub fn fail(&self, fault: Fault) {
        self.desk.add_fault(fault);
    }

    /// Returns what was sent so far.
    #[must_use]
    pub fn journal(&self) -> Journal {
        self.desk.journal()
    }

    /// Returns how many connections are open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.desk.open()
    }
}

async fn serve(stream: TcpStream, desk: Arc<Desk<()>>) {
    let _open = desk.opened();
    let (conduct, fault) = (desk.conduct(), desk.take_fault());
    if fault == Some(Fault::Reset) {
        return;
    }
    if let Some(Fault::Refuse { .. }) = fault {
        tokio::time::sleep(conduct.first).await;
    }
    let judged = socket::accept(stream, |knock| {
        judge(knock, &desk, &conduct, fault.as_ref())
    });
    let Some((talk, knock)) = judged.await else {
        return;
    };
    match fault {
        Some(Fault::Stall) => talk.stall().await,
        fault => {
            session::Session::new(talk, &knock, conduct, fault, desk)
                .run()
                .await
        }
    }
}

fn judge(
    knock: &Knock,
    desk: &Desk<()>,
    conduct: &Conduct,
    fault: Option<&Fault>,
) -> Result<(), Refused> {
    let key = knock.header("xi-api-key");
    desk.note(
        Way::In,
        "request",
        json!({ "path": knock.path, "key": key }),
    );
    if let Some(Fault::Refuse {
        status,
        code,
        retry_after,
    }) = fault
    {
        let usual = match status {
            401 => "invalid_api_key",
            429 => "too_many_concurrent_requests",
            _ => "internal_error",
        };
        return Err(refused(
            *status,
            code.as_deref().unwrap_or(usual),
            *retry_after,
        ));
    }
    if conduct
        .key
        .as_deref()
        .is_some_and(|wanted| key != Some(wanted))
    {
        return Err(refused(401, "invalid_api_key", None));
    }
    let voice = knock.path.strip_prefix("/v1/text-to-speech/");
    let voice = voice.and_then(|rest| rest.strip_suffix("/stream-input"));
    if voice.is_none_or(|voice| voice.is_empty() || voice.contains('/')) {
        return Err(refused(404, "not_found", None));
    }
    desk.note_checked(Way::In, "StreamInputQuery", Value::Object(query(knock)))
        .map_err(|_| refused(422, "invalid_parameters", None))
}

/// The parameters as the schema has them: numbers and truths are text in an address.
fn query(knock: &Knock) -> Map<String, Value> {
    let entries = knock.query.iter().map(|(name, value)| {
        let value = match (name.as_str(), value.as_str()) {
            ("inactivity_timeout" | "seed", number) => number
                .parse::<u64>()
                .map_or_else(|_| json!(number), |number| json!(number)),
            (_, "true") => json!(true),
            (_, "false") => json!(false),
            (_, text) => json!(text),
        };
        (name.clone(), value)
    });
    entries.collect()
}

fn refused(status: u16, code: &str, retry_after: Option<u64>) -> Refused {
    let detail = json!({ "detail": { "status": code, "message": "Refused on purpose" } });
    Refused {
        status,
        headers: retry_after
            .map(|seconds| ("retry-after", seconds.to_string()))
            .into_iter()
            .collect(),
        body: detail.to_string(),
    }
}
