//! What OGC API – Features asks in the parameters of an address: boxes, intervals, systems of coordinates (Parts 1 and 2).

use kernel::Text;

/// Half the earth's circumference in metres, as spherical Mercator has it.
const MERCATOR: f64 = 20_037_508.342_789_244;
/// Beyond this latitude the square of Mercator ends.
const MERCATOR_LATITUDE: f64 = 85.051_128_779_806_6;

/// A system of coordinates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Crs {
    /// Longitude, latitude.
    #[default]
    Crs84,
    /// Latitude, longitude.
    Epsg4326,
    /// Metres east and north of where the equator meets Greenwich.
    Epsg3857,
}

impl Crs {
    pub const ALL: [Crs; 3] = [Crs::Crs84, Crs::Epsg4326, Crs::Epsg3857];

    pub fn uri(self) -> &'static str {
        match self {
            Crs::Crs84 => "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
            Crs::Epsg4326 => "http://www.opengis.net/def/crs/EPSG/0/4326",
            Crs::Epsg3857 => "http://www.opengis.net/def/crs/EPSG/0/3857",
        }
    }

    /// Errors: none of ours.
    pub fn read(text: &str) -> Result<Crs, Text> {
        let curie = |crs: Crs| match crs {
            Crs::Crs84 => "[OGC:CRS84]",
            Crs::Epsg4326 => "[EPSG:4326]",
            Crs::Epsg3857 => "[EPSG:3857]",
        };
        let known = Crs::ALL.into_iter().find(|crs| text == crs.uri() || text == curie(*crs) || curie(*crs).trim_matches(['[', ']']) == text);
        known.ok_or_else(|| Text::new("不支持该坐标系：可用 CRS84、EPSG:4326、EPSG:3857", "this system of coordinates is not supported; there are CRS84, EPSG:4326, EPSG:3857"))
    }

    /// A place in this system.
    pub fn of(self, [longitude, latitude]: [f64; 2]) -> [f64; 2] {
        match self {
            Crs::Crs84 => [longitude, latitude],
            Crs::Epsg4326 => [latitude, longitude],
            Crs::Epsg3857 => {
                let latitude = latitude.clamp(-MERCATOR_LATITUDE, MERCATOR_LATITUDE).to_radians();
                let north = (std::f64::consts::FRAC_PI_4 + latitude / 2.0).tan().ln();
                [longitude / 180.0 * MERCATOR, north / std::f64::consts::PI * MERCATOR]
            }
        }
    }

    /// Longitude and latitude of a place in this system.
    pub fn back(self, [first, second]: [f64; 2]) -> [f64; 2] {
        match self {
            Crs::Crs84 => [first, second],
            Crs::Epsg4326 => [second, first],
            Crs::Epsg3857 => {
                let north = second / MERCATOR * std::f64::consts::PI;
                [first / MERCATOR * 180.0, (2.0 * north.exp().atan() - std::f64::consts::FRAC_PI_2).to_degrees()]
            }
        }
    }
}

/// West, south, east, north in degrees; where west is greater than east, over the 180th meridian.
pub type Bounds = [f64; 4];

/// Reads `bbox`: four numbers, or six with heights, which our points do not have.
pub fn bounds(text: &str, crs: Crs) -> Result<Bounds, Text> {
    let wrong = || Text::new("bbox 应为四个数：最小经度,最小纬度,最大经度,最大纬度", "bbox is four numbers: west,south,east,north");
    let numbers: Vec<f64> = text.split(',').map(|one| one.trim().parse().ok().filter(|number: &f64| number.is_finite())).collect::<Option<_>>().ok_or_else(wrong)?;
    let (low, high) = match numbers.as_slice() {
        [a, b, c, d] | [a, b, _, c, d, _] => ([*a, *b], [*c, *d]),
        _ => return Err(wrong()),
    };
    let ([west, south], [east, north]) = (crs.back(low), crs.back(high));
    let sound = south <= north && [south, north].iter().all(|one| one.abs() <= 90.0 + 1e-9) && [west, east].iter().all(|one| one.abs() <= 180.0 + 1e-9);
    if sound { Ok([west, south, east, north]) } else { Err(wrong()) }
}

/// Reads `datetime`: a moment or a day, or two with `/` between them, of which one may be open (`..` or nothing).
pub fn interval(text: &str) -> Result<(Option<String>, Option<String>), Text> {
    let wrong = || Text::new("datetime 应为 2026-01-31、2026-01-31T08:00:00Z，或以 / 分隔的区间（.. 表示不限）", "datetime is 2026-01-31, 2026-01-31T08:00:00Z, or two of them with / between (.. is open)");
    let one = |text: &str| match text.trim() {
        "" | ".." => Ok(None),
        text if is_time(text) => Ok(Some(text.to_owned())),
        _ => Err(wrong()),
    };
    match text.split_once('/') {
        None if text.trim().is_empty() || text.trim() == ".." => Err(wrong()),
        None => one(text).map(|moment| (moment.clone(), moment)),
        Some((from, to)) => {
            let (from, to) = (one(from)?, one(to)?);
            let backwards = from.as_ref().zip(to.as_ref()).is_some_and(|(from, to)| from.get(..10) > to.get(..10));
            if backwards { Err(wrong()) } else { Ok((from, to)) }
        }
    }
}

/// Whether it has the form of RFC 3339, as a day or a moment.
fn is_time(text: &str) -> bool {
    let (day, time) = text.split_once(['T', 't', ' ']).map_or((text, None), |(day, time)| (day, Some(time)));
    let shaped = |text: &str, form: &str| text.len() == form.len() && text.bytes().zip(form.bytes()).all(|(byte, of)| if of == b'0' { byte.is_ascii_digit() } else { byte == of });
    let clock = |time: &str| {
        let (clock, zone) = time.find(['Z', 'z', '+', '-']).map_or((time, ""), |at| time.split_at(at));
        let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
        shaped(clock, "00:00:00") && fraction.len() <= 9 && fraction.bytes().all(|byte| byte.is_ascii_digit()) && (zone.len() <= 1 || shaped(&zone[1..], "00:00"))
    };
    shaped(day, "0000-00-00") && time.is_none_or(clock)
}
