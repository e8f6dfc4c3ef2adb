//! Writes every page, filled with invented samples, into a folder, to be looked at in a browser:
//!
//! ```sh
//! cargo run -p hearth-web --example preview -- /tmp/preview
//! python3 -m http.server --bind 127.0.0.1 --directory /tmp/preview
//! ```

use std::{error::Error, fmt::Write as _, fs, path::Path};

use hearth_web::{static_files, views, words};

mod more_pages;
mod pages;
mod samples;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("which folder should the pages be written to?")?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder.join("static"))?;
    for file in static_files::all() {
        fs::write(folder.join(file.path.trim_start_matches('/')), &file.body)?;
    }
    let mut index = String::from("<!doctype html><html lang=\"en\"><title>Preview</title><ul>");
    for (name, html) in pages::all()? {
        fs::write(folder.join(name).with_extension("html"), html)?;
        write!(index, "<li><a href=\"{name}.html\">{name}</a></li>")?;
    }
    fs::write(folder.join("index.html"), index + "</ul></html>")?;
    Ok(())
}
