//! Coming into a group and going: what members agree to, the waiting room, invitations, bans that nobody hears of.

use hearth_actions::{
    ActionError,
    account::{self, SignUpForm},
    agreement::{self, TermsForm},
    ban::{self, BanForm},
    cleanup, event, group, group_invitation as invitation,
    group_invitation::InvitationForm,
    join_request::{self, JoinForm},
    membership, persona,
    post::{self, Answering},
    role,
    server::{self, SetupForm},
};
use hearth_db::tables::{actors::Actor, join_requests, memberships, posts};
use hearth_domain::{
    id::{AccountId, ActorId},
    join_request::Outcome,
    membership::{Parting, Role, State},
};
use tests::{
    database::each_database,
    world::{World, active, event_form, group_form, post_form, refused_fields, setup_form, sign_up_form},
};

fn circle(world: &World, keeper: AccountId) -> Actor {
    let owner = world.personas(keeper)[0].id;
    world.group_like(keeper, owner, "circle", "peer_support_circle")
}

fn terms(world: &World, keeper: AccountId, group: &Actor, agreement: &str, questions: &[&str]) {
    let questions = questions.iter().map(|words| (*words).to_owned()).collect();
    let typed = TermsForm { agreement: agreement.into(), questions, ..TermsForm::default() };
    agreement::set(&world.app, keeper, group.id, &typed).unwrap();
}

fn saying(agreed: &str, answers: &[&str]) -> JoinForm {
    let answers = answers.iter().map(|words| (*words).to_owned()).collect();
    JoinForm { agreed: agreed.into(), answers, hello: String::new() }
}

fn state(world: &World, group: &Actor, persona: ActorId) -> Option<State> {
    world.read(|c| memberships::get(c, group.id, persona)).map(|row| row.state)
}

#[test]
fn what_members_agree_to_comes_first_and_is_asked_again_when_it_changes() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let app = &world.app;
        let group = circle(&world, keeper);
        let (wren, persona) = world.account("wren");
        assert!(matches!(
            agreement::set(app, wren, group.id, &TermsForm::default()),
            Err(ActionError::Denied(_) | ActionError::NotFound)
        ));
        terms(&world, keeper, &group, "What is said here stays here.", &[]);
        for wrong in ["", "2", "yes"] {
            let asked = membership::join_saying(app, wren, group.id, persona, &saying(wrong, &[]));
            assert_eq!(refused_fields(asked), ["agreed"], "{wrong}");
        }
        assert_eq!(state(&world, &group, persona), None, "nothing was asked before they agreed");
        membership::join_saying(app, wren, group.id, persona, &saying("1", &[])).unwrap();
        membership::answer(app, keeper, group.id, persona, true).unwrap();
        let root = post::publish(app, wren, group.id, &post_form(persona, "One", "Words.")).unwrap();

        // Other words: read on, write later. Only the wording: nobody is asked.
        let set = |agreement: &str, only_wording: &str| {
            let typed =
                TermsForm { agreement: agreement.into(), only_wording: only_wording.into(), ..TermsForm::default() };
            agreement::set(app, keeper, group.id, &typed).unwrap();
        };
        let due =
            |account| world.read(|c| Ok(agreement::outstanding(c, group.id, account).unwrap())).map(|row| row.version);
        set("What is said here, stays here.", "yes");
        assert_eq!(due(wren), None);
        set("What is said here stays here. No advice unasked.", "");
        assert_eq!((due(wren), due(keeper)), (Some(2), None), "who wrote it agrees by that");
        let late = post::publish(app, wren, group.id, &post_form(persona, "Two", "Words."));
        assert!(matches!(late, Err(ActionError::Conflict(words)) if words.contains("agree")));
        let late = post::reply(app, wren, Answering::Post(root.id), &post_form(persona, "", "More."));
        assert!(matches!(late, Err(ActionError::Conflict(_))));
        role::give(app, keeper, group.id, persona, Role::Host).unwrap();
        let late = event::announce(app, wren, group.id, &event_form(persona));
        assert!(matches!(late, Err(ActionError::Conflict(words)) if words.contains("agree")));
        post::edit(app, wren, root.id, &post_form(persona, "One", "Better words.")).unwrap();
        assert_eq!(refused_fields(agreement::accept(app, wren, group.id, "1")), ["agreed"]);
        agreement::accept(app, wren, group.id, "2").unwrap();
        post::publish(app, wren, group.id, &post_form(persona, "Two", "Words.")).unwrap();
        event::announce(app, wren, group.id, &event_form(persona)).unwrap();
        // Taken away: there is nothing to agree to, also for who comes.
        set("", "");
        let (robin, other) = world.account("robin");
        membership::join(app, robin, group.id, other).unwrap();
    });
}

