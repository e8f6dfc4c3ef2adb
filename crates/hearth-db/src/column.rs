//! Column types that read and write alike on SQLite, PostgreSQL and the connection that is either.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow, FromStaticSqlRow, Queryable},
    expression::AsExpression,
    serialize::{self, Output, ToSql},
    sql_types::{BigInt, Nullable, SingleValue, Text, Timestamp},
};

/// An instant in UTC, with microseconds, kept in a zone-less `TIMESTAMP` column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Timestamp)]
pub struct Time(NaiveDateTime);

impl Time {
    /// The instant.
    #[must_use]
    pub const fn utc(self) -> DateTime<Utc> {
        self.0.and_utc()
    }
}

impl From<DateTime<Utc>> for Time {
    /// Cuts to microseconds, which is what PostgreSQL keeps, so that both databases give back equal values.
    fn from(instant: DateTime<Utc>) -> Self {
        Self(DateTime::from_timestamp_micros(instant.timestamp_micros()).unwrap_or(instant).naive_utc())
    }
}

impl<DB: Backend> FromSql<Timestamp, DB> for Time
where
    NaiveDateTime: FromSql<Timestamp, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        NaiveDateTime::from_sql(value).map(Time)
    }
}

impl<DB: Backend> ToSql<Timestamp, DB> for Time
where
    NaiveDateTime: ToSql<Timestamp, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

/// Reads a nullable column into `Option<T>` for a `T` of `hearth-domain`, which knows no database.
#[derive(Debug)]
pub struct Opt<T>(Option<T>);

impl<T> From<Opt<T>> for Option<T> {
    fn from(value: Opt<T>) -> Self {
        value.0
    }
}

macro_rules! read_opt {
    ($sql:ty, $raw:ty) => {
        impl<T, DB> Queryable<Nullable<$sql>, DB> for Opt<T>
        where
            DB: Backend,
            Nullable<$sql>: SingleValue,
            Option<$raw>: FromStaticSqlRow<Nullable<$sql>, DB>,
            T: TryFrom<$raw>,
            T::Error: std::error::Error + Send + Sync + 'static,
        {
            type Row = Option<$raw>;
            fn build(row: Self::Row) -> deserialize::Result<Self> {
                Ok(Self(row.map(T::try_from).transpose()?))
            }
        }
    };
}
read_opt!(BigInt, i64);
read_opt!(Text, String);
