//! The outbox of a group: what others read to catch up (profile 2.5, 9.3).
//!
//! * The root holds the newest posts in full, each as `Announce{Create{Page}}` and nothing else: Lemmy loses the whole
//!   outbox over one item of another shape.
//! * Page 1 holds the newest posts and meetups to come, each as an Announce.
//! * Page 2 begins with all meetups to come as the group's own `Create{Event}`, which is what event sites read. It and
//!   the pages after it go on with the posts.
//!
//! Only what was written here is listed; what members elsewhere wrote is told by their own servers. These activities
//! are made for reading and have no documents of their own, hence their ids with a fragment.
//!
//! Must never: list anything that the reader's server may not see.

use chrono::{DateTime, Utc};
use hearth_actions::{ActionError, Site, documents};
use hearth_activitypub::{
    activity::Reach,
    collection::{OrderedCollection, OrderedCollectionPage, ordered_collection, ordered_collection_page},
    outbound::{self, Announcer},
};
use hearth_db::{
    DbConn, Time,
    tables::{actors::Actor, events::Event},
    views::{Authored, calendar, outbox, visible::Reader},
};
use serde_json::Value;
use url::Url;

/// Posts in the root.
const ROOT: i64 = 50;
/// Items of a page.
const PAGE: usize = 20;
/// Pages that are served.
const PAGES: u32 = 50;
/// Meetups to come that are listed.
const MEETUPS: i64 = 20;

/// A group's outbox at one moment.
pub(crate) struct GroupOutbox<'a> {
    site: &'a Site,
    group: &'a Actor,
    reader: Reader,
    id: Url,
    by: Announcer,
    now: DateTime<Utc>,
}

impl<'a> GroupOutbox<'a> {
    /// The outbox of a group with what its readers may see: everybody, or in a group for members the members.
    pub(crate) fn new(site: &'a Site, group: &'a Actor, reach: Reach, now: DateTime<Utc>) -> Self {
        let actor = group.ap_id.url().clone();
        let reader = if reach == Reach::Public { Reader::anybody() } else { Reader::member(group.id) };
        let by =
            Announcer { followers: site.at.followers(&actor), reach, group: Some(actor.clone()), actor: actor.clone() };
        Self { site, group, reader, id: site.at.outbox(&actor), by, now }
    }

    /// The root.
    pub(crate) fn root(&self, c: &mut DbConn) -> Result<Value, ActionError> {
        let posts = outbox::local_roots(c, &self.reader, self.group.id, 0, ROOT)?;
        let total = outbox::count_local_roots(c, &self.reader, self.group.id)?;
        let items = posts.iter().map(|post| self.announced_post(c, post)).collect::<Result<Vec<_>, _>>()?;
        Ok(ordered_collection(OrderedCollection {
            id: self.id.clone(),
            total: u64::try_from(total).ok(),
            items: Some(items),
            first: Some(self.page_id(1)),
            attributed_to: None,
        }))
    }

    /// A page, counted from 1.
    ///
    /// # Errors
    /// `NotFound` beyond the last page that is ever served.
    pub(crate) fn page(&self, c: &mut DbConn, page: u32) -> Result<Value, ActionError> {
        if !(1..=PAGES).contains(&page) {
            return Err(ActionError::NotFound);
        }
        let meetups = local_meetups(c, &self.reader, self.group, self.now)?;
        let front = outbox::local_roots(c, &self.reader, self.group.id, 0, count(PAGE))?;
        let (items, on_front) = self.front(c, &front, &meetups)?;
        let (items, more) = match page {
            1 => (items, front.len() == PAGE || on_front < front.len() || !meetups.is_empty()),
            _ => self.later(c, page, on_front, &meetups)?,
        };
        let next = (more && page < PAGES).then(|| self.page_id(page.saturating_add(1)));
        Ok(ordered_collection_page(OrderedCollectionPage {
            id: self.page_id(page),
            part_of: self.id.clone(),
            next,
            items,
        }))
    }