#[test]
fn the_waiting_room() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let app = &world.app;
        let group = circle(&world, keeper);
        terms(&world, keeper, &group, "", &["What brings you here?", "", "How did you hear of us?"]);
        let (wren, persona) = world.account("wren");
        let long = "x".repeat(1_001);
        let asked = membership::join_saying(app, wren, group.id, persona, &saying("", &["Grief.", &long]));
        assert_eq!(refused_fields(asked), ["answer_2"]);
        membership::join_saying(app, wren, group.id, persona, &saying("", &["Grief."])).unwrap();
        let waiting = membership::waiting(app, keeper, group.id).unwrap();
        let said: Vec<_> =
            waiting[0].answers.iter().map(|one| (one.question.as_str(), one.answer.as_deref())).collect();
        assert_eq!(said, [("What brings you here?", Some("Grief.")), ("How did you hear of us?", Some(""))]);
        let (member, _) = world.member(group.id, "lark", Role::Host);
        assert!(membership::waiting(app, member, group.id).is_err(), "answers are for facilitators");

        // Something is asked, and answered by who waits.
        assert!(join_request::ask(app, member, group.id, persona, "Yes?").is_err());
        join_request::ask(app, keeper, group.id, persona, "Which evenings suit you?").unwrap();
        let pending = join_request::pending(app, wren).unwrap();
        assert_eq!(pending[0].questions, [(2, "Which evenings suit you?".to_owned())]);
        assert_eq!(refused_fields(join_request::answer(app, wren, group.id, &[(2, " ".into())])), ["answer"]);
        assert_eq!(refused_fields(join_request::answer(app, wren, group.id, &[(0, "No.".into())])), ["answer"]);
        join_request::answer(app, wren, group.id, &[(2, "Tuesdays.".into())]).unwrap();
        let waiting = membership::waiting(app, keeper, group.id).unwrap();
        assert_eq!(waiting[0].answers[2].answer.as_deref(), Some("Tuesdays."));

        // Withdrawn, and asked again; not the group for them, with a kind word.
        membership::leave(app, wren, group.id).unwrap();
        assert!(join_request::pending(app, wren).unwrap().is_empty());
        membership::join_saying(app, wren, group.id, persona, &saying("", &["Grief."])).unwrap();
        membership::answer_kindly(app, keeper, group.id, persona, false, "The Monday group fits better.").unwrap();
        let pending = join_request::pending(app, wren).unwrap();
        assert_eq!((pending[0].outcome, pending[0].note.as_str()), (Outcome::NotHere, "The Monday group fits better."));
        assert!(world.read(|c| join_requests::answers(c, group.id, persona)).is_empty(), "nothing they said is kept");
        join_request::put_away(app, wren, group.id).unwrap();
        assert!(join_request::pending(app, wren).unwrap().is_empty());

        // Let in: what they answered is kept for 30 days and not longer.
        membership::join_saying(app, wren, group.id, persona, &saying("", &["Grief."])).unwrap();
        membership::answer(app, keeper, group.id, persona, true).unwrap();
        let kept = || join_request::let_in_lately(app, keeper, group.id).unwrap().len();
        for (days, left) in [(29, 1), (2, 0)] {
            world.clock.advance(chrono::Duration::days(days));
            cleanup::forget(app).unwrap();
            assert_eq!(kept(), left);
        }
        assert!(world.read(|c| join_requests::get(c, group.id, persona)).is_none());
    });
}

