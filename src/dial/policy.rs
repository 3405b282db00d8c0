//! Who may be called, and how often. Pure: what was called lately is an argument, and so is the time.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::number::Kind;
use super::{Number, NumberError};

/// Caps of a day count what was called in the 24 hours before.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// A call whose end nobody has told stops counting as under way: no carrier lets calls last longer.
const LONGEST_CALL: Duration = Duration::from_secs(4 * 3600);

/// The table `[dialling]`: nobody may be called outside the countries it lists, and it lists none by default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Whether anybody is called at all.
    pub enabled: bool,
    /// Countries that may be called, as ISO 3166 has them: `["CH", "DE"]`.
    pub countries: Vec<String>,
    /// The country of numbers without a country code; empty for none.
    pub home: String,
    /// Beginnings of numbers that are never called, such as `+41900`.
    pub blocked_prefixes: Vec<String>,
    /// Beginnings of numbers that may be called wherever they are; caps hold for them as well.
    pub open_prefixes: Vec<String>,
    /// How often.
    pub caps: Caps,
}

/// How many calls there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Caps {
    /// At once.
    pub at_once: u32,
    /// At once, of one API key.
    pub at_once_per_key: u32,
    /// In a day.
    pub per_day: u32,
    /// In a day, of one tenant.
    pub per_day_and_tenant: u32,
    /// In a day, of one API key.
    pub per_day_and_key: u32,
    /// In a day, to one number.
    pub per_day_and_number: u32,
    /// In a day, to numbers that differ in the last four digits only.
    pub per_day_and_range: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            enabled: true,
            countries: Vec::new(),
            home: String::new(),
            blocked_prefixes: Vec::new(),
            open_prefixes: Vec::new(),
            caps: Caps::default(),
        }
    }
}

impl Default for Caps {
    /// Enough for a busy front desk; a stolen key does not make anybody rich.
    fn default() -> Self {
        Self {
            at_once: 20,
            at_once_per_key: 10,
            per_day: 1_000,
            per_day_and_tenant: 500,
            per_day_and_key: 200,
            per_day_and_number: 10,
            per_day_and_range: 50,
        }
    }
}

/// Somebody wants to call.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// Whom.
    pub to: &'a Number,
    /// From which number of ours.
    pub from: &'a Number,
}

/// How many calls there are and were lately.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Whether an operator has switched dialling off.
    pub switched_off: bool,
    /// Under way.
    pub at_once: u32,
    /// Under way, of this API key.
    pub at_once_of_key: u32,
    /// Of the day.
    pub today: u32,
    /// Of the day, of this tenant.
    pub today_of_tenant: u32,
    /// Of the day, of this API key.
    pub today_of_key: u32,
    /// Of the day, to this number.
    pub today_to_number: u32,
    /// Of the day, to numbers of the same range.
    pub today_to_range: u32,
}

/// Whose calls a cap counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All.
    Everybody,
    /// Those of one tenant.
    Tenant,
    /// Those of one API key.
    Key,
    /// Those to one number.
    Number,
    /// Those to numbers that differ in the last four digits only.
    Range,
}

/// A number is not called; it says why, and who could change that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nobody is called at present.
    #[error(
        "dialling is switched off: `patchbay dialling on`, or `enabled = true` in [dialling], switches it on"
    )]
    SwitchedOff,
    /// The country is not on the list.
    #[error(
        "calls to {country} are not allowed: add it to `countries` in [dialling] if they should be"
    )]
    Country {
        /// As ISO 3166 has it, or what there is instead.
        country: String,
    },
    /// The number's beginning is blocked.
    #[error(
        "calls to numbers that begin like this one are blocked by `blocked_prefixes` in [dialling]"
    )]
    Blocked,
    /// Calls to it cost more than calls do.
    #[error(
        "it is a premium or special number, which is never called; `open_prefixes` in [dialling] makes exceptions"
    )]
    Premium,
    /// Nobody has that number.
    #[error("no line has this number in its country: look at the digits again")]
    Unassigned,
    /// It would call itself.
    #[error("it is the number that the call would come from")]
    Itself,
    /// Too many calls are under way.
    #[error(
        "{cap} calls {scope} are under way, and no more are allowed at once: try again when one has ended"
    )]
    AtOnce {
        /// Whose.
        scope: Scope,
        /// How many may be.
        cap: u32,
    },
    /// There were too many in 24 hours.
    #[error(
        "{cap} calls {scope} were placed in 24 hours, and no more are allowed: raise the cap in [dialling.caps], or wait"
    )]
    Daily {
        /// Whose.
        scope: Scope,
        /// How many may be.
        cap: u32,
    },
}

