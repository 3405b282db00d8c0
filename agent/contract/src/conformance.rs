//! What every provider does, one function per behaviour.
//!
//! An adapter runs them with [`transcriber_conformance!`](crate::transcriber_conformance),
//! [`thinker_conformance!`](crate::thinker_conformance) and
//! [`speaker_conformance!`](crate::speaker_conformance), against its fake or its engine, and tells each fault that it
//! can be given with `fails_as`.

pub mod speaker;
mod stage;
pub mod thinker;
pub mod transcriber;

pub use speaker::SpeakerSubject;
pub use thinker::ThinkerSubject;
pub use transcriber::TranscriberSubject;

/// Makes a test of each behaviour of a transcriber. The argument is an expression that yields a
/// [`TranscriberSubject`] within an async context.
#[macro_export]
macro_rules! transcriber_conformance {
    ($subject:expr) => {
        $crate::provider_conformance! { transcriber, $subject;
            speech_becomes_its_words,
            interims_come_before_the_final,
            silence_has_no_words,
            stretches_come_one_after_the_other,
            closing_the_input_tells_what_is_open,
            dropping_it_ends_it,
            two_people_are_heard_side_by_side,
            sound_in_a_burst_is_taken,
        }
    };
}

/// Makes a test of each behaviour of a thinker. The argument is an expression that yields a [`ThinkerSubject`] within
/// an async context.
#[macro_export]
macro_rules! thinker_conformance {
    ($subject:expr) => {
        $crate::provider_conformance! { thinker, $subject;
            an_answer_comes_in_pieces_and_ends,
            every_kind_of_message_is_taken,
            a_tool_is_called_with_an_object,
            a_tools_answer_is_taken,
            dropping_the_answer_ends_it,
            two_answers_come_side_by_side,
        }
    };
}

/// Makes a test of each behaviour of a speaker. The argument is an expression that yields a [`SpeakerSubject`] within
/// an async context.
#[macro_export]
macro_rules! speaker_conformance {
    ($subject:expr) => {
        $crate::provider_conformance! { speaker, $subject;
            text_becomes_sound_of_its_length,
            closing_the_input_is_finishing,
            flushed_text_is_spoken_before_the_end,
            nothing_to_say_is_finished_at_once,
            a_slow_listener_loses_nothing,
            progress_is_told_in_order,
            dropping_it_ends_it,
            two_replies_are_spoken_side_by_side,
        }
    };
}

/// What the three have in common.
#[doc(hidden)]
#[macro_export]
macro_rules! provider_conformance {
    ($port:ident, $subject:expr; $($behaviour:ident),* $(,)?) => {
        $(
            #[tokio::test]
            async fn $behaviour() {
                $crate::conformance::$port::$behaviour($subject).await;
            }
        )*
    };
}
