//! A keeper's and a member's first day in a real browser, with scripts and without.

use anyhow::Result;
use hearth_actions::{
    account::SignUpForm,
    group,
    server::{self, SetupForm},
};
use hearth_db::{Kind, tables::rsvps};
use tests::{
    browser::{Browser, JavaScript, Window},
    network::TestNetwork,
    pictures,
    world::{event_form, group_form, post_form, setup_form, sign_up_form},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn browser_first_day_with_scripts_on_a_desktop() -> Result<()> {
    first_day(Window::Desktop, JavaScript::On).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn browser_first_day_without_scripts_on_a_phone() -> Result<()> {
    first_day(Window::Phone, JavaScript::Off).await
}

/// A photograph is chosen, described and shown; without words for it the form comes back with it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn browser_a_picture_is_put_into_a_post_without_scripts_on_a_phone() -> Result<()> {
    let network = TestNetwork::start(&[("oak", Kind::Sqlite)]).await;
    let oak = network.server("oak");
    oak.act(|app| group::create(app, oak.keeper, &group_form("circle", oak.persona, "peer_support_circle")));
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("holiday.jpg");
    std::fs::write(&file, pictures::photograph(320, 200))?;
    let browser = Browser::start(oak.local_url(), Window::Phone, JavaScript::Off).await?;
    sign_in(&browser, "keeper").await?;
    browser.open("/g/circle/new").await?;
    browser.fill("Title", "Two colours").await?;
    browser.fill("What you’d like to say", "I like these.").await?;
    browser.press("Add a picture").await?;
    browser.fill("Choose a picture", &file.to_string_lossy()).await?;
    browser.press("Post").await?;
    browser.see("what picture 1 shows").await?;
    assert_eq!(browser.value("Title").await?, "Two colours", "what was typed is kept");
    browser.fill("What does picture 1 show?", "Red beside blue").await?;
    assert!(!browser.scrolls_sideways().await?, "the form is wider than the window");
    browser.screenshot("picture-form-phone").await?;
    browser.press("Post").await?;
    browser.see("Your post is there.").await?;
    assert!(!browser.scrolls_sideways().await?, "the picture is wider than the window");
    browser.screenshot("picture-post-phone").await?;
    Ok(())
}

/// Somebody comes with a card: an account, what members agree to, the questions, a question more, and in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn browser_a_card_leads_into_a_group_without_scripts_on_a_phone() -> Result<()> {
    let network = TestNetwork::start(&[("oak", Kind::Sqlite)]).await;
    let oak = network.server("oak");
    oak.act(|app| server::update(app, oak.keeper, &SetupForm { sign_up: "invitation".into(), ..setup_form("") }));
    let circle = group_form("circle", oak.persona, "peer_support_circle");
    oak.act(|app| group::create(app, oak.keeper, &circle));
    let browser = Browser::start(oak.local_url(), Window::Phone, JavaScript::Off).await?;

    sign_in(&browser, "keeper").await?;
    browser.open("/g/circle/terms").await?;
    browser.fill("The agreement", "What is said here stays here.").await?;
    browser.fill("First question", "What brings you here?").await?;
    browser.press("Save").await?;
    browser.see("Saved").await?;
    browser.open("/g/circle/invitations").await?;
    browser.fill("For how many days", "400").await?;
    browser.press("Make the invitation").await?;
    browser.see("to fix").await?;
    browser.fill("For how many days", "30").await?;
    browser.press("Make the invitation").await?;
    browser.see("The invitation is ready").await?;
    assert!(!browser.scrolls_sideways().await?, "the card is wider than the window");
    browser.screenshot("card-phone").await?;
    let link = browser.value("Link to pass on").await?;
    let code = link.rsplit('/').next().unwrap_or_default().to_owned();
    sign_out(&browser, "Rowan").await?;

    browser.open(&format!("/i?code={}", code.to_uppercase())).await?;
    browser.see("You’re invited to Tea and Talk").await?;
    browser.follow("I’m new here").await?;
    browser.fill("What should we call you?", "Wren").await?;
    browser.fill("A private sign-in name", "wren.private").await?;
    browser.fill("Password", PASSWORD).await?;
    browser.tick("I’m 18 or over").await?;
    browser.press("Join").await?;
    browser.see("What members agree to").await?;
    browser.fill("What brings you here?", "Quiet evenings.").await?;
    browser.press("Send request").await?;
    browser.see("to fix").await?;
    assert_eq!(browser.value("What brings you here?").await?, "Quiet evenings.", "what was typed is kept");
    browser.tick("I agree to this").await?;
    browser.screenshot("group-join-phone").await?;
    browser.press("Send request").await?;
    browser.see("You’ve asked to join").await?;
    sign_out(&browser, "Wren").await?;

    sign_in(&browser, "keeper").await?;
    browser.open("/g/circle/waiting").await?;
    browser.see("Quiet evenings.").await?;
    browser.press("Ask something of Wren").await?;
    browser.fill("What would you like to know?", "Which evenings suit you?").await?;
    browser.press("Ask").await?;
    browser.see("We’ve asked them").await?;
    browser.screenshot("group-waiting-phone").await?;
    sign_out(&browser, "Rowan").await?;

    sign_in_with(&browser, "wren.private", PASSWORD).await?;
    browser.follow("Look at it").await?;
    browser.fill("Which evenings suit you?", "Tuesdays.").await?;
    browser.screenshot("invitations-phone").await?;
    browser.press("Send answer").await?;
    browser.see("Your answer is sent").await?;
    sign_out(&browser, "Wren").await?;

    sign_in(&browser, "keeper").await?;
    browser.open("/g/circle/waiting").await?;
    browser.see("Tuesdays.").await?;
    browser.press("Welcome, Wren").await?;
    browser.see("They’re in").await?;
    browser.see("Let in lately").await?;
    sign_out(&browser, "Rowan").await?;

    sign_in_with(&browser, "wren.private", PASSWORD).await?;
    browser.open("/g/circle").await?;
    browser.see("You’re a member").await?;
    browser.follow("Leave this group").await?;
    browser.tick("It goes").await?;
    browser.screenshot("group-leave-phone").await?;
    browser.press("Leave quietly").await?;
    browser.see("You’ve left").await?;

    browser.close().await?;
    network.finish().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn browser_what_is_hard_to_say_without_scripts_on_a_phone() -> Result<()> {
    let network = TestNetwork::start_but(&[("oak", Kind::Sqlite)], Some("oak")).await;
    let oak = network.server("oak");
    let browser = Browser::start(oak.local_url(), Window::Phone, JavaScript::Off).await?;
    set_up(&browser, &oak.setup_code).await?;
    make_a_group(&browser).await?;
    sign_out(&browser, "Heron").await?;
    sign_up(&browser).await?;
    let named = say_hard_things(&browser).await?;
    sign_out(&browser, "Wren").await?;
    browser.fill("Your sign-in name", "keeper.private").await?;
    browser.fill("Password", PASSWORD).await?;
    browser.press("Sign in").await?;
    browser.see("Your names").await?;
    hear_hard_things(&browser, &named).await?;
    browser.close().await?;
    network.finish().await;
    Ok(())
}

async fn sign_in(browser: &Browser, name: &str) -> Result<()> {
    sign_in_with(browser, name, tests::world::PASSWORD).await
}

async fn sign_in_with(browser: &Browser, name: &str, password: &str) -> Result<()> {
    browser.open("/sign-in").await?;
    browser.fill("Your sign-in name", name).await?;
    browser.fill("Password", password).await?;
    browser.press("Sign in").await?;
    browser.see("Hello").await
}

/// With a note and without a name; under a name; and quietly. Returns where the post with a name is.
async fn say_hard_things(browser: &Browser) -> Result<String> {
    browser.open("/g/tea_and_talk").await?;
    browser.press("Join Tea and Talk").await?;
    browser.see("Welcome in.").await?;
    browser.open("/g/tea_and_talk/new").await?;
    browser.fill("Title", "Nights").await?;
    browser.press("Add a content note").await?;
    browser.fill("What should people know before they read?", "hospital").await?;
    browser.tick("Without my name").await?;
    assert!(!browser.scrolls_sideways().await?, "the page is wider than the window");
    browser.press("Post").await?;
    browser.see("to fix").await?;
    assert_eq!(browser.value("What should people know before they read?").await?, "hospital", "what was typed is kept");
    browser.fill("What you’d like to say", "I was on the ward again.").await?;
    browser.press("Post").await?;
    browser.see("Without your name, as before").await?;
    browser.see("Content note: hospital").await?;
    browser.see("Someone").await?;
    browser.screenshot("without-a-name").await?;

    browser.open("/g/tea_and_talk/new").await?;
    browser.fill("Title", "A good walk").await?;
    browser.fill("What you’d like to say", "By the river.").await?;
    browser.press("Post").await?;
    browser.see("By the river.").await?;
    let named = browser.path().await?.split('?').next().unwrap_or_default().to_owned();

    browser.open("/g/tea_and_talk/quiet").await?;
    browser.fill("What would you like to say?", "May I ask something?").await?;
    browser.press("Send").await?;
    browser.see("May I ask something?").await?;
    browser.screenshot("quiet-word").await?;
    Ok(named)
}

/// Who looks after the group learns what was said, and not by whom where no name was given. Then they mute somebody.
async fn hear_hard_things(browser: &Browser, named: &str) -> Result<()> {
    browser.open("/g/tea_and_talk").await?;
    browser.see("Nights").await?;
    browser.see("Someone").await?;
    browser.open("/g/tea_and_talk/quiet").await?;
    browser.follow("Wren").await?;
    browser.see("May I ask something?").await?;
    browser.open(&format!("{named}/person")).await?;
    browser.see("Wren is not told").await?;
    browser.press("Mute Wren").await?;
    browser.see("Nights").await?;
    browser.see_no("A good walk").await?;
    browser.see_no("Wren").await
}

const PASSWORD: &str = "three quiet ordinary words";

async fn first_day(window: Window, scripts: JavaScript) -> Result<()> {
    let network = TestNetwork::start_but(&[("oak", Kind::Sqlite), ("elm", Kind::Sqlite)], Some("oak")).await;
    let (oak, elm) = (network.server("oak"), network.server("elm"));
    let owls = elm.group("night_owls");
    let browser = Browser::start(oak.local_url(), window, scripts).await?;

    set_up(&browser, &oak.setup_code).await?;
    make_a_group(&browser).await?;
    write(&browser).await?;
    announce(&browser).await?;
    sign_out(&browser, "Heron").await?;

    sign_up(&browser).await?;
    follow_elsewhere(&browser, &network).await?;
    let meetup = elm.act(|app| hearth_actions::event::announce(app, elm.keeper, owls.id, &event_form(elm.persona)));
    network.settle().await;
    let arrived = oak.event(meetup.ap_id.as_str()).expect("the meetup arrived");
    come(&browser, &network, &format!("/e/{}", arrived.id)).await?;
    assert_eq!(elm.read(|c| rsvps::count_coming(c, meetup.id)), 1);
    sign_out(&browser, "Wren").await?;

    browser.close().await?;
    network.finish().await;
    Ok(())
}

async fn set_up(browser: &Browser, code: &str) -> Result<()> {
    browser.open(&format!("/setup?code={code}")).await?;
    browser.see("Set up this place").await?;
    assert!(!browser.scrolls_sideways().await?, "the page is wider than the window");
    browser.fill("Name of the place", "Larkwater Hearth").await?;
    browser.fill("How to reach you", "hello@larkwater.example").await?;
    browser.press("Open the door").await?;
    browser.see("to fix").await?;
    assert_eq!(browser.value("Name of the place").await?, "Larkwater Hearth", "what was typed is kept");

    browser.tick("Anybody, at once").await?;
    browser.fill("In one sentence", "Run by a small charity.").await?;
    browser.fill("Name", "Harbour Line").await?;
    browser.fill("Phone number", "0800 123 456").await?;
    browser.fill("The name others see", "Heron").await?;
    browser.fill("A private sign-in name", "keeper.private").await?;
    browser.fill("Password", PASSWORD).await?;
    browser.press("Open the door").await?;
    browser.see("The door is open").await
}

async fn make_a_group(browser: &Browser) -> Result<()> {
    browser.open("/groups/new").await?;
    browser.fill("Name", "Tea and Talk").await?;
    browser.fill("Address", "tea_and_talk").await?;
    browser.fill("What happens here", "Peer support for low mood. **Biscuits.**").await?;
    browser.press("Make the group").await?;
    browser.see("Anyone can read.").await?;
    assert!(browser.path().await?.starts_with("/g/tea_and_talk"));
    Ok(())
}

async fn write(browser: &Browser) -> Result<()> {
    browser.open("/g/tea_and_talk/new").await?;
    browser.fill("Title", "What helps you sleep?").await?;
    browser.press("Post").await?;
    browser.see("to fix").await?;
    assert_eq!(browser.value("Title").await?, "What helps you sleep?");
    browser.fill("What you’d like to say", "Awake since four again.").await?;
    browser.press("Post").await?;
    browser.see("Awake since four again.").await?;
    assert!(browser.path().await?.starts_with("/p/"));
    Ok(())
}

async fn announce(browser: &Browser) -> Result<()> {
    browser.open("/g/tea_and_talk/meetups/new").await?;
    browser.fill("Title", "Tuesday tea").await?;
    browser.fill("What happens, from arriving to leaving", "Drop in, no need to talk.").await?;
    browser.fill("Date", "2026-12-01").await?;
    browser.fill("Starts", "18:30").await?;
    browser.fill("Ends", "20:00").await?;
    browser.fill("Area, shown to everyone", "Northside, near the library").await?;
    browser.fill("Exact place, shown only to people who are coming", "14 Mill Lane").await?;
    browser.press("Publish meetup").await?;
    browser.see("Tuesday tea").await?;
    browser.see("Northside, near the library").await?;
    assert!(browser.path().await?.starts_with("/e/"));
    Ok(())
}

async fn sign_out(browser: &Browser, name: &str) -> Result<()> {
    browser.open("/").await?;
    // The menu's words begin with the letter on the pebble.
    let initial = name.chars().next().unwrap_or_default();
    browser.press(&format!("{initial}{name}, your menu")).await?;
    browser.press("Sign out").await?;
    browser.see("Sign in").await?;
    browser.open("/settings").await?;
    browser.see("Your sign-in name").await
}

async fn sign_up(browser: &Browser) -> Result<()> {
    browser.open("/join").await?;
    browser.fill("What should we call you?", "Wren").await?;
    browser.fill("A private sign-in name", "wren.private").await?;
    browser.fill("Password", PASSWORD).await?;
    browser.tick("I’m 18 or over").await?;
    browser.press("Join").await?;
    browser.see("Wren").await
}

async fn follow_elsewhere(browser: &Browser, network: &TestNetwork) -> Result<()> {
    browser.open("/groups/lookup?q=%40night_owls%40elm.test").await?;
    browser.see("elm.test").await?;
    browser.press("Follow Tea and Talk").await?;
    browser.see("asking").await?;
    network.settle().await;
    browser.open("/g/night_owls@elm.test").await?;
    browser.see("You follow this group").await
}

async fn come(browser: &Browser, network: &TestNetwork, meetup: &str) -> Result<()> {
    browser.open(meetup).await?;
    browser.see("Tuesday tea").await?;
    browser.see_no("14 Mill Lane").await?;
    browser.press("I’d like to come").await?;
    browser.see("asking").await?;
    network.settle().await;
    browser.open(meetup).await?;
    browser.see("You’re coming").await?;
    browser.see("14 Mill Lane").await
}

/// A worry, other words, and a first post: the story of a facilitator's evening. Screens are kept for a look.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn browser_a_safe_place() -> Result<()> {
    let network = TestNetwork::start(&[("oak", Kind::Sqlite)]).await;
    let oak = network.server("oak");
    let post = oak.act(|app| {
        let circle = group_form("circle", oak.persona, "peer_support_circle");
        let group = hearth_actions::group::create(app, oak.keeper, &circle)?;
        let form = |name: &str, shown: &str| SignUpForm { persona_display_name: shown.into(), ..sign_up_form(name) };
        let wren = hearth_actions::account::create(app, &form("wren", "Wren"), false)?;
        let otter = hearth_actions::account::create(app, &form("otter", "Otter"), false)?;
        for account in [wren, otter] {
            let persona = hearth_actions::persona::all(app, account)?[0].id;
            hearth_actions::membership::join(app, account, group.id, persona)?;
            hearth_actions::membership::answer(app, oak.keeper, group.id, persona, true)?;
        }
        let persona = hearth_actions::persona::all(app, wren)?[0].id;
        let form = post_form(persona, "My street", "Mr Brook shouts at night.");
        let post = hearth_actions::post::publish(app, wren, group.id, &form)?;
        Ok(post)
    });
    let browser = Browser::start(oak.local_url(), Window::Phone, JavaScript::Off).await?;

    sign_in(&browser, "otter-signs-in").await?;
    browser.open(&format!("/p/{}/report", post.id)).await?;
    browser.see("0800 123 456").await?;
    browser.see("within 12 hours").await?;
    assert!(!browser.scrolls_sideways().await?, "the page is wider than the window");
    browser.screenshot("safety-report").await?;
    browser.tick("I’m worried about somebody").await?;
    browser.press("Ask them to look").await?;
    browser.see("have been told at once").await?;
    browser.see("0800 123 456").await?;
    sign_out(&browser, "Otter").await?;

    sign_in(&browser, "keeper").await?;
    browser.open("/notices").await?;
    browser.see("worried about a person").await?;
    browser.screenshot("safety-notices").await?;
    browser.open("/g/circle/care").await?;
    browser.see_no("shouts at night").await?;
    browser.press("I have this: the report about Wren").await?;
    browser.see("You have this.").await?;
    browser.screenshot("safety-queue").await?;
    browser.open(&format!("/p/{}/care", post.id)).await?;
    browser.fill("Your words", "Please leave the name out.").await?;
    browser.press("Ask to say it in other words").await?;
    browser.see("Asked.").await?;
    browser.open("/g/circle/safety").await?;
    assert!(!browser.scrolls_sideways().await?, "the page is wider than the window");
    browser.fill("First posts of somebody new that you read before they are shown", "1").await?;
    browser.press("Save").await?;
    browser.see("Saved.").await?;
    browser.screenshot("safety-settings").await?;
    sign_out(&browser, "Rowan").await?;

    sign_in(&browser, "wren-signs-in").await?;
    browser.open(&format!("/p/{}", post.id)).await?;
    browser.see("Please leave the name out.").await?;
    browser.screenshot("safety-other-words").await?;
    browser.follow("Say it in other words").await?;
    browser.fill("What you’d like to say", "A neighbour shouts at night.").await?;
    browser.press("Save").await?;
    browser.see("A neighbour shouts at night.").await?;
    sign_out(&browser, "Wren").await?;

    sign_in(&browser, "otter-signs-in").await?;
    browser.open("/g/circle/new").await?;
    browser.fill("Title", "Hello").await?;
    browser.fill("What you’d like to say", "I am new here.").await?;
    browser.press("Post").await?;
    browser.see("Waiting for a person to look").await?;
    browser.screenshot("safety-waiting").await?;
    let held = browser.path().await?;
    sign_out(&browser, "Otter").await?;

    sign_in(&browser, "keeper").await?;
    browser.open(held.split('?').next().unwrap_or_default()).await?;
    browser.see_no("I am new here.").await?;
    browser.open("/g/circle/care").await?;
    browser.press("Show it, by Otter").await?;
    browser.see("It is shown now.").await?;
    browser.open("/g/circle").await?;
    browser.see("Hello").await?;
    browser.open("/g/circle/log").await?;
    browser.see("showed a post that waited").await?;
    browser.see_no("I am new here.").await?;
    browser.screenshot("safety-log").await?;
    hide_with_ready_words(&browser, &post.id.to_string()).await?;
    plan_a_check_in(&browser).await?;
    network.clock.advance(chrono::Duration::days(7));
    network.run_jobs();
    sign_in(&browser, "wren-signs-in").await?;
    browser.open("/g/circle").await?;
    browser.see("How was your week?").await?;
    browser.open("/notices").await?;
    browser.see("Let’s leave it for tonight.").await?;
    sign_out(&browser, "Wren").await?;
    sign_in(&browser, "otter-signs-in").await?;
    browser.open("/g/circle").await?;
    browser.see("How was your week?").await?;
    browser.see_no("My street").await?;

    browser.close().await?;
    network.finish().await;
    Ok(())
}

