//! What an agent can do besides talking: search its knowledge, write to the chat, end the call, ask web services,
//! have a human called, now or later, make appointments, and take messages.
//!
//! Each is a [`Tool`](agent_contract::Tool); none dials a number by itself.

mod appointment;
mod arguments;
mod callback;
mod dialled;
mod end_call;
mod http;
mod human;
mod knowledge;
mod leave_message;
mod search_knowledge;
mod send_message;

pub use appointment::{
    Availability, BookAppointment, Booking, CheckAvailability, DiaryDesk, FreeTime, Made,
    NoAppointment,
};
pub use callback::{CallbackDesk, NoCallback, Promised, RequestCallback, WantedCallback};
pub use dialled::NotDialled;
pub use end_call::EndCall;
pub use http::{
    HeaderText, HttpTool, HttpToolError, HttpToolSettings, HttpTools, Method, UrlProblem,
};
pub use human::{BringHuman, HumanDesk, NoHuman, Wanted};
pub use knowledge::{Document, Found, Knowledge, KnowledgeError};
pub use leave_message::{LeaveMessage, LeftMessage, MessageDesk, NotLeft};
pub use search_knowledge::SearchKnowledge;
pub use send_message::SendMessage;
