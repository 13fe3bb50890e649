#![no_main]
//! Points through every coordinate system and back: finite, and within a millionth of a degree.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, f64, f64)| fuzz::geometry::geometry(input));
