//! The words of the pages in Chinese and English, kept in `locales/*.ftl`; Chinese is the source.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use kernel::Lang;
use unic_langid::{LanguageIdentifier, langid};

pub(crate) const ZH: &str = include_str!("../locales/zh-CN.ftl");
pub(crate) const EN: &str = include_str!("../locales/en.ftl");

type Bundle = FluentBundle<FluentResource>;

static CHINESE: LazyLock<Bundle> = LazyLock::new(|| bundle(langid!("zh-CN"), ZH));
static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| bundle(langid!("en"), EN));

/// A message file that does not parse keeps the entries that do; a test holds both files clean.
fn bundle(id: LanguageIdentifier, source: &str) -> Bundle {
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(|value, _| match value {
        FluentValue::Number(n) if n.value.fract() == 0.0 && n.value >= 0.0 => Some(grouped(n.value as u64)),
        _ => None,
    }));
    let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(partial, _)| partial);
    let _ = bundle.add_resource(resource);
    bundle
}

/// Digits in groups of three: `1,234,567`.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// What may stand in a message: text, or a whole number (grouped by thousands, and choosing the plural).
pub trait Arg {
    fn value(&self) -> FluentValue<'_>;
}

impl Arg for str {
    fn value(&self) -> FluentValue<'_> {
        FluentValue::from(self)
    }
}

impl Arg for String {
    fn value(&self) -> FluentValue<'_> {
        FluentValue::from(self.as_str())
    }
}

impl Arg for u64 {
    fn value(&self) -> FluentValue<'_> {
        FluentValue::from(*self)
    }
}

impl Arg for usize {
    fn value(&self) -> FluentValue<'_> {
        FluentValue::from(*self)
    }
}

impl<T: Arg + ?Sized> Arg for &T {
    fn value(&self) -> FluentValue<'_> {
        (**self).value()
    }
}

/// The message `key` in the reader's language. A missing key shows itself in brackets, which a test looks for.
pub fn say(lang: Lang, key: &str, args: &[(&str, &dyn Arg)]) -> String {
    let bundle = match lang {
        Lang::Zh => &*CHINESE,
        Lang::En => &*ENGLISH,
    };
    let Some(pattern) = bundle.get_message(key).and_then(|m| m.value()) else {
        return format!("⟦{key}⟧");
    };
    let args: FluentArgs = args.iter().map(|(name, arg)| (*name, arg.value())).collect();
    bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned()
}