/// A ready text is kept for when one is tired, and goes to who wrote what is hidden.
async fn hide_with_ready_words(browser: &Browser, post: &str) -> Result<()> {
    browser.open("/g/circle/safety").await?;
    browser.fill("What it is for", "For tonight").await?;
    browser.fill("The text", "Let’s leave it for tonight.").await?;
    browser.press("Keep this text").await?;
    browser.see("For tonight").await?;
    browser.open(&format!("/p/{post}/care")).await?;
    browser.fill("One of your ready texts", "For tonight").await?;
    browser.press("Hide it").await?;
    browser.see("Hidden.").await
}

/// Once set up, nobody has to remember it.
async fn plan_a_check_in(browser: &Browser) -> Result<()> {
    browser.open("/g/circle/check-ins").await?;
    browser.follow("Set one up").await?;
    browser.fill("Title", "How was your week?").await?;
    browser.press("Set it up").await?;
    browser.see("to fix").await?;
    assert_eq!(browser.value("Title").await?, "How was your week?", "what was typed is kept");
    browser.fill("What you’d like to ask or say", "One line is enough.").await?;
    browser.fill("How often", "Every week").await?;
    browser.fill("Weekday", "Friday").await?;
    browser.fill("Time", "18:30").await?;
    assert!(!browser.scrolls_sideways().await?, "the form is wider than the window");
    browser.press("Set it up").await?;
    browser.see("The next one").await?;
    browser.screenshot("check-ins-phone").await?;
    browser.open("/g/circle").await?;
    browser.see_no("How was your week?").await?;
    sign_out(browser, "Rowan").await
}
