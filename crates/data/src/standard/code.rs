//! Values of a code list: the code itself, one of its aliases, or its title, all stored as the code.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use kernel::nearest;

use super::flaw::Flaw;
use super::tidy::narrow;
use crate::declare::CodeList;

/// A code list made ready to look values up.
#[derive(Clone, Debug)]
pub(super) struct Codes {
    title: String,
    /// In English where it has one.
    title_en: String,
    known: Arc<HashMap<Box<str>, Meaning>>,
}

#[derive(Clone, Debug, PartialEq)]
enum Meaning {
    /// The text is the code.
    Itself,
    Code(Box<str>),
    /// Two codes bear this title.
    Unclear,
}

/// Above this many codes the nearest one is not searched for.
const MOST_COMPARED: usize = 2000;

impl Codes {
    pub fn new(list: &CodeList) -> Codes {
        let mut known: HashMap<Box<str>, Meaning> = HashMap::new();
        for code in &list.codes {
            known.insert(code.value.as_str().into(), Meaning::Itself);
        }
        for code in &list.codes {
            let titles = [&code.title, &code.title_en];
            for name in code.aliases.iter().chain(titles).map(|name| name.trim()).filter(|name| !name.is_empty()) {
                let meaning = Meaning::Code(code.value.as_str().into());
                let known = known.entry(name.into()).or_insert_with(|| meaning.clone());
                if *known != meaning && *known != Meaning::Itself {
                    *known = Meaning::Unclear;
                }
            }
        }
        let title_en = if list.title_en.is_empty() { &list.title } else { &list.title_en };
        Codes { title: list.title.clone(), title_en: title_en.clone(), known: Arc::new(known) }
    }

    pub fn read<'a>(&self, text: &'a str) -> Result<Cow<'a, str>, Flaw> {
        let found = self.known.get(text);
        match found.or_else(|| self.known.get(narrow(text).as_ref())) {
            Some(Meaning::Itself) if found.is_some() => Ok(Cow::Borrowed(text)),
            Some(Meaning::Itself) => Ok(Cow::Owned(narrow(text).into_owned())),
            Some(Meaning::Code(code)) => Ok(Cow::Owned(code.to_string())),
            Some(Meaning::Unclear) => Err(Flaw::new(
                "unclear",
                format!("代码集“{}”中有不止一个代码叫这个名称；请给代码", self.title),
                format!("the code list “{}” has more than one code of this title; give the code", self.title_en),
            )),
            None => Err(self.unknown(text)),
        }
    }

    fn unknown(&self, text: &str) -> Flaw {
        let compared = self.known.len() <= MOST_COMPARED && text.chars().count() <= 40;
        let near = if compared { nearest(text, self.known.keys().map(AsRef::as_ref)) } else { None };
        let (zh, en) = match near {
            Some(near) => (format!("；是不是“{near}”？"), format!("; perhaps “{near}”?")),
            None => ("；请核对，或在代码集中补充".to_owned(), "; check it, or add it to the list".to_owned()),
        };
        let (title, title_en) = (&self.title, &self.title_en);
        Flaw::new(
            "unknown",
            format!("代码集“{title}”中没有这个值{zh}"),
            format!("the code list “{title_en}” has no such value{en}"),
        )
    }
}
