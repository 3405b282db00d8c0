-- Portable SQL: text, big integers, no type of one database alone. Times are milliseconds since 1970 (UTC),
-- JSON and lists stand in text.
CREATE TABLE calls (
    id TEXT PRIMARY KEY,
    tenant TEXT NOT NULL DEFAULT 'default',
    session_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    room TEXT NOT NULL,
    profile TEXT,
    -- Whether an agent takes part: 'wanted' or 'unwanted'.
    agent TEXT NOT NULL,
    metadata TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    created_at BIGINT NOT NULL,
    answered_at BIGINT,
    ended_at BIGINT
);
CREATE INDEX calls_by_time ON calls (created_at, id);
CREATE INDEX calls_by_session ON calls (session_id, created_at);
CREATE INDEX calls_by_end ON calls (ended_at);

-- Messages and events of a call share one numbering, so that both together tell the story in order.
CREATE TABLE call_messages (
    call_id TEXT NOT NULL REFERENCES calls (id),
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    -- Whose words, as the room names them.
    speaker TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (call_id, number)
);

CREATE TABLE call_events (
    call_id TEXT NOT NULL REFERENCES calls (id),
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    -- The latency of a turn; nothing for other events.
    took_ms BIGINT,
    body TEXT NOT NULL,
    PRIMARY KEY (call_id, number)
);
CREATE INDEX call_events_by_time ON call_events (kind, at);

CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    tenant TEXT NOT NULL DEFAULT 'default',
    name TEXT NOT NULL,
    -- 'secret' or 'publishable'.
    kind TEXT NOT NULL,
    -- SHA-256 in hexadecimal digits; the key itself is not kept.
    digest TEXT NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    origins TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);

CREATE TABLE audit (
    id TEXT PRIMARY KEY,
    tenant TEXT NOT NULL DEFAULT 'default',
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX audit_by_time ON audit (at);
