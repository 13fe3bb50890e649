#![no_main]
//! Any text against every standard: a value or a fault in two languages; a value is its own one form.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| fuzz::standards::standards(input));
