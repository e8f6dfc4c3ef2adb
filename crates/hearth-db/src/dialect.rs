//! The SQL that diesel cannot say for both databases at once.
//!
//! Parameters are numbered in order and never used twice: that is the spelling both databases understand.

use crate::{
    DbConn, Result, Time, Tx,
    statement::Statement,
    tables::{
        TAKEN_OVER,
        activities::Activity,
        deliveries::{LeaseLimits, Software, To},
    },
    transaction::LISTEN,
};
use diesel::{
    OptionalExtension, QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    sql_query,
    sql_types::{BigInt, Bool, Nullable, Text, Timestamp},
};
use hearth_domain::id::{ActivityId, ActorId, PostId};
use std::collections::BTreeMap;
use std::collections::HashMap;

#[derive(QueryableByName)]
struct RowId {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// PostgreSQL locks the rows it leases and passes over rows that another node is leasing. SQLite has one writer.
const fn skip_locked(connection: &DbConn) -> &'static str {
    match connection {
        DbConn::Postgres(_) => "FOR UPDATE SKIP LOCKED",
        DbConn::Sqlite(_) => "",
    }
}

/// What leasing a row says of the attempt before: only a lease that ran out leaves the row leased, with no result.
fn result_of_lease() -> String {
    format!("CASE WHEN state = 'leased' THEN '{TAKEN_OVER}' ELSE last_result END")
}

/// Adds a host that is not known yet.
pub(crate) fn insert_host_if_new(tx: &mut Tx<'_>, host: &str) -> Result<()> {
    Statement::new("INSERT INTO hosts (host, blocked, partner, failures) VALUES ($1, FALSE, FALSE, 0) ON CONFLICT (host) DO NOTHING")
        .text(host)
        .execute(&mut **tx)?;
    Ok(())
}

/// Adds one delivery, once.
pub(crate) fn insert_delivery(
    tx: &mut Tx<'_>,
    activity: ActivityId,
    object: &str,
    host: &str,
    inbox: &str,
    now: Time,
) -> Result<()> {
    insert_host_if_new(tx, host)?;
    tx.queued();
    Statement::new(
        "INSERT INTO deliveries (activity_id, object_ap_id, host, inbox, state, attempts, due_at, created_at) \
         VALUES ($1, $2, $3, $4, 'ready', 0, $5, $6) ON CONFLICT (activity_id, inbox) DO NOTHING",
    )
    .bigint(activity.get())
    .text(object)
    .text(host)
    .text(inbox)
    .time(now)
    .time(now)
    .execute(&mut **tx)?;
    Ok(())
}

/// Adds one delivery for each inbox of the servers of those who follow `target`, or are members of it, in one statement.
pub(crate) fn fan_out(
    tx: &mut Tx<'_>,
    activity: &Activity,
    target: ActorId,
    to: To<'_>,
    software: Software<'_>,
    now: Time,
) -> Result<usize> {
    // A list in one parameter: `,mastodon,misskey,`. Software names hold no comma and no wildcard; `?` is none.
    let (listed, wanted) = match software {
        Software::AllBut(list) => (list, "but"),
        Software::Only(list) => (list, "only"),
    };
    let listed = format!(",{},", listed.join(","));
    // No host has an empty name.
    let (but, only) = match to {
        To::All => ("", ""),
        To::AllBut(host) => (host, ""),
        To::Only(host) => ("", host),
    };
    tx.queued();
    Ok(Statement::new(
        "INSERT INTO deliveries (activity_id, object_ap_id, host, inbox, state, attempts, due_at, created_at) \
         SELECT DISTINCT $1, $2, a.host, COALESCE(a.shared_inbox, a.inbox), 'ready', 0, $3, $4 \
         FROM (SELECT follower_id AS id FROM follows WHERE target_id = $5 AND state = 'accepted' \
               UNION ALL SELECT actor_id FROM memberships WHERE group_id = $6 AND state = 'active') p \
         JOIN actors a ON a.id = p.id LEFT JOIN hosts h ON h.host = a.host \
         WHERE NOT a.local AND a.deleted_at IS NULL AND a.host <> $7 AND ($8 = '' OR a.host = $9) \
           AND NOT COALESCE(h.blocked, FALSE) AND h.asleep_since IS NULL AND ($10 LIKE '%,' || COALESCE(h.software, '?') || ',%') = ($11 = 'only') \
         ON CONFLICT (activity_id, inbox) DO NOTHING",
    )
    .bigint(activity.id.get())
    .text(&*activity.object_ap_id)
    .time(now)
    .time(now)
    .bigint(target.get())
    .bigint(target.get())
    .text(but)
    .text(only)
    .text(only)
    .text(listed)
    .text(wanted)
    .execute(&mut **tx)?)
}

