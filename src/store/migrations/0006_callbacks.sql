-- People who want to be called back, together with a contact.
CREATE TABLE callbacks (
    id TEXT NOT NULL PRIMARY KEY,
    -- The session in which it was asked for.
    session_id TEXT NOT NULL,
    profile TEXT,
    language TEXT NOT NULL,
    contact TEXT,
    name TEXT,
    -- Whole until it is over; from then on as much as is kept.
    number TEXT,
    digest TEXT,
    reason TEXT,
    summary TEXT,
    asked_by TEXT NOT NULL,
    -- waiting, dialling, done, missed, cancelled
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    -- Who carries it out.
    node TEXT,
    created_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    claimed_at BIGINT,
    ended_at BIGINT
);
CREATE INDEX callbacks_by_state ON callbacks (state, due_at);
CREATE INDEX callbacks_by_number ON callbacks (digest);
-- Held by whoever claims one, or asks for one, so that one after the other does.
INSERT INTO settings (name, value) VALUES ('callbacks', 'on');