impl Policy {
    /// Reads a number as it is written where this server is at home.
    ///
    /// # Errors
    ///
    /// It is none; the error says how to write it.
    pub fn number(&self, text: &str) -> Result<Number, NumberError> {
        Number::parse(text, self.home.parse().ok())
    }

    /// Tells whether a call may be placed.
    ///
    /// # Errors
    ///
    /// It may not.
    pub fn judge(&self, ask: Ask<'_>, tally: &Tally) -> Result<(), Refusal> {
        if !self.enabled || tally.switched_off {
            return Err(Refusal::SwitchedOff);
        }
        self.judge_number(ask)?;
        self.caps.judge(tally)
    }

    /// Tells whether this number may be called at all, whatever was called lately.
    ///
    /// # Errors
    ///
    /// It may not.
    pub fn permit(&self, to: &Number) -> Result<(), Refusal> {
        if !self.enabled {
            return Err(Refusal::SwitchedOff);
        }
        self.judge_destination(to)
    }

    /// Returns since when a call counts as one of the day, `now` being a time since 1970.
    #[must_use]
    pub const fn day_before(now: Duration) -> Duration {
        now.saturating_sub(DAY)
    }

    /// Returns since when a call that has not ended may still be under way.
    #[must_use]
    pub const fn longest_ago(now: Duration) -> Duration {
        now.saturating_sub(LONGEST_CALL)
    }

    fn judge_number(&self, ask: Ask<'_>) -> Result<(), Refusal> {
        if ask.to.e164() == ask.from.e164() {
            return Err(Refusal::Itself);
        }
        self.judge_destination(ask.to)
    }

    fn judge_destination(&self, to: &Number) -> Result<(), Refusal> {
        let number = to.e164();
        let begins = |prefixes: &[String]| prefixes.iter().any(|one| number.starts_with(one));
        if begins(&self.blocked_prefixes) {
            return Err(Refusal::Blocked);
        }
        if begins(&self.open_prefixes) {
            return Ok(());
        }
        let country = to.country();
        if !country.is_some_and(|country| self.countries.iter().any(|one| one == country)) {
            let country = country.unwrap_or("no country").to_owned();
            return Err(Refusal::Country { country });
        }
        match to.kind() {
            Kind::Usual => Ok(()),
            Kind::Special => Err(Refusal::Premium),
            Kind::Unassigned => Err(Refusal::Unassigned),
        }
    }
}

impl Caps {
    fn judge(&self, tally: &Tally) -> Result<(), Refusal> {
        let at_once = [
            (Scope::Everybody, tally.at_once, self.at_once),
            (Scope::Key, tally.at_once_of_key, self.at_once_per_key),
        ];
        for (scope, count, cap) in at_once {
            if count >= cap {
                return Err(Refusal::AtOnce { scope, cap });
            }
        }
        let daily = [
            (Scope::Everybody, tally.today, self.per_day),
            (
                Scope::Tenant,
                tally.today_of_tenant,
                self.per_day_and_tenant,
            ),
            (Scope::Key, tally.today_of_key, self.per_day_and_key),
            (
                Scope::Number,
                tally.today_to_number,
                self.per_day_and_number,
            ),
            (Scope::Range, tally.today_to_range, self.per_day_and_range),
        ];
        for (scope, count, cap) in daily {
            if count >= cap {
                return Err(Refusal::Daily { scope, cap });
            }
        }
        Ok(())
    }
}

impl Refusal {
    /// Returns its name in answers, records and metrics.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SwitchedOff => "dialling_off",
            Self::Country { .. } => "country_not_allowed",
            Self::Blocked => "number_blocked",
            Self::Premium => "premium_number",
            Self::Unassigned => "number_not_assigned",
            Self::Itself => "own_number",
            Self::AtOnce { .. } => "too_many_at_once",
            Self::Daily { .. } => "too_many_today",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Everybody => "in all",
            Self::Tenant => "of this tenant",
            Self::Key => "of this key",
            Self::Number => "to this number",
            Self::Range => "to numbers like this one",
        })
    }
}

#[cfg(test)]
mod tests;
