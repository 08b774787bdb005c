//! Who may ask: the keys of the HTTP API, kept in a file of their own.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use echolot_core::{Fingerprint, Timestamp};
use rusqlite::{Connection, Row, params};

use crate::columns;
use crate::database;
use crate::error::Error;

/// The format of the file, kept in `PRAGMA user_version`.
const FORMAT: u32 = 1;

/// Keys and the log of what was done with them. The file does not belong to
/// any generation: runs do not touch it, and it is written while they go on.
const TABLES: &str = "
-- One key. `hash` is a PHC string; the key itself is kept nowhere.
CREATE TABLE key (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    hash TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;

-- The products that a key is restricted to; one without any sees all.
CREATE TABLE key_product (
    key_id TEXT NOT NULL REFERENCES key,
    product TEXT NOT NULL,
    PRIMARY KEY (key_id, product)
) STRICT, WITHOUT ROWID;

-- One look at verbatims, edit, delivery or export. `key_id` is NULL where no
-- key was needed; `generation` where the answer is about none.
CREATE TABLE access_log (
    entry INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    key_id TEXT,
    key_name TEXT,
    action TEXT NOT NULL,
    route TEXT NOT NULL,
    target TEXT NOT NULL,
    detail TEXT,
    generation INTEGER,
    status INTEGER NOT NULL,
    request_id TEXT NOT NULL
) STRICT;
";

const ID_BYTES: usize = 6;
const SECRET_BYTES: usize = 32;
const SALT_BYTES: usize = 16;

/// How many random bytes a new key is made of.
pub const KEY_ENTROPY_BYTES: usize = ID_BYTES + SECRET_BYTES + SALT_BYTES;

/// What every key begins with, so that one that has leaked is recognised.
const PREFIX: &str = "echolot_";

/// What the holder of a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccessRole {
    /// Ask.
    Reader,
    /// Ask, and change what is stated.
    Editor,
    /// Everything.
    Admin,
    /// Deliver feedback, and nothing else.
    Ingest,
}

impl AccessRole {
    /// All roles.
    pub const ALL: [Self; 4] = [Self::Reader, Self::Editor, Self::Admin, Self::Ingest];

    /// The word for it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Editor => "editor",
            Self::Admin => "admin",
            Self::Ingest => "ingest",
        }
    }

    /// Whether whoever has this role may do what needs the role `needed`.
    pub fn may(self, needed: Self) -> bool {
        self == Self::Admin || self == needed || (self == Self::Editor && needed == Self::Reader)
    }
}

impl fmt::Display for AccessRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for AccessRole {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.map(Self::code).join(", ");
        let found = Self::ALL.into_iter().find(|role| role.code() == text);
        found.ok_or_else(|| format!("`{text}` is no role; known are: {known}"))
    }
}

/// A key that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// What it is called in lists and in the log.
    pub name: String,
    /// What its holder may do.
    pub role: AccessRole,
    /// The products beyond which its holder sees nothing; none means all.
    pub products: Vec<String>,
    /// When it is made.
    pub created_at: Timestamp,
}

/// A key as it is kept: all but the key itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The part of the key that may be shown: 12 hexadecimal digits.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What its holder may do.
    pub role: AccessRole,
    /// The products beyond which its holder sees nothing, in order; none means
    /// all.
    pub products: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was revoked; it admits nobody since.
    pub revoked_at: Option<Timestamp>,
}

/// The keys and the log of a data folder. It can be shared between threads,
/// and other processes may write to the same file.
#[derive(Debug)]
pub struct AccessStore {
    connection: Mutex<Connection>,
    /// For each key the fingerprint of what it was last proven with: the text
    /// presented and the hash it fitted. Only what fits is kept, so there are
    /// never more entries than keys.
    proven: Mutex<HashMap<String, Fingerprint>>,
    /// Held while a hash is computed. Each takes 19 MiB and some 20 ms, so that
    /// whoever presents wrong keys has one core at most.
    proving: Mutex<()>,
}

impl AccessStore {
    pub(crate) fn create_or_open(path: &Path) -> Result<Self, Error> {
        let connection = database::create_or_open_beside(path, TABLES, FORMAT)?;
        Ok(Self {
            connection: Mutex::new(connection),
            proven: Mutex::default(),
            proving: Mutex::default(),
        })
    }

