//! A story in virtual time, one line per event.
//!
//! ```text
//! set min_pause_ms 400                       a setting; without it nothing is prepared or filled
//! transcriber never finalizes                or: finalizes after 0.5 · has no interims · ends turns after 0.2
//! 0.00 ann joins                             or: leaves
//! 0.50 ann says "tell me a story" for 2.0    voice, interims, and the final where the machine asks for it
//! 4.00 ann coughs                            or: makes a noise for 1.2
//! 4.50 ann types "hello"
//! 4.60 ann hears nothing more                or single inputs: voice begins · voice ends · interim "…" · final "…" ·
//!                                            ends her turn
//! 3.50 reply 1 begins                        or: ends · fails; likewise: tool 1 begins · ends
//! 5.00 announce 7
//! 6.00 switched off                          or: switched on · end asked
//! expect 2.80 answer 1 ann "tell me a story" every action is expected, in order (see below)
//! until 30.0                                 how long it goes on; two seconds after the last line otherwise
//! ```
//!
//! What is asked of the transcriber, and what is prepared and discarded, has to be expected by those stories only that
//! expect one of the kind.

use agent_turn::{Action, AnswerWhen, Input, Person, Prompt, Turn, TurnSettings};

use crate::world::{Entry, Ms, World};

/// Plays the story and compares what was done with what is expected.
#[track_caller]
pub(crate) fn play(story: &str) {
    let mut settings = TurnSettings {
        names: vec!["Pat".to_owned()],
        preemptive: false,
        filler_after_ms: 0,
        ..TurnSettings::default()
    };
    let lines: Vec<Vec<String>> = story
        .lines()
        .map(pieces)
        .filter(|line| !line.is_empty())
        .collect();
    for line in &lines {
        if let ["set", name, value @ ..] = &refs(line)[..] {
            set(&mut settings, name, value);
        }
    }
    let mut world = World::new(settings);
    let mut expected = Vec::new();
    let mut until = 0;
    for line in &lines {
        match &refs(line)[..] {
            ["set", ..] => {}
            ["transcriber", how @ ..] => instruct(&mut world, how),
            ["expect", time, rest @ ..] => {
                until = until.max(ms(time) + 1_000);
                expected.push(format!("{} {}", shown_time(ms(time)), rest.join(" ")));
            }
            ["until", time] => until = ms(time),
            [time, what @ ..] => {
                until = until.max(ms(time) + 2_000);
                enact(&mut world, ms(time), what);
            }
            [] => {}
        }
    }

    world.run_until(until, |_, _, _| {});

    let is_minded = |kind: &str| expected.iter().any(|line| line.contains(kind));
    let done = world.trace.iter().filter_map(|(at, entry)| match entry {
        Entry::Done(action) => Some((at, action)),
        Entry::Happened(_) => None,
    });
    let done: Vec<String> = done
        .filter(|(_, action)| match action {
            Action::Finalize(_) => is_minded(" finalize "),
            Action::Prepare { .. } | Action::Discard(_) => {
                is_minded(" prepare ") || is_minded(" discard ")
            }
            _ => true,
        })
        .map(|(at, action)| format!("{} {}", shown_time(*at), shown(action)))
        .collect();
    assert_eq!(done, expected, "\ndone:\n{}\n", done.join("\n"));
}

fn enact(world: &mut World, at: Ms, what: &[&str]) {
    let turn = |number: &str| Turn(number.parse().expect("a number of a turn"));
    let input = match what {
        ["reply", number, "begins"] => Input::ReplyBegan(turn(number)),
        ["reply", number, "ends"] => Input::ReplyEnded(turn(number)),
        ["reply", number, "fails"] => Input::ReplyFailed(turn(number)),
        ["tool", number, "begins"] => Input::ToolBegan(turn(number)),
        ["tool", number, "ends"] => Input::ToolEnded(turn(number)),
        ["announce", number] => Input::Announce(turn(number)),
        ["switched", "off"] => Input::SwitchedOff,
        ["switched", "on"] => Input::SwitchedOn,
        ["end", "asked"] => Input::EndAsked,
        [who, deed @ ..] => {
            let who = person(who);
            match deed {
                ["joins"] => Input::Joined(who),
                ["leaves"] => Input::Left(who),
                ["says", text, "for", length] => {
                    return world.speak(at, &who, unquoted(text), ms(length));
                }
                ["makes", "a", "noise", "for", length] => {
                    return world.speak(at, &who, "", ms(length));
                }
                ["coughs"] => return world.speak(at, &who, "", 250),
                ["types", text] => Input::Typed(who, unquoted(text).to_owned()),
                ["voice", "begins"] => Input::VoiceBegan(who),
                ["voice", "ends"] => Input::VoiceEnded(who),
                ["interim", text] => Input::Interim(who, unquoted(text).to_owned()),
                ["final", text] => Input::Final(who, unquoted(text).to_owned()),
                ["ends", "her", "turn"] => Input::EndOfTurn(who),
                _ => unknown(what),
            }
        }
        [] => unknown(what),
    };
    world.input(at, input);
}

