use std::time::Duration;

use proptest::prelude::*;
use roxmltree::Document;

use super::*;

#[test]
fn an_inbound_call_is_connected_and_comes_back_when_the_socket_is_lost() {
    let stream = Stream::new("wss://phone.example/twilio/stream/CA1")
        .parameter("token", "a\"b")
        .status_callback("https://phone.example/s?a=1&b=2");

    let xml = Response::new()
        .then(Say::new("Tom & Jerry's").language("en-GB"))
        .then(Connect::stream(stream))
        .then(Redirect::to("https://phone.example/resume"))
        .to_xml()
        .unwrap();

    assert_eq!(
        xml,
        concat!(
            r#"<?xml version="1.0" encoding="UTF-8"?><Response>"#,
            r#"<Say language="en-GB">Tom &amp; Jerry&apos;s</Say>"#,
            r#"<Connect><Stream url="wss://phone.example/twilio/stream/CA1" "#,
            r#"statusCallback="https://phone.example/s?a=1&amp;b=2">"#,
            r#"<Parameter name="token" value="a&quot;b"/></Stream></Connect>"#,
            r#"<Redirect>https://phone.example/resume</Redirect></Response>"#,
        )
    );
}

#[test]
fn every_verb_is_written_as_twilio_reads_it() {
    let gather = Gather::new("/routing")
        .input(Input::KeysOrSpeech)
        .keys(1)
        .finish_on(None)
        .timeout(Duration::from_secs(4))
        .say(Say::new("Press 1"))
        .pause(Pause::of(Duration::from_millis(10)));
    let dial = Dial::number(Number::new("+18005551212").whisper("/brief"))
        .or_number(Number::new("+18005551213"))
        .caller_id("+14158675309")
        .ring_for(Duration::from_secs(25))
        .answer_on_bridge();
    let conference = Conference::new("room 1")
        .starts(true)
        .ends_with_me(false)
        .beep(Beep::Never);
    let relay = ConversationRelay::new("wss://phone.example/relay")
        .voice("ElevenLabs", "id")
        .interruptible(Interruptible::ByAny)
        .also(Language::new("fr-FR").transcription("Deepgram", "nova-3-general"));

    let xml = Response::new()
        .then(Reject::Busy)
        .then(gather)
        .then(dial)
        .then(Dial::conference(conference))
        .then(Dial::client(Client::new("alice").parameter("k", "v")))
        .then(Play::keys("w1"))
        .then(Start::stream(
            Stream::new("wss://phone.example/ear")
                .name("ear")
                .track(Track::Both),
        ))
        .then(Stop::stream("ear"))
        .then(Connect::relay(relay).action("/done"))
        .then(Hangup)
        .to_xml()
        .unwrap();

    for part in [
        r#"<Reject reason="busy"/><Gather action="/routing" input="dtmf speech" numDigits="1" finishOnKey="" timeout="4">"#,
        r#"<Say>Press 1</Say><Pause length="1"/></Gather>"#,
        r#"<Dial callerId="+14158675309" timeout="25" answerOnBridge="true"><Number url="/brief">+18005551212</Number>"#,
        r#"<Number>+18005551213</Number></Dial>"#,
        r#"<Conference startConferenceOnEnter="true" endConferenceOnExit="false" beep="false">room 1</Conference>"#,
        r#"<Client><Identity>alice</Identity><Parameter name="k" value="v"/></Client>"#,
        r#"<Play digits="w1"/>"#,
        r#"<Start><Stream url="wss://phone.example/ear" name="ear" track="both_tracks"/></Start>"#,
        r#"<Stop><Stream name="ear"/></Stop><Connect action="/done"><ConversationRelay url="wss://phone.example/relay""#,
        r#" ttsProvider="ElevenLabs" voice="id" interruptible="any"><Language code="fr-FR" "#,
        r#"<Hangup/></Response>"#,
    ] {
        assert!(xml.contains(part), "{part} is not in {xml}");
    }
}

