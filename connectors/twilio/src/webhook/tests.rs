use proptest::prelude::*;

use super::*;

const CALL: &str = "CA0123456789abcdef0123456789abcdef";
const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";

fn form(more: &[(&str, &str)]) -> Form {
    let mut fields = vec![("CallSid", CALL), ("AccountSid", ACCOUNT)];
    fields.extend_from_slice(more);
    fields.into_iter().collect()
}

#[test]
fn an_inbound_call_is_read() {
    let form = form(&[
        ("CallStatus", "ringing"),
        ("Direction", "inbound"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
        ("FromCity", ""),
        ("SomethingNew", "whatever"),
    ]);

    let request = VoiceRequest::read(&form).unwrap();

    assert_eq!(request.call.as_str(), CALL);
    assert_eq!(request.status, Some(CallStatus::Ringing));
    assert_eq!(request.direction, Some(Direction::Inbound));
    assert_eq!(request.from.number(), Some("+14158675309"));
    assert!(!format!("{request:?}").contains("4158675309"));
}

#[test]
fn a_call_without_a_usable_id_is_an_error_and_an_unknown_status_is_not() {
    let nobody: Form = [("AccountSid", ACCOUNT)].into_iter().collect();
    let odd: Form = [("CallSid", "../../etc"), ("AccountSid", ACCOUNT)]
        .into_iter()
        .collect();

    assert_eq!(
        VoiceRequest::read(&nobody),
        Err(WebhookError::Missing("CallSid"))
    );
    assert_eq!(
        VoiceRequest::read(&odd),
        Err(WebhookError::Garbled("CallSid"))
    );
    assert_eq!(
        VoiceRequest::read(&form(&[("CallStatus", "dreaming")]))
            .unwrap()
            .status,
        None
    );
}

#[test]
fn a_status_callback_is_read() {
    let form = form(&[
        ("CallStatus", "completed"),
        ("SequenceNumber", "3"),
        ("CallDuration", "61"),
        ("Duration", "2"),
        ("SipResponseCode", "200"),
        ("Timestamp", "Sun, 25 Mar 2018 09:53:19 +0000"),
    ]);

    let news = StatusCallback::read(&form).unwrap();

    assert_eq!(news.status, CallStatus::Completed);
    assert_eq!((news.sequence, news.sip_response), (Some(3), Some(200)));
    assert_eq!(news.duration, Some(Duration::from_secs(61)));
    assert_eq!(news.at.unwrap().unix_timestamp(), 1_521_971_599);
}

#[test]
fn a_status_that_nobody_knows_is_an_error() {
    let read = StatusCallback::read(&form(&[("CallStatus", "dreaming")]));

    assert_eq!(read, Err(WebhookError::Garbled("CallStatus")));
}

#[test]
fn only_what_comes_later_has_a_higher_rank() {
    use CallStatus as S;
    let order = [
        S::Queued,
        S::Initiated,
        S::Ringing,
        S::InProgress,
        S::Completed,
    ];

    assert!(order.is_sorted_by(|a, b| a.rank() < b.rank()));
    for status in [S::Completed, S::Busy, S::Failed, S::NoAnswer, S::Canceled] {
        assert!(status.is_final());
        assert_eq!(CallStatus::parse(status.as_str()), Some(status));
    }
    assert!(!S::InProgress.is_final());
}

#[test]
fn keys_and_words_of_a_menu_are_read_and_not_shown() {
    let form = form(&[
        ("Digits", "12x#"),
        ("FinishedOnKey", "#"),
        ("SpeechResult", "with Thomas"),
        ("Confidence", "0.91"),
    ]);

    let gathered = Gathered::read(&form).unwrap();

    assert_eq!(
        (gathered.digits.as_str(), gathered.finished_by),
        ("12#", Some('#'))
    );
    assert_eq!(
        (gathered.speech.as_str(), gathered.confidence),
        ("with Thomas", Some(0.91))
    );
    assert!(!format!("{gathered:?}").contains("Thomas"));
}

#[test]
fn a_machines_beep_is_the_moment_to_speak() {
    let form = form(&[
        ("AnsweredBy", "machine_end_beep"),
        ("MachineDetectionDuration", "4210"),
    ]);

    let verdict = MachineVerdict::read(&form).unwrap();

    assert!(verdict.answered_by.takes_messages());
    assert_eq!(verdict.after, Some(Duration::from_millis(4_210)));
    assert!(!AnsweredBy::parse("machine_start").takes_messages());
    assert_eq!(AnsweredBy::parse("alien"), AnsweredBy::Unknown);
}

#[test]
fn a_streams_failure_comes_with_its_reason() {
    let form = form(&[("StreamEvent", "stream-error"), ("StreamError", "31920")]);

    let status = StreamStatus::read(&form).unwrap();

    assert_eq!(status.event, StreamEvent::Failed("31920".to_owned()));
    assert_eq!(status.stream, None);
}

#[test]
fn a_dial_a_conference_and_a_recording_are_read() {
    let dial = form(&[("DialCallStatus", "no-answer"), ("DialBridged", "false")]);
    let conference = form(&[
        ("ConferenceSid", "CF0123456789abcdef0123456789abcdef"),
        ("StatusCallbackEvent", "participant-leave"),
        ("FriendlyName", "room 1"),
    ]);
    let recording = form(&[
        ("RecordingSid", "RE0123456789abcdef0123456789abcdef"),
        ("RecordingStatus", "completed"),
        ("RecordingDuration", "12"),
    ]);

    let dial = DialEnded::read(&dial).unwrap();
    let conference = ConferenceEvent::read(&conference).unwrap();
    let recording = RecordingEvent::read(&recording).unwrap();

    assert_eq!(
        (dial.status, dial.bridged),
        (CallStatus::NoAnswer, Some(false))
    );
    assert_eq!(conference.happening, ConferenceHappening::Left);
    assert_eq!(recording.duration, Some(Duration::from_secs(12)));
}

proptest! {
    #[test]
    fn no_value_of_any_field_breaks_a_reader(value in ".{0,60}", which in 0..12_usize) {
        let names = [
            "CallStatus", "Direction", "From", "To", "Digits", "Confidence", "SequenceNumber", "Timestamp",
            "CallDuration", "AnsweredBy", "StreamEvent", "SpeechResult",
        ];
        let form = form(&[(names[which], &value)]);

        prop_assert!(VoiceRequest::read(&form).is_ok());
        prop_assert!(Gathered::read(&form).is_ok());
        let _ = (StatusCallback::read(&form), MachineVerdict::read(&form), StreamStatus::read(&form));
    }
}