/// Whether a post, or one above it, or the root is closed. Deeper than this, only the root counts.
pub(crate) fn closed_above(connection: &mut DbConn, post: PostId, root: PostId) -> Result<bool> {
    const DEEPEST: i64 = 200;
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        closed: i64,
    }
    let rows: Vec<Row> = Statement::new(
        "WITH RECURSIVE up(id, parent_id, depth) AS ( \
           SELECT id, parent_id, CAST(0 AS BIGINT) FROM posts WHERE id = $1 \
           UNION ALL SELECT p.id, p.parent_id, up.depth + 1 FROM up JOIN posts p ON p.id = up.parent_id WHERE up.depth < $2) \
         SELECT COUNT(*) AS closed FROM locks WHERE post_id = $3 OR post_id IN (SELECT id FROM up)",
    )
    .bigint(post.get())
    .bigint(DEEPEST)
    .bigint(root.get())
    .load(connection)?;
    Ok(rows.iter().any(|row| row.closed > 0))
}

/// Notes that an activity takes effect; `false` when that was noted before.
pub(crate) fn note_activity(tx: &mut Tx<'_>, id_hash: &str, now: Time) -> Result<bool> {
    let noted = Statement::new("INSERT INTO seen_activities (id_hash, seen_at) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .text(id_hash)
        .time(now)
        .execute(&mut **tx)?;
    Ok(noted == 1)
}

/// One delivery to each server that anybody here has met, at whichever inbox is known there.
pub(crate) fn tell_everybody(tx: &mut Tx<'_>, activity: &Activity, now: Time) -> Result<usize> {
    tx.queued();
    Ok(Statement::new(
        "INSERT INTO deliveries (activity_id, object_ap_id, host, inbox, state, attempts, due_at, created_at) \
         SELECT $1, $2, a.host, COALESCE(MIN(a.shared_inbox), MIN(a.inbox)), 'ready', 0, $3, $4 \
         FROM actors a LEFT JOIN hosts h ON h.host = a.host \
         WHERE NOT a.local AND a.deleted_at IS NULL AND NOT COALESCE(h.blocked, FALSE) AND h.asleep_since IS NULL \
         GROUP BY a.host \
         ON CONFLICT (activity_id, inbox) DO NOTHING",
    )
    .bigint(activity.id.get())
    .text(&*activity.object_ap_id)
    .time(now)
    .time(now)
    .execute(&mut **tx)?)
}

/// What waits, in the words of the index that finds it.
const WAITING: &str = "state IN ('ready', 'leased')";

/// Hosts for which something is due. It steps from host to host along the index, so that a long queue costs no more
/// than a short one.
pub(crate) fn hosts_with_work(connection: &mut DbConn, now: Time) -> Result<Vec<(String, bool)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        host: String,
        #[diesel(sql_type = Bool)]
        fails: bool,
    }
    let query = format!(
        "WITH RECURSIVE waiting(host) AS ( \
           SELECT (SELECT d.host FROM deliveries d WHERE d.{WAITING} ORDER BY d.host LIMIT 1) \
           UNION ALL \
           SELECT (SELECT d.host FROM deliveries d WHERE d.{WAITING} AND d.host > w.host ORDER BY d.host LIMIT 1) \
           FROM waiting w WHERE w.host IS NOT NULL \
         ) \
         SELECT w.host, COALESCE(h.failures, 0) > 0 AS fails FROM waiting w LEFT JOIN hosts h ON h.host = w.host \
         WHERE w.host IS NOT NULL AND (h.next_try_at IS NULL OR h.next_try_at <= $1) AND NOT COALESCE(h.blocked, FALSE) \
           AND EXISTS (SELECT 1 FROM deliveries d WHERE d.host = w.host AND d.{WAITING} \
                       AND ((d.state = 'ready' AND d.due_at <= $2) OR (d.state = 'leased' AND d.lease_until <= $3)))"
    );
    let rows: Vec<Row> = Statement::new(query).time(now).time(now).time(now).load(connection)?;
    Ok(rows.into_iter().map(|row| (row.host, row.fails)).collect())
}

