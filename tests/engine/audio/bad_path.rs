//! Promise 11: over bad paths the delay does not grow, and little has to be made up.

use std::time::{Duration, Instant};

use anyhow::Result;
use livekit::RoomOptions;
use tests_harness::impair::{Conditions, Impairer};

use super::live::{Counts, FRAME, Microphone};
use crate::support::{Guest, Recording, Venue, figure, percentile};

const STRETCH: Duration = Duration::from_secs(10);
/// One packet of delay: a buffer that grew would show more after a minute of misfortune.
const STILL_THE_SAME: Duration = FRAME;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loss_jitter_and_reordering_neither_interrupt_nor_delay() -> Result<()> {
    let opened = Instant::now();
    let venue = Venue::open().await?;
    let network = Impairer::start(&venue.server, 11).await?;
    let speaker = venue.guest("speaker").await?;
    let options = RoomOptions::default();
    let listener = Guest::join(&network.url(), &venue.token("listener")?, options).await?;
    let mut microphone = Microphone::publish(&speaker, 440.0).await?;
    listener
        .until("the track", super::onset::subscribed)
        .await?;
    let stretches: [(&str, Conditions, f64); 7] = [
        ("a clean path", Conditions::default(), 0.0),
        ("1 % loss", Conditions::loss(0.01), 0.015),
        ("2 % loss", Conditions::loss(0.02), 0.015),
        ("5 % loss", Conditions::loss(0.05), 0.015),
        ("20 % loss", Conditions::loss(0.2), 0.1),
        (
            "± 80 ms jitter",
            Conditions::jitter(Duration::from_millis(80)),
            0.02,
        ),
        ("5 % reordered", Conditions::reordering(0.05), 0.015),
    ];
    let total = STRETCH * (stretches.len() as u32 + 1);
    let speaking = tokio::spawn(async move { microphone.sound(total).await });
    listener.hear("speaker", STRETCH / 10).await?;

    for (name, conditions, most_concealed) in stretches {
        network.set(conditions);
        let before = Counts::of(&listener, "speaker").await?;
        let recording = listener.hear("speaker", STRETCH).await?;
        let counts = Counts::of(&listener, "speaker").await?.since(before);

        let share = counts.concealed_share();
        figure(
            name,
            format!(
                "concealed {:.2} %, lost {}, recovered {}, longest wait {:?}, tone {:.3}",
                share * 100.0,
                counts.lost,
                counts.recovered,
                recording.longest_wait(),
                recording.tone(440.0).share,
            ),
        );
        assert!(share <= most_concealed, "{name}: {share}");
    }

    network.set(Conditions::default());
    listener.hear("speaker", STRETCH / 10).await?;
    let recording = listener.ear("speaker").since(opened);
    let begin = speaking.await??;
    delay_has_not_grown(&recording, begin);
    Ok(())
}

/// Compares the first second on the clean path with the last one.
fn delay_has_not_grown(recording: &Recording, begin: Instant) {
    let delays = super::live::delays(recording, begin);
    let second = 50;
    let first = percentile(&delays[second..2 * second], 50);
    let last = percentile(&delays[delays.len() - second / 2..], 50);
    figure("delay before all that", format!("{first:?}"));
    figure("delay after all that", format!("{last:?}"));
    figure(
        "delay, all told, p95",
        format!("{:?}", percentile(&delays, 95)),
    );
    assert!(last <= first + STILL_THE_SAME, "{first:?} became {last:?}");
}
