//! Every page in its variants, filled with the samples: one file because it is one list, read from top to bottom.

use super::{
    samples::*,
    views::{
        FieldErrors,
        account::*,
        admin::*,
        feed::*,
        follow::*,
        group::*,
        help::*,
        home::*,
        parts::*,
        pictures::PictureFields,
        problem::*,
        settings::*,
        setup::*,
        shell::{Link, Nav, Shell, TextSize, Theme},
        thread::*,
    },
};
use askama::Template;

/// The names of the pages with their HTML.
pub type Pages = Vec<(&'static str, String)>;

/// Every page.
pub fn all() -> Result<Pages, askama::Error> {
    let mut pages = Pages::new();
    home(&mut pages)?;
    groups_pages(&mut pages)?;
    group_pages(&mut pages)?;
    thread_pages(&mut pages)?;
    super::more_pages::event_pages(&mut pages)?;
    account_pages(&mut pages)?;
    settings_pages(&mut pages)?;
    plain_pages(&mut pages)?;
    problem_pages(&mut pages)?;
    Ok(pages)
}

/// Errors for the given fields.
pub fn errors(list: &[(&str, &str)]) -> FieldErrors {
    let mut errors = FieldErrors::none();
    for (field, sentence) in list {
        errors.add(*field, *sentence);
    }
    errors
}

fn home(pages: &mut Pages) -> Result<(), askama::Error> {
    let page = HomePage {
        shell: signed_out("Home", Nav::Home),
        headline: text("Company for the harder days"),
        words: text("Small peer-support groups in and around Larkwater, run by people who have been there too."),
        can_join: true,
        coming_up: events(),
        groups: groups(),
        neighbours: neighbours(),
        help: help_box(),
    };
    pages.push(("home", page.render()?));
    let quiet = HomePage { coming_up: vec![], neighbours: vec![], ..page };
    pages.push(("home-quiet", quiet.render()?));
    for (name, shell, can_create_group) in [
        ("first-run-keeper", said(signed_in("Home", Nav::Home), "Your place is ready.", ""), true),
        ("first-run", signed_out("Home", Nav::Home), false),
    ] {
        pages.push((name, FirstRunPage { shell, can_create_group, can_join: true, help: help_box() }.render()?));
    }
    let feed = FeedPage {
        shell: said(signed_in("Home", Nav::Home), "Your reply is posted.", ""),
        lede: text("You’re up to date with everything before Friday."),
        waits_for: text("Somebody invites you."),
        posts: posts(),
        going: small_events(),
        coming_up: small_events(),
        groups: vec![lamp_line(), walks_line(), owls_line()],
        pager: Pager::default(),
    };
    pages.push(("feed", feed.render()?));
    let empty = FeedPage { posts: vec![], going: vec![], groups: vec![], lede: String::new(), ..feed };
    pages.push(("feed-first-day", empty.render()?));
    Ok(())
}

fn preview(following: Following) -> Box<GroupPreview> {
    Box::new(GroupPreview {
        uri: text("https://kindred.ambermouth.example/g/night-owls"),
        name: text("Night Owls"),
        door: door("moon", 3),
        from: Some(text("kindred.ambermouth.example")),
        words: html("Company between ten at night and two in the morning for people who can’t sleep."),
        facts: vec![("open", text("Public posts reach you here. Members-only posts stay with them"))],
        their_page: text("https://kindred.ambermouth.example/g/night-owls"),
        here: (following == Following::Yes).then(|| text("/g/@night-owls@kindred.ambermouth.example")),
        shares: text("wren@hearth.larkwater.example"),
        personas: personas(),
        following,
    })
}

fn groups_pages(pages: &mut Pages) -> Result<(), askama::Error> {
    let page = |found, query: &str, here| GroupsPage {
        shell: signed_in("Find a group", Nav::Groups),
        query: text(query),
        found,
        here,
        neighbours: vec![],
        can_create: true,
    };
    let owls = "@night-owls@kindred.ambermouth.example";
    let mut all = page(Found::NotAsked, "", groups());
    all.neighbours = neighbours();
    pages.push(("groups", all.render()?));
    all.shell = signed_out("Find a group", Nav::Groups);
    pages.push(("groups-signed-out", all.render()?));
    for (name, following) in [
        ("groups-found", Following::No),
        ("groups-asked", Following::Asked),
        ("groups-following", Following::Yes),
        ("groups-no", Following::Refused),
    ] {
        pages.push((name, page(Found::Group(preview(following)), owls, groups()).render()?));
    }
    pages.push(("groups-nothing", page(Found::Nothing, "@nobody@kindred.example", groups()).render()?));
    pages.push(("groups-no-match", page(Found::Lists, "juggling", vec![]).render()?));
    pages.push(("groups-unreachable", page(Found::Unreachable(text("kindred.example")), owls, groups()).render()?));
    pages.push(("groups-refused", page(Found::Refused(text("kindred.example")), owls, groups()).render()?));
    let waiting = WaitingPage {
        shell: Shell { refresh_seconds: Some(3), ..signed_in("Looking", Nav::Groups) },
        server: Some(text("kindred.ambermouth.example")),
        lead: String::new(),
        more: text("It usually takes a few seconds."),
        again: text("/groups/lookup?q=owls"),
        stopped: false,
    };
    pages.push(("waiting", waiting.render()?));
    Ok(())
}

fn group_page(standing: Standing) -> GroupPage {
    GroupPage {
        shell: signed_in("Tuesday Lamp", Nav::Groups),
        href: text("/g/tuesday-lamp"),
        name: text("Tuesday Lamp"),
        quiet: true,
        door: door("lamp", 2),
        handle: Some(text("@tuesday-lamp@hearth.larkwater.example")),
        from: None,
        their_page: None,
        words: html("An evening circle for anxiety and low mood. Some of us talk, some of us only listen."),
        rhythm: text("Every Tuesday"),
        guidelines: Some(html("Kind first.")),
        edit_href: None,
        offered_by: None,
        remarks: Vec::new(),
        care_href: None,
        check_in: None,
        pinned: Vec::new(),
        waiting_href: None,
        settings: text("Anyone can read. A facilitator lets people in."),
        size: text("About 40 people"),
        standing,
        asks: false,
        has_agreement: true,
        agreement_due: false,
        can_ask: false,
        personas: personas(),
        can_be_followed: true,
        can_post: false,
        can_plan: false,
        more_for_members: true,
        next: small_events(),
        topics: topic_links(),
        posts: posts().into_iter().map(|post| PostCard { in_group: None, ..post }).collect(),
        pager: pager(),
        hosts: hosts(),
        values: JoinValues::default(),
        errors: FieldErrors::none(),
    }
}

fn group_pages(pages: &mut Pages) -> Result<(), askama::Error> {
    let mut visitor = group_page(Standing::Visitor);
    visitor.shell = signed_out("Tuesday Lamp", Nav::Groups);
    visitor.personas = vec![];
    pages.push(("group-signed-out", visitor.render()?));
    for (name, standing) in [
        ("group", Standing::Outside(WayIn::Approval)),
        ("group-open", Standing::Outside(WayIn::Open)),
        ("group-invitation", Standing::Outside(WayIn::Invitation)),
        ("group-asked", Standing::Asked(text("Wren"))),
    ] {
        pages.push((name, group_page(standing).render()?));
    }
    let mut wrong = group_page(Standing::Outside(WayIn::Approval));
    wrong.errors = errors(&[("hello", "Keep it under 500 letters"), ("as", "Choose one of your names")]);
    wrong.shell = with_errors(wrong.shell);
    pages.push(("group-errors", wrong.render()?));
    let member =
        GroupPage { can_post: true, can_plan: true, posts: vec![], ..group_page(Standing::Member(text("Wren"))) };
    pages.push(("group-member", member.render()?));
    for (name, standing) in [
        ("group-remote", Standing::Outside(WayIn::Remote)),
        ("group-remote-asked", Standing::FollowAsked(text("Wren"))),
        ("group-remote-followed", Standing::Follows(text("Wren"))),
    ] {
        let remote = GroupPage {
            from: Some(text("kindred.ambermouth.example")),
            their_page: Some(text("https://kindred.ambermouth.example/g/night-owls")),
            can_be_followed: false,
            hosts: vec![],
            next: vec![],
            ..group_page(standing)
        };
        pages.push((name, remote.render()?));
    }
    new_group(pages)
}

fn new_group(pages: &mut Pages) -> Result<(), askama::Error> {
    let page = NewGroupPage {
        shell: signed_in("New group", Nav::Groups),
        domain: text("hearth.larkwater.example"),
        action: text("/groups/new"),
        back: text("/groups"),
        editing: false,
        kinds: vec![
            choice("open-community", "Open community", "Anyone can read. Anyone can join and post."),
            choice("public-noticeboard", "Public noticeboard", "Anyone can read. Only facilitators post."),
        ],
        settings: Vec::new(),
        personas: one_persona(),
        values: NewGroupValues { kind: text("open-community"), ..NewGroupValues::default() },
        errors: FieldErrors::none(),
    };
    pages.push(("group-new", page.render()?));
    let wrong = errors(&[("name", "Give the group a name"), ("address", "This address is taken")]);
    let page = NewGroupPage { shell: with_errors(page.shell), errors: wrong, ..page };
    pages.push(("group-new-errors", page.render()?));
    let mut follow = FollowPage {
        shell: signed_out("Follow Tuesday Lamp", Nav::Groups),
        name: text("Tuesday Lamp"),
        door: door("lamp", 2),
        href: text("/g/tuesday-lamp"),
        uri: text("https://hearth.larkwater.example/g/tuesday-lamp"),
        handle: text("@tuesday-lamp@hearth.larkwater.example"),
        can_join: true,
        home: String::new(),
        errors: FieldErrors::none(),
    };
    pages.push(("follow", follow.render()?));
    follow.errors =
        errors(&[("home", "We couldn’t find out how meadow.example likes to be asked. Copy the address instead.")]);
    follow.home = text("robin@meadow.example");
    follow.shell = with_errors(follow.shell);
    pages.push(("follow-errors", follow.render()?));
    Ok(())
}

fn entry(id: &str, author: Person, when: &str, state: EntryState) -> Entry {
    let may =
        EntryActions { reply: true, hear: Some(false), report_href: Some(text("/report")), ..EntryActions::default() };
    Entry {
        id: text(id),
        href: format!("/n/{id}"),
        author,
        when: written(when),
        edited: String::new(),
        to: String::new(),
        content_note: None,
        note_open: false,
        state,
        may,
    }
}

fn replies() -> Vec<Reply> {
    let shown = |words: &str| EntryState::Shown(html(words));
    let left_out = EntryState::LeftOut(text("/g/tuesday-lamp/notes"));
    let bo = Person { host: true, ..person("Bo", 6) };
    let answer =
        Entry { to: text("Bo"), ..entry("b", person("Wren", 4), "2026-11-20T21:40:00Z", shown("Glad I did.")) };
    let noted =
        entry("d", person("Marlow", 8), "2026-11-21T11:15:00Z", shown("My tablets took about that long to settle."));
    vec![
        Reply { entry: entry("a", bo, "2026-11-20T21:31:00Z", shown("It counts. Well done.")), answers: vec![answer] },
        Reply {
            entry: entry(
                "c",
                far(person("Tidepool", 3)),
                "2026-11-21T08:02:00Z",
                shown("I’m reading this on a train."),
            ),
            answers: vec![],
        },
        Reply { entry: Entry { content_note: Some(text("medication")), ..noted }, answers: vec![] },
        Reply { entry: entry("e", person("Heron", 1), "2026-11-21T12:00:00Z", EntryState::Removed), answers: vec![] },
        Reply { entry: entry("f", person("Sedge", 1), "2026-11-21T12:01:00Z", EntryState::TakenDown), answers: vec![] },
        Reply { entry: entry("h", person("Rill", 1), "2026-11-21T12:01:30Z", left_out), answers: vec![] },
        Reply {
            entry: entry(
                "g",
                person("Moss", 7),
                "2026-11-21T12:02:00Z",
                EntryState::GoneElsewhere(text("meadow.example")),
            ),
            answers: vec![],
        },
    ]
}

fn composer() -> Composer {
    Composer {
        to: None,
        pictures: PictureFields { room: true, ..PictureFields::default() },
        personas: personas(),
        unnamed: Unnamed { offered: true, ..Unnamed::default() },
        notes: vec![text("grief"), text("hospital")],
        visibility: Visibility::Public,
        values: ReplyValues::default(),
        preview: None,
        errors: FieldErrors::none(),
    }
}

fn thread_page() -> ThreadPage {
    let author = Person { you: true, ..person("Wren", 4) };
    let body = EntryState::Shown(html("It came on between Mill Lane and the bridge, same as always."));
    let may = EntryActions {
        edit: true,
        delete: true,
        reply: true,
        heard_words: text("7 people heard you"),
        ..EntryActions::default()
    };
    let root = Entry {
        href: text("/p/two"),
        content_note: Some(text("panic attack, buses")),
        note_open: true,
        edited: text("edited Friday"),
        may,
        ..entry("two", author, "2026-11-20T21:04:00Z", body)
    };
    ThreadPage {
        shell: signed_in("Buses still get me", Nav::Groups),
        group_href: text("/g/tuesday-lamp"),
        group_name: text("Tuesday Lamp"),
        href: text("/p/two"),
        title: text("Buses still get me, but I have a thing that helps now"),
        root,
        visibility: Visibility::Public,
        original: None,
        reply_count: 9,
        replies: replies(),
        can_open_notes: true,
        pager: Pager { label: text("Pages of replies"), ..pager() },
        composer: Some(composer()),
        fades: String::new(),
        check_in: String::new(),
        topics: topic_links(),
        hears: Some("usual"),
        no_reply_words: String::new(),
        help: help_box(),
    }
}

fn thread_pages(pages: &mut Pages) -> Result<(), askama::Error> {
    let mut thread = thread_page();
    pages.push(("thread", thread.render()?));
    let preview = Some(html("Thank you for <b>writing</b> this."));
    let values = ReplyValues { body: text("Thank you for **writing** this. </textarea><b>"), note: text("grief") };
    thread.composer =
        Some(Composer { preview, values, to: Some((text("a"), text("Bo"))), personas: one_persona(), ..composer() });
    pages.push(("thread-preview", thread.render()?));
    thread.shell = with_errors(thread.shell);
    thread.composer =
        Some(Composer { errors: errors(&[("body", "Write something first"), ("as", "Choose a name")]), ..composer() });
    pages.push(("thread-errors", thread.render()?));
    thread.shell = signed_out("Buses still get me", Nav::Groups);
    thread.composer = None;
    thread.hears = None;
    thread.no_reply_words = text("You can reply once you’re signed in.");
    thread.root.may = EntryActions::default();
    for reply in &mut thread.replies {
        reply.entry.may = EntryActions::default();
        reply.answers.iter_mut().for_each(|answer| answer.may = EntryActions::default());
    }
    pages.push(("thread-signed-out", thread.render()?));
    thread.root.state = EntryState::Removed;
    (thread.replies, thread.reply_count, thread.can_open_notes) = (vec![], 0, false);
    pages.push(("thread-removed", thread.render()?));
    post_forms(pages)
}

fn post_forms(pages: &mut Pages) -> Result<(), askama::Error> {
    let form = |shell, kind, preview, errors| PostFormPage {
        shell,
        group_href: text("/g/tuesday-lamp"),
        group_name: text("Tuesday Lamp"),
        group_door: door("lamp", 2),
        action: text("/g/tuesday-lamp/new"),
        kind,
        personas: personas(),
        unnamed: Unnamed { offered: kind == PostForm::New, ..Unnamed::default() },
        notes: vec![text("grief"), text("hospital")],
        topics: topic_boxes(),
        audiences: audiences(),
        pictures: PictureFields { room: true, ..PictureFields::default() },
        later: (kind == PostForm::New).then(|| Later { zone: text("UK time / Europe/London"), ..Later::default() }),
        values: PostValues {
            title: text("A quiet win"),
            body: text("I got **on**."),
            note: text("buses"),
            see: text("public"),
        },
        preview,
        errors,
    };
    let shell = |title| signed_in(title, Nav::Groups);
    let wrong = errors(&[
        ("title", "Give it a title"),
        ("see", "Choose who can see it"),
        ("note", "Keep the note under 100 letters"),
    ]);
    pages.push(("post-new", form(shell("New post"), PostForm::New, None, FieldErrors::none()).render()?));
    pages.push((
        "post-preview",
        form(shell("New post"), PostForm::New, Some(html("I got <b>on</b>.")), FieldErrors::none()).render()?,
    ));
    pages.push(("post-errors", form(with_errors(shell("New post")), PostForm::New, None, wrong).render()?));
    pages.push(("post-edit", form(shell("Edit"), PostForm::Edit, None, FieldErrors::none()).render()?));
    pages.push(("reply-edit", form(shell("Edit"), PostForm::EditReply, None, FieldErrors::none()).render()?));
    let confirm = ConfirmPage {
        shell: shell("Delete this post?"),
        question: text("Delete this post?"),
        words: text(
            "It goes from this server at once. We ask other servers to remove their copies. Most will, but we can’t make them.",
        ),
        action: text("/p/two/delete"),
        button: text("Delete it"),
        back: text("/p/two"),
    };
    pages.push(("confirm", confirm.render()?));
    Ok(())
}

fn account_pages(pages: &mut Pages) -> Result<(), askama::Error> {
    let join = |door, errors: FieldErrors, free_names| {
        let shell = signed_out("Join", Nav::SignIn);
        let shell = if errors.is_empty() { shell } else { with_errors(shell) };
        let values = JoinPageValues { name: text("Wren"), ..JoinPageValues::default() };
        JoinPage { shell, door, values, errors, free_names }
    };
    for (name, door) in [
        ("join-open", JoinDoor::Open),
        ("join", JoinDoor::Approval),
        ("join-invitation", JoinDoor::Invitation),
        ("join-closed", JoinDoor::Closed),
    ] {
        pages.push((name, join(door, FieldErrors::none(), vec![]).render()?));
    }
    let wrong = errors(&[
        ("name", "Someone here already uses “Wren”"),
        ("password", "Use 10 letters or more"),
        ("agree", "Tick this to go on"),
    ]);
    pages.push(("join-errors", join(JoinDoor::Approval, wrong, vec![text("Little-wren"), text("Heron")]).render()?));
    let shell = || signed_out("Sign in", Nav::SignIn);
    let waiting = JoinWaitingPage { shell: shell(), name: text("Wren"), help: help_box() };
    pages.push(("join-waiting", waiting.render()?));
    let mut sign_in = SignInPage {
        shell: shell(),
        sign_in_name: String::new(),
        next: text("/g/tuesday-lamp"),
        kept: vec![],
        kept_for: String::new(),
        errors: FieldErrors::none(),
        can_join: true,
    };
    pages.push(("sign-in", sign_in.render()?));
    sign_in.errors = errors(&[("sign_in_name", "That name and password don’t go together")]);
    sign_in.shell = with_errors(sign_in.shell);
    pages.push(("sign-in-errors", sign_in.render()?));
    let person = PersonPage {
        shell: signed_in("Fern", Nav::Elsewhere),
        name: text("Fern"),
        hue: 1,
        handle: Some(text("@fern@hearth.larkwater.example")),
        from: None,
        words: None,
        you: false,
    };
    pages.push(("person", person.render()?));
    let words = Some(html("I walk, mostly."));
    pages.push((
        "person-words",
        PersonPage { words, you: true, from: Some(text("meadow.example")), ..person }.render()?,
    ));
    Ok(())
}

fn own_names() -> Vec<OwnName> {
    let name = |id: &str, name: &str, hue, used_in: &str, retired| OwnName {
        id: text(id),
        name: text(name),
        hue,
        used_in: text(used_in),
        retired,
    };
    vec![
        name("w", "Wren", 4, "Tuesday Lamp, Night Owls", false),
        name("s", "Saltmarsh", 6, "Quiet Walks", false),
        name("h", "Heron", 1, "", true),
    ]
}

fn settings_pages(pages: &mut Pages) -> Result<(), askama::Error> {
    let session = |id: &str, words: &str, current| Session { id: text(id), words: text(words), current };
    let settings = SettingsPage {
        shell: said(signed_in("Your settings", Nav::Elsewhere), "Saved.", "Titles are discreet now."),
        names: own_names(),
        theme: Theme::Device,
        text_size: TextSize::Large,
        notes_open: false,
        discreet: true,
        exit_signs_out: true,
        exit: text("weather"),
        exits: exits(),
        sessions: vec![
            session("1", "Firefox on Android, used now", true),
            session("2", "Safari on a Mac, used on Monday", false),
        ],
        errors: FieldErrors::none(),
    };
    pages.push(("settings", settings.render()?));
    let wrong = errors(&[("password", "That isn’t the one you use now"), ("new_password", "Use 10 letters or more")]);
    let shell = with_errors(signed_in("Your settings", Nav::Elsewhere));
    pages.push(("settings-errors", SettingsPage { shell, errors: wrong, ..settings }.render()?));
    let mut names = NamesPage {
        shell: signed_in("Your names", Nav::Elsewhere),
        names: own_names(),
        new_name: String::new(),
        errors: FieldErrors::none(),
    };
    pages.push(("names", names.render()?));
    names.errors = errors(&[("rename-s", "Someone here already uses that name"), ("name", "Write a name")]);
    names.shell = with_errors(names.shell);
    pages.push(("names-errors", names.render()?));
    let line = SetupLine { name: text("Harbour Listening Line"), ..SetupLine::default() };
    let setup = SetupPage {
        shell: Shell { place: text("Hearth"), run_by: String::new(), ..signed_out("Set up", Nav::Elsewhere) },
        exits: exits(),
        zones: vec![choice("Europe/London", "UK time", "")],
        doors: vec![choice("approval", "Someone reads each request", ""), choice("open", "At once", "")],
        values: SetupValues { line, ..SetupValues::default() },
        errors: FieldErrors::none(),
    };
    pages.push(("setup", setup.render()?));
    let wrong = errors(&[("code", "That isn’t the code"), ("line_reach", "Add a number or a web address")]);
    pages.push(("setup-errors", SetupPage { shell: with_errors(setup.shell), errors: wrong, ..setup }.render()?));
    Ok(())
}

fn plain_pages(pages: &mut Pages) -> Result<(), askama::Error> {
    let texting = Helpline {
        label: text("Text HELLO to 57570"),
        href: text("sms:57570"),
        name: text("Text a listener"),
        ..helpline()
    };
    let help = HelpPage {
        shell: signed_out("Get help", Nav::Help),
        emergency: text("112"),
        lines: vec![(String::new(), vec![helpline(), texting])],
    };
    pages.push(("help", help.render()?));
    let shell = || signed_in("Joining", Nav::Elsewhere);
    let mut admin = AdminPeoplePage {
        shell: shell(),
        waiting: vec![JoinRequest {
            id: text("1"),
            name: text("Heron"),
            hello: text("A friend told me."),
            when: text("Today, 9 am"),
        }],
        invitations: vec![Invitation { words: text("Ten times, until 3 December") }],
        new_invitation: Some(text("https://hearth.larkwater.example/join?code=sample")),
        values: InvitationValues { uses: text("1"), days: text("14") },
        errors: FieldErrors::none(),
    };
    pages.push(("admin-people", admin.render()?));
    (admin.waiting, admin.invitations, admin.new_invitation) = (vec![], vec![], None);
    admin.errors = errors(&[("uses", "Choose a number from 1 to 100")]);
    admin.shell = with_errors(admin.shell);
    pages.push(("admin-people-errors", admin.render()?));
    pages.push(("words", WordsPage { shell: shell(), body: html("We are a small charity.") }.render()?));
    pages.push(("leave", LeavePage { lang: text("en") }.render()?));
    let discreet = Shell {
        discreet: true,
        theme: Theme::Dark,
        text_size: TextSize::Larger,
        accent: 3,
        lang: text("ar"),
        right_to_left: true,
        about_links: vec![Link { href: text("/privacy"), words: text("What we keep, and why") }],
        ..shell()
    };
    pages.push(("words-discreet", WordsPage { shell: discreet, body: html("We are a small charity.") }.render()?));
    Ok(())
}

fn problem_pages(pages: &mut Pages) -> Result<(), askama::Error> {
    for (name, problem) in [
        ("problem-404", Problem::NothingHere),
        ("problem-410", Problem::Gone),
        ("problem-403", Problem::FormRefused),
        ("problem-403-not-allowed", Problem::NotAllowed(text("Only hosts of this group can do that."))),
        ("problem-422", Problem::NotUnderstood(text("The address of that group can’t be read."))),
        ("problem-413", Problem::TooLarge),
        ("problem-429", Problem::TooMany(text("in about a minute"))),
        ("problem-500", Problem::Broken(text("4F2K-9"))),
        ("problem-503", Problem::Away),
    ] {
        pages.push((name, ProblemPage::new(signed_out("", Nav::Elsewhere), problem, help_box()).render()?));
    }
    Ok(())
}
