//! Pictures: sent with a form, shown with the post, and never lost with what was typed.

use super::world::{Browser, Got, World, value_of};
use actix_web::http::Method;
use std::io::Cursor;

/// A small picture.
fn png() -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = image::RgbImage::from_pixel(8, 4, image::Rgb([200, 80, 40]));
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

const BOUNDARY: &str = "----a-boundary";

/// Sends a form with a file, as a browser does.
async fn send(browser: &mut Browser, path: &str, fields: &[(&str, &str)], file: Option<&[u8]>) -> Got {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend(part.as_bytes());
    }
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"{}\"\r\nContent-Type: \
         application/octet-stream\r\n\r\n",
        if file.is_some() { "my secret holiday.png" } else { "" }
    );
    body.extend(head.as_bytes());
    body.extend(file.unwrap_or_default());
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    let kind = ("content-type", format!("multipart/form-data; boundary={BOUNDARY}"));
    browser.headers.push(kind);
    let got = browser.ask_with(Method::POST, path, Some(body), "").await;
    browser.headers.pop();
    got
}

/// What `/media/{id}` answers: the status, and the headers that matter.
async fn media(browser: &mut Browser, id: &str) -> (u16, [String; 6], Vec<u8>) {
    let got = browser.ask_bytes(&format!("/media/{id}")).await;
    let header = |name: &str| got.1.get(name).cloned().unwrap_or_default();
    let headers = [
        "content-type",
        "cache-control",
        "content-security-policy",
        "x-content-type-options",
        "content-disposition",
        "cross-origin-resource-policy",
    ];
    (got.0, headers.map(header), got.2)
}

const FIELDS: [(&str, &str); 4] =
    [("title", "Kept title"), ("body", "Kept words"), ("see", "members"), ("pictures", "yes")];

#[actix_web::test]
async fn a_picture_comes_with_its_post() {
    let world = World::new();
    let place = world.settled();
    let app = world.serve().await;
    let mut heron = Browser::signed_in(&app, "heron").await;
    let mut wren = Browser::signed_in(&app, "wren").await;
    let persona = world.persona(place.keeper);
    let page = heron.get("/g/tea/new").await;
    assert!(page.html.contains("enctype=\"multipart/form-data\"") && page.html.contains("type=\"file\""));
    let token = page.token();
    let fields: Vec<(&str, &str)> = FIELDS.into_iter().chain([("token", &*token), ("as", &*persona)]).collect();

    // Without words for it the form comes back, with the picture in it and all that was typed.
    let again = send(&mut heron, "/g/tea/new", &fields, Some(&png())).await;
    assert_eq!(again.status, 422, "{}", again.html);
    assert!(again.html.contains("Say in a few words what picture 1 shows"), "{}", again.html);
    assert!(again.html.contains("value=\"Kept title\"") && again.html.contains("Kept words</textarea>"));
    let id = value_of(&again.html, "image");
    assert!(again.html.contains(&format!("src=\"/media/{id}\"")), "{}", again.html);
    assert_eq!(media(&mut heron, &id).await.0, 200);
    let nothing = media(&mut wren, "0000000000000").await;
    assert_eq!(nothing.0, 404);
    assert_eq!(media(&mut wren, &id).await, nothing, "nobody else has it");

    let about = format!("about-{id}");
    let mut described = fields.clone();
    described.extend([("image", &*id), (&*about, "An <orange> card")]);
    let preview: Vec<(&str, &str)> = described.iter().copied().chain([("do", "preview")]).collect();
    let shown = send(&mut heron, "/g/tea/new", &preview, None).await;
    assert!(shown.status == 200 && shown.html.contains("alt=\"An &#60;orange&#62; card\""), "{}", shown.html);
    let done = send(&mut heron, "/g/tea/new", &described, None).await;
    assert!(done.location.starts_with("/p/"), "{} {}", done.status, done.html);
    let post = done.location.split('?').next().unwrap().to_owned();
    let page = heron.get(&post).await.html;
    let tag =
        format!("<img src=\"/media/{id}\" alt=\"An &#60;orange&#62; card\" width=\"8\" height=\"4\" loading=\"lazy\"");
    assert!(page.contains(&tag), "{page}");
    assert!(!page.contains("holiday") && !String::from_utf8_lossy(world.written().as_bytes()).contains("holiday"));
    let (status, headers, bytes) = media(&mut heron, &id).await;
    let expected = [
        "image/jpeg",
        "private, no-store",
        "default-src 'none'; sandbox",
        "nosniff",
        "inline; filename=\"picture.jpg\"",
        "same-origin",
    ];
    assert_eq!((status, headers.each_ref().map(String::as_str)), (200, expected));
    assert!(bytes.starts_with(b"\xff\xd8"));
    assert_eq!(media(&mut wren, &id).await, nothing, "what is for members is for members");
    heron.headers.push(("accept", "application/activity+json".to_owned()));
    assert_eq!(media(&mut heron, &id).await.1[0], "image/jpeg", "never an actor, whatever is asked for");
    heron.headers.clear();

    // Taken away by ticking the box.
    let edit = format!("{post}/edit");
    let page = heron.get(&edit).await;
    assert_eq!(value_of(&page.html, "image"), id);
    let (token, drop) = (page.token(), format!("drop-{id}"));
    let mut gone = vec![("token", &*token), ("image", &*id), (&*about, "x"), (&*drop, "yes")];
    gone.extend(FIELDS);
    assert_eq!(send(&mut heron, &edit, &gone, None).await.location, post);
    assert_eq!(media(&mut heron, &id).await.0, 404);
    assert!(heron.get(&format!("{post}/history")).await.html.contains("An &#60;orange&#62; card"));
}

