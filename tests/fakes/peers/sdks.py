"""Talks to a fake through the vendor's own SDK, and fails when the SDK does not like what it gets.

usage: sdks.py openai|deepgram|elevenlabs URL
"""

import io
import math
import struct
import sys
import threading
import wave

KEY = "sdk-key"


def tone(seconds, rate):
    """Somebody speaking, as far as a fake can tell."""
    samples = (int(6000 * math.sin(2 * math.pi * 300 * n / rate)) for n in range(int(seconds * rate)))
    return b"".join(struct.pack("<h", sample) for sample in samples)


def openai(url):
    from openai import APIError, AuthenticationError, OpenAI, RateLimitError

    client = OpenAI(base_url=url, api_key=KEY, max_retries=0, timeout=20)
    question = [{"role": "user", "content": "Good morning to you"}]
    tools = [
        {
            "type": "function",
            "function": {
                "name": "look_up",
                "description": "Looks something up",
                "parameters": {
                    "type": "object",
                    "properties": {"what": {"type": "string"}},
                    "required": ["what"],
                },
            },
        }
    ]

    # Faults first: the test has put three in line.
    for expected in (RateLimitError, AuthenticationError):
        try:
            client.chat.completions.create(model="gpt-4.1", messages=question)
        except expected as error:
            assert error.code and error.type, error
            if expected is RateLimitError:
                assert error.response.headers["retry-after"] == "7"
        else:
            raise AssertionError(f"{expected.__name__} did not come")
    try:
        list(client.chat.completions.create(model="gpt-4.1", messages=question, stream=True))
    except APIError as error:
        assert error.type == "server_error", error
    else:
        raise AssertionError("the error in mid-stream did not come")

    whole = client.chat.completions.create(model="gpt-4.1", messages=question)
    assert whole.choices[0].message.content == "You said: Good morning to you"
    assert whole.choices[0].finish_reason == "stop"

    # The SDK's own assembly of a stream.
    with client.chat.completions.stream(
        model="gpt-4.1", messages=question, stream_options={"include_usage": True}
    ) as stream:
        deltas = [event.delta for event in stream if event.type == "content.delta"]
        final = stream.get_final_completion()
    assert len(deltas) > 3 and "".join(deltas) == "You said: Good morning to you", deltas
    assert final.usage.completion_tokens > 0 and final.usage.prompt_tokens_details.cached_tokens == 5

    errand = [{"role": "user", "content": "Please use look_up"}]
    with client.chat.completions.stream(model="gpt-4.1", messages=errand, tools=tools) as stream:
        message = stream.get_final_completion().choices[0].message
    call = message.tool_calls[0]
    assert (call.function.name, call.function.arguments) == ("look_up", '{"what":"it"}'), call
    answer = {"role": "tool", "tool_call_id": call.id, "content": "42"}
    calls = [{"id": call.id, "type": "function", "function": {"name": "look_up", "arguments": "{}"}}]
    asked = {"role": "assistant", "content": None, "tool_calls": calls}
    then = client.chat.completions.create(model="gpt-4.1", messages=[*errand, asked, answer])
    assert then.choices[0].finish_reason == "stop"

    with client.audio.speech.with_streaming_response.create(
        model="gpt-4o-mini-tts", voice="alloy", input="Good morning.", response_format="pcm"
    ) as response:
        sound = b"".join(response.iter_bytes())
    assert len(sound) == 13 * 1440 * 2, len(sound)

    file = io.BytesIO()
    with wave.open(file, "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(2)
        recording.setframerate(16000)
        recording.writeframes(tone(1, 16000))
    file.name = "utterance.wav"
    file.seek(0)
    heard = client.audio.transcriptions.create(
        model="gpt-4o-mini-transcribe", file=file, language="en", prompt="Patchbay"
    )
    assert heard.text == "Hello.", heard


def deepgram(url):
    from deepgram import DeepgramClient
    from deepgram.environment import DeepgramClientEnvironment
    from websockets.exceptions import InvalidStatus

    base = url.rstrip("/")
    http = base.replace("ws://", "http://")
    environment = DeepgramClientEnvironment(base=http, production=base, agent=base, agent_rest=http)

    def connect(key):
        client = DeepgramClient(api_key=key, environment=environment)
        return client.listen.v1.connect(
            model="nova-3",
            encoding="linear16",
            sample_rate="16000",
            interim_results="true",
            endpointing="300",
            utterance_end_ms="1000",
            vad_events="true",
            keyterm="Patchbay",
        )

    try:
        with connect("wrong"):
            raise AssertionError("a wrong key opened the door")
    except InvalidStatus as error:
        assert error.response.status_code == 401, error
        assert error.response.headers["dg-error"]

    with connect(KEY) as socket:
        reading = []

        def read():
            for message in socket:
                reading.append(message)

        reader = threading.Thread(target=read)
        reader.start()
        sound = tone(1, 16000) + bytes(2 * 16000 * 2) + tone(0.5, 16000)
        for start in range(0, len(sound), 640):
            socket.send_media(sound[start : start + 640])
        socket.send_keep_alive()
        socket.send_finalize()
        socket.send_close_stream()
        reader.join(20)
        assert not reader.is_alive(), "the fake did not hang up"

    kinds = [message.type for message in reading]
    assert kinds[0] == "SpeechStarted" and kinds[-1] == "Metadata", kinds
    assert "UtteranceEnd" in kinds, kinds
    results = [message for message in reading if message.type == "Results"]
    said = lambda message: message.channel.alternatives[0].transcript
    assert any(not m.is_final and said(m) for m in results), "no interim"
    ended = [m for m in results if m.speech_final]
    assert said(ended[0]) == "Hello." and ended[0].channel.alternatives[0].words[0].word == "hello"
    assert any(m.from_finalize and said(m) for m in results), "nothing was finalized"


def elevenlabs(url):
    from elevenlabs.client import ElevenLabs
    from elevenlabs.core import ApiError
    from websockets.exceptions import InvalidStatus

    def speak(key):
        client = ElevenLabs(api_key=key, base_url=url)
        # The SDK speaks TLS alone; everything else is as published.
        client.text_to_speech._ws_base_url = url.rstrip("/")
        words = iter(["Good ", "morning, ", "how can I help you today?"])
        return b"".join(
            client.text_to_speech.convert_realtime(
                "a-voice", text=words, model_id="eleven_flash_v2_5", output_format="pcm_24000"
            )
        )

    # The test has put an error in line.
    try:
        speak(KEY)
    except ApiError as error:
        # The SDK takes whichever it has at hand: the message, or the reason with which the socket was closed.
        told = error.body if isinstance(error.body, str) else error.body["error"]
        assert error.status_code == 1008 and told == "quota_exceeded", error
    else:
        raise AssertionError("the error did not come")
    try:
        speak("wrong")
    except InvalidStatus as error:
        assert error.response.status_code == 401
    else:
        raise AssertionError("a wrong key opened the door")

    sound = speak(KEY)
    characters = len("Good morning, how can I help you today?") + 1
    assert abs(len(sound) - characters * 1440 * 2) <= 2 * 1440 * 2, len(sound)


if __name__ == "__main__":
    {"openai": openai, "deepgram": deepgram, "elevenlabs": elevenlabs}[sys.argv[1]](sys.argv[2])
