//! Every page in every variant keeps its landmarks, its labels, its tokens and its weight.

use crate::{static_files, views, words};

#[path = "../../examples/preview/more_pages.rs"]
mod more_pages;
#[path = "../../examples/preview/pages.rs"]
mod pages;
#[path = "../../examples/preview/samples.rs"]
mod samples;

/// DESIGN, section 10: no page weighs more.
const PAGE_BUDGET: usize = 40_000;

/// The page after leaving is the one that carries no frame: it must name nothing.
const BARE: &str = "leave";

fn framed() -> Vec<(&'static str, String)> {
    pages::all().unwrap().into_iter().filter(|(name, _)| *name != BARE).collect()
}

fn page(name: &str) -> String {
    pages::all().unwrap().into_iter().find(|(other, _)| *other == name).unwrap().1
}

/// Every opening tag of that element, with its attributes.
fn tags<'page>(html: &'page str, element: &str) -> Vec<&'page str> {
    let open = format!("<{element}");
    html.match_indices(&open)
        .map(|(at, _)| &html[at..])
        .filter(|rest| rest[open.len()..].starts_with([' ', '>', '\n']))
        .map(|rest| &rest[..rest.find('>').unwrap()])
        .collect()
}

fn attribute<'tag>(tag: &'tag str, name: &str) -> Option<&'tag str> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag[start..].split('"').next()
}

fn ids(html: &str) -> Vec<&str> {
    html.split('<').filter_map(|tag| attribute(tag.split('>').next().unwrap(), "id")).collect()
}

#[test]
fn every_page_has_its_landmarks() {
    for (name, html) in framed() {
        assert_eq!(tags(&html, "h1").len(), 1, "{name}: one h1");
        assert_eq!(tags(&html, "main").len(), 1, "{name}: one main");
        assert!(html.contains("<a class=\"skip\" href=\"#main\">"), "{name}: skip link");
        assert!(html.contains("<a class=\"exit\" href=\"/leave\""), "{name}: exit link");
        assert!(html.contains("href=\"/help\""), "{name}: help");
        assert!(html.contains("https://code.example/hearth"), "{name}: source link");
        assert!(html.starts_with("<!doctype html>") || html.trim_start().starts_with("<!doctype html>"), "{name}");
    }
}

#[test]
fn no_page_carries_inline_style_or_script_or_anything_from_elsewhere() {
    for (name, html) in pages::all().unwrap() {
        assert!(!html.contains(" style="), "{name}: style attribute");
        assert!(tags(&html, "style").is_empty(), "{name}: style element");
        for script in tags(&html, "script") {
            assert_eq!(attribute(script, "src"), Some(static_files::static_path("hearth.js")), "{name}");
        }
        assert!(!html.contains(" onclick=") && !html.contains("javascript:"), "{name}");
        for element in ["img", "iframe", "object", "embed", "audio", "video"] {
            assert!(tags(&html, element).is_empty(), "{name}: {element}");
        }
        for link in tags(&html, "link") {
            assert!(attribute(link, "href").unwrap().starts_with("/static/"), "{name}: {link}");
        }
    }
}

#[test]
fn every_label_is_bound_and_every_field_is_labelled() {
    for (name, html) in framed() {
        let ids = ids(&html);
        for label in tags(&html, "label") {
            if let Some(target) = attribute(label, "for") {
                assert!(ids.contains(&target), "{name}: label for {target}");
            } else {
                let rest = &html[label.as_ptr() as usize - html.as_ptr() as usize..];
                let inside = &rest[..rest.find("</label>").unwrap()];
                assert!(inside.contains("<input"), "{name}: {inside}");
            }
        }
        for element in ["input", "select", "textarea"] {
            for field in tags(&html, element) {
                let kind = attribute(field, "type").unwrap_or("text");
                if matches!(kind, "hidden" | "radio" | "checkbox") {
                    continue;
                }
                let id = attribute(field, "id").unwrap_or_else(|| panic!("{name}: no id: {field}"));
                assert!(html.contains(&format!("<label for=\"{id}\"")), "{name}: no label for {id}");
            }
        }
    }
}

#[test]
fn ids_are_unique_and_references_lead_somewhere() {
    for (name, html) in framed() {
        let ids = ids(&html);
        for (at, id) in ids.iter().enumerate() {
            assert!(!ids[..at].contains(id), "{name}: {id} twice");
        }
        for tag in html.split('<').map(|tag| tag.split('>').next().unwrap()) {
            for reference in ["aria-labelledby", "aria-describedby", "list"] {
                for target in attribute(tag, reference).unwrap_or_default().split_whitespace() {
                    assert!(ids.contains(&target), "{name}: {reference}={target}");
                }
            }
            if let Some(target) = attribute(tag, "href").and_then(|href| href.strip_prefix('#')) {
                assert!(ids.contains(&target), "{name}: #{target}");
            }
        }
    }
}

#[test]
fn every_form_that_changes_something_holds_the_token() {
    let mut forms = 0;
    for (name, html) in framed() {
        for form in html.split("<form").skip(1).map(|rest| rest.split("</form>").next().unwrap()) {
            let posts = form.contains("method=\"post\"");
            assert_eq!(form.contains("name=\"token\" value=\"sample-token\""), posts, "{name}: {form}");
            assert!(posts || form.contains("method=\"get\""), "{name}: a form without a method");
            forms += usize::from(posts);
        }
    }
    assert!(forms > 50, "{forms}");
}