#[test]
fn twilios_limits_are_kept() {
    let too_long = |what, longest| Err(TwimlError::TooLong { what, longest });
    let answer = |verb: Say| Response::new().then(verb);
    let stream = |url: &str| {
        Response::new()
            .then(Connect::stream(Stream::new(url)))
            .to_xml()
    };
    let parameter = |length| {
        let stream = Stream::new("wss://a").parameter("token", &"x".repeat(length));
        Response::new().then(Connect::stream(stream)).to_xml()
    };

    assert!(answer(Say::new(&"ä".repeat(4_096))).to_xml().is_ok());
    assert_eq!(
        answer(Say::new(&"ä".repeat(4_097))).to_xml(),
        too_long("the text of a Say", 4_096)
    );
    assert_eq!(
        answer(Say::new(&"a".repeat(4_000))).to_inline(),
        too_long("the parameter Twiml", 4_000)
    );
    for url in [
        "https://a/b",
        "wss://a/b?token=c",
        "wss://a/b#c",
        "wss://",
        "",
    ] {
        assert_eq!(stream(url), Err(TwimlError::NotASocket), "{url}");
    }
    assert!(parameter(494).is_ok());
    assert_eq!(parameter(495), too_long("a Parameter", 499));
    let name = "a".repeat(129);
    let conference = Response::new().then(Dial::conference(Conference::new(&name)));
    assert_eq!(
        conference.to_xml(),
        too_long("the name of a conference", 128)
    );
    let late = Response::new().then(Say::new("no")).then(Reject::Rejected);
    assert_eq!(late.to_xml(), Err(TwimlError::RejectTooLate));
}

#[test]
fn no_more_than_ten_ring_together() {
    let mut dial = Dial::number(Number::new("+18005551200"));
    for number in 1..10 {
        dial = dial.or_number(Number::new(&format!("+180055512{number:02}")));
    }
    let eleven = dial.clone().or_number(Number::new("+18005551299"));

    assert!(Response::new().then(dial).to_xml().is_ok());
    assert_eq!(
        Response::new().then(eleven).to_xml(),
        Err(TwimlError::NobodyToDial)
    );
}

#[test]
fn an_answer_without_verbs_ends_the_call() {
    let xml = Response::new().to_xml().unwrap();

    assert!(xml.ends_with("<Response/>"), "{xml}");
}

#[test]
fn an_answer_beyond_64_kib_is_refused() {
    let mut answer = Response::new();
    for _ in 0..17 {
        answer = answer.then(Say::new(&"a".repeat(4_000)));
    }

    assert!(matches!(answer.to_xml(), Err(TwimlError::TooLong { .. })));
}

proptest! {
    #[test]
    fn any_text_is_read_back_by_a_parser(text in "\\PC{0,60}", value in any::<String>(), odd in any::<String>()) {
        let stream = Stream::new("wss://a").parameter("odd", &value[..value.floor_char_boundary(100)]);
        let answer = Response::new().then(Say::new(&text).voice(&odd)).then(Connect::stream(stream));

        let xml = answer.to_xml().unwrap();

        let read = Document::parse(&xml).unwrap();
        let find = |name| read.descendants().find(|node| node.has_tag_name(name)).unwrap();
        prop_assert_eq!(find("Say").text().unwrap_or_default(), text);
        let legal = |text: &str| -> String {
            let illegal = |c: char| (c < ' ' && !"\t\n\r".contains(c)) || c == '\u{fffe}' || c == '\u{ffff}';
            text.chars().map(|c| if illegal(c) { '\u{fffd}' } else { c }).collect()
        };
        let voice = legal(&odd);
        prop_assert_eq!(find("Say").attribute("voice"), Some(voice.as_str()));
        let value = legal(&value[..value.floor_char_boundary(100)]);
        prop_assert_eq!(find("Parameter").attribute("value"), Some(value.as_str()));
    }
}
