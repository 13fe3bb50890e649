#![no_main]
//! Any text as an address: no letter or digit is lost, and a division is one of the tree.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| fuzz::address::address(input));
