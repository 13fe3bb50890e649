//! Encryption that keeps the form of a value, so that what takes the value takes its cover: the same length, the same
//! alphabet, and check digits that hold.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ff1::{BlockCipher, Ff1};
use super::keys::MaskKeys;
use crate::declare::Kind;
use crate::standard::{Day, bank_check_digit, citizen_check_digit, valid};

/// The longest text that is encrypted, in characters.
const LONGEST: usize = 128;
/// Cycle walking leaves the domain for good with a chance below 10⁻³⁰⁰ in so many steps.
const MOST_STEPS: usize = 1000;

/// What the encrypted value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Digits become digits; anything else stays where it is. At least six digits.
    Digits,
    /// Digits and capital letters become such; anything else stays. At least four.
    Serial,
    /// A valid citizen id becomes a valid one of the same division, born on another day (1900 to 2099).
    CitizenId,
    /// A mobile number keeps its first three digits.
    Mobile,
    /// A bank card number keeps its issuer's six digits, and a right check digit.
    BankCard,
}

impl Form {
    /// The value encrypted for this purpose; `None` when it has not the form.
    pub fn encrypt(self, keys: &MaskKeys, text: &str) -> Option<String> {
        self.turn(keys, text, true)
    }

    /// The inverse of `encrypt`, with the same keys.
    pub fn decrypt(self, keys: &MaskKeys, text: &str) -> Option<String> {
        self.turn(keys, text, false)
    }

    fn turn(self, keys: &MaskKeys, text: &str, forth: bool) -> Option<String> {
        if text.chars().count() > LONGEST {
            return None;
        }
        match self {
            Form::Digits => places(keys, text, 10, forth),
            Form::Serial => places(keys, text, 36, forth),
            Form::CitizenId => citizen_id(keys, text, forth),
            Form::Mobile => mobile(keys, text, forth),
            Form::BankCard => bank_card(keys, text, forth),
        }
    }
}

/// FF1 over the digits of this radix among the characters; the others stay.
fn places(keys: &MaskKeys, text: &str, radix: u8, forth: bool) -> Option<String> {
    let digit = |c: char| {
        if c.is_ascii_lowercase() {
            None
        } else {
            c.to_digit(u32::from(radix))
        }
    };
    let digits: Vec<u8> = text.chars().filter_map(digit).map(|digit| digit as u8).collect();
    let turned = turn(&Ff1::new(keys.cipher(), radix), &keys.tweak(""), &digits, forth)?;
    let mut turned = turned
        .into_iter()
        .filter_map(|digit| char::from_digit(u32::from(digit), u32::from(radix)));
    Some(
        text.chars()
            .map(|c| {
                if digit(c).is_some() {
                    turned.next().unwrap_or('*').to_ascii_uppercase()
                } else {
                    c
                }
            })
            .collect(),
    )
}

fn turn<C: BlockCipher>(ff1: &Ff1<C>, tweak: &[u8], digits: &[u8], forth: bool) -> Option<Vec<u8>> {
    if forth {
        ff1.encrypt(tweak, digits)
    } else {
        ff1.decrypt(tweak, digits)
    }
}

/// The digits of a number, so many places wide, turned until the number is one of the domain again (cycle walking).
fn walk(keys: &MaskKeys, context: &str, number: u64, width: usize, domain: u64, forth: bool) -> Option<u64> {
    let ff1 = Ff1::new(keys.cipher(), 10);
    let tweak = keys.tweak(context);
    let mut digits: Vec<u8> = format!("{number:0width$}").bytes().map(|byte| byte - b'0').collect();
    for _ in 0..MOST_STEPS {
        digits = turn(&ff1, &tweak, &digits, forth)?;
        let number = digits.iter().fold(0, |sum, digit| sum * 10 + u64::from(*digit));
        if number < domain {
            return Some(number);
        }
    }
    None
}

/// Birthday and order number are one number below 73 049 days × 1000; the division is kept, and part of the tweak.
fn citizen_id(keys: &MaskKeys, text: &str, forth: bool) -> Option<String> {
    const FIRST: i32 = -25_567;
    const LAST: i32 = 47_481;
    const DOMAIN: u64 = (LAST - FIRST + 1) as u64 * 1000;
    if text.len() != 18 || text.ends_with('x') || !valid(Kind::CitizenId, text) {
        return None;
    }
    let (division, rest) = text.split_at_checked(6)?;
    let number = |from: usize, to: usize| rest.get(from..to).and_then(|part| part.parse::<u32>().ok());
    let birthday = Day::new(number(0, 4)? as i32, number(4, 6)?, number(6, 8)?)?.number();
    if !(FIRST..=LAST).contains(&birthday) {
        return None;
    }
    let plain = (birthday - FIRST) as u64 * 1000 + u64::from(number(8, 11)?);
    let turned = walk(keys, division, plain, 8, DOMAIN, forth)?;
    let day = Day::from_number(FIRST + (turned / 1000) as i32);
    let mut id = format!("{division}{:04}{:02}{:02}{:03}", day.year, day.month, day.day, turned % 1000);
    id.push(char::from(citizen_check_digit(id.as_bytes())));
    Some(id)
}

fn mobile(keys: &MaskKeys, text: &str, forth: bool) -> Option<String> {
    if text.len() != 11 || !text.starts_with('1') || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (head, rest) = text.split_at_checked(3)?;
    let turned = walk(keys, head, rest.parse().ok()?, 8, 100_000_000, forth)?;
    Some(format!("{head}{turned:08}"))
}

fn bank_card(keys: &MaskKeys, text: &str, forth: bool) -> Option<String> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) || !valid(Kind::BankCard, text) {
        return None;
    }
    let (issuer, rest) = text.split_at_checked(6)?;
    let body = rest.get(..rest.len().checked_sub(1)?)?;
    let width = body.len();
    let domain = 10u64.checked_pow(u32::try_from(width).ok()?)?;
    let turned = walk(keys, &format!("{issuer}/{width}"), body.parse().ok()?, width, domain, forth)?;
    let mut card = format!("{issuer}{turned:0width$}");
    card.push(char::from(bank_check_digit(card.as_bytes())));
    Some(card)
}
