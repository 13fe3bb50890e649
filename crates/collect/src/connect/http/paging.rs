//! Which page comes next, and whether the last one was the end.

use std::collections::HashSet;

use data::declare::Paging;
use reqwest::header::HeaderName;
use url::Url;

use super::address::same_place;
use super::ask::Ask;
use super::page::{Page, header};
use super::request::Caller;
use super::{header as headers, pointer};
use crate::CollectError;

/// A walk longer than this is taken for endless.
const PAGE_LIMIT: u64 = 1_000_000;

/// The walk through a paged API.
pub struct Walk {
    paging: Option<Paging>,
    /// What to ask for next; `None` when the walk is over.
    pub next: Option<Ask>,
    pages: u64,
    offset: u64,
    /// Hash of the last page's body.
    last: Option<String>,
    /// The last row's value of the field that pages are asked by (keyset).
    last_value: Option<String>,
    /// Hashes of the addresses and cursors that were followed.
    followed: HashSet<u128>,
    /// Whether a page as long as asked for was seen: then a shorter one is surely the last.
    seen_full: bool,
    /// The last page was short, and it is being looked whether the server merely gives smaller pages than asked for.
    probing: bool,
}

impl Walk {
    /// Begins at the first page of what is asked for.
    pub fn new(paging: Option<Paging>, mut ask: Ask) -> Walk {
        match &paging {
            Some(Paging::Page { parameter, size_parameter, size, first }) => {
                ask.set(parameter, &first.to_string());
                ask.set(size_parameter, &size.to_string());
            }
            Some(Paging::Offset { parameter, size_parameter, size }) => {
                ask.set(parameter, "0");
                ask.set(size_parameter, &size.to_string());
            }
            Some(Paging::Keyset { size_parameter, size, .. }) => ask.set(size_parameter, &size.to_string()),
            Some(Paging::Next { .. } | Paging::Link {} | Paging::Header { .. }) | None => {}
        }
        Walk {
            paging,
            next: Some(ask),
            pages: 0,
            offset: 0,
            last: None,
            last_value: None,
            followed: HashSet::new(),
            seen_full: false,
            probing: false,
        }
    }

    /// Whether all comes in one answer.
    pub fn is_single(&self) -> bool {
        self.paging.is_none()
    }

    /// The field whose last value the next page is asked by.
    pub fn keyset_field(&self) -> Option<&str> {
        match &self.paging {
            Some(Paging::Keyset { field, .. }) => Some(field),
            _ => None,
        }
    }

    /// Notes the value of the keyset field in the last row so far.
    pub fn note_last(&mut self, value: Option<&str>) {
        self.last_value = value.map(str::to_owned);
    }

    /// Pages fetched so far.
    pub fn pages(&self) -> u64 {
        self.pages
    }

    /// The server has no page at this address: the end, if it is not the first page that is missing.
    pub fn missing(&mut self, caller: &Caller, url: &Url) -> Result<(), CollectError> {
        self.next = None;
        let by_number = matches!(self.paging, Some(Paging::Page { .. } | Paging::Offset { .. }));
        match self.pages > 0 && by_number {
            true => Ok(()),
            false => Err(caller.error(
                "http.missing",
                url,
                "这个地址没有数据（HTTP 404），请核对路径",
                "there is nothing at this address (HTTP 404): check the path",
            )),
        }
    }

    /// Takes note of a page before it is read. `false`: it is the last one given once more, which some servers do
    /// beyond the end; it is not to be read.
    pub fn arrived(&mut self, caller: &Caller, url: &Url, page: &Page) -> Result<bool, CollectError> {
        let again = self.last.replace(page.hash.clone()).as_ref() == Some(&page.hash);
        if again && self.probing {
            self.next = None;
            return Ok(false);
        }
        self.pages += 1;
        if self.pages > PAGE_LIMIT {
            return Err(caller.error(
                "http.endless",
                url,
                "超过一百万页，已停止",
                "more than a million pages: stopped",
            ));
        }
        match again {
            true => Err(looping(caller, url)),
            false => Ok(true),
        }
    }

