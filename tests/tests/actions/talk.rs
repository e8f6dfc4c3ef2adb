//! What a group chose for its conversations, and what a member wants folded.

use hearth_actions::{
    ActionError,
    post::{self, PostForm},
    talk::{self, RulesForm},
};
use hearth_db::views::visible::Reader;
use hearth_domain::{
    Denied,
    membership::Role,
    note::{Folding, NoteChoice, SUGGESTED},
};
use tests::{
    database::each_database,
    world::{World, post_form, refused_fields},
};

#[test]
fn a_group_has_a_list_and_a_member_chooses() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea").id;
        let (wren, _) = world.member(group, "wren", Role::Member);
        let app = &world.app;
        let topics = |account| {
            talk::choices(app, account, group).unwrap().into_iter().map(|(topic, _)| topic).collect::<Vec<_>>()
        };
        assert_eq!(topics(wren), SUGGESTED);
        let typed = |notes: &str| RulesForm { notes: notes.into(), unnamed: "yes".into(), ..RulesForm::default() };
        let denied = talk::change(app, wren, group, &typed("buses"));
        assert!(matches!(denied, Err(ActionError::Denied(Denied::FacilitatorsOnly))));
        assert_eq!(refused_fields(talk::change(app, keeper, group, &typed(&"x".repeat(61)))), ["notes"]);
        talk::change(app, keeper, group, &typed("buses\nexams")).unwrap();
        assert_eq!(topics(wren), ["buses", "exams"]);

        let noted = |note: &str| {
            let typed = PostForm { content_note: note.into(), ..post_form(owner, "A day", "It was long.") };
            post::publish(app, keeper, group, &typed).unwrap()
        };
        let (buses, exams, both, other) =
            (noted("Buses"), noted("exams"), noted("exams, grief"), noted("buses, exams"));
        let folding = |account| {
            let reader = app.db.read(|c| Reader::account(c, account)).unwrap();
            [&buses, &exams, &both, &other].map(|post| reader.folding(post))
        };
        assert_eq!(folding(wren), [Folding::Folded; 4]);
        let chosen = [("buses".to_owned(), NoteChoice::Hide), ("exams".to_owned(), NoteChoice::Show)];
        talk::choose(app, wren, group, &chosen).unwrap();
        assert_eq!(folding(wren), [Folding::Hidden, Folding::Open, Folding::Folded, Folding::Hidden]);
        assert_eq!(folding(keeper), [Folding::Folded; 4], "it is nobody else's choice");
        // A topic that the group took from its list is still there for who chose it.
        talk::change(app, keeper, group, &typed("exams")).unwrap();
        assert_eq!(topics(wren), ["exams", "buses"]);
        talk::choose(app, wren, group, &[]).unwrap();
        assert_eq!(folding(wren), [Folding::Folded; 4]);
    });
}
