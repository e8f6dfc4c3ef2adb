//! Links by which another server can have a picture that is not for everybody: good for one picture and some days.
//!
//! Must never: be logged, or be told from a link that was never given by anything but whether it opens.

use crate::server::Site;
use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use hearth_domain::id::ImageId;
use url::Url;

/// What makes a link open a picture.
#[derive(Clone)]
pub struct Link {
    /// Until when, in seconds since 1970.
    pub until: i64,
    /// That this server said so.
    pub mac: String,
}

/// The key of such links. It follows from the server's own key, so that all nodes have it.
fn key(site: &Site) -> Option<hmac::Key> {
    let own = hmac::Key::new(hmac::HMAC_SHA256, site.actor.private_key_pem.as_ref()?.as_bytes());
    let derived = hmac::sign(&own, b"hearth media link");
    Some(hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref()))
}

fn said(id: ImageId, until: i64) -> String {
    format!("{id}\n{until}")
}

impl Link {
    /// A link that opens a picture until then.
    pub(crate) fn until(site: &Site, id: ImageId, until: DateTime<Utc>) -> Self {
        let until = until.timestamp();
        let mac = key(site).map(|key| URL_SAFE_NO_PAD.encode(hmac::sign(&key, said(id, until).as_bytes())));
        Self { until, mac: mac.unwrap_or_default() }
    }

    /// Its address.
    pub(crate) fn url(&self, site: &Site, id: ImageId) -> Url {
        let mut url = site.at.media(&id.to_string());
        url.query_pairs_mut().append_pair("until", &self.until.to_string()).append_pair("mac", &self.mac);
        url
    }

    /// Whether it opens this picture now. Takes as long for every wrong one.
    pub(crate) fn opens(&self, site: &Site, id: ImageId, now: DateTime<Utc>) -> bool {
        let Some(key) = key(site) else { return false };
        let mac = URL_SAFE_NO_PAD.decode(&self.mac).unwrap_or_default();
        let ours = hmac::verify(&key, said(id, self.until).as_bytes(), &mac).is_ok();
        ours && self.until > now.timestamp()
    }
}
