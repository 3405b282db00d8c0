//! The data channels of a connection, on the side of the loop.
//!
//! str0m learns of a channel once both sides agreed on a data section: closing one before that
//! would have no effect there.

use std::sync::Arc;

use str0m::Rtc;
use str0m::channel::{ChannelConfig, ChannelData, ChannelId, Reliability};

use crate::channel::{ChannelReliability, ChannelState, DataChannel, DataChannelConfig, Message};
use crate::events::{Event, EventQueue};
use crate::link::Link;
use crate::negotiation::seed::StreamLedger;

/// Channels in their SCTP association.
pub(crate) struct Association {
    pub(crate) streams: StreamLedger,
    open: Vec<Member>,
    /// Channels closed by us, whose streams str0m still holds.
    leaving: Vec<(ChannelId, Option<u16>)>,
    /// Channels that str0m reported as closed and the application does not know of yet.
    closes: Vec<ChannelId>,
    events: Arc<EventQueue>,
    link: Link,
}

struct Member {
    id: ChannelId,
    channel: DataChannel,
}

impl Association {
    pub(crate) fn new(events: Arc<EventQueue>, link: Link) -> Self {
        Self {
            streams: StreamLedger::default(),
            open: Vec::new(),
            leaving: Vec::new(),
            closes: Vec::new(),
            events,
            link,
        }
    }

    /// Brings str0m in line with what the application created and closed. Takes closed channels
    /// out of `channels`.
    pub(crate) fn reconcile(
        &mut self,
        rtc: &mut Rtc,
        channels: &mut Vec<DataChannel>,
        is_negotiated: bool,
    ) {
        for channel in channels.iter() {
            match channel.state() {
                ChannelState::Closing => self.close(rtc, channel),
                ChannelState::Connecting if is_negotiated && !self.contains(channel) => {
                    self.join(rtc, channel);
                }
                ChannelState::Connecting | ChannelState::Open | ChannelState::Closed => {}
            }
        }
        channels.retain(|channel| channel.state() != ChannelState::Closed);
    }

    /// Hands waiting messages to the association as far as it takes them, and reports what is
    /// through. Returns whether there is something new to transmit.
    pub(crate) fn pump(&mut self, rtc: &mut Rtc) -> bool {
        let mut has_written = false;
        for member in &self.open {
            let mut outbox = member.channel.outbox();
            if outbox.outstanding() == 0 && outbox.is_empty() {
                continue;
            }
            let Some(mut stream) = rtc.channel(member.id) else {
                continue;
            };
            while let Some(message) = outbox.front() {
                match stream.write(message.binary, &message.data) {
                    Ok(true) => has_written = true,
                    Ok(false) => break,
                    Err(error) => tracing::warn!(%error, "a data message could not be sent"),
                }
                outbox.advance();
            }
            let sent = outbox.settle(stream.buffered_amount() as u64);
            drop(outbox);
            if sent > 0 {
                self.events
                    .push(Event::ChannelSent(member.channel.clone(), sent));
            }
        }
        has_written
    }

    /// Returns the channel if the peer opened it.
    pub(crate) fn handle_open(
        &mut self,
        rtc: &mut Rtc,
        id: ChannelId,
        label: String,
    ) -> Option<DataChannel> {
        let stream = rtc.direct_api().sctp_stream_id_by_channel_id(id);
        if stream.is_some_and(|stream| self.streams.is_seed(stream)) {
            return None;
        }
        let ours = self
            .open
            .iter()
            .find(|member| member.id == id)
            .map(|m| m.channel.clone());
        let is_ours = ours.is_some();
        let channel = ours.unwrap_or_else(|| {
            let config = rtc
                .channel(id)
                .and_then(|channel| channel.config().map(from_str0m));
            let channel = DataChannel::new(label, config.unwrap_or_default(), self.link.clone());
            self.open.push(Member {
                id,
                channel: channel.clone(),
            });
            channel
        });
        if let Some(stream) = stream {
            channel.set_stream(stream);
        }
        // Open before anybody hears of it: whoever does may send at once.
        let opens = channel.enter(ChannelState::Open);
        if !is_ours {
            self.events.push(Event::Channel(channel.clone()));
        }
        if opens {
            self.events
                .push(Event::ChannelState(channel.clone(), ChannelState::Open));
        }
        (!is_ours).then_some(channel)
    }

