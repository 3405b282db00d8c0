//! So much in a minute for each: buckets that fill again by themselves.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::{Duration, Instant};

/// Buckets kept: about 1 MB. When there are as many, full ones are forgotten, then the fullest: that harms least.
const CAPACITY: usize = 10_000;

/// How large a bucket is, and how fast it fills.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    most: f64,
    per_second: f64,
}

impl Rate {
    pub(crate) fn per_minute(count: u32) -> Self {
        // Nobody gets in through a bucket that holds less than one.
        let most = f64::from(count.max(1));
        Self {
            most,
            per_second: most / 60.0,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: f64,
    at: Instant,
}

/// A bucket for each.
#[derive(Debug)]
pub(crate) struct Buckets<K> {
    rate: Rate,
    buckets: HashMap<K, Bucket>,
}

impl<K: Hash + Eq + Clone> Buckets<K> {
    pub(crate) fn new(rate: Rate) -> Self {
        Self {
            rate,
            buckets: HashMap::new(),
        }
    }

    /// Takes one out of somebody's bucket, or says when there will be one.
    pub(crate) fn take(&mut self, now: Instant, whose: K) -> Result<(), Duration> {
        if self.buckets.len() >= CAPACITY && !self.buckets.contains_key(&whose) {
            self.make_room(now);
        }
        let rate = self.rate;
        let bucket = self.buckets.entry(whose).or_insert(Bucket {
            left: rate.most,
            at: now,
        });
        bucket.left = filled(rate, *bucket, now);
        bucket.at = now;
        if bucket.left < 1.0 {
            return Err(Duration::from_secs_f64(
                (1.0 - bucket.left) / rate.per_second,
            ));
        }
        bucket.left -= 1.0;
        Ok(())
    }

    fn make_room(&mut self, now: Instant) {
        let rate = self.rate;
        self.buckets
            .retain(|_, bucket| filled(rate, *bucket, now) < rate.most);
        if self.buckets.len() < CAPACITY {
            return;
        }
        let fullest = self
            .buckets
            .iter()
            .max_by(|(_, a), (_, b)| filled(rate, **a, now).total_cmp(&filled(rate, **b, now)));
        if let Some(whose) = fullest.map(|(whose, _)| whose.clone()) {
            self.buckets.remove(&whose);
        }
    }
}

fn filled(rate: Rate, bucket: Bucket, now: Instant) -> f64 {
    let gone = now.saturating_duration_since(bucket.at).as_secs_f64();
    rate.most.min(bucket.left + gone * rate.per_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_many_come_only_so_many_are_remembered() {
        let (mut buckets, now) = (Buckets::new(Rate::per_minute(2)), Instant::now());

        for number in 0..CAPACITY + 50 {
            buckets.take(now, number).unwrap();
        }

        assert_eq!(buckets.buckets.len(), CAPACITY);
    }

    #[test]
    fn a_bucket_does_not_fill_beyond_its_size() {
        let (mut buckets, now) = (Buckets::new(Rate::per_minute(2)), Instant::now());
        let tomorrow = now + Duration::from_secs(86_400);

        let at_once = (0..5).filter(|_| buckets.take(now, "a").is_ok()).count();
        let tomorrow = (0..5)
            .filter(|_| buckets.take(tomorrow, "a").is_ok())
            .count();

        assert_eq!((at_once, tomorrow), (2, 2));
    }
}
