//! The whole database at one moment, and what is different a moment later.

use anyhow::Context;
use hearth_actions::App;
use hearth_db::dialect;
use serde_json::Value;
use std::collections::BTreeSet;

/// Columns that only say when a server was last heard of.
const TIMES_OF_HOSTS: [&str; 3] = ["last_heard_at", "last_ok_at", "checked_at"];

/// Every row of every table.
#[derive(Debug, Default)]
pub struct Picture(BTreeSet<(String, String)>);

/// One row that is new, gone or different.
#[derive(Debug)]
pub struct Change {
    /// Its table.
    pub table: String,
    /// How it was.
    pub before: Option<Value>,
    /// How it is.
    pub after: Option<Value>,
}

impl Change {
    /// A column as it is now, or was.
    #[must_use]
    pub fn column(&self, name: &str) -> &Value {
        self.after.as_ref().or(self.before.as_ref()).map_or(&Value::Null, |row| &row[name])
    }

    /// A text column as it is now, or was.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.column(name).as_str().unwrap_or_default()
    }

    /// Whether the row is new.
    #[must_use]
    pub const fn is_new(&self) -> bool {
        self.before.is_none()
    }

    /// The columns that are different, of a row that was there before and still is.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        let (Some(Value::Object(before)), Some(Value::Object(after))) = (&self.before, &self.after) else {
            return Vec::new();
        };
        after.iter().filter(|(name, value)| before.get(*name) != Some(*value)).map(|(name, _)| name.as_str()).collect()
    }

    /// For a report: what it is, without its texts.
    #[must_use]
    pub fn words(&self) -> String {
        let what = match (&self.before, &self.after) {
            (None, _) => "new",
            (_, None) => "gone",
            _ => "different",
        };
        let name = ["ap_id", "host", "object_ap_id", "id"].into_iter().find(|name| !self.column(name).is_null());
        let name = name.map(|name| self.column(name).to_string()).unwrap_or_default();
        format!("{what} in {}: {name} {}", self.table, self.columns().join(", "))
    }
}

/// What tells the rows of a table apart.
fn key(table: &str, row: &Value) -> String {
    let columns: &[&str] = match table {
        "hosts" => &["host"],
        "groups" | "personas" => &["actor_id"],
        "memberships" => &["group_id", "actor_id"],
        "seen_activities" => &["id_hash"],
        "setup_codes" => &["code_hash"],
        _ => &["id"],
    };
    columns.iter().map(|column| row[*column].to_string()).collect::<Vec<_>>().join(" ")
}

impl Picture {
    /// Takes one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn take(app: &App) -> anyhow::Result<Self> {
        Ok(Self(app.db.read(dialect::every_row)?.into_iter().collect()))
    }

    /// What is different in `later`. When a server was last heard of does not count.
    ///
    /// # Errors
    /// When a row is no JSON.
    pub fn changes(&self, later: &Self) -> anyhow::Result<Vec<Change>> {
        let read = |(table, line): &(String, String)| -> anyhow::Result<(String, Value)> {
            Ok((table.clone(), serde_json::from_str(line).with_context(|| format!("a row of {table}"))?))
        };
        let mut changes = Vec::new();
        for gone in self.0.difference(&later.0) {
            let (table, row) = read(gone)?;
            changes.push(Change { table, before: Some(row), after: None });
        }
        for new in later.0.difference(&self.0) {
            let (table, row) = read(new)?;
            let same = |change: &&mut Change| {
                change.after.is_none()
                    && change.table == table
                    && change.before.as_ref().is_some_and(|before| key(&table, before) == key(&table, &row))
            };
            match changes.iter_mut().find(same) {
                Some(change) => change.after = Some(row),
                None => changes.push(Change { table, before: None, after: Some(row) }),
            }
        }
        let only_times = |change: &Change| change.columns().iter().all(|column| TIMES_OF_HOSTS.contains(column));
        changes.retain(|change| {
            change.table != "hosts" || change.is_new() || change.after.is_none() || !only_times(change)
        });
        Ok(changes)
    }
}