/// Leases deliveries of these hosts. For one host: no more in flight than it has places, one while it fails. For one host
/// and object: only the oldest that is not done, so that Create, Update and Delete arrive in that order.
pub(crate) fn lease_deliveries(
    tx: &mut Tx<'_>,
    hosts: &HashMap<String, i64>,
    now: Time,
    limits: LeaseLimits,
) -> Result<Vec<i64>> {
    let due = |columns: &str| {
        format!(
            "SELECT {columns} FROM deliveries x WHERE x.host = j.key AND x.{WAITING} \
               AND ((x.state = 'ready' AND x.due_at <= $4) OR (x.state = 'leased' AND x.lease_until <= $5)) \
               AND NOT EXISTS (SELECT 1 FROM deliveries e WHERE e.host = x.host AND e.object_ap_id = x.object_ap_id \
                               AND e.{WAITING} AND e.id < x.id) \
             ORDER BY x.id LIMIT $6"
        )
    };
    // The hosts come as one JSON object. Each database has its own way of asking something for each of them.
    let candidates = match **tx {
        DbConn::Postgres(_) => {
            format!("json_each_text($3::json) j(key, value) CROSS JOIN LATERAL ({}) d", due("x.id, x.host"))
        }
        DbConn::Sqlite(_) => format!("json_each($3) j JOIN deliveries d ON d.id IN ({})", due("x.id")),
    };
    let query = format!(
        "UPDATE deliveries SET state = 'leased', attempts = attempts + 1, lease_until = $1, last_result = {} WHERE id IN ( \
           SELECT id FROM deliveries WHERE id IN ( \
             SELECT id FROM ( \
               SELECT d.id, ROW_NUMBER() OVER (PARTITION BY d.host ORDER BY d.id) AS place, \
                 (SELECT COUNT(*) FROM deliveries l WHERE l.host = d.host AND l.state = 'leased' AND l.lease_until > $2) AS flying, \
                 COALESCE(h.failures, 0) AS failures, CAST(j.value AS BIGINT) AS places \
               FROM {candidates} LEFT JOIN hosts h ON h.host = d.host \
               WHERE (h.next_try_at IS NULL OR h.next_try_at <= $7) AND NOT COALESCE(h.blocked, FALSE) \
             ) ranked WHERE place + flying <= CASE WHEN failures > 0 THEN 1 ELSE places END ORDER BY place, id LIMIT $8 \
           ) {} \
         ) RETURNING id",
        result_of_lease(),
        skip_locked(tx)
    );
    let rows: Vec<RowId> = Statement::new(query)
        .time(limits.until)
        .time(now)
        .text(serde_json::json!(hosts).to_string())
        .time(now)
        .time(now)
        .bigint(hosts.values().copied().max().unwrap_or(0))
        .time(now)
        .bigint(limits.most)
        .load(&mut **tx)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Stores a received activity, once. `false` when it waits already.
pub(crate) fn insert_incoming(tx: &mut Tx<'_>, id_hash: &str, signer: &str, body: &str, now: Time) -> Result<bool> {
    tx.queued();
    let added = Statement::new(
        "INSERT INTO incoming (id_hash, signer_ap_id, body, state, attempts, due_at, created_at) \
         VALUES ($1, $2, $3, 'ready', 0, $4, $5) ON CONFLICT (id_hash) DO NOTHING",
    )
    .text(id_hash)
    .text(signer)
    .text(body)
    .time(now)
    .time(now)
    .execute(&mut **tx)?;
    Ok(added == 1)
}

/// Leases received activities.
pub(crate) fn lease_incoming(tx: &mut Tx<'_>, now: Time, until: Time, most: i64) -> Result<Vec<i64>> {
    let query = format!(
        "UPDATE incoming SET state = 'leased', attempts = attempts + 1, lease_until = $1, last_result = {} WHERE id IN ( \
           SELECT id FROM incoming WHERE (state = 'ready' AND due_at <= $2) OR (state = 'leased' AND lease_until <= $3) \
           ORDER BY id LIMIT $4 {} \
         ) RETURNING id",
        result_of_lease(),
        skip_locked(tx)
    );
    let rows: Vec<RowId> = Statement::new(query).time(until).time(now).time(now).bigint(most).load(&mut **tx)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Asks PostgreSQL to tell this connection of work that is queued. Nothing happens on SQLite, which has nobody to tell.
pub(crate) fn listen(connection: &mut DbConn) -> Result<()> {
    match connection {
        DbConn::Postgres(postgres) => Ok(postgres.batch_execute(LISTEN)?),
        DbConn::Sqlite(_) => Ok(()),
    }
}

/// Whether work was queued since this was last asked. Never waits.
pub(crate) fn news(connection: &mut DbConn) -> Result<bool> {
    let DbConn::Postgres(postgres) = connection else { return Ok(false) };
    let mut news = false;
    for notification in postgres.notifications_iter() {
        notification?;
        news = true;
    }
    Ok(news)
}

/// Lets a SQLite database grow to no more than so many pages: a full disk for tests. Nothing happens on PostgreSQL. It
/// lasts as long as the connection.
#[cfg(any(test, feature = "faults"))]
pub(crate) fn limit_pages(connection: &mut DbConn, most: u64) -> Result<()> {
    match connection {
        DbConn::Sqlite(sqlite) => Ok(sqlite.batch_execute(&format!("PRAGMA max_page_count={most}"))?),
        DbConn::Postgres(_) => Ok(()),
    }
}

/// How many pages a SQLite database has; none on PostgreSQL.
///
/// # Errors
/// Database errors.
#[cfg(any(test, feature = "faults"))]
pub fn page_count(connection: &mut DbConn) -> Result<u64> {
    #[derive(QueryableByName)]
    struct Pages {
        #[diesel(sql_type = BigInt)]
        page_count: i64,
    }
    let DbConn::Sqlite(sqlite) = connection else { return Ok(0) };
    let pages: Pages = sql_query("SELECT page_count FROM pragma_page_count").get_result(sqlite)?;
    Ok(pages.page_count.unsigned_abs())
}

/// Whether the database answers and holds together; for the doctor. The text says what is wrong.
///
/// # Errors
/// Database errors.
pub fn integrity(connection: &mut DbConn) -> Result<Vec<String>> {
    #[derive(QueryableByName)]
    struct Finding {
        #[diesel(sql_type = Text)]
        finding: String,
    }
    match connection {
        DbConn::Sqlite(sqlite) => {
            let rows: Vec<Finding> =
                sql_query("SELECT integrity_check AS finding FROM pragma_integrity_check LIMIT 10").load(sqlite)?;
            Ok(rows.into_iter().map(|row| row.finding).filter(|finding| finding != "ok").collect())
        }
        DbConn::Postgres(postgres) => {
            postgres.batch_execute("SELECT 1")?;
            Ok(Vec::new())
        }
    }
}

/// The columns of every table, as the database itself names them, with their types and `null` where they may be empty:
/// `posts.title text null`. For the test that holds both migrations and the program together.
///
/// # Errors
/// Database errors.
pub fn columns(connection: &mut DbConn) -> Result<Vec<String>> {
    #[derive(QueryableByName)]
    struct Column {
        #[diesel(sql_type = Text)]
        line: String,
    }
    let query = match connection {
        DbConn::Sqlite(_) => {
            // An automatic row id is declared INTEGER and holds 64 bits.
            "SELECT m.name || '.' || c.name || ' ' \
               || CASE WHEN c.pk = 1 AND m.sql LIKE '%AUTOINCREMENT%' THEN 'bigint' \
                       WHEN c.type = 'BLOB' THEN 'bytea' ELSE LOWER(c.type) END \
               || CASE WHEN c.\"notnull\" = 1 OR c.pk > 0 THEN '' ELSE ' null' END AS line \
             FROM sqlite_master m JOIN pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY 1"
        }
        DbConn::Postgres(_) => {
            "SELECT (table_name || '.' || column_name || ' ' || SPLIT_PART(data_type, ' ', 1) \
               || CASE WHEN is_nullable = 'NO' THEN '' ELSE ' null' END)::text COLLATE \"C\" AS line FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name NOT LIKE '\\_\\_%' ORDER BY 1"
        }
    };
    let rows: Vec<Column> = sql_query(query).load(connection)?;
    Ok(rows.into_iter().map(|row| row.line).collect())
}

/// Every row of every table of this schema, as the name of its table and the row as JSON. For checks that nothing
/// changed: it holds keys and texts, so it may never be logged or served.
///
/// # Errors
/// Database errors.
pub fn every_row(connection: &mut DbConn) -> Result<Vec<(String, String)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        line: String,
    }
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for column in columns(connection)? {
        let mut words = column.split(' ');
        let (name, kind) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        if let Some((table, column)) = name.split_once('.') {
            // JSON has no place for bytes.
            let value = if kind == "bytea" { format!("hex(\"{column}\")") } else { format!("\"{column}\"") };
            tables.entry(table.to_owned()).or_default().push(format!("'{column}', {value}"));
        }
    }
    let mut found = Vec::new();
    for (table, pairs) in tables {
        let query = match connection {
            DbConn::Sqlite(_) => format!("SELECT json_object({}) AS line FROM \"{table}\"", pairs.join(", ")),
            DbConn::Postgres(_) => format!("SELECT to_jsonb(t)::text AS line FROM \"{table}\" t"),
        };
        let rows: Vec<Row> = sql_query(query).load(connection)?;
        found.extend(rows.into_iter().map(|row| (table.clone(), row.line)));
    }
    Ok(found)
}

