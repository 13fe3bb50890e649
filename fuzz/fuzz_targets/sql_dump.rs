#![no_main]
//! SQL dumps.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| fuzz::file::read(data, Some(data::declare::Format::SqlDump)));
