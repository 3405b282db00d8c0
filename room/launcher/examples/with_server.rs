//! Runs a command next to a real LiveKit server and ends with the command's exit code.
//!
//! `cargo run -p room-launcher --example with_server -- [--settings JSON] [--log FILE] COMMAND …`
//!
//! The command finds the server in `LIVEKIT_URL`, `LIVEKIT_API_KEY` and `LIVEKIT_API_SECRET`.

use std::{
    env,
    error::Error,
    process::{ExitCode, Stdio},
};

use room_launcher::{LiveKitServer, Options};
use tokio::process::Command;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let (options, command) = parse(env::args().skip(1))?;
    let mut server = LiveKitServer::start(options).await?;

    let status = Command::new(&command[0])
        .args(&command[1..])
        .env("LIVEKIT_URL", server.url())
        .env("LIVEKIT_API_KEY", server.api_key())
        .env("LIVEKIT_API_SECRET", server.api_secret())
        .stdin(Stdio::null())
        .status()
        .await;

    server.stop().await;
    let code = status?.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Splits the arguments into the server's options and the command to run.
fn parse(
    arguments: impl Iterator<Item = String>,
) -> Result<(Options, Vec<String>), Box<dyn Error>> {
    let mut arguments = arguments.peekable();
    let mut options = Options::default();
    while let Some(flag) = arguments.next_if(|argument| argument.starts_with("--")) {
        let value = arguments.next().ok_or("an option without its value")?;
        match flag.as_str() {
            "--settings" => options.settings = value.parse()?,
            "--log" => options.log_file = Some(value.into()),
            _ => return Err(format!("unknown option {flag}").into()),
        }
    }
    let command: Vec<String> = arguments.collect();
    if command.is_empty() {
        return Err("a command to run is missing".into());
    }
    Ok((options, command))
}
