//! Addresses with places for arguments.

use agent_contract::ToolError;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};
use url::{Host, Url};

use super::{
    UrlProblem,
    guard::{Reach, Zone},
};

/// All but the letters that mean nothing in an address, so that an argument stays one part of it.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// An address with places for arguments.
#[derive(Debug)]
pub(super) struct Template {
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Text(String),
    Argument(String),
}

impl Template {
    pub(super) fn new(text: &str, reach: Reach) -> Result<Self, UrlProblem> {
        let (scheme, rest) = text.split_once("://").ok_or(UrlProblem::Unreadable)?;
        if !["http", "https"].contains(&scheme) {
            return Err(UrlProblem::Scheme);
        }
        let host = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
        if host.contains(['{', '}']) {
            return Err(UrlProblem::Host);
        }
        if text.contains('#') {
            return Err(UrlProblem::Fragment);
        }
        let template = Self {
            parts: parts(text)?,
        };

        let example = template.with(|_| Ok("x".to_owned()));
        let url = example.ok().and_then(|text| Url::parse(&text).ok());
        let url = url.ok_or(UrlProblem::Unreadable)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlProblem::Credentials);
        }
        check_host(&url, reach)?;
        Ok(template)
    }

    pub(super) fn arguments(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Argument(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// Puts arguments into their places and takes them out of the others.
    pub(super) fn fill(&self, arguments: &mut Map<String, Value>) -> Result<Url, ToolError> {
        let text = self.with(|name| {
            let value = arguments.get(name).and_then(plain);
            let missing = || ToolError::Arguments(format!("`{name}` is missing or no plain value"));
            let value = value
                .filter(|value| !value.is_empty())
                .ok_or_else(missing)?;
            Ok(utf8_percent_encode(&value, ENCODED).to_string())
        })?;
        let path = text.split('?').next().unwrap_or_default();
        if path.split('/').any(|part| part == "." || part == "..") {
            let reason = "`.` and `..` are no values here".to_owned();
            return Err(ToolError::Arguments(reason));
        }
        for name in self.arguments() {
            arguments.remove(name);
        }
        // Only encoded values have been put into what was an address before.
        Url::parse(&text).map_err(ToolError::failed)
    }

    fn with(
        &self,
        mut value: impl FnMut(&str) -> Result<String, ToolError>,
    ) -> Result<String, ToolError> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Argument(name) => text.push_str(&value(name)?),
            }
        }
        Ok(text)
    }
}

/// Adds arguments to the query: lists as repeated names, tables as JSON.
pub(super) fn add_query(url: &mut Url, arguments: &Map<String, Value>) {
    if arguments.is_empty() {
        return;
    }
    let mut query = url.query_pairs_mut();
    for (name, value) in arguments {
        let values = value
            .as_array()
            .map_or(std::slice::from_ref(value), Vec::as_slice);
        for value in values.iter().filter(|value| !value.is_null()) {
            let text = plain(value).unwrap_or_else(|| value.to_string());
            query.append_pair(name, &text);
        }
    }
}

fn parts(text: &str) -> Result<Vec<Part>, UrlProblem> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').ok_or(UrlProblem::Braces)?;
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if name.is_empty() || !name.bytes().all(is_letter) || before.contains('}') {
            return Err(UrlProblem::Braces);
        }
        parts.push(Part::Text(before.to_owned()));
        parts.push(Part::Argument(name.to_owned()));
        rest = after;
    }
    if rest.contains('}') {
        return Err(UrlProblem::Braces);
    }
    parts.push(Part::Text(rest.to_owned()));
    Ok(parts)
}

