//! Who may visit: from which pages, and how often. Decides with the time as an argument.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use crate::buckets::{Buckets, Rate};

/// How many visits may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VisitLimits {
    /// Of one address in a minute.
    pub per_address: u32,
    /// With one key in a minute.
    pub per_key: u32,
}

impl Default for VisitLimits {
    fn default() -> Self {
        Self {
            // An office behind one address still gets in; a script soon does not.
            per_address: 10,
            per_key: 120,
        }
    }
}

/// Somebody at the door.
#[derive(Debug, Clone, Copy)]
pub struct Visitor<'a> {
    /// Where they call from.
    pub address: IpAddr,
    /// The page they call from, as their browser says.
    pub origin: Option<&'a str>,
    /// Whose guests they are: the name of the key.
    pub key: &'a str,
    /// The pages that may use the key.
    pub origins: &'a [String],
}

/// Why somebody is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The key does not belong to their page: its owner has to name the page.
    #[error("the key is not for this origin")]
    Origin,
    /// Too many came from there: they try again after this time.
    #[error("too many visits begin")]
    TooMany {
        /// When it is worth another try.
        retry_after: Duration,
    },
}

/// The door. It remembers who came lately.
#[derive(Debug)]
pub struct Door {
    addresses: Buckets<IpAddr>,
    keys: Buckets<String>,
}

impl Door {
    /// Makes a door with these limits.
    #[must_use]
    pub fn new(limits: VisitLimits) -> Self {
        Self {
            addresses: Buckets::new(Rate::per_minute(limits.per_address)),
            keys: Buckets::new(Rate::per_minute(limits.per_key)),
        }
    }

    /// Lets a visitor in, or says why not. Who is refused counts against nobody but their own address.
    ///
    /// # Errors
    ///
    /// The page is not one of the key's, or too many came.
    pub fn admit(&mut self, now: Instant, visitor: &Visitor<'_>) -> Result<(), Refused> {
        self.addresses
            .take(now, household(visitor.address))
            .map_err(|retry_after| Refused::TooMany { retry_after })?;
        let own = |origin: &str| {
            visitor
                .origins
                .iter()
                .any(|one| one.eq_ignore_ascii_case(origin))
        };
        if !visitor.origin.is_some_and(own) {
            return Err(Refused::Origin);
        }
        self.keys
            .take(now, visitor.key.to_owned())
            .map_err(|retry_after| Refused::TooMany { retry_after })
    }
}

/// A household with IPv6 has 2⁶⁴ addresses; it counts as one.
fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        short => short,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: VisitLimits = VisitLimits {
        per_address: 2,
        per_key: 3,
    };

    #[test]
    fn a_key_works_on_its_own_pages_alone() {
        let (mut door, now) = (Door::new(VisitLimits::default()), Instant::now());
        let origins = ["https://www.example.com".to_owned()];

        for (origin, let_in) in [
            (Some("https://www.example.com"), true),
            (Some("https://WWW.example.com"), true),
            (Some("http://www.example.com"), false),
            (Some("https://www.example.com.evil.example"), false),
            (Some("null"), false),
            (None, false),
        ] {
            let visitor = Visitor {
                origin,
                ..visitor("192.0.2.1", &origins)
            };
            assert_eq!(door.admit(now, &visitor).is_ok(), let_in, "{origin:?}");
        }
    }

    #[test]
    fn an_address_that_comes_too_often_waits_and_nobody_else_does() {
        let (mut door, now) = (Door::new(LIMITS), Instant::now());
        let origins = ["https://a.example".to_owned()];
        let (pushy, calm) = (
            visitor("192.0.2.1", &origins),
            visitor("192.0.2.2", &origins),
        );

        let tries = (0..1000)
            .filter(|_| door.admit(now, &pushy).is_ok())
            .count();

        assert_eq!(tries, 2);
        assert_eq!(door.admit(now, &calm), Ok(()));
        let later = now + Duration::from_secs(30);
        assert_eq!(door.admit(later, &pushy), Ok(()));
        assert_eq!(
            door.admit(later, &pushy),
            Err(Refused::TooMany {
                retry_after: Duration::from_secs(30)
            })
        );
    }

    #[test]
    fn a_key_has_a_limit_of_its_own_and_a_household_is_one_address() {
        let (mut door, now) = (Door::new(LIMITS), Instant::now());
        let origins = ["https://a.example".to_owned()];

        let within_one_household: Vec<_> = ["2001:db8::1", "2001:db8::2", "2001:db8::3"]
            .map(|address| door.admit(now, &visitor(address, &origins)).is_ok())
            .into();
        let others: Vec<_> = ["192.0.2.1", "192.0.2.2"]
            .map(|address| door.admit(now, &visitor(address, &origins)).is_ok())
            .into();

        assert_eq!(within_one_household, [true, true, false]);
        assert_eq!(others, [true, false], "the key's three are used up");
    }

    fn visitor<'a>(address: &str, origins: &'a [String]) -> Visitor<'a> {
        Visitor {
            address: address.parse().unwrap(),
            origin: Some(origins[0].as_str()),
            key: "site",
            origins,
        }
    }
}
