//! The schema of somebody else's tool: of what JSON Schema can say, the part that is safe to take from anybody. Pure.

use serde_json::{Map, Value, json};

/// Objects within lists within objects: deeper ones no thinker fills in rightly.
const DEEPEST: usize = 4;

/// Fields of one object; a tool with more is not offered.
const MOST_FIELDS: usize = 24;

/// Characters of a text in it, such as a description.
const LONGEST_TEXT: usize = 300;

/// Choices of one field; a tool with more is not offered.
const MOST_CHOICES: usize = 64;

/// Returns what is kept of a tool's schema, which describes an object; `None` when the tool cannot be offered.
pub(super) fn arguments(parameters: &Value) -> Option<Value> {
    let mut kept = match parameters {
        Value::Null => json!({}),
        described => schema(described, DEEPEST)?,
    };
    kept.as_object_mut()?
        .insert("type".to_owned(), Value::from("object"));
    Some(kept)
}

/// References, patterns and the like are left out: they load things, or cost more than they are worth.
fn schema(from: &Value, depth: usize) -> Option<Value> {
    let depth = depth.checked_sub(1)?;
    let mut kept = Map::new();
    for (key, value) in from.as_object()? {
        let value = match key.as_str() {
            "type" | "description" | "title" => text(value),
            "properties" => Some(fields(value, depth)?),
            "items" => Some(schema(value, depth)?),
            "required" | "enum" => Some(choices(value)?),
            "minimum" | "maximum" | "minLength" | "maxLength" | "minItems" | "maxItems" => {
                value.is_number().then(|| value.clone())
            }
            "additionalProperties" => value.is_boolean().then(|| value.clone()),
            _ => None,
        };
        if let Some(value) = value {
            kept.insert(key.clone(), value);
        }
    }
    Some(Value::Object(kept))
}

fn fields(from: &Value, depth: usize) -> Option<Value> {
    let from = from.as_object()?;
    if from.len() > MOST_FIELDS {
        return None;
    }
    let fields = from
        .iter()
        .map(|(name, field)| Some((name.clone(), schema(field, depth)?)));
    fields.collect::<Option<Map<_, _>>>().map(Value::Object)
}

fn choices(from: &Value) -> Option<Value> {
    let from = from.as_array()?;
    let plain = |one: &Value| !one.is_array() && !one.is_object();
    (from.len() <= MOST_CHOICES && from.iter().all(plain)).then(|| Value::from(from.clone()))
}

fn text(from: &Value) -> Option<Value> {
    let text = from.as_str()?;
    Some(Value::from(
        text.chars().take(LONGEST_TEXT).collect::<String>(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_schema_stays_as_it_is() {
        let ordinary = json!({
            "type": "object",
            "properties": {
                "phoneNumber": { "type": "string", "description": "With its country code" },
                "colours": { "type": "array", "items": { "type": "string", "enum": ["red", "blue"] } },
            },
            "required": ["phoneNumber"],
        });

        assert_eq!(arguments(&ordinary), Some(ordinary));
        assert_eq!(arguments(&Value::Null), Some(json!({ "type": "object" })));
    }

    #[test]
    fn what_could_load_something_or_never_end_is_left_out() {
        let hostile = json!({
            "$ref": "https://elsewhere.example/schema",
            "$defs": { "a": { "$ref": "#/$defs/a" } },
            "type": "string",
            "properties": { "a": { "pattern": "(a+)+$", "$ref": "#/$defs/a", "type": "string" } },
        });

        assert_eq!(
            arguments(&hostile),
            Some(json!({ "type": "object", "properties": { "a": { "type": "string" } } }))
        );
    }

    #[test]
    fn what_is_too_deep_or_too_wide_is_not_offered() {
        let mut deep = json!({ "type": "string" });
        for _ in 0..DEEPEST {
            deep = json!({ "type": "array", "items": deep });
        }
        let wide: Map<_, _> = (0..=MOST_FIELDS)
            .map(|number| (format!("field{number}"), json!({})))
            .collect();

        assert_eq!(arguments(&deep), None);
        assert_eq!(arguments(&json!({ "properties": wide })), None);
        assert_eq!(arguments(&json!({ "properties": [] })), None);
        assert_eq!(arguments(&json!("object")), None);
    }
}
