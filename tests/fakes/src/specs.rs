//! The schemas that the vendors publish.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

use jsonschema::Validator;
use parking_lot::Mutex;
use serde_json::{Value, json};

/// Whose schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Vendor {
    /// OpenAI.
    OpenAi,
    /// Deepgram.
    Deepgram,
    /// ElevenLabs.
    ElevenLabs,
}

/// Schemas in use, compiled.
type Compiled = Mutex<HashMap<(Vendor, String), Arc<Validator>>>;

static COMPILED: LazyLock<Compiled> = LazyLock::new(Compiled::default);

impl Vendor {
    /// Checks a message against the schema of that name.
    ///
    /// # Errors
    /// What does not fit, and where.
    pub fn check(self, schema: &str, message: &Value) -> Result<(), String> {
        let validator = self.validator(schema)?;
        let errors: Vec<String> = validator
            .iter_errors(message)
            .map(|error| format!("{} at {}", error, error.instance_path()))
            .take(5)
            .collect();
        if errors.is_empty() {
            Ok(())
        } else {
            Err(errors.join("; "))
        }
    }

    fn validator(self, schema: &str) -> Result<Arc<Validator>, String> {
        let key = (self, schema.to_owned());
        if let Some(validator) = COMPILED.lock().get(&key) {
            return Ok(Arc::clone(validator));
        }
        let mut document: Value =
            serde_json::from_str(self.document()).map_err(|e| e.to_string())?;
        if document["$defs"].get(schema).is_none() {
            return Err(format!("there is no schema `{schema}`"));
        }
        document["$ref"] = json!(format!("#/$defs/{schema}"));
        let validator = jsonschema::validator_for(&document).map_err(|e| e.to_string())?;
        let validator = Arc::new(validator);
        COMPILED.lock().insert(key, Arc::clone(&validator));
        Ok(validator)
    }

    fn document(self) -> &'static str {
        match self {
            Self::OpenAi => include_str!("../specs/openai.json"),
            Self::Deepgram => include_str!("../specs/deepgram.json"),
            Self::ElevenLabs => include_str!("../specs/elevenlabs.json"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_fits_passes_and_others_are_told_why_not() {
        let keep_alive = json!({ "type": "KeepAlive" });
        let invented = json!({ "type": "StayAlive" });

        let schema = "ListenV1_ListenV1KeepAlive";

        assert_eq!(Vendor::Deepgram.check(schema, &keep_alive), Ok(()));
        assert!(Vendor::Deepgram.check(schema, &invented).is_err());
    }

    #[test]
    fn all_schemas_compile() {
        for vendor in [Vendor::OpenAi, Vendor::Deepgram, Vendor::ElevenLabs] {
            let document: Value = serde_json::from_str(vendor.document()).unwrap();
            for name in document["$defs"].as_object().unwrap().keys() {
                assert!(vendor.validator(name).is_ok(), "{vendor:?} {name}");
            }
        }
    }
}
