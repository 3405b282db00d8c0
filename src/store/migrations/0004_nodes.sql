-- Servers that share the records. Whoever has not been seen for a while has left its calls to others.
CREATE TABLE nodes (
    id TEXT PRIMARY KEY,
    -- Which of its processes it was, and the last batch that this one wrote: after a lost answer it tells whether the
    -- batch is there.
    run TEXT NOT NULL,
    batch BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);
-- Held by whoever takes calls over, so that one node gets each.
INSERT INTO settings (name, value) VALUES ('adoption', 'on');

-- Who looks after it.
ALTER TABLE calls ADD COLUMN node TEXT;
