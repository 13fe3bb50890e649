//! Format-preserving encryption FF1 (NIST SP 800-38G, 2016, and its revision): a text of digits becomes another of the same
//! length, and back. Over SM4 (GB/T 32907) here; the standard's own examples, over AES, prove the structure.
//!
//! FF3 is left out: its revision withdraws it.

use sm4::Sm4;
use sm4::cipher::{Array, BlockCipherEncrypt, KeyInit};

const ROUNDS: u8 = 10;
/// A domain below a million is searched through too quickly (revision 1, appendix A).
const SMALLEST_DOMAIN: u128 = 1_000_000;
/// The halves are calculated with in 128 bits, eight of which must stay free.
const LARGEST_HALF: u128 = 1 << 120;
const LONGEST_TWEAK: usize = 1024;

/// A block cipher of 128 bits, forward only: FF1 needs no more.
pub trait BlockCipher {
    /// Encrypts one block in place.
    fn encrypt(&self, block: &mut [u8; 16]);
}

/// SM4 with its key.
#[derive(Clone)]
pub struct Sm4Cipher(Sm4);

impl Sm4Cipher {
    pub fn new(key: [u8; 16]) -> Sm4Cipher {
        Sm4Cipher(Sm4::new(&Array::from(key)))
    }
}

impl BlockCipher for Sm4Cipher {
    fn encrypt(&self, block: &mut [u8; 16]) {
        let mut inner = Array::from(*block);
        self.0.encrypt_block(&mut inner);
        *block = inner.into();
    }
}

/// FF1 over a cipher, for digits of one radix (2 to 36).
pub struct Ff1<C> {
    cipher: C,
    radix: u8,
}

/// One half of the digits, and how many values it can have.
#[derive(Clone, Copy)]
struct Half {
    length: usize,
    values: u128,
}

impl<C: BlockCipher> Ff1<C> {
    pub fn new(cipher: C, radix: u8) -> Ff1<C> {
        Ff1 {
            cipher,
            radix: radix.clamp(2, 36),
        }
    }

    /// The digits (each below the radix) encrypted under a tweak. `None`: too few digits for a domain of a million, too
    /// many to calculate with, a digit beyond the radix, or a tweak of more than a kilobyte.
    pub fn encrypt(&self, tweak: &[u8], digits: &[u8]) -> Option<Vec<u8>> {
        let (left, right, mut a, mut b) = self.halves(tweak, digits)?;
        for round in 0..ROUNDS {
            let half = if round % 2 == 0 { left } else { right };
            let y = self.round(tweak, digits.len(), right, round, b, half.values);
            (a, b) = (b, (a + y) % half.values);
        }
        Some(self.joined(left, right, a, b))
    }

    /// The inverse of `encrypt`, refusing the same.
    pub fn decrypt(&self, tweak: &[u8], digits: &[u8]) -> Option<Vec<u8>> {
        let (left, right, mut a, mut b) = self.halves(tweak, digits)?;
        for round in (0..ROUNDS).rev() {
            let half = if round % 2 == 0 { left } else { right };
            let y = self.round(tweak, digits.len(), right, round, a, half.values);
            (a, b) = ((b + half.values - y) % half.values, a);
        }
        Some(self.joined(left, right, a, b))
    }

    fn halves(&self, tweak: &[u8], digits: &[u8]) -> Option<(Half, Half, u128, u128)> {
        let (first, second) = digits.split_at(digits.len() / 2);
        let half = |digits: &[u8]| {
            let values = u128::from(self.radix).checked_pow(u32::try_from(digits.len()).ok()?)?;
            (values < LARGEST_HALF).then_some(Half {
                length: digits.len(),
                values,
            })
        };
        let (left, right) = (half(first)?, half(second)?);
        let large = left.values.checked_mul(right.values).is_none_or(|all| all >= SMALLEST_DOMAIN);
        let fits = large && tweak.len() <= LONGEST_TWEAK && digits.iter().all(|digit| *digit < self.radix);
        fits.then(|| (left, right, self.number(first), self.number(second)))
    }

    fn number(&self, digits: &[u8]) -> u128 {
        digits
            .iter()
            .fold(0, |sum, digit| sum * u128::from(self.radix) + u128::from(*digit))
    }

    fn joined(&self, left: Half, right: Half, a: u128, b: u128) -> Vec<u8> {
        let radix = u128::from(self.radix);
        let mut out = vec![0; left.length + right.length];
        let (first, second) = out.split_at_mut(left.length);
        for (place, mut rest) in [(first, a), (second, b)] {
            for digit in place.iter_mut().rev() {
                *digit = (rest % radix) as u8;
                rest /= radix;
            }
        }
        out
    }

