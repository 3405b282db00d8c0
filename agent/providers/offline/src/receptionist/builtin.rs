//! What every receptionist understands and says, in English and French.

/// Something that anybody may say to any receptionist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Topic {
    Repeat,
    Goodbye,
    Who,
    Transfer,
    Cancel,
    Help,
    Thanks,
    Hello,
}

impl Topic {
    pub(crate) const ALL: [Self; 8] = [
        Self::Repeat,
        Self::Goodbye,
        Self::Who,
        Self::Transfer,
        Self::Cancel,
        Self::Help,
        Self::Thanks,
        Self::Hello,
    ];
}

/// The phrases of a language.
pub(crate) struct Phrases {
    said: [&'static [&'static str]; 8],
    pub(super) yes: &'static [&'static str],
    pub(super) no: &'static [&'static str],
    /// How the first, the second, the third and the last of a list are said.
    pub(crate) ordinals: [&'static [&'static str]; 4],
    /// Between the last two of a list.
    pub(super) or: &'static str,
    pub(super) who: &'static str,
    pub(super) not_understood: &'static str,
    pub(super) not_understood_again: &'static str,
    pub(super) ask_again: &'static str,
    pub(super) give_up: &'static str,
    pub(super) goodbye: &'static str,
    pub(super) transferring: &'static str,
    pub(super) no_transfer: &'static str,
    pub(super) cancelled: &'static str,
    pub(super) welcome: &'static str,
    pub(super) hello: &'static str,
    pub(super) nothing_said: &'static str,
    pub(super) failed: &'static str,
    pub(super) what_else: &'static str,
    pub(super) yes_or_no: &'static str,
    pub(super) which_day: &'static str,
    pub(super) what_time: &'static str,
    pub(super) what_number: &'static str,
    pub(super) what_name: &'static str,
    /// Before the values of a choice.
    pub(super) which_one: &'static str,
}

impl Phrases {
    /// Returns those of a language; English where there are none.
    pub(super) fn of(language: &str) -> &'static Self {
        if language == "fr" { &FRENCH } else { &ENGLISH }
    }

    /// Returns how callers say something.
    pub(crate) fn said(&self, topic: Topic) -> &'static [&'static str] {
        self.said[topic as usize]
    }
}

pub(crate) static ENGLISH: Phrases = Phrases {
    said: [
        &[
            "repeat that",
            "can you repeat that",
            "say that again",
            "could you say that again",
            "what did you say",
            "pardon",
            "again please",
        ],
        &[
            "goodbye",
            "bye",
            "bye bye",
            "that is all",
            "that's all",
            "have a nice day",
            "hang up",
        ],
        &[
            "who are you",
            "what are you",
            "are you a robot",
            "are you human",
            "what's your name",
        ],
        &[
            "can i speak to a human",
            "i want to talk to a person",
            "speak with somebody",
            "speak with {name}",
            "can i speak with {name}",
            "i want to speak with {name}",
            "put me through",
            "transfer me",
            "operator",
        ],
        &[
            "never mind",
            "cancel",
            "cancel that",
            "forget it",
            "stop it",
        ],
        &[
            "help",
            "what can you do",
            "what can i ask",
            "how can you help me",
        ],
        &[
            "thank you",
            "thanks",
            "thank you very much",
            "great thank you",
        ],
        &[
            "hello",
            "hi",
            "good morning",
            "good afternoon",
            "good evening",
        ],
    ],
    yes: &[
        "yes",
        "yeah",
        "yep",
        "sure",
        "correct",
        "right",
        "okay",
        "ok",
        "exactly",
        "absolutely",
        "course",
        "fine",
        "perfect",
    ],
    no: &["no", "nope", "not", "wrong", "incorrect", "don't"],
    ordinals: [&["first"], &["second"], &["third"], &["last"]],
    or: "or",
    who: "I am a scripted receptionist, not a person.",
    not_understood: "Sorry, I did not understand that.",
    not_understood_again: "I am afraid I still did not understand.",
    ask_again: "Sorry, I did not get that.",
    give_up: "Let us leave that for now.",
    goodbye: "Thank you for calling. Goodbye!",
    transferring: "One moment please, I am putting you through.",
    no_transfer: "I am sorry, I cannot put you through from here.",
    cancelled: "All right, never mind.",
    welcome: "You are welcome.",
    hello: "Hello! How can I help you?",
    nothing_said: "I have not said anything yet.",
    failed: "I am sorry, that did not work just now.",
    what_else: "Is there anything else I can do for you?",
    yes_or_no: "Please say yes or no.",
    which_day: "For which day?",
    what_time: "At what time?",
    what_number: "What is the number?",
    what_name: "What is your name, please?",
    which_one: "Which one:",
};

pub(crate) static FRENCH: Phrases = Phrases {
    said: [
        &[
            "répétez",
            "pouvez vous répéter",
            "vous pouvez répéter",
            "qu'avez vous dit",
            "pardon",
            "comment",
            "redites moi ça",
        ],
        &[
            "au revoir",
            "c'est tout",
            "bonne journée",
            "à bientôt",
            "raccrochez",
        ],
        &[
            "qui êtes vous",
            "êtes vous un robot",
            "vous êtes une machine",
            "comment vous appelez vous",
        ],
        &[
            "parler à quelqu'un",
            "je voudrais parler à une personne",
            "parler à un humain",
            "je voudrais parler à {name}",
            "puis je parler à {name}",
            "passez moi {name}",
            "transférez moi",
        ],
        &[
            "laissez tomber",
            "annulez",
            "annuler",
            "oubliez",
            "tant pis",
        ],
        &[
            "aide",
            "que pouvez vous faire",
            "que puis je demander",
            "comment pouvez vous m'aider",
        ],
        &["merci", "merci beaucoup", "merci bien"],
        &["bonjour", "bonsoir", "salut", "allô"],
    ],
    yes: &[
        "oui",
        "ouais",
        "exact",
        "exactement",
        "correct",
        "parfait",
        "accord",
        "bien",
    ],
    no: &["non", "pas", "faux", "incorrect"],
    ordinals: [
        &["premier", "première"],
        &["deuxième", "second", "seconde"],
        &["troisième"],
        &["dernier", "dernière"],
    ],
    or: "ou",
    who: "Je suis un standardiste automatique, pas une personne.",
    not_understood: "Pardon, je n'ai pas compris.",
    not_understood_again: "Désolé, je n'ai toujours pas compris.",
    ask_again: "Pardon, je n'ai pas bien entendu.",
    give_up: "Laissons cela pour le moment.",
    goodbye: "Merci de votre appel. Au revoir !",
    transferring: "Un instant s'il vous plaît, je vous passe quelqu'un.",
    no_transfer: "Je suis désolé, je ne peux pas transférer l'appel.",
    cancelled: "D'accord, oublions cela.",
    welcome: "Je vous en prie.",
    hello: "Bonjour ! Que puis-je faire pour vous ?",
    nothing_said: "Je n'ai encore rien dit.",
    failed: "Je suis désolé, cela n'a pas marché.",
    what_else: "Puis-je faire autre chose pour vous ?",
    yes_or_no: "Dites oui ou non, s'il vous plaît.",
    which_day: "Pour quel jour ?",
    what_time: "À quelle heure ?",
    what_number: "Quel est le numéro ?",
    what_name: "Quel est votre nom, s'il vous plaît ?",
    which_one: "Lequel :",
};
