//! Parsers of single values. Each answers a bad value with what it expected.

use std::path::PathBuf;
use std::time::Duration;

use tracing_subscriber::EnvFilter;
use url::Url;

use super::reader::Expected;

/// Parses `250ms`, `3s`, `5m` or `1h`.
pub(super) fn duration(text: &str) -> Result<Duration, Expected> {
    let expected = Expected {
        what: "a duration",
        example: "30s",
    };
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let Ok(number) = number.parse::<u32>() else {
        return Err(expected);
    };
    let number = u64::from(number);
    match unit.trim() {
        "ms" => Ok(Duration::from_millis(number)),
        "s" => Ok(Duration::from_secs(number)),
        "m" => Ok(Duration::from_secs(number * 60)),
        "h" => Ok(Duration::from_secs(number * 3600)),
        _ => Err(expected),
    }
}

/// Parses a positive whole number.
pub(super) fn count(text: &str) -> Result<usize, Expected> {
    text.parse::<u32>()
        .ok()
        .filter(|number| *number > 0)
        .map(|number| number as usize)
        .ok_or(Expected {
            what: "a positive whole number",
            example: "1000",
        })
}

/// Parses a positive whole number that is not large.
pub(super) fn small_count(text: &str) -> Result<u32, Expected> {
    text.parse()
        .ok()
        .filter(|number| *number > 0)
        .ok_or(Expected {
            what: "a positive whole number",
            example: "10",
        })
}

/// Parses `true` or `false`.
pub(super) fn yes_or_no(text: &str) -> Result<bool, Expected> {
    text.parse().map_err(|_| Expected {
        what: "true or false",
        example: "true",
    })
}

/// Parses the address of this server as others see it.
pub(super) fn public_url(text: &str) -> Result<Url, Expected> {
    url_with(text, &["https", "http"]).ok_or(Expected {
        what: "an http(s) address",
        example: "https://voice.example.com",
    })
}

/// Parses the address of a LiveKit server.
pub(super) fn livekit_url(text: &str) -> Result<Url, Expected> {
    url_with(text, &["wss", "ws", "https", "http"]).ok_or(Expected {
        what: "a ws(s) address",
        example: "wss://livekit.example.com",
    })
}

/// Parses the address of a provider.
pub(super) fn service_url(text: &str) -> Result<Url, Expected> {
    url_with(text, &["https", "http", "wss", "ws"]).ok_or(Expected {
        what: "an http(s) or ws(s) address",
        example: "https://models.example.com/v1",
    })
}

/// Parses the address of an `SQLite` file.
pub(super) fn sqlite_file(text: &str) -> Result<PathBuf, Expected> {
    text.strip_prefix("sqlite:")
        .map(|rest| rest.strip_prefix("//").unwrap_or(rest))
        .filter(|path| !path.is_empty() && !path.contains('?'))
        .map(PathBuf::from)
        .ok_or(Expected {
            what: "an SQLite file or a PostgreSQL database",
            example: "sqlite:///var/lib/patchbay/patchbay.db",
        })
}

/// Checks the id of an account at Twilio.
pub(super) fn account_sid(text: &str) -> Result<String, Expected> {
    let is_one = text.len() == 34
        && text.starts_with("AC")
        && text[2..].bytes().all(|byte| byte.is_ascii_hexdigit());
    is_one.then(|| text.to_owned()).ok_or(Expected {
        what: "an account SID: AC and 32 hexadecimal digits",
        example: "AC0123456789abcdef0123456789abcdef",
    })
}

/// Checks a telephone number of one's own.
pub(super) fn phone_number(text: &str) -> Result<String, Expected> {
    let digits = text.strip_prefix('+').unwrap_or_default();
    let is_one = (7..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_one.then(|| text.to_owned()).ok_or(Expected {
        what: "a number in international form (E.164)",
        example: "+4930123456",
    })
}

/// Parses the address of a `PostgreSQL` database.
pub(super) fn postgres_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let placed = url.has_host() || url.query_pairs().any(|(key, _)| key == "host");
    let named = url.path().len() > 1;
    (matches!(url.scheme(), "postgres" | "postgresql") && placed && named).then_some(url)
}

/// Checks directives such as `info,patchbay=debug`.
pub(super) fn log_filter(text: &str) -> Result<String, Expected> {
    EnvFilter::try_new(text)
        .map(|_| text.to_owned())
        .map_err(|_| Expected {
            what: "log directives",
            example: "info,patchbay=debug",
        })
}

fn url_with(text: &str, schemes: &[&str]) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    (plain && url.has_host() && schemes.contains(&url.scheme())).then_some(url)
}
