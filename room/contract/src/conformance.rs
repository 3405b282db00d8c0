//! What every room does, one function per behaviour.
//!
//! An implementation runs them all with [`room_conformance!`](crate::room_conformance). Each
//! uses a room of its own, so they can run side by side on one server.

pub mod attributes;
pub mod audio;
pub mod calls;
pub mod circles;
pub mod joining;
pub mod packets;
pub mod rooms;
mod stage;
pub mod streams;
pub mod subscribing;
mod tone;

/// Makes a test of each behaviour. The argument is an expression that yields
/// `Arc<dyn Rooms>` within an async context; it may use `?` nowhere and panic on failure.
#[macro_export]
macro_rules! room_conformance {
    ($rooms:expr) => {
        $crate::room_conformance! { @each $rooms;
            rooms::a_created_room_is_found_until_it_is_deleted,
            rooms::creating_a_room_again_returns_the_first_one,
            rooms::what_is_not_there_is_gone,
            rooms::a_room_that_nobody_enters_closes,
            rooms::an_agent_does_not_keep_a_room_open,
            joining::a_participant_is_seen_from_inside_and_from_outside,
            joining::a_newcomer_learns_who_is_there,
            joining::a_wrong_token_is_refused,
            joining::a_full_room_takes_agents_only,
            joining::leaving_is_seen_and_ends_the_events,
            joining::dropping_the_room_is_leaving,
            joining::a_twin_takes_the_place_of_the_first,
            joining::one_who_is_removed_is_told,
            joining::a_deleted_room_puts_everybody_out,
            audio::a_tone_is_heard_in_the_wanted_format,
            audio::two_speakers_are_heard_apart,
            audio::a_muted_track_is_silent_and_others_see_it,
            audio::a_track_is_muted_from_outside,
            audio::a_withdrawn_track_ends_in_order,
            audio::one_who_leaves_takes_the_tracks_along,
            audio::samples_are_sent_in_real_time,
            audio::cleared_samples_are_not_heard,
            audio::samples_that_fill_no_frame_are_refused,
            audio::who_speaks_is_named,
            subscribing::nobody_is_heard_unasked_when_so_joined,
            subscribing::one_is_chosen_before_they_publish,
            subscribing::all_are_chosen_at_once,
            subscribing::whoever_publishes_learns_of_the_first_listener,
            circles::one_who_is_not_let_hear_hears_nothing,
            circles::one_who_is_let_hear_again_hears,
            circles::what_is_published_later_obeys_from_the_beginning,
            circles::one_who_comes_later_is_let_hear_by_name,
            circles::the_last_choice_holds,
            packets::reliable_packets_arrive_in_order,
            packets::a_packet_reaches_only_whom_it_is_for,
            packets::a_packet_for_nobody_reaches_nobody,
            packets::a_lossy_packet_arrives_on_a_good_line,
            packets::a_packet_from_outside_has_no_sender,
            packets::a_packet_that_is_too_long_is_refused,
            streams::text_arrives_as_it_is_written,
            streams::a_long_text_arrives_whole,
            streams::bytes_arrive_whole_with_their_name,
            streams::a_stream_reaches_only_whom_it_is_for,
            streams::a_stream_for_nobody_reaches_nobody,
            streams::a_writer_that_is_dropped_breaks_off,
            streams::a_writer_that_leaves_breaks_off,
            streams::an_agent_writes_in_anothers_name,
            calls::a_call_is_answered,
            calls::an_error_arrives_as_it_was_answered,
            calls::a_method_that_is_not_served_is_no_method,
            calls::a_withdrawn_method_is_no_method,
            calls::one_who_is_not_there_cannot_be_called,
            calls::an_answer_that_never_comes_times_out,
            calls::a_call_that_is_dropped_has_failed,
            calls::one_who_leaves_does_not_answer,
            calls::a_call_that_is_too_long_is_not_made,
            attributes::attributes_are_merged_and_removed,
            attributes::attributes_are_changed_from_outside,
            attributes::attributes_of_one_who_is_not_there_are_gone,
            attributes::metadata_is_replaced,
            attributes::without_the_grant_nothing_changes,
        }
    };
    (@each $rooms:expr; $($group:ident::$behaviour:ident),* $(,)?) => {
        $(
            #[tokio::test]
            async fn $behaviour() {
                $crate::conformance::$group::$behaviour($rooms).await;
            }
        )*
    };
}
