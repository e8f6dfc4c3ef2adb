//! The frame of every page: title, top bar, tabs, quick exit, notice, footer.
//!
//! Must never put the name of a page into the title when discreet titles are on.

use super::parts::Notice;

/// What every page knows.
#[derive(Debug, Clone)]
pub struct Shell {
    /// The page's own title: "Tuesday Lamp". Shown in the tab only where discreet titles are off.
    pub title: String,
    /// Discreet titles: the tab and the history say only the name of the place.
    pub discreet: bool,
    /// Whether the page shows a form with mistakes; the title then begins "Error:".
    pub has_errors: bool,
    /// The name of the place: "Larkwater Hearth".
    pub place: String,
    /// Who runs it, as a sentence for the footer: "Run by the Larkwater Listening Trust, a small charity."
    pub run_by: String,
    /// One of the eight tested accents, 1 to 8; 2 is Hearth's own.
    pub accent: u8,
    /// Who reads the page; `None` when signed out.
    pub viewer: Option<Viewer>,
    /// Which of the main links is marked as the current page.
    pub nav: Nav,
    /// Light, dark or as the device says.
    pub theme: Theme,
    /// The size of the text.
    pub text_size: TextSize,
    /// What happened with the form that was sent last, shown first on the page.
    pub notice: Option<Notice>,
    /// The token of the page's forms; see `protect::form_token`.
    pub token: String,
    /// Where the source of the running version is (AGPL-3.0, section 13).
    pub source_url: String,
    /// More links for the footer, such as "Who runs this" and "What we keep, and why".
    pub about_links: Vec<Link>,
    /// BCP 47 language of the page.
    pub lang: String,
    /// Whether that language is written from right to left.
    pub right_to_left: bool,
    /// Seconds after which a waiting page asks again.
    pub refresh_seconds: Option<u8>,
}

impl Shell {
    /// What `<title>` says.
    #[must_use]
    pub fn tab_title(&self) -> String {
        let start = if self.has_errors { "Error: " } else { "" };
        if self.discreet || self.title.is_empty() || self.title == self.place {
            format!("{start}{}", self.place)
        } else {
            format!("{start}{} | {}", self.title, self.place)
        }
    }
}

/// The person who is signed in, as the top bar shows them.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// The persona's name.
    pub name: String,
    /// The pebble's colour, 1 to 8.
    pub hue: u8,
    /// Whether the menu leads to the keeper's pages.
    pub keeper: bool,
    /// How many people wait for the keeper's answer.
    pub waiting_to_join: u32,
    /// How many notices are new: empty, "1" to "9", or "9+".
    pub notices: String,
}

/// The main links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nav {
    /// `/`
    Home,
    /// `/groups`
    Groups,
    /// `/meetups`
    Meetups,
    /// `/notices`
    Notices,
    /// `/help`
    Help,
    /// `/sign-in`
    SignIn,
    /// A page that none of them leads to.
    Elsewhere,
}

impl Nav {
    /// A short key for the template.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Groups => "groups",
            Self::Meetups => "meetups",
            Self::Notices => "notices",
            Self::Help => "help",
            Self::SignIn => "sign-in",
            Self::Elsewhere => "",
        }
    }
}

/// Colours of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// As the device says.
    Device,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// The value of `data-theme` and of the form field.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// The size of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextSize {
    /// 16.5 px where the browser's own size is 16.
    Normal,
    /// An eighth larger.
    Large,
    /// A third larger.
    Larger,
}

impl TextSize {
    /// The value of `data-text` and of the form field.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Large => "large",
            Self::Larger => "larger",
        }
    }
}

/// A link in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where it leads.
    pub href: String,
    /// What it says.
    pub words: String,
}
