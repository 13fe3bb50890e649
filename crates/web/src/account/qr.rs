//! A QR code as a picture, for a telephone's camera.

use qrcodegen::{QrCode, QrCodeEcc};

use crate::html::Html;

/// Blank modules around it, as ISO/IEC 18004 asks.
const QUIET: i32 = 4;

/// The picture; nothing when the text is too long for a code.
pub(super) fn svg(text: &str) -> Html {
    let Ok(code) = QrCode::encode_text(text, QrCodeEcc::Medium) else { return Html::default() };
    let size = code.size();
    let dark = (0..size).flat_map(|y| (0..size).map(move |x| (x, y))).filter(|(x, y)| code.get_module(*x, *y));
    let path: String = dark.map(|(x, y)| format!("M{} {}h1v1h-1z", x + QUIET, y + QUIET)).collect();
    let side = size + 2 * QUIET;
    Html(format!(
        "<svg class=\"qr\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\" aria-hidden=\"true\"><rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/></svg>"
    ))
}
