//! Tallies in an SQLite database.

use std::path::Path;

use rusqlite::{Connection, Result, params};

const SCHEMA: &str = include_str!("../schema/tally.sql");

/// The default of DATABASE.
pub const DATABASE: &str = "/var/lib/tally/tally.db";

pub struct Store(Connection);

impl Store {
    pub fn open(path: &Path) -> Result<Self> {
        let connection = Connection::open(path)?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self(connection))
    }

    /// Counts one more, and tells how many there are.
    pub fn add(&self, name: &str) -> Result<u32> {
        let upsert = "INSERT INTO tally VALUES (?1, 1) ON CONFLICT (name) DO UPDATE SET count = count + 1 RETURNING count";
        self.0.query_row(upsert, params![name], |row| row.get(0))
    }

    /// Every tally, the highest first.
    pub fn all(&self) -> Result<Vec<(String, u32)>> {
        let mut query = self.0.prepare("SELECT name, count FROM tally ORDER BY count DESC, name")?;
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect()
    }
}
