//! Groups: making one, describing it.

use crate::{
    ActionError, App, Form, Result, account, documents, follow, keys,
    log::{self, Said},
    markdown, membership, membership_request, persona, post,
    publish::{self, Outgoing},
    recipients::Circle,
    server::{Site, site},
};
use hearth_activitypub::outbound;
use hearth_db::{
    Tx,
    tables::{
        actors::{self, Actor, ActorKind},
        groups::{self, Group},
        memberships::{self, Membership},
    },
};
use hearth_domain::{
    address::ApId,
    audience::{self, Visibility},
    group::{Joining, Posting, Reach, Readable, Settings, SettingsProblem, Template},
    id::{AccountId, ActorId},
    log::Logged,
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
    /// `open_community`, `peer_support_circle`, `public_noticeboard` or `private_circle`: where the four settings begin.
    pub template: String,
    /// Who can read: `public`, `members` or `hidden`; empty for what the template says, as the three below.
    pub readable: String,
    /// Who can join: `open`, `approval` or `invitation`.
    pub joining: String,
    /// How far it reaches: `network`, `partners` or `here`.
    pub reach: String,
    /// Who can post: `anyone`, `members` or `facilitators`.
    pub posting: String,
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

/// Makes a group. The address of a hidden group is random, whatever name was typed.
///
/// # Errors
/// `Denied`, `Invalid`.
pub fn create(app: &App, account: AccountId, typed: &GroupForm) -> Result<Actor> {
    app.require_room()?;
    let mut form = Form::default();
    let described = read_described(&mut form, typed);
    let settings = read_settings(&mut form, typed, None);
    let name = if settings.is_some_and(|settings| settings.readable == Readable::Hidden) {
        ActorId::random(&*app.entropy).to_string()
    } else {
        form.take("name", group_name(&typed.name), persona::name_sentence)
    };
    let owner = read_persona(&mut form, &typed.persona);
    form.finish()?;
    let (Some(owner), Some(settings)) = (owner, settings) else { return Err(ActionError::NotFound) };
    let pair = app.key_pair()?;
    let now = app.now();
    app.db.write(|tx| {
        let site = site(tx)?;
        account::require_active(tx, account)?;
        let owner = persona::own(tx, account, owner)?;
        if actors::local_by_name(tx, &name)?.is_some() {
            return Err(ActionError::field("name", "That name is taken here. Choose another."));
        }
        let actor = Actor { created_at: now, ..new_actor(app, &site, &name, &described, settings, &pair)? };
        actor.insert(tx)?;
        keys::add(app, tx, &site.at, &actor)?;
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

/// Reads the four settings: each as it was chosen, or else as the template says, or else as it was before.
fn read_settings(form: &mut Form, typed: &GroupForm, before: Option<Settings>) -> Option<Settings> {
    let all_chosen = [&typed.readable, &typed.joining, &typed.reach, &typed.posting].iter().all(|one| !one.is_empty());
    let base = match before {
        None if !all_chosen || !typed.template.is_empty() => {
            let template: Option<Template> = form.word("template", "what kind of group it is", &typed.template);
            Some(template?.settings())
        }
        other => other,
    };
    let readable = chosen(form, "readable", "who can read", &typed.readable, base.map(|base| base.readable));
    let joining = chosen(form, "joining", "who can join", &typed.joining, base.map(|base| base.joining));
    let reach = chosen(form, "reach", "how far it reaches", &typed.reach, base.map(|base| base.reach));
    let posting = chosen(form, "posting", "who can post", &typed.posting, base.map(|base| base.posting));
    let settings = Settings { readable: readable?, joining: joining?, reach: reach?, posting: posting? };
    let checked = before.map_or_else(|| settings.check(), |before| before.check_change(settings));
    form.keep(setting_of(checked), checked, settings_sentence)?;
    Some(settings)
}

fn chosen<T: std::str::FromStr>(
    form: &mut Form,
    field: &'static str,
    what: &str,
    typed: &str,
    base: Option<T>,
) -> Option<T> {
    match base {
        Some(base) if typed.is_empty() => Some(base),
        _ => form.word(field, what, typed),
    }
}

/// The field that a problem of the settings stands at.
const fn setting_of(checked: std::result::Result<(), SettingsProblem>) -> &'static str {
    match checked {
        Err(SettingsProblem::HiddenAndOpen | SettingsProblem::NeverOpenAgain) => "joining",
        Err(SettingsProblem::AnyoneButCannotRead) => "posting",
        Ok(()) | Err(SettingsProblem::NeverPublicAgain) => "readable",
    }
}

fn settings_sentence(problem: SettingsProblem) -> String {
    let sentence = problem.to_string();
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str() + ".").unwrap_or_default()
}

fn new_actor(
    app: &App,
    site: &Site,
    name: &str,
    described: &Described,
    settings: Settings,
    keys: &crate::KeyPair,
) -> Result<Actor> {
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
        approves_followers: !settings.is_public(),
        discoverable: settings.is_wide_open(),
        on_network_since: (settings.reach != Reach::Here).then_some(now),
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
        written(app, tx, &actor, account)
    })
}

