"""A test peer on stock libwebrtc: the PyPI package `livekit`, steered as PROTOCOL.md says."""

import asyncio
import base64
import json
import math
import os
import sys
import time
import wave
from collections import deque

import numpy as np
from livekit import rtc

RATE = 48_000
FRAME = RATE // 100
VOICE_RATE = 16_000
QUIETEST_SOUND = 100.0  # RMS; what libwebrtc makes of silence stays below
PAUSE = 0.6
TEXT_TOPICS = ("test.text", "lk.chat", "lk.transcription")
BYTE_TOPIC = "test.bytes"
TRACK_WITHIN = 20.0


def say(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def kind_name(participant):
    return rtc.ParticipantKind.Name(participant.kind).removeprefix("PARTICIPANT_KIND_").lower()


def tone(frequency, level):
    """Yields 10 ms frames of a sine without end; `level` is RMS in dBFS."""
    amplitude = 32767 * math.sqrt(2) * 10 ** (level / 20)
    position = 0
    while True:
        phase = 2 * math.pi * frequency * np.arange(position, position + FRAME) / RATE
        yield (amplitude * np.sin(phase)).round().astype(np.int16)
        position += FRAME


def file_frames(path):
    """Yields 10 ms frames of a WAV file, from the start again at its end."""
    with wave.open(path) as file:
        if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (RATE, 1, 2):
            raise ValueError("the file must be 16 bit, mono, 48 kHz")
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)
    while True:
        for start in range(0, len(samples) - FRAME + 1, FRAME):
            yield samples[start : start + FRAME]


class Microphone:
    """The samples of somebody who is silent but for what is played."""

    def __init__(self):
        self.takes = deque()

    async def play(self, path):
        """Returns when the first and the last sample were taken."""
        with wave.open(path) as file:
            if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (VOICE_RATE, 1, 2):
                raise ValueError("the file must be 16 bit, mono, 16 kHz")
            samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)
        begun, over = (asyncio.get_running_loop().create_future() for _ in range(2))
        self.takes.append((samples, begun, over))
        return await begun, await over

    def frames(self):
        frame = VOICE_RATE // 100
        silence = np.zeros(frame, dtype=np.int16)
        while True:
            if not self.takes:
                yield silence
                continue
            samples, begun, over = self.takes.popleft()
            begun.set_result(time.monotonic())
            for start in range(0, len(samples), frame):
                piece = samples[start : start + frame]
                yield np.pad(piece, (0, frame - len(piece)))
            over.set_result(time.monotonic())


class Ear:
    """Everything that came from one microphone, and when."""

    def __init__(self, stream):
        self.stream = stream
        self.frames = []

    async def listen(self):
        async for event in self.stream:
            data = bytes(event.frame.data)
            self.frames.append((time.monotonic(), data, is_sound(data)))

    def heard(self, path, since):
        frames = [frame for frame in self.frames if frame[0] >= since]
        with wave.open(path, "wb") as out:
            out.setparams((1, 2, VOICE_RATE, 0, "NONE", ""))
            out.writeframes(b"".join(data for _, data, _ in frames))
        loud = [at for at, _, sounds in frames if sounds]
        first, last = (loud[0], loud[-1]) if loud else (None, None)
        # A speaker who breathes is back sooner.
        ends = (at for at, after in zip(loud, loud[1:] + [math.inf]) if after - at > PAUSE)
        sounds = {"first_sound": first, "first_pause": next(ends, None), "last_sound": last}
        return {"now": time.monotonic(), **sounds}


def is_sound(data):
    samples = np.frombuffer(data, dtype=np.int16).astype(np.float32)
    return len(samples) > 0 and math.sqrt(np.mean(samples**2)) > QUIETEST_SOUND


