//! Vehicle plates (机动车号牌, GA 36): civil, new-energy, police, school, trailer, Hong Kong and Macau,
//! consular and embassy, armed police and army.

use std::borrow::Cow;

use super::flaw::Flaw;
use super::tidy::capitals;

/// Short names of the provinces as they stand on plates.
const PROVINCES: &str = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新";
/// Last signs that say what a vehicle is for.
const USES: &str = "挂学警港澳领超试";

/// The plate without dots, blanks and dashes.
pub(super) fn read(text: &str) -> Result<Cow<'_, str>, Flaw> {
    let plate = capitals(text, &[' ', '-', '·', '•', '.', '・', '●', '_']);
    let signs: Vec<char> = plate.chars().take(12).collect();
    let known = match signs.as_slice() {
        ['W', 'J', rest @ ..] => armed_police(rest),
        ['使', rest @ ..] | [rest @ .., '使'] => rest.len() == 6 && digits(rest),
        ['民', '航', rest @ ..] => rest.len() == 5 && rest.iter().all(serial),
        [province, letter, rest @ ..] if PROVINCES.contains(*province) => {
            return civil(*letter, rest).map(|()| plate.clone());
        }
        [a, b, rest @ ..] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => rest.len() == 5 && digits(rest),
        _ => false,
    };
    if known { Ok(plate) } else { Err(form()) }
}

fn civil(letter: char, rest: &[char]) -> Result<(), Flaw> {
    if !letter.is_ascii_uppercase() || letter == 'I' {
        return Err(form());
    }
    if rest.iter().any(|c| matches!(c, 'I' | 'O')) {
        return Err(Flaw::new(
            "character",
            "号牌序号不用字母 I 和 O；是不是数字 1 和 0？",
            "the letters I and O are not used in plates; perhaps the digits 1 and 0?",
        ));
    }
    let known = match rest {
        [order @ .., last] if USES.contains(*last) => (4..=5).contains(&order.len()) && order.iter().all(serial),
        [kind, second, order @ ..] if rest.len() == 6 => {
            let small = matches!(kind, 'A'..='K') && serial(second) && digits(order);
            let large = rest.split_last().is_some_and(|(last, order)| matches!(last, 'A'..='K') && digits(order));
            small || large
        }
        _ => rest.len() == 5 && rest.iter().all(serial) && rest.iter().any(char::is_ascii_digit),
    };
    if known {
        return Ok(());
    }
    Err(match rest.len() {
        5 | 6 => form(),
        length => Flaw::new(
            "length",
            format!("发牌机关代号后应为 5 位（新能源 6 位），这里有 {length} 位"),
            format!("after the office's letter stand 5 places (6 for new-energy vehicles), here are {length}"),
        ),
    })
}

/// `WJ` + short name of the province (or two digits of the old form) + five places.
fn armed_police(rest: &[char]) -> bool {
    let order = match rest {
        [province, order @ ..] if PROVINCES.contains(*province) => order,
        _ => rest,
    };
    (5..=7).contains(&order.len()) && order.iter().all(serial)
}

fn digits(signs: &[char]) -> bool {
    signs.iter().all(char::is_ascii_digit)
}

fn serial(sign: &char) -> bool {
    sign.is_ascii_digit() || (sign.is_ascii_uppercase() && !matches!(sign, 'I' | 'O'))
}

fn form() -> Flaw {
    Flaw::new(
        "form",
        "应为机动车号牌，如 浙B12345、浙BD12345、浙B1234学",
        "expected a vehicle plate such as 浙B12345, 浙BD12345, 浙B1234学",
    )
}
