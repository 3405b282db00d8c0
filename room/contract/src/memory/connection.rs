//! A participant's own connection to a room in memory.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{
    hall::{Hall, Place},
    pipe::{PipeReader, PipeWriter},
    service::Service,
    source::MemoryTrack,
};
use crate::{
    Attributes, AudioFormat, AudioStream, ByteWriter, Connection, DataPacket, Ended, Identity,
    Listeners, LocalTrack, Method, Participant, ParticipantKind, PublishOptions, Room, RoomError,
    RoomEvent, RoomName, RpcCall, RpcFailure, RpcRequest, RpcRequests, StreamError, StreamInfo,
    StreamOptions, Subscriptions, TextWriter, TrackId, Whom, data::MAX_PACKET, rpc::MAX_PAYLOAD,
};

pub(super) struct MemoryRoom {
    service: Arc<Service>,
    hall: Arc<Hall>,
    place: Place,
    streams: AtomicU64,
}

impl MemoryRoom {
    pub(super) fn new(service: Arc<Service>, hall: Arc<Hall>, place: Place) -> Self {
        Self {
            service,
            hall,
            place,
            streams: AtomicU64::new(0),
        }
    }

    /// Opens a stream: checks that one may, and gives each recipient a reader.
    fn open<T: Send + Sync + Clone + 'static>(
        &self,
        options: &StreamOptions,
        mime_type: &str,
        event: impl Fn(PipeReader<T>) -> RoomEvent,
    ) -> Result<PipeWriter<T>, StreamError> {
        let allowed = self.hall.with_seat(&self.place, |seat| {
            let foreign = options
                .sender
                .as_ref()
                .is_some_and(|sender| *sender != self.place.identity);
            Ok(seat.grants.publish_data
                && (!foreign || seat.participant.kind == ParticipantKind::Agent))
        });
        if !allowed.map_err(|_| StreamError::BrokeOff)? {
            return Err(StreamError::Refused("not granted".to_owned()));
        }
        let number = self.streams.fetch_add(1, Ordering::Relaxed);
        let id = format!("{}-{}-{number}", self.place.identity, self.place.number);
        let info = StreamInfo {
            id: id.clone(),
            topic: options.topic.clone(),
            sender: options
                .sender
                .clone()
                .unwrap_or_else(|| self.place.identity.clone()),
            attributes: options.attributes.clone(),
            name: options.name.clone(),
            mime_type: options
                .mime_type
                .clone()
                .unwrap_or_else(|| mime_type.to_owned()),
            total_bytes: None,
        };
        let mut writer = PipeWriter::new(id, self.place.gone.clone());
        self.hall.tell_each(
            &self.place,
            |who| options.to.include(who),
            |_| event(writer.reader(info.clone())),
        );
        Ok(writer)
    }

    /// Hands a call over; returns where its answer will be.
    fn hand_over(&self, call: &RpcCall) -> Result<Answer, RpcFailure> {
        let mine = self.hall.with_seat(&self.place, |_| Ok(()));
        mine.map_err(|error| RpcFailure::Unavailable(error.into()))?;
        let method = call.method.as_str();
        let found = self.hall.with_other(&call.to, |seat| {
            (seat.methods.get(method).cloned(), seat.gone.clone())
        });
        let (served, gone) = found.ok_or(RpcFailure::NotThere)?;
        let served = served
            .filter(|served| !served.is_closed())
            .ok_or(RpcFailure::NoSuchMethod)?;
        let (request, answer) = RpcRequest::new(
            self.place.identity.clone(),
            call.payload.clone(),
            call.timeout,
        );
        served.try_send(request).map_err(|_| RpcFailure::Failed)?;
        Ok(Answer { answer, gone })
    }
}

struct Answer {
    answer: tokio::sync::oneshot::Receiver<Result<String, crate::RpcError>>,
    gone: CancellationToken,
}

impl Drop for MemoryRoom {
    fn drop(&mut self) {
        self.hall.leave(&self.place, Ended::Left);
    }
}

#[async_trait]
impl Room for MemoryRoom {
    fn name(&self) -> RoomName {
        self.hall.name().clone()
    }

    fn identity(&self) -> Identity {
        self.place.identity.clone()
    }

