//! What a twin is told before it starts.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use crate::{Knobs, ToneVoice, Voice};

/// A twin's account, its numbers, and where its webhooks go.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The account, `AC` and 32 hexadecimal digits.
    pub account_sid: String,
    /// The password of the account; signs the webhooks.
    pub auth_token: String,
    /// Further credentials that REST takes: `SK…` and its secret.
    pub api_keys: Vec<(String, String)>,
    /// What the account has left, in US dollars.
    pub balance: String,
    /// The account's phone numbers.
    pub numbers: Vec<Number>,
    /// The account's applications.
    pub applications: Vec<Application>,
    /// Public addresses that stand for servers nearby. The first that fits is taken; what fits none is reached as it is.
    pub routes: Vec<Route>,
    /// Takes `ws://` in `<Stream>` and `<ConversationRelay>`, which Twilio refuses.
    pub plain_sockets: bool,
    /// Where REST listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Decides all identifiers and everything else that is random.
    pub seed: u64,
    /// What goes wrong.
    pub knobs: Knobs,
    /// Speaks `<Say>`.
    pub voice: Arc<dyn Voice>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            account_sid: "AC00000000000000000000000000000001".into(),
            auth_token: "12345".into(),
            api_keys: Vec::new(),
            balance: "20.00".into(),
            numbers: Vec::new(),
            applications: Vec::new(),
            routes: Vec::new(),
            plain_sockets: false,
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            seed: 1,
            knobs: Knobs::default(),
            voice: Arc::new(ToneVoice),
        }
    }
}

/// A `TwiML` application: whoever adds `app:` and its id to a conference has its document run there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// `AP` and 32 hexadecimal digits.
    pub sid: String,
    /// Answers with TwiML.
    pub voice_url: String,
}

/// A phone number of the account, and who is asked when it is called.
#[derive(Clone, Debug, Default)]
pub struct Number {
    /// E.164, or `whatsapp:` and E.164.
    pub number: String,
    /// Answers calls with TwiML.
    pub voice_url: Option<String>,
    /// Is asked when the voice URL fails.
    pub voice_fallback_url: Option<String>,
    /// Is told when a call is over.
    pub status_callback: Option<String>,
    /// Answers messages with TwiML.
    pub sms_url: Option<String>,
}

impl Number {
    /// Returns a number that nobody answers yet.
    #[must_use]
    pub fn new(number: &str) -> Self {
        Self {
            number: number.into(),
            ..Self::default()
        }
    }

    /// Sets who answers calls.
    #[must_use]
    pub fn voice(mut self, url: &str) -> Self {
        self.voice_url = Some(url.into());
        self
    }

    /// Sets who is asked when the voice URL fails.
    #[must_use]
    pub fn fallback(mut self, url: &str) -> Self {
        self.voice_fallback_url = Some(url.into());
        self
    }

    /// Sets who is told when a call is over.
    #[must_use]
    pub fn status(mut self, url: &str) -> Self {
        self.status_callback = Some(url.into());
        self
    }

    /// Sets who answers messages.
    #[must_use]
    pub fn messages(mut self, url: &str) -> Self {
        self.sms_url = Some(url.into());
        self
    }
}

/// A public address and the server nearby that it stands for.
///
/// Requests are signed for the public address and carry its name as `Host`, as behind a proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    public: String,
    local: String,
}

impl Route {
    /// Returns a route from a public base address such as `https://app.test` to one such as `http://127.0.0.1:8080`.
    #[must_use]
    pub fn new(public: &str, local: &str) -> Self {
        Self {
            public: public.trim_end_matches('/').into(),
            local: local.trim_end_matches('/').into(),
        }
    }

    /// Returns where `url` is reached, if this route leads there. `wss` goes to `ws` where `https` goes to `http`.
    fn lead(&self, url: &str) -> Option<String> {
        let socket = |base: &str| base.replacen("http", "ws", 1);
        [
            (self.public.clone(), self.local.clone()),
            (socket(&self.public), socket(&self.local)),
        ]
        .into_iter()
        .find_map(|(public, local)| {
            let rest = url.strip_prefix(&public)?;
            let is_whole = rest.is_empty() || rest.starts_with(['/', '?', '#']);
            is_whole.then(|| format!("{local}{rest}"))
        })
    }
}

impl Settings {
    /// Returns where `url` is reached.
    pub(crate) fn reach(&self, url: &str) -> String {
        self.routes
            .iter()
            .find_map(|route| route.lead(url))
            .unwrap_or_else(|| url.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_leads_webhooks_and_sockets_to_the_server_nearby() {
        let settings = Settings {
            routes: vec![Route::new("https://app.test/", "http://127.0.0.1:8080")],
            ..Settings::default()
        };

        assert_eq!(
            settings.reach("https://app.test/a?b#c"),
            "http://127.0.0.1:8080/a?b#c"
        );
        assert_eq!(settings.reach("wss://app.test/s"), "ws://127.0.0.1:8080/s");
        assert_eq!(
            settings.reach("https://app.testing/a"),
            "https://app.testing/a"
        );
    }
}
