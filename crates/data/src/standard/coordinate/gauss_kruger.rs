//! Gauss-Kruger zones of CGCS2000 (GB/T 17278), as planning bureaus deliver them: metres east, with or without
//! the number of the zone before them, and metres north. Series of Kruger in the third flattening.

use super::Point;

const AXIS: f64 = 6_378_137.0;
const FLATTENING: f64 = 1.0 / 298.257_222_101;
/// Third flattening and its powers.
const N: f64 = FLATTENING / (2.0 - FLATTENING);
const N2: f64 = N * N;
const N3: f64 = N2 * N;
const N4: f64 = N3 * N;
const RADIUS: f64 = AXIS / (1.0 + N) * (1.0 + N2 / 4.0 + N4 / 64.0);
const FORTH: [f64; 4] = [
    N / 2.0 - N2 * 2.0 / 3.0 + N3 * 5.0 / 16.0 + N4 * 41.0 / 180.0,
    N2 * 13.0 / 48.0 - N3 * 3.0 / 5.0 + N4 * 557.0 / 1440.0,
    N3 * 61.0 / 240.0 - N4 * 103.0 / 140.0,
    N4 * 49_561.0 / 161_280.0,
];
const BACK: [f64; 4] = [
    N / 2.0 - N2 * 2.0 / 3.0 + N3 * 37.0 / 96.0 - N4 / 360.0,
    N2 / 48.0 + N3 / 15.0 - N4 * 437.0 / 1440.0,
    N3 * 17.0 / 480.0 - N4 * 37.0 / 840.0,
    N4 * 4397.0 / 161_280.0,
];
const FALSE_EAST: f64 = 500_000.0;
/// Farther from its meridian a zone is not used, and the series are no longer exact.
const WIDEST: f64 = 6.0;

/// One zone: its meridian, and its number where that stands before the metres east.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GaussKruger {
    meridian: f64,
    number: Option<f64>,
}

impl GaussKruger {
    /// EPSG:4491 to 4554: zones of six degrees by number and by meridian, then of three degrees.
    pub(super) fn of_epsg(code: u32) -> Option<GaussKruger> {
        let zone = |step: u32, first: u32, width: f64, numbered: Option<u32>| GaussKruger {
            meridian: 75.0 + f64::from(step) * width,
            number: numbered.map(|_| f64::from(first + step)),
        };
        match code {
            4491..=4501 => Some(zone(code - 4491, 13, 6.0, Some(13))),
            4502..=4512 => Some(zone(code - 4502, 13, 6.0, None)),
            4513..=4533 => Some(zone(code - 4513, 25, 3.0, Some(25))),
            4534..=4554 => Some(zone(code - 4534, 25, 3.0, None)),
            _ => None,
        }
    }

    /// What stands before the metres from the zone's western edge.
    fn false_east(self) -> f64 {
        FALSE_EAST + self.number.unwrap_or(0.0) * 1e6
    }

    pub(super) fn to_metres(self, (lon, lat): Point) -> Option<Point> {
        if (lon - self.meridian).abs() > WIDEST || lat.abs() > 85.0 {
            return None;
        }
        let (phi, lambda) = (lat.to_radians(), (lon - self.meridian).to_radians());
        let eccentricity = 2.0 * N.sqrt() / (1.0 + N);
        let t = (phi.sin().atanh() - eccentricity * (eccentricity * phi.sin()).atanh()).sinh();
        let (xi, eta) = (t.atan2(lambda.cos()), (lambda.sin() / t.hypot(lambda.cos())).asinh());
        let (xi, eta) = wave(xi, eta, &FORTH, 1.0);
        Some((self.false_east() + RADIUS * eta, RADIUS * xi))
    }

    pub(super) fn to_degrees(self, (east, north): Point) -> Option<Point> {
        let (xi, eta) = (north / RADIUS, (east - self.false_east()) / RADIUS);
        // 10 degrees beside the meridian and the poles are the ends of the world.
        if !(eta.abs() < 0.12 && xi.abs() < 1.5) {
            return None;
        }
        let (xi, eta) = wave(xi, eta, &BACK, -1.0);
        let chi = (xi.sin() / eta.cosh()).asin();
        let lambda = eta.sinh().atan2(xi.cos());
        let lon = self.meridian + lambda.to_degrees();
        let lat = geodetic(chi).to_degrees();
        ((lon - self.meridian).abs() <= WIDEST + 1e-6).then_some((lon, lat))
    }
}

fn wave(xi: f64, eta: f64, terms: &[f64; 4], sign: f64) -> Point {
    terms.iter().zip([2.0, 4.0, 6.0, 8.0]).fold((xi, eta), |(a, b), (term, times)| {
        let (x, e) = (times * xi, times * eta);
        (a + sign * term * x.sin() * e.cosh(), b + sign * term * x.cos() * e.sinh())
    })
}

/// The geodetic latitude of a conformal one, by iteration.
fn geodetic(chi: f64) -> f64 {
    let eccentricity = 2.0 * N.sqrt() / (1.0 + N);
    let target = chi.sin().atanh();
    let mut phi = chi;
    for _ in 0..8 {
        phi = (target + eccentricity * (eccentricity * phi.sin()).atanh()).tanh().asin();
    }
    phi
}
