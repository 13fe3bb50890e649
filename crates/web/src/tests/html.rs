//! A small reader of our own HTML: finds what a browser would forgive and a reader would suffer from.

use std::collections::BTreeSet;

const VOID: [&str; 7] = ["meta", "link", "input", "br", "img", "hr", "wbr"];

/// Where our own pages may lead.
const ROUTES: &[&str] = &[
    "/", "/catalog", "/catalog/*", "/systems", "/systems/*", "/runs", "/runs/*", "/schedule", "/schedule/*", "/quarantine", "/quarantine/*",
    "/quarantine/*/*", "/correction/*", "/districts/*", "/login", "/logout", "/setup", "/help", "/collect", "/sql", "/api", "/api/v1/*", "/static/*",
    "/assets/*", "/sql/download", "/favicon.svg", "/robots.txt", "/drift", "/drift/*", "/quality", "/defects", "/defects/*", "/messages", "/gaps",
    "/gaps.csv", "/catalog/*/changes", "/catalog/*/row", "/catalog/*/as-of", "/figures", "/figures/*", "/figures/*/rows", "/boards/*", "/models",
    "/models/*", "/models/*/quality/*", "/models/*/quality", "/lineage/*", "/registers", "/registers/*", "/grading", "/grading/*", "/log",
    "/log/acts/*", "/log/checkpoint", "/account", "/account/password", "/account/second", "/account/session", "/accounts", "/accounts/*",
    "/accounts/roles", "/emergency", "/resources/*", "/requests", "/requests/*", "/grants", "/grants/*", "/applications", "/applications/*", "/reads",
    "/open", "/open/datasets/*", "/open/datasets/*/files/*", "/ogc", "/ogc/*", "/resource/*", "/openings", "/openings/*", "/open/others", "/open/requests", "/open/ask", "/open/voices/*", "/open/applications", "/open/applications/*",
    "/open/applications/*/*", "/open/access", "/open/access/*", "/open/access/*/*", "/open/datasets/*/apply",
    "/open/statistics", "/open/guide", "/open/score", "/voices", "/voices/*", "/harvest",
    "/harvest/*", "/catalog.ttl", "/catalog.rdf", "/catalog.jsonld", "/me", "/me/*", "/challenges", "/challenges/*",
    "/login/identity", "/login/identity/code", "/account/identity", "/account/agreement", "/clients", "/clients/*", "/oidc/authorize", "/oidc/agree",
    "/oidc/logout", "/oidc/jwks", "/oidc/token", "/nodes", "/nodes/*", "/node-requests/*", "/usage", "/usage.csv",
];

struct Tag<'a> {
    name: &'a str,
    attributes: Vec<(&'a str, &'a str)>,
    closing: bool,
    empty: bool,
}

/// Everything that is wrong with a page; empty when it is whole.
pub(super) fn wrong(html: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let tags = tags(html, &mut wrong);
    balance(&tags, &mut wrong);
    identities(&tags, &mut wrong);
    links(&tags, &mut wrong);
    for tag in &tags {
        manners(tag, &mut wrong);
    }
    if let Some(at) = html.find('⟦') {
        wrong.push(format!("a word is missing: {}", html[at..].chars().take(60).collect::<String>()));
    }
    for once in ["<h1", "<main"] {
        if html.matches(once).count() != 1 {
            wrong.push(format!("{} of {once}", html.matches(once).count()));
        }
    }
    wrong
}

fn tags<'a>(html: &'a str, wrong: &mut Vec<String>) -> Vec<Tag<'a>> {
    let mut out = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let Some(end) = end_of(rest) else {
            wrong.push("a tag is not closed".to_owned());
            break;
        };
        let (inner, after) = (&rest[..end], &rest[end + 1..]);
        rest = after;
        if inner.starts_with('!') {
            continue;
        }
        let closing = inner.starts_with('/');
        let empty = inner.ends_with('/');
        let inner = inner.trim_matches('/');
        let name = inner.split(char::is_whitespace).next().unwrap_or_default();
        out.push(Tag { name, attributes: attributes(&inner[name.len()..], wrong), closing, empty });
    }
    out
}

/// The end of a tag: the first `>` outside quotes.
fn end_of(text: &str) -> Option<usize> {
    let mut quoted = false;
    text.char_indices().find(|(_, c)| {
        quoted ^= *c == '"';
        *c == '>' && !quoted
    }).map(|(at, _)| at)
}

fn attributes<'a>(mut text: &'a str, wrong: &mut Vec<String>) -> Vec<(&'a str, &'a str)> {
    let mut out: Vec<(&str, &str)> = Vec::new();
    loop {
        text = text.trim_start();
        if text.is_empty() {
            return out;
        }
        let end = text.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(text.len());
        let name = &text[..end];
        text = &text[end..];
        let value = match text.strip_prefix("=\"").and_then(|t| t.split_once('"')) {
            Some((value, after)) => {
                text = after;
                value
            }
            None => {
                text = text.strip_prefix('=').unwrap_or(text);
                ""
            }
        };
        if out.iter().any(|(n, _)| *n == name) {
            wrong.push(format!("attribute {name} twice"));
        }
        out.push((name, value));
    }
}