#[test]
fn a_ban_holds_for_the_account_and_nobody_hears_of_it() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let app = &world.app;
        let group = circle(&world, keeper);
        terms(&world, keeper, &group, "Kind first.", &["Why?"]);
        let (wren, first) = world.account("wren");
        let second = persona::create(app, wren, "second_name", "Second").unwrap();
        membership::join_saying(app, wren, group.id, first, &saying("1", &[])).unwrap();
        membership::answer(app, keeper, group.id, first, true).unwrap();
        let form = BanForm { reason: "Unkind.".into(), ..BanForm::default() };
        ban::ban(app, keeper, group.id, first, &form).unwrap();
        let told = || world.read(|c| Ok(join_request::told(c, group.id, wren).unwrap()));
        assert_eq!(told(), None, "like anybody outside");
        // Another name is taken through the same, and waits for nobody.
        let typed = saying("", &["Why not."]);
        assert_eq!(refused_fields(membership::join_saying(app, wren, group.id, second, &typed)), ["agreed"]);
        let asked = membership::join_saying(app, wren, group.id, second, &saying("1", &["Why not."])).unwrap();
        assert_eq!((asked, told()), (State::Waiting, Some((second, State::Waiting))));
        assert_eq!(join_request::pending(app, wren).unwrap().len(), 1);
        assert!(membership::waiting(app, keeper, group.id).unwrap().is_empty());
        assert!(world.read(|c| join_requests::answers(c, group.id, second)).is_empty());
        let seen = post::publish(app, wren, group.id, &post_form(second, "One", "Words."));
        assert!(matches!(seen, Err(ActionError::Denied(_) | ActionError::Invalid(_))));
        // An invitation that lets everybody in leads to the same line, and is not used up.
        let typed =
            InvitationForm { uses: "1".into(), days: "7".into(), skips_approval: "yes".into(), ..Default::default() };
        let (_, code) = invitation::make(app, keeper, group.id, &typed).unwrap();
        let (_, led) = invitation::accept(app, "a network", wren, &code, second, &saying("1", &[])).unwrap();
        assert_eq!(led, State::Waiting);
        assert_eq!(invitation::all(app, keeper, group.id).unwrap().len(), 1);
        // Taken back, it is gone; lifted, nothing shows whose name had asked.
        membership::leave(app, wren, group.id).unwrap();
        assert_eq!((told(), state(&world, &group, first)), (None, Some(State::Banned)));
        membership::join_saying(app, wren, group.id, second, &saying("1", &[])).unwrap();
        ban::lift(app, keeper, group.id, first).unwrap();
        assert_eq!(told(), None);
        assert!(membership::waiting(app, keeper, group.id).unwrap().is_empty());
    });
}

fn make(world: &World, keeper: AccountId, group: &Actor, uses: &str, at_once: &str) -> String {
    let typed =
        InvitationForm { label: "Library".into(), uses: uses.into(), days: "7".into(), skips_approval: at_once.into() };
    invitation::make(&world.app, keeper, group.id, &typed).unwrap().1
}

#[test]
fn a_card_opens_the_door_once() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let app = &world.app;
        let owner = world.personas(keeper)[0].id;
        let typed = group::GroupForm {
            readable: "hidden".into(),
            joining: "invitation".into(),
            ..group_form("veil", owner, "peer_support_circle")
        };
        let veil = group::create(app, keeper, &typed).unwrap();
        let (wren, persona) = world.account("wren");
        let wrong = InvitationForm { uses: "0".into(), days: "366".into(), ..InvitationForm::default() };
        assert_eq!(refused_fields(invitation::make(app, keeper, veil.id, &wrong)), ["uses", "days"]);
        assert!(matches!(invitation::make(app, wren, veil.id, &wrong), Err(ActionError::Invalid(_))));
        let card = make(&world, keeper, &veil, "1", "yes");
        let nothing = |code: &str| {
            let seen = invitation::look(app, "somewhere", Some(wren), code);
            assert!(matches!(seen, Err(ActionError::NotFound)), "{code}");
            let used = invitation::accept(app, "somewhere", wren, code, persona, &JoinForm::default());
            assert!(matches!(used, Err(ActionError::NotFound)), "{code}");
        };
        assert!(
            matches!(membership::join(app, wren, veil.id, persona), Err(ActionError::NotFound)),
            "hidden without it"
        );
        let offer = invitation::look(app, "somewhere", None, &card.to_uppercase().replace('-', " ")).unwrap();
        assert_eq!((offer.group.id, offer.leads_to), (veil.id, State::Active));
        let (_, led) = invitation::accept(app, "somewhere", wren, &card, persona, &JoinForm::default()).unwrap();
        assert_eq!((led, state(&world, &veil, persona)), (State::Active, Some(State::Active)));
        nothing(&card);
        nothing("2345-2345-2345-2345");
        nothing("");
        // Without the privilege, its bearer waits to be welcomed.
        let (robin, other) = world.account("robin");
        let card = make(&world, keeper, &veil, "2", "");
        let (_, led) = invitation::accept(app, "somewhere", robin, &card, other, &JoinForm::default()).unwrap();
        assert_eq!((led, membership::waiting(app, keeper, veil.id).unwrap().len()), (State::Waiting, 1));
        // Taken back, or too old.
        let (left, maker) = invitation::all(app, keeper, veil.id).unwrap().remove(0);
        assert_eq!((left.uses_left, maker.id, left.label.as_str()), (1, owner, "Library"));
        assert!(matches!(invitation::revoke(app, robin, left.id), Err(ActionError::NotFound)));
        invitation::revoke(app, keeper, left.id).unwrap();
        nothing(&card);
        let card = make(&world, keeper, &veil, "1", "");
        world.clock.advance(chrono::Duration::days(7));
        nothing(&card);
    });
}

