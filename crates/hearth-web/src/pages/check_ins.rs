//! `/g/{name}/check-ins`: posts of a group that open by themselves; setting one up, changing, pausing, taking over and
//! ending it. And what a group's page and a conversation say about one.
//!
//! Must never show to others than those who hold the group what has not opened yet.

use super::{cards, post};
use crate::{
    answer::Answer,
    error::{Failure, denied_words},
    protect::FormNonce,
    sent::Sent,
    submit::{Flaws, Form, draft, submit},
    viewer::{Shown, Visit},
    views::{
        SafeHtml,
        check_ins::{CheckInCard, CheckInFormPage, CheckInTimes, CheckInsPage, OpenCheckIn},
        parts::{Choice, ConfirmPage},
        shell::Nav,
        thread::PostValues,
    },
    words::{again_words, meeting_words, nth_words, weekday_words, zone_words},
};
use chrono_tz::Tz;
use hearth_actions::{
    ActionError,
    check_in::{self as actions, CheckInForm, ReadCheckIn},
    markdown,
};
use hearth_db::{
    DbConn,
    tables::{actors::Actor, check_ins::CheckIn, groups::Group},
};
use hearth_domain::{
    check_in::{MOST, Rest},
    id::{CheckInId, PostId},
    note::Folding,
    recurrence::{MonthDay, Nth, Rule, WEEKDAYS},
};

/// The fields of the action, and what the page calls them.
const NAMES: [(&str, &str); 4] = [("text", "body"), ("content_note", "note"), ("visibility", "see"), ("rule", "every")];
const WEEKLY: &str = "week";
const ON_A_DAY: &str = "day";
const LAST: &str = "-1";

fn href(group: &Actor) -> String {
    format!("{}/check-ins", cards::group_href(group))
}

/// "every Tuesday at 6.30 pm"
fn again(one: &CheckIn) -> Result<String, Failure> {
    Ok(again_words(actions::recurrence(one)?))
}

fn next(visit: &Visit, one: &CheckIn) -> String {
    meeting_words(one.next_at.utc(), None, one.zone.parse().unwrap_or(Tz::UTC), visit.now)
}

/// What a group's page says of the check-in that opened last.
pub(crate) fn newest(
    visit: &Visit,
    connection: &mut DbConn,
    group: &Actor,
    row: &Group,
) -> Result<Option<OpenCheckIn>, Failure> {
    let account = visit.me.as_ref().map(|me| me.account.id);
    let Some((one, post)) = actions::newest(connection, account, &visit.reader, row)? else { return Ok(None) };
    if visit.reader.folding_in(group.id, post.content_note.as_deref()) == Folding::Hidden {
        return Ok(None);
    }
    let words = match (one.rest, one.rule) {
        (Some(_), _) => "The last check-in",
        (None, Rule::Weekly(_)) => "This week’s check-in",
        (None, Rule::MonthlyDay(_) | Rule::MonthlyWeekday(..)) => "This month’s check-in",
    };
    Ok(Some(OpenCheckIn { words, title: post.title.unwrap_or_default(), href: format!("/p/{}", post.id) }))
}

/// What a conversation says of the check-in it came of; empty where it came of none.
pub(crate) fn in_conversation(visit: &Visit, connection: &mut DbConn, post: PostId) -> Result<String, Failure> {
    let Some(one) = actions::of_post(connection, post)? else { return Ok(String::new()) };
    Ok(match one.rest {
        Some(_) => "This check-in opened by itself. It rests at the moment.".to_owned(),
        None => {
            format!("This check-in opens by itself {}. The next one: {}.", again(&one)?, next(visit, &one))
        }
    })
}

pub(crate) async fn list(visit: Visit) -> Answer {
    let name = visit.part("name").to_owned();
    visit.show(move |visit| List { name }.show(visit, &Sent::default(), Flaws::none())).await
}

pub(crate) async fn take_list(visit: Visit, sent: Sent) -> Answer {
    let name = visit.part("name").to_owned();
    submit(visit, sent, List { name }).await
}

struct List {
    name: String,
}

