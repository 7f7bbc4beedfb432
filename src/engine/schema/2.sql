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

-- A key that several identities shared is replaced by one for each.
DROP INDEX revoked_key_by_replacement;
ALTER TABLE revoked_key RENAME TO revoked_key_1;
CREATE TABLE revoked_key (
    revoked_fpr     TEXT NOT NULL,
    replacement_fpr TEXT NOT NULL REFERENCES pgp_keypair (fpr) ON DELETE CASCADE,
    revocation_date INTEGER NOT NULL,
    PRIMARY KEY (revoked_fpr, replacement_fpr)
) STRICT, WITHOUT ROWID;
INSERT INTO revoked_key SELECT revoked_fpr, replacement_fpr, revocation_date FROM revoked_key_1;
DROP TABLE revoked_key_1;
CREATE INDEX revoked_key_by_replacement ON revoked_key (replacement_fpr);

-- When a contact was last written to, to the day: recent ones are told about a key reset.
ALTER TABLE social_graph ADD COLUMN last_contact INTEGER NOT NULL DEFAULT 0;
