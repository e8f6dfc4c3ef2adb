//! Accounts: opening one, letting people in, passwords. An account is never shown to anybody but its owner.

use crate::{
    ActionError, App, Form, Result, group_invitation, persona, secret,
    server::{Site, site},
};
use hearth_db::{
    DbConn, Time, Tx,
    tables::{
        accounts::{self, Account},
        api_tokens,
        invitations::{self, Invitation},
        server, sessions,
    },
};
use hearth_domain::{
    Denied,
    id::{AccountId, GroupInvitationId, InvitationId, SessionId},
    server::{AccountState, PasswordProblem, SignUp, check_password},
    text,
};

/// A checked sign-in name and password.
pub struct Credentials {
    sign_in_name: String,
    password: String,
}

/// A sign-in name with the hash that is kept.
pub struct HashedCredentials {
    sign_in_name: String,
    password_hash: String,
}

impl Credentials {
    /// Hashes the password. Slow on purpose: never inside a transaction.
    ///
    /// # Errors
    /// `NoKeys` when the system lacks the memory.
    pub fn hash(self, app: &App) -> Result<HashedCredentials> {
        let password_hash = app.passwords.hash(&self.password, &*app.entropy).ok_or(ActionError::NoKeys)?;
        Ok(HashedCredentials { sign_in_name: self.sign_in_name, password_hash })
    }
}

/// Reads a new sign-in name and password. `names` are words a password must not be made of.
pub fn read_credentials(form: &mut Form, sign_in_name: &str, password: &str, names: &[&str]) -> Credentials {
    let sign_in_name = read_sign_in_name(form, sign_in_name);
    let mut names = names.to_vec();
    names.push(&sign_in_name);
    read_password(form, password, &names);
    Credentials { password: password.to_owned(), sign_in_name: sign_in_name.clone() }
}

fn read_sign_in_name(form: &mut Form, typed: &str) -> String {
    let name = form.line("sign_in_name", "A sign-in name", typed, 3, 60).to_lowercase();
    if name.contains(char::is_whitespace) {
        form.problem("sign_in_name", "A sign-in name can't have spaces. Only you will ever see it.");
    }
    name
}

fn read_password(form: &mut Form, password: &str, names: &[&str]) {
    if let Err(problem) = check_password(password, names) {
        form.problem(
            "password",
            match problem {
                PasswordProblem::TooShort => {
                    "Choose a password of at least 10 characters. A few words in a row are good."
                }
                PasswordProblem::TooLong => "That is longer than 512 characters. Choose a shorter password.",
                PasswordProblem::TooCommon => "That is one of the first passwords others would try. Choose another.",
            },
        );
    }
}

/// Adds an active account inside a larger action.
pub(crate) fn insert(app: &App, tx: &mut Tx<'_>, by: &HashedCredentials, keeper: bool, now: Time) -> Result<AccountId> {
    let row = new_row(app, by, keeper, AccountState::Active, now);
    ensure_name_is_free(tx, &row.sign_in_name)?;
    row.insert(tx)?;
    Ok(row.id)
}

fn new_row(app: &App, by: &HashedCredentials, keeper: bool, state: AccountState, now: Time) -> Account {
    Account {
        id: AccountId::random(&*app.entropy),
        sign_in_name: by.sign_in_name.clone(),
        password_hash: by.password_hash.clone(),
        email: None,
        keeper,
        state,
        hello: String::new(),
        wanted_name: String::new(),
        wanted_display_name: String::new(),
        discreet_titles: true,
        theme: "auto".to_owned(),
        created_at: now,
    }
}

fn ensure_name_is_free(connection: &mut DbConn, name: &str) -> Result<()> {
    if accounts::by_sign_in_name(connection, name)?.is_some() {
        return Err(ActionError::field("sign_in_name", "That sign-in name is taken here. Choose another."));
    }
    Ok(())
}

/// What a person types to open an account.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct SignUpForm {
    /// Private name for signing in.
    pub sign_in_name: String,
    /// Password.
    pub password: String,
    /// Address name of the first persona.
    pub persona_name: String,
    /// Shown name of the first persona.
    pub persona_display_name: String,
    /// A few words to the keepers, where they let people in.
    pub hello: String,
    /// Code of an invitation, where one is needed.
    pub invitation: String,
    /// Whether the rules were agreed to: `yes`.
    pub agree: String,
}

/// What became of a sign-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedUp {
    /// The account can be used.
    Active(AccountId),
    /// A keeper looks first.
    Waiting,
}

