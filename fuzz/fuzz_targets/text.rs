#![no_main]
//! Delimited text of any encoding, delimiter and shape.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| fuzz::file::read(data, Some(data::declare::Format::Delimited)));
