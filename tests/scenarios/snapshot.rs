//! Answers as they stand in git. `UPDATE_SNAPSHOTS=1` writes them anew, to be read before they are committed.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

/// Compares `value` with the snapshot of that name.
#[track_caller]
pub(crate) fn matches(name: &str, value: &Value) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/scenarios/snapshots")
        .join(format!("{name}.json"));
    let text = format!("{value:#}\n");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, expected, "{} differs", path.display());
}

/// Replaces what differs from run to run, by JSON pointer.
pub(crate) fn redacted(mut value: Value, pointers: &[&str]) -> Value {
    for pointer in pointers {
        let place = value
            .pointer_mut(pointer)
            .unwrap_or_else(|| panic!("no {pointer}"));
        assert!(place.is_string(), "{pointer} is {place}");
        *place = json!("…");
    }
    value
}
