"""The same measurements on stock libwebrtc: the PyPI package `livekit`.

Understands the tasks of `room/task.rs` and answers in the same lines.
"""

import asyncio
import json
import math
import os
import sys
import time
import traceback
import wave

import numpy as np
from livekit import rtc

RATE = 24_000
BLOCK = RATE // 100
BLOCKS_PER_BEEP = 51
BEEP_BLOCKS = 2
LOUD = 5_000
BETWEEN_BEEPS = 0.3
LOST = 0.45
WARM_UP = 6
JOINING = 4
PATIENCE = 60.0


def tell(line, **fields):
    print(json.dumps({"line": line, **fields}), flush=True)


def loud_from(samples, threshold):
    """Returns the index of the first sample beyond the threshold, or None."""
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > threshold)
    return int(loud[0]) if len(loud) else None


def samples_of(event):
    return np.frombuffer(event.frame.data, dtype=np.int16)


async def ticks():
    """Yields every 10 ms, without drift."""
    due = time.monotonic()
    while True:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        yield
        due += 0.01


class Participant:
    def __init__(self):
        self.room = rtc.Room()
        self.track = asyncio.get_running_loop().create_future()

        @self.room.on("track_subscribed")
        def subscribed(track, *_):
            if not self.track.done():
                self.track.set_result(track)

    async def join(self, url, token):
        await asyncio.wait_for(self.room.connect(url, token), PATIENCE)

    async def speak(self):
        # Nothing waits between the application and the coder.
        source = rtc.AudioSource(RATE, 1, queue_size_ms=0)
        track = rtc.LocalAudioTrack.create_audio_track("voice", source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await asyncio.wait_for(self.room.local_participant.publish_track(track, options), PATIENCE)
        return source

    async def listen(self):
        track = await asyncio.wait_for(self.track, PATIENCE)
        return rtc.AudioStream(track, sample_rate=RATE, num_channels=1)


async def capture(source, samples):
    await source.capture_frame(rtc.AudioFrame(samples.tobytes(), RATE, 1, BLOCK))


async def join(url, tokens):
    for token in tokens:
        begin = time.monotonic()
        participant = Participant()
        await participant.join(url, token)
        connected = time.monotonic() - begin
        stream = await participant.listen()
        async for event in stream:
            if loud_from(samples_of(event), LOUD // 50) is not None:
                break
        heard = time.monotonic() - begin
        tell("joined", connected_ms=connected * 1e3, heard_ms=heard * 1e3)
        await stream.aclose()
        await participant.room.disconnect()


def sine(hertz, level, first, count):
    amplitude = 32767 * math.sqrt(2) * 10 ** (level / 20)
    return (amplitude * np.sin(2 * math.pi * hertz * np.arange(first, first + count) / RATE)).astype(np.int16)


async def say_beeps(source, said):
    block = 0
    async for _ in ticks():
        at = block % BLOCKS_PER_BEEP
        hertz, level = (1_500, -10) if at < BEEP_BLOCKS else (300, -40)
        samples = sine(hertz, level, (at if at < BEEP_BLOCKS else block) * BLOCK, BLOCK)
        if at == 0:
            said.append(time.monotonic())
        await capture(source, samples)
        block += 1


async def latency(url, speaker, listener, beeps):
    speaking, listening = Participant(), Participant()
    await speaking.join(url, speaker)
    await listening.join(url, listener)
    said = []
    saying = asyncio.create_task(say_beeps(await speaking.speak(), said))
    found, last = 0, 0.0
    # Frames come from a playout clock of 10 ms already, so both ways to listen are this one.
    async for event in await listening.listen():
        now = time.monotonic()
        at = loud_from(samples_of(event), LOUD)
        if at is None or now - last < BETWEEN_BEEPS:
            continue
        last = now
        late = now - said[-1]
        if late > LOST:
            continue
        found += 1
        if found > WARM_UP:
            tell("beep", arrived_ms=late * 1e3, played_ms=(late + at / RATE) * 1e3)
        if found == WARM_UP + beeps:
            break
    saying.cancel()
    await listening.room.disconnect()
    await speaking.room.disconnect()


async def say(source, voice, participant):
    blocks = len(voice) // BLOCK
    block = participant * 37 % 1_000
    async for _ in ticks():
        start = block % blocks * BLOCK
        await capture(source, voice[start : start + BLOCK])
        block += 1


async def hear(stream, heard):
    async for event in stream:
        heard[0] += event.frame.samples_per_channel


def seconds_in(path):
    with open(path) as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmRSS:"))


def used():
    pid = os.getpid()
    return seconds_in(f"/proc/{pid}/stat"), seconds_in(f"/proc/{pid}/task/{pid}/stat")


async def crowd(url, tokens, voice, settle_seconds, seconds):
    rtc.AudioSource(RATE, 1)  # loads the library, so that it counts as part of the empty process
    empty = resident_mib()
    with wave.open(voice) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)
    joining = asyncio.Semaphore(JOINING)
    tasks, heard = [], [0]

    async def enter(token):
        async with joining:
            participant = Participant()
            await participant.join(url, token)
            return participant, await participant.speak()

    entered = await asyncio.gather(*map(enter, tokens))
    for index, (_, source) in enumerate(entered):
        tasks.append(asyncio.create_task(say(source, samples, index)))
    for participant, _ in entered:
        tasks.append(asyncio.create_task(hear(await participant.listen(), heard)))
    await asyncio.sleep(settle_seconds)

    tell("begin")
    begin, heard_before, (cpu, main) = time.monotonic(), heard[0], used()
    await asyncio.sleep(seconds)
    elapsed, (cpu_after, main_after) = time.monotonic() - begin, used()
    tell(
        "end",
        cpu_seconds=cpu_after - cpu,
        main_thread_seconds=main_after - main,
        seconds=elapsed,
        empty_mib=empty,
        full_mib=resident_mib(),
        heard_share=(heard[0] - heard_before) / (elapsed * RATE * len(tokens)),
    )
    for task in tasks:
        task.cancel()
    await asyncio.gather(*(participant.room.disconnect() for participant, _ in entered))


def main():
    task = json.loads(sys.argv[1])
    perform = {"join": join, "latency": latency, "crowd": crowd}[task.pop("task")]

    async def perform_and_leave():
        try:
            await perform(**task)
        except Exception:
            traceback.print_exc()
            os._exit(1)
        # The library's own threads take seconds to end, and complain of a loop that is closed.
        os._exit(0)

    asyncio.run(perform_and_leave())


main()
