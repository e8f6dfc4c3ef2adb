//! Statements in SQL of our own that are prepared once and kept, as diesel keeps those it writes itself. (What
//! `diesel::sql_query` runs is prepared anew each time: a quarter of what it cost to relay a post.)
//!
//! Must never: be given a text with a value in it, for each text is kept.

use crate::{DbConn, Time};
use diesel::{
    QueryResult, RunQueryDsl,
    backend::Backend,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{BigInt, Text, Timestamp, Untyped},
};
use std::borrow::Cow;

/// A statement whose parameters are numbered in order, each used once: `$1`, `$2`.
pub(crate) struct Statement<'a> {
    sql: Cow<'static, str>,
    values: Vec<Parameter<'a>>,
}

enum Parameter<'a> {
    BigInt(i64),
    Text(Cow<'a, str>),
    Time(Time),
}

impl<'a> Statement<'a> {
    pub(crate) fn new(sql: impl Into<Cow<'static, str>>) -> Self {
        Self { sql: sql.into(), values: Vec::new() }
    }

    pub(crate) fn bigint(mut self, value: i64) -> Self {
        self.values.push(Parameter::BigInt(value));
        self
    }

    pub(crate) fn text(mut self, value: impl Into<Cow<'a, str>>) -> Self {
        self.values.push(Parameter::Text(value.into()));
        self
    }

    pub(crate) fn time(mut self, value: Time) -> Self {
        self.values.push(Parameter::Time(value));
        self
    }
}

impl<DB> QueryFragment<DB> for Statement<'_>
where
    DB: Backend,
    i64: ToSql<BigInt, DB>,
    str: ToSql<Text, DB>,
    Time: ToSql<Timestamp, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let mut rest: &str = &self.sql;
        for value in &self.values {
            // The database numbers its parameters itself, in the order in which they come.
            let (before, after) = rest.split_once('$').unwrap_or((rest, ""));
            rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
            out.push_sql(before);
            match value {
                Parameter::BigInt(value) => out.push_bind_param::<BigInt, _>(value)?,
                Parameter::Text(value) => out.push_bind_param::<Text, str>(value.as_ref())?,
                Parameter::Time(value) => out.push_bind_param::<Timestamp, _>(value)?,
            }
        }
        out.push_sql(rest);
        Ok(())
    }
}

/// Kept by its text.
impl QueryId for Statement<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Statement<'_> {
    type SqlType = Untyped;
}

impl RunQueryDsl<DbConn> for Statement<'_> {}
