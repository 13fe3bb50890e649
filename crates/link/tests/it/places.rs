//! What is alike and not the same: houses of one street.

use link::{Linkage, Records, Side};

use crate::options;

/// Numbers that look drawn by chance and are the same each time.
struct Drawn(u64);

impl Drawn {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most
    }

    fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }
}

const WORDS: [&str; 32] = [
    "amber", "birch", "cedar", "dover", "elgin", "fern", "grove", "hazel", "ivory", "juniper", "kestrel", "linden", "maple", "nutmeg", "olive", "poplar", "quartz", "rowan",
    "sorrel", "thistle", "umber", "violet", "willow", "yarrow", "aspen", "bramble", "clover", "damson", "elder", "foxglove", "gorse", "heather",
];
const TOWNS: [&str; 12] = ["salford", "derby", "bristol", "leeds", "york", "exeter", "bath", "oxford", "durham", "lincoln", "chester", "truro"];

#[test]
fn another_house_of_the_street_is_another_place() {
    let mut drawn = Drawn(7);
    let mut builder = Records::builder();
    let columns = ["address", "city", "postcode"].map(|name| builder.column(name).expect("column"));
    let (mut wanted, mut house) = (0, 0);
    for street in 0..400usize {
        let name = format!("{}{}", drawn.one(&WORDS), drawn.one(&["field", "gate", "ton", "wood"]));
        let (town, post) = (drawn.one(&TOWNS), format!("{}{} {}{}", street % 26 + 10, drawn.below(10), drawn.below(10), drawn.one(&["ab", "de", "fg", "hj"])));
        for place in 0..drawn.below(5) + 1 {
            house += 1;
            let (number, copies) = (place * 40 + drawn.below(38) + 1, drawn.below(2) + 1);
            wanted += copies - 1;
            for copy in 0..copies {
                let address = format!("{number} {name} {}", drawn.one(&["street", "st"]));
                let cells = [address.as_str(), if drawn.below(5) == 0 { "" } else { town }, if drawn.below(8) == 0 { "" } else { &post }];
                let cells = columns.iter().copied().zip(cells).filter(|(_, cell)| !cell.is_empty());
                builder.push(Side::Left, &format!("{house}-{copy}"), cells).expect("push");
            }
        }
    }
    let records = builder.build();
    let linked = Linkage::learn(&records, &[], &[], &options(2)).expect("learnt").link();
    let place = |record: u32| records.id(record).split('-').next().map(str::to_owned);
    let right = linked.pairs.iter().filter(|pair| place(pair.a) == place(pair.b)).count();
    let found = linked.pairs.len();
    assert!(right * 10 >= wanted * 9 && right * 10 >= found * 9, "{right} right of {wanted}, {found} found");
}
