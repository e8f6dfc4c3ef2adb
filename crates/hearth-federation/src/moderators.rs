//! Who looks after a group elsewhere: reading the list that its server shows.
//!
//! Must never: follow a list to another server than its own, or read it without end.

use crate::{
    Federation,
    fetch::{FetchProblem, Shared},
};
use activitypub_federation::config::Data;
use hearth_activitypub::{
    Document,
    inbound::{CollectionDocument, First, Item},
};
use url::Url;

impl Federation {
    /// The ids in a group's list of moderators: in the collection itself, or on its first page. A list that is not there,
    /// or not readable, lists nobody.
    pub(crate) async fn read_moderators(
        &self,
        list: &Url,
        host: &str,
        data: &Data<Shared>,
    ) -> Result<Vec<Url>, FetchProblem> {
        let Some(collection) = self.read_list(list, host, data).await? else { return Ok(Vec::new()) };
        let page = match &collection.first {
            Some(First::Page(page)) => return Ok(both(&collection, page)),
            Some(First::Id(page)) if collection.items.is_empty() && page.origin() == list.origin() => page.clone(),
            _ => return Ok(listed(&collection)),
        };
        Ok(self.read_list(&page, host, data).await?.map(|page| listed(&page)).unwrap_or_default())
    }

    async fn read_list(
        &self,
        list: &Url,
        host: &str,
        data: &Data<Shared>,
    ) -> Result<Option<Box<CollectionDocument>>, FetchProblem> {
        match self.fetch_document(list, host, data).await {
            Ok(Document::Collection(collection)) => Ok(Some(collection)),
            Ok(_) => Ok(None),
            Err(problem) if problem.is_temporary() => Err(problem),
            Err(_) => Ok(None),
        }
    }
}

fn both(collection: &CollectionDocument, page: &CollectionDocument) -> Vec<Url> {
    listed(collection).into_iter().chain(listed(page)).collect()
}

fn listed(collection: &CollectionDocument) -> Vec<Url> {
    let id = |item: &Item| match item {
        Item::Id(id) => Some(id.clone()),
        Item::Object(document) => match document.as_ref() {
            Document::Actor(actor) => Some(actor.id.clone()),
            _ => None,
        },
        Item::Activity(_) | Item::Unreadable(..) => None,
    };
    collection.items.iter().filter_map(id).collect()
}
