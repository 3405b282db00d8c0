//! A call among others: in a conference, or with the one that it dialled.

use std::{collections::VecDeque, time::Duration};

use room_media::{Dbfs, SampleRate, tone::Tone, ulaw};

use super::{Action, ChildNews, Machine, Method, machine::Doing};
use crate::{CallStatus, FRAME, conference::Guest};

/// Pieces of sound that may wait for the ear; the oldest goes when there are more.
const AHEAD: usize = 5;
/// What a caller hears in North America while it rings: two seconds of sound, four of silence, in pieces of 20 ms.
const RING: u32 = 100;
const RING_AND_REST: u32 = 300;

/// What a call does among others.
#[derive(Debug)]
pub(super) struct Meeting {
    action: Option<(String, Method)>,
    heard: VecDeque<[u8; FRAME]>,
    /// Those who ring for this call; none for a conference.
    legs: Option<Legs>,
    /// Since when it is in the meeting.
    joined: Option<Duration>,
}

/// Calls that ring for another one.
#[derive(Debug)]
struct Legs {
    guest: Guest,
    ringing: usize,
    /// The one that was first.
    met: Option<String>,
    ticks: u32,
}

impl Meeting {
    pub(super) const fn has_joined(&self) -> bool {
        self.joined.is_some()
    }

    /// Returns the next 20 ms for the ear.
    pub(super) fn hear(&mut self) -> [u8; FRAME] {
        let silence = [ulaw::SILENCE; FRAME];
        if self.joined.is_some() {
            return self.heard.pop_front().unwrap_or(silence);
        }
        let Some(legs) = &mut self.legs else {
            return silence;
        };
        let tick = legs.ticks % RING_AND_REST;
        legs.ticks += 1;
        if tick < RING { ringing(tick) } else { silence }
    }
}

/// Returns 20 ms of the ringing tone. Both its frequencies are whole multiples of 20 Hz: each 50 ms it begins anew.
fn ringing(tick: u32) -> [u8; FRAME] {
    let skipped = (tick as usize * FRAME) % 400;
    let tone =
        |hertz| Tone::new(SampleRate::HZ_8000, hertz, Dbfs::new(-19.0)).take(skipped + FRAME);
    let (low, high) = (tone(440.0), tone(480.0));
    std::array::from_fn(|index| {
        ulaw::encode(low[skipped + index].saturating_add(high[skipped + index]))
    })
}

impl Machine {
    /// Goes into a conference; `action` is asked when that is over.
    pub(super) fn meet(&mut self, guest: Guest, action: Option<(String, Method)>) {
        self.doing = Doing::Meeting(Box::new(Meeting {
            action,
            heard: VecDeque::new(),
            legs: None,
            joined: Some(Duration::ZERO),
        }));
        self.out.push(Action::Meet(Box::new(guest)));
        self.out.push(Action::TellParent);
    }

    /// Waits for the first of `ringing` calls to answer, and meets it.
    pub(super) fn wait_for_legs(
        &mut self,
        guest: Guest,
        ringing: usize,
        action: Option<(String, Method)>,
    ) {
        let legs = Legs {
            guest,
            ringing,
            met: None,
            ticks: 0,
        };
        self.doing = Doing::Meeting(Box::new(Meeting {
            action,
            heard: VecDeque::new(),
            legs: Some(legs),
            joined: None,
        }));
    }

    pub(super) fn handle_heard(&mut self, frame: [u8; FRAME]) {
        if let Doing::Meeting(meeting) = &mut self.doing {
            if meeting.heard.len() >= AHEAD {
                meeting.heard.pop_front();
            }
            meeting.heard.push_back(frame);
        }
    }

    pub(super) fn handle_child(&mut self, now: Duration, sid: &str, news: ChildNews) {
        let Doing::Meeting(meeting) = &mut self.doing else {
            return;
        };
        let Some(legs) = &mut meeting.legs else {
            return;
        };
        match news {
            ChildNews::Joined if legs.met.is_none() => {
                legs.met = Some(sid.to_owned());
                meeting.joined = Some(now);
                let guest = legs.guest.clone();
                self.out.push(Action::HangUpLegs {
                    but: Some(sid.to_owned()),
                });
                self.out.push(Action::Meet(Box::new(guest)));
            }
            ChildNews::Joined => {}
            ChildNews::Ended(status) => {
                legs.ringing = legs.ringing.saturating_sub(1);
                if legs.met.is_none() && legs.ringing == 0 {
                    let word = if status == CallStatus::Completed {
                        "no-answer"
                    } else {
                        status.word()
                    };
                    self.finish_dial(now, word, Some(sid), Duration::ZERO);
                }
            }
        }
    }

    pub(super) fn handle_meeting_over(&mut self, now: Duration) {
        let Doing::Meeting(meeting) = &self.doing else {
            return;
        };
        match &meeting.legs {
            Some(legs) => {
                let met = legs.met.clone();
                let talked = meeting
                    .joined
                    .map_or(Duration::ZERO, |at| now.saturating_sub(at));
                self.finish_dial(now, "completed", met.as_deref(), talked);
            }
            None => self.finish_dial(now, "answered", None, Duration::ZERO),
        }
    }

    fn finish_dial(&mut self, now: Duration, status: &str, leg: Option<&str>, talked: Duration) {
        let doing = std::mem::replace(&mut self.doing, Doing::Nothing);
        let Doing::Meeting(meeting) = doing else {
            return;
        };
        let Some((url, method)) = meeting.action else {
            return self.advance(now);
        };
        let mut more = vec![("DialCallStatus".to_owned(), status.to_owned())];
        if let Some(leg) = leg {
            more.push(("DialCallSid".to_owned(), leg.to_owned()));
            more.push(("DialCallDuration".to_owned(), talked.as_secs().to_string()));
            more.push((
                "DialBridged".to_owned(),
                (status == "completed").to_string(),
            ));
        }
        let url = self.program.resolve(Some(&url));
        self.fetch(url, method, more);
    }

    pub(super) fn leave_meeting(&mut self, meeting: &Meeting) {
        if meeting.joined.is_some() {
            self.out.push(Action::LeaveMeeting);
        }
        if meeting.legs.is_some() {
            self.out.push(Action::HangUpLegs { but: None });
        }
    }
}

#[cfg(test)]
mod tests {
    use room_media::tone;

    use super::*;

    #[test]
    fn the_ringing_tone_has_no_seams() {
        let samples: Vec<i16> = (0..50).flat_map(ringing).map(ulaw::decode).collect();

        for hertz in [440.0, 480.0] {
            let share = tone::measure(&samples, SampleRate::HZ_8000, hertz).share;
            assert!((0.45..0.55).contains(&share), "{hertz} Hz is {share} of it");
        }
    }
}
