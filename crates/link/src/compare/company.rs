//! Chinese names of organisations by their anatomy (企业名称登记管理规定): place, mark, trade, form. The mark is what
//! tells two of them apart; place and form are often left out. Names in other scripts are compared by words.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::bags::Bags;
use super::names::sound;
use super::UNLIKE;
use crate::fold::{is_chinese, words};
use crate::learned::Weights;

/// Forms of organisation, longer ones before those they end with.
const FORMS: [&str; 40] = [
    "有限责任公司分公司", "股份有限公司分公司", "有限公司分公司", "股份有限公司", "有限责任公司", "集团有限公司", "集团股份公司", "有限公司", "股份公司",
    "总公司", "分公司", "公司", "普通合伙企业", "有限合伙企业", "合伙企业", "个人独资企业", "专业合作社", "股份合作社", "经济合作社", "合作社", "工作室",
    "事务所", "经营部", "门市部", "营业部", "服务部", "商行", "商店", "超市", "集团", "总厂", "分厂", "工厂", "厂", "酒店", "饭店", "分店", "店", "部", "行",
];

/// Words for what an organisation does.
const TRADES: [&str; 96] = [
    "信息技术", "信息科技", "网络科技", "电子科技", "生物科技", "智能科技", "环保科技", "新能源", "新材料", "电子商务", "国际贸易", "进出口", "供应链管理",
    "供应链", "企业管理", "物业管理", "餐饮管理", "酒店管理", "投资管理", "资产管理", "商业管理", "健康管理", "股权投资", "创业投资", "房地产开发", "房地产",
    "置业", "建设工程", "建筑工程", "建筑装饰", "装饰工程", "装饰", "装潢", "园林绿化", "市政工程", "建设", "建筑", "工程", "机械制造", "机械设备", "机械",
    "模具", "五金", "塑料", "塑胶", "橡胶", "电器", "电气", "电子", "电机", "汽车零部件", "汽车销售", "汽车", "汽配", "服装", "服饰", "纺织", "针织", "制衣",
    "食品", "餐饮", "农业", "水产", "化工", "医药", "医疗器械", "医疗", "物流", "货运代理", "国际货运", "运输", "航运", "文化传媒", "文化传播", "传媒", "广告",
    "教育科技", "教育培训", "教育咨询", "教育", "培训", "咨询", "商务", "实业", "贸易", "科技", "技术", "软件", "网络", "投资", "金属制品", "金属", "制造",
    "服务", "发展", "工贸",
];

/// Division names, whole and short.
static PLACES: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let mut places: HashSet<String> = ["中国", "中华", "国家"].map(str::to_owned).into();
    for division in data::reference::divisions() {
        places.insert(division.name.to_owned());
        let short = ["省", "市", "区", "县", "自治区", "自治州"].iter().find_map(|end| division.name.strip_suffix(end));
        places.extend(short.filter(|short| short.chars().count() >= 2).map(str::to_owned));
    }
    places
});

/// The longest name of a division that is looked for, in characters.
const PLACE_MOST: usize = 8;

#[derive(Default)]
struct Anatomy {
    place: String,
    mark: String,
    /// How the mark sounds.
    sound: String,
    trade: String,
    chinese: bool,
}

pub(super) struct Companies {
    pub words: Bags,
    parts: Vec<Anatomy>,
}

impl Companies {
    pub fn new(forms: &[String], counts: &[u32], weights: Option<&Weights>) -> Companies {
        let parts = forms.iter().map(|form| take_apart(form)).collect();
        Companies { words: Bags::new(forms.iter().map(|form| words(form)).collect(), counts, weights), parts }
    }

    pub fn level(&self, a: usize, b: usize) -> u8 {
        let (x, y) = (&self.parts[a], &self.parts[b]);
        if !x.chinese || !y.chinese || x.mark.is_empty() || y.mark.is_empty() {
            return self.words.level(a, b);
        }
        let place = x.place.is_empty() || y.place.is_empty() || x.place.contains(&y.place) || y.place.contains(&x.place);
        let trade = x.trade.is_empty() || y.trade.is_empty() || x.trade.contains(&y.trade) || y.trade.contains(&x.trade);
        if x.mark == y.mark {
            return match (place, trade) {
                (true, true) => 7,
                (true, false) => 6,
                (false, _) => 4,
            };
        }
        let held = x.mark.contains(&y.mark) || y.mark.contains(&x.mark);
        if place && trade && (x.sound == y.sound || (held && x.mark.chars().count().min(y.mark.chars().count()) >= 2)) {
            return 5;
        }
        match self.words.shared(a, b).dice {
            dice if dice >= 0.6 => 3,
            dice if dice >= 0.4 => 2,
            _ => UNLIKE,
        }
    }
}

fn take_apart(form: &str) -> Anatomy {
    if !is_chinese(form) {
        return Anatomy::default();
    }
    // A place in brackets may stand anywhere: 某某（中国）有限公司.
    let mut places = Vec::new();
    let mut name = String::new();
    for part in form.split(' ') {
        if !name.is_empty() && PLACES.contains(part) { places.push(part.to_owned()) } else { name.push_str(part) }
    }
    let mut rest = name.as_str();
    while let Some((place, behind)) = leading_place(rest) {
        places.push(place.to_owned());
        rest = behind;
    }
    for form in FORMS {
        // What is nothing but a form is its own mark.
        if let Some(before) = rest.strip_suffix(form).filter(|before| before.chars().count() >= 2) {
            rest = before;
            break;
        }
    }
    let mut trades = Vec::new();
    while let Some((before, trade)) = TRADES.iter().find_map(|trade| rest.strip_suffix(trade).filter(|before| before.chars().count() >= 2).map(|before| (before, *trade))) {
        trades.insert(0, trade);
        rest = before;
    }
    let place = places.concat().replace(['省', '市', '区', '县'], "");
    Anatomy { place, mark: rest.to_owned(), sound: sound(rest), trade: trades.concat(), chinese: true }
}

/// The longest division name that a name begins with, leaving at least two characters.
fn leading_place(name: &str) -> Option<(&str, &str)> {
    let ends: Vec<usize> = name.char_indices().map(|(at, c)| at + c.len_utf8()).take(PLACE_MOST).collect();
    ends.iter().rev().filter_map(|end| name.split_at_checked(*end)).find(|(place, rest)| PLACES.contains(*place) && rest.chars().count() >= 2)
}
