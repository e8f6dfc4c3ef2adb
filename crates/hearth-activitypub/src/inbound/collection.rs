//! Collections and their pages (profile 2.5, 9.1).
//!
//! One unreadable item never spoils the rest. Nothing is followed from here: pages are fetched by the caller.

use serde_json::Value;
use url::Url;

use super::activity::Depth;
use super::refusal::Refusal;
use super::shape::{self, Fragment};
use super::strict::{Object, raw_parts};
use super::{Document, InboxActivity, MAX_ITEMS, ReadOptions, read_typed};

/// What kind of collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the ActivityStreams type of that name")]
pub enum CollectionKind {
    Collection,
    CollectionPage,
    OrderedCollection,
    OrderedCollectionPage,
}

impl CollectionKind {
    pub(crate) fn from_type(name: &str) -> Option<Self> {
        match name {
            "Collection" => Some(Self::Collection),
            "CollectionPage" => Some(Self::CollectionPage),
            "OrderedCollection" => Some(Self::OrderedCollection),
            "OrderedCollectionPage" => Some(Self::OrderedCollectionPage),
            _ => None,
        }
    }
}

/// One item.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// Only where it is.
    Id(Url),
    /// An activity.
    Activity(Box<InboxActivity>),
    /// Something else that could be read.
    Object(Box<Document>),
    /// Something that could not be read, with its id when it has one.
    Unreadable(Option<Url>, Refusal),
}

/// The first page of a collection.
#[derive(Debug, Clone, PartialEq)]
pub enum First {
    /// Where it is.
    Id(Url),
    /// The page itself.
    Page(Box<CollectionDocument>),
}

/// A collection, or a page of one.
#[derive(Debug, Clone, PartialEq)]
pub struct CollectionDocument {
    /// Its id. Pages inside a collection often have none.
    pub id: Option<Url>,
    /// What kind it is.
    pub kind: CollectionKind,
    /// How many items there are, as it says.
    pub total: Option<u64>,
    /// The items given here, in order; at most [`MAX_ITEMS`].
    pub items: Vec<Item>,
    /// The first page.
    pub first: Option<First>,
    /// The page after this one.
    pub next: Option<Url>,
    /// The collection that this is a page of.
    pub part_of: Option<Url>,
    /// Whose it is.
    pub attributed_to: Option<Url>,
}

pub(crate) fn read(
    object: &Object,
    text: &str,
    kind: &str,
    options: ReadOptions,
    depth: Depth,
) -> Result<CollectionDocument, Refusal> {
    let kind = CollectionKind::from_type(kind).ok_or_else(|| Refusal::unknown_type(kind))?;
    let id = match object.get("id") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(shape::id(text, Fragment::Allowed, options)?),
        Some(_) => return Err(Refusal::BadId),
    };
    let key = if object.contains_key("orderedItems") { "orderedItems" } else { "items" };
    let values = shape::list(object, key).iter().zip(raw_parts(text, key)).take(MAX_ITEMS);
    Ok(CollectionDocument {
        id,
        kind,
        total: object.get("totalItems").and_then(Value::as_u64),
        items: values.map(|(value, text)| item(value, text, options, depth)).collect(),
        first: first(object, text, options, depth),
        next: shape::useful_id(object, "next", options),
        part_of: shape::useful_id(object, "partOf", options),
        attributed_to: shape::useful_id(object, "attributedTo", options),
    })
}

fn item(value: &Value, text: &str, options: ReadOptions, depth: Depth) -> Item {
    let id = shape::id_text(value).map(|text| shape::id(text, Fragment::Allowed, options));
    match value {
        Value::String(_) => match id {
            Some(Ok(url)) => Item::Id(url),
            _ => Item::Unreadable(None, Refusal::BadId),
        },
        Value::Object(object) => match read_typed(object, text, options, depth) {
            Ok(Document::Activity(activity)) => Item::Activity(activity),
            Ok(document) => Item::Object(Box::new(document)),
            Err(refusal) => Item::Unreadable(id.and_then(Result::ok), refusal),
        },
        _ => Item::Unreadable(None, Refusal::WrongShape("items")),
    }
}

fn first(object: &Object, text: &str, options: ReadOptions, depth: Depth) -> Option<First> {
    let Some(Value::Object(page)) = object.get("first") else {
        return shape::useful_id(object, "first", options).map(First::Id);
    };
    let kind = shape::one_type(page, |name| CollectionKind::from_type(name).is_some()).ok()?;
    let text = raw_parts(text, "first").into_iter().next()?;
    let embedded = read(page, text, kind, options, depth).ok().map(|page| First::Page(Box::new(page)));
    embedded.or_else(|| shape::useful_id(object, "first", options).map(First::Id))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(members: &str) -> CollectionDocument {
        let json = format!(r#"{{"id": "https://x.example/c", "type": "OrderedCollection", {members}}}"#);
        match super::super::read_document(json.as_bytes(), ReadOptions::default()) {
            Ok(Document::Collection(collection)) => *collection,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn one_bad_item_does_not_spoil_the_rest() {
        let collection = check(
            r#""totalItems": 9, "orderedItems": ["https://x.example/1", 7, {"type": "Event", "id": "https://x.example/2"},
                {"type": "Announce", "actor": "https://x.example/g", "object": "https://x.example/3"},
                {"type": "Note", "id": "https://x.example/4"}]"#,
        );
        let words: Vec<&str> = collection
            .items
            .iter()
            .map(|item| match item {
                Item::Id(_) => "id",
                Item::Activity(activity) if activity.id.is_none() => "activity without id",
                Item::Activity(_) => "activity",
                Item::Object(document) => document.kind(),
                Item::Unreadable(Some(_), _) => "unreadable with id",
                Item::Unreadable(None, _) => "unreadable",
            })
            .collect();
        assert_eq!(words, ["id", "unreadable", "unreadable with id", "activity without id", "post"]);
        assert_eq!(collection.total, Some(9));
    }

    #[test]
    fn items_are_counted() {
        let many = vec![r#""https://x.example/1""#; 5000].join(",");
        assert_eq!(check(&format!(r#""items": [{many}]"#)).items.len(), MAX_ITEMS);
        assert_eq!(check(r#""totalItems": -1, "items": "https://x.example/1""#).items.len(), 1);
    }

    #[test]
    fn the_first_page_is_named_or_given() {
        let named = check(r#""first": "https://x.example/c?page=1""#).first;
        assert_eq!(named, Some(First::Id("https://x.example/c?page=1".parse().unwrap())));
        let given = check(
            r#""first": {"type": "CollectionPage", "next": "https://x.example/2", "items": ["https://x.example/1"]}"#,
        );
        let Some(First::Page(page)) = given.first else { panic!("{given:?}") };
        assert_eq!((page.items.len(), page.id), (1, None));
    }
}
