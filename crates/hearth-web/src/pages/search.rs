//! `/g/{name}/search`: looking for words in what the reader may read of a group.

use super::{
    cards,
    home::{onward, read_after},
    thread,
};
use crate::{
    answer::Answer,
    error::nothing,
    submit::Flaws,
    viewer::{Shown, Visit},
    views::{
        parts::Pager,
        search::{SearchHit, SearchPage},
        shell::{Link, Nav},
    },
    words::When,
};
use hearth_actions::{form::length_sentence, search};
use hearth_db::views::Authored;
use hearth_domain::{audience::Visibility, card::search as words, note::Folding};

/// Most hits on a page.
const PAGE: usize = 20;

pub(crate) async fn show(visit: Visit) -> Answer {
    visit.show(|visit| page(visit, visit.part("name"))).await
}

fn page(visit: &Visit, name: &str) -> Shown {
    // Searching takes the server some work: for people it knows.
    visit.me()?;
    let (q, mut errors) = (visit.query("q").trim(), Flaws::none().errors);
    let words = words(q);
    if let Err(problem) = &words {
        errors.add("q", length_sentence("What you search for", *problem));
    }
    let wrong = !errors.is_empty();
    let answer = visit.read(|c| {
        let (group, row) = cards::find_group(visit, c, name)?;
        // Inside a group that is for its members there is nothing for others, and so no search either.
        if !visit.reader.includes(&row, Visibility::Public) {
            return Err(nothing());
        }
        let href = cards::group_href(&group);
        let after = read_after(visit.query("after"));
        let words = words.as_deref().unwrap_or_default();
        let found = search::group(c, &visit.reader, group.id, words, after, PAGE)?;
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", q).finish();
        let here = format!("{href}/search?{query}");
        let link = |href: String, words: &str| Link { href, words: words.to_owned() };
        let pager = Pager {
            label: "Pages of what was found".to_owned(),
            here: String::new(),
            newer: after.map(|_| link(here.clone(), "Newest")),
            older: found.next.map(|next| link(onward(&here, next), "Look further back")),
        };
        visit.page(&SearchPage {
            shell: visit.shell_again("Search", Nav::Groups, wrong, None),
            group_name: group.display_name.clone(),
            group_href: href,
            q: q.to_owned(),
            searched: !words.is_empty(),
            more: found.next.is_some(),
            hits: found.hits.into_iter().filter_map(|one| hit(visit, one)).collect(),
            pager,
            errors: errors.clone(),
        })
    })?;
    Ok(if wrong { answer.status(422) } else { answer })
}

fn hit(visit: &Visit, Authored { post, author }: Authored) -> Option<SearchHit> {
    Some(SearchHit {
        id: post.id.to_string(),
        href: thread::place_of(&post)?,
        title: post.title.clone().unwrap_or_else(|| "A reply".to_owned()),
        author: cards::person(visit, &author),
        when: When::written(post.published_at.utc(), visit.zone(), visit.now),
        note_open: visit.asked.reading.notes_open || visit.reader.folding(&post) == Folding::Open,
        body: cards::excerpt(&post.content_html),
        content_note: post.content_note,
    })
}
