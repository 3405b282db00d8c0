-- When contacts are met.
CREATE TABLE appointments (
    id TEXT NOT NULL PRIMARY KEY,
    -- By id, as the configuration has it.
    contact TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    -- The conversation that it was made in.
    session_id TEXT,
    -- Whom they meet, and why.
    name TEXT,
    reason TEXT,
    -- As configured; the digest tells only whether numbers are the same.
    number TEXT,
    number_digest TEXT,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX appointments_by_start ON appointments (contact, starts_at);
CREATE INDEX appointments_by_end ON appointments (ends_at);
CREATE INDEX appointments_by_number ON appointments (number_digest);

-- Whoever books holds this row meanwhile, so that one at a time looks what is taken, on whichever node.
INSERT INTO settings (name, value) VALUES ('appointments', '');
