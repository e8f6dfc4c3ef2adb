//! Invented people, groups and meetups, shared by the preview and by the tests of the pages.

use super::{
    views::{
        SafeHtml,
        parts::{
            Choice, Door, EventCard, EventState, GroupCard, GroupLine, HelpBox, Helpline, Notice, Pager, Person,
            PersonaOption, PostCard, Tone, TopicLink, Visibility,
        },
        shell::{Link, Nav, Shell, TextSize, Theme, Viewer},
    },
    words::When,
};

pub fn text(words: &str) -> String {
    words.to_owned()
}

pub fn html(words: &str) -> SafeHtml {
    SafeHtml(format!("<p>{words}</p>"))
}

pub fn signed_out(title: &str, nav: Nav) -> Shell {
    Shell {
        title: text(title),
        discreet: false,
        has_errors: false,
        place: text("Larkwater Hearth"),
        run_by: text("Run by the Larkwater Listening Trust, a small charity."),
        accent: 2,
        viewer: None,
        nav,
        theme: Theme::Device,
        text_size: TextSize::Normal,
        notice: None,
        token: text("sample-token"),
        source_url: text("https://code.example/hearth"),
        about_links: vec![Link { href: text("/about"), words: text("Who runs this") }],
        lang: text("en"),
        right_to_left: false,
        refresh_seconds: None,
    }
}

pub fn signed_in(title: &str, nav: Nav) -> Shell {
    let viewer = Viewer { name: text("Wren"), hue: 4, keeper: true, waiting_to_join: 1, notices: text("2") };
    Shell { viewer: Some(viewer), ..signed_out(title, nav) }
}

pub fn with_errors(shell: Shell) -> Shell {
    Shell { has_errors: true, ..shell }
}

pub fn said(shell: Shell, lead: &str, more: &str) -> Shell {
    Shell { notice: Some(Notice { tone: Tone::Good, lead: text(lead), more: text(more) }), ..shell }
}

fn instant(moment: &str) -> chrono::DateTime<chrono::Utc> {
    moment.parse().unwrap_or_default()
}

pub fn hours(start: &str, end: &str) -> When {
    When::hours(instant(start), Some(instant(end)), chrono_tz::Europe::London)
}

pub fn meeting(start: &str, end: &str) -> When {
    let now = instant("2026-11-22T12:00:00Z");
    When::meeting(instant(start), Some(instant(end)), chrono_tz::Europe::London, now)
}

pub fn written(moment: &str) -> When {
    When::written(instant(moment), chrono_tz::Europe::London, instant("2026-11-22T12:00:00Z"))
}

pub fn door(emblem: &str, hue: u8) -> Door {
    Door { emblem: text(emblem), hue }
}

pub fn lamp_line() -> GroupLine {
    GroupLine { href: text("/g/tuesday-lamp"), name: text("Tuesday Lamp"), door: door("lamp", 2), from: None }
}

pub fn owls_line() -> GroupLine {
    GroupLine {
        href: text("/g/@night-owls@kindred.ambermouth.example"),
        name: text("Night Owls"),
        door: door("moon", 3),
        from: Some(text("kindred.ambermouth.example")),
    }
}

pub fn walks_line() -> GroupLine {
    GroupLine { href: text("/g/quiet-walks"), name: text("Quiet Walks"), door: door("boot", 5), from: None }
}

pub fn event(title: &str, when: When, place: &str, group: GroupLine, state: EventState) -> EventCard {
    EventCard {
        href: text("/e/evening"),
        title: text(title),
        when,
        place: text(place),
        online: place.starts_with("Online"),
        group: Some(group),
        state,
        card: true,
    }
}

pub fn events() -> Vec<EventCard> {
    vec![
        event(
            "An evening together",
            hours("2026-11-24T19:00:00Z", "2026-11-24T20:30:00Z"),
            "Larkwater, near the market square",
            lamp_line(),
            EventState::AFewLeft,
        ),
        event(
            "Slow walk along the mill race",
            hours("2026-11-26T10:30:00Z", "2026-11-26T12:00:00Z"),
            "Overthorn, step-free path",
            walks_line(),
            EventState::OpenToAll,
        ),
        event(
            "Night Owls: can’t-sleep company",
            hours("2026-11-26T22:00:00Z", "2026-11-26T23:00:00Z"),
            "Online, cameras off is fine",
            owls_line(),
            EventState::Full,
        ),
    ]
}

/// The same events inside another card.
pub fn small_events() -> Vec<EventCard> {
    events().into_iter().take(2).map(|event| EventCard { card: false, group: None, ..event }).collect()
}

fn group(name: &str, emblem: &str, hue: u8, line: &str, meta: &str, from: Option<&str>) -> GroupCard {
    GroupCard {
        href: text("/g/tuesday-lamp"),
        name: text(name),
        door: door(emblem, hue),
        line: text(line),
        meta: text(meta),
        from: from.map(text),
    }
}

