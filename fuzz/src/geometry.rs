//! Points through every coordinate system and back: finite, and within a millionth of a degree.

use data::standard::coordinate::Crs;

/// One input.
pub fn geometry((which, x, y): (u8, f64, f64)) {
    let name = match which % 5 {
        0 => "wgs84".to_owned(),
        1 => "gcj02".to_owned(),
        2 => "bd09".to_owned(),
        3 => "EPSG:3857".to_owned(),
        _ => format!("EPSG:{}", 4491 + u32::from(which) % 64),
    };
    let crs = Crs::named(&name).expect("a known system");
    if let Some((lon, lat)) = crs.to_wgs84((x, y)) {
        assert!(lon.abs() <= 180.0 && lat.abs() <= 90.0);
    }
    // Inside of China, away from the edge of the rectangle where the offset begins.
    let (lon, lat) = (73.0 + x.abs() % 62.0, 4.0 + y.abs() % 50.0);
    if !(lon.is_finite() && lat.is_finite()) {
        return;
    }
    if let Some(there) = crs.from_wgs84((lon, lat)) {
        let (x, y) = crs.to_wgs84(there).expect("a way back");
        assert!((x - lon).abs() < 1e-6 && (y - lat).abs() < 1e-6, "{name}: {lon},{lat} came back as {x},{y}");
    }
}
