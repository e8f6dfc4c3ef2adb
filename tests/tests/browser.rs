//! A keeper's and a member's first day in a real browser, with scripts and without.

use anyhow::Result;
use hearth_db::{Kind, tables::rsvps};
use tests::{
    browser::{Browser, JavaScript, Window},
    network::TestNetwork,
    world::event_form,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn browser_first_day_with_scripts_on_a_desktop() -> Result<()> {
    first_day(Window::Desktop, JavaScript::On).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn browser_first_day_without_scripts_on_a_phone() -> Result<()> {
    first_day(Window::Phone, JavaScript::Off).await
}

async fn first_day(window: Window, scripts: JavaScript) -> Result<()> {
    let network = TestNetwork::start_but(&[("oak", Kind::Sqlite), ("elm", Kind::Sqlite)], Some("oak")).await;
    let (oak, elm) = (network.server("oak"), network.server("elm"));
    let owls = elm.group("night_owls");
    let meetup = elm.act(|app| hearth_actions::event::announce(app, elm.keeper, owls.id, &event_form(elm.persona)));
    let browser = Browser::start(oak.local_url(), window, scripts).await?;

    set_up(&browser, &oak.setup_code).await?;
    make_a_group(&browser).await?;
    write(&browser).await?;
    announce(&browser).await?;
    browser.press("Sign out").await.or(sign_out(&browser).await)?;

    sign_up(&browser).await?;
    follow_elsewhere(&browser, &network).await?;
    come_to_a_meetup(&browser, &network, &meetup.id.to_string()).await?;
    sign_out(&browser).await?;

    assert_eq!(elm.read(|c| rsvps::count_coming(c, meetup.id)), 1);
    browser.close().await?;
    network.finish().await;
    Ok(())
}

async fn set_up(browser: &Browser, code: &str) -> Result<()> {
    browser.open(&format!("/setup?code={code}")).await?;
    browser.see("Set up this place").await?;
    assert!(!browser.scrolls_sideways().await?);
    Ok(())
}

async fn make_a_group(_browser: &Browser) -> Result<()> {
    Ok(())
}
async fn write(_browser: &Browser) -> Result<()> {
    Ok(())
}
async fn announce(_browser: &Browser) -> Result<()> {
    Ok(())
}
async fn sign_out(_browser: &Browser) -> Result<()> {
    Ok(())
}
async fn sign_up(_browser: &Browser) -> Result<()> {
    Ok(())
}
async fn follow_elsewhere(_browser: &Browser, _network: &TestNetwork) -> Result<()> {
    Ok(())
}
async fn come_to_a_meetup(_browser: &Browser, _network: &TestNetwork, _meetup: &str) -> Result<()> {
    Ok(())
}
