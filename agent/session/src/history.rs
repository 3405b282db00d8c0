//! Who said what, as far as it was heard. Pure.

use std::collections::{BTreeSet, VecDeque};

use agent_contract::{CallId, Message, ToolCall};

use crate::{Called, Entry, Record};

/// A conversation so far.
#[derive(Debug)]
pub(crate) struct History {
    entries: VecDeque<Entry>,
    /// Entries that are remembered; past it the oldest are forgotten.
    remembered: usize,
    people: BTreeSet<String>,
}

impl History {
    pub(crate) fn new(remembered: u32) -> Self {
        Self {
            entries: VecDeque::new(),
            remembered: remembered.max(1) as usize,
            people: BTreeSet::new(),
        }
    }

    /// Takes up a conversation that was kept.
    pub(crate) fn restore(&mut self, records: Vec<Record>) {
        for record in records {
            self.add(record.entry);
        }
    }

    /// Takes in what happened; returns whether it belongs to the conversation.
    pub(crate) fn add(&mut self, entry: Entry) -> bool {
        match &entry {
            Entry::Person { identity, .. } => {
                self.people.insert(identity.clone());
            }
            Entry::Agent { .. } | Entry::Calls { .. } | Entry::Tool { .. } | Entry::Note { .. } => {
            }
            Entry::Turn { .. } | Entry::Fault { .. } | Entry::Ended { .. } => return false,
        }
        if self.entries.len() >= self.remembered {
            // What the agent was told before anybody spoke, such as why it calls, holds to the end.
            let first = self.entries.iter().position(|entry| !is_note(entry));
            self.entries.remove(first.unwrap_or_default());
        }
        self.entries.push_back(entry);
        true
    }

    /// Returns whether nothing was said. What the agent was told beforehand does not count.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.iter().all(is_note)
    }

    /// Returns the last thing that was said, when the agent said it.
    pub(crate) fn last_said_by_agent(&self) -> Option<&str> {
        match self.entries.iter().rev().find(|entry| !is_note(entry)) {
            Some(Entry::Agent { text, .. }) => Some(text),
            _ => None,
        }
    }

    /// Returns the conversation as a thinker is told.
    pub(crate) fn messages(&self) -> Vec<Message> {
        let mut messages = Vec::with_capacity(self.entries.len() + 1);
        let answered: BTreeSet<&str> = self.entries.iter().filter_map(answered).collect();
        let mut called = BTreeSet::new();
        for entry in &self.entries {
            match entry {
                Entry::Person {
                    identity,
                    name,
                    text,
                    ..
                } => messages.push(Message::Person {
                    name: self.name(identity, name.as_deref()),
                    text: text.clone(),
                }),
                Entry::Agent { text, interrupted } => {
                    messages.push(Message::Agent {
                        text: text.clone(),
                        calls: Vec::new(),
                    });
                    if *interrupted {
                        messages.push(Message::Note(Message::INTERRUPTED.to_owned()));
                    }
                }
                Entry::Calls { calls } => {
                    // A call without its answer, or the other way round, is refused by most services.
                    let calls: Vec<ToolCall> = calls
                        .iter()
                        .filter(|call| answered.contains(call.id.as_str()))
                        .map(tool_call)
                        .collect();
                    called.extend(calls.iter().map(|call| call.id.0.clone()));
                    if !calls.is_empty() {
                        messages.push(Message::Agent {
                            text: String::new(),
                            calls,
                        });
                    }
                }
                Entry::Tool { id, text, .. } if called.contains(id) => {
                    messages.push(Message::Tool {
                        call: CallId(id.clone()),
                        text: text.clone(),
                    });
                }
                Entry::Note { text } => messages.push(Message::Note(text.clone())),
                Entry::Tool { .. }
                | Entry::Turn { .. }
                | Entry::Fault { .. }
                | Entry::Ended { .. } => {}
            }
        }
        messages
    }

    /// Returns how a person is called before the thinker: by name once there are several.
    pub(crate) fn name(&self, identity: &str, name: Option<&str>) -> Option<String> {
        let others = self.people.iter().any(|other| other != identity);
        others.then(|| name.unwrap_or(identity).to_owned())
    }
}

