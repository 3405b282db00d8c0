//! `/v1/audio/transcriptions`: a recording in, its text out.

use std::convert::Infallible;

use futures_util::stream;
use hyper::{Response, StatusCode};
use multer::Multipart;
use serde_json::{Map, Value, json};

use super::{Asked, Reply, refusal, respond};
use crate::{
    Fault, Way,
    body::{self, Body, Gone, Out},
    voice,
    words::tokens,
};

/// What the fake understands when nothing is scripted.
const UNSCRIPTED: &str = "Hello.";

pub(super) async fn answer(asked: Asked) -> Response<Body> {
    let Some((fields, file)) = form(&asked).await else {
        return refusal(
            400,
            "invalid_request_error",
            None,
            "Could not parse multipart form",
        );
    };
    let request = Value::Object(fields);
    let noted = asked
        .desk
        .note_checked(Way::In, "CreateTranscriptionRequest", request.clone());
    if let Err(violation) = noted {
        return refusal(400, "invalid_request_error", None, &violation);
    }
    let Some(duration) = seconds(&file) else {
        let message = "Invalid file format. This fake reads 16-bit WAV alone";
        return refusal(400, "invalid_request_error", None, message);
    };
    asked.desk.note(
        Way::In,
        "recording",
        json!({ "seconds": duration, "loud": is_loud(&file) }),
    );
    let reply = asked
        .desk
        .take_reply_if(|reply| !reply.is_chat())
        .or_else(|| asked.desk.standing());
    let text = match reply {
        Some(Reply::Hears(text)) => text,
        _ => UNSCRIPTED.to_owned(),
    };
    tokio::time::sleep(asked.conduct.first).await;
    match asked.fault {
        Some(Fault::GarbageAfter(_)) => {
            return respond(StatusCode::OK, "application/json", body::whole("<html>"));
        }
        Some(Fault::StallAfter(_)) => {
            let stalling = async |out: Out| -> Result<(), Gone> { Err(out.stall().await) };
            return respond(StatusCode::OK, "application/json", body::written(stalling));
        }
        Some(Fault::ResetAfter(_)) => {
            let breaking = async |out: Out| -> Result<(), Gone> { Err(out.reset().await) };
            return respond(StatusCode::OK, "application/json", body::written(breaking));
        }
        _ => {}
    }
    let answer = json!({
        "text": text,
        "usage": { "type": "duration", "seconds": duration.ceil() },
    });
    if request["stream"] == "true" || request["stream"] == true {
        return respond(
            StatusCode::OK,
            "text/event-stream",
            body::written(|out| write(out, text)),
        );
    }
    let _ = asked
        .desk
        .note_checked(Way::Out, "CreateTranscriptionResponseJson", answer.clone());
    match request["response_format"].as_str() {
        Some("text") => respond(
            StatusCode::OK,
            "text/plain",
            body::whole(format!("{text}\n")),
        ),
        _ => respond(StatusCode::OK, "application/json", body::json(&answer)),
    }
}

async fn write(out: Out, text: String) -> Result<(), Gone> {
    for token in tokens(&text) {
        let delta = json!({ "type": "transcript.text.delta", "delta": token });
        out.event(&delta.to_string()).await?;
    }
    out.event(&json!({ "type": "transcript.text.done", "text": text }).to_string())
        .await
}

/// Returns the fields as the schema wants them, the file told by a word, and the file.
async fn form(asked: &Asked) -> Option<(Map<String, Value>, Vec<u8>)> {
    let boundary = multer::parse_boundary(&asked.kind).ok()?;
    let whole = stream::iter([Ok::<_, Infallible>(asked.body.clone())]);
    let mut form = Multipart::new(whole, boundary);
    let mut fields = Map::new();
    let mut file = Vec::new();
    while let Some(field) = form.next_field().await.ok()? {
        let name = field.name()?.to_owned();
        if name == "file" {
            fields.insert(name, json!(field.file_name().unwrap_or_default()));
            file = field.bytes().await.ok()?.to_vec();
            continue;
        }
        let text = field.text().await.ok()?;
        if let Some(list) = name.strip_suffix("[]") {
            let entry = fields.entry(list).or_insert_with(|| json!([]));
            entry.as_array_mut()?.push(json!(text));
        } else {
            // Numbers and truths are text in a form.
            let value = match (name.as_str(), text.parse::<f64>()) {
                ("temperature", Ok(number)) => json!(number),
                ("stream", _) => json!(text == "true"),
                _ => json!(text),
            };
            fields.insert(name, value);
        }
    }
    Some((fields, file))
}

/// Returns how long a 16-bit mono WAV file is.
fn seconds(file: &[u8]) -> Option<f64> {
    let is_wav = file.get(..4)? == b"RIFF" && file.get(8..16)? == b"WAVEfmt ";
    let rate = u32::from_le_bytes(file.get(24..28)?.try_into().ok()?);
    let bits = u16::from_le_bytes(file.get(34..36)?.try_into().ok()?);
    (is_wav && rate > 0 && bits == 16 && file.len() >= 44)
        .then(|| (file.len() - 44) as f64 / 2.0 / f64::from(rate))
}

fn is_loud(file: &[u8]) -> bool {
    let samples = file.get(44..).unwrap_or_default().chunks_exact(2);
    voice::is_loud(samples.map(|sample| i16::from_le_bytes([sample[0], sample[1]])))
}
