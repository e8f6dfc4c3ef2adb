//! What has faded: its author reads it, page by page, and deletes it; nobody else finds it.

use super::world::{Browser, World};
use hearth_db::tables::faded_posts::FadedPost;
use hearth_domain::id::PostId;

#[actix_web::test]
async fn own_words_are_kept_until_they_are_deleted() {
    let world = World::new();
    let place = world.settled();
    let app = world.serve().await;
    let (mut heron, mut wren) = (Browser::signed_in(&app, "heron").await, Browser::signed_in(&app, "wren").await);
    assert!(heron.get("/settings/faded").await.html.contains("Nothing of yours has faded."));
    let actions = &world.state.app;
    let faded: Vec<FadedPost> = (0..21)
        .map(|number: i64| FadedPost {
            id: PostId::random(&*actions.entropy),
            author_id: world.persona(place.keeper).parse().unwrap(),
            group_name: "Tea and talk".to_owned(),
            title: (number > 0).then(|| format!("Evening {number}.")),
            source: "Badly.".to_owned(),
            content_html: format!("<p>Word {number}.</p>"),
            content_note: (number == 20).then(|| "sleep".to_owned()),
            published_at: (actions.now().utc() + chrono::Duration::minutes(number)).into(),
        })
        .collect();
    actions.db.write(|tx| faded.iter().try_for_each(|one| one.insert(tx))).unwrap();
    assert!(heron.get("/settings").await.html.contains("href=\"/settings/faded\""));
    let first = heron.get("/settings/faded").await;
    for words in ["Evening 20.", "Evening 1.", "Tea and talk", "as Heron", "sleep"] {
        assert!(first.html.contains(words), "{words}: {}", first.html);
    }
    assert!(!first.html.contains("Word 0."), "{}", first.html);
    let older = first.html.split("href=\"/settings/faded?after=").nth(1).unwrap().split('"').next().unwrap();
    let second = heron.get(&format!("/settings/faded?after={older}")).await;
    assert!(second.html.contains("A reply") && second.html.contains("Word 0."), "{}", second.html);
    assert!(!second.html.contains("Evening 1."), "{}", second.html);
    let address = format!("/settings/faded/{}", faded[20].id);
    assert!(!wren.get("/settings/faded").await.html.contains("Evening"));
    let theirs = wren.get("/settings").await.token();
    assert_eq!(wren.get(&address).await.status, 404);
    assert_eq!(wren.post(&address, &[("token", &theirs)]).await.status, 404);
    let sure = heron.get(&address).await;
    let gone = heron.post(&address, &[("token", &sure.token())]).await;
    assert_eq!(gone.location, "/settings/faded?said=taken-back");
    assert!(!heron.get("/settings/faded").await.html.contains("Evening 20."));
    assert_eq!(heron.get(&address).await.status, 404);
}
