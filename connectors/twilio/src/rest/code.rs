//! Twilio's codes: what they mean, and what to do. See <https://www.twilio.com/docs/api/errors>.

/// Who can do something about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cure {
    /// Time: the same may work later.
    Wait,
    /// Whoever chose the number: with another one it may work.
    AnotherNumber,
    /// Whoever runs the account: something has to be changed in Twilio's console, or paid.
    Account,
    /// Whoever configured this server: a key, a number or an address is wrong.
    Configuration,
    /// Whoever wrote the request: the same again cannot work.
    Request,
    /// Nobody: it is over, or never was.
    AlreadyOver,
}

/// What a code means.
#[derive(Debug, PartialEq, Eq)]
pub struct Meaning {
    /// The code; 0 for what has none.
    pub code: u32,
    /// What is the case.
    pub what: &'static str,
    /// What to do about it.
    pub advice: &'static str,
    /// Who can.
    pub cure: Cure,
}

/// Returns what is known about a code.
#[must_use]
pub fn meaning(code: u32) -> Option<&'static Meaning> {
    let at = MEANINGS.binary_search_by_key(&code, |meaning| meaning.code);
    at.ok().map(|at| &MEANINGS[at])
}

impl Meaning {
    /// Returns what a status means where there is no code that is known.
    pub(super) fn of_status(status: u16) -> &'static Self {
        match status {
            401 | 403 => &UNAUTHORIZED,
            404 | 410 => &GONE,
            _ => &OTHER,
        }
    }
}

const fn is(code: u32, cure: Cure, what: &'static str, advice: &'static str) -> Meaning {
    Meaning {
        code,
        what,
        advice,
        cure,
    }
}

static UNAUTHORIZED: Meaning = is(
    0,
    Cure::Configuration,
    "Twilio does not accept the credentials",
    "check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN",
);
static GONE: Meaning = is(
    0,
    Cure::AlreadyOver,
    "Twilio does not know it",
    "it has ended, or never existed",
);
static OTHER: Meaning = is(
    0,
    Cure::Request,
    "Twilio refused the request",
    "see Twilio's page about the code",
);