/// Since when the oldest delivery is due that nothing holds up, of servers that took nothing after `quiet_since`.
pub(crate) fn oldest_due(connection: &mut DbConn, now: Time, quiet_since: Option<Time>) -> Result<Option<Time>> {
    #[derive(QueryableByName)]
    struct Since {
        #[diesel(sql_type = Timestamp)]
        since: Time,
    }
    // Two queries, each along the index, that end at the first row: the queue may be long.
    let mut oldest = Vec::new();
    for (state, column) in [("ready", "due_at"), ("leased", "lease_until")] {
        let query = format!(
            "SELECT d.{column} AS since FROM deliveries d LEFT JOIN hosts h ON h.host = d.host \
             WHERE d.state = '{state}' AND d.{column} <= $1 AND COALESCE(h.failures, 0) = 0 AND h.next_try_at IS NULL \
               AND NOT COALESCE(h.blocked, FALSE) AND (h.last_ok_at IS NULL OR h.last_ok_at <= $2) \
               AND NOT EXISTS (SELECT 1 FROM deliveries e WHERE e.host = d.host AND e.object_ap_id = d.object_ap_id \
                               AND e.id < d.id AND e.state IN ('ready', 'leased')) \
             ORDER BY d.{column} LIMIT 1"
        );
        let query = Statement::new(query).time(now).time(quiet_since.unwrap_or(now));
        oldest.extend(query.get_result::<Since>(connection).optional()?.map(|row| row.since));
    }
    Ok(oldest.into_iter().min())
}

