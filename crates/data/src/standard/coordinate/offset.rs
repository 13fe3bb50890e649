//! The offset of published Chinese maps: GCJ-02, and Baidu's BD-09 on top of it. Neither is published;
//! the formulas are those that the field has agreed on. The ways back are found by iteration.

use std::f64::consts::PI;

use super::Point;

/// Krasovsky 1940, on which the offset was made.
const AXIS: f64 = 6_378_245.0;
const ECCENTRICITY: f64 = 0.006_693_421_622_965_943;
/// Baidu turns with this frequency.
const TURN: f64 = PI * 3000.0 / 180.0;
/// A few of these rounds reach the last bit; more never help.
const ROUNDS: usize = 30;

/// The rectangle outside which nothing is offset.
fn outside_china((lon, lat): Point) -> bool {
    !(72.004..=137.8347).contains(&lon) || !(0.8293..=55.8271).contains(&lat)
}

pub(super) fn wgs84_to_gcj02(point: Point) -> Point {
    if outside_china(point) {
        return point;
    }
    let (x, y) = (point.0 - 105.0, point.1 - 35.0);
    let latitude = point.1.to_radians();
    let magic = 1.0 - ECCENTRICITY * latitude.sin() * latitude.sin();
    let east = east(x, y) * 180.0 / (AXIS / magic.sqrt() * latitude.cos() * PI);
    let north = north(x, y) * 180.0 / (AXIS * (1.0 - ECCENTRICITY) / (magic * magic.sqrt()) * PI);
    (point.0 + east, point.1 + north)
}

pub(super) fn gcj02_to_wgs84(point: Point) -> Point {
    if outside_china(point) { point } else { back(point, wgs84_to_gcj02) }
}

pub(super) fn gcj02_to_bd09((x, y): Point) -> Point {
    let length = x.hypot(y) + 0.00002 * (y * TURN).sin();
    let angle = y.atan2(x) + 0.000003 * (x * TURN).cos();
    (length * angle.cos() + 0.0065, length * angle.sin() + 0.006)
}

pub(super) fn bd09_to_gcj02(point: Point) -> Point {
    back(point, gcj02_to_bd09)
}

/// The point that `forth` takes to `target`. The offset changes slowly, so taking off what is too much converges.
fn back(target: Point, forth: impl Fn(Point) -> Point) -> Point {
    let mut guess = target;
    for _ in 0..ROUNDS {
        let reached = forth(guess);
        let (east, north) = (target.0 - reached.0, target.1 - reached.1);
        guess = (guess.0 + east, guess.1 + north);
        if east.abs() < 1e-12 && north.abs() < 1e-12 {
            break;
        }
    }
    guess
}

/// Metres east.
fn east(x: f64, y: f64) -> f64 {
    300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * x.abs().sqrt()
        + waves(x, [(6.0, 20.0), (2.0, 20.0)])
        + waves(x, [(1.0, 20.0), (1.0 / 3.0, 40.0)])
        + waves(x, [(1.0 / 12.0, 150.0), (1.0 / 30.0, 300.0)])
}

/// Metres north.
fn north(x: f64, y: f64) -> f64 {
    -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * x.abs().sqrt()
        + waves(x, [(6.0, 20.0), (2.0, 20.0)])
        + waves(y, [(1.0, 20.0), (1.0 / 3.0, 40.0)])
        + waves(y, [(1.0 / 12.0, 160.0), (1.0 / 30.0, 320.0)])
}

/// Two sines of different frequency and height.
fn waves(at: f64, pair: [(f64, f64); 2]) -> f64 {
    pair.iter().map(|(frequency, height)| height * (at * frequency * PI).sin()).sum::<f64>() * 2.0 / 3.0
}
