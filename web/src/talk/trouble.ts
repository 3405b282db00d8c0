// What can go wrong, named after what the visitor does next. The words are in words/.

export type TroubleKind =
  | "insecure-origin"
  | "microphone-refused"
  | "microphone-missing"
  | "microphone-busy"
  | "webrtc-missing"
  | "webrtc-blocked"
  | "server-gone"
  | "connection-lost"
  | "agent-missing"
  | "agent-left"
  | "limit-reached"
  | "key-missing"
  | "key-unknown"
  | "key-not-for-this-site"
  | "profile-unknown"
  | "stopping"
  | "put-out"
  | "elsewhere"
  | "recognition-failed"
  | "sound-blocked"
  | "number-invalid"
  | "number-refused"
  | "calls-refused"
  | "nobody-available"
  | "call-unknown"
  | "invitation-over"
  | "unexpected";

export class Trouble extends Error {
  constructor(
    readonly kind: TroubleKind,
    cause?: unknown,
  ) {
    super(kind, { cause });
    this.name = "Trouble";
  }
}

/** Says why the microphone cannot be had. */
export function microphoneTrouble(error: unknown): Trouble {
  if (!globalThis.isSecureContext) return new Trouble("insecure-origin", error);
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return new Trouble("microphone-refused", error);
  if (name === "NotReadableError" || name === "AbortError") return new Trouble("microphone-busy", error);
  return new Trouble("microphone-missing", error);
}

/** Says what an answer of the server means that is not a success. */
export function answerTrouble(status: number, code: string): Trouble {
  if (code === "origin_not_allowed") return new Trouble("key-not-for-this-site");
  if (code === "invalid_field") return new Trouble("profile-unknown");
  if (code === "draining") return new Trouble("stopping");
  if (code === "invitation_not_found" || code === "too_late") return new Trouble("invitation-over");
  if (status === 401 || status === 403) return new Trouble("key-unknown");
  if (status === 429 || code === "overloaded") return new Trouble("limit-reached");
  if (status >= 500) return new Trouble("server-gone");
  return new Trouble("unexpected");
}

/** Says why nobody is called. */
export function callTrouble(status: number, code: string, field: string): Trouble {
  if (field === "to" || field === "callerNumber") return new Trouble("number-invalid");
  if (code === "no_telephone" || code === "carrier_refused") return new Trouble("calls-refused");
  if (code === "no_contacts" || code === "no_contact") return new Trouble("nobody-available");
  if (code === "outcome_unknown") return new Trouble("call-unknown");
  if (status === 429 || code === "overloaded") return new Trouble("limit-reached");
  if (status === 403) return new Trouble("number-refused");
  return answerTrouble(status, code);
}
