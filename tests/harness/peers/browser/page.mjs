// The half of the peer that lives in the page: each method of `peer` is a command of PROTOCOL.md.

import { ParticipantKind, Room, RoomEvent, RpcError, setLogLevel, Track } from "/livekit-client.mjs";

const RATE = 48000;
const TEXT_TOPICS = ["test.text", "lk.chat", "lk.transcription"];
const BYTE_TOPIC = "test.bytes";
const TRACK_WITHIN_MS = 20000;

setLogLevel("warn");
const room = new Room({ adaptiveStream: false, dynacast: false });
const published = new Map();
const context = new AudioContext({ sampleRate: RATE });

globalThis.peer = {
  async join({ url, token, auto_subscribe = true }) {
    await room.connect(url, token, { autoSubscribe: auto_subscribe });
    return { identity: room.localParticipant.identity, sid: room.localParticipant.sid };
  },

  async publish_tone({ frequency, level, name = "tone" }) {
    const oscillator = new OscillatorNode(context, { frequency });
    const gain = new GainNode(context, { gain: Math.SQRT2 * 10 ** (level / 20) });
    oscillator.connect(gain);
    oscillator.start();
    return publish(gain, () => oscillator.stop(), name);
  },

  async publish_file({ wav, name = "file" }) {
    const buffer = await context.decodeAudioData(fromBase64(wav).buffer);
    const player = new AudioBufferSourceNode(context, { buffer, loop: true });
    player.start();
    return publish(player, () => player.stop(), name);
  },

  async unpublish({ sid }) {
    const { publication, stop } = published.get(sid);
    published.delete(sid);
    await room.localParticipant.unpublishTrack(publication.track);
    stop();
    return {};
  },

  async mute({ sid, muted }) {
    const { publication } = published.get(sid);
    await (muted ? publication.mute() : publication.unmute());
    return {};
  },

  async record({ identity, seconds }) {
    const track = await microphone(identity);
    const reader = new MediaStreamTrackProcessor({ track: track.mediaStreamTrack }).readable.getReader();
    const frames = [];
    let longest = 0;
    let last = null;
    const end = performance.now() + seconds * 1000;
    for (;;) {
      const { value, done } = await before(end, reader.read());
      if (done) break;
      const now = performance.now();
      longest = Math.max(longest, now - (last ?? now));
      last = now;
      frames.push(toPcm(value));
      value.close();
    }
    reader.cancel();
    const samples = frames.reduce((sum, frame) => sum + frame.length, 0);
    return { samples, frames: frames.length, longest_wait_ms: longest, pcm: await toBase64(frames) };
  },

  async send_data({ data, topic = "", reliable = true, to = [] }) {
    const options = { reliable, topic, destinationIdentities: to };
    await room.localParticipant.publishData(fromBase64(data), options);
    return {};
  },

  async send_text({ text, topic, to = [] }) {
    const info = await room.localParticipant.sendText(text, { topic, destinationIdentities: to });
    return { stream: info.id };
  },

  async send_bytes({ data, topic, name, to = [] }) {
    const content = fromBase64(data);
    const options = { topic, name, totalSize: content.length, destinationIdentities: to };
    const writer = await room.localParticipant.streamBytes(options);
    await writer.write(content);
    await writer.close();
    return { stream: writer.info.id };
  },

  async rpc({ to, method, payload, timeout = 10 }) {
    const call = { destinationIdentity: to, method, payload, responseTimeout: timeout * 1000 };
    try {
      return { payload: await room.localParticipant.performRpc(call) };
    } catch (error) {
      throw error instanceof RpcError ? new Error(`rpc error ${error.code}: ${error.message}`) : error;
    }
  },

  async answer_rpc({ method }) {
    const me = room.localParticipant;
    room.registerRpcMethod(method, async (call) => `${me.identity}:${call.payload}`);
    return {};
  },

  async set_attributes({ attributes }) {
    await room.localParticipant.setAttributes(attributes);
    return {};
  },

  async participants() {
    const others = [...room.remoteParticipants.values()].map((other) => ({
      identity: other.identity,
      kind: kindName(other),
      name: other.name ?? "",
      attributes: other.attributes,
      tracks: [...other.trackPublications.keys()],
    }));
    return { participants: others };
  },

  async stats({ identity }) {
    const report = await (await microphone(identity)).getRTCStatsReport();
    const inbound = [...report.values()].find((entry) => entry.type === "inbound-rtp");
    const emitted = inbound.jitterBufferEmittedCount;
    return {
      packets_received: inbound.packetsReceived,
      packets_lost: inbound.packetsLost,
      concealed_samples: inbound.concealedSamples,
      total_samples: inbound.totalSamplesReceived,
      jitter_buffer_ms: emitted ? (inbound.jitterBufferDelay / emitted) * 1000 : null,
    };
  },

  async leave() {
    await room.disconnect();
    return {};
  },
};