class Peer:
    def __init__(self):
        self.room = rtc.Room()
        self.tasks = set()
        self.tracks = {}
        self.subscribed = asyncio.Condition()
        self.line = Microphone()
        self.listening = False
        self.ears = {}
        self.report_events()

    # Commands: one method each, named `do_<command>`.

    async def do_join(self, url, token, auto_subscribe=True):
        await self.room.connect(url, token, rtc.RoomOptions(auto_subscribe=auto_subscribe))
        return {"identity": self.room.local_participant.identity, "sid": self.room.local_participant.sid}

    async def do_publish_tone(self, frequency, level, name="tone"):
        return await self.publish(tone(frequency, level), name)

    async def do_publish_file(self, file, name="file"):
        return await self.publish(file_frames(file), name)

    async def do_open_microphone(self):
        # A queue that outlasts what a busy machine does to this loop: speech must have no holes.
        return await self.publish(self.line.frames(), "microphone", VOICE_RATE, queue_ms=200)

    async def do_play(self, file):
        begun, over = await self.line.play(file)
        return {"begun": begun, "over": over}

    async def do_listen(self):
        self.listening = True
        return {}

    async def do_heard(self, identity, file, since=0.0):
        if identity not in self.ears:
            await self.microphone(identity)
        return self.ears[identity].heard(file, since)

    async def do_unpublish(self, sid):
        self.tracks.pop(sid)[1].cancel()
        await self.room.local_participant.unpublish_track(sid)
        return {}

    async def do_mute(self, sid, muted):
        track = self.tracks[sid][0]
        track.mute() if muted else track.unmute()
        return {}

    async def do_record(self, identity, seconds, file):
        stream = rtc.AudioStream(await self.microphone(identity), sample_rate=RATE, num_channels=1)
        frames, longest, last = [], 0.0, None
        end = time.monotonic() + seconds
        try:
            while (left := end - time.monotonic()) > 0:
                try:
                    event = await asyncio.wait_for(stream.__anext__(), left)
                except (asyncio.TimeoutError, StopAsyncIteration):
                    break
                now = time.monotonic()
                longest = max(longest, now - (last or now))
                last = now
                frames.append(bytes(event.frame.data))
        finally:
            await stream.aclose()
        with wave.open(file, "wb") as out:
            out.setparams((1, 2, RATE, 0, "NONE", ""))
            out.writeframes(b"".join(frames))
        samples = sum(map(len, frames)) // 2
        return {"samples": samples, "frames": len(frames), "longest_wait_ms": longest * 1000}

    async def do_send_data(self, data, topic="", reliable=True, to=()):
        await self.room.local_participant.publish_data(
            base64.b64decode(data), reliable=reliable, topic=topic, destination_identities=list(to)
        )
        return {}

    async def do_send_text(self, text, topic, to=()):
        info = await self.room.local_participant.send_text(
            text, topic=topic, destination_identities=list(to)
        )
        return {"stream": info.stream_id}

    async def do_send_bytes(self, data, topic, name, to=()):
        content = base64.b64decode(data)
        writer = await self.room.local_participant.stream_bytes(
            name, total_size=len(content), topic=topic, destination_identities=list(to)
        )
        await writer.write(content)
        await writer.aclose()
        return {"stream": writer.info.stream_id}

    async def do_rpc(self, to, method, payload, timeout=10.0):
        try:
            answer = await self.room.local_participant.perform_rpc(
                destination_identity=to, method=method, payload=payload, response_timeout=timeout
            )
        except rtc.RpcError as error:
            raise RuntimeError(f"rpc error {error.code}: {error.message}") from error
        return {"payload": answer}

    async def do_answer_rpc(self, method):
        me = self.room.local_participant
        me.register_rpc_method(method, lambda call: f"{me.identity}:{call.payload}")
        return {}

    async def do_set_attributes(self, attributes):
        await self.room.local_participant.set_attributes(attributes)
        return {}

    async def do_participants(self):
        others = self.room.remote_participants.values()
        return {
            "participants": [
                {
                    "identity": other.identity,
                    "kind": kind_name(other),
                    "name": other.name,
                    "attributes": other.attributes,
                    "tracks": list(other.track_publications),
                }
                for other in others
            ]
        }

    async def do_stats(self, identity):
        track = await self.microphone(identity)
        for entry in await track.get_stats():
            if entry.WhichOneof("stats") == "inbound_rtp":
                stream, inbound = entry.inbound_rtp.received, entry.inbound_rtp.inbound
                emitted = inbound.jitter_buffer_emitted_count
                delay = inbound.jitter_buffer_delay / emitted * 1000 if emitted else None
                return {
                    "packets_received": stream.packets_received,
                    "packets_lost": stream.packets_lost,
                    "concealed_samples": inbound.concealed_samples,
                    "total_samples": inbound.total_samples_received,
                    "jitter_buffer_ms": delay,
                }
        raise RuntimeError("no statistics of this track yet")

    async def do_leave(self):
        for _, task in self.tracks.values():
            task.cancel()
        await self.room.disconnect()
        return {}

    async def publish(self, frames, name, rate=RATE, queue_ms=100):
        source = rtc.AudioSource(rate, 1, queue_size_ms=queue_ms)
        track = rtc.LocalAudioTrack.create_audio_track(name, source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE, dtx=False)
        publication = await self.room.local_participant.publish_track(track, options)
        self.tracks[publication.sid] = (track, self.spawn(self.feed(source, frames, rate)))
        return {"sid": publication.sid}

    async def feed(self, source, frames, rate):
        for samples in frames:
            await source.capture_frame(rtc.AudioFrame(samples.tobytes(), rate, 1, len(samples)))

    async def microphone(self, identity):
        def find():
            participant = self.room.remote_participants.get(identity)
            publications = participant.track_publications.values() if participant else ()
            return next((p.track for p in publications if p.track and p.kind == rtc.TrackKind.KIND_AUDIO), None)

        async with self.subscribed:
            await asyncio.wait_for(self.subscribed.wait_for(find), TRACK_WITHIN)
            return find()

    # Events.

    def report_events(self):
        on = self.room.on
        on("participant_connected", lambda p: self.tell("participant_joined", identity=p.identity, kind=kind_name(p)))
        on("participant_disconnected", lambda p: self.tell("participant_left", identity=p.identity))
        on("track_subscribed", self.track_subscribed)
        on("track_unsubscribed", lambda t, pub, p: self.tell("track_unsubscribed", identity=p.identity, sid=pub.sid))
        on("track_muted", lambda p, pub: self.tell("track_muted", identity=p.identity, sid=pub.sid))
        on("track_unmuted", lambda p, pub: self.tell("track_unmuted", identity=p.identity, sid=pub.sid))
        on("data_received", self.data_received)
        on("participant_attributes_changed", lambda c, p: self.tell("attributes", identity=p.identity, changed=dict(c)))
        on("active_speakers_changed", lambda s: self.tell("speakers", identities=[p.identity for p in s]))
        on("reconnecting", lambda: self.tell("state", state="reconnecting"))
        on("reconnected", lambda: self.tell("state", state="reconnected"))
        on("disconnected", lambda reason: self.tell("state", state="disconnected", reason=rtc.DisconnectReason.Name(reason)))
        for topic in TEXT_TOPICS:
            self.room.register_text_stream_handler(topic, lambda r, who: self.spawn(self.read_text(r, who)))
        self.room.register_byte_stream_handler(BYTE_TOPIC, lambda r, who: self.spawn(self.read_bytes(r, who)))

    def track_subscribed(self, track, publication, participant):
        if self.listening and track.kind == rtc.TrackKind.KIND_AUDIO:
            ear = Ear(rtc.AudioStream(track, sample_rate=VOICE_RATE, num_channels=1))
            self.ears[participant.identity] = ear
            self.spawn(ear.listen())
        self.tell("track_subscribed", identity=participant.identity, sid=publication.sid)
        self.spawn(self.notify_subscribed())

    async def notify_subscribed(self):
        async with self.subscribed:
            self.subscribed.notify_all()

    def data_received(self, packet):
        sender = packet.participant.identity if packet.participant else ""
        self.tell("data", **{"from": sender}, topic=packet.topic, data=base64.b64encode(packet.data).decode())

    async def read_text(self, reader, sender):
        text = await reader.read_all()
        told = {"topic": reader.info.topic, "text": text, "attributes": dict(reader.info.attributes or {})}
        self.tell("text", **{"from": sender}, **told)

    async def read_bytes(self, reader, sender):
        content = b"".join([chunk async for chunk in reader])
        data = base64.b64encode(content).decode()
        self.tell("bytes", **{"from": sender}, topic=reader.info.topic, name=reader.info.name, data=data)

    def tell(self, event, **fields):
        say({"event": event, **fields})

    def spawn(self, work):
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    async def perform(self, command):
        number, name = command.pop("id"), command.pop("do")
        try:
            say({"id": number, "ok": await getattr(self, f"do_{name}")(**command)})
        except Exception as error:
            say({"id": number, "error": f"{type(error).__name__}: {error}"})


async def main():
    peer = Peer()
    lines = asyncio.StreamReader(limit=16 * 1024 * 1024)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    peer.tell("ready")
    while line := await lines.readline():
        peer.spawn(peer.perform(json.loads(line)))
    await peer.do_leave()
    # The library's own threads call into an interpreter that is closing down, and abort it.
    os._exit(0)


asyncio.run(main())
