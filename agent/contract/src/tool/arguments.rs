//! Reads what a thinker wrote as arguments, and holds it against the tool's schema.

use jsonschema::Validator;
use serde_json::{Map, Value};

use super::ToolError;

/// More than any tool of ours takes; a thinker that writes more has lost its way.
const LONGEST: usize = 64 * 1024;

/// Complaints that a thinker is told at once.
const COMPLAINTS: usize = 5;

/// Returns the arguments as an object that fits.
pub(super) fn read(text: &str, schema: &Validator) -> Result<Value, ToolError> {
    if text.len() > LONGEST {
        return Err(ToolError::Arguments("they are too long".to_owned()));
    }
    let arguments = if text.trim().is_empty() {
        Value::Object(Map::new())
    } else {
        serde_json::from_str(text)
            .map_err(|error| ToolError::Arguments(format!("they are no JSON: {error}")))?
    };
    let complaints: Vec<String> = schema
        .iter_errors(&arguments)
        .take(COMPLAINTS)
        .map(|error| match error.instance_path().as_str() {
            "" => error.to_string(),
            place => format!("{error} at `{place}`"),
        })
        .collect();
    if complaints.is_empty() {
        Ok(arguments)
    } else {
        Err(ToolError::Arguments(complaints.join("; ")))
    }
}