#[test]
fn codes_can_not_be_guessed() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let app = &world.app;
        let group = circle(&world, keeper);
        let card = make(&world, keeper, &group, "1", "");
        for at in 0..30 {
            assert!(matches!(
                invitation::look(app, "guesser", None, &format!("guess{at}")),
                Err(ActionError::NotFound)
            ));
            assert!(invitation::look(app, "reader", None, &card).is_ok(), "good codes are not counted");
        }
        assert!(matches!(invitation::look(app, "guesser", None, &card), Err(ActionError::TooOften { .. })));
        world.clock.advance(chrono::Duration::hours(1));
        assert!(invitation::look(app, "guesser", None, &card).is_ok());
    });
}

#[test]
fn a_card_opens_one_account_and_then_the_group() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let app = &world.app;
        let group = circle(&world, keeper);
        server::update(app, keeper, &SetupForm { sign_up: "invitation".into(), ..setup_form("") }).unwrap();
        let card = make(&world, keeper, &group, "1", "yes");
        let with = |name: &str| SignUpForm { invitation: card.clone(), ..sign_up_form(name) };
        let let_in = std::thread::scope(|scope| {
            let threads = ["wren", "robin"].map(with).map(|typed| scope.spawn(move || account::sign_up(app, &typed)));
            threads.into_iter().filter_map(|one| one.join().unwrap().ok()).collect::<Vec<_>>()
        });
        assert_eq!(let_in.len(), 1, "one card, one account");
        let wren = active(let_in[0]);
        assert!(matches!(invitation::look(app, "x", None, &card), Err(ActionError::NotFound)), "used up for others");
        let persona = world.personas(wren)[0].id;
        let (_, led) = invitation::accept(app, "x", wren, &card, persona, &JoinForm::default()).unwrap();
        assert_eq!(led, State::Active);
        membership::leave(app, wren, group.id).unwrap();
        let again = invitation::accept(app, "x", wren, &card, persona, &JoinForm::default());
        assert!(matches!(again, Err(ActionError::NotFound)), "once");
    });
}

#[test]
fn people_leave_as_they_like() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let app = &world.app;
        let owner = world.personas(keeper)[0].id;
        let open = world.group(keeper, owner, "tea");
        let here = circle(&world, keeper);
        for (number, (group, parting)) in [
            (&here, Parting::Kept),
            (&here, Parting::Unnamed),
            (&here, Parting::Removed),
            (&open, Parting::Removed),
            (&open, Parting::Unnamed),
        ]
        .into_iter()
        .enumerate()
        {
            let (account, persona) = world.member(group.id, &format!("wren_{number}"), Role::Member);
            let root = post::publish(app, account, group.id, &post_form(persona, "One", "Words.")).unwrap();
            let done = membership::leave_with(app, account, group.id, parting);
            let row = world.read(|c| posts::by_id(c, root.id)).unwrap();
            if group.id == open.id && parting == Parting::Unnamed {
                assert!(matches!(done, Err(ActionError::Conflict(_))), "other servers have the name");
                assert_eq!((row.author_id, state(&world, group, persona)), (persona, Some(State::Active)));
                continue;
            }
            done.unwrap();
            assert_eq!(state(&world, group, persona), None, "{parting}");
            assert_eq!(row.author_id == persona, parting != Parting::Unnamed, "{parting}");
            assert_eq!(row.deleted_at.is_some(), parting == Parting::Removed, "{parting}");
            if parting == Parting::Unnamed {
                assert!(post::delete(app, account, root.id).is_err(), "it can't be undone");
            }
        }
        assert!(membership::leave_with(app, keeper, here.id, Parting::Removed).is_err(), "the last owner");
    });
}
