use proptest::prelude::*;

use super::*;
use crate::SampleRate;

const FORMAT: Format = Format::mono(SampleRate::HZ_8000);

fn mixer_with<const N: usize>() -> (Mixer, [Seat; N]) {
    let mut mixer = Mixer::new(FORMAT, 4);
    let seats = std::array::from_fn(|_| mixer.join());
    (mixer, seats)
}

fn heard(mixer: &mut Mixer, seat: Seat) -> [i16; 4] {
    let mut output = [99; 4];
    mixer.hear(seat, &mut output);
    output
}

#[test]
fn everybody_hears_the_others_and_not_themselves() {
    let (mut mixer, [anna, ben, cleo]) = mixer_with();

    mixer.put(anna, &[1, 1, 1, 1]);
    mixer.put(ben, &[20, 20, 20, 20]);
    mixer.put(cleo, &[300, 300]);

    assert_eq!(heard(&mut mixer, anna), [320, 320, 20, 20]);
    assert_eq!(heard(&mut mixer, ben), [301, 301, 1, 1]);
    assert_eq!(heard(&mut mixer, cleo), [21, 21, 21, 21]);
}

#[test]
fn a_private_word_reaches_one_listener_only() {
    let (mut mixer, [agent, contact, caller]) = mixer_with();
    mixer.set_hearing(caller, agent, Hearing::Closed);
    mixer.set_hearing(caller, contact, Hearing::Closed);

    mixer.put(agent, &[7; 4]);
    mixer.put(contact, &[50; 4]);

    assert_eq!(heard(&mut mixer, contact), [7; 4]);
    assert_eq!(heard(&mut mixer, caller), [0; 4]);
    mixer.set_hearing(caller, agent, Hearing::Open);
    assert_eq!(heard(&mut mixer, caller), [7; 4]);
}

#[test]
fn the_next_tick_begins_in_silence() {
    let (mut mixer, [anna, ben]) = mixer_with();
    mixer.put(anna, &[1; 4]);

    mixer.next_tick();

    assert_eq!(heard(&mut mixer, ben), [0; 4]);
}

#[test]
fn putting_twice_replaces() {
    let (mut mixer, [anna, ben]) = mixer_with();

    mixer.put(anna, &[1; 4]);
    mixer.put(anna, &[5; 9]);

    assert_eq!(heard(&mut mixer, ben), [5; 4]);
}

#[test]
fn who_leaves_is_silent_and_the_seat_is_as_new() {
    let (mut mixer, [anna, ben, cleo]) = mixer_with();
    mixer.set_hearing(cleo, anna, Hearing::Closed);
    mixer.put(anna, &[1; 4]);

    mixer.leave(anna);

    assert_eq!(heard(&mut mixer, ben), [0; 4]);
    let dora = mixer.join();
    mixer.put(dora, &[3; 4]);
    assert_eq!(heard(&mut mixer, cleo), [3; 4]);
}

#[test]
fn an_empty_seat_hears_nothing_and_says_nothing() {
    let (mut mixer, [anna, ben]) = mixer_with();
    mixer.leave(anna);

    mixer.put(anna, &[1; 4]);
    mixer.set_hearing(anna, ben, Hearing::Closed);

    assert_eq!(heard(&mut mixer, anna), [0; 4]);
    assert_eq!(heard(&mut mixer, ben), [0; 4]);
}

#[test]
fn nobody_can_be_made_to_hear_themselves() {
    let (mut mixer, [anna, _ben]) = mixer_with();
    mixer.put(anna, &[9; 4]);

    mixer.set_hearing(anna, anna, Hearing::Closed);
    mixer.set_hearing(anna, anna, Hearing::Open);

    assert_eq!(heard(&mut mixer, anna), [0; 4]);
}

proptest! {
    #[test]
    fn the_order_of_speakers_does_not_matter(
        ticks in prop::collection::vec(
            prop::collection::vec(prop::collection::vec(any::<i16>(), 32), 5), 1..6),
        order in Just([0, 1, 2, 3, 4]).prop_shuffle(),
    ) {
        let mut straight = Mixer::new(FORMAT, 32);
        let mut shuffled = Mixer::new(FORMAT, 32);
        let seats: Vec<Seat> = (0..5).map(|_| { shuffled.join(); straight.join() }).collect();

        for said in &ticks {
            for i in 0..5 { straight.put(seats[i], &said[i]); }
            for i in order { shuffled.put(seats[i], &said[i]); }

            for &seat in &seats {
                let (mut a, mut b) = ([0; 32], [0; 32]);
                straight.hear(seat, &mut a);
                shuffled.hear(seat, &mut b);
                prop_assert_eq!(a, b);
            }
            straight.next_tick();
            shuffled.next_tick();
        }
    }

    #[test]
    fn each_hears_exactly_the_row_of_the_matrix(
        said in prop::collection::vec(-5_000_i16..5_000, 6),
        closed in prop::collection::vec((0_usize..6, 0_usize..6), 0..20),
    ) {
        let mut mixer = Mixer::new(FORMAT, 1);
        let seats: Vec<Seat> = said.iter().map(|_| mixer.join()).collect();
        for &(listener, speaker) in &closed {
            mixer.set_hearing(seats[listener], seats[speaker], Hearing::Closed);
        }
        for (seat, &said) in seats.iter().zip(&said) { mixer.put(*seat, &[said]); }

        for (listener, &seat) in seats.iter().enumerate() {
            let audible = |speaker: &usize| *speaker != listener && !closed.contains(&(listener, *speaker));
            let expected: i16 = (0..6).filter(audible).map(|speaker| said[speaker]).sum();
            let mut output = [0];
            mixer.hear(seat, &mut output);
            prop_assert_eq!(output[0], expected);
        }
    }
}