    pub(crate) fn handle_data(&self, data: ChannelData) {
        if let Some(member) = self.open.iter().find(|member| member.id == data.id) {
            let message = Message {
                data: data.data,
                binary: data.binary,
            };
            self.events
                .push(Event::ChannelMessage(member.channel.clone(), message));
        }
    }

    /// Notes that str0m has closed a channel.
    pub(crate) fn note_close(&mut self, id: ChannelId) {
        self.closes.push(id);
    }

    /// Closes what was noted. Returns whether there was something.
    pub(crate) fn finish_closes(&mut self) -> bool {
        let closes = std::mem::take(&mut self.closes);
        for id in &closes {
            self.finish_close(*id);
        }
        !closes.is_empty()
    }

    fn finish_close(&mut self, id: ChannelId) {
        if let Some(index) = self.leaving.iter().position(|(leaving, _)| *leaving == id) {
            let (_, stream) = self.leaving.swap_remove(index);
            stream.inspect(|stream| self.streams.release(*stream));
        }
        if let Some(index) = self.open.iter().position(|member| member.id == id) {
            let member = self.open.swap_remove(index);
            member
                .channel
                .config()
                .negotiated
                .inspect(|stream| self.streams.release(*stream));
            self.finish(&member.channel);
        }
    }

    /// Ends all channels with their connection.
    pub(crate) fn close_all(&mut self, channels: &mut Vec<DataChannel>) {
        self.open.clear();
        self.closes.clear();
        for channel in channels.drain(..) {
            self.finish(&channel);
        }
    }

    fn contains(&self, channel: &DataChannel) -> bool {
        self.open.iter().any(|member| member.channel.is(channel))
    }

    fn join(&mut self, rtc: &mut Rtc, channel: &DataChannel) {
        if let Some(stream) = channel.config().negotiated {
            // The peer may have opened a channel on that stream before we did.
            let is_taken = rtc
                .direct_api()
                .channel_id_by_sctp_stream_id(stream)
                .is_some();
            if is_taken || !self.streams.claim(stream) {
                tracing::warn!(stream, "the negotiated stream of a data channel is in use");
                self.finish(channel);
                return;
            }
        }
        let config = to_str0m(channel.label(), channel.config());
        let id = rtc.direct_api().create_data_channel(config);
        self.open.push(Member {
            id,
            channel: channel.clone(),
        });
    }

    fn close(&mut self, rtc: &mut Rtc, channel: &DataChannel) {
        if let Some(index) = self.open.iter().position(|m| m.channel.is(channel)) {
            let member = self.open.swap_remove(index);
            rtc.direct_api().close_data_channel(member.id);
            self.leaving.push((member.id, channel.config().negotiated));
        }
        self.events
            .push(Event::ChannelState(channel.clone(), ChannelState::Closing));
        self.finish(channel);
    }

    fn finish(&self, channel: &DataChannel) {
        channel.outbox().clear();
        self.enter(channel, ChannelState::Closed);
    }

    fn enter(&self, channel: &DataChannel, state: ChannelState) {
        if channel.enter(state) {
            self.events
                .push(Event::ChannelState(channel.clone(), state));
        }
    }
}

fn to_str0m(label: &str, config: &DataChannelConfig) -> ChannelConfig {
    let reliability = match config.reliability {
        ChannelReliability::Reliable => Reliability::Reliable,
        ChannelReliability::MaxRetransmits(retransmits) => {
            Reliability::MaxRetransmits { retransmits }
        }
        ChannelReliability::MaxLifetimeMs(lifetime) => Reliability::MaxPacketLifetime { lifetime },
    };
    ChannelConfig {
        label: label.to_owned(),
        ordered: config.ordered,
        reliability,
        negotiated: config.negotiated,
        protocol: config.protocol.clone(),
    }
}

fn from_str0m(config: &ChannelConfig) -> DataChannelConfig {
    let reliability = match config.reliability {
        Reliability::Reliable => ChannelReliability::Reliable,
        Reliability::MaxRetransmits { retransmits } => {
            ChannelReliability::MaxRetransmits(retransmits)
        }
        Reliability::MaxPacketLifetime { lifetime } => ChannelReliability::MaxLifetimeMs(lifetime),
    };
    DataChannelConfig {
        ordered: config.ordered,
        reliability,
        protocol: config.protocol.clone(),
        negotiated: config.negotiated,
    }
}