fn balance(tags: &[Tag], wrong: &mut Vec<String>) {
    let mut open: Vec<&str> = Vec::new();
    for tag in tags {
        if tag.closing {
            match open.pop() {
                Some(name) if name == tag.name => {}
                other => wrong.push(format!("</{}> closes {other:?}", tag.name)),
            }
        } else if !tag.empty && !VOID.contains(&tag.name) {
            let inside = |name: &str| open.contains(&name);
            if ["p", "div", "ul", "ol", "dl", "table", "section", "figure", "form", "h2"].contains(&tag.name) && open.last() == Some(&"p") {
                wrong.push(format!("<{}> inside <p>", tag.name));
            }
            if (tag.name == "a" && inside("a")) || (tag.name == "form" && inside("form")) || (tag.name == "button" && inside("a")) {
                wrong.push(format!("<{}> inside another", tag.name));
            }
            open.push(tag.name);
        }
    }
    if !open.is_empty() {
        wrong.push(format!("left open: {open:?}"));
    }
}

fn value<'a>(tag: &Tag<'a>, name: &str) -> Option<&'a str> {
    tag.attributes.iter().find(|(n, _)| *n == name).map(|(_, v)| *v)
}

/// Ids are unique, and whatever points at an id points at one that is there.
fn identities(tags: &[Tag], wrong: &mut Vec<String>) {
    let mut ids = BTreeSet::new();
    for id in tags.iter().filter_map(|tag| value(tag, "id")) {
        if !ids.insert(id) {
            wrong.push(format!("id {id} twice"));
        }
        if id.is_empty() || id.contains(char::is_whitespace) {
            wrong.push(format!("id {id:?} is not one word"));
        }
    }
    for tag in tags {
        for name in ["aria-labelledby", "aria-describedby", "for"] {
            for id in value(tag, name).into_iter().flat_map(str::split_whitespace) {
                if !ids.contains(id) {
                    wrong.push(format!("{name} points at {id}, which is not there"));
                }
            }
        }
        if let Some(id) = value(tag, "href").and_then(|h| h.strip_prefix('#'))
            && !ids.contains(id)
        {
            wrong.push(format!("link to #{id}, which is not there"));
        }
    }
}

fn links(tags: &[Tag], wrong: &mut Vec<String>) {
    for tag in tags {
        for name in ["href", "action", "src"] {
            let Some(link) = value(tag, name) else { continue };
            let path = link.split(['?', '#']).next().unwrap_or_default();
            let known = path.is_empty() || ROUTES.iter().any(|route| match route.strip_suffix('*') {
                Some(prefix) => path.len() > prefix.len() && path.starts_with(prefix),
                None => path == *route,
            });
            // Whoever takes data may read its licence where it stands.
            let licence = data::open::LICENCES.iter().any(|licence| licence.url == link);
            // What others have is linked as what it is: elsewhere, and not told where the reader comes from.
            let elsewhere = tag.name == "a" && value(tag, "rel").is_some_and(|rel| rel.starts_with("external noreferrer")) && link.starts_with("https://");
            if !known && !licence && !elsewhere {
                wrong.push(format!("{name} leads to {link}"));
            }
        }
    }
}

/// What a good page does: no inline style or script, scoped heads, named fields, images and regions.
fn manners(tag: &Tag, wrong: &mut Vec<String>) {
    let has = |name| value(tag, name).is_some();
    let named = || has("aria-label") || has("aria-labelledby");
    if tag.closing {
        return;
    }
    // A block of data is no script: it never runs, and the policy lets it be.
    let runs = tag.name == "script" && !has("src") && !matches!(value(tag, "type"), Some("application/json" | "application/ld+json"));
    if tag.name == "style" || has("style") || tag.attributes.iter().any(|(n, _)| n.starts_with("on")) || runs {
        wrong.push(format!("inline style or script in <{}>", tag.name));
    }
    let rude = match tag.name {
        "th" => !has("scope"),
        "svg" => !has("aria-hidden") && !named(),
        "nav" | "progress" => !named(),
        "html" => !has("lang"),
        "input" => value(tag, "type") != Some("hidden") && !has("id"),
        "select" => !has("id"),
        _ => value(tag, "role") == Some("group") && !named(),
    };
    if rude {
        wrong.push(format!("<{}> lacks what it owes: {:?}", tag.name, tag.attributes));
    }
    if value(tag, "aria-label") == Some("") {
        wrong.push(format!("<{}> has an empty label", tag.name));
    }
}
