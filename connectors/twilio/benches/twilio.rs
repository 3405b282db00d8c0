//! What a call costs: each function of "20 ms" handles one frame, so 20 ms over the time shown is how many calls a core
//! carries; the others are paid once per webhook.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use connectors_twilio::{
    form::Form,
    media::{FRAME, Incoming, write_media},
    sid::StreamSid,
    signature::Signatures,
    twiml::{Connect, Redirect, Response, Stream},
    webhook::VoiceRequest,
};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use room_media::{Dbfs, Format, Mixer, Player, PlayerOptions, SampleRate, Seat, tone::Tone, ulaw};
use secrecy::SecretString;

const URL: &str = "https://phone.example/twilio/voice";
const TICK: Duration = Duration::from_millis(20);

fn stream() -> StreamSid {
    StreamSid::new("MZ00000000000000000000000000000001").expect("an id")
}

fn codes() -> Vec<u8> {
    let samples = Tone::new(SampleRate::HZ_8000, 440.0, Dbfs::new(-20.0)).take(FRAME);
    samples.into_iter().map(ulaw::encode).collect()
}

fn coding(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("20 ms on the socket");
    let (stream, codes) = (stream(), codes());
    let mut frame = String::new();
    group.bench_function("write", |bencher| {
        bencher.iter(|| write_media(&mut frame, &stream, black_box(&codes)));
    });
    let payload = frame.split('"').rev().nth(1).unwrap_or_default().to_owned();
    let message = format!(
        r#"{{"event":"media","sequenceNumber":"4","media":{{"track":"inbound","chunk":"2","timestamp":"5","payload":"{payload}"}},"streamSid":"{stream}"}}"#
    );
    group.bench_function("read", |bencher| {
        bencher.iter(|| Incoming::parse(black_box(&message)));
    });
    group.finish();
}

/// From the sound of the others to μ-law, as a leg does it.
fn mixing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("20 ms of everybody else");
    let format = Format::mono(SampleRate::HZ_8000);
    let sound = Tone::new(SampleRate::HZ_8000, 440.0, Dbfs::new(-20.0)).take(FRAME);
    for others in [1_usize, 3, 10] {
        let mut mixer = Mixer::new(format, FRAME);
        let phone = mixer.join();
        let mut players: Vec<(Seat, Player)> = (0..others)
            .map(|_| (mixer.join(), Player::new(PlayerOptions::new(format))))
            .collect();
        let (mut now, mut piece) = (Instant::now(), [0; FRAME]);
        group.bench_function(BenchmarkId::from_parameter(others), |bencher| {
            bencher.iter(|| {
                now += TICK;
                for (seat, player) in &mut players {
                    player.handle_frame(now, black_box(&sound));
                    player.play(now, &mut piece);
                    mixer.put(*seat, &piece);
                }
                mixer.hear(phone, &mut piece);
                mixer.next_tick();
                black_box(piece.map(ulaw::encode))
            });
        });
    }
    group.finish();
}

fn webhooks(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("a webhook");
    let fields = (0..40).map(|number| (format!("Field{number}"), "some value".to_owned()));
    let known = [
        ("CallSid", "CA00000000000000000000000000000001"),
        ("AccountSid", "AC00000000000000000000000000000001"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
    ];
    let known = known.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let form: Form = fields.chain(known).collect();
    let body: Vec<String> = form
        .fields()
        .map(|(name, value)| format!("{name}={}", value.replace('+', "%2B").replace(' ', "+")))
        .collect();
    let body = body.join("&");
    let signatures = Signatures::new(&SecretString::from("12345"));
    let signature = signatures.sign(URL, &form);
    group.bench_function("read and checked", |bencher| {
        bencher.iter(|| {
            let form = Form::parse(black_box(body.as_bytes())).ok()?;
            let form = signatures.form(URL, form, Some(&signature)).ok()?;
            VoiceRequest::read(&form).ok()
        });
    });
    group.bench_function("answered", |bencher| {
        bencher.iter(|| {
            let stream = Stream::new("wss://phone.example/twilio/stream/CA1")
                .parameter("token", black_box("0123456789abcdef0123456789abcdef"));
            Response::new()
                .then(Connect::stream(stream))
                .then(Redirect::to("https://phone.example/twilio/resume"))
                .to_xml()
        });
    });
    group.finish();
}

criterion_group!(benches, coding, mixing, webhooks);
criterion_main!(benches);
