//! QR codes as inline SVG, for what is printed.
//!
//! Must never be asked of another server: what a code says is nobody else's business.

use crate::views::SafeHtml;
use fast_qr::{ECL, QRBuilder};
use std::fmt::Write as _;

/// Light modules around a code: scanners need four.
const QUIET: usize = 4;

/// A QR code of a text; `None` when the text is too long for one.
pub(crate) fn svg(text: &str) -> Option<SafeHtml> {
    let code = QRBuilder::new(text).ecl(ECL::Q).build().ok()?;
    let side = code.size + 2 * QUIET;
    let mut path = String::new();
    for (y, row) in code.data.chunks(code.size).take(code.size).enumerate() {
        for (x, _) in row.iter().enumerate().filter(|(_, module)| module.value()) {
            let _ = write!(path, "M{} {}h1v1h-1z", x + QUIET, y + QUIET);
        }
    }
    Some(SafeHtml(format!(
        "<svg viewBox=\"0 0 {side} {side}\" aria-hidden=\"true\" focusable=\"false\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path fill=\"#000\" d=\"{path}\"/></svg>"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_a_square_with_three_finders() {
        let svg = svg("https://oak.example/i/2345").unwrap().0;
        let side: usize = svg.split('"').nth(1).unwrap().rsplit(' ').next().unwrap().parse().unwrap();
        assert_eq!((side - 2 * QUIET - 17) % 4, 0, "a size that the standard knows");
        for (x, y) in [(QUIET, QUIET), (side - QUIET - 7, QUIET), (QUIET, side - QUIET - 7)] {
            for at in 0..7 {
                assert!(svg.contains(&format!("M{} {y}h1", x + at)), "the upper edge of a finder at {x}, {y}");
            }
        }
        assert!(super::svg(&"x".repeat(3_000)).is_none());
    }
}
