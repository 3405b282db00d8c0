"""Talks to the twin through Twilio's own client, checks signatures with its validator, and answers a media stream with
pipecat's serializer. Fails when one of them does not like what it gets.

usage: twilio_peers.py client URL ACCOUNT TOKEN
       twilio_peers.py validator < requests.json
       twilio_peers.py pipecat TOKEN    prints its port, then reads the twin's address
"""

import asyncio
import json
import sys
import time

OURS = "+15550001111"
FRIEND = "+15553334444"
NOBODY = "+15553335555"
QUIET = "<Response><Say>Hello</Say><Pause length='60'/></Response>"


def until(look, wanted, what):
    """Waits for a state; a busy machine is given half a minute."""
    deadline = time.monotonic() + 30
    while (seen := look()) not in wanted:
        assert time.monotonic() < deadline, f"{what} is {seen}, not {wanted}"
        time.sleep(0.05)


def client(url, account, token):
    from twilio.base.exceptions import TwilioRestException
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client

    class Here(TwilioHttpClient):
        """Twilio's client cannot be told another address than Twilio's."""

        def request(self, method, address, *arguments, **named):
            return super().request(method, address.replace("https://api.twilio.com", url), *arguments, **named)

    twilio = Client(account, token, http_client=Here(timeout=20))
    assert twilio.api.v2010.accounts(account).fetch().status == "active"
    calls(twilio, TwilioRestException)
    conferences(twilio)
    messages(twilio, TwilioRestException)

    number = twilio.incoming_phone_numbers.list(phone_number=OURS)[0]
    assert number.capabilities["voice"], number.capabilities
    assert number.update(voice_url="https://other.test/voice").voice_url == "https://other.test/voice"

    stranger = Client(account, "wrong", http_client=Here(timeout=20))
    refused(TwilioRestException, 401, 20003, lambda: stranger.calls("CA" + 32 * "0").fetch())


def refused(kind, status, code, deed):
    try:
        deed()
    except kind as error:
        assert (error.status, error.code) == (status, code), error
    else:
        raise AssertionError(f"{code} did not come")


def calls(twilio, error):
    events = ["initiated", "ringing", "answered", "completed"]
    call = twilio.calls.create(
        to=FRIEND, from_=OURS, twiml=QUIET, record=True, status_callback="https://app.test/p", status_callback_event=events
    )
    assert call.status == "queued" and call.direction == "outbound-api", call
    until(lambda: twilio.calls(call.sid).fetch().status, ["in-progress"], "the call")
    assert twilio.calls(call.sid).fetch().start_time.tzinfo is not None

    recording = twilio.calls(call.sid).recordings.create(recording_channels="dual")
    assert recording.status == "in-progress" and recording.source == "StartCallRecordingAPI", recording
    time.sleep(0.2)
    assert twilio.calls(call.sid).recordings(recording.sid).update(status="stopped").status == "completed"
    assert len(twilio.recordings.list(call_sid=call.sid)) == 2
    assert twilio.recordings(recording.sid).delete()

    stream = twilio.calls(call.sid).streams.create(url="wss://app.test/stream", name="copy", track="both_tracks")
    assert stream.sid.startswith("MZ") and stream.status == "in-progress", stream
    assert twilio.calls(call.sid).update(twiml="<Response><Pause length='60'/></Response>").sid == call.sid
    twilio.calls(call.sid).update(status="completed")
    until(lambda: twilio.calls(call.sid).fetch().status, ["completed"], "the call")
    assert twilio.calls(call.sid).fetch().duration is not None
    refused(error, 400, 21220, lambda: twilio.calls(call.sid).update(twiml=QUIET))
    refused(error, 400, 21211, lambda: twilio.calls.create(to="12", from_=OURS, twiml=QUIET))
    refused(error, 400, 21215, lambda: twilio.calls.create(to=NOBODY, from_=OURS, twiml=QUIET))
    refused(error, 404, 20404, lambda: twilio.calls("CA" + 32 * "0").fetch())

    for _ in range(4):
        twilio.calls.create(to=FRIEND, from_=OURS, twiml="<Response><Hangup/></Response>")
    # Page by page.
    assert len(list(twilio.calls.stream(page_size=2))) == 5