    /// Makes a key out of random bytes. Returns what is kept of it, and the key
    /// itself, which is kept nowhere and cannot be shown again.
    pub fn add_key(
        &self,
        new: &NewKey,
        entropy: &[u8; KEY_ENTROPY_BYTES],
    ) -> Result<(Key, String), Error> {
        let (id, rest) = entropy.split_at(ID_BYTES);
        let (secret, salt) = rest.split_at(SECRET_BYTES);
        let (id, secret) = (hexadecimal(id), hexadecimal(secret));
        let hash: PasswordHash = Argon2::default()
            .hash_password_with_salt(secret.as_bytes(), salt)
            .map_err(|error| Error::damaged("key", error))?;
        let mut connection = self.connection();
        durably(&connection)?;
        let transaction = connection.transaction()?;
        transaction.execute(
            "INSERT INTO key (id, name, role, hash, created_at) VALUES (?, ?, ?, ?, ?)",
            params![id, new.name, new.role.code(), hash.to_string(), new.created_at.seconds()],
        )?;
        for product in &new.products {
            transaction
                .execute("INSERT OR IGNORE INTO key_product VALUES (?, ?)", params![id, product])?;
        }
        transaction.commit()?;
        let (key, _) = find(&connection, &id)?.ok_or_else(|| Error::UnknownKey(id.clone()))?;
        Ok((key, format!("{PREFIX}{id}_{secret}")))
    }

    /// All keys, revoked ones too, in the order they were made.
    pub fn keys(&self) -> Result<Vec<Key>, Error> {
        let connection = self.connection();
        let mut products: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut statement = connection
            .prepare_cached("SELECT key_id, product FROM key_product ORDER BY key_id, product")?;
        let pair = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        for pair in statement.query_map([], pair)? {
            let (id, product) = pair?;
            products.entry(id).or_default().push(product);
        }
        let mut statement = connection.prepare_cached(
            "SELECT id, name, role, created_at, revoked_at FROM key ORDER BY created_at, rowid",
        )?;
        let mut rows = statement.query([])?;
        let mut keys = Vec::new();
        while let Some(row) = rows.next()? {
            let mut key = read_key(row)?;
            key.products = products.remove(&key.id).unwrap_or_default();
            keys.push(key);
        }
        Ok(keys)
    }

    /// Takes all rights from a key. One that has none is left as it is.
    ///
    /// # Errors
    /// [`Error::UnknownKey`] when there is no key of this id.
    pub fn revoke_key(&self, id: &str, at: Timestamp) -> Result<Key, Error> {
        let connection = self.connection();
        durably(&connection)?;
        connection.execute(
            "UPDATE key SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
            params![at.seconds(), id],
        )?;
        let found = find(&connection, id)?;
        found.map(|(key, _)| key).ok_or_else(|| Error::UnknownKey(id.to_owned()))
    }

    /// Whether a key was ever made. Revoked ones count: whoever takes the last
    /// key from its holder does not mean to let in everybody.
    pub fn has_keys(&self) -> Result<bool, Error> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM key)")?;
        Ok(statement.query_row([], |row| row.get(0))?)
    }

    /// The key of whoever presents `token`; none if it is no valid key. What is
    /// kept of it is read every time, so that revoking takes effect at once;
    /// the slow hash is computed only the first time.
    pub fn admit(&self, token: &str) -> Result<Option<Key>, Error> {
        let parts = token.strip_prefix(PREFIX).and_then(|rest| rest.split_once('_'));
        let Some((id, secret)) = parts else { return Ok(None) };
        let Some((key, hash)) = find(&self.connection(), id)? else { return Ok(None) };
        if key.revoked_at.is_some() {
            return Ok(None);
        }
        let proof = Fingerprint::of([token.as_bytes(), hash.as_bytes()]);
        if self.is_proven(id, proof) {
            return Ok(Some(key));
        }
        let _one_at_a_time = self.proving.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_proven(id, proof) {
            return Ok(Some(key));
        }
        let hash = PasswordHash::new(&hash).map_err(|error| Error::damaged("key", error))?;
        if Argon2::default().verify_password(secret.as_bytes(), &hash).is_err() {
            return Ok(None);
        }
        self.proven.lock().unwrap_or_else(PoisonError::into_inner).insert(key.id.clone(), proof);
        Ok(Some(key))
    }

    fn is_proven(&self, id: &str, proof: Fingerprint) -> bool {
        let proven = self.proven.lock().unwrap_or_else(PoisonError::into_inner);
        proven.get(id) == Some(&proof)
    }

    pub(crate) fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is written next is on disk when its transaction has ended.
fn durably(connection: &Connection) -> Result<(), Error> {
    Ok(connection.pragma_update(None, "synchronous", "FULL")?)
}

