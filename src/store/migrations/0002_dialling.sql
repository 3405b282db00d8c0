-- What operators and the store itself set. Whoever places a call holds the row 'dialling' meanwhile, so that caps are
-- counted by one at a time, on whichever node.
CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
INSERT INTO settings (name, value) VALUES ('dialling', 'on');

-- Calls that somebody wanted placed, each written before the carrier is asked.
CREATE TABLE intents (
    id TEXT PRIMARY KEY,
    tenant TEXT NOT NULL DEFAULT 'default',
    -- Who wanted it: the name of an API key.
    caller TEXT NOT NULL,
    idempotency_key TEXT,
    -- What tells a repeated request from another one with the same key.
    request TEXT NOT NULL,
    session_id TEXT NOT NULL,
    -- As configured; the digests tell only whether numbers are the same.
    to_number TEXT,
    to_digest TEXT NOT NULL,
    range_digest TEXT NOT NULL,
    -- One of ours.
    from_number TEXT NOT NULL,
    -- 'pending', 'unknown', 'placed', 'ringing', 'answered', 'ended' or 'refused'; the rank only grows.
    state TEXT NOT NULL,
    rank BIGINT NOT NULL,
    reason TEXT,
    call_sid TEXT UNIQUE,
    created_at BIGINT NOT NULL,
    placed_at BIGINT,
    answered_at BIGINT,
    ended_at BIGINT,
    UNIQUE (tenant, caller, idempotency_key)
);
CREATE INDEX intents_by_time ON intents (created_at);