fn is_note(entry: &Entry) -> bool {
    matches!(entry, Entry::Note { .. })
}

fn answered(entry: &Entry) -> Option<&str> {
    match entry {
        Entry::Tool { id, .. } => Some(id),
        _ => None,
    }
}

fn tool_call(call: &Called) -> ToolCall {
    ToolCall {
        id: CallId(call.id.clone()),
        name: call.name.clone(),
        arguments: call.arguments.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::How;

    fn person(identity: &str, text: &str) -> Entry {
        Entry::Person {
            identity: identity.to_owned(),
            name: Some(identity.to_uppercase()),
            text: text.to_owned(),
            how: How::Spoken,
        }
    }

    fn agent(text: &str, interrupted: bool) -> Entry {
        Entry::Agent {
            text: text.to_owned(),
            interrupted,
        }
    }

    fn said(text: &str) -> Message {
        Message::Agent {
            text: text.to_owned(),
            calls: Vec::new(),
        }
    }

    #[test]
    fn people_are_named_once_there_are_two() {
        let mut history = History::new(10);
        history.add(person("ann", "hello"));
        assert!(matches!(
            &history.messages()[0],
            Message::Person { name: None, .. }
        ));

        history.add(person("bob", "hi"));

        let messages = history.messages();
        assert!(matches!(&messages[0], Message::Person { name: Some(name), .. } if name == "ANN"));
        assert!(matches!(&messages[1], Message::Person { name: Some(name), .. } if name == "BOB"));
    }

    #[test]
    fn an_interrupted_reply_is_followed_by_a_note() {
        let mut history = History::new(10);
        history.add(agent("We are", true));

        let messages = history.messages();

        assert_eq!(messages[0], said("We are"));
        assert!(matches!(&messages[1], Message::Note(_)));
    }

    #[test]
    fn a_call_and_its_answer_are_told_together_or_not_at_all() {
        let calls = |id: &str| Entry::Calls {
            calls: vec![Called {
                id: id.to_owned(),
                name: "look".to_owned(),
                arguments: "{}".to_owned(),
            }],
        };
        let answer = |id: &str| Entry::Tool {
            id: id.to_owned(),
            name: "look".to_owned(),
            text: "found".to_owned(),
            ok: true,
        };
        let mut history = History::new(2);
        history.add(calls("1"));
        history.add(answer("1"));
        assert_eq!(history.messages().len(), 2);

        history.add(calls("2"));

        assert_eq!(
            history.messages(),
            [],
            "one answer is forgotten, the other not there yet"
        );
    }

    #[test]
    fn what_the_agent_was_told_beforehand_is_not_forgotten_and_is_nothing_said() {
        let note = Entry::Note {
            text: "You call about the order.".to_owned(),
        };
        let mut history = History::new(2);
        history.add(note);
        assert!(history.is_empty());

        for text in ["one", "two", "three"] {
            history.add(agent(text, false));
        }

        let told = Message::Note("You call about the order.".to_owned());
        assert_eq!(history.messages(), [told, said("three")]);
        assert!(!history.is_empty());
    }

    #[test]
    fn what_the_agent_was_told_in_between_is_nothing_said() {
        let mut history = History::new(10);
        history.add(agent("We open at nine.", false));

        history.add(Entry::Note {
            text: "Thomas has left.".to_owned(),
        });

        assert_eq!(history.last_said_by_agent(), Some("We open at nine."));
    }

    #[test]
    fn only_so_much_is_remembered() {
        let mut history = History::new(2);
        for text in ["one", "two", "three"] {
            history.add(agent(text, false));
        }

        assert_eq!(history.messages(), [said("two"), said("three")]);
    }
}
