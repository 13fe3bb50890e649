//! The view of a map: a box on the earth, its cells, and the boxes beside, inside and around it.

use crate::ogc::Bounds;

/// Cells from west to east.
pub const ACROSS: f64 = 24.0;
/// The narrowest view, in degrees: some hundred metres.
const NARROWEST: f64 = 0.001;
/// How much higher than wide a view may be, and how much wider than high.
const LEAN: f64 = 0.9;
const FLAT: f64 = 1.6;

/// A box that is looked at, in the shape of a drawing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    pub bounds: Bounds,
}

impl View {
    /// A view of a box, grown to a shape that a page has room for.
    pub fn of([west, south, east, north]: Bounds) -> View {
        let middle = [f64::midpoint(west, east), f64::midpoint(south, north)];
        let shorten = shorten(middle[1]);
        let mut wide = (east - west).max(NARROWEST);
        let mut high = (north - south).max(NARROWEST * shorten);
        if high / (wide * shorten) > LEAN {
            wide = high / LEAN / shorten;
        }
        if wide * shorten / high > FLAT {
            high = wide * shorten / FLAT;
        }
        let [wide, high] = [wide.min(360.0) / 2.0, high.min(180.0) / 2.0];
        View { bounds: [middle[0] - wide, middle[1] - high, middle[0] + wide, middle[1] + high] }
    }

    /// The same with some room around.
    pub fn roomy(bounds: Bounds) -> View {
        View::of(bounds).scaled(1.08)
    }

    /// The same middle, `times` as wide.
    pub fn scaled(self, times: f64) -> View {
        let [west, south, east, north] = self.bounds;
        let (x, y) = (f64::midpoint(west, east), f64::midpoint(south, north));
        let (wide, high) = ((east - west) / 2.0 * times, (north - south) / 2.0 * times);
        View::of([x - wide, y - high, x + wide, y + high])
    }

    /// Moved by parts of its own width and height, to the east and north.
    pub fn moved(self, east: f64, north: f64) -> View {
        let [w, s, e, n] = self.bounds;
        let (x, y) = ((e - w) * east, (n - s) * north);
        View { bounds: [w + x, s + y, e + x, n + y] }
    }

    pub fn is_narrowest(self) -> bool {
        self.bounds[2] - self.bounds[0] <= NARROWEST * 2.0
    }

    /// Height over width, on the ground.
    pub fn shape(self) -> f64 {
        let [west, south, east, north] = self.bounds;
        (north - south) / ((east - west) * shorten(f64::midpoint(south, north)))
    }

    /// Degrees of longitude and latitude of a cell: as high as wide on the ground.
    pub fn cell(self) -> [f64; 2] {
        let [west, south, east, north] = self.bounds;
        let wide = (east - west) / ACROSS;
        [wide, wide * shorten(f64::midpoint(south, north))]
    }

    /// Metres from west to east, in the middle.
    pub fn metres(self) -> f64 {
        let [west, south, east, north] = self.bounds;
        (east - west) * shorten(f64::midpoint(south, north)) * 111_320.0
    }

    /// A round length for a scale bar, in metres, at most a quarter of the view; and its part of the width.
    pub fn scale(self) -> (f64, f64) {
        let quarter = self.metres() / 4.0;
        let power = 10_f64.powf(quarter.max(1.0).log10().floor());
        let length = [5.0, 2.0, 1.0].into_iter().map(|times| times * power).find(|length| *length <= quarter).unwrap_or(power);
        (length, length / self.metres())
    }

    /// As an address has it: degrees with six digits, some ten centimetres.
    pub fn text(self) -> String {
        text(self.bounds)
    }
}

/// `west,south,east,north`
pub fn text(bounds: Bounds) -> String {
    bounds.map(|one| format!("{one:.6}")).join(",")
}

/// How much shorter a degree of longitude is than one of latitude.
fn shorten(latitude: f64) -> f64 {
    latitude.clamp(-85.0, 85.0).to_radians().cos()
}
