//! What each page needs to know, as plain values, and the template that shows it.
//!
//! One file per noun, and one struct per page. The handlers fill these structs; nothing here reads the database, decides
//! who may see what, or formats a time. Every page is complete HTML that works without JavaScript. Nothing but
//! [`SafeHtml`] (and the icons) reaches a page unescaped.
//!
//! Forms post to these addresses, always with a field `token`:
//!
//! | page | forms |
//! |---|---|
//! | every page signed in | `/sign-out` |
//! | setup | `/setup` |
//! | account | `/join`, `/sign-in` |
//! | group | `/groups/follow`, `/groups/new`, `{group}/edit`, `{group}/join`, `{group}/leave` |
//! | joining | `{group}/{join,agreement,terms,leave,invitations}`, `{group}/waiting/{id}`, `/i/{code}`, `/invitations/{id}`, `/invitations/requests/{id}` |
//! | thread | `{group}/new`, `{post}/edit`, `{post}/delete`, `{post}/reply`, `{post}/hear` |
//! | moderation | `{post}/report`, `{post}/care`, `{group}/care`, `{group}/reports/{id}`, `/admin/reports/{id}` |
//! | check-ins | `{group}/check-ins[/new]`, `{group}/check-ins/{id}[/end]` |
//! | event | `{group}/meetups/new`, `{meetup}/edit`, `{meetup}/reply`, `{meetup}/cancel`, `{meetup}/delete`, `{meetup}/rsvp`, `{meetup}/people`, `/s/{id}` |
//! | library | `{post}/card`, `{group}/topics`, `{group}/cards/{id}/{edit,remove}`, `/settings/cards/{id}` |
//! | follow | `/follow` |
//! | safety | `{group}/safety`, `{group}/offer`, `{group}/export`, `{group}/held/{id}`, `/notices/{seen,quiet}`, `/admin/helplines[/{id}]`, `/admin/access[/{id}]` |
//! | settings | `/settings/{reading,discreet,password,sessions}`, `/settings/faded/{id}`, `/settings/names`, `/settings/names/{id}[/retire]` |
//! | admin | `/admin/people/{id}`, `/admin/invitations` |
//! | health | `/admin/servers/{host}/try` |
//! | servers | `/admin/network/{follow,followed,followers,rule,meetups}` |

pub mod account;
pub mod admin;
pub mod check_ins;
pub mod event;
pub mod faded;
pub mod feed;
pub mod follow;
pub mod group;
pub mod health;
pub mod help;
pub mod home;
mod icons;
pub mod joining;
pub mod library;
pub mod moderation;
pub mod notes;
pub mod parts;
pub mod people;
pub mod pictures;
pub mod problem;
pub mod quiet;
pub mod safety;
pub mod scheduled;
pub mod search;
pub mod servers;
pub mod settings;
pub mod setup;
pub mod shell;
#[cfg(test)]
mod tests;
pub mod thread;

pub use icons::EMBLEMS;

/// HTML that has been sanitised (or was written by us): the only text that templates show unescaped.
///
/// Build it only from the output of the sanitiser; one macro (`body` in `templates/parts.html`) shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SafeHtml(pub String);

/// What is wrong with a form that was sent: the name of each field with a sentence saying how to put it right.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldErrors(Vec<(String, String)>);

impl FieldErrors {
    /// Nothing to fix.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds a sentence for `field`; a field keeps only its first one. Apostrophes become
    /// those of the pages.
    pub fn add(&mut self, field: impl Into<String>, sentence: impl Into<String>) {
        let field = field.into();
        if self.get(&field).is_none() {
            self.0.push((field, sentence.into().replace('\'', "’")));
        }
    }

    /// The sentence for `field`, if there is one.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == field).map(|(_, sentence)| sentence.as_str())
    }

    /// The same, in the order in which the page has its fields; those that `fields` doesn't name come last.
    #[must_use]
    pub fn in_order(mut self, fields: &[&str]) -> Self {
        self.0.sort_by_key(|(name, _)| fields.iter().position(|field| field == name).unwrap_or(fields.len()));
        self
    }

    /// Whether there is nothing to fix.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The heading of the summary: "One thing to fix", "Two things to fix", "12 things to fix".
    #[must_use]
    pub fn heading(&self) -> String {
        match self.0.len() {
            1 => "One thing to fix".to_owned(),
            2 => "Two things to fix".to_owned(),
            3 => "Three things to fix".to_owned(),
            4 => "Four things to fix".to_owned(),
            5 => "Five things to fix".to_owned(),
            6 => "Six things to fix".to_owned(),
            7 => "Seven things to fix".to_owned(),
            8 => "Eight things to fix".to_owned(),
            9 => "Nine things to fix".to_owned(),
            many => format!("{many} things to fix"),
        }
    }

    /// The fields and their sentences, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(field, sentence)| (field.as_str(), sentence.as_str()))
    }
}

/// What templates call with `|`.
mod filters {
    use std::fmt;

    use askama::filters::{HtmlSafe, Safe};

    use super::icons;

    /// An icon as inline SVG, hidden from screen readers: words always stand beside it.
    pub struct Icon {
        paths: &'static str,
        flips: bool,
    }

    impl fmt::Display for Icon {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            let flip = if self.flips { " flip" } else { "" };
            write!(
                formatter,
                r#"<svg class="i{flip}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{}</svg>"#,
                self.paths
            )
        }
    }

    impl HtmlSafe for Icon {}

    /// The icon of that name; nothing where there is none.
    #[askama::filter_fn]
    pub fn icon(name: &str, _: &dyn askama::Values) -> askama::Result<Icon> {
        Ok(Icon { paths: icons::paths(name).unwrap_or_default(), flips: false })
    }

    /// An icon that points somewhere, mirrored in right-to-left pages.
    #[askama::filter_fn]
    pub fn arrow(name: &str, _: &dyn askama::Values) -> askama::Result<Icon> {
        Ok(Icon { paths: icons::paths(name).unwrap_or_default(), flips: true })
    }

    /// The address of a static file by its name.
    #[askama::filter_fn]
    pub fn file(name: &str, _: &dyn askama::Values) -> askama::Result<&'static str> {
        Ok(crate::static_files::static_path(name))
    }

    /// What a door shows: its emblem, or the first letter of a name where the emblem is none of ours.
    #[askama::filter_fn]
    pub fn emblem(name: &str, _: &dyn askama::Values) -> askama::Result<Safe<String>> {
        Ok(Safe(match icons::paths(name) {
            Some(paths) => Icon { paths, flips: false }.to_string(),
            None => escaped(&initial_of(name)),
        }))
    }

    /// The first letter of a name, in capitals where the script has them.
    #[askama::filter_fn]
    pub fn initial(name: &str, _: &dyn askama::Values) -> askama::Result<String> {
        Ok(initial_of(name))
    }

    /// A domain or handle that may break after its dots and its `@`.
    #[askama::filter_fn]
    pub fn breaks(name: &str, _: &dyn askama::Values) -> askama::Result<Safe<String>> {
        Ok(Safe(escaped(name).replace('.', ".<wbr>")))
    }

    fn initial_of(name: &str) -> String {
        name.chars()
            .find(|letter| letter.is_alphanumeric())
            .map_or_else(|| "·".to_owned(), |letter| letter.to_uppercase().collect())
    }

    fn escaped(text: &str) -> String {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;")
            .replace('\'', "&#39;")
    }
}