fn instruct(world: &mut World, how: &[&str]) {
    match how {
        ["never", "finalizes"] => world.hearing.finalizes = None,
        ["finalizes", "after", time] => world.hearing.finalizes = Some(ms(time)),
        ["has", "no", "interims"] => world.hearing.interims = false,
        ["ends", "turns", "after", time] => world.hearing.ends_turns = Some(ms(time)),
        _ => unknown(how),
    }
}

fn set(settings: &mut TurnSettings, name: &str, value: &[&str]) {
    let number = || value[0].parse().expect("a number");
    match name {
        "min_pause_ms" => settings.min_pause_ms = number(),
        "max_pause_ms" => settings.max_pause_ms = number(),
        "preemptive" => settings.preemptive = value == ["true"],
        "interruptible" => settings.interruptible = value == ["true"],
        "interruption_ms" => settings.interruption_ms = number(),
        "resume_after_ms" => settings.resume_after_ms = number(),
        "filler_after_ms" => settings.filler_after_ms = number(),
        "idle_prompt_after_ms" => settings.idle_prompt_after_ms = number(),
        "idle_prompts" => settings.idle_prompts = number(),
        "max_duration_s" => settings.max_duration_s = number(),
        "answer_when" if value == ["always"] => settings.answer_when = AnswerWhen::Always,
        _ => unknown(&[name]),
    }
}

fn shown(action: &Action) -> String {
    match action {
        Action::Finalize(person) => format!("finalize {person:?}"),
        Action::Prepare { turn, person, text } => format!("prepare {} {person:?} {text:?}", turn.0),
        Action::Discard(turn) => format!("discard {}", turn.0),
        Action::Answer { turn, person, text } => format!("answer {} {person:?} {text:?}", turn.0),
        Action::Note { person, text } => format!("note {person:?} {text:?}"),
        Action::Speak(turn) => format!("speak {}", turn.0),
        Action::Pause(turn) => format!("pause {}", turn.0),
        Action::Resume(turn) => format!("resume {}", turn.0),
        Action::Stop(turn) => format!("stop {}", turn.0),
        Action::Fill(turn) => format!("fill {}", turn.0),
        Action::Prompt(turn, prompt) => format!("prompt {} {}", turn.0, reason(*prompt)),
        Action::HangUp(prompt) => format!("hang up {}", reason(*prompt)),
    }
}

fn reason(prompt: Prompt) -> String {
    match prompt {
        Prompt::Idle(count) => format!("idle {count}"),
        Prompt::NotUnderstood => "not understood".to_owned(),
        Prompt::Failed => "failed".to_owned(),
        Prompt::IdleTooLong => "idle too long".to_owned(),
        Prompt::TooLong => "too long".to_owned(),
        Prompt::Asked => "asked".to_owned(),
    }
}

/// Splits at spaces, but not between quotes, which stay.
fn pieces(line: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut quoted = false;
    for c in line.trim().chars() {
        quoted ^= c == '"';
        if c == ' ' && !quoted {
            pieces.push(String::new());
        } else if let Some(piece) = pieces.last_mut() {
            piece.push(c);
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

fn refs(line: &[String]) -> Vec<&str> {
    line.iter().map(String::as_str).collect()
}

fn unquoted(text: &str) -> &str {
    text.trim_matches('"')
}

fn person(name: &str) -> Person {
    Person(name.into())
}

fn ms(seconds: &str) -> Ms {
    let seconds: f64 = seconds.parse().expect("a time in seconds");
    (seconds * 1_000.0).round() as Ms
}

fn shown_time(at: Ms) -> String {
    format!("{:.2}", at as f64 / 1_000.0)
}

#[expect(
    clippy::panic,
    reason = "a story that makes no sense is a mistake of the test"
)]
fn unknown(what: &[&str]) -> ! {
    panic!("the timeline does not know {:?}", what.join(" "))
}
