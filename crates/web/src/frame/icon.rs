//! The few icons of the navigation: strokes of one weight in a box of 24, always beside their word.

use crate::html::Html;

/// The icon of that name; nothing for a name that has none.
pub(super) fn icon(name: &str) -> Html {
    let strokes = match name {
        "home" => "M4 11l8-7 8 7M6 9.5V20h12V9.5M10 20v-5.5h4V20",
        "catalog" => "M5 4h11a3 3 0 0 1 3 3v13H8a3 3 0 0 1-3-3zM5 17a3 3 0 0 1 3-3h11M9 8h6",
        "open" => "M6 11h12v9H6zM8.500 11V7.500a3.500 3.500 0 0 1 6.800-1.200M12 14.500v2.500",
        "systems" => "M4.5 6c0-3.6 15-3.6 15 0s-15 3.6-15 0v12c0 3.6 15 3.6 15 0V6M4.5 12c0 3.6 15 3.6 15 0",
        "runs" => "M3 7c4-2.5 6-2.5 9 0s5 2.5 9 0M3 12.5c4-2.5 6-2.5 9 0s5 2.5 9 0M3 18c4-2.5 6-2.5 9 0s5 2.5 9 0",
        "models" => "M4 4h6v5H4zM4 15h6v5H4zM15 9.500h6v5h-6zM10 6.500c3 0 2 5.500 5 5.500M10 17.500c3 0 2-5.500 5-5.500",
        "figures" => "M4 20h16M6.500 20v-6M11 20V9M15.500 20v-8M20 20V5",
        "registers" => "M9 4.500a3 3 0 1 0 0 6 3 3 0 1 0 0-6M3.500 19c0-3.500 2-5.500 5.500-5.500s5.500 2 5.500 5.500M17 8h4M17 12h4M17 16h4",
        "quarantine" => "M12 4l9 16H3zM12 10v4.5M12 17.3v.2",
        "drift" => "M4 8h9l-3-3M20 16h-9l3 3M16 8h4M4 16h4",
        "quality" => "M5 12.5l4.5 4.5L19 7",
        "defects" => "M6 3v18M6 4h11l-3 4 3 4H6",
        "share" => "M6 9a3 3 0 1 0 0 6 3 3 0 1 0 0-6M18 3.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 1 0 0-5M18 15.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 1 0 0-5M8.700 10.700l7-3.600M8.700 13.300l7 3.600",
        "accounts" => "M9 4.500a3 3 0 1 0 0 6 3 3 0 1 0 0-6M3.500 19.500c0-3.500 2-5.500 5.500-5.500s5.500 2 5.500 5.500M15.500 5a3 3 0 0 1 0 5.500M17 14.200c2.300.6 3.500 2.500 3.500 5.300",
        "log" => "M6 3.500h9l3.500 3.500V20.500H6zM9 9.500h6M9 13h6M9 16.500h3.500",
        "sql" => "M4 5h16v14H4zM8 10l3 2.5L8 15M13 15h4",
        "api" => "M9 7l-5 5 5 5M15 7l5 5-5 5",
        "me" => "M2.500 12c3-5 6-7 9.500-7s6.500 2 9.500 7c-3 5-6 7-9.500 7s-6.500-2-9.500-7M12 9a3 3 0 1 0 0 6 3 3 0 1 0 0-6",
        "help" => "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 1 0 0-17M9.5 9.5c.3-1.6 1.4-2.3 2.6-2.3 1.5 0 2.6 1 2.6 2.3 0 2-2.7 2.2-2.7 4.3M12 16.8v.2",
        "more" => "M5 12h.01M12 12h.01M19 12h.01",
        _ => return Html::default(),
    };
    Html(format!("<svg class=\"icon icon-{name}\" viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path d=\"{strokes}\"/></svg>"))
}
