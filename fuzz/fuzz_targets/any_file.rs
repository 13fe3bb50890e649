#![no_main]
//! Files of a form that must be told from the content, compressed and archived ones included.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| fuzz::file::read(data, None));
