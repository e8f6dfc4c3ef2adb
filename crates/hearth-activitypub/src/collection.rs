//! Collections (profile 2.5). Which items stand where is the caller's business; the shapes are made here.
//!
//! Must never list followers, members or attendees: those collections are always written empty.

use serde_json::{Value, json};
use url::Url;

use crate::context::{embedded, top_level};
use crate::write::put;

/// The root of an ordered collection.
#[derive(Debug, Clone)]
pub struct OrderedCollection {
    /// Its id.
    pub id: Url,
    /// How many there are in all; `None` where the number itself would tell too much.
    pub total: Option<u64>,
    /// The items in full, in order; `None` leaves `orderedItems` out.
    pub items: Option<Vec<Value>>,
    /// The first page.
    pub first: Option<Url>,
    /// The group a thread belongs to (FEP-7888).
    pub attributed_to: Option<Url>,
}

impl OrderedCollection {
    /// A collection of these items without pages.
    pub fn of(id: Url, items: Vec<Value>) -> Self {
        let total = Some(u64::try_from(items.len()).unwrap_or(u64::MAX));
        Self { id, total, items: Some(items), first: None, attributed_to: None }
    }
}

/// A page of an ordered collection.
#[derive(Debug, Clone)]
pub struct OrderedCollectionPage {
    /// The page's own address.
    pub id: Url,
    /// The collection.
    pub part_of: Url,
    /// The page after this one.
    pub next: Option<Url>,
    /// The items in full, in order.
    pub items: Vec<Value>,
}

/// `OrderedCollection` as a top-level document.
pub fn ordered_collection(collection: OrderedCollection) -> Value {
    let mut document = json!({"id": collection.id, "type": "OrderedCollection"});
    put(&mut document, "totalItems", collection.total.map(|total| json!(total)));
    put(&mut document, "orderedItems", collection.items.map(without_contexts));
    put(&mut document, "first", collection.first.map(|first| json!(first)));
    put(&mut document, "attributedTo", collection.attributed_to.map(|group| json!(group)));
    top_level(document)
}

/// `OrderedCollectionPage` as a top-level document.
pub fn ordered_collection_page(page: OrderedCollectionPage) -> Value {
    let mut document = json!({
        "id": page.id,
        "type": "OrderedCollectionPage",
        "partOf": page.part_of,
        "orderedItems": without_contexts(page.items),
    });
    put(&mut document, "next", page.next.map(|next| json!(next)));
    top_level(document)
}

/// `OrderedCollection` with no items: members, `empty`, a person's outbox.
pub fn empty_ordered_collection(id: &Url) -> Value {
    top_level(json!({"id": id, "type": "OrderedCollection", "totalItems": 0, "orderedItems": []}))
}

/// `Collection` with no items: followers and attendees. Lemmy wants exactly `items: []` for followers.
///
/// `total` is `None` for attendees: a small number identifies people.
pub fn nameless_collection(id: &Url, total: Option<u64>) -> Value {
    let mut document = json!({"id": id, "type": "Collection", "items": []});
    put(&mut document, "totalItems", total.map(|total| json!(total)));
    top_level(document)
}

fn without_contexts(items: Vec<Value>) -> Value {
    items.into_iter().map(embedded).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn an_outbox() {
        insta::assert_json_snapshot!("outbox", samples::outbox());
    }

    #[test]
    fn a_page_of_an_outbox() {
        insta::assert_json_snapshot!("outbox_page", samples::outbox_page());
    }

    #[test]
    fn collections_that_name_nobody() {
        let followers = samples::url("https://h.example/g/tea/followers");
        insta::assert_json_snapshot!("followers", nameless_collection(&followers, Some(12)));
        let attendees = samples::url("https://h.example/e/01k/attendees");
        insta::assert_json_snapshot!("attendees", nameless_collection(&attendees, None));
        let members = samples::url("https://h.example/g/tea/members");
        insta::assert_json_snapshot!("members", empty_ordered_collection(&members));
    }
}
