//! Puts together what an agent may use.

use std::sync::Arc;

use agent_contract::{Tool, Toolbox};
use agent_tools::{
    BookAppointment, BringHuman, CheckAvailability, Document, EndCall, HttpTool, HttpToolError,
    HttpTools, LeaveMessage, RequestCallback, SearchKnowledge, SendMessage,
};

use crate::appointments::{Appointments, Clerk};
use crate::callback::{self, Callbacks};
use crate::config::{AgentProfile, Config, Mistakes, ToolSettings};
use crate::escalation::{Desk, Escalations, GivenNumbers};
use crate::message::Messages;

/// Makes tools, and gathers what is wrong.
pub(super) struct Toolshed<'a> {
    config: &'a Config,
    /// Made with the first web service: it reads the machine's certificates.
    http: Option<HttpTools>,
    /// Where humans are asked for.
    humans: Arc<Desk>,
    /// Where appointments are made.
    clerk: Arc<Clerk>,
    /// Where callbacks are.
    callbacks: Arc<callback::Desk>,
    /// Where messages are left.
    messages: Arc<Messages>,
    mistakes: Mistakes,
}

impl<'a> Toolshed<'a> {
    pub(super) fn new(
        config: &'a Config,
        escalations: &Escalations,
        callbacks: &Callbacks,
        appointments: &Appointments,
        messages: &Messages,
    ) -> Self {
        let numbers = GivenNumbers::new(config.dialling.clone());
        let humans = Desk::new(escalations.clone(), numbers.clone());
        let callbacks = callback::Desk::new(callbacks.clone(), numbers);
        Self {
            config,
            http: None,
            humans: Arc::new(humans),
            clerk: Arc::new(Clerk::new(appointments.clone(), config.dialling.clone())),
            callbacks: Arc::new(callbacks),
            messages: Arc::new(messages.clone()),
            mistakes: Mistakes::default(),
        }
    }

    /// Returns what was wrong with any of them.
    pub(super) fn finish(self) -> Mistakes {
        self.mistakes
    }

    /// Returns the tools of a profile; without those that cannot be made.
    pub(super) fn toolbox(&mut self, name: &str, profile: &AgentProfile) -> Toolbox {
        let tools = profile.cast.tools.iter();
        let tools: Vec<Arc<dyn Tool>> = tools
            .filter_map(|tool| self.tool(tool, name, profile))
            .collect();
        Toolbox::new(tools).unwrap_or_else(|error| {
            self.mistakes.add(
                format!("the tools of the profile `{name}` cannot be used: {error}"),
                format!("correct `tools` in [profiles.{name}]"),
            );
            Toolbox::default()
        })
    }

    fn tool(&mut self, tool: &str, name: &str, profile: &AgentProfile) -> Option<Arc<dyn Tool>> {
        if let Some(settings) = self.config.tools.get(tool) {
            return self.http(settings);
        }
        match tool {
            "end_call" => Some(Arc::new(EndCall::new())),
            "send_message" => Some(Arc::new(SendMessage::new())),
            "transfer_to_human" => Some(Arc::new(BringHuman::transfer(self.desk()))),
            "create_conference_call" => Some(Arc::new(BringHuman::conference(self.desk()))),
            CheckAvailability::NAME => Some(Arc::new(CheckAvailability::new(self.clerk()))),
            BookAppointment::NAME => Some(Arc::new(BookAppointment::new(self.clerk()))),
            RequestCallback::NAME => {
                let desk = Arc::clone(&self.callbacks);
                Some(Arc::new(RequestCallback::new(desk)))
            }
            LeaveMessage::NAME => {
                let desk = Arc::clone(&self.messages);
                Some(Arc::new(LeaveMessage::new(desk)))
            }
            "search_knowledge" => self.search(name, profile),
            // The configuration has refused it.
            _ => None,
        }
    }

    fn desk(&self) -> Arc<Desk> {
        Arc::clone(&self.humans)
    }

    fn clerk(&self) -> Arc<Clerk> {
        Arc::clone(&self.clerk)
    }

    fn http(&mut self, settings: &ToolSettings) -> Option<Arc<dyn Tool>> {
        match self.try_http(settings) {
            Ok(tool) => Some(Arc::new(tool)),
            Err(error) => {
                self.mistakes.add(
                    format!("the tool `{}` cannot be used: {error}", settings.name),
                    format!("correct [tools.{}]", settings.name),
                );
                None
            }
        }
    }

    fn try_http(&mut self, settings: &ToolSettings) -> Result<HttpTool, HttpToolError> {
        let tools = match &mut self.http {
            Some(tools) => tools,
            unmade => unmade.insert(HttpTools::new()?),
        };
        let secrets = |name: &str| settings.secrets.get(name).cloned();
        tools.tool(&settings.name, &settings.http, &secrets)
    }

    fn search(&mut self, name: &str, profile: &AgentProfile) -> Option<Arc<dyn Tool>> {
        let texts = profile.knowledge.iter();
        let documents: Vec<Document> = texts
            .map(|text| Document::new(&text.source, &text.text))
            .collect();
        match SearchKnowledge::new(&documents) {
            Ok(search) => Some(Arc::new(search)),
            Err(error) => {
                self.mistakes.add(
                    format!("the profile `{name}` uses search_knowledge, and {error}"),
                    "knowledge = [\"handbook.md\"]",
                );
                None
            }
        }
    }
}
