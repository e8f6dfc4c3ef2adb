//! Groups: making one, describing it.

use crate::{
    ActionError, App, Form, Result, account, markdown, persona,
    server::{Site, site},
};
use hearth_db::tables::{
    actors::{self, Actor, ActorKind},
    groups::{self, Group},
    memberships::{self, Membership},
};
use hearth_domain::{
    address::ApId,
    group::{Joining, Posting, Reach, Readable, Settings, Template},
    id::{AccountId, ActorId},
    membership::{Role, Standing, State},
    permission,
    persona::group_name,
    text,
};

/// What a person types to make a group.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct GroupForm {
    /// The name in its address.
    pub name: String,
    /// The name that is shown.
    pub display_name: String,
    /// What it is about, Markdown.
    pub about: String,
    /// When it usually meets, in words.
    pub rhythm: String,
    /// How people treat each other here, Markdown.
    pub guidelines: String,
    /// `open_community` or `public_noticeboard`: where the four settings begin.
    pub template: String,
    /// The persona that makes and owns it.
    pub persona: String,
}

struct Described {
    display_name: String,
    about: String,
    rhythm: String,
    guidelines: String,
}

fn read_described(form: &mut Form, typed: &GroupForm) -> Described {
    Described {
        display_name: form.line("display_name", "A name", &typed.display_name, 2, text::NAME_MAX),
        about: form.paragraphs("about", "The description", &typed.about, 0, text::SUMMARY_MAX),
        rhythm: form.line("rhythm", "The rhythm", &typed.rhythm, 0, 120),
        guidelines: form.paragraphs("guidelines", "How you treat each other", &typed.guidelines, 0, 5_000),
    }
}

/// Reads the id of a persona from a form.
pub fn read_persona(form: &mut Form, typed: &str) -> Option<ActorId> {
    form.keep("persona", typed.parse(), |_| "Choose one of your names.".to_owned())
}

/// Makes a group. The settings that are kept apart from the network come with the issue that makes them whole: for
/// now a group is public.
///
/// # Errors
/// `Denied`, `Invalid`.
pub fn create(app: &App, account: AccountId, typed: &GroupForm) -> Result<Actor> {
    app.require_room()?;
    let mut form = Form::default();
    let described = read_described(&mut form, typed);
    let name = form.take("name", group_name(&typed.name), persona::name_sentence);
    let settings = read_template(&mut form, &typed.template);
    let owner = read_persona(&mut form, &typed.persona);
    form.finish()?;
    let (Some(owner), Some(settings)) = (owner, settings) else { return Err(ActionError::NotFound) };
    let keys = app.key_pair()?;
    let now = app.now();
    app.db.write(|tx| {
        let site = site(tx)?;
        account::require_active(tx, account)?;
        let owner = persona::own(tx, account, owner)?;
        if actors::local_by_name(tx, &name)?.is_some() {
            return Err(ActionError::field("name", "That name is taken here. Choose another."));
        }
        let actor = Actor { created_at: now, ..new_actor(app, &site, &name, &described, &keys)? };
        actor.insert(tx)?;
        let group = Group {
            actor_id: actor.id,
            readable: settings.readable,
            joining: settings.joining,
            reach: settings.reach,
            posting: settings.posting,
            rhythm: described.rhythm.clone(),
            guidelines: described.guidelines.clone(),
        };
        group.insert(tx)?;
        let owning =
            Membership { group_id: actor.id, actor_id: owner.id, role: Role::Owner, state: State::Active, since: now };
        owning.insert(tx)?;
        Ok(actor)
    })
}

fn read_template(form: &mut Form, typed: &str) -> Option<Settings> {
    let template: Option<Template> = form.word("template", "what kind of group it is", typed);
    let settings = template?.settings();
    if settings.is_wide_open() {
        Some(settings)
    } else {
        form.problem("template", "This kind of group can't be made yet. Choose one that anyone can read.");
        None
    }
}

fn new_actor(app: &App, site: &Site, name: &str, described: &Described, keys: &crate::KeyPair) -> Result<Actor> {
    let url = site.at.group(name);
    let now = app.now();
    Ok(Actor {
        id: ActorId::random(&*app.entropy),
        kind: ActorKind::Group,
        ap_id: ApId::try_from(url.clone()).map_err(|_| ActionError::NotSetUp)?,
        host: site.host(),
        local: true,
        name: name.to_owned(),
        display_name: described.display_name.clone(),
        summary_source: described.about.clone(),
        summary_html: markdown::html(&described.about),
        url: url.to_string(),
        inbox: site.at.inbox(&url).into(),
        shared_inbox: Some(site.at.shared_inbox().into()),
        outbox: Some(site.at.outbox(&url).into()),
        followers: Some(site.at.followers(&url).into()),
        public_key_id: site.at.main_key(&url).into(),
        public_key_pem: keys.public_pem.clone(),
        private_key_pem: Some(keys.private_pem.clone()),
        approves_followers: false,
        discoverable: true,
        on_network_since: Some(now),
        created_at: now,
        updated_at: now,
        fetched_at: None,
        deleted_at: None,
    })
}

/// Changes how a group is described.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly)`, `Invalid`.
pub fn describe(app: &App, account: AccountId, group: ActorId, typed: &GroupForm) -> Result<()> {
    let mut form = Form::default();
    let described = read_described(&mut form, typed);
    form.finish()?;
    app.db.write(|tx| {
        let (actor, mut row) = groups::with_actor(tx, group)?.filter(|(a, _)| a.local).ok_or(ActionError::NotFound)?;
        permission::may_change_group(standing(tx, account, group)?)?;
        let html = markdown::html(&described.about);
        actors::describe(tx, actor.id, &described.display_name, &described.about, &html, app.now())?;
        row.rhythm = described.rhythm;
        row.guidelines = described.guidelines;
        groups::update(tx, &row)?;
        Ok(())
    })
}

/// What an account is to a group.
///
/// # Errors
/// Database errors.
pub fn standing(connection: &mut hearth_db::DbConn, account: AccountId, group: ActorId) -> Result<Standing> {
    let row = memberships::of_account(connection, group, account)?;
    Ok(row.map_or(Standing::Stranger, |row| Standing::of(row.role, row.state)))
}

/// The settings a group elsewhere is taken to have, until its server says more (profile 7.0).
#[must_use]
pub const fn settings_elsewhere(posting_restricted: bool) -> Settings {
    Settings {
        readable: Readable::Public,
        joining: Joining::Open,
        reach: Reach::Network,
        posting: if posting_restricted { Posting::Facilitators } else { Posting::Anyone },
    }
}
