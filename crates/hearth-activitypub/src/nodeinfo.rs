//! NodeInfo: what a server says about itself (profile 2.7), written and read.
//!
//! Must never give exact numbers of people or posts, and never count personas.

use serde_json::{Value, json};
use url::Url;

use crate::address::Addresses;
use crate::inbound::{self, Object, Refusal};
use crate::peer::Software;

/// Versions of the schema we serve, newest first.
pub const VERSIONS: [&str; 2] = ["2.1", "2.0"];

const REL: &str = "http://nodeinfo.diaspora.software/ns/schema/";
const APPLICATION_REL: &str = "https://www.w3.org/ns/activitystreams#Application";

/// What we tell. Numbers are rounded when written.
#[derive(Debug, Clone)]
pub struct NodeInfo {
    /// Hearth's version.
    pub version: String,
    /// Where the source code is.
    pub repository: Url,
    /// The server's name as people see it.
    pub node_name: String,
    /// Whether anyone can sign up.
    pub open_registrations: bool,
    /// Accounts (never personas) in all.
    pub users: u64,
    /// Accounts used in the last 30 days.
    pub active_month: u64,
    /// Accounts used in the last 180 days.
    pub active_half_year: u64,
    /// Public posts made here.
    pub local_posts: u64,
    /// Public replies made here.
    pub local_comments: u64,
}

/// `/.well-known/nodeinfo`.
pub fn links(at: &Addresses) -> Value {
    let mut links: Vec<Value> = Vec::new();
    for version in VERSIONS {
        links.push(json!({"rel": format!("{REL}{version}"), "href": at.page(&format!("nodeinfo/{version}"))}));
    }
    links.push(json!({"rel": APPLICATION_REL, "href": at.server()}));
    json!({"links": links})
}

/// `/nodeinfo/{version}`; `None` for a version we do not serve.
pub fn document(info: &NodeInfo, version: &str) -> Option<Value> {
    let version = VERSIONS.into_iter().find(|served| *served == version)?;
    let mut software = json!({"name": "hearth", "version": info.version});
    if version == "2.1" {
        crate::write::put(&mut software, "repository", Some(json!(info.repository)));
    }
    Some(json!({
        "version": version,
        "software": software,
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": []},
        "openRegistrations": info.open_registrations,
        "usage": {
            "users": {
                "total": tens(info.users),
                "activeMonth": tens(info.active_month),
                "activeHalfyear": tens(info.active_half_year),
            },
            "localPosts": hundreds(info.local_posts),
            "localComments": hundreds(info.local_comments),
        },
        "metadata": {
            "nodeName": info.node_name,
            "federation": {"enabled": true},
            "features": ["groups", "events"],
        },
    }))
}

/// Rounded down to tens.
const fn tens(number: u64) -> u64 {
    number - number % 10
}

/// Rounded to the nearest hundred.
const fn hundreds(number: u64) -> u64 {
    let up = number.saturating_add(50);
    up - up % 100
}

/// Where another server keeps what it says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Links {
    /// Its NodeInfo document of the newest version we read (2.1, 2.0, 1.1, 1.0).
    pub document: Option<Url>,
    /// Its instance actor (FEP-2677).
    pub application: Option<Url>,
}

/// What another server says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerInfo {
    /// Its software.
    pub software: Software,
    /// Whether it speaks ActivityPub.
    pub speaks_activitypub: bool,
    /// Its name; one line.
    pub node_name: Option<String>,
}

/// Reads `/.well-known/nodeinfo`.
///
/// # Errors
/// When it is not clean JSON, or names nothing we could use.
pub fn read_links(bytes: &[u8]) -> Result<Links, Refusal> {
    links_from_object(&inbound::parse_object(bytes)?)
}

/// Reads a NodeInfo document.
///
/// # Errors
/// When it is not clean JSON, or names no software.
pub fn read(bytes: &[u8]) -> Result<ServerInfo, Refusal> {
    from_object(&inbound::parse_object(bytes)?)
}

pub(crate) fn links_from_object(object: &Object) -> Result<Links, Refusal> {
    let entries = || inbound::list(object, "links").iter().filter_map(Value::as_object).take(32);
    let href = |rel: &str| {
        let link = entries().find(|link| inbound::string(link, "rel") == Some(rel))?;
        inbound::link_address(link.get("href")?)
    };
    let document = ["2.1", "2.0", "1.1", "1.0"].iter().find_map(|version| href(&format!("{REL}{version}")));
    let links = Links { document, application: href(APPLICATION_REL) };
    let nothing = links.document.is_none() && links.application.is_none();
    if nothing { Err(Refusal::WrongShape("links")) } else { Ok(links) }
}

pub(crate) fn from_object(object: &Object) -> Result<ServerInfo, Refusal> {
    let software = object.get("software").and_then(Value::as_object).ok_or(Refusal::MissingField("software"))?;
    let name = inbound::string(software, "name").ok_or(Refusal::MissingField("software"))?;
    let version = inbound::string(software, "version").unwrap_or_default();
    // A list in version 2, an object of lists in version 1.
    let outbound = object.get("protocols").and_then(Value::as_object).map(|by| inbound::list(by, "outbound"));
    let protocols = outbound.unwrap_or_else(|| inbound::list(object, "protocols"));
    let metadata = object.get("metadata").and_then(Value::as_object);
    Ok(ServerInfo {
        software: Software::new(name, version),
        speaks_activitypub: protocols.iter().any(|protocol| protocol.as_str() == Some("activitypub")),
        node_name: metadata.and_then(|of| inbound::string(of, "nodeName")).map(|name| inbound::one_line(name, 200)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn what_we_tell() {
        insta::assert_json_snapshot!("nodeinfo_links", links(&samples::here()));
        insta::assert_json_snapshot!("nodeinfo_2_1", document(&samples::node_info(), "2.1"));
        insta::assert_json_snapshot!("nodeinfo_2_0", document(&samples::node_info(), "2.0"));
        assert_eq!(document(&samples::node_info(), "1.0"), None);
    }

    #[test]
    fn ours_can_be_read() {
        let found = read_links(links(&samples::here()).to_string().as_bytes()).unwrap();
        assert_eq!(found.document.unwrap().as_str(), "https://h.example/nodeinfo/2.1");
        assert_eq!(found.application, Some(samples::here().server()));
        for version in VERSIONS {
            let info = read(document(&samples::node_info(), version).unwrap().to_string().as_bytes()).unwrap();
            assert_eq!((info.software.name(), info.speaks_activitypub), ("hearth", true));
            assert_eq!(info.node_name.as_deref(), Some("Northside Hearth"));
        }
    }

    #[test]
    fn what_says_nothing_is_refused() {
        assert_eq!(read_links(br#"{"links": []}"#), Err(Refusal::WrongShape("links")));
        assert_eq!(read_links(br#"{"links": [{"rel": 7, "href": 7}, 7]}"#), Err(Refusal::WrongShape("links")));
        assert_eq!(read(br#"{"software": "x"}"#), Err(Refusal::MissingField("software")));
        let old = read(br#"{"software": {"name": "Old"}, "protocols": {"outbound": ["activitypub"]}}"#).unwrap();
        assert_eq!((old.software.name(), old.speaks_activitypub), ("old", true));
    }

    #[test]
    fn numbers_are_rounded() {
        assert_eq!([0, 9, 10, 47].map(tens), [0, 0, 10, 40]);
        assert_eq!([0, 49, 50, 149, u64::MAX].map(hundreds), [0, 0, 100, 100, u64::MAX - u64::MAX % 100]);
    }
}
