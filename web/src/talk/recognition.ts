// This browser's own speech recognition, as the visitor's transcriber.

/** As much of the browser's interface as is used; TypeScript does not know it. */
interface Recognizer extends EventTarget {
  lang: string;
  continuous: boolean;
  interimResults: boolean;
  processLocally?: boolean;
  /** Browsers that cannot listen to a track take the microphone. */
  start(track?: MediaStreamTrack): void;
  abort(): void;
}

interface RecognizerClass {
  new (): Recognizer;
  available?(options: { langs: string[]; processLocally: boolean }): Promise<string>;
}

interface ResultEvent extends Event {
  resultIndex: number;
  results: ArrayLike<ArrayLike<{ transcript: string }> & { isFinal: boolean }>;
}

export interface Heard {
  text: string;
  final: boolean;
}

function recognizerClass(): RecognizerClass | undefined {
  const found = globalThis as { SpeechRecognition?: RecognizerClass; webkitSpeechRecognition?: RecognizerClass };
  return found.SpeechRecognition ?? found.webkitSpeechRecognition;
}

/** Where the audio would go: nowhere, to the browser's maker, or there is no such thing. */
export async function recognitionPlace(language: string): Promise<"here" | "maker" | "none"> {
  const found = recognizerClass();
  if (!found) return "none";
  const local = await found.available?.({ langs: [language], processLocally: true }).catch(() => "");
  return local === "available" ? "here" : "maker";
}

export class Recognition {
  #recognizer: Recognizer | undefined;

  constructor(
    private readonly heard: (heard: Heard) => void,
    private readonly failed: (error: string) => void,
  ) {}

  get running(): boolean {
    return this.#recognizer !== undefined;
  }

  /** Begins; given the track, it does not hear what the loudspeaker plays. */
  start(language: string, place: "here" | "maker", track: MediaStreamTrack | undefined): void {
    const found = recognizerClass();
    if (!found || this.#recognizer) return;
    const recognizer = new found();
    recognizer.lang = language;
    recognizer.continuous = true;
    recognizer.interimResults = true;
    if (place === "here") recognizer.processLocally = true;
    recognizer.addEventListener("result", (event) => this.#take(event as ResultEvent));
    recognizer.addEventListener("error", (event) => {
      const error = (event as Event & { error?: string }).error ?? "";
      // Silence is no failure, and stopping is ours.
      if (error === "no-speech" || error === "aborted") return;
      this.stop();
      this.failed(error);
    });
    // Browsers end it after a while of silence.
    recognizer.addEventListener("end", () => {
      if (this.#recognizer === recognizer) setTimeout(() => this.#recognizer === recognizer && recognizer.start(track), 200);
    });
    this.#recognizer = recognizer;
    recognizer.start(track);
  }

  stop(): void {
    const recognizer = this.#recognizer;
    this.#recognizer = undefined;
    recognizer?.abort();
  }

  #take(event: ResultEvent): void {
    let text = "";
    for (let at = event.resultIndex; at < event.results.length; at++) {
      const result = event.results[at]!;
      text += result[0]?.transcript ?? "";
      if (!result.isFinal) continue;
      this.heard({ text, final: true });
      text = "";
    }
    if (text) this.heard({ text, final: false });
  }
}