impl Form for List {
    fn show(&self, visit: &Visit, _: &Sent, flaws: Flaws) -> Shown {
        let account = visit.account()?;
        let (group, _) = visit.read(|c| cards::find_group(visit, c, &self.name))?;
        let all = actions::list(&visit.state.app, account, group.id)?;
        let href = href(&group);
        let new_href = Some(format!("{href}/new")).filter(|_| all.len() < MOST);
        let list = all.into_iter().map(|one| card(visit, &href, one)).collect::<Result<_, _>>()?;
        visit.page(&CheckInsPage {
            shell: visit.shell_again("Check-ins", Nav::Groups, flaws.any(), flaws.notice.clone()),
            group: (cards::group_href(&group), group.display_name),
            new_href,
            zone: zone_words(visit.zone()),
            list,
        })
    }

    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        let (app, account) = (&visit.state.app, visit.account()?);
        let (group, _) = visit.read(|c| cards::find_group(visit, c, &self.name))?;
        let id: CheckInId = sent.get("id").parse()?;
        let (done, said) = match sent.get("do") {
            "pause" => (actions::pause(app, account, id, true), "check-in-paused"),
            "go-on" => (actions::pause(app, account, id, false), "check-in-goes-on"),
            "take-over" => (actions::take_over(app, account, id), "check-in-taken-over"),
            _ => return Err(Failure::Unreadable("Press one of the buttons on the page.")),
        };
        done.map_err(in_place)?;
        Ok(Answer::see(&format!("{}?said={said}", href(&group))))
    }
}

/// A refusal is said on the page where it happened: what was typed stays there.
fn in_place(error: ActionError) -> ActionError {
    match error {
        ActionError::Denied(denied) => ActionError::Conflict(denied_words(denied)),
        other => other,
    }
}

fn card(visit: &Visit, href: &str, read: ReadCheckIn) -> Result<CheckInCard, Failure> {
    let ReadCheckIn { check_in: one, html, author, own } = read;
    let name = author.map(|author| author.display_name);
    let rests = match (one.rest, &name) {
        (None, _) => String::new(),
        (Some(Rest::ByHand), _) => "It is paused.".to_owned(),
        (Some(Rest::Agreement), _) if own => {
            "What members agree to has changed. Read it on the group’s page and agree there; then it can go on."
                .to_owned()
        }
        (Some(Rest::Agreement), Some(name)) => {
            format!("What members agree to has changed, and {name} has yet to agree. Then it can go on.")
        }
        (Some(_), Some(_)) if own => "When its time came, it could not open in your name.".to_owned(),
        (Some(_), Some(name)) => {
            format!("It can’t open in the name of {name} at the moment. Take it over, and it goes on in yours.")
        }
        (Some(_), None) => "Nobody keeps it any more. Take it over, and it goes on in your name.".to_owned(),
    };
    Ok(CheckInCard {
        id: one.id.to_string(),
        href: format!("{href}/{}", one.id),
        again: again(&one)?,
        next: if one.rest.is_none() { next(visit, &one) } else { String::new() },
        author: match name {
            _ if own => "It opens in your name.".to_owned(),
            Some(name) => format!("It opens in the name of {name}."),
            None => String::new(),
        },
        own,
        rests,
        newest: one.post_id.map(|post| format!("/p/{post}")),
        title: one.title,
        content_note: one.content_note,
        html: SafeHtml(html),
    })
}

pub(crate) async fn new(visit: Visit) -> Answer {
    visit.show(|visit| new_form(visit, visit.part("name"), &Sent::default(), Flaws::none())).await
}

pub(crate) async fn take_new(visit: Visit, sent: Sent) -> Answer {
    let name = visit.part("name").to_owned();
    submit(visit, sent, Edit { name, id: String::new() }).await
}

pub(crate) async fn edit(visit: Visit) -> Answer {
    visit.show(|visit| edit_form(visit, visit.part("name"), visit.part("id"), &Sent::default(), Flaws::none())).await
}

pub(crate) async fn take_edit(visit: Visit, sent: Sent) -> Answer {
    let (name, id) = (visit.part("name").to_owned(), visit.part("id").to_owned());
    submit(visit, sent, Edit { name, id }).await
}

/// The form of one, or of a new one where `id` is empty.
struct Edit {
    name: String,
    id: String,
}

