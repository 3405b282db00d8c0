//! What thinkers give to tools: its schemas, and how it is read.

use serde_json::{Value, json};

/// Characters of a name, a reason or a summary: a few sentences, which are read out.
const LONGEST: usize = 600;

/// Characters of a moment.
const LONGEST_MOMENT: usize = 64;

/// Returns the schema of a few words.
pub(crate) fn text(description: &str) -> Value {
    json!({ "type": "string", "maxLength": LONGEST, "description": description })
}

/// Returns the schema of a moment, as RFC 3339 has it.
pub(crate) fn moment(description: &str) -> Value {
    json!({ "type": "string", "maxLength": LONGEST_MOMENT, "description": description })
}

/// Returns the schema of a telephone number.
pub(crate) fn phone_number(description: &str) -> Value {
    json!({ "type": "string", "minLength": 3, "maxLength": 32, "description": description })
}

/// Returns what was given under a name, if it says anything.
pub(crate) fn given(arguments: &Value, name: &str) -> Option<String> {
    let text = arguments.get(name).and_then(Value::as_str).map(str::trim);
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_nothing_was_not_given() {
        let arguments = json!({ "name": " Ann ", "reason": "  ", "minutes": 3 });

        let read = ["name", "reason", "minutes", "contact"].map(|name| given(&arguments, name));

        assert_eq!(read, [Some("Ann".to_owned()), None, None, None]);
    }
}