/// Changes the four settings of a group. What was closed is never opened. Servers that may no longer have what is said
/// in it are told that the group is no longer theirs to follow, or that their people are no longer members.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly)`, `Invalid`.
pub fn settle(app: &App, account: AccountId, group: ActorId, typed: &GroupForm) -> Result<()> {
    app.db.write(|tx| {
        let (actor, before) = post::visible_group(tx, account, group)?;
        if !actor.local {
            return Err(ActionError::NotFound);
        }
        permission::may_change_group(standing(tx, account, group)?)?;
        let mut form = Form::default();
        let settings = read_settings(&mut form, typed, Some(before.settings()));
        form.finish()?;
        let settings = settings.ok_or(ActionError::NotFound)?;
        if settings == before.settings() {
            return Ok(());
        }
        let after = Group {
            readable: settings.readable,
            joining: settings.joining,
            reach: settings.reach,
            posting: settings.posting,
            ..before.clone()
        };
        groups::update(tx, &after)?;
        written(app, tx, &actor, account)?;
        actors::set_open(tx, group, !settings.is_public(), settings.is_wide_open(), app.now())?;
        narrowed(app, tx, &actor, &before, &after)
    })
}

/// Writes down who changed the group.
fn written(app: &App, tx: &mut Tx<'_>, group: &Actor, account: AccountId) -> Result<()> {
    let by = memberships::of_account(tx, group.id, account)?.map(|row| row.actor_id);
    log::write(app, tx, group, Logged::GroupChanged, Said { by, ..Said::default() })
}

/// Tells other servers of new settings, and ends what they no longer allow.
fn narrowed(app: &App, tx: &mut Tx<'_>, actor: &Actor, before: &Group, after: &Group) -> Result<()> {
    let site = site(tx)?;
    let known = before.settings().reach != Reach::Here;
    if known && audience::group_is_on_the_network(after.settings()) {
        let changed = actors::by_id(tx, actor.id)?.ok_or(ActionError::NotFound)?;
        let id = publish::new_activity(app, &site);
        // To those who knew it, in the words of what it is now.
        let circle = Circle::of(&site, actor, before.settings(), Visibility::Public);
        let reach = documents::reach(&site, actor, after.settings(), Visibility::Public);
        let document = documents::group(tx, &site, &changed, after)?;
        let followers = documents::followers(&site, actor);
        let body = outbound::update_actor(&id.1, document, &followers, &reach, app.clock.now()).to_string();
        let outgoing = Outgoing { id, kind: "Update", signer: actor, object: actor.ap_id.as_str(), body };
        publish::to_all(app, tx, &circle, outgoing)?;
    }
    if !after.settings().is_public() || after.settings().reach == Reach::Here {
        follow::end_all(app, tx, &site, actor)?;
    }
    for (_, person) in memberships::elsewhere(tx, actor.id)? {
        if !membership::may_be_member(tx, after, &person)? {
            membership_request::remove(app, tx, actor, &person)?;
        }
    }
    Ok(())
}

/// What an account is to a group.
///
/// # Errors
/// Database errors.
pub fn standing(connection: &mut hearth_db::DbConn, account: AccountId, group: ActorId) -> Result<Standing> {
    let row = memberships::of_account(connection, group, account)?;
    Ok(row.map_or(Standing::Stranger, |row| Standing::of(row.role, row.state)))
}

/// The settings a group elsewhere is taken to have, by what its server says (profile 7.0).
#[must_use]
pub const fn settings_elsewhere(members_only: bool, posting_restricted: bool) -> Settings {
    Settings {
        readable: if members_only { Readable::Members } else { Readable::Public },
        joining: if members_only { Joining::Approval } else { Joining::Open },
        reach: Reach::Network,
        posting: match (posting_restricted, members_only) {
            (true, _) => Posting::Facilitators,
            (false, true) => Posting::Members,
            (false, false) => Posting::Anyone,
        },
    }
}