def conferences(twilio):
    added = twilio.conferences("talk").participants.create(from_=OURS, to=FRIEND, label="friend", end_conference_on_exit=True)
    twilio.conferences("talk").participants.create(from_=OURS, to=FRIEND, label="second")
    until(lambda: len(twilio.conferences.list(friendly_name="talk", status="in-progress")), [1], "conferences")
    conference = twilio.conferences(added.conference_sid)
    until(lambda: len(conference.participants.list()), [2], "participants")
    muted = conference.participants("second").update(muted=True)
    assert muted.muted and not muted.hold, muted
    assert conference.participants("second").delete()
    assert [guest.label for guest in conference.participants.list()] == ["friend"]
    ended = conference.update(status="completed")
    assert ended.reason_conference_ended == "conference-ended-via-api", ended


def messages(twilio, error):
    message = twilio.messages.create(to=FRIEND, from_=OURS, body="Hello")
    until(lambda: twilio.messages(message.sid).fetch().status, ["delivered"], "the message")
    refused(error, 400, 21606, lambda: twilio.messages.create(to=FRIEND, from_=NOBODY, body="Hello"))
    assert len(twilio.messages.list(to=FRIEND)) == 1


class Form(dict):
    """A form as web frameworks give it: a name may have many values."""

    def __init__(self, pairs):
        super().__init__()
        for name, value in pairs:
            self.setdefault(name, []).append(value)

    def getall(self, name):
        return self[name]

    getlist = getall


def validator():
    from twilio.request_validator import RequestValidator

    for number, request in enumerate(json.load(sys.stdin)):
        validates = RequestValidator(request["token"]).validate
        form = Form(request["parameters"])
        signature = request["signature"]
        assert validates(request["url"], form, signature), (number, request)
        flipped = ("B" if signature[0] == "A" else "A") + signature[1:]
        assert not validates(request["url"], form, flipped), (number, request)


async def pipecat(token):
    from pipecat.frames.frames import EndFrame, InputAudioRawFrame, InputDTMFFrame, InterruptionFrame, OutputAudioRawFrame
    from pipecat.serializers.twilio import TwilioFrameSerializer
    from websockets.asyncio.server import serve
    from websockets.exceptions import ConnectionClosedOK

    done = asyncio.Event()
    url = asyncio.get_running_loop().create_future()

    async def stream(socket):
        """Says back what it hears; key 0 interrupts, key 9 ends the call."""
        assert json.loads(await socket.recv())["event"] == "connected"
        start = json.loads(await socket.recv())["start"]
        serializer = TwilioFrameSerializer(
            stream_sid=start["streamSid"],
            call_sid=start["callSid"],
            account_sid=start["accountSid"],
            auth_token=token,
            base_url=await url,
            params=TwilioFrameSerializer.InputParams(sample_rate=16000),
        )
        await serializer.setup(type("Setup", (), {"audio_in_sample_rate": 16000})())
        async for message in socket:
            frame = await serializer.deserialize(message)
            if isinstance(frame, InputAudioRawFrame):
                spoken = OutputAudioRawFrame(audio=frame.audio, sample_rate=frame.sample_rate, num_channels=1)
                answer = await serializer.serialize(spoken)
            elif isinstance(frame, InputDTMFFrame):
                answer = await serializer.serialize(InterruptionFrame() if frame.button.value == "0" else EndFrame())
            else:
                answer = None
            if answer:
                try:
                    await socket.send(answer)
                except ConnectionClosedOK:
                    break
        done.set()

    async with serve(stream, "127.0.0.1", 0) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        url.set_result((await asyncio.to_thread(sys.stdin.readline)).strip())
        await asyncio.wait_for(done.wait(), 100)


if __name__ == "__main__":
    role, *arguments = sys.argv[1:]
    if role == "client":
        client(*arguments)
    elif role == "validator":
        validator()
    else:
        asyncio.run(pipecat(*arguments))
