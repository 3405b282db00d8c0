//! The tools that the file declares: web services that an agent may ask.

use std::collections::BTreeMap;

use agent_tools::HttpToolSettings;
use secrecy::SecretString;

use super::Mistakes;
use super::reader::Reader;

/// A web service as a tool.
#[derive(Debug, Clone)]
pub struct ToolSettings {
    /// What profiles and thinkers call it.
    pub name: String,
    /// How it is asked.
    pub http: HttpToolSettings,
    /// What its headers need of the environment, by name.
    pub secrets: BTreeMap<String, SecretString>,
}

/// Reads every `[tools.<name>]`.
pub(super) fn read(reader: &mut Reader<'_>) -> BTreeMap<String, ToolSettings> {
    let mut tools = BTreeMap::new();
    for name in reader.names_below("tools") {
        let mut mistakes = Mistakes::default();
        let http: HttpToolSettings = reader.section(&format!("tools.{name}")).read(&mut mistakes);
        reader.add_mistakes(mistakes);
        let secrets = http.secret_names().into_iter().filter_map(|secret| {
            let value = reader.secret(&secret)?;
            Some((secret, SecretString::from(value)))
        });
        let tool = ToolSettings {
            secrets: secrets.collect(),
            http,
            name: name.clone(),
        };
        tools.insert(name, tool);
    }
    tools
}
