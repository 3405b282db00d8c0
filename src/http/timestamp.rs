//! Points in time as the API writes them.

use std::time::SystemTime;

use serde::{Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use utoipa::ToSchema;

/// A point in time, written in RFC 3339, UTC, to the millisecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-11-21T09:08:00.25Z")]
pub(crate) struct Timestamp(SystemTime);

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        Self(time)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let time = OffsetDateTime::from(self.0);
        let text = time
            .replace_millisecond(time.millisecond())
            .map_err(serde::ser::Error::custom)?
            .format(&Rfc3339)
            .map_err(serde::ser::Error::custom)?;
        serializer.serialize_str(&text)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn a_point_in_time_is_written_in_utc_to_the_millisecond() {
        let time = Timestamp(UNIX_EPOCH + Duration::from_nanos(1_700_000_000_123_456_789));

        let text = serde_json::to_string(&time).expect("the time is within the calendar");

        assert_eq!(text, "\"2023-11-14T22:13:20.123Z\"");
    }
}