    /// The first page, newest first, and how many of the posts are on it.
    fn front(&self, c: &mut DbConn, posts: &[Authored], meetups: &[Event]) -> Result<(Vec<Value>, usize), ActionError> {
        enum One<'b> {
            Post(&'b Authored),
            Meetup(&'b Event),
        }
        let mut all: Vec<(Time, One<'_>)> = posts.iter().map(|p| (p.post.published_at, One::Post(p))).collect();
        all.extend(meetups.iter().map(|meetup| (meetup.published_at, One::Meetup(meetup))));
        all.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        all.truncate(PAGE);
        let on_front = all.iter().filter(|(_, one)| matches!(one, One::Post(_))).count();
        let items = all.into_iter().map(|(_, one)| match one {
            One::Post(post) => self.announced_post(c, post),
            One::Meetup(meetup) => {
                let created = self.created_meetup(c, meetup)?;
                Ok(self.announced(&meetup.id.to_string(), created, meetup.published_at))
            }
        });
        Ok((items.collect::<Result<_, ActionError>>()?, on_front))
    }

    /// A page after the first, and whether there is more.
    fn later(
        &self,
        c: &mut DbConn,
        page: u32,
        on_front: usize,
        meetups: &[Event],
    ) -> Result<(Vec<Value>, bool), ActionError> {
        let pages = usize::try_from(page.saturating_sub(2)).unwrap_or(usize::MAX);
        let skip = pages.saturating_mul(PAGE).saturating_add(on_front);
        let posts = outbox::local_roots(c, &self.reader, self.group.id, count(skip), count(PAGE))?;
        let mut items = Vec::new();
        if page == 2 {
            for meetup in meetups {
                items.push(self.created_meetup(c, meetup)?);
            }
        }
        for post in &posts {
            items.push(self.announced_post(c, post)?);
        }
        Ok((items, posts.len() == PAGE))
    }

    fn announced_post(&self, c: &mut DbConn, post: &Authored) -> Result<Value, ActionError> {
        let key = post.post.id.to_string();
        let document = documents::post(c, self.site, &post.post, self.now)?;
        let author = post.author.ap_id.url();
        let at = post.post.published_at;
        let created = outbound::create(&self.made_id("create", &key), author, document, at.utc());
        Ok(self.announced(&key, created, at))
    }

    fn created_meetup(&self, c: &mut DbConn, meetup: &Event) -> Result<Value, ActionError> {
        let document = documents::event(c, self.site, meetup)?;
        let id = self.made_id("create", &meetup.id.to_string());
        Ok(outbound::create(&id, self.group.ap_id.url(), document, meetup.published_at.utc()))
    }

    fn announced(&self, key: &str, inner: Value, at: Time) -> Value {
        outbound::announce_activity(&self.made_id("announce", key), &self.by, inner, at.utc())
    }

    fn made_id(&self, verb: &str, key: &str) -> Url {
        made_id(&self.id, verb, key)
    }

    fn page_id(&self, page: u32) -> Url {
        self.site.at.outbox_page(self.group.ap_id.url(), page)
    }
}

/// The id of an activity that is only made for a collection.
pub(crate) fn made_id(collection: &Url, verb: &str, key: &str) -> Url {
    let mut id = collection.clone();
    id.set_fragment(Some(&format!("{verb}-{key}")));
    id
}

/// Meetups of a group that have not ended and that the reader may see, soonest first.
pub(crate) fn local_meetups(
    c: &mut DbConn,
    reader: &Reader,
    group: &Actor,
    now: DateTime<Utc>,
) -> Result<Vec<Event>, ActionError> {
    let mut meetups = calendar::upcoming(c, reader, &[group.id], now.into(), MEETUPS)?;
    meetups.retain(|meetup| meetup.local);
    Ok(meetups)
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
