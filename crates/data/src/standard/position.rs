//! Longitudes and latitudes in degrees, or in degrees, minutes and seconds.

use super::flaw::Flaw;
use super::tidy::narrow;

/// East is positive.
pub(super) fn longitude(text: &str) -> Result<f64, Flaw> {
    let degrees = degrees(text, &["东经", "E", "e"], &["西经", "W", "w"])?;
    within(degrees, 180.0, "longitude")
}

/// North is positive.
pub(super) fn latitude(text: &str) -> Result<f64, Flaw> {
    let degrees = degrees(text, &["北纬", "N", "n"], &["南纬", "S", "s"])?;
    within(degrees, 90.0, "latitude")
}

/// Metres of a projected system.
pub(super) fn metres(text: &str) -> Result<f64, Flaw> {
    let metres = super::number::number(text)?;
    if metres.abs() <= FARTHEST {
        return Ok(metres);
    }
    Err(Flaw::new("range", "不是以米为单位的投影坐标，请核对", "is no projected coordinate in metres; check it"))
}

/// The largest numbers are those of the last zone's eastern edge, in metres with the zone's number before them.
const FARTHEST: f64 = 6e7;

fn within(degrees: f64, most: f64, name: &str) -> Result<f64, Flaw> {
    if degrees == 0.0 {
        return Err(Flaw::new(
            "no_position",
            "0 表示没有定位；没有坐标请留空",
            "0 means that there was no position; leave it empty if there is none",
        ));
    }
    if degrees.abs() <= most {
        return Ok(degrees);
    }
    if degrees.abs() > 360.0 {
        return Err(Flaw::new(
            "projected",
            "像是以米为单位的投影坐标；请换算成经纬度（度）",
            "looks like projected metres; convert it to degrees",
        ));
    }
    match name {
        "latitude" => Err(Flaw::new(
            "range",
            "纬度应在 -90 到 90 之间；经纬度是不是写反了？",
            "a latitude is from -90 to 90; are longitude and latitude swapped?",
        )),
        _ => Err(Flaw::new("range", "经度应在 -180 到 180 之间", "a longitude is from -180 to 180")),
    }
}

fn degrees(text: &str, positive: &[&str], negative: &[&str]) -> Result<f64, Flaw> {
    if let Some(number) = decimal(text) {
        return Ok(number);
    }
    let narrow = narrow(text);
    let (rest, west) = side(narrow.trim(), positive, false)
        .or_else(|| side(narrow.trim(), negative, true))
        .unwrap_or((narrow.trim(), false));
    let (rest, minus) = match rest.strip_prefix('-') {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    let number = sexagesimal(rest).ok_or_else(form)?;
    Ok(if west != minus { -number } else { number })
}

/// A plain decimal number, and nothing else that the parser of floats would take.
fn decimal(text: &str) -> Option<f64> {
    let fits = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+'));
    if fits { text.parse().ok() } else { None }
}

fn side<'t>(text: &'t str, words: &[&str], negative: bool) -> Option<(&'t str, bool)> {
    let rest = words.iter().find_map(|word| text.strip_prefix(word).or_else(|| text.strip_suffix(word)))?;
    Some((rest.trim().trim_start_matches(':').trim_start(), negative))
}

/// `121°33′15.5″`, `121度33分15秒`, `121°33.25′`, `121.5°`.
fn sexagesimal(text: &str) -> Option<f64> {
    let mut rest = text;
    let mut total = 0.0;
    let mut last_whole = true;
    let mut seen = false;
    let steps: [(&[&str], f64, f64); 3] = [
        (&["°", "度", "º", "˚"], 1.0, 360.0),
        (&["′", "'", "’", "分"], 60.0, 60.0),
        (&["″", "\"", "”", "''", "′′", "秒"], 3600.0, 60.0),
    ];
    for (marks, part, most) in steps {
        rest = rest.trim_start();
        if rest.is_empty() {
            break;
        }
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number = decimal(rest.get(..end)?)?;
        let after = rest.get(end..)?.trim_start();
        let after = match marks.iter().find_map(|mark| after.strip_prefix(mark)) {
            Some(after) => after,
            // The last mark is often left out: 121°33′15.
            None if after.is_empty() => after,
            None => return None,
        };
        // A fraction may only stand in the last part.
        if !last_whole || (seen && number >= most) {
            return None;
        }
        last_whole = number.fract() == 0.0;
        total += number / part;
        seen = true;
        rest = after;
    }
    (seen && rest.trim().is_empty()).then_some(total)
}

fn form() -> Flaw {
    Flaw::new(
        "form",
        "应为以度为单位的数字，如 121.5542，或 121°33′15″",
        "expected degrees such as 121.5542 or 121°33′15″",
    )
}