/// How large a database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Size {
    /// The database, in bytes.
    pub bytes: i64,
    /// The file of SQLite, beside which its write-ahead log grows.
    pub file: Option<std::path::PathBuf>,
}

/// How large the database is.
pub(crate) fn size(connection: &mut DbConn) -> Result<Size> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        bytes: i64,
        #[diesel(sql_type = Nullable<Text>)]
        file: Option<String>,
    }
    let query = match connection {
        DbConn::Sqlite(_) => {
            "SELECT p.page_count * s.page_size AS bytes, d.file AS file \
             FROM pragma_page_count() p, pragma_page_size() s, pragma_database_list() d WHERE d.name = 'main'"
        }
        DbConn::Postgres(_) => "SELECT pg_database_size(current_database()) AS bytes, NULL::text AS file",
    };
    let row: Row = sql_query(query).get_result(connection)?;
    Ok(Size { bytes: row.bytes, file: row.file.filter(|file| !file.is_empty()).map(Into::into) })
}

/// The number of the newest migration.
///
/// # Errors
/// Database errors.
pub fn schema_version(connection: &mut DbConn) -> Result<String> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        version: String,
    }
    let query = "SELECT CAST(MAX(version) AS TEXT) AS version FROM __diesel_schema_migrations";
    Ok(sql_query(query).get_result::<Row>(connection)?.version)
}

/// Everything in a SQLite database but the named tables, as text: tests compare it to see whether anything was written.
///
/// # Errors
/// Database errors.
#[cfg(feature = "faults")]
pub fn content(connection: &mut DbConn, left_out: &[&str]) -> Result<String> {
    #[derive(QueryableByName)]
    struct Word {
        #[diesel(sql_type = Nullable<Text>)]
        word: Option<String>,
    }
    let mut words = |query: String| -> Result<Vec<String>> {
        let rows: Vec<Word> = sql_query(query).load(connection)?;
        Ok(rows.into_iter().filter_map(|row| row.word).collect())
    };
    let mut content = String::new();
    let tables =
        "SELECT name AS word FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
    for table in words(tables.to_owned())? {
        if left_out.contains(&table.as_str()) {
            continue;
        }
        let columns = words(format!("SELECT name AS word FROM pragma_table_info('{table}')"))?;
        let row: Vec<String> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
        let row = row.join(" || ',' || ");
        content.push_str(&table);
        content.extend(words(format!(
            "SELECT group_concat({row}, ';') AS word FROM (SELECT * FROM \"{table}\" ORDER BY 1)"
        ))?);
        content.push('\n');
    }
    Ok(content)
}
