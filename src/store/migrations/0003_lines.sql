-- What a phone line adds to a call. Numbers of others are kept as configured; the digests tell only whether two are
-- the same, and go with the numbers.
ALTER TABLE calls ADD COLUMN direction TEXT;
ALTER TABLE calls ADD COLUMN from_number TEXT;
ALTER TABLE calls ADD COLUMN from_digest TEXT;
ALTER TABLE calls ADD COLUMN to_number TEXT;
ALTER TABLE calls ADD COLUMN to_digest TEXT;
ALTER TABLE calls ADD COLUMN call_sid TEXT;
-- 'human', 'machine' or what else the carrier says.
ALTER TABLE calls ADD COLUMN answered_by TEXT;
-- Why the line is down, in the carrier's words.
ALTER TABLE calls ADD COLUMN line_reason TEXT;
-- What the carrier counts.
ALTER TABLE calls ADD COLUMN line_seconds BIGINT;
CREATE INDEX calls_by_sid ON calls (call_sid);
CREATE INDEX calls_by_caller ON calls (from_digest);
CREATE INDEX calls_by_callee ON calls (to_digest);