pub fn groups() -> Vec<GroupCard> {
    vec![
        group(
            "Tuesday Lamp",
            "lamp",
            2,
            "An evening circle for anxiety and low mood. Talk, or just listen.",
            "Every Tuesday · about 40 people",
            None,
        ),
        group(
            "Quiet Walks",
            "boot",
            5,
            "Slow walks for anyone who finds it easier to talk side by side.",
            "Every Thursday · about 30 people",
            None,
        ),
        group(
            "Threads",
            "Threads",
            1,
            "Grief and needlework. Bring any craft, or none.",
            "Sundays · under 20 people",
            None,
        ),
    ]
}

pub fn neighbours() -> Vec<GroupCard> {
    let (owls, kitchen) = (Some("kindred.ambermouth.example"), Some("commons.selwick.example"));
    vec![
        group("Night Owls", "moon", 3, "Company for people who can’t sleep.", "Online, most nights", owls),
        group(
            "Calm Kitchen",
            "pot",
            8,
            "Cooking one easy thing when it is all too much.",
            "Mondays in Selwick",
            kitchen,
        ),
    ]
}

pub fn person(name: &str, hue: u8) -> Person {
    Person { name: text(name), hue, href: Some(format!("/u/{}", name.to_lowercase())), ..Person::default() }
}

pub fn hosts() -> Vec<Person> {
    vec![Person { host: true, ..person("Juniper", 5) }, Person { host: true, ..person("Bo", 6) }]
}

pub fn far(person: Person) -> Person {
    Person { from: Some(text("meadow.example")), ..person }
}

pub fn topic_boxes() -> Vec<(String, String, bool)> {
    vec![(text("topic-1"), text("Sleep"), true), (text("topic-2"), text("Getting about"), false)]
}

pub fn topic_links() -> Vec<TopicLink> {
    let link =
        |id: &str, name: &str, here| TopicLink { href: format!("/g/tuesday-lamp?topic={id}"), name: text(name), here };
    vec![link("1", "Sleep", true), link("2", "Getting about", false)]
}

pub fn posts() -> Vec<PostCard> {
    let post = |id: &str, title: &str, author, when, note: Option<&str>, body: &str, visibility, replies| PostCard {
        id: text(id),
        href: format!("/p/{id}"),
        title: text(title),
        author,
        when: written(when),
        in_group: Some(text("Tuesday Lamp")),
        content_note: note.map(text),
        notes_open: false,
        body: html(body),
        topics: if id == "two" { vec![text("Getting about")] } else { Vec::new() },
        visibility,
        replies,
    };
    vec![
        post(
            "one",
            "This Tuesday: lamps, soup, and an empty chair for anyone new",
            Person { host: true, ..person("Juniper", 5) },
            "2026-11-21T17:20:00Z",
            None,
            "We’re back in the warm room this week. There’s soup from half six if the day got away from you.",
            Visibility::Public,
            3,
        ),
        post(
            "two",
            "Buses still get me, but I have a thing that helps now",
            person("Wren", 4),
            "2026-11-20T21:04:00Z",
            Some("panic attack, buses"),
            "It came on between Mill Lane and the bridge, same as always.",
            Visibility::Members,
            1,
        ),
        post(
            "three",
            "How do you tell your manager, or do you not?",
            far(person("Tidepool", 3)),
            "2026-11-19T08:12:00Z",
            None,
            "I’ve used up the last of my dentist appointments.",
            Visibility::Public,
            0,
        ),
    ]
}

pub fn helpline() -> Helpline {
    Helpline {
        name: text("Harbour Listening Line"),
        words: text("Free, any hour, any reason."),
        label: text("0808 157 0123"),
        href: text("tel:+448081570123"),
        region: String::new(),
    }
}

pub fn help_box() -> HelpBox {
    HelpBox { line: Some(helpline()) }
}

pub fn pager() -> Pager {
    Pager {
        label: text("Pages of conversations"),
        here: text("Page 2 of 6"),
        newer: Some(Link { href: text("?page=1"), words: text("Newer") }),
        older: Some(Link { href: text("?page=3"), words: text("Older conversations") }),
    }
}

pub fn personas() -> Vec<PersonaOption> {
    let option = |name: &str, hue, hint: &str, chosen| PersonaOption {
        id: name.to_lowercase(),
        name: text(name),
        hue,
        hint: text(hint),
        chosen,
    };
    vec![
        option("Wren", 4, "The name you use in Tuesday Lamp", true),
        option("Saltmarsh", 6, "Used in Quiet Walks. People here haven’t met this name", false),
    ]
}

pub fn one_persona() -> Vec<PersonaOption> {
    personas().into_iter().take(1).collect()
}

pub fn choice(value: &str, words: &str, hint: &str) -> Choice {
    Choice { value: text(value), words: text(words), hint: text(hint) }
}

pub fn audiences() -> Vec<Choice> {
    vec![
        choice("public", "Anyone", "About 40 people here, and the servers that follow Tuesday Lamp."),
        choice("members", "Members of Tuesday Lamp", "Stays inside the group."),
    ]
}

pub fn exits() -> Vec<Choice> {
    vec![choice("weather", "A weather page", ""), choice("search", "A search page", "")]
}
