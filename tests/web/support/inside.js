// Runs in each page before anything else: a microphone that says what a test wants, and an ear at the loudspeaker.

(() => {
  const RATE = 16000;
  const context = () => (globalThis.testContext ??= new AudioContext());
  const heard = [];
  let listening;

  const microphone = () => {
    const destination = context().createMediaStreamDestination();
    // Never quite silent, as no room is.
    const hum = context().createGain();
    hum.gain.value = 0.0001;
    const oscillator = context().createOscillator();
    oscillator.connect(hum).connect(destination);
    oscillator.start();
    return destination;
  };

  globalThis.testing = {
    microphones: 0,
    /** Speaks into every microphone that was opened; ends when the words do. */
    async say(base64) {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const source = context().createBufferSource();
      source.buffer = await context().decodeAudioData(bytes.buffer);
      if (!globalThis.testMicrophone) throw new Error("no microphone is open");
      source.connect(globalThis.testMicrophone);
      await new Promise((resolve) => {
        source.onended = resolve;
        source.start();
      });
    },
    /** How loud the last stretch of sound was that the visitor heard. */
    loudness(seconds) {
      const wanted = seconds * RATE;
      let sum = 0;
      let count = 0;
      for (let at = heard.length - 1; at >= 0 && count < wanted; at--) {
        for (const sample of heard[at]) sum += sample * sample;
        count += heard[at].length;
      }
      return count ? Math.sqrt(sum / count) : 0;
    },
    /** All that was heard, as 16-bit samples at 16 kHz. */
    recording() {
      const length = heard.reduce((all, piece) => all + piece.length, 0);
      const samples = new Int16Array(length);
      let at = 0;
      for (const piece of heard) for (const sample of piece) samples[at++] = Math.max(-1, Math.min(1, sample)) * 32767;
      let text = "";
      const bytes = new Uint8Array(samples.buffer);
      for (let from = 0; from < bytes.length; from += 32768) {
        text += String.fromCharCode(...bytes.subarray(from, from + 32768));
      }
      return btoa(text);
    },
  };

  const real = navigator.mediaDevices?.getUserMedia?.bind(navigator.mediaDevices);
  if (real) {
    navigator.mediaDevices.getUserMedia = async (constraints) => {
      // Asked for real, so that a refusal is a real one.
      for (const track of (await real(constraints)).getTracks()) track.stop();
      globalThis.testMicrophone ??= microphone();
      globalThis.testing.microphones += 1;
      await context().resume();
      return globalThis.testMicrophone.stream.clone();
    };
  }

  const { set, get } = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "srcObject");
  Object.defineProperty(HTMLMediaElement.prototype, "srcObject", {
    get,
    set(stream) {
      set.call(this, stream);
      if (stream instanceof MediaStream && stream.getAudioTracks().length) listen(stream);
    },
  });

  function listen(stream) {
    listening ??= new AudioContext({ sampleRate: RATE });
    const tap = listening.createScriptProcessor(4096, 1, 1);
    tap.onaudioprocess = ({ inputBuffer }) => heard.push(inputBuffer.getChannelData(0).slice());
    listening.createMediaStreamSource(stream).connect(tap);
    tap.connect(listening.destination);
    void listening.resume();
  }
})();
