//! The table `[records]`: what is kept of calls, and for how long.

use serde::{Deserialize, Serialize};

use super::Mistakes;
use super::reader::Reader;
use crate::dial::Keeping;

/// What records keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RecordSettings {
    /// How much of the numbers of others.
    pub numbers: Keeping,
    /// How many days after its end a call is deleted with all that is known of it; 0 for never.
    pub keep_days: u32,
}

impl RecordSettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let mut mistakes = Mistakes::default();
        let settings = reader.section("records").read(&mut mistakes);
        reader.add_mistakes(mistakes);
        settings
    }
}
