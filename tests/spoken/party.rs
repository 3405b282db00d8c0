//! People of one conversation, each by their own way: they speak in turn, and each hears what the others say.

use std::time::Duration;

use crate::caller::{Agent, Caller};
use crate::house::soon;
use crate::phone::Speaker;
use crate::sentences::Sentence;

/// A busy machine makes holes in speech; more often than this nobody says it again.
const TRIES: usize = 5;

/// The last words are on their way for less.
const ON_THE_WAY: Duration = Duration::from_secs(1);

/// Somebody in the conversation.
pub(crate) enum Member<'a> {
    /// By telephone, who says this.
    Phone(&'a Speaker, Sentence),
    /// By a browser with a microphone, who says this.
    Browser(&'a Caller, Sentence),
    /// By a browser without one.
    Reader(&'a Caller),
}

/// One who listens, from when on: to all the others at once, or to one of them.
enum Ear<'a> {
    Phone(&'a Speaker, Duration),
    Browser(Agent<'a>, f64),
}

impl Member<'_> {
    fn identity(&self) -> String {
        match self {
            Self::Phone(speaker, _) => speaker.identity(),
            Self::Browser(caller, _) | Self::Reader(caller) => caller.identity().to_owned(),
        }
    }

    fn sentence(&self) -> Option<Sentence> {
        match self {
            Self::Phone(_, sentence) | Self::Browser(_, sentence) => Some(*sentence),
            Self::Reader(_) => None,
        }
    }

    /// Says what they have to say and waits until it has arrived.
    async fn speaks(&self) {
        match self {
            Self::Phone(speaker, sentence) => {
                speaker.says(sentence.words()).await;
                speaker.listens_for(ON_THE_WAY).await;
            }
            Self::Browser(caller, sentence) => {
                caller.says(sentence.words()).await;
                caller.pauses().await;
            }
            Self::Reader(_) => {}
        }
    }

    /// Begins to listen to the others, once nobody speaks on a telephone; returns what each ear has to hear as well.
    async fn listens(&self, others: &[&Member<'_>]) -> Vec<(Ear<'_>, Vec<Sentence>)> {
        let speakers = others.iter().filter_map(|one| Some((one, one.sentence()?)));
        match self {
            Self::Phone(speaker, _) => {
                soon(speaker.hears_nothing_for(ON_THE_WAY)).await;
                let expected = speakers.map(|(_, sentence)| sentence).collect();
                vec![(Ear::Phone(speaker, speaker.heard_for()), expected)]
            }
            Self::Browser(caller, _) | Self::Reader(caller) => {
                let mut ears = Vec::new();
                for (other, sentence) in speakers {
                    let voice = caller.hears(&other.identity());
                    let now = voice.now().await;
                    ears.push((Ear::Browser(voice, now), vec![sentence]));
                }
                ears
            }
        }
    }
}

impl Ear<'_> {
    async fn heard(&self) -> Vec<Sentence> {
        match self {
            Self::Phone(speaker, since) => speaker.makes_out(*since, Duration::MAX).await,
            Self::Browser(voice, since) => voice.makes_out(*since).await,
        }
    }
}

/// Has each member who can speak say their sentence: all the others hear it, and nothing but what the others said.
pub(crate) async fn hear_one_another(members: &[Member<'_>]) {
    let mut missed = Vec::new();
    for _ in 0..TRIES {
        missed = missed_in_a_round(members).await;
        if missed.is_empty() {
            return;
        }
    }
    panic!("not everybody heard everybody: {missed:?}");
}

/// Returns who missed something: what they heard, and what they were to hear.
async fn missed_in_a_round(members: &[Member<'_>]) -> Vec<(String, Vec<Sentence>, Vec<Sentence>)> {
    let mut ears = Vec::new();
    for (at, member) in members.iter().enumerate() {
        let others = members.iter().enumerate();
        let others: Vec<&Member<'_>> = others
            .filter(|(other, _)| *other != at)
            .map(|(_, member)| member)
            .collect();
        for (ear, expected) in member.listens(&others).await {
            ears.push((member.identity(), ear, expected));
        }
    }
    for member in members {
        member.speaks().await;
    }
    let mut missed = Vec::new();
    for (who, ear, expected) in ears {
        let heard = ear.heard().await;
        let made_up = heard.iter().find(|sentence| !expected.contains(sentence));
        assert_eq!(made_up, None, "{who} heard it");
        if heard.len() < expected.len() {
            missed.push((who, heard, expected));
        }
    }
    missed
}
