//! Deepgram's live transcription.

use std::{io, sync::Arc};

use serde_json::{Map, Value, json};
use tokio::net::TcpStream;
use url::Url;

use crate::{
    Conduct, Fault, Journal, Vendor, Way,
    server::{Desk, Listening},
    socket::{self, Knock, Refused},
};

mod ear;
mod session;

/// What it understands when nothing is scripted.
const UNSCRIPTED: &str = "Hello.";

/// Who writes down what is scripted whenever somebody has spoken.
#[derive(Debug)]
pub struct Deepgram {
    desk: Arc<Desk<String>>,
    listening: Listening,
}

impl Deepgram {
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
        let desk = Desk::new(Vendor::Deepgram, conduct);
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

    /// Scripts what the next stretch of speech says; `Hello.` when nothing is scripted.
    pub fn hears(&self, text: impl Into<String>) {
        self.desk.add_reply(text.into());
    }

    /// Scripts what every stretch says for which nothing else is scripted.
    pub fn always_hears(&self, text: impl Into<String>) {
        self.desk.set_standing(text.into());
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

async fn serve(stream: TcpStream, desk: Arc<Desk<String>>) {
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
    desk: &Desk<String>,
    conduct: &Conduct,
    fault: Option<&Fault>,
) -> Result<(), Refused> {
    let key = knock.header("authorization").and_then(|value| {
        let (scheme, key) = value.split_once(' ')?;
        ["token", "bearer"]
            .contains(&scheme.to_ascii_lowercase().as_str())
            .then_some(key)
    });
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
            401 => "INVALID_AUTH",
            402 => "ASR_PAYMENT_REQUIRED",
            403 => "INSUFFICIENT_PERMISSIONS",
            429 => "TOO_MANY_REQUESTS",
            _ => "Bad Request",
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
        return Err(refused(401, "INVALID_AUTH", None));
    }
    if knock.path != "/v1/listen" {
        return Err(refused(404, "NOT_FOUND", None));
    }
    let query = query(knock);
    let is_raw = query.contains_key("encoding") && query.contains_key("sample_rate");
    desk.note_checked(Way::In, "ListenQuery", Value::Object(query))
        .map_err(|_| refused(400, "INVALID_QUERY_PARAMETER", None))?;
    let encoding = knock.first("encoding");
    if !is_raw || !matches!(encoding, Some("linear16" | "mulaw")) {
        return Err(refused(400, "Bad Request", None));
    }
    Ok(())
}

/// The parameters as an object; what stands there several times is a list.
fn query(knock: &Knock) -> Map<String, Value> {
    let mut query: Map<String, Value> = Map::new();
    for (name, value) in &knock.query {
        match query.get_mut(name) {
            None => {
                query.insert(name.clone(), json!(value));
            }
            Some(Value::Array(values)) => values.push(json!(value)),
            Some(first) => *first = json!([first, value]),
        }
    }
    query
}

fn refused(status: u16, code: &str, retry_after: Option<u64>) -> Refused {
    let message = "Refused on purpose";
    let body = json!({ "err_code": code, "err_msg": message, "request_id": session::REQUEST });
    let mut headers = vec![
        ("dg-request-id", session::REQUEST.to_owned()),
        ("dg-error", message.to_owned()),
    ];
    headers.extend(retry_after.map(|seconds| ("retry-after", seconds.to_string())));
    Refused {
        status,
        headers,
        body: body.to_string(),
    }
}
