//! The twin as a program: listens as Twilio's REST API does, and lets the terminal be the person with the phone.

mod arguments;
mod command;
mod console;

use anyhow::Context as _;
use clap::Parser as _;
use connectors_twilio_twin::Twin;

use arguments::Arguments;
use console::Console;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let settings = Arguments::parse().settings()?;
    let account = settings.account_sid.clone();
    let twin = Twin::start(settings)
        .await
        .context("the twin cannot start")?;
    let url = twin.url().to_owned();
    let console = Console::new(twin);
    console.print(&format!("TWILIO_BASE_URL={url}"))?;
    console.print(&format!("TWILIO_ACCOUNT_SID={account}"))?;
    console.print("ready; `help` lists what the person with the phone can do")?;
    console.run().await
}
