//! The icons: our own drawings on a 24 grid, inlined into pages so that no request is made for them.
//!
//! Must never hold anything but fixed markup written here: what `icon` returns is not escaped.

/// The inner SVG markup of the icon called `name`, or `None` where there is no such drawing.
#[must_use]
pub fn paths(name: &str) -> Option<&'static str> {
    Some(match name {
        "home" => r#"<path d="M4 11.5 12 4.5l8 7"/><path d="M6 10v9.5h12V10"/><path d="M10 19.5v-4a2 2 0 0 1 4 0v4"/>"#,
        "groups" => r#"<path d="M3.5 20v-7.5a4 4 0 0 1 8 0V20z"/><path d="M12.5 20v-10a4 4 0 0 1 8 0v10z"/>"#,
        "cal" => r#"<rect x="4" y="5.5" width="16" height="14.5" rx="2.5"/><path d="M4 10h16M8.5 3.5v4M15.5 3.5v4"/>"#,
        "ring" => {
            r#"<circle cx="12" cy="12" r="8.5"/><circle cx="12" cy="12" r="3.5"/><path d="m6 6 3.5 3.5M14.5 14.5 18 18M18 6l-3.5 3.5M9.5 14.5 6 18"/>"#
        }
        "leave" => {
            r#"<path d="M13 4.5H6.5A1.5 1.5 0 0 0 5 6v12a1.5 1.5 0 0 0 1.5 1.5H13"/><path d="M10 12h10M16.5 8.5 20 12l-3.5 3.5"/>"#
        }
        "bell" => r#"<path d="M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15z"/><path d="M10.3 20.5a2 2 0 0 0 3.4 0"/>"#,
        "key" => r#"<circle cx="8" cy="14.5" r="4"/><path d="m11 11.5 8-7.5M16 6.8l2.6 2.6"/>"#,
        "sign" => r#"<path d="M12 3v18M12 5h6.5l2 2.5-2 2.5H12M12 12H6l-2 2.3L6 16.5h6"/>"#,
        "lock" => {
            r#"<rect x="5.5" y="10.5" width="13" height="9.5" rx="2.2"/><path d="M8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5"/>"#
        }
        "open" => {
            r#"<circle cx="12" cy="12" r="8.5"/><path d="M3.5 12h17M12 3.5c2.6 2.6 3.6 5.4 3.6 8.5s-1 5.9-3.6 8.5c-2.6-2.6-3.6-5.4-3.6-8.5s1-5.9 3.6-8.5z"/>"#
        }
        "cw" => {
            r#"<path d="M4 12s3-5.5 8-5.5c1.3 0 2.5.4 3.5.9M19 9.8C19.7 10.9 20 12 20 12s-3 5.5-8 5.5c-1.2 0-2.3-.3-3.3-.8"/><path d="M4.5 20 19.5 4"/>"#
        }
        "flag" => r#"<path d="M6 21V4.5h11.5L15 8.5l2.5 4H6"/>"#,
        "reply" => r#"<path d="M9.5 6.5 4.5 11.5l5 5"/><path d="M5 11.5h8.5a6 6 0 0 1 6 6v1"/>"#,
        "heart" => {
            r#"<path d="M12 19.5s-7.5-4.3-7.5-9.7A4.1 4.1 0 0 1 12 7.5a4.1 4.1 0 0 1 7.5 2.3c0 5.4-7.5 9.7-7.5 9.7z"/>"#
        }
        "share" => {
            r#"<circle cx="6.5" cy="12" r="2.5"/><circle cx="17" cy="6" r="2.5"/><circle cx="17" cy="18" r="2.5"/><path d="m8.7 10.8 6-3.5M8.7 13.2l6 3.5"/>"#
        }
        "clock" => r#"<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5.2l3.2 2"/>"#,
        "pin" => {
            r#"<path d="M12 21s-6.5-5.7-6.5-11a6.5 6.5 0 0 1 13 0c0 5.3-6.5 11-6.5 11z"/><circle cx="12" cy="10" r="2.3"/>"#
        }
        "video" => r#"<rect x="3.5" y="6.5" width="12" height="11" rx="2.3"/><path d="m15.5 11 5-2.8v7.6l-5-2.8"/>"#,
        "people" => {
            r#"<circle cx="9" cy="8.5" r="3.2"/><path d="M3.5 19.5a5.5 5.5 0 0 1 11 0"/><path d="M15.5 5.6a3.2 3.2 0 0 1 0 5.8M17 14.5a5.5 5.5 0 0 1 3.5 5"/>"#
        }
        "plus" => r#"<path d="M12 5v14M5 12h14"/>"#,
        "check" => r#"<path d="m5 12.5 4.5 4.5L19 7.5"/>"#,
        "x" => r#"<path d="m6 6 12 12M18 6 6 18"/>"#,
        "search" => r#"<circle cx="10.5" cy="10.5" r="6"/><path d="m15 15 5 5"/>"#,
        "back" => r#"<path d="m14.5 5.5-6.5 6.5 6.5 6.5"/>"#,
        "next" => r#"<path d="m9.5 5.5 6.5 6.5-6.5 6.5"/>"#,
        "gear" => {
            r#"<circle cx="12" cy="12" r="3"/><path d="M12 3.5v2.3M12 18.2v2.3M3.5 12h2.3M18.2 12h2.3M6 6l1.6 1.6M16.4 16.4 18 18M18 6l-1.6 1.6M7.6 16.4 6 18"/>"#
        }
        "down" => r#"<path d="M12 4v11M7.5 11 12 15.5 16.5 11M5 19.5h14"/>"#,
        "bin" => r#"<path d="M5 7h14M9.5 7V4.5h5V7M7 7l1 12.5h8L17 7M10.5 10.5v5.5M13.5 10.5v5.5"/>"#,
        "shield" => {
            r#"<path d="M12 3.5 5 6v5.5c0 4.3 2.9 7.4 7 9 4.1-1.6 7-4.7 7-9V6z"/><path d="m9 12 2.2 2.2L15 10.3"/>"#
        }
        "mask" => {
            r#"<path d="M4 7c3-1.3 13-1.3 16 0 .4 6-1.5 9.5-4.5 9.5-1.8 0-2.3-1.5-3.5-1.5s-1.7 1.5-3.5 1.5C5.5 16.5 3.6 13 4 7z"/><path d="M8 10.8h1.5M14.5 10.8H16"/>"#
        }
        "more" => r#"<path d="M5.5 12h.01M12 12h.01M18.5 12h.01" stroke-width="3"/>"#,
        "repeat" => {
            r#"<path d="M5 11V9.5a3 3 0 0 1 3-3h10.5M16 3.5l3 3-3 3M19 13v1.5a3 3 0 0 1-3 3H5.5M8 20.5l-3-3 3-3"/>"#
        }
        "print" => {
            r#"<path d="M7.5 9V4.5h9V9M7 16.5H5.5A1.5 1.5 0 0 1 4 15v-4.5A1.5 1.5 0 0 1 5.5 9h13a1.5 1.5 0 0 1 1.5 1.5V15a1.5 1.5 0 0 1-1.5 1.5H17"/><path d="M7.5 14h9v6h-9z"/>"#
        }
        "info" => r#"<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5.5M12 7.8h.01"/>"#,
        "warn" => r#"<path d="M12 4 3.5 19.5h17z"/><path d="M12 10v4.5M12 17h.01"/>"#,
        "phone" => {
            r#"<path d="M7.5 3.8 10 8 8 10.2c1 2.5 3.3 4.8 5.8 5.8L16 14l4.2 2.5c-.3 2.3-1.7 3.7-3.7 3.7C10 20.2 3.8 14 3.8 7.5c0-2 1.4-3.4 3.7-3.7z"/>"#
        }
        "chat" => r#"<path d="M4 6.5h16v10.5h-9l-4.5 3.5V17H4z"/>"#,
        "mute" => r#"<path d="M4.5 9.5v5h3l4.5 3.5v-12L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5"/>"#,
        "link" => {
            r#"<path d="M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.7l1-1"/>"#
        }
        "step" => {
            r#"<circle cx="11" cy="5" r="1.8"/><path d="M11 8v5.5h4.5l2.5 5M11 10.5h4"/><path d="M8.5 11.5a5 5 0 1 0 6 6.5"/>"#
        }
        "lamp" => r#"<path d="M8 4h8l3 8H5z"/><path d="M12 12v7.5M8.5 19.5h7"/>"#,
        "boot" => r#"<path d="M8 4v8c0 1.5-2.5 2-2.5 4.5v2.5h13v-1.5c0-2.2-5-2-5-6V4zM8 7.5h5.5"/>"#,
        "mug" => {
            r#"<path d="M5 8.5h11v7a4 4 0 0 1-4 4H9a4 4 0 0 1-4-4z"/><path d="M16 10.5h1.5a2.5 2.5 0 0 1 0 5H16M8.5 5.5V3.5M12.5 5.5V3.5"/>"#
        }
        "moon" => r#"<path d="M19 14.5A7.5 7.5 0 0 1 9.5 5a7.5 7.5 0 1 0 9.5 9.5z"/>"#,
        "yarn" => {
            r#"<circle cx="11" cy="12" r="6.5"/><path d="M5.5 9.5c4-2 8-1 11 2M5 13.5c3.5-2 7-1 9.5 3.2M9 6c1.5 3 1 8-1 11.5M15 17c1.5 1.8 3.5 2.3 5 2"/>"#
        }
        "leaf" => {
            r#"<path d="M19 5c-8 0-13 3.5-13 9 0 2 1.2 4 3.5 4C15.5 18 19 12.5 19 5z"/><path d="M5 20c2-4.5 5-8 9-10"/>"#
        }
        "hands" => {
            r#"<path d="M4 13c2-2.5 4.5-2.5 6.5-.8l2 1.6M20 13c-2-2.5-4.5-2.5-6.5-.8M4 18.5c3 2 8 2.3 11 .5l5-3.5"/><circle cx="12" cy="7" r="2.5"/>"#
        }
        "wave" => {
            r#"<path d="M3 9c2.5-2.5 4.5-2.5 6.5 0s4.5 2.5 6.5 0 3.5-2 5-.5M3 15c2.5-2.5 4.5-2.5 6.5 0s4.5 2.5 6.5 0 3.5-2 5-.5"/>"#
        }
        "pot" => r#"<path d="M5 10h14v6a4 4 0 0 1-4 4H9a4 4 0 0 1-4-4zM3 12h2M19 12h2M9 7V5M12 7V4M15 7V5"/>"#,
        "tools" => r#"<path d="m5 19 8.5-8.5M12 6.5a4 4 0 0 1 5.3-2.3L15 6.5 17.5 9l2.3-2.3A4 4 0 0 1 14.5 11.5"/>"#,
        _ => return None,
    })
}

/// The emblems a group's door can carry, with the words shown where one is chosen.
pub const EMBLEMS: [(&str, &str); 10] = [
    ("lamp", "Lamp"),
    ("boot", "Boot"),
    ("mug", "Mug"),
    ("moon", "Moon"),
    ("yarn", "Ball of yarn"),
    ("leaf", "Leaf"),
    ("hands", "Open hands"),
    ("wave", "Waves"),
    ("pot", "Cooking pot"),
    ("tools", "Tools"),
];

#[cfg(test)]
mod tests {
    use super::{EMBLEMS, paths};

    #[test]
    fn every_emblem_is_drawn() {
        for (name, _) in EMBLEMS {
            assert!(paths(name).is_some(), "{name}");
        }
        assert_eq!(paths("no such icon"), None);
    }
}
