//! One direction of a bad network. Pure: time is an argument, chance comes from a seed.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    time::{Duration, Instant},
};

use super::Conditions;

/// At 50 packets a second this is minutes of audio. A full link drops what comes, as routers do.
const CAPACITY: usize = 10_000;
/// How long a reordered packet is held: one or two packets of audio overtake it.
const HELD: Duration = Duration::from_millis(30);

/// Carries packets from one end to the other as its [`Conditions`] say.
#[derive(Debug)]
pub struct Link<P> {
    conditions: Conditions,
    chance: fastrand::Rng,
    queue: BinaryHeap<Reverse<OnTheWay<P>>>,
    /// Packets that are not reordered leave no earlier than the one before.
    last_due: Option<Instant>,
    count: u64,
}

impl<P: Clone> Link<P> {
    /// Returns a link that does no harm yet.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            conditions: Conditions::default(),
            chance: fastrand::Rng::with_seed(seed),
            queue: BinaryHeap::new(),
            last_due: None,
            count: 0,
        }
    }

    /// Changes the conditions for packets that come from now on; those on the way arrive as before.
    pub fn handle_conditions(&mut self, conditions: Conditions) {
        self.conditions = conditions;
    }

    /// Puts a packet in.
    pub fn handle_packet(&mut self, now: Instant, packet: P) {
        let Conditions {
            loss,
            duplication,
            cut,
            ..
        } = self.conditions;
        if cut || self.happens(loss) {
            return;
        }
        if self.happens(duplication) {
            self.send(now, packet.clone());
        }
        self.send(now, packet);
    }

    /// Returns when the next packet arrives.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.queue.peek().map(|Reverse(next)| next.due)
    }

    /// Takes out a packet that has arrived by now.
    pub fn poll_packet(&mut self, now: Instant) -> Option<P> {
        if self.deadline()? > now {
            return None;
        }
        self.queue.pop().map(|Reverse(arrived)| arrived.packet)
    }

    fn send(&mut self, now: Instant, packet: P) {
        if self.queue.len() >= CAPACITY {
            return;
        }
        let mut due = now + self.travel_time();
        if self.happens(self.conditions.reordering) {
            due += HELD;
        } else {
            due = self.last_due.map_or(due, |last| due.max(last));
            self.last_due = Some(due);
        }
        self.count += 1;
        self.queue.push(Reverse(OnTheWay {
            due,
            number: self.count,
            packet,
        }));
    }

    fn travel_time(&mut self) -> Duration {
        let Conditions { delay, jitter, .. } = self.conditions;
        let shortest = delay.max(jitter) - jitter;
        shortest + (2 * jitter).mul_f64(self.chance.f64())
    }

    fn happens(&mut self, share: f64) -> bool {
        share > 0.0 && self.chance.f64() < share
    }
}

#[derive(Debug)]
struct OnTheWay<P> {
    due: Instant,
    /// Keeps the order of packets that are due at once.
    number: u64,
    packet: P,
}

impl<P> Ord for OnTheWay<P> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.due, self.number).cmp(&(other.due, other.number))
    }
}

impl<P> PartialOrd for OnTheWay<P> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<P> PartialEq for OnTheWay<P> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<P> Eq for OnTheWay<P> {}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: Duration = Duration::from_millis(20);

    /// Sends 10,000 packets, one every 20 ms, and returns (number, travel time) in order of arrival.
    fn carry(conditions: Conditions, seed: u64) -> Vec<(u32, Duration)> {
        let start = Instant::now();
        let mut link = Link::new(seed);
        link.handle_conditions(conditions);
        let mut arrived = Vec::new();
        let mut take = |link: &mut Link<u32>, until: Instant| {
            while let Some(due) = link.deadline().filter(|due| *due <= until) {
                if let Some(number) = link.poll_packet(due) {
                    arrived.push((number, due - (start + STEP * number)));
                }
            }
        };
        for number in 0..10_000 {
            let now = start + STEP * number;
            take(&mut link, now);
            link.handle_packet(now, number);
        }
        take(&mut link, start + STEP * 20_000);
        arrived
    }

    fn numbers(arrived: &[(u32, Duration)]) -> Vec<u32> {
        arrived.iter().map(|(number, _)| *number).collect()
    }

    #[test]
    fn a_good_network_changes_nothing() {
        let arrived = carry(Conditions::default(), 1);

        assert_eq!(numbers(&arrived), (0..10_000).collect::<Vec<_>>());
        assert!(arrived.iter().all(|(_, time)| time.is_zero()));
    }

    #[test]
    fn the_wanted_share_is_lost() {
        let arrived = carry(Conditions::loss(0.05), 1);

        assert!((9_400..9_600).contains(&arrived.len()), "{}", arrived.len());
    }

    #[test]
    fn the_same_seed_gives_the_same_misfortunes() {
        assert_eq!(
            carry(Conditions::loss(0.2), 7),
            carry(Conditions::loss(0.2), 7)
        );
        assert_ne!(
            carry(Conditions::loss(0.2), 7),
            carry(Conditions::loss(0.2), 8)
        );
    }

    #[test]
    fn jitter_stays_in_its_bounds_and_keeps_order() {
        let arrived = carry(Conditions::jitter(Duration::from_millis(80)), 1);

        assert!(numbers(&arrived).is_sorted());
        assert!(
            arrived
                .iter()
                .all(|(_, time)| *time <= Duration::from_millis(160))
        );
        assert!(
            arrived
                .iter()
                .any(|(_, time)| *time < Duration::from_millis(20))
        );
    }

    #[test]
    fn reordered_packets_arrive_late_and_none_is_missing() {
        let arrived = numbers(&carry(Conditions::reordering(0.05), 1));

        let overtaken = arrived.windows(2).filter(|pair| pair[1] < pair[0]).count();
        assert!((400..600).contains(&overtaken), "{overtaken}");
        assert_eq!(arrived.len(), 10_000);
    }

    #[test]
    fn duplicates_come_one_after_the_other() {
        let arrived = numbers(&carry(
            Conditions {
                duplication: 0.1,
                ..Conditions::default()
            },
            1,
        ));

        let twice = arrived.windows(2).filter(|pair| pair[1] == pair[0]).count();
        assert!((900..1_100).contains(&twice), "{twice}");
    }

    #[test]
    fn a_cut_network_carries_nothing() {
        assert_eq!(carry(Conditions::cut(), 1), []);
    }
}