/// Opens an account, by the rule the keeper chose.
///
/// # Errors
/// `Denied(InvitationOnly)` when sign-up is closed, `Invalid`.
pub fn sign_up(app: &App, typed: &SignUpForm) -> Result<SignedUp> {
    app.require_room()?;
    let rule = app.db.read(|c| Ok::<_, ActionError>(site(c)?.row.sign_up))?;
    if rule == SignUp::Closed {
        return Err(Denied::InvitationOnly.into());
    }
    let mut form = Form::default();
    let wanted = persona::read_wanted(&mut form, &typed.persona_name, &typed.persona_display_name);
    let credentials = read_credentials(&mut form, &typed.sign_in_name, &typed.password, &[&wanted.name]);
    let hello = form.paragraphs("hello", "Your hello", &typed.hello, 0, 1_000);
    if typed.agree != "yes" {
        form.problem("agree", "Tick the box if you agree with how people treat each other here.");
    }
    let code = secret::hash_code(&typed.invitation);
    if rule == SignUp::Invitation && text::line(&typed.invitation).is_empty() {
        form.problem("invitation", "Type the code from your invitation.");
    }
    form.finish()?;
    let credentials = credentials.hash(app)?;
    let keys = app.key_pair()?;
    let now = app.now();
    app.db.write(|tx| {
        let site = site(tx)?;
        ensure_name_is_free(tx, &credentials.sign_in_name)?;
        persona::ensure_name_is_free(tx, &wanted.name)?;
        let mut invited = None;
        let active = match site.row.sign_up {
            SignUp::Closed => return Err(Denied::InvitationOnly.into()),
            SignUp::Open => true,
            SignUp::Approval => false,
            SignUp::Invitation => {
                invited = redeem(tx, &code, now)?;
                true
            }
        };
        if active {
            let account = insert(app, tx, &credentials, false, now)?;
            if let Some(invitation) = invited {
                group_invitation::pass(tx, invitation, account)?;
            }
            persona::insert(app, tx, &site.at, account, &wanted, &keys, now)?;
            return Ok(SignedUp::Active(account));
        }
        let row = Account {
            hello,
            wanted_name: wanted.name.clone(),
            wanted_display_name: wanted.display_name.clone(),
            ..new_row(app, &credentials, false, AccountState::Waiting, now)
        };
        row.insert(tx)?;
        Ok(SignedUp::Waiting)
    })
}

/// Uses the code of an invitation to this server, or to a group of it: that group's, then.
fn redeem(tx: &mut Tx<'_>, code_hash: &str, now: Time) -> Result<Option<GroupInvitationId>> {
    if invitations::redeem(tx, code_hash, now)? {
        return Ok(None);
    }
    let of_group = group_invitation::redeem(tx, code_hash, now)?;
    of_group.map(Some).ok_or_else(|| {
        ActionError::field("invitation", "That code is not known here, was used, or is too old. Ask for a new one.")
    })
}

/// Accounts that wait for a keeper.
///
/// # Errors
/// `Denied(KeepersOnly)`.
pub fn waiting(app: &App, keeper: AccountId) -> Result<Vec<Account>> {
    app.db.read(|c| {
        require_keeper(c, keeper)?;
        Ok(accounts::in_state(c, AccountState::Waiting)?)
    })
}

/// Lets a waiting account in, with the persona it asked for.
///
/// # Errors
/// `Denied(KeepersOnly)`, `NotFound`, `Conflict` when the name was taken meanwhile.
pub fn approve(app: &App, keeper: AccountId, account: AccountId) -> Result<()> {
    let keys = app.key_pair()?;
    app.db.write(|tx| {
        require_keeper(tx, keeper)?;
        let Site { at, .. } = site(tx)?;
        let row = waiting_row(tx, account)?;
        let wanted = persona::Wanted { name: row.wanted_name, display_name: row.wanted_display_name };
        persona::insert(app, tx, &at, account, &wanted, &keys, app.now())?;
        accounts::set_state(tx, account, AccountState::Active)?;
        Ok(())
    })
}

/// Turns a waiting account away; nothing of it is kept.
///
/// # Errors
/// `Denied(KeepersOnly)`, `NotFound`.
pub fn turn_away(app: &App, keeper: AccountId, account: AccountId) -> Result<()> {
    app.db.write(|tx| {
        require_keeper(tx, keeper)?;
        waiting_row(tx, account)?;
        accounts::delete(tx, account)?;
        Ok(())
    })
}

fn waiting_row(connection: &mut DbConn, account: AccountId) -> Result<Account> {
    accounts::by_id(connection, account)?.filter(|row| row.state == AccountState::Waiting).ok_or(ActionError::NotFound)
}