impl Form for Edit {
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        if self.id.is_empty() {
            new_form(visit, &self.name, sent, flaws)
        } else {
            edit_form(visit, &self.name, &self.id, sent, flaws)
        }
    }

    fn act(&self, visit: &Visit, sent: &Sent, nonce: FormNonce) -> Shown {
        let (app, account) = (&visit.state.app, visit.account()?);
        let (group, _) = visit.read(|c| cards::find_group(visit, c, &self.name))?;
        let typed = typed(sent, nonce);
        if self.id.is_empty() {
            actions::set_up(app, account, group.id, &typed).map_err(in_place)?;
            return Ok(Answer::see(&format!("{}?said=check-in-set-up", href(&group))));
        }
        match actions::change(app, account, self.id.parse()?, &typed).map_err(in_place) {
            Err(ActionError::NotFound) => Err(ActionError::Conflict(
                "It was ended meanwhile. What you typed is still here, to set up another one.",
            )
            .into()),
            done => {
                done?;
                Ok(Answer::see(&format!("{}?said=saved", href(&group))))
            }
        }
    }
}

/// What was typed, for the action. A form sent twice with the same words sets up one.
fn typed(sent: &Sent, nonce: FormNonce) -> CheckInForm {
    let (every, weekday, day) = (sent.get("every"), sent.get("weekday"), sent.get("day"));
    let rule = match every {
        WEEKLY => format!("FREQ=WEEKLY;BYDAY={weekday}"),
        ON_A_DAY => format!("FREQ=MONTHLY;BYMONTHDAY={day}"),
        nth => format!("FREQ=MONTHLY;BYDAY={nth}{weekday}"),
    };
    let words = ["title", "body", "note", "see", "time"].map(|name| sent.get(name));
    let [title, body, note, see, time] = words;
    let number = draft(nonce, &[title, body, note, see, time, &rule]);
    CheckInForm {
        title: sent.text("title"),
        text: sent.text("body"),
        content_note: sent.text("note"),
        visibility: sent.text("see"),
        rule,
        time: sent.text("time"),
        draft: CheckInId::try_from(number).map(|id| id.to_string()).unwrap_or_default(),
    }
}

/// The form of a new check-in.
pub(crate) fn new_form(visit: &Visit, name: &str, sent: &Sent, flaws: Flaws) -> Shown {
    let (group, row) = visit.read(|c| cards::find_group(visit, c, name))?;
    let first = post::audiences(visit, &group, &row).first().map(|choice| choice.value.clone()).unwrap_or_default();
    let values = PostValues {
        title: sent.text("title"),
        body: sent.text("body"),
        note: sent.text("note"),
        see: sent.or("see", &first),
    };
    let times = times(sent.or("every", WEEKLY), sent.or("weekday", "MO"), sent.or("day", "1"), sent.text("time"));
    form_page(visit, &group, &row, None, values, times, flaws)
}

/// The form of a check-in. Where it was ended meanwhile, what was typed is in the form of a new one.
pub(crate) fn edit_form(visit: &Visit, name: &str, id: &str, sent: &Sent, flaws: Flaws) -> Shown {
    let typed = !sent.get("token").is_empty();
    let (group, row) = visit.read(|c| cards::find_group(visit, c, name))?;
    let one = match actions::get(&visit.state.app, visit.account()?, id.parse()?) {
        Err(ActionError::NotFound) if typed => return new_form(visit, name, sent, flaws),
        one => one?.check_in,
    };
    if one.group_id != group.id {
        return Err(crate::error::nothing());
    }
    let kept = |name: &str, kept: String| if typed { sent.text(name) } else { kept };
    let (every, weekday, day) = parts_of(one.rule);
    let values = PostValues {
        title: kept("title", one.title),
        body: kept("body", one.source),
        note: kept("note", one.content_note.unwrap_or_default()),
        see: kept("see", one.visibility.as_str().to_owned()),
    };
    let times =
        times(kept("every", every), kept("weekday", weekday), kept("day", day), kept("time", one.civil_time.clone()));
    form_page(visit, &group, &row, Some(one.id), values, times, flaws)
}

/// A rule as the fields of the form have it: how often, the weekday, the day of the month.
fn parts_of(rule: Rule) -> (String, String, String) {
    let weekday = |chosen: chrono::Weekday| {
        WEEKDAYS.iter().find(|(_, weekday)| *weekday == chosen).map_or("MO", |(text, _)| text).to_owned()
    };
    match rule {
        Rule::Weekly(chosen) => (WEEKLY.to_owned(), weekday(chosen), "1".to_owned()),
        Rule::MonthlyDay(day) => {
            let day = day.number().map_or_else(|| LAST.to_owned(), |number| number.to_string());
            (ON_A_DAY.to_owned(), "MO".to_owned(), day)
        }
        Rule::MonthlyWeekday(nth, chosen) => (nth.number().to_string(), weekday(chosen), "1".to_owned()),
    }
}

