//! Calls between participants on LiveKit.

use std::{sync::Arc, time::Duration};

use livekit::prelude::{
    PerformRpcData, RpcError as SdkError, RpcErrorCode as Code, RpcInvocationData,
};
use room_contract::{
    Identity, Method, RpcCall, RpcError, RpcFailure, RpcRequest, RpcRequests, rpc::MAX_PAYLOAD,
};
use tokio::sync::mpsc::error::TrySendError;

use crate::{
    failure::{PastDeadline, within},
    room::Shared,
};

/// How long the other side's confirmation may take.
const CONFIRMATION: Duration = Duration::from_secs(7);

/// Calls a method and waits for the answer.
pub(crate) async fn call(shared: &Shared, call: RpcCall) -> Result<String, RpcFailure> {
    if call.payload.len() > MAX_PAYLOAD {
        return Err(RpcFailure::TooLong);
    }
    // Asked here: the SDK would wait for a confirmation that cannot come.
    if !shared
        .sdk
        .remote_participants()
        .contains_key(&call.to.as_str().into())
    {
        return Err(RpcFailure::NotThere);
    }
    let data = PerformRpcData::new(call.to.as_str(), call.method.as_str())
        .with_payload(call.payload)
        .with_response_timeout(call.timeout)
        .with_max_round_trip_latency(CONFIRMATION);
    let local = shared.local();
    let answered = within(call.timeout + CONFIRMATION, local.perform_rpc(data));
    let answered = tokio::select! {
        biased;
        answered = answered => answered,
        () = shared.gone.cancelled() => return Err(RpcFailure::Unavailable("the room was left".into())),
    };
    match answered {
        Ok(Ok(answer)) if answer.len() > MAX_PAYLOAD => Err(RpcFailure::TooLong),
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(failure(error)),
        Err(PastDeadline(_)) => Err(RpcFailure::TimedOut),
    }
}

/// Offers a method until the queue is dropped.
pub(crate) fn serve(shared: &Arc<Shared>, method: &Method) -> RpcRequests {
    let (sender, requests) = RpcRequests::queue();
    if shared.gone.is_cancelled() {
        return requests;
    }
    let name = method.as_str().to_owned();
    shared.methods.lock().insert(name.clone(), sender);
    let weak = Arc::downgrade(shared);
    shared
        .local()
        .register_rpc_method(name.clone(), move |invocation| {
            let (weak, name) = (weak.clone(), name.clone());
            Box::pin(async move {
                let shared = weak
                    .upgrade()
                    .ok_or_else(|| built_in(Code::UnsupportedMethod))?;
                let answer = hand_over(&shared, &name, invocation)?;
                answer.await
            })
        });
    requests
}

/// Puts a call into the method's queue; returns its answer to come.
fn hand_over(
    shared: &Shared,
    method: &str,
    invocation: RpcInvocationData,
) -> Result<impl Future<Output = Result<String, SdkError>> + use<>, SdkError> {
    let caller = Identity::new(invocation.caller_identity.0)
        .map_err(|_| built_in(Code::ApplicationError))?;
    let mut methods = shared.methods.lock();
    let queue = methods
        .get(method)
        .ok_or_else(|| built_in(Code::UnsupportedMethod))?;
    let (request, answer) =
        RpcRequest::new(caller, invocation.payload, invocation.response_timeout);
    match queue.try_send(request) {
        Ok(()) => {}
        Err(TrySendError::Full(_)) => return Err(built_in(Code::ApplicationError)),
        Err(TrySendError::Closed(_)) => {
            methods.remove(method);
            return Err(built_in(Code::UnsupportedMethod));
        }
    }
    // The caller waits no longer than this; its network adds some.
    let patience = invocation.response_timeout + CONFIRMATION;
    Ok(async move {
        match within(patience, answer).await {
            Ok(Ok(Ok(text))) if text.len() > MAX_PAYLOAD => {
                Err(built_in(Code::ResponsePayloadTooLarge))
            }
            Ok(Ok(Ok(text))) => Ok(text),
            Ok(Ok(Err(error))) => Err(SdkError::new(error.code, error.message, error.data)),
            Ok(Err(_dropped)) => Err(built_in(Code::ApplicationError)),
            Err(_) => Err(built_in(Code::ResponseTimeout)),
        }
    })
}

fn built_in(code: Code) -> SdkError {
    SdkError::built_in(code, None)
}

fn failure(error: SdkError) -> RpcFailure {
    match error.code {
        code if code == Code::UnsupportedMethod as u32 => RpcFailure::NoSuchMethod,
        code if code == Code::RecipientNotFound as u32 => RpcFailure::NotThere,
        code if code == Code::RecipientDisconnected as u32 => RpcFailure::NotThere,
        code if code == Code::RequestPayloadTooLarge as u32 => RpcFailure::TooLong,
        code if code == Code::ResponsePayloadTooLarge as u32 => RpcFailure::TooLong,
        code if code == Code::ConnectionTimeout as u32 => RpcFailure::Unconfirmed,
        code if code == Code::ResponseTimeout as u32 => RpcFailure::TimedOut,
        code if code == Code::ApplicationError as u32 => RpcFailure::Failed,
        code if code == Code::SendFailed as u32 => RpcFailure::Unavailable(error.into()),
        code => RpcFailure::Answered(RpcError {
            code,
            message: error.message,
            // On the wire no data and empty data are the same.
            data: error.data.filter(|data| !data.is_empty()),
        }),
    }
}