    fn attributes(&self) -> Attributes {
        let mine = |seat: &mut super::seat::Seat| Ok(seat.participant.attributes.clone());
        self.hall.with_seat(&self.place, mine).unwrap_or_default()
    }

    fn connection(&self) -> Connection {
        self.hall.connection(&self.place)
    }

    fn participants(&self) -> Vec<Participant> {
        self.hall.others(&self.place)
    }

    async fn publish(&self, options: PublishOptions) -> Result<Arc<dyn LocalTrack>, RoomError> {
        let track = self.hall.publish(&self.place, &options)?;
        let (hall, service) = (Arc::clone(&self.hall), Arc::clone(&self.service));
        Ok(Arc::new(MemoryTrack::new(
            track,
            hall,
            self.place.clone(),
            service,
        )))
    }

    fn subscribe(&self, whom: Whom) {
        self.hall
            .subscribe(&self.place, Subscriptions::subscribe, whom);
    }

    fn unsubscribe(&self, whom: Whom) {
        self.hall
            .subscribe(&self.place, Subscriptions::unsubscribe, whom);
    }

    fn let_hear(&self, listeners: Listeners) {
        self.hall.let_hear(&self.place, listeners);
    }

    fn audio(&self, track: &TrackId, format: AudioFormat) -> Result<AudioStream, RoomError> {
        self.hall.listen(&self.place, track, format)
    }

    async fn send(&self, packet: DataPacket) -> Result<(), RoomError> {
        if packet.payload.len() > MAX_PACKET {
            return Err(RoomError::Refused("the packet is too long".to_owned()));
        }
        let granted = self
            .hall
            .with_seat(&self.place, |seat| Ok(seat.grants.publish_data))?;
        if !granted {
            return Err(RoomError::Refused("sending is not granted".to_owned()));
        }
        self.hall.send(Some(&self.place.identity), &packet);
        Ok(())
    }

    async fn write_text(&self, options: StreamOptions) -> Result<Box<dyn TextWriter>, StreamError> {
        let event = |reader| RoomEvent::TextStream(Box::new(reader));
        Ok(Box::new(self.open::<String>(
            &options,
            "text/plain",
            event,
        )?))
    }

    async fn write_bytes(
        &self,
        options: StreamOptions,
    ) -> Result<Box<dyn ByteWriter>, StreamError> {
        if options.sender.is_some() {
            return Err(StreamError::Refused(
                "bytes go in one's own name".to_owned(),
            ));
        }
        let event = |reader| RoomEvent::ByteStream(Box::new(reader));
        Ok(Box::new(self.open::<Bytes>(
            &options,
            "application/octet-stream",
            event,
        )?))
    }

    async fn call(&self, call: RpcCall) -> Result<String, RpcFailure> {
        if call.payload.len() > MAX_PAYLOAD {
            return Err(RpcFailure::TooLong);
        }
        let Answer { answer, gone } = self.hand_over(&call)?;
        let answered = tokio::select! {
            biased;
            answered = timeout(call.timeout, answer) => answered,
            () = gone.cancelled() => return Err(RpcFailure::NotThere),
        };
        match answered {
            Ok(Ok(Ok(text))) if text.len() > MAX_PAYLOAD => Err(RpcFailure::TooLong),
            Ok(Ok(Ok(text))) => Ok(text),
            Ok(Ok(Err(error))) => Err(RpcFailure::Answered(error)),
            Ok(Err(_)) => Err(RpcFailure::Failed),
            Err(_) => Err(RpcFailure::TimedOut),
        }
    }

    fn serve(&self, method: Method) -> RpcRequests {
        let (sender, requests) = RpcRequests::queue();
        // A connection that is over serves nothing: the queue ends at once.
        let _ = self.hall.with_seat(&self.place, |seat| {
            seat.methods.insert(method.as_str().to_owned(), sender);
            Ok(())
        });
        requests
    }

    async fn set_attributes(&self, changed: Attributes) -> Result<(), RoomError> {
        self.hall.set_attributes(&self.place, changed)
    }

    async fn set_metadata(&self, metadata: String) -> Result<(), RoomError> {
        self.hall.set_metadata(&self.place, &metadata)
    }

    async fn leave(&self) {
        self.hall.leave(&self.place, Ended::Left);
    }
}
