-- Version 1 of engine.sqlite3. Fingerprints are upper case hex, times are seconds since the epoch.
-- Never edit a released version: add the next file, and its name in the list in CMakeLists.txt.

-- OpenPGP certificates as transferable keys; the secret one, if present, holds the public material, too.
CREATE TABLE openpgp_key (
    fpr         TEXT NOT NULL PRIMARY KEY,
    public_key  BLOB NOT NULL,
    secret_key  BLOB,
    added       INTEGER NOT NULL DEFAULT (unixepoch())
) STRICT;

-- Key ids (16 hex digits) and fingerprints of primary key and subkeys, to find the certificate of a packet.
CREATE TABLE openpgp_key_id (
    key_id      TEXT NOT NULL,
    fpr         TEXT NOT NULL REFERENCES openpgp_key (fpr) ON DELETE CASCADE,
    PRIMARY KEY (key_id, fpr)
) STRICT, WITHOUT ROWID;
CREATE INDEX openpgp_key_id_by_fpr ON openpgp_key_id (fpr);

-- Normalised address (or raw text, when there is none) of every user id.
CREATE TABLE openpgp_user_id (
    address     TEXT NOT NULL,
    fpr         TEXT NOT NULL REFERENCES openpgp_key (fpr) ON DELETE CASCADE,
    PRIMARY KEY (address, fpr)
) STRICT, WITHOUT ROWID;
CREATE INDEX openpgp_user_id_by_fpr ON openpgp_user_id (fpr);

-- Keys that were ever linked to somebody; the key itself need not be stored.
CREATE TABLE pgp_keypair (
    fpr         TEXT NOT NULL PRIMARY KEY CHECK (fpr <> '')
) STRICT, WITHOUT ROWID;

CREATE TABLE person (
    id          TEXT NOT NULL PRIMARY KEY,
    username    TEXT NOT NULL,
    main_key_id TEXT REFERENCES pgp_keypair (fpr) ON DELETE SET NULL,
    lang        TEXT,
    is_pep_user INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX person_by_key ON person (main_key_id);

-- `address_key` is what look-ups compare: lower case, and no dots before the @ (identity_store.cpp).
CREATE TABLE identity (
    address         TEXT NOT NULL,
    user_id         TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE ON UPDATE CASCADE,
    address_key     TEXT NOT NULL,
    main_key_id     TEXT REFERENCES pgp_keypair (fpr) ON DELETE SET NULL,
    username        TEXT,
    flags           INTEGER NOT NULL DEFAULT 0,
    is_own          INTEGER NOT NULL DEFAULT 0,
    version_major   INTEGER NOT NULL DEFAULT 0,
    version_minor   INTEGER NOT NULL DEFAULT 0,
    enc_format      INTEGER NOT NULL DEFAULT 0,
    created         INTEGER NOT NULL DEFAULT (unixepoch()),
    PRIMARY KEY (address, user_id)
) STRICT;
CREATE INDEX identity_by_address_key ON identity (address_key, user_id);
CREATE INDEX identity_by_user ON identity (user_id);
CREATE INDEX identity_by_key ON identity (main_key_id);
CREATE INDEX identity_own ON identity (is_own) WHERE is_own = 1;

CREATE TABLE trust (
    user_id     TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE ON UPDATE CASCADE,
    fpr         TEXT NOT NULL REFERENCES pgp_keypair (fpr) ON DELETE CASCADE,
    comm_type   INTEGER NOT NULL,
    sticky      INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, fpr)
) STRICT, WITHOUT ROWID;
CREATE INDEX trust_by_key ON trust (fpr);

CREATE TABLE alternate_user_id (
    alternate_id TEXT NOT NULL PRIMARY KEY,
    default_id   TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE ON UPDATE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX alternate_user_id_by_default ON alternate_user_id (default_id);

CREATE TABLE mistrusted_key (
    fpr         TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Own keys that were replaced.
CREATE TABLE revoked_key (
    revoked_fpr     TEXT NOT NULL PRIMARY KEY,
    replacement_fpr TEXT NOT NULL REFERENCES pgp_keypair (fpr) ON DELETE CASCADE,
    revocation_date INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX revoked_key_by_replacement ON revoked_key (replacement_fpr);

-- Who was written to from which own address.
CREATE TABLE social_graph (
    own_user_id     TEXT NOT NULL,
    own_address     TEXT NOT NULL,
    contact_user_id TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE ON UPDATE CASCADE,
    PRIMARY KEY (own_user_id, own_address, contact_user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX social_graph_by_contact ON social_graph (contact_user_id);
