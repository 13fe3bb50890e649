//! Yes or no, in the words that forms and systems use for it.

use super::flaw::Flaw;
use super::tidy::narrow;

/// 是/否, true/false, 1/0, Y/N and their like.
pub(super) fn read(text: &str) -> Result<bool, Flaw> {
    match text {
        "1" | "是" | "true" | "Y" => return Ok(true),
        "0" | "否" | "false" | "N" => return Ok(false),
        _ => {}
    }
    match narrow(text).to_ascii_lowercase().as_str() {
        "1" | "true" | "t" | "yes" | "y" | "真" | "对" | "√" | "✓" => Ok(true),
        "0" | "false" | "f" | "no" | "n" | "假" | "错" | "不是" | "×" => Ok(false),
        _ => Err(Flaw::new(
            "form",
            "应为 是/否（也可写 true/false、1/0、Y/N）",
            "expected yes or no (是/否, true/false, 1/0, Y/N)",
        )),
    }
}
