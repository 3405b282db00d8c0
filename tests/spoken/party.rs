//! People of one conversation, each by their own way: they speak in turn, and each hears what the others say.

use std::time::Duration;

use serde_json::Value;

use crate::caller::Caller;
use crate::house::House;
use crate::phone::{Speaker, Telephone};
use crate::words::Understood;

/// A busy machine makes holes in speech; more often than this nobody says it again.
const TRIES: usize = 3;

/// Of the words of somebody on a telephone, what an ear makes of them at least.
const CAUGHT: f32 = 0.5;

/// The last words are on their way for less.
const ON_THE_WAY: Duration = Duration::from_millis(1_000);

/// Somebody in the conversation.
pub(crate) enum Member<'a> {
    /// By telephone.
    Phone(&'a Speaker),
    /// By a browser, with a microphone.
    Browser(&'a Caller),
    /// By a browser, without one.
    Reader(&'a Caller),
}

/// From when on a member listens.
enum Since {
    Phone(Duration),
    Browser(f64),
}

impl Member<'_> {
    fn identity(&self) -> String {
        match self {
            Self::Phone(speaker) => speaker.identity(),
            Self::Browser(caller) | Self::Reader(caller) => caller.identity().to_owned(),
        }
    }

    fn can_speak(&self) -> bool {
        !matches!(self, Self::Reader(_))
    }

    async fn says(&self, words: &str) {
        match self {
            Self::Phone(speaker) => speaker.says(words).await,
            Self::Browser(caller) => drop(caller.says(words).await),
            Self::Reader(caller) => caller.types(words).await,
        }
        // Nobody announces that sound has arrived: it is on its way for less.
        tokio::time::sleep(ON_THE_WAY).await;
    }

    /// Begins to listen to somebody.
    async fn listens(&self, to: &str) -> Since {
        match self {
            Self::Phone(speaker) => Since::Phone(speaker.heard_for()),
            Self::Browser(caller) | Self::Reader(caller) => {
                Since::Browser(caller.hears(to).now().await)
            }
        }
    }

    async fn understood(&self, of: &str, since: Since) -> Understood {
        match (self, since) {
            (Self::Phone(speaker), Since::Phone(since)) => speaker.understood(since).await,
            (Self::Browser(caller) | Self::Reader(caller), Since::Browser(since)) => {
                caller.hears(of).understood(since).await
            }
            _ => unreachable!("each listens in their own way"),
        }
    }
}

/// Has each member who can speak say their words; all the others have to understand them, by ear.
pub(crate) async fn hear_one_another(members: &[(Member<'_>, &str)]) {
    for (at, (speaker, words)) in members.iter().enumerate() {
        if !speaker.can_speak() {
            continue;
        }
        let others = members.iter().enumerate();
        let others: Vec<&Member<'_>> = others
            .filter(|(other, _)| *other != at)
            .map(|(_, (member, _))| member)
            .collect();
        is_understood(speaker, words, &others).await;
    }
}

async fn is_understood(speaker: &Member<'_>, words: &str, listeners: &[&Member<'_>]) {
    let identity = speaker.identity();
    let mut missed: Vec<&Member<'_>> = listeners.to_vec();
    let mut heard = Vec::new();
    for _ in 0..TRIES {
        let mut since = Vec::new();
        for listener in &missed {
            since.push(listener.listens(&identity).await);
        }
        speaker.says(words).await;
        heard.clear();
        let mut still = Vec::new();
        for (listener, since) in missed.into_iter().zip(since) {
            let understood = listener.understood(&identity, since).await;
            if understood.share(words) < CAUGHT {
                heard.push((listener.identity(), understood));
                still.push(listener);
            }
        }
        missed = still;
        if missed.is_empty() {
            return;
        }
    }
    panic!("`{words}` of {identity} was not understood: {heard:?}");
}

/// A contact opens the link that they were sent, as the page does; returns their ticket and what they read.
pub(crate) async fn opens_link(
    house: &House,
    telephone: &Telephone,
    number: &str,
) -> (String, Value) {
    let message = telephone.message().await;
    assert_eq!(message.to, number);
    let ticket = message.body.rsplit('/').next().unwrap().to_owned();
    let invitation = house.get(&format!("/join/{ticket}/invitation")).await;
    (ticket, invitation.unwrap())
}
