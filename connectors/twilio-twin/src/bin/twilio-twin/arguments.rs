//! The command line.

use std::net::SocketAddr;

use anyhow::{Context as _, bail};
use clap::Parser;
use connectors_twilio_twin::{Number, Route, Settings};

/// A stand-in for Twilio: signed webhooks, TwiML, Media Streams and REST, without an account.
#[derive(Debug, Parser)]
#[command(name = "twilio-twin", version)]
pub(crate) struct Arguments {
    /// Where REST listens; port 0 takes a free one.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:7100")]
    listen: SocketAddr,
    /// The account, `AC` and 32 hexadecimal digits.
    #[arg(
        long,
        env = "TWILIO_ACCOUNT_SID",
        default_value = "AC00000000000000000000000000000001"
    )]
    account_sid: String,
    /// Signs the webhooks.
    #[arg(
        long,
        env = "TWILIO_AUTH_TOKEN",
        hide_env_values = true,
        default_value = "12345",
        hide_default_value = true
    )]
    auth_token: String,
    /// A number of the account; may be repeated.
    #[arg(
        long = "number",
        env = "TWILIO_PHONE_NUMBER",
        value_name = "E.164",
        default_value = "+15550001111"
    )]
    numbers: Vec<String>,
    /// Answers calls to the numbers.
    #[arg(long, value_name = "URL")]
    voice_url: Option<String>,
    /// Is told when calls to the numbers are over.
    #[arg(long, value_name = "URL")]
    status_url: Option<String>,
    /// Answers messages to the numbers.
    #[arg(long, value_name = "URL")]
    message_url: Option<String>,
    /// A public address and the server nearby that it stands for; may be repeated.
    #[arg(long = "route", value_name = "PUBLIC=LOCAL")]
    routes: Vec<String>,
    /// Takes `ws://` in TwiML, which Twilio refuses.
    #[arg(long)]
    plain_sockets: bool,
    /// Decides all identifiers.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Arguments {
    pub(crate) fn settings(self) -> anyhow::Result<Settings> {
        if self.account_sid.len() != 34 || !self.account_sid.starts_with("AC") {
            bail!("the account has to be AC and 32 hexadecimal digits");
        }
        let numbers = self.numbers.iter().map(|number| Number {
            number: number.clone(),
            voice_url: self.voice_url.clone(),
            voice_fallback_url: None,
            status_callback: self.status_url.clone(),
            sms_url: self.message_url.clone(),
        });
        let routes: anyhow::Result<Vec<Route>> =
            self.routes.iter().map(|given| route(given)).collect();
        Ok(Settings {
            numbers: numbers.collect(),
            routes: routes?,
            account_sid: self.account_sid,
            auth_token: self.auth_token,
            plain_sockets: self.plain_sockets,
            listen: self.listen,
            seed: self.seed,
            ..Settings::default()
        })
    }
}

fn route(given: &str) -> anyhow::Result<Route> {
    let parts = given
        .split_once('=')
        .context("a route is PUBLIC=LOCAL, such as https://app.test=http://127.0.0.1:8080");
    parts.map(|(public, local)| Route::new(public, local))
}