    /// Goes on behind a page of so many rows.
    pub fn advance(&mut self, caller: &Caller, ask: &Ask, page: &Page, rows: u64) -> Result<(), CollectError> {
        self.next = match self.paging.clone() {
            None => None,
            Some(Paging::Next { next, parameter }) => {
                let found = self.named_in(caller, ask, page, &next)?;
                self.follow(caller, ask, found, parameter.as_deref())?
            }
            Some(Paging::Link {}) => self.follow(caller, ask, headers::next_link(&page.headers), None)?,
            Some(Paging::Header { name, parameter }) => {
                let name = name.parse::<HeaderName>().ok();
                let token = name.and_then(|name| header(&page.headers, name)).filter(|token| !token.is_empty());
                self.follow(caller, ask, token.map(str::to_owned), Some(&parameter))?
            }
            Some(Paging::Page { parameter, size, first, .. }) => {
                self.more(rows, size).then(|| ask.with(&parameter, &(u64::from(first) + self.pages).to_string()))
            }
            Some(Paging::Offset { parameter, size, .. }) => {
                self.offset += rows;
                let offset = self.offset;
                self.more(rows, size).then(|| ask.with(&parameter, &offset.to_string()))
            }
            Some(Paging::Keyset { field, parameter, size, .. }) => match self.more(rows, size) {
                false => None,
                true => {
                    let value = self.last_value.take().ok_or_else(|| no_keyset(caller, ask, &field))?;
                    self.follow(caller, ask, Some(value), Some(&parameter))?
                }
            },
        };
        Ok(())
    }

    /// Whether there may be more. A server may cap pages below the size asked for, so a short first page proves
    /// nothing until the next one was looked at.
    fn more(&mut self, rows: u64, size: u32) -> bool {
        let full = rows >= u64::from(size);
        self.seen_full |= full;
        self.probing = !full;
        rows > 0 && (full || !self.seen_full)
    }

    fn named_in(&self, caller: &Caller, ask: &Ask, page: &Page, next: &str) -> Result<Option<String>, CollectError> {
        let found = page.reader().map_err(serde_json::Error::io).and_then(|reader| pointer::find(reader, next));
        found.map_err(|error| {
            caller.error(
                "http.next",
                &ask.url,
                &format!("回答不是完整的 JSON，找不到下一页：{error}"),
                &format!("the answer is not whole JSON, so the next page is not known: {error}"),
            )
        })
    }

    /// To the next page, by the value of a parameter or by its address; the end when none was named.
    fn follow(
        &mut self,
        caller: &Caller,
        ask: &Ask,
        found: Option<String>,
        parameter: Option<&str>,
    ) -> Result<Option<Ask>, CollectError> {
        let Some(found) = found else { return Ok(None) };
        if !self.followed.insert(xxhash_rust::xxh3::xxh3_128(found.as_bytes())) {
            return Err(looping(caller, &ask.url));
        }
        if let Some(parameter) = parameter {
            return Ok(Some(ask.with(parameter, &found)));
        }
        let target = ask.url.join(&found).ok().filter(|target| same_place(&ask.url, target));
        target.map(|target| Some(ask.at(target))).ok_or_else(|| {
            caller.error(
                "http.next",
                &ask.url,
                "下一页的地址无效或在另一台主机上，已拒绝",
                "the address of the next page is not valid or on another host: refused",
            )
        })
    }
}

fn no_keyset(caller: &Caller, ask: &Ask, field: &str) -> CollectError {
    caller.error(
        "http.next",
        &ask.url,
        &format!("最后一行没有字段「{field}」的值，无法请求下一页：请核对 paging.field"),
        &format!("the last row has no value of “{field}”, so the next page cannot be asked for: check paging.field"),
    )
}

fn looping(caller: &Caller, url: &Url) -> CollectError {
    caller.error(
        "http.loop",
        url,
        "同一页出现了两次，翻页没有前进：请核对 paging 的声明（服务器不分页时应删去）",
        "the same page came twice, so paging does not advance: check its declaration (remove it if the server has no pages)",
    )
}