async function publish(node, stop, name) {
  const destination = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
  node.connect(destination);
  await context.resume();
  const [track] = destination.stream.getAudioTracks();
  const options = { name, source: Track.Source.Microphone, dtx: false };
  const publication = await room.localParticipant.publishTrack(track, options);
  published.set(publication.trackSid, { publication, stop });
  return { sid: publication.trackSid };
}

async function microphone(identity) {
  const end = performance.now() + TRACK_WITHIN_MS;
  for (;;) {
    const publication = room.remoteParticipants.get(identity)?.getTrackPublication(Track.Source.Microphone);
    if (publication?.track) return publication.track;
    if (performance.now() > end) throw new Error(`no microphone of ${identity}`);
    const changed = new Promise((resolve) => room.once(RoomEvent.TrackSubscribed, resolve));
    await before(end, changed);
  }
}

function before(end, promise) {
  const left = Math.max(0, end - performance.now());
  return Promise.race([promise, new Promise((resolve) => setTimeout(() => resolve({ done: true }), left))]);
}

function toPcm(data) {
  const plane = new Float32Array(data.numberOfFrames);
  data.copyTo(plane, { planeIndex: 0, format: "f32-planar" });
  if (data.sampleRate !== RATE) throw new Error(`decoded at ${data.sampleRate} Hz`);
  return Int16Array.from(plane, (sample) => Math.round(Math.max(-1, Math.min(1, sample)) * 32767));
}

async function toBase64(pieces) {
  const reader = new FileReader();
  const read = new Promise((resolve) => (reader.onload = resolve));
  reader.readAsDataURL(new Blob(pieces));
  await read;
  return reader.result.slice(reader.result.indexOf(",") + 1);
}

function fromBase64(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

function kindName(participant) {
  return ParticipantKind[participant.kind].toLowerCase();
}

function tell(event, fields) {
  globalThis.say({ event, ...fields });
}

function reportEvents() {
  const of = (publication, participant) => ({ identity: participant.identity, sid: publication.trackSid });
  room.on(RoomEvent.ParticipantConnected, (who) => tell("participant_joined", { identity: who.identity, kind: kindName(who) }));
  room.on(RoomEvent.ParticipantDisconnected, (who) => tell("participant_left", { identity: who.identity }));
  room.on(RoomEvent.TrackSubscribed, (track, publication, who) => {
    // Chromium decodes a remote track only while something plays it.
    track.attach();
    tell("track_subscribed", of(publication, who));
  });
  room.on(RoomEvent.TrackUnsubscribed, (track, publication, who) => {
    track.detach();
    tell("track_unsubscribed", of(publication, who));
  });
  room.on(RoomEvent.TrackMuted, (publication, who) => tell("track_muted", of(publication, who)));
  room.on(RoomEvent.TrackUnmuted, (publication, who) => tell("track_unmuted", of(publication, who)));
  room.on(RoomEvent.DataReceived, async (data, who, _kind, topic) =>
    tell("data", { from: who?.identity ?? "", topic: topic ?? "", data: await toBase64([data]) }));
  room.on(RoomEvent.ParticipantAttributesChanged, (changed, who) => tell("attributes", { identity: who.identity, changed }));
  room.on(RoomEvent.ActiveSpeakersChanged, (speakers) => tell("speakers", { identities: speakers.map((who) => who.identity) }));
  room.on(RoomEvent.Reconnecting, () => tell("state", { state: "reconnecting" }));
  room.on(RoomEvent.Reconnected, () => tell("state", { state: "reconnected" }));
  room.on(RoomEvent.Disconnected, (reason) => tell("state", { state: "disconnected", reason: String(reason ?? "") }));
}

function handleStreams() {
  for (const topic of TEXT_TOPICS) {
    room.registerTextStreamHandler(topic, async (reader, { identity }) => {
      tell("text", { from: identity, topic, text: await reader.readAll() });
    });
  }
  room.registerByteStreamHandler(BYTE_TOPIC, async (reader, { identity }) => {
    const data = await toBase64(await reader.readAll());
    tell("bytes", { from: identity, topic: BYTE_TOPIC, name: reader.info.name, data });
  });
}

reportEvents();
handleStreams();
