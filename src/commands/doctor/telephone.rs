//! The telephone: the account, the number's webhooks, and the way back to this server.

use crate::commands::say;
use crate::config::{Config, PhoneAccount};
use crate::telemetry::chain;
use crate::wiring::twilio::{Carrier, CheckedNumber, PublicUrl};

/// Checks what calls need; where there is no account nothing is needed.
pub(super) async fn check(config: &Config) -> bool {
    let Some(account) = &config.account else {
        say("telephone      none: set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN to have one\n");
        return true;
    };
    let Some(url) = &config.public_url else {
        say(
            "telephone      Twilio cannot find this server: set WEBHOOK_URL to its public https address, such as that \
             of a tunnel\n",
        );
        return false;
    };
    let public = match PublicUrl::parse(url.as_str()) {
        Ok(public) => public,
        Err(error) => {
            say(&format!("telephone      WEBHOOK_URL: {error}\n"));
            return false;
        }
    };
    let carrier = match Carrier::new(account, public.clone()) {
        Ok(carrier) => carrier,
        Err(error) => {
            say(&format!("telephone      {error:#}\n"));
            return false;
        }
    };
    check_account(&carrier).await && check_number(&carrier, account, &public).await
}

async fn check_account(carrier: &Carrier) -> bool {
    match carrier.account_state().await {
        Ok(state) => {
            say(&format!("telephone      ok: the account is {state}\n"));
            true
        }
        Err(error) => {
            say(&format!("telephone      {}\n", chain(&error)));
            false
        }
    }
}

async fn check_number(carrier: &Carrier, account: &PhoneAccount, public: &PublicUrl) -> bool {
    let Some(number) = &account.phone_number else {
        say("               but: without TWILIO_PHONE_NUMBER it can be called and cannot call\n");
        return true;
    };
    let wanted = public.at("/twilio/voice");
    match carrier.number(number).await {
        Ok(CheckedNumber::Missing) => {
            say("               TWILIO_PHONE_NUMBER is not a number of this account\n");
            false
        }
        Ok(CheckedNumber::Asks(Some(url))) if url == wanted => {
            say(&format!("               its number asks {wanted}\n"));
            true
        }
        Ok(CheckedNumber::Asks(other)) => {
            let other = other.as_deref().unwrap_or("nobody");
            say(&format!(
                "               its number asks {other} when it is called: set \"A call comes in\" to {wanted} (HTTP \
                 POST), and \"Call status changes\" to {}\n",
                public.at("/twilio/status")
            ));
            false
        }
        Err(error) => {
            say(&format!("               its number: {}\n", chain(&error)));
            false
        }
    }
}
