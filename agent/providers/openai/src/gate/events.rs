//! Server-sent events, line by line, before anybody trusts them.

use bytes::Bytes;
use serde::de::IgnoredAny;

/// A tool call may come in one piece; nothing sensible is longer.
const LONGEST_LINE: usize = 256 << 10;

/// Several times the longest answer, with everything that servers wrap around each token.
const LONGEST_STREAM: usize = 16 << 20;

/// What stands where something was that is not JSON.
const NOT_JSON: &[u8] = b"data: {\"gate\":\"not_json\"}\n";
/// What stands at the end of a stream that had none.
const TOO_LONG: &[u8] = b"\ndata: {\"gate\":\"too_long\"}\n\n";

/// Looks at the lines of a stream and lets those through that an event may have.
#[derive(Debug, Default)]
pub(super) struct Events {
    line: Vec<u8>,
    seen: usize,
    is_over: bool,
}

impl Events {
    /// Returns what may go on, whole lines only.
    pub(super) fn handle(&mut self, bytes: &[u8]) -> Bytes {
        let mut out = Vec::with_capacity(bytes.len() + self.line.len());
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                out.extend_from_slice(judged(&self.line));
                self.line.clear();
            }
        }
        self.seen = self.seen.saturating_add(bytes.len());
        if self.line.len() > LONGEST_LINE || self.seen > LONGEST_STREAM {
            self.is_over = true;
            out.extend_from_slice(TOO_LONG);
        }
        out.into()
    }

    /// Whether nothing more is to be let through.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }
}

fn judged(line: &[u8]) -> &[u8] {
    let Some(data) = line.strip_prefix(b"data:") else {
        return line;
    };
    let data = data.trim_ascii();
    let is_known = data == b"[DONE]" || serde_json::from_slice::<IgnoredAny>(data).is_ok();
    if is_known { line } else { NOT_JSON }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_pass_whole_however_they_are_cut() {
        let stream = b": hello\r\n\ndata: {\"a\":1}\n\ndata: [DONE]\n\n";

        for at in 0..stream.len() {
            let mut events = Events::default();
            let mut out = events.handle(&stream[..at]).to_vec();
            out.extend(events.handle(&stream[at..]));

            assert_eq!(out, stream, "cut at {at}");
        }
    }

    #[test]
    fn what_is_not_json_is_replaced_by_a_mark() {
        let mut events = Events::default();

        let out = events.handle(b"data: I said my name\n\n");

        assert_eq!(&out[..], b"data: {\"gate\":\"not_json\"}\n\n");
    }

    #[test]
    fn a_line_without_end_is_given_up() {
        let mut events = Events::default();
        let mut passed = 0;

        while !events.is_over() {
            passed += events.handle(&[b'x'; 4096]).len();
        }

        assert_eq!(passed, TOO_LONG.len());
    }
}
