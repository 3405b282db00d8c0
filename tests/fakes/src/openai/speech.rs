//! `/v1/audio/speech`, as raw samples, a WAV file, or server-sent events.

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hyper::{Response, StatusCode, header};
use serde_json::{Value, json};

use super::{Asked, Reply, parsed, refusal, respond};
use crate::{
    Conduct, Fault, Way,
    body::{self, Body, Gone, Out},
    server::{Desk, Open},
    voice,
};

/// What OpenAI speaks at.
const RATE: u32 = 24_000;

/// How much sound comes at once. An odd number of bytes: pieces end anywhere.
const BLOCK: usize = 4801;

pub(super) async fn answer(asked: Asked) -> Response<Body> {
    let request = match parsed(&asked, "CreateSpeechRequest") {
        Ok(request) => request,
        Err(refusal) => return *refusal,
    };
    let format = request["response_format"].as_str().unwrap_or("mp3");
    if !["pcm", "wav"].contains(&format) {
        let message = format!("This fake cannot encode `{format}`; it can do pcm and wav");
        return refusal(
            400,
            "invalid_request_error",
            Some("unsupported_format"),
            &message,
        );
    }
    let samples = voice::speech(request["input"].as_str().unwrap_or_default(), RATE);
    let mut sound = voice::bytes(&samples);
    if format == "wav" {
        sound.splice(0..0, voice::wav_header(sound.len(), RATE));
    }
    tokio::time::sleep(asked.conduct.first).await;
    let is_wrong_rate = asked.fault == Some(Fault::WrongRate);
    let speaking = Speaking {
        sound,
        fault: asked.fault,
        conduct: asked.conduct,
        desk: asked.desk,
        _open: asked.open,
    };
    if request["stream_format"] == "sse" {
        let body = body::written(|out| speaking.write_events(out));
        return respond(StatusCode::OK, "text/event-stream; charset=utf-8", body);
    }
    let kind = match format {
        "wav" => "audio/wav",
        _ if is_wrong_rate => "audio/pcm;rate=8000",
        _ => "audio/pcm",
    };
    let mut response = respond(
        StatusCode::OK,
        kind,
        body::written(|out| speaking.write(out)),
    );
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response
}

/// A clause being spoken.
struct Speaking {
    sound: Vec<u8>,
    fault: Option<Fault>,
    conduct: Conduct,
    desk: Arc<Desk<Reply>>,
    _open: Open,
}

impl Speaking {
    async fn write(self, out: Out) -> Result<(), Gone> {
        for (number, block) in self.sound.chunks(BLOCK).enumerate() {
            self.go_wrong(&out, number).await?;
            self.desk.note(Way::Out, "sound", json!(block.len()));
            out.send(block.to_vec()).await?;
            out.pause(self.gap(block)).await;
        }
        if self.fault == Some(Fault::EndlessToken) {
            loop {
                out.send(vec![1; BLOCK]).await?;
            }
        }
        Ok(())
    }

    async fn write_events(self, out: Out) -> Result<(), Gone> {
        for (number, block) in self.sound.chunks(BLOCK).enumerate() {
            self.go_wrong(&out, number).await?;
            let audio = BASE64_STANDARD.encode(block);
            event(
                &out,
                json!({ "type": "speech.audio.delta", "audio": audio }),
            )
            .await?;
            out.pause(self.gap(block)).await;
        }
        let usage = json!({ "input_tokens": 5, "output_tokens": 100, "total_tokens": 105 });
        event(&out, json!({ "type": "speech.audio.done", "usage": usage })).await
    }

    async fn go_wrong(&self, out: &Out, number: usize) -> Result<(), Gone> {
        match self.fault {
            Some(Fault::StallAfter(after)) if after == number => Err(out.stall().await),
            Some(Fault::ResetAfter(after)) if after == number => Err(out.reset().await),
            Some(Fault::GarbageAfter(after)) if after == number => {
                out.send("RIFF, or rather <html>502 Bad Gateway</html>")
                    .await
            }
            _ => Ok(()),
        }
    }

    fn gap(&self, block: &[u8]) -> Duration {
        let samples = block.len() as f64 / 2.0;
        self.conduct
            .audio_gap(Duration::from_secs_f64(samples / f64::from(RATE)))
    }
}

async fn event(out: &Out, event: Value) -> Result<(), Gone> {
    out.event(&event.to_string()).await
}
