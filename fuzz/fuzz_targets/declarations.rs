#![no_main]
//! A city folder of any content: files are parted by lines that begin with `=== ` and name them.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| fuzz::declarations::declarations(input));
