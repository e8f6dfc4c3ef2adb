//! The stylesheet, script, icon and fonts: built into the binary and served under names that hold their own hash.
//!
//! Must never serve anything that is not listed here: no path of a request ever reaches the file system.

use std::{borrow::Cow, sync::LazyLock};

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS},
    middleware::Compress,
    web,
};
use sha2::{Digest, Sha256};

/// A year, and never asked for again: the name changes whenever the content does.
const CACHE_FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// How many hexadecimal digits of the SHA-256 go into a name: 40 bits, plenty to tell versions apart.
const HASH_DIGITS: usize = 10;

/// What is built in: the name templates use, where the stylesheet looks for it, the type, the bytes.
const SOURCES: [(&str, &str, &str, &[u8]); 7] = [
    (
        "readex-latin.woff2",
        "fonts/readex-latin.woff2",
        "font/woff2",
        include_bytes!("../static/fonts/readex-latin.woff2"),
    ),
    (
        "readex-latin-ext.woff2",
        "fonts/readex-latin-ext.woff2",
        "font/woff2",
        include_bytes!("../static/fonts/readex-latin-ext.woff2"),
    ),
    (
        "readex-arabic.woff2",
        "fonts/readex-arabic.woff2",
        "font/woff2",
        include_bytes!("../static/fonts/readex-arabic.woff2"),
    ),
    ("OFL.txt", "fonts/OFL.txt", "text/plain; charset=utf-8", include_bytes!("../static/fonts/OFL.txt")),
    ("hearth.js", "hearth.js", "text/javascript; charset=utf-8", include_bytes!("../static/hearth.js")),
    ("icon.svg", "icon.svg", "image/svg+xml", include_bytes!("../static/icon.svg")),
    ("hearth.css", "hearth.css", "text/css; charset=utf-8", include_bytes!("../static/hearth.css")),
];

/// One file as it is served.
#[derive(Debug)]
pub struct StaticFile {
    /// The name templates use: `hearth.css`.
    pub name: &'static str,
    /// The address on this server: `/static/hearth.0123456789.css`.
    pub path: String,
    /// Its media type.
    pub content_type: &'static str,
    /// Its bytes; the stylesheet's font addresses are already the hashed ones.
    pub body: Cow<'static, [u8]>,
}

static FILES: LazyLock<Vec<StaticFile>> = LazyLock::new(|| {
    let mut files: Vec<StaticFile> = Vec::with_capacity(SOURCES.len());
    for (name, _, content_type, bytes) in SOURCES {
        let body = if name.ends_with(".css") {
            Cow::Owned(with_hashed_addresses(bytes, &files))
        } else {
            Cow::Borrowed(bytes)
        };
        files.push(StaticFile { name, path: hashed_path(name, &body), content_type, body });
    }
    files
});

/// Every file that is served, for the preview and for tests.
#[must_use]
pub fn all() -> &'static [StaticFile] {
    &FILES
}

/// The address of the file called `name`, for templates; empty where there is no such file.
#[must_use]
pub fn static_path(name: &str) -> &'static str {
    FILES.iter().find(|file| file.name == name).map_or("", |file| file.path.as_str())
}

/// Adds `/static/…` to the server.
pub fn configure(config: &mut web::ServiceConfig) {
    // Compressed here and nowhere else: pages hold tokens, and their length must not tell anything (BREACH).
    let files = web::resource("/static/{name}").wrap(Compress::default());
    config.service(files.route(web::get().to(serve)).route(web::head().to(serve)));
    config.service(web::resource("/worker.js").route(web::get().to(worker)));
}

async fn serve(name: web::Path<String>) -> HttpResponse {
    let Some(file) = FILES.iter().find(|file| file.path.strip_prefix("/static/") == Some(name.as_str())) else {
        return HttpResponse::NotFound().finish();
    };
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, file.content_type))
        .insert_header((CACHE_CONTROL, CACHE_FOR_EVER))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(web::Bytes::from_static(&file.body))
}

/// The script that keeps the help page on the device. Its address stays, and its place lets it see `/help`.
async fn worker() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/javascript; charset=utf-8"))
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-cache")))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(web::Bytes::from_static(include_bytes!("../static/worker.js")))
}

fn hashed_path(name: &str, body: &[u8]) -> String {
    let mut hash: String = Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
    hash.truncate(HASH_DIGITS);
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, "bin"));
    format!("/static/{stem}.{hash}.{extension}")
}

/// The stylesheet with the addresses of `files` in place of the paths it was written with.
fn with_hashed_addresses(css: &[u8], files: &[StaticFile]) -> Vec<u8> {
    let mut text = String::from_utf8_lossy(css).into_owned();
    for (name, written_as, _, _) in SOURCES {
        if let Some(file) = files.iter().find(|file| file.name == name) {
            text = text.replace(&format!("url(\"{written_as}\")"), &format!("url(\"{}\")", file.path));
        }
    }
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use actix_web::{App, http::StatusCode, test};

    use super::*;

    #[test]
    async fn fonts_in_the_stylesheet_lead_to_served_files() {
        let css =
            String::from_utf8(all().iter().find(|file| file.name == "hearth.css").unwrap().body.to_vec()).unwrap();
        let addresses: Vec<&str> = css.split("url(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(addresses.len(), 3);
        for address in addresses {
            assert!(all().iter().any(|file| file.path == address), "{address}");
        }
    }

    #[test]
    async fn files_are_served_for_ever_with_their_type() {
        let app = test::init_service(App::new().configure(configure)).await;
        for file in all() {
            let answer = test::call_service(&app, test::TestRequest::get().uri(&file.path).to_request()).await;
            assert_eq!(answer.status(), StatusCode::OK, "{}", file.path);
            assert_eq!(answer.headers().get(CONTENT_TYPE).unwrap(), file.content_type);
            assert_eq!(answer.headers().get(CACHE_CONTROL).unwrap(), "public, max-age=31536000, immutable");
            assert_eq!(test::read_body(answer).await.as_ref(), file.body.as_ref());
        }
    }

    #[test]
    async fn nothing_else_is_served() {
        let app = test::init_service(App::new().configure(configure)).await;
        for path in ["/static/hearth.css", "/static/..%2Fsrc%2Flib.rs", "/static/hearth.0000000000.css", "/static/"] {
            let answer = test::call_service(&app, test::TestRequest::get().uri(path).to_request()).await;
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[test]
    async fn sizes_stay_within_their_budgets() {
        let size = |name: &str| all().iter().find(|file| file.name == name).unwrap().body.len();
        assert!(SOURCES.iter().any(|(name, _, _, bytes)| *name == "hearth.css" && bytes.len() <= 32_000));
        assert!(size("hearth.js") <= 4_000);
        assert!(size("readex-latin.woff2") <= 35_000);
        assert_eq!(static_path("no-such-file.css"), "");
        assert!(static_path("hearth.css").starts_with("/static/hearth."));
    }
}
