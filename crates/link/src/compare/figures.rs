//! Values made of figures: dates, telephone numbers, ids, postcodes, house numbers, codes, quantities.

use super::{Method, Texts, UNLIKE};
use crate::dates::{Day, day_of};

pub(super) struct Dates {
    texts: Texts,
    days: Vec<Option<Day>>,
}

impl Dates {
    /// Values that are no dates keep their digits: a slip often makes a day that does not exist.
    pub fn new(raw: &[&str], forms: &[String]) -> Dates {
        Dates { texts: Texts::new(forms.iter().map(String::as_str)), days: raw.iter().map(|text| day_of(text)).collect() }
    }

    pub fn level(&self, a: usize, b: usize) -> u8 {
        if self.texts.distance_within(a, b, 1).is_some() {
            return 4;
        }
        let (Some(x), Some(y)) = (self.days[a], self.days[b]) else { return UNLIKE };
        match () {
            _ if x.is_swapped(y) => 4,
            _ if x.same_parts(y) >= 2 => 3,
            _ if (x.about() - y.about()).abs() <= 365 => 2,
            _ => UNLIKE,
        }
    }
}

pub(super) struct Figures {
    texts: Texts,
    /// Whether the check digit fits; empty where there is none to fit.
    proven: Vec<bool>,
}

impl Figures {
    pub fn new(forms: &[String], ids: bool) -> Figures {
        let proven = if ids { forms.iter().map(|form| data::standard::check_digit_fits(form)).collect() } else { Vec::new() };
        Figures { texts: Texts::new(forms.iter().map(String::as_str)), proven }
    }

    pub fn text(&self, form: usize) -> &[char] {
        self.texts.get(form)
    }

    pub fn level(&self, method: Method, a: usize, b: usize) -> u8 {
        let (x, y) = (self.texts.get(a), self.texts.get(b));
        match method {
            Method::Phone => self.phone_level(a, b),
            Method::Identifier => self.id_level(a, b),
            Method::Postcode => match self.texts.distance_within(a, b, 1) {
                Some(_) => 3,
                None if x.len() > 2 && y.len() > 2 && x[..2] == y[..2] => 2,
                None => UNLIKE,
            },
            // One slip in a sign or two leaves nothing to recognise.
            _ => match x.len().max(y.len()) >= 3 && self.texts.distance_within(a, b, 1).is_some() {
                true => 2,
                false => UNLIKE,
            },
        }
    }

    fn phone_level(&self, a: usize, b: usize) -> u8 {
        let (x, y) = (self.texts.get(a), self.texts.get(b));
        let (short, long) = if x.len() <= y.len() { (x, y) } else { (y, x) };
        if short.len() >= 7 && short.len() < long.len() && long.ends_with(short) {
            return 4;
        }
        match self.texts.distance_within(a, b, 2) {
            Some(0 | 1) => 3,
            Some(_) => 2,
            None => UNLIKE,
        }
    }

    fn id_level(&self, a: usize, b: usize) -> u8 {
        let (x, y) = (self.texts.get(a), self.texts.get(b));
        if self.proven[a] && self.proven[b] {
            return UNLIKE;
        }
        let most = if x.len().min(y.len()) >= 6 { 2 } else { 1 };
        match self.texts.distance_within(a, b, most) {
            Some(0 | 1) => 4,
            Some(_) => 3,
            None => 2,
        }
    }
}

/// Of two numbers: how far they are apart, measured by the larger one.
pub(super) fn number_level(x: f64, y: f64) -> u8 {
    let apart = (x - y).abs() / x.abs().max(y.abs()).max(f64::MIN_POSITIVE);
    match apart {
        a if a <= 0.01 => 3,
        a if a <= 0.1 => 2,
        _ => UNLIKE,
    }
}
