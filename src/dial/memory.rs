//! A carrier in memory, for tests: it does as it was told for each call.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use async_trait::async_trait;

use super::{CallSid, FoundCall, Order, PlaceError, Placer, Search};

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Luck {
    /// The call is placed.
    Placed,
    /// The call is placed, and the answer is lost.
    AnswerLost,
    /// The request is lost, and nobody can tell.
    RequestLost,
    /// The carrier says no, with this code.
    Refused(String),
}

/// The carrier. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct MemoryPlacer(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    lucks: VecDeque<Luck>,
    orders: Vec<Order>,
    calls: Vec<FoundCall>,
    ended: Vec<CallSid>,
}

impl MemoryPlacer {
    /// Says what becomes of the next request; calls are placed where nothing was said.
    pub fn next(&self, luck: Luck) {
        self.lock().lucks.push_back(luck);
    }

    /// Makes it know a call that nobody asked it for here.
    pub fn knows(&self, call: FoundCall) {
        self.lock().calls.push(call);
    }

    /// Returns every request that was made.
    #[must_use]
    pub fn orders(&self) -> Vec<Order> {
        self.lock().orders.clone()
    }

    /// Returns every call that was placed.
    #[must_use]
    pub fn calls(&self) -> Vec<FoundCall> {
        self.lock().calls.clone()
    }

    /// Returns the calls that were ended.
    #[must_use]
    pub fn ended(&self) -> Vec<CallSid> {
        self.lock().ended.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Placer for MemoryPlacer {
    async fn place(&self, order: &Order) -> Result<CallSid, PlaceError> {
        let (luck, sid) = {
            let mut state = self.lock();
            let luck = state.lucks.pop_front().unwrap_or(Luck::Placed);
            state.orders.push(order.clone());
            let sid = CallSid::new(format!("CA{:032}", state.orders.len()));
            if matches!(luck, Luck::Placed | Luck::AnswerLost) {
                state.calls.push(FoundCall {
                    sid: sid.clone(),
                    to: order.to.clone(),
                    at: SystemTime::now(),
                    ended: None,
                });
            }
            (luck, sid)
        };
        // Others have their turn meanwhile, as with a real one.
        tokio::task::yield_now().await;
        match luck {
            Luck::Placed => Ok(sid),
            Luck::AnswerLost | Luck::RequestLost => Err(PlaceError::Unanswered),
            Luck::Refused(code) => Err(PlaceError::Refused {
                code,
                text: "as the test wants it".to_owned(),
            }),
        }
    }

    async fn find(&self, search: &Search) -> Result<Vec<FoundCall>, PlaceError> {
        let mut calls = self.lock().calls.clone();
        calls.retain(|call| call.at >= search.since);
        Ok(calls)
    }

    async fn end(&self, call: &CallSid) -> Result<(), PlaceError> {
        self.lock().ended.push(call.clone());
        Ok(())
    }
}