    /// Steps 6 i to 6 vi: what the other half adds in this round, modulo `modulus`.
    fn round(&self, tweak: &[u8], count: usize, right: Half, round: u8, other: u128, modulus: u128) -> u128 {
        let bits = 128 - (right.values - 1).leading_zeros() as usize;
        let bytes = bits.div_ceil(8);
        let wanted = 4 * bytes.div_ceil(4) + 4;

        let mut input = vec![1, 2, 1, 0, 0, self.radix, ROUNDS, (count / 2) as u8];
        input.extend((count as u32).to_be_bytes());
        input.extend((tweak.len() as u32).to_be_bytes());
        input.extend(tweak);
        input.resize(input.len() + (16 - (tweak.len() + bytes + 1) % 16) % 16, 0);
        input.push(round);
        input.extend(other.to_be_bytes().iter().skip(16 - bytes));

        let first = self.mac(&input);
        let mut stream = first.to_vec();
        for block in 1..wanted.div_ceil(16) as u128 {
            let mut next = (u128::from_be_bytes(first) ^ block).to_be_bytes();
            self.cipher.encrypt(&mut next);
            stream.extend(next);
        }
        stream
            .iter()
            .take(wanted)
            .fold(0, |sum, byte| (sum * 256 + u128::from(*byte)) % modulus)
    }

    /// The last block of CBC with a zero vector (PRF).
    fn mac(&self, input: &[u8]) -> [u8; 16] {
        let mut state = [0; 16];
        for block in input.chunks(16) {
            state.iter_mut().zip(block).for_each(|(state, byte)| *state ^= byte);
            self.cipher.encrypt(&mut state);
        }
        state
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Aes<C>(C);

    impl<C: BlockCipherEncrypt<BlockSize = sm4::cipher::consts::U16>> BlockCipher for Aes<C> {
        fn encrypt(&self, block: &mut [u8; 16]) {
            let mut inner = Array::from(*block);
            self.0.encrypt_block(&mut inner);
            *block = inner.into();
        }
    }

    fn digits(text: &str) -> Vec<u8> {
        text.chars().map(|c| c.to_digit(36).unwrap() as u8).collect()
    }

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
            .collect()
    }

    fn proven(cipher: impl BlockCipher, radix: u8, tweak: &str, plain: &str, sealed: &str) {
        let ff1 = Ff1::new(cipher, radix);
        let tweak = hex(tweak);
        assert_eq!(ff1.encrypt(&tweak, &digits(plain)).unwrap(), digits(sealed));
        assert_eq!(ff1.decrypt(&tweak, &digits(sealed)).unwrap(), digits(plain));
    }

    /// The nine samples of NIST for FF1 (csrc.nist.gov, FF1samples.pdf).
    #[test]
    fn nist_samples_hold() {
        const KEY: &str = "2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94";
        const TEXT: &str = "0123456789abcdefghi";
        const TENS: &str = "39383736353433323130";
        const THIRTY_SIXES: &str = "3737373770717273373737";
        let key = hex(KEY);
        let short = || Aes(aes::Aes128::new_from_slice(&key[..16]).unwrap());
        proven(short(), 10, "", "0123456789", "2433477484");
        proven(short(), 10, TENS, "0123456789", "6124200773");
        proven(short(), 36, THIRTY_SIXES, TEXT, "a9tv40mll9kdu509eum");
        let middle = || Aes(aes::Aes192::new_from_slice(&key[..24]).unwrap());
        proven(middle(), 10, "", "0123456789", "2830668132");
        proven(middle(), 10, TENS, "0123456789", "2496655549");
        proven(middle(), 36, THIRTY_SIXES, TEXT, "xbj3kv35jrawxv32ysr");
        let long = || Aes(aes::Aes256::new_from_slice(&key).unwrap());
        proven(long(), 10, "", "0123456789", "6657667009");
        proven(long(), 10, TENS, "0123456789", "1001623463");
        proven(long(), 36, THIRTY_SIXES, TEXT, "xs8a0azh2avyalyzuwd");
    }

    /// The example of GB/T 32907, appendix A.
    #[test]
    fn sm4_is_the_one_of_the_norm() {
        let key: [u8; 16] = hex("0123456789ABCDEFFEDCBA9876543210").try_into().unwrap();
        let mut block = key;
        Sm4Cipher::new(key).encrypt(&mut block);
        assert_eq!(block.to_vec(), hex("681EDF34D206965E86B3E94F536E4246"));
    }

    #[test]
    fn what_cannot_be_kept_safe_is_refused() {
        let ff1 = Ff1::new(Sm4Cipher::new([7; 16]), 10);
        assert!(ff1.encrypt(b"", &[1; 5]).is_none());
        assert!(ff1.encrypt(b"", &[1; 6]).is_some());
        assert!(ff1.encrypt(b"", &[1; 72]).is_some());
        assert!(ff1.encrypt(b"", &[1; 73]).is_none());
        assert!(ff1.encrypt(b"", &[1, 2, 3, 4, 5, 10]).is_none());
        assert!(ff1.encrypt(&[0; 1025], &[1; 6]).is_none());
    }
}
