-- Version 2: who was told about a key reset, counters, and keys old clients have put aside.

-- A contact is told once about each own key that was replaced.
CREATE TABLE revocation_contact (
    fpr         TEXT NOT NULL,
    own_address TEXT NOT NULL,
    contact_id  TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE ON UPDATE CASCADE,
    told        INTEGER NOT NULL DEFAULT (unixepoch()),
    PRIMARY KEY (fpr, own_address, contact_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX revocation_contact_by_contact ON revocation_contact (contact_id);

CREATE TABLE sequence (
    name        TEXT NOT NULL PRIMARY KEY CHECK (name <> ''),
    value       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE blacklisted_key (
    fpr         TEXT NOT NULL PRIMARY KEY CHECK (fpr <> '')
) STRICT, WITHOUT ROWID;