#[test]
fn pages_with_mistakes_say_so_in_the_title_the_summary_and_beside_the_field() {
    let mut seen = 0;
    for (name, html) in framed().into_iter().filter(|(name, _)| name.ends_with("-errors")) {
        assert!(html.contains("<title>Error: "), "{name}: title");
        assert!(html.contains("<div class=\"errsum\" role=\"alert\""), "{name}: summary");
        let summary = html.split("class=\"errsum\"").nth(1).unwrap().split("</div>").next().unwrap();
        for target in summary.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(html.contains(&format!("id=\"{target}-e\"")), "{name}: message beside {target}");
            let describes = |tag: &&str| {
                attribute(tag, "aria-describedby").is_some_and(|list| list.contains(&format!("{target}-e")))
            };
            let described = ["input", "select", "textarea", "fieldset"]
                .iter()
                .any(|element| tags(&html, element).iter().any(describes));
            assert!(described || target == "agree", "{name}: {target} is described by its message");
        }
        seen += 1;
    }
    assert!(seen >= 10, "{seen}");
}

#[test]
fn headings_never_skip_a_level() {
    for (name, html) in framed() {
        let main = html.split("<main").nth(1).unwrap().split("</main>").next().unwrap();
        let mut before = 1;
        for level in main.split("<h").skip(1).filter_map(|rest| rest.chars().next()?.to_digit(10)) {
            assert!(level <= before + 1, "{name}: h{level} after h{before}");
            before = level;
        }
    }
}

#[test]
fn words_of_the_trade_stay_out() {
    for (name, html) in pages::all().unwrap() {
        let text = html.to_lowercase();
        for word in ["activitypub", "federat", "fediverse", "instance"] {
            assert!(!text.contains(word), "{name}: {word}");
        }
    }
}

#[test]
fn no_page_weighs_more_than_its_budget() {
    for (name, html) in pages::all().unwrap() {
        assert!(html.len() <= PAGE_BUDGET, "{name}: {} bytes", html.len());
    }
}

#[test]
fn what_people_type_is_escaped() {
    let html = page("thread-preview");
    assert!(
        html.contains("&#60;/textarea&#62;&#60;b&#62;") || html.contains("&lt;/textarea&gt;&lt;b&gt;"),
        "escaped text"
    );
    assert!(html.contains("Thank you for <b>writing</b> this."), "sanitised text is shown as it is");
}

#[test]
fn sanitised_html_is_shown_unescaped_in_one_place_only() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut found = Vec::new();
    for folder in [folder.clone(), folder.join("part")] {
        for file in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file())
        {
            let text = std::fs::read_to_string(&file).unwrap();
            found.extend(std::iter::repeat_n(file, text.matches("|safe").count()));
        }
    }
    assert_eq!(found, [folder.join("parts.html")]);
}

#[test]
fn every_icon_named_in_a_template_is_drawn() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    for folder in [folder.clone(), folder.join("part")] {
        for file in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file())
        {
            let text = std::fs::read_to_string(&file).unwrap();
            for filter in ["\"|icon", "\"|arrow"] {
                for name in text.match_indices(filter).map(|(at, _)| text[..at].rsplit('"').next().unwrap()) {
                    assert!(views::icons::paths(name).is_some(), "{}: {name}", file.display());
                }
            }
        }
    }
}

#[test]
fn discreet_titles_name_only_the_place() {
    assert!(page("words-discreet").contains("<title>Larkwater Hearth</title>"));
    assert!(page("group").contains("<title>Tuesday Lamp | Larkwater Hearth</title>"));
    assert!(
        page("words-discreet")
            .contains("<html lang=\"ar\" dir=\"rtl\" data-theme=\"dark\" data-text=\"larger\" data-accent=\"3\">")
    );
}

#[test]
fn the_sealed_details_show_only_to_those_who_come() {
    assert!(page("event-going").contains("Weavers’ Yard") && page("event-going").contains("https://room.example/lamp"));
    assert!(!page("event").contains("Weavers’ Yard"));
    assert!(!page("event-cancelled").contains("/rsvp") && !page("event-past").contains("/rsvp"));
}

#[test]
fn the_page_after_leaving_names_nothing() {
    let html = page(BARE);
    assert!(!html.contains("Larkwater") && !html.contains("Hearth") && !html.contains("/static/"));
}

#[test]
fn what_was_removed_cannot_be_answered() {
    let html = page("thread");
    let removed = html.split("id=\"n-e\"").nth(1).unwrap().split("</article>").next().unwrap();
    assert!(removed.contains("Heron removed this.") && !removed.contains("<form"));
    let shown = html.split("id=\"n-a\"").nth(1).unwrap().split("</article>").next().unwrap();
    assert!(shown.contains("/n/a/hear"));
}

#[test]
fn someone_signed_out_sees_no_form_of_members() {
    for name in ["group-signed-out", "thread-signed-out", "event-signed-out"] {
        let html = page(name);
        assert!(!html.contains("method=\"post\""), "{name}");
        assert!(html.contains("href=\"/sign-in"), "{name}");
    }
}

#[test]
fn the_first_message_of_a_field_is_kept() {
    let mut errors = views::FieldErrors::none();
    errors.add("name", "one");
    errors.add("name", "two");
    assert_eq!((errors.get("name"), errors.heading()), (Some("one"), "One thing to fix".to_owned()));
    assert_eq!(words::count_words(2, "name", "names"), "2 names");
}

#[test]
fn mistakes_are_told_in_the_order_of_the_page() {
    let mut errors = views::FieldErrors::none();
    for (field, sentence) in [("elsewhere", "It can't be."), ("link", "L"), ("area", "A")] {
        errors.add(field, sentence);
    }
    let told: Vec<(String, String)> =
        errors.in_order(&["area", "link"]).iter().map(|(field, words)| (field.to_owned(), words.to_owned())).collect();
    let expected = [("area", "A"), ("link", "L"), ("elsewhere", "It can’t be.")];
    assert_eq!(told, expected.map(|(field, words)| (field.to_owned(), words.to_owned())));
}
