//! What the tests of the whole system share: a server, peers, tones, a bad network.
