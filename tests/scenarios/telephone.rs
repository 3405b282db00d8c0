//! A server with rooms in memory and a twin of Twilio that calls it over real sockets. The clock is the real one.

use std::net::SocketAddr;
use std::sync::Arc;

use connectors_twilio_twin::{Application, Call, InboundCall, Number, Route, Settings, Twin, What};
use patchbay::config::{BrowserKeys, PhoneAccount};
use patchbay::dial::Policy;
use room_contract::memory::MemoryRooms;
use room_media::tone::{self, Tone};
use room_media::{Dbfs, SampleRate};
use secrecy::ExposeSecret;
use tokio::net::TcpListener;

use crate::agents::Attendant;
use crate::running::{soon, until};
use crate::world::{Choices, PUBLIC, World};

const LINE: SampleRate = SampleRate::HZ_8000;

/// What an echo says back, loud with room above.
const LEVEL: f32 = -20.0;

/// Who calls.
pub(crate) const CALLER: &str = "+4930901820";

/// A world that can be called.
pub(crate) struct Telephone {
    pub(crate) world: World,
    pub(crate) twin: Twin,
    number: String,
    account: PhoneAccount,
}

impl Telephone {
    /// A server with an agent in each room.
    pub(crate) async fn with_agent() -> Self {
        Self::with(|rooms| Choices {
            agent: Some(Arc::new(Attendant::new(rooms.clone()))),
            ..Choices::default()
        })
        .await
    }

    /// A server of one's choice.
    pub(crate) async fn with(choose: impl FnOnce(&MemoryRooms) -> Choices) -> Self {
        Self::of(PhoneAccount::twin(), Vec::new(), choose).await
    }

    /// A server whose account lets browsers call.
    pub(crate) async fn with_browsers() -> Self {
        let keys = BrowserKeys {
            api_key: "SK00000000000000000000000000000001".to_owned(),
            api_secret: "secret".into(),
            twiml_app: "AP00000000000000000000000000000001".to_owned(),
        };
        let account = PhoneAccount {
            browsers: Some(keys),
            ..PhoneAccount::twin()
        };
        Self::of(account, Vec::new(), |_| Choices::default()).await
    }

    /// A server with this account, which has these applications.
    pub(crate) async fn of(
        account: PhoneAccount,
        applications: Vec<Application>,
        choose: impl FnOnce(&MemoryRooms) -> Choices,
    ) -> Self {
        let number = account.phone_number.clone().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let twin = twin(&account, applications, address).await;
        let account = PhoneAccount {
            base_url: twin.url().parse().unwrap(),
            ..account
        };
        let world = World::with(|rooms| Choices {
            listener: Some(listener),
            ..on_the_telephone(&account, choose(rooms))
        })
        .await;
        Self {
            world,
            twin,
            number,
            account,
        }
    }

    /// Stops the server and starts it again where it was.
    pub(crate) async fn again(self, choose: impl FnOnce(&MemoryRooms) -> Choices) -> Self {
        let address = self.world.address;
        let place = self.world.close().await;
        let listener = TcpListener::bind(address).await.unwrap();
        let world = World::with(|rooms| Choices {
            listener: Some(listener),
            place,
            ..on_the_telephone(&self.account, choose(rooms))
        })
        .await;
        Self { world, ..self }
    }

    /// Another server with the same account.
    pub(crate) async fn beside(&self, choose: impl FnOnce(&MemoryRooms) -> Choices) -> World {
        let rooms = self.world.rooms.clone();
        let choices = on_the_telephone(&self.account, choose(&rooms));
        World::among(rooms, choices).await
    }

    /// Somebody calls.
    pub(crate) fn rings(&self) -> Call {
        self.rings_from(CALLER)
    }

    fn rings_from(&self, number: &str) -> Call {
        let call = InboundCall::new(number, &self.number);
        self.twin.call_in(call).unwrap()
    }

    /// Somebody calls and is connected.
    pub(crate) async fn connects(&self) -> Call {
        self.connects_from(CALLER).await
    }

    /// The same from another number.
    pub(crate) async fn connects_from(&self, number: &str) -> Call {
        let call = self.rings_from(number);
        started(&call, 1).await;
        call
    }
}

/// The choices of a server that has an account.
fn on_the_telephone(account: &PhoneAccount, choices: Choices) -> Choices {
    Choices {
        account: Some(account.clone()),
        dialling: Policy {
            countries: vec!["DE".to_owned()],
            open_prefixes: vec!["+1500555".to_owned()],
            ..Policy::default()
        },
        ..choices
    }
}

/// Starts a twin with an account whose number is answered there.
async fn twin(account: &PhoneAccount, applications: Vec<Application>, address: SocketAddr) -> Twin {
    let number = account.phone_number.as_deref().unwrap();
    Twin::start(Settings {
        account_sid: account.account_sid.clone(),
        auth_token: account.auth_token.expose_secret().to_owned(),
        numbers: vec![
            Number::new(number)
                .voice(&format!("{PUBLIC}/twilio/voice"))
                .status(&format!("{PUBLIC}/twilio/status")),
        ],
        applications,
        routes: vec![Route::new(PUBLIC, &format!("http://{address}"))],
        ..Settings::default()
    })
    .await
    .unwrap()
}

/// Returns the id of a call's session.
pub(crate) fn session(call: &Call) -> String {
    format!("phone-{}", call.sid())
}

/// Returns the room of a call.
pub(crate) fn room(call: &Call) -> String {
    format!("twilio-{}", call.sid())
}

/// Waits until the call's sound has been handed to a socket for the nth time.
pub(crate) async fn started(call: &Call, nth: usize) {
    let starts = || {
        let is_start = |what: &What| matches!(what, What::StreamStarted { .. });
        let events = call.events();
        events.iter().filter(|event| is_start(&event.what)).count()
    };
    let mut at = 0;
    while starts() < nth {
        soon(call.nth_event(at)).await.unwrap_or_else(|| {
            panic!("the call ended before: {:#?}", call.events());
        });
        at += 1;
    }
}

/// Returns the document that the call was answered with last.
pub(crate) async fn told(call: &Call) -> String {
    let answered = |what: &What| matches!(what, What::WebhookAnswered { .. });
    let event = soon(call.event(answered)).await.unwrap();
    match event.what {
        What::WebhookAnswered { body, .. } => body,
        _ => unreachable!("it was asked for"),
    }
}

/// Says a tone until the agent has said it back, which has to be an echo.
pub(crate) async fn hears_back(call: &Call, hertz: f32) {
    let second = LINE.hertz() as usize;
    let mut tone = Tone::new(LINE, hertz, Dbfs::new(LEVEL)).take(second);
    tone.resize(4 * second, 0);
    for _ in 0..6 {
        let before = call.heard().len();
        call.say(&tone);
        until(async || call.heard().len() >= before + tone.len()).await;
        let heard = tone::measure(&call.heard()[before..], LINE, hertz);
        if heard.share > 0.5 && heard.duration.as_millis() >= 500 {
            return;
        }
    }
    panic!("nobody said it back: {:#?}", call.events());
}
