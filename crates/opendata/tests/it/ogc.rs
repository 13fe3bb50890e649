//! Boxes, intervals and systems of coordinates of OGC API – Features.

use opendata::map::View;
use opendata::ogc::{Crs, bounds, interval};

#[test]
fn systems_lead_there_and_back() {
    for crs in Crs::ALL {
        assert_eq!(Crs::read(crs.uri()), Ok(crs));
        for place in [[121.55, 29.87], [-180.0, -80.0], [0.0, 0.0], [179.9, 84.0]] {
            let back = crs.back(crs.of(place));
            assert!((back[0] - place[0]).abs() < 1e-9 && (back[1] - place[1]).abs() < 1e-9, "{crs:?} {place:?} {back:?}");
        }
    }
    // 6,378,137 m × the isometric latitude, by another computation.
    let [x, y] = Crs::Epsg3857.of([121.55, 29.87]);
    assert!((x - 13_530_884.10).abs() < 0.1 && (y - 3_486_850.48).abs() < 0.1, "{x} {y}");
    assert_eq!(Crs::read("EPSG:4490"), Err(Crs::read("").expect_err("none")));
}

#[test]
fn boxes_and_intervals_are_read_and_others_refused() {
    assert_eq!(bounds("121,29,122,30", Crs::Crs84), Ok([121.0, 29.0, 122.0, 30.0]));
    assert_eq!(bounds("29,121,30,122", Crs::Epsg4326), Ok([121.0, 29.0, 122.0, 30.0]));
    assert_eq!(bounds("121,29,0,122,30,9", Crs::Crs84), Ok([121.0, 29.0, 122.0, 30.0]));
    assert_eq!(bounds("170,-10,-170,10", Crs::Crs84), Ok([170.0, -10.0, -170.0, 10.0]), "over the 180th meridian");
    for wrong in ["", "1,2,3", "a,b,c,d", "1,30,2,29", "1,2,3,4,5", "NaN,1,2,3", "inf,1,2,3", "0,0,0,91", "0,0,200,1"] {
        assert!(bounds(wrong, Crs::Crs84).is_err(), "{wrong}");
    }
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(interval("2026-01-31"), Ok((some("2026-01-31"), some("2026-01-31"))));
    assert_eq!(interval("../2026-01-31T08:00:00Z"), Ok((None, some("2026-01-31T08:00:00Z"))));
    assert_eq!(interval("2026-01-31T08:00:00.5+08:00/"), Ok((some("2026-01-31T08:00:00.5+08:00"), None)));
    for wrong in ["", "..", "yesterday", "2026-1-1", "2026-01-31T8:00", "2026-02-01/2026-01-01", "2026-01-31T08:00:00X", "2026-01-01T", "２026-01-01"] {
        assert!(interval(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn views_keep_a_shape_and_lead_on() {
    let view = View::of([121.0, 29.0, 121.2, 30.5]);
    assert!((0.6..=0.91).contains(&view.shape()), "{}", view.shape());
    let [west, south, east, north] = view.bounds;
    assert!(west < 121.0 && east > 121.2 && (south - 29.0).abs() < 1e-9 && (north - 30.5).abs() < 1e-9);
    let near = view.scaled(0.5);
    assert!((near.metres() * 2.0 - view.metres()).abs() < 1.0);
    let beside = near.moved(1.0, 0.0);
    assert!((beside.bounds[0] - near.bounds[2]).abs() < 1e-9);
    let (length, part) = view.scale();
    assert!(part <= 0.25 && (length / part - view.metres()).abs() < 1.0);
    assert!(View::of([0.0, 0.0, 0.0, 0.0]).metres() > 50.0, "a single place has surroundings");
}
