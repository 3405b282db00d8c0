//! Why a declared tool cannot be made: each says what to correct.

use agent_contract::BoxError;

/// Why a declared tool cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpToolError {
    /// Describe it.
    #[error("`description` is empty: say what the tool does and when to use it")]
    Description,
    /// Correct the address.
    #[error("`url` cannot be used: {0}")]
    Url(#[from] UrlProblem),
    /// Declare the argument, or take it out of the address.
    #[error("`url` names the argument `{0}`, which is not among `parameters.properties`")]
    Argument(String),
    /// Correct the schema.
    #[error(
        "`parameters` is no JSON Schema of an object: use type = \"object\" and a table `properties`"
    )]
    Parameters,
    /// Rename the header.
    #[error("`headers` names `{0}`, which is no name of a header")]
    HeaderName(String),
    /// Take the header out.
    #[error("`headers` names `{0}`, which is set for every request: take it out")]
    HeaderTaken(String),
    /// Correct the value, or the secret in it.
    #[error("the value of the header `{0}` holds characters that no header may have")]
    HeaderValue(String),
    /// Put the secret into the environment.
    #[error("the header `{header}` needs the secret `{secret}`: set {secret} in the environment")]
    Secret {
        /// The header.
        header: String,
        /// The name in the environment.
        secret: String,
    },
    /// Choose another deadline.
    #[error("`deadline_ms` must be between 1 and {most}")]
    Deadline {
        /// The longest one.
        most: u64,
    },
    /// Choose another limit.
    #[error("`result_chars` must be between 1 and {most}")]
    ResultChars {
        /// The largest one.
        most: usize,
    },
    /// This machine cannot do TLS.
    #[error("secure connections cannot be made on this machine")]
    Client(#[source] BoxError),
}

/// What is wrong with an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlProblem {
    /// Write it out in full.
    #[error("it is no address like https://example.org/path/{{argument}}")]
    Unreadable,
    /// Use another scheme.
    #[error("it must begin with https:// or http://")]
    Scheme,
    /// Close what was opened.
    #[error("a brace is left open, or what is in it is no name")]
    Braces,
    /// Put arguments into the path or the query.
    #[error("an argument may stand in the path or the query, not in the host")]
    Host,
    /// Put them into a header.
    #[error("user and password belong into the header Authorization")]
    Credentials,
    /// Take it out.
    #[error("a fragment (`#…`) is never sent: take it out")]
    Fragment,
    /// Allow it, or choose another host.
    #[error(
        "its host is in a private network or on this machine: set allow_private = true if that is meant"
    )]
    Private,
    /// Choose another host.
    #[error("its host is no address that a tool may reach")]
    OutOfReach,
}
