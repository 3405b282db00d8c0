-- Escalations under way, so that a server that starts again takes them up. Nothing of those that are over.
CREATE TABLE escalations (
    session_id TEXT NOT NULL PRIMARY KEY,
    -- JSON: see the escalation's own module.
    state TEXT NOT NULL
);