#[actix_web::test]
async fn what_is_no_picture_costs_nobody_their_words() {
    let world = World::new();
    let place = world.settled();
    let app = world.serve().await;
    let mut heron = Browser::signed_in(&app, "heron").await;
    let persona = world.persona(place.keeper);
    let token = heron.get("/g/tea/new").await.token();
    let mut fields: Vec<(&str, &str)> = FIELDS.into_iter().chain([("token", &*token), ("as", &*persona)]).collect();
    fields.push(("picture_about", "Kept description"));
    let before = world.written();
    let large = vec![0xff; hearth_domain::image::MOST_SENT + 1];
    for (file, words) in [
        (&b"<svg onload=alert(1)>"[..], "not a picture that can be shown here"),
        (b"\x89PNG\r\n\x1a\n", "can\u{2019}t be read"),
        (&large, "10 MB at most"),
    ] {
        let got = send(&mut heron, "/g/tea/new", &fields, Some(file)).await;
        assert_eq!(got.status, 422, "{}", got.html);
        assert!(got.html.contains(words), "{words}: {}", got.html);
        assert!(got.html.contains("Kept words</textarea>") && got.html.contains("Kept description</textarea>"));
    }
    // An old page: nothing is taken in before its token is checked, and what was typed is there.
    let mut stale = fields.clone();
    stale.retain(|(name, _)| *name != "token");
    let got = send(&mut heron, "/g/tea/new", &stale, Some(&png())).await;
    assert!(got.status == 422 && got.html.contains("has to be chosen again") && got.html.contains("Kept words"));
    // From another site.
    heron.headers.push(("origin", "https://evil.example".to_owned()));
    assert_eq!(send(&mut heron, "/g/tea/new", &fields, Some(&png())).await.status, 403);
    heron.headers.clear();
    // Signed out meanwhile: the words go through the sign-in page.
    heron.cookies.clear();
    let got = send(&mut heron, "/g/tea/new", &fields, Some(&png())).await;
    assert!(got.status == 403 && got.html.contains("name=\"kept.body\" value=\"Kept words\""), "{}", got.html);
    assert!(before == world.written(), "nothing was kept");
}
