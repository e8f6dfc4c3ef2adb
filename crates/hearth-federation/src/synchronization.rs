//! Followers synchronisation (profile 9.5): what a group elsewhere told with a delivery is compared at once; where it
//! differs, its server is asked, and the action puts right who is a member.
//!
//! Must never: believe a header that the signature does not cover, or ask for one group more than once in five minutes.

use crate::{Federation, FederationError, fetch::FetchProblem, origin::same_origin};
use hearth_actions::synchronization;
use hearth_activitypub::{
    Document,
    inbound::{self, Item},
};
use hearth_db::tables::actors::Actor;
use hearth_domain::id::ActorId;
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};
use url::Url;

/// Groups whose servers are to be asked, with where.
#[derive(Debug, Default)]
pub(crate) struct Differing(Mutex<BTreeMap<ActorId, Url>>);

/// Most groups that wait to be asked about; what is left out is told again with the next delivery.
const MOST: usize = 1_000;

impl Differing {
    fn add(&self, group: ActorId, url: Url) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < MOST {
            waiting.insert(group, url);
        }
    }

    fn take(&self) -> Option<(ActorId, Url)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_first()
    }
}

impl Federation {
    /// Compares what a group told with what is known here.
    pub(crate) async fn compare(&self, group: Actor, header: &str) {
        let Some(said) = synchronization::read(header) else { return };
        let id = group.id;
        let differs = self.blocking(move |app| app.db.read(|c| synchronization::differs(c, &group, &said)));
        match differs.await {
            Ok(Some(url)) if self.0.compared.note(url.as_str(), self.now()) => {
                self.0.differing.add(id, url);
                self.0.incoming.notify_one();
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(class = error.class(), "who is a member could not be compared"),
        }
    }

    /// Asks about the groups that differ, and puts right who is a member. Returns how many were asked about.
    ///
    /// # Errors
    /// Database errors.
    pub(crate) async fn synchronize(&self) -> Result<usize, FederationError> {
        let mut asked = 0;
        while let Some((group, url)) = self.0.differing.take() {
            asked += 1;
            match self.ask_members(&url).await {
                Ok(listed) => {
                    self.blocking(move |app| synchronization::repair(app, group, &listed)).await?;
                    self.0.outgoing.notify_one();
                }
                // It is told again with the next delivery.
                Err(problem) => tracing::debug!(class = problem.class(), "a list of members could not be had"),
            }
        }
        Ok(asked)
    }

    async fn ask_members(&self, url: &Url) -> Result<Vec<Url>, FetchProblem> {
        let ready = self.ready().await?;
        let key = ready.client.instance_key();
        let found = ready.client.get_activity(url, key.as_ref(), self.now()).await.map_err(FetchProblem::Fetch)?;
        let Ok(Document::Collection(list)) = inbound::read_document(&found.bytes, ready.options) else {
            return Err(FetchProblem::Unreadable);
        };
        // A part of the list would look like people who are missing.
        let whole = list.next.is_none() && list.total.is_none_or(|total| u64::try_from(list.items.len()) == Ok(total));
        if !whole || !same_origin(&found.final_url, url) {
            return Err(FetchProblem::Unreadable);
        }
        Ok(list.items.into_iter().filter_map(|item| if let Item::Id(id) = item { Some(id) } else { None }).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_group_is_asked_about_once() {
        let differing = Differing::default();
        let id = |number: i64| ActorId::try_from(number).unwrap();
        let url = |text: &str| Url::parse(text).unwrap();
        differing.add(id(1), url("https://elm.test/a"));
        differing.add(id(1), url("https://elm.test/b"));
        assert_eq!(differing.take(), Some((id(1), url("https://elm.test/b"))));
        assert_eq!(differing.take(), None);
    }
}