fn times(every: String, weekday: String, day: String, time: String) -> CheckInTimes {
    let choice = |value: String, words: String| Choice { value, words, hint: String::new() };
    let mut frequencies = vec![choice(WEEKLY.to_owned(), "Every week".to_owned())];
    frequencies.extend(
        Nth::ALL.map(|(number, nth)| choice(number.to_string(), format!("Every month, the {}", nth_words(nth)))),
    );
    frequencies.push(choice(ON_A_DAY.to_owned(), "Every month, on a day".to_owned()));
    let mut days: Vec<Choice> = (1..=u8::MAX)
        .map_while(MonthDay::new)
        .filter_map(MonthDay::number)
        .map(|number| choice(number.to_string(), number.to_string()))
        .collect();
    days.push(choice(LAST.to_owned(), "The last day".to_owned()));
    let weekdays = WEEKDAYS.map(|(text, weekday)| choice(text.to_owned(), weekday_words(weekday).to_owned())).into();
    CheckInTimes { every, frequencies, weekday, weekdays, day, days, time }
}

fn form_page(
    visit: &Visit,
    group: &Actor,
    row: &Group,
    id: Option<CheckInId>,
    values: PostValues,
    times: CheckInTimes,
    flaws: Flaws,
) -> Shown {
    let author = actions::keeper(&visit.state.app, visit.account()?, group.id)?.display_name;
    let topics = visit.read(|c| post::notes(c, group.id))?;
    let flaws = flaws.named(&NAMES);
    let back = href(group);
    let title = if id.is_some() { "Change the check-in" } else { "Set up a check-in" };
    visit.page(&CheckInFormPage {
        shell: visit.shell_again(title, Nav::Groups, flaws.any(), flaws.notice.clone()),
        action: id.map_or_else(|| format!("{back}/new"), |id| format!("{back}/{id}")),
        back,
        editing: id.is_some(),
        author,
        topics,
        audiences: post::audiences(visit, group, row),
        zone: zone_words(visit.zone()),
        preview: flaws.preview.then(|| SafeHtml(markdown::html(&values.body))),
        values,
        times,
        errors: flaws.errors,
    })
}

/// `/g/{name}/check-ins/{id}/end`
pub(crate) async fn ask_end(visit: Visit) -> Answer {
    let (name, id) = (visit.part("name").to_owned(), visit.part("id").to_owned());
    visit.show(move |visit| End { name, id }.show(visit, &Sent::default(), Flaws::none())).await
}

pub(crate) async fn end(visit: Visit, sent: Sent) -> Answer {
    let (name, id) = (visit.part("name").to_owned(), visit.part("id").to_owned());
    submit(visit, sent, End { name, id }).await
}

struct End {
    name: String,
    id: String,
}

impl Form for End {
    fn show(&self, visit: &Visit, _: &Sent, flaws: Flaws) -> Shown {
        let (group, _) = visit.read(|c| cards::find_group(visit, c, &self.name))?;
        let one = actions::get(&visit.state.app, visit.account()?, self.id.parse()?)?.check_in;
        if one.group_id != group.id {
            return Err(crate::error::nothing());
        }
        let back = href(&group);
        visit.page(&ConfirmPage {
            shell: visit.shell_again("End a check-in", Nav::Groups, flaws.any(), flaws.notice),
            question: format!("End “{}”?", one.title),
            words: "It does not open again, and its words go. The conversations it opened stay.".to_owned(),
            action: format!("{back}/{}/end", one.id),
            button: "End it".to_owned(),
            back,
        })
    }

    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        let (group, _) = visit.read(|c| cards::find_group(visit, c, &self.name))?;
        if sent.get("sure") != "yes" {
            return Err(Failure::Unreadable("Press the button on the page."));
        }
        actions::end(&visit.state.app, visit.account()?, self.id.parse()?)?;
        Ok(Answer::see(&format!("{}?said=check-in-ended", href(&group))))
    }
}