/// A key with its hash.
fn find(connection: &Connection, id: &str) -> Result<Option<(Key, String)>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT id, name, role, created_at, revoked_at, hash FROM key WHERE id = ?",
    )?;
    let mut rows = statement.query([id])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let (mut key, hash) = (read_key(row)?, row.get(5)?);
    let mut statement = connection
        .prepare_cached("SELECT product FROM key_product WHERE key_id = ? ORDER BY product")?;
    let products = statement.query_map([id], |row| row.get(0))?;
    key.products = products.collect::<Result<_, _>>()?;
    Ok(Some((key, hash)))
}

fn read_key(row: &Row<'_>) -> Result<Key, Error> {
    let role: String = row.get(2)?;
    let created_at = columns::timestamp(row, 3)?;
    Ok(Key {
        id: row.get(0)?,
        name: row.get(1)?,
        role: role.parse().map_err(|error| Error::damaged("key", error))?,
        products: vec![],
        created_at: created_at.ok_or_else(|| Error::damaged("key", "it has no time"))?,
        revoked_at: columns::timestamp(row, 4)?,
    })
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, AccessStore) {
        let temp = tempfile::tempdir().unwrap();
        let store = AccessStore::create_or_open(&temp.path().join("access.sqlite")).unwrap();
        (temp, store)
    }

    fn new_key(role: AccessRole, products: &[&str]) -> NewKey {
        NewKey {
            name: "page".to_owned(),
            role,
            products: products.iter().map(|&product| product.to_owned()).collect(),
            created_at: Timestamp::from_seconds(1_700_000_000).unwrap(),
        }
    }

    #[test]
    fn a_key_admits_its_holder_and_nobody_else() {
        let (_temp, store) = store();
        assert!(!store.has_keys().unwrap());
        let new = new_key(AccessRole::Reader, &["B", "A", "A"]);
        let (key, token) = store.add_key(&new, &[7; KEY_ENTROPY_BYTES]).unwrap();
        assert_eq!(token, format!("echolot_{}_{}", "07".repeat(6), "07".repeat(32)));
        assert_eq!(
            (key.id.as_str(), &key.products[..]),
            ("070707070707", &["A".into(), "B".into()][..])
        );
        assert_eq!(store.keys().unwrap(), std::slice::from_ref(&key));
        for _ in 0..2 {
            assert_eq!(store.admit(&token).unwrap(), Some(key.clone()));
        }
        let wrong = format!("{}8", &token[..token.len() - 1]);
        for wrong in [wrong.as_str(), "", "echolot_", "echolot_070707070707_", "070707070707"] {
            assert_eq!(store.admit(wrong).unwrap(), None, "{wrong}");
        }
    }

    #[test]
    fn a_revoked_key_admits_nobody_at_once_and_in_every_process() {
        let (temp, store) = store();
        let new = new_key(AccessRole::Admin, &[]);
        let (key, token) = store.add_key(&new, &[1; KEY_ENTROPY_BYTES]).unwrap();
        assert!(store.admit(&token).unwrap().is_some());
        let other = AccessStore::create_or_open(&temp.path().join("access.sqlite")).unwrap();
        let at = |seconds| Timestamp::from_seconds(seconds).unwrap();
        other.revoke_key(&key.id, at(1_700_000_100)).unwrap();
        assert_eq!(store.admit(&token).unwrap(), None);
        // The time of the first revocation stays.
        let revoked = other.revoke_key(&key.id, at(1_700_000_200)).unwrap();
        assert_eq!(revoked.revoked_at, Some(at(1_700_000_100)));
        assert!(store.has_keys().unwrap(), "the server stays locked");
        assert!(matches!(store.revoke_key("nobody", at(0)), Err(Error::UnknownKey(_))));
    }

    #[test]
    fn the_file_does_not_hold_the_key() {
        let (temp, store) = store();
        let new = new_key(AccessRole::Ingest, &[]);
        let (_, token) = store.add_key(&new, &[0xab; KEY_ENTROPY_BYTES]).unwrap();
        let secret = &token.as_bytes()[token.len() - 64..];
        for entry in fs_err::read_dir(temp.path()).unwrap() {
            let bytes = fs_err::read(entry.unwrap().path()).unwrap();
            assert!(!bytes.windows(secret.len()).any(|window| window == secret));
        }
    }

    #[test]
    fn roles_include_one_another_as_declared() {
        let may = |role: AccessRole| AccessRole::ALL.map(|needed| role.may(needed));
        assert_eq!(may(AccessRole::Reader), [true, false, false, false]);
        assert_eq!(may(AccessRole::Editor), [true, true, false, false]);
        assert_eq!(may(AccessRole::Admin), [true, true, true, true]);
        assert_eq!(may(AccessRole::Ingest), [false, false, false, true]);
        assert_eq!("editor".parse(), Ok(AccessRole::Editor));
        assert!("root".parse::<AccessRole>().unwrap_err().contains("reader, editor"));
    }
}
