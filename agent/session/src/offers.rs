//! Tools that people bring along, such as functions of the page a visitor talks from. Pure: who offers what.

mod remote;
mod schema;

use std::{collections::BTreeMap, sync::Arc};

use agent_contract::{Tool, ToolSpec, Toolbox};
use room_contract::{Identity, Room};
use serde::Deserialize;
use serde_json::Value;

use remote::RemoteTool;

/// The topic on which somebody says what they offer: a JSON list of `{name, description, parameters}`. It takes the
/// place of what they said before. Each tool is a method of theirs, called with a JSON object.
pub(crate) const TOOLS: &str = "patchbay.tools";

/// Bytes. A thinker reads all of it, again and again.
const LONGEST_OFFER: usize = 12_000;

/// Of one person; further ones are left out.
const MOST_TOOLS: usize = 16;

/// People whose offers are known; when there are as many, further ones are not listened to.
const MOST_PEOPLE: usize = 32;

/// Characters. More of a description is cut off.
const LONGEST_DESCRIPTION: usize = 500;

/// What people offer.
#[derive(Debug, Default)]
pub(crate) struct Offers {
    by: BTreeMap<Identity, Vec<ToolSpec>>,
}

#[derive(Deserialize)]
struct Offered {
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    parameters: Value,
}

impl Offers {
    /// Takes in what somebody offers from now on. What cannot be read is no offer.
    pub(crate) fn announce(&mut self, who: Identity, payload: &[u8]) {
        if self.by.len() == MOST_PEOPLE && !self.by.contains_key(&who) {
            return;
        }
        if payload.len() > LONGEST_OFFER {
            return tracing::debug!(bytes = payload.len(), "an offer of tools is too long");
        }
        match serde_json::from_slice::<Vec<Offered>>(payload) {
            Ok(offered) => {
                let specs = offered.into_iter().filter_map(spec).take(MOST_TOOLS);
                self.by.insert(who, specs.collect());
            }
            Err(error) => tracing::debug!(
                error = &error as &dyn std::error::Error,
                "an offer of tools cannot be read"
            ),
        }
    }

    /// Takes in that somebody is gone.
    pub(crate) fn forget(&mut self, who: &Identity) {
        self.by.remove(who);
    }

    /// Returns these tools and those that people offer who are there: first those of whoever speaks.
    pub(crate) fn among(
        &self,
        own: &Toolbox,
        speaker: &str,
        room: &Arc<dyn Room>,
        is_there: impl Fn(&Identity) -> bool,
    ) -> Toolbox {
        let mut offers: Vec<_> = self.by.iter().filter(|(who, _)| is_there(who)).collect();
        if offers.is_empty() {
            return own.clone();
        }
        offers.sort_by_key(|(who, _)| who.as_str() != speaker);
        let tools = offers.into_iter().flat_map(|(who, specs)| {
            specs.iter().map(|spec| {
                let tool = RemoteTool::new(spec.clone(), who.clone(), Arc::clone(room));
                Arc::new(tool) as Arc<dyn Tool>
            })
        });
        own.with(tools)
    }
}

fn spec(offered: Offered) -> Option<ToolSpec> {
    let parameters = schema::arguments(&offered.parameters)?;
    let mut description = offered.description;
    if let Some((end, _)) = description.char_indices().nth(LONGEST_DESCRIPTION) {
        description.truncate(end);
    }
    Some(ToolSpec {
        name: offered.name,
        description,
        parameters,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn an_offer_takes_the_place_of_the_one_before() {
        let mut offers = Offers::default();
        offers.announce(
            ann(),
            br#"[{"name":"a"},{"name":"b","description":"Does b."}]"#,
        );
        offers.announce(ann(), br#"[{"name":"c"}]"#);

        assert_eq!(names(&offers), ["c"]);
        offers.announce(ann(), b"[]");
        assert_eq!(names(&offers), Vec::<String>::new());
    }

    #[test]
    fn nobody_offers_more_than_a_thinker_can_read() {
        let mut offers = Offers::default();
        let many: Vec<_> = (0..40)
            .map(|number| json!({ "name": format!("tool{number}"), "description": "é".repeat(9_00) }))
            .collect();
        let long = Value::from(many.clone()).to_string();
        offers.announce(ann(), long.as_bytes());
        assert_eq!(names(&offers).len(), 0, "all of it is too long");

        let many: Vec<_> = many
            .into_iter()
            .map(|tool| json!({ "name": tool["name"] }))
            .collect();
        offers.announce(ann(), Value::from(many).to_string().as_bytes());
        assert_eq!(names(&offers).len(), MOST_TOOLS);

        let long = json!([{ "name": "a", "description": "é".repeat(900) }]).to_string();
        offers.announce(ann(), long.as_bytes());
        let kept = &offers.by[&ann()][0].description;
        assert_eq!(kept.chars().count(), LONGEST_DESCRIPTION);
    }

    #[test]
    fn a_crowd_is_not_listened_to() {
        let mut offers = Offers::default();
        for number in 0..100 {
            let who = Identity::new(format!("guest-{number}")).expect("a name");
            offers.announce(who, br#"[{"name":"a"}]"#);
        }

        assert_eq!(offers.by.len(), MOST_PEOPLE);
        offers.forget(&Identity::new("guest-1").expect("a name"));
        assert_eq!(offers.by.len(), MOST_PEOPLE - 1);
    }

    proptest! {
        #[test]
        fn any_text_is_an_offer_or_none(text in "\\PC{0,60}", tail in "[\\[\\]{}\":,a-z0-9]{0,80}") {
            let mut offers = Offers::default();
            offers.announce(ann(), text.as_bytes());
            offers.announce(ann(), format!(r#"[{{"name":"a","parameters":{tail}}}]"#).as_bytes());
            prop_assert!(offers.by.len() <= 1);
        }
    }

    fn ann() -> Identity {
        Identity::new("ann").expect("a name")
    }

    fn names(offers: &Offers) -> Vec<String> {
        let specs = offers.by.values().flatten();
        specs.map(|spec| spec.name.clone()).collect()
    }
}
