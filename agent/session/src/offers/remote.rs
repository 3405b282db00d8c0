//! A tool that is somebody else's method.

use std::{sync::Arc, time::Duration};

use agent_contract::{Tool, ToolAnswer, ToolContext, ToolError, ToolSpec};
use async_trait::async_trait;
use room_contract::{Identity, Method, Room, RpcCall, RpcFailure, rpc::MAX_PAYLOAD};
use serde_json::Value;

/// Long enough to ask a server something, or a person to confirm; the caller hears a filler meanwhile.
const ANSWER_WITHIN: Duration = Duration::from_secs(12);

/// The room has the first word on what is late.
const DEADLINE: Duration = Duration::from_secs(14);

/// Characters of what the method said was wrong that the thinker is told.
const LONGEST_REASON: usize = 300;

pub(super) struct RemoteTool {
    spec: ToolSpec,
    to: Identity,
    room: Arc<dyn Room>,
}

impl RemoteTool {
    pub(super) fn new(spec: ToolSpec, to: Identity, room: Arc<dyn Room>) -> Self {
        Self { spec, to, room }
    }
}

#[async_trait]
impl Tool for RemoteTool {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn deadline(&self) -> Duration {
        DEADLINE
    }

    async fn call(&self, arguments: Value, _: ToolContext) -> Result<ToolAnswer, ToolError> {
        let payload = arguments.to_string();
        if payload.len() > MAX_PAYLOAD {
            return Err(ToolError::Arguments("they are too long".to_owned()));
        }
        let call = RpcCall {
            to: self.to.clone(),
            method: Method::new(self.spec.name.as_str()),
            payload,
            timeout: ANSWER_WITHIN,
        };
        match self.room.call(call).await {
            Ok(answer) => Ok(ToolAnswer::text(answer)),
            Err(RpcFailure::Answered(error)) => {
                let reason: String = error.message.chars().take(LONGEST_REASON).collect();
                Err(ToolError::Refused(reason))
            }
            Err(RpcFailure::TimedOut) => Err(ToolError::Late {
                waited: ANSWER_WITHIN,
            }),
            Err(failure) => Err(ToolError::failed(failure)),
        }
    }
}