fn check_host(url: &Url, reach: Reach) -> Result<(), UrlProblem> {
    let address = match url.host().ok_or(UrlProblem::Unreadable)? {
        Host::Domain(_) => return Ok(()),
        Host::Ipv4(address) => address.into(),
        Host::Ipv6(address) => address.into(),
    };
    match Zone::of(address) {
        _ if reach.allows(address) => Ok(()),
        Zone::Nobody => Err(UrlProblem::OutOfReach),
        Zone::Private | Zone::Public => Err(UrlProblem::Private),
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn template(text: &str) -> Template {
        Template::new(text, Reach::Public).expect("an address")
    }

    fn filled(text: &str, arguments: &Value) -> Result<String, ToolError> {
        let mut arguments = arguments.as_object().cloned().expect("an object");
        template(text).fill(&mut arguments).map(String::from)
    }

    #[test]
    fn arguments_go_into_path_and_query_and_the_others_remain() {
        let mut arguments = Map::from_iter([
            ("id".to_owned(), json!("a/b ?&#ü")),
            ("page".to_owned(), json!(2)),
            ("note".to_owned(), json!("hello")),
        ]);

        let url = template("https://crm.example:8443/c/{id}/x?page={page}").fill(&mut arguments);

        let url = url.expect("all are there");
        assert_eq!(
            url.as_str(),
            "https://crm.example:8443/c/a%2Fb%20%3F%26%23%C3%BC/x?page=2"
        );
        assert_eq!(Value::Object(arguments), json!({ "note": "hello" }));
    }

    #[test]
    fn an_argument_cannot_climb_out_of_its_place() {
        for id in [
            json!(".."),
            json!("."),
            json!(""),
            json!([]),
            json!({}),
            json!(null),
        ] {
            let refused = filled("https://crm.example/c/{id}/x", &json!({ "id": id }));

            assert!(matches!(refused, Err(ToolError::Arguments(_))), "{id}");
        }
        let together = json!({ "a": ".", "b": "." });
        assert!(filled("https://crm.example/{a}{b}/x", &together).is_err());
    }

    #[test]
    fn what_is_not_in_the_path_becomes_the_query() {
        let mut url = Url::parse("https://crm.example/c?v=1").expect("an address");
        let rest = json!({ "tags": ["a b", 2], "open": true, "no": null, "in": { "x": 1 } });

        add_query(&mut url, rest.as_object().expect("an object"));

        let query: Vec<_> = url.query_pairs().into_owned().collect();
        let shown: Vec<_> = query
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(shown[0], "v=1");
        for part in ["tags=a b", "tags=2", "open=true", "in={\"x\":1}"] {
            assert!(shown.contains(&part.to_owned()), "{part} in {shown:?}");
        }
        assert_eq!(shown.len(), 5);
    }

    #[test]
    fn addresses_that_cannot_be_used_say_why() {
        let refused = [
            ("crm.example/x", UrlProblem::Unreadable),
            ("https:///", UrlProblem::Unreadable),
            ("ftp://crm.example/", UrlProblem::Scheme),
            ("https://{host}/x", UrlProblem::Host),
            ("https://crm.example/{id", UrlProblem::Braces),
            ("https://crm.example/{}", UrlProblem::Braces),
            ("https://crm.example/a}b{c}", UrlProblem::Braces),
            ("https://u:p@crm.example/", UrlProblem::Credentials),
            ("https://crm.example/#x", UrlProblem::Fragment),
            ("http://127.0.0.1/x", UrlProblem::Private),
            ("http://2130706433/x", UrlProblem::Private),
            ("http://0x7f.1/x", UrlProblem::Private),
            ("http://[::ffff:10.0.0.1]/x", UrlProblem::Private),
            ("http://169.254.169.254/latest", UrlProblem::OutOfReach),
        ];
        for (text, problem) in refused {
            let found = Template::new(text, Reach::Public).map(|_| ());

            assert_eq!(found, Err(problem), "{text}");
        }
        assert!(Template::new("http://127.0.0.1:3000/x", Reach::Private).is_ok());
        assert!(Template::new("http://169.254.169.254/", Reach::Private).is_err());
    }

    proptest! {
        #[test]
        fn whatever_an_argument_is_the_rest_of_the_address_stays(value in "\\PC{1,20}") {
            let Ok(url) = filled("https://crm.example/c/{id}/x?q={id}", &json!({ "id": value })) else {
                prop_assert!(value == "." || value == "..");
                return Ok(());
            };
            let url = Url::parse(&url).expect("it was one");

            let path: Vec<_> = url.path_segments().expect("it has a path").collect();
            prop_assert_eq!(url.host_str(), Some("crm.example"));
            prop_assert_eq!((path.len(), path[0], path[2]), (3, "c", "x"));
            let query: Vec<_> = url.query_pairs().into_owned().collect();
            prop_assert_eq!(query, [("q".to_owned(), value)]);
        }
    }
}
