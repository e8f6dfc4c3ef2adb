//! Journeys between whole servers, over real HTTP. Each runs on SQLite, on PostgreSQL, and with both mixed.

mod away;
mod check_ins;
mod conversations;
mod following;
mod identity;
mod looking_after;
mod meetups;
mod members;
mod network_meetups;
mod partners;
mod watching;

use hearth_db::Kind;
use tests::network::TestNetwork;

/// Which database each server of a journey has: the first, and all others.
#[derive(Clone, Copy)]
pub struct Databases(Kind, Kind);

impl Databases {
    /// Starts servers with these names.
    async fn start(self, names: &[&str]) -> TestNetwork {
        let kind = |position| if position == 0 { self.0 } else { self.1 };
        let named: Vec<(&str, Kind)> =
            names.iter().enumerate().map(|(position, name)| (*name, kind(position))).collect();
        TestNetwork::start(&named).await
    }
}

/// Makes three tests of each journey; one, with a server on each kind of database, of a journey that takes long.
macro_rules! journeys {
    (long: $($journey:ident),+ $(,)?) => { $(
        mod $journey {
            use hearth_db::Kind::{Postgres, Sqlite};
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_both() {
                super::$journey(crate::Databases(Sqlite, Postgres)).await;
            }
        }
    )+ };
    ($($journey:ident),+ $(,)?) => { $(
        mod $journey {
            use hearth_db::Kind::{Postgres, Sqlite};
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                super::$journey(crate::Databases(Sqlite, Sqlite)).await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                super::$journey(crate::Databases(Postgres, Postgres)).await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_both() {
                super::$journey(crate::Databases(Sqlite, Postgres)).await;
            }
        }
    )+ };
}
pub(crate) use journeys;