/// Makes an invitation for `uses` accounts and `days` days. Returns the code, which is shown once.
///
/// # Errors
/// `Denied(KeepersOnly)`, `Invalid`.
pub fn invite(app: &App, keeper: AccountId, uses: i32, days: i64) -> Result<String> {
    let mut form = Form::default();
    if !(1..=100).contains(&uses) {
        form.problem("uses", "An invitation can be for 1 to 100 people.");
    }
    if !(1..=90).contains(&days) {
        form.problem("days", "An invitation can be good for 1 to 90 days.");
    }
    form.finish()?;
    let code = secret::code(&*app.entropy);
    let now = app.clock.now();
    app.db.write(|tx| {
        require_keeper(tx, keeper)?;
        let row = Invitation {
            id: InvitationId::random(&*app.entropy),
            code_hash: secret::hash_code(&code),
            made_by: keeper,
            uses_left: uses,
            expires_at: (now + chrono::Duration::days(days)).into(),
            created_at: now.into(),
        };
        row.insert(tx)?;
        Ok(code)
    })
}

/// Changes the password, and signs out every other device and every token.
///
/// # Errors
/// `Invalid` when the present password is wrong or the new one can't be taken.
pub fn change_password(app: &App, account: AccountId, session: SessionId, old: &str, new: &str) -> Result<()> {
    let row = app.db.read(|c| Ok::<_, ActionError>(accounts::by_id(c, account)?))?.ok_or(ActionError::NotFound)?;
    if old.len() > hearth_domain::server::PASSWORD_MAX || !app.passwords.verify(old, Some(&row.password_hash)) {
        return Err(ActionError::field("old_password", "That is not your present password."));
    }
    set_password(app, &row, new, Some(session))
}

/// Sets a password without the old one, for the command line.
///
/// # Errors
/// `NotFound`, `Invalid`.
pub fn reset_password(app: &App, sign_in_name: &str, new: &str) -> Result<()> {
    let name = sign_in_name.trim().to_lowercase();
    let row =
        app.db.read(|c| Ok::<_, ActionError>(accounts::by_sign_in_name(c, &name)?))?.ok_or(ActionError::NotFound)?;
    set_password(app, &row, new, None)
}

fn set_password(app: &App, row: &Account, new: &str, keep: Option<SessionId>) -> Result<()> {
    let mut form = Form::default();
    read_password(&mut form, new, &[&row.sign_in_name]);
    form.finish()?;
    let hash = app.passwords.hash(new, &*app.entropy).ok_or(ActionError::NoKeys)?;
    app.db.write(|tx| {
        accounts::set_password(tx, row.id, &hash)?;
        sessions::end_all(tx, row.id, keep)?;
        api_tokens::revoke_all(tx, row.id)?;
        Ok(())
    })
}

/// Makes an account from the command line, active at once.
///
/// # Errors
/// `NotSetUp`, `Invalid`.
pub fn create(app: &App, typed: &SignUpForm, keeper: bool) -> Result<AccountId> {
    app.require_room()?;
    let mut form = Form::default();
    let wanted = persona::read_wanted(&mut form, &typed.persona_name, &typed.persona_display_name);
    let credentials = read_credentials(&mut form, &typed.sign_in_name, &typed.password, &[&wanted.name]);
    form.finish()?;
    let credentials = credentials.hash(app)?;
    let keys = app.key_pair()?;
    let now = app.now();
    app.db.write(|tx| {
        let Site { at, .. } = site(tx)?;
        let account = insert(app, tx, &credentials, keeper, now)?;
        persona::insert(app, tx, &at, account, &wanted, &keys, now)?;
        Ok(account)
    })
}

/// How pages look for this account: `theme` is `auto`, `light` or `dark`.
///
/// # Errors
/// `Invalid`.
pub fn set_reading(app: &App, account: AccountId, theme: &str, discreet_titles: bool) -> Result<()> {
    if !["auto", "light", "dark"].contains(&theme) {
        return Err(ActionError::field("theme", "Choose one of the three."));
    }
    app.db.write(|tx| Ok(accounts::set_reading(tx, account, theme, discreet_titles)?))
}

/// The account, if it may act.
///
/// # Errors
/// `Denied(SignIn)`, `Denied(AccountNotActive)`.
pub fn require_active(connection: &mut DbConn, account: AccountId) -> Result<Account> {
    let row = accounts::by_id(connection, account)?.ok_or(Denied::SignIn)?;
    if row.state == AccountState::Active { Ok(row) } else { Err(Denied::AccountNotActive.into()) }
}

/// The account, if it keeps this server.
///
/// # Errors
/// `Denied(KeepersOnly)` and as [`require_active`].
pub fn require_keeper(connection: &mut DbConn, account: AccountId) -> Result<Account> {
    let row = require_active(connection, account)?;
    if row.keeper { Ok(row) } else { Err(Denied::KeepersOnly.into()) }
}

/// Whether the server is set up.
///
/// # Errors
/// Database errors.
pub fn server_is_set_up(app: &App) -> Result<bool> {
    app.db.read(|c| Ok(server::get(c)?.is_some()))
}