/// By code, in order.
static MEANINGS: &[Meaning] = {
    use Cure::{Account, AlreadyOver, AnotherNumber, Configuration, Request, Wait};
    &[
        is(
            10_001,
            Account,
            "the Twilio account is not active",
            "reactivate it, or add funds, in the console",
        ),
        is(
            10_002,
            Account,
            "a trial account may not do this",
            "upgrade the account in the console",
        ),
        is(
            10_004,
            Wait,
            "too many calls run at once",
            "try again when some have ended, or have the limit raised",
        ),
        is(
            11_200,
            Configuration,
            "Twilio could not fetch from this server",
            "check WEBHOOK_URL and that it is reachable",
        ),
        is(
            11_205,
            Configuration,
            "Twilio could not connect to this server",
            "check WEBHOOK_URL and the firewall",
        ),
        is(
            11_206,
            Configuration,
            "Twilio could not read this server's answer",
            "check the proxy in front of it",
        ),
        is(
            11_210,
            Configuration,
            "Twilio cannot resolve this server's name",
            "check WEBHOOK_URL and its DNS",
        ),
        is(
            11_750,
            Request,
            "the answer to a call is too long",
            "shorten it below 64 KB",
        ),
        is(
            12_100,
            Request,
            "the answer to a call cannot be parsed",
            "check the TwiML",
        ),
        is(
            12_200,
            Request,
            "the answer to a call holds something unknown",
            "check the TwiML",
        ),
        is(
            12_300,
            Configuration,
            "the answer to a call has a wrong content type",
            "check the proxy in front of the server",
        ),
        is(
            13_214,
            Configuration,
            "the caller id of a dialled call is not usable",
            "use a number of the account",
        ),
        is(
            13_223,
            AnotherNumber,
            "the dialled number is not a phone number",
            "check it",
        ),
        is(
            13_224,
            AnotherNumber,
            "the dialled number cannot be called",
            "check it",
        ),
        is(
            13_225,
            AnotherNumber,
            "the dialled number is blocked",
            "dial another one",
        ),
        is(
            13_226,
            AnotherNumber,
            "the dialled number's country is not known",
            "check it",
        ),
        is(
            13_227,
            Account,
            "calls to this country are not enabled",
            "enable it under Voice Geographic Permissions in the console",
        ),
        is(
            16_025,
            Request,
            "the label of a participant is taken",
            "choose another one",
        ),
        is(
            20_001,
            Request,
            "a parameter is unknown",
            "this is a fault of the program: report it",
        ),
        is(
            20_003,
            Configuration,
            "Twilio does not accept the credentials",
            "check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN",
        ),
        is(
            20_004,
            Request,
            "the method is not allowed",
            "this is a fault of the program: report it",
        ),
        is(
            20_005,
            Account,
            "the Twilio account is not active",
            "reactivate it, or add funds, in the console",
        ),
        is(
            20_101,
            Configuration,
            "an access token is not valid",
            "check TWILIO_API_KEY and TWILIO_API_SECRET",
        ),
        is(20_104, Wait, "an access token has expired", "get a new one"),
        is(
            20_107,
            Configuration,
            "an access token is signed wrongly",
            "check TWILIO_API_SECRET",
        ),
        is(
            20_404,
            AlreadyOver,
            "Twilio does not know it",
            "it has ended, or never existed",
        ),
        is(20_429, Wait, "too many requests", "try again later"),
        is(20_500, Wait, "Twilio failed", "try again later"),
        is(20_503, Wait, "Twilio is not available", "try again later"),
        is(21_201, Request, "there is no number to call", "give one"),
        is(
            21_202,
            AnotherNumber,
            "the number is a premium one",
            "such numbers are not called",
        ),
        is(
            21_203,
            Account,
            "international calls are not enabled",
            "enable them in the console",
        ),
        is(
            21_204,
            Request,
            "the call has begun already",
            "nothing is to be done",
        ),
        is(
            21_205,
            Configuration,
            "the address of a webhook is not valid",
            "check WEBHOOK_URL",
        ),
        is(
            21_206,
            Request,
            "the keys to press are not valid",
            "use 0 to 9, #, * and w",
        ),
        is(
            21_210,
            Configuration,
            "the caller's number is not verified",
            "verify TWILIO_PHONE_NUMBER in the console, or use one of the account",
        ),
        is(
            21_211,
            AnotherNumber,
            "the number is not a valid phone number",
            "check it; it needs the country's code",
        ),
        is(
            21_212,
            Configuration,
            "the caller's number is not valid",
            "check TWILIO_PHONE_NUMBER",
        ),
        is(
            21_213,
            Configuration,
            "there is no caller's number",
            "set TWILIO_PHONE_NUMBER",
        ),
        is(
            21_214,
            AnotherNumber,
            "the number cannot be reached",
            "check it",
        ),
        is(
            21_215,
            Account,
            "calls to this country are not enabled",
            "enable it under Voice Geographic Permissions in the console",
        ),
        is(
            21_216,
            AnotherNumber,
            "Twilio does not call this number",
            "dial another one",
        ),
        is(
            21_217,
            AnotherNumber,
            "the number does not look like one",
            "check it; it needs the country's code",
        ),
        is(
            21_218,
            Configuration,
            "the application is not valid",
            "check TWILIO_TWIML_APP_SID",
        ),
        is(
            21_219,
            Account,
            "a trial account calls verified numbers only",
            "verify the number, or upgrade the account",
        ),
        is(
            21_220,
            AlreadyOver,
            "the call is not in a state for this",
            "it has ended, or was not answered yet",
        ),
        is(
            21_221,
            Configuration,
            "the SIP user name is too long",
            "shorten it",
        ),
        is(
            21_223,
            Configuration,
            "the SIP password is too long",
            "shorten it",
        ),
        is(
            21_401,
            AnotherNumber,
            "the number is not valid",
            "check it; it needs the country's code",
        ),
        is(
            21_408,
            Account,
            "messages to this country are not enabled",
            "enable it under Messaging Geographic Permissions in the console",
        ),
        is(
            21_606,
            Configuration,
            "the sender's number is not usable for this",
            "check TWILIO_PHONE_NUMBER and what it is capable of",
        ),
        is(
            21_608,
            Account,
            "a trial account reaches verified numbers only",
            "verify the number, or upgrade the account",
        ),
        is(
            21_610,
            AnotherNumber,
            "the recipient has opted out",
            "never send to this number again",
        ),
        is(
            21_611,
            Wait,
            "too many messages wait to be sent",
            "try again later",
        ),
        is(
            21_612,
            AnotherNumber,
            "there is no way to this number",
            "try another one",
        ),
        is(
            21_614,
            AnotherNumber,
            "the number is not a mobile phone's",
            "try another one",
        ),
        is(
            21_617,
            Request,
            "the message is too long",
            "shorten it to 1600 characters",
        ),
        is(
            21_620,
            Request,
            "the picture's address is not valid",
            "check it",
        ),
        is(
            21_654,
            Request,
            "a template was not named",
            "give its content SID",
        ),
        is(
            21_655,
            Request,
            "the template is not known",
            "check its content SID",
        ),
        is(
            21_656,
            Request,
            "the template's variables are not valid",
            "check their names",
        ),
        is(
            30_001,
            Wait,
            "too many messages wait to be sent",
            "try again later",
        ),
        is(
            63_003,
            AnotherNumber,
            "the number is not on WhatsApp",
            "try another way",
        ),
        is(
            63_007,
            Configuration,
            "the WhatsApp sender is not known",
            "check TWILIO_WHATSAPP_NUMBER",
        ),
        is(
            63_015,
            Account,
            "the recipient has not joined the sandbox",
            "have them join, or use a WhatsApp sender of your own",
        ),
        is(
            63_016,
            Request,
            "WhatsApp's 24 hours are over",
            "use a template",
        ),
    ]
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_so_that_they_are_found() {
        assert!(MEANINGS.is_sorted_by(|a, b| a.code < b.code));
        for known in MEANINGS {
            assert_eq!(meaning(known.code), Some(known));
        }
        assert_eq!(meaning(99_999), None);
    }
}
