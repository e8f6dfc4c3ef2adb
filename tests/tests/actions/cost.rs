//! What one received activity costs the database: a count of statements, which says on any machine what a timing would
//! say only on a quiet one. A number that grows is a round trip more for every activity of every server.

use hearth_actions::{post, received::Outcome};
use hearth_db::{Kind, statements};
use serde_json::json;
use tests::{
    database::TestDatabase,
    world::{World, post_form},
};

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";
const KIM: &str = "https://elm.test/u/kim";

/// Statements for a reply that is stored and relayed to one server. Of them one asks whether the two have blocked each
/// other, one whether its author may write and whether a person looks first; four tell whom it answers and
/// who follows the conversation.
const A_REPLY: usize = 22;

#[test]
fn a_received_reply_costs_few_statements() {
    statements::watch();
    let database = TestDatabase::new(Kind::Sqlite);
    let (world, keeper) = World::ready(&database);
    let owner = world.personas(keeper)[0].id;
    let tea = world.group(keeper, owner, "tea");
    let kim = world.remote_follower(&tea, KIM);
    world.remote_follower(&tea, "https://fir.test/u/sam");
    let root = post::publish(&world.app, keeper, tea.id, &post_form(owner, "Sleep?", "Badly.")).unwrap();
    world.sent();
    let to = json!([tea.ap_id.as_str(), PUBLIC]);
    let reply = |number: u8| {
        json!({"id": format!("{KIM}/a/{number}"), "type": "Create", "actor": KIM, "to": to, "cc": [], "object":
        {"id": format!("https://elm.test/n/{number}"), "type": "Note", "attributedTo": KIM, "inReplyTo": root.ap_id.as_str(),
            "to": to, "cc": [], "audience": tea.ap_id.as_str(), "content": "<p>Me too.</p>"}})
    };
    for number in 1..3 {
        drop(statements::taken());
        assert_eq!(world.receive(&kim, &reply(number)).unwrap(), Outcome::Done);
        let asked = statements::taken();
        assert!(!asked.is_empty() && asked.len() <= A_REPLY, "{} statements:\n{}", asked.len(), asked.join("\n"));
        assert_eq!(world.sent().len(), 1, "it was relayed");
    }
}
