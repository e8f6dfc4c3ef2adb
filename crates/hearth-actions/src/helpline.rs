//! The helplines under "Get help": as many as the keeper likes, each for a region or for everybody.

use crate::{ActionError, App, Form, Result, account, log};
use hearth_db::tables::helplines::{self, Helpline};
use hearth_domain::{
    id::{AccountId, HelplineId},
    log::Logged,
    server::HelplineKind,
};

/// Most helplines.
pub const MOST: usize = 20;

/// What a keeper types about one helpline.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct HelplineForm {
    /// Name.
    pub name: String,
    /// What it is for.
    pub about: String,
    /// When it answers.
    pub hours: String,
    /// `tel` or `sms`.
    pub kind: String,
    /// The number as people write it.
    pub number: String,
    /// For whom, such as "Scotland"; may be empty.
    pub region: String,
}

/// Reads a number as people write it.
pub(crate) fn read_number(form: &mut Form, typed: &str) -> String {
    let number = form.line("helpline_number", "A number", typed, 3, 30);
    if !number.chars().all(|c| c.is_ascii_digit() || " +()-".contains(c)) {
        form.problem("helpline_number", "Type the number with digits, spaces and +.");
    }
    number
}

/// Adds a helpline at the end of the list. Keepers only.
///
/// # Errors
/// `Denied(KeepersOnly)`, `Invalid`, `Conflict` when there are twenty.
pub fn add(app: &App, keeper: AccountId, typed: &HelplineForm) -> Result<()> {
    let mut form = Form::default();
    let number = read_number(&mut form, &typed.number);
    let name = form.line("helpline_name", "The name of a helpline", &typed.name, 2, 80);
    let about = form.line("helpline_about", "What it is for", &typed.about, 0, 200);
    let hours = form.line("helpline_hours", "When it answers", &typed.hours, 0, 80);
    let region = form.line("helpline_region", "The region", &typed.region, 0, 60);
    let kind = if typed.kind.is_empty() {
        Some(HelplineKind::Tel)
    } else {
        form.word("helpline_kind", "how it is reached", &typed.kind)
    };
    form.finish()?;
    let kind = kind.unwrap_or(HelplineKind::Tel);
    app.db.write(|tx| {
        account::require_keeper(tx, keeper)?;
        let all = helplines::all(tx)?;
        if all.len() >= MOST {
            return Err(ActionError::Conflict("There are twenty already. Take one away first."));
        }
        let position = all.iter().map(|line| line.position).max().map_or(0, |last| last + 1);
        let id = HelplineId::random(&*app.entropy);
        let (name, about, hours) = (name.clone(), about.clone(), hours.clone());
        Helpline { id, position, name, about, hours, kind, number: number.clone(), region: region.clone() }
            .insert(tx)?;
        log::audit(app, tx, Logged::HelplinesChanged, None, Some(keeper))
    })
}

/// Moves a helpline to the first place, so that every page shows it; or takes it away. One always stays.
///
/// # Errors
/// `Denied(KeepersOnly)`, `NotFound`, `Conflict` for the last one.
pub fn change(app: &App, keeper: AccountId, id: HelplineId, keep: bool) -> Result<()> {
    app.db.write(|tx| {
        account::require_keeper(tx, keeper)?;
        let mut all = helplines::all(tx)?;
        let at = all.iter().position(|line| line.id == id).ok_or(ActionError::NotFound)?;
        let line = all.remove(at);
        if keep {
            all.insert(0, line);
        } else if all.is_empty() {
            return Err(ActionError::Conflict("People need one line at least. Add another first."));
        }
        helplines::clear(tx)?;
        for (position, line) in all.into_iter().enumerate() {
            let position = i32::try_from(position).unwrap_or(i32::MAX);
            Helpline { position, ..line }.insert(tx)?;
        }
        log::audit(app, tx, Logged::HelplinesChanged, None, Some(keeper))
    })
}
