//! The room on LiveKit behaves as a room does.

use crate::server;

room_contract::room_conformance!(server::rooms());

/// What is heard, by the server alone.
mod by_the_server {
    use crate::server;

    room_contract::room_conformance! { @each server::rooms_without_shortcuts();
        audio::a_tone_is_heard_in_the_wanted_format,
        audio::two_speakers_are_heard_apart,
        audio::a_muted_track_is_silent_and_others_see_it,
        audio::a_track_is_muted_from_outside,
        audio::a_withdrawn_track_ends_in_order,
        audio::one_who_leaves_takes_the_tracks_along,
        audio::cleared_samples_are_not_heard,
        subscribing::nobody_is_heard_unasked_when_so_joined,
        subscribing::one_is_chosen_before_they_publish,
        subscribing::all_are_chosen_at_once,
        subscribing::whoever_publishes_learns_of_the_first_listener,
        circles::one_who_is_not_let_hear_hears_nothing,
        circles::one_who_is_let_hear_again_hears,
        circles::what_is_published_later_obeys_from_the_beginning,
        circles::one_who_comes_later_is_let_hear_by_name,
        circles::the_last_choice_holds,
    }
}
