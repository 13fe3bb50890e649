#![no_main]
//! Workbooks: the guard of zips and xlsx, old xls, ods.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| fuzz::file::read(data, Some(data::declare::Format::Excel)));
