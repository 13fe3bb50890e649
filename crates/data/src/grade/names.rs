//! Whether a text looks like the name of a Chinese person: a family name, then characters that given names have.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Family names of one character, the commonest of the register of 2020 first, then those common around Ningbo.
const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文樊殷施洪颜倪安俞章鲁葛毕聂焦左柳甘祝包宁尚符舒阮柯纪梅童凌祖单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝竺裘励屠乐翟习欧占杭娜";
/// Family names of two characters.
#[rustfmt::skip]
const COMPOUND: [&str; 18] = [

    "欧阳", "上官", "皇甫", "令狐", "诸葛", "司马", "司徒", "申屠", "夏侯", "贺兰", "完颜", "慕容", "尉迟", "长孙", "端木", "公孙", "轩辕",
    "东方",
];
/// Characters that given names are made of, in traditional form too where it differs and is common.
const GIVEN: &str = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚英华玉萍红鹏辉国波斌宇浩凯健俊帆雪琳慧莹颖佳嘉欣怡婷雨晨阳子梓涵轩睿博文海江云月春秋梅兰菊琴珍凤飞龙永建志晓小立成东南宁安康乐福祥瑞新兴荣昌家承思远达亮锋锐岚彤萱可依诺一亦奕逸泽洁倩璐瑶珊玲仁义信善甬林峰毅宏宝德贵桂香秀淑惠美爱莲素云翠燕彩清雅巧莉薇蓉蕾菲媛妍妮丹倪露冰晶璇馨梦语诗雯若曦诚忠孝礼智勤俭庆民生胜利光学全发财富根水土火木金银珠宝玺铭铠钧锦钰鑫炎焱烨煜熙焕炜炯灿烁坤培城增堂塘均坚垚培森松柏楠桦桐枫树梁栋标彬杉杨柳沐沛沁泓洪津浚润淳渊湘源滨澄潇瀚灏炳荷莎莘蓝蕙薪虎豪贤赫超越跃轶辰迅进连达逢逸道遥邦郁野鉴镇长雄雷霄霖震韬韵顺颂顾飒骁骏骞高鸿鹤麒麟齐龄启哲唯善喜嗣圣培夏天奇奥妤如妙始娇娅婉婧嫣嬿孟学宁宜宣宸容宽富寒寿尚尧展山川州巍帅希常平年广庭延廷弘弛强彦彪彰影律得微忆念怀恒恩悦悠情意慕慧懿成战戈才扬承振捷敏教敬斌方旭昀昂昆昊昌昕昭晋晓晖晗晟景晴智暖曙曜最有朋朗望朝本权来极柔柯栩标格桂桓梅梓欢正武殿毓水汉汝江沁河泉法泰洋洛济浦浩海涌涵淇深添清渝温港游湛滔漫潮澜瀛灵炫点烽然照熠燃爽爱牧特玄玉玟玮环珂珍珏珑珩班琛琦琪琰琳琴琼瑛瑜瑞瑾璋璞甜生田申畅登白百皓益盈盛直相真矜知石砚祖祥祯福禄禾秀秉科程稷穆空竹笑笛策筠简粟精紫红纯纲维绍绪继绮绿缘缨罗美羽翔翰耀聪肃育胜能自致舒舟航良艺节芃芊芝芬芮芯苏苑苗茂茜茵荟荣莺菁菱萌落葵蒙蓓蔓蕊薏藏虹融行衡裕西言训诗询语诺谊谦豫贝贞赋赛起超路跃辉达迎运进远迪逊通邈郡郎里重金钊钢铁铎铮锋锡键镕长闯闻阁阅防阳阶际陆随雁雅集雨雯霏霓青靖静非鞠音韦顶颀颉颐颖飘馥马驰驹骄驿魁魏鲁鲜鸣鸽鹃鹏麦黎默鼎齐龙陈偉麗軍豔強蘭鳳飛龍東寧達銳華國滢颍亭玮晖韬彬建骏昊林依心凝玫";
/// A text that ends so is a thing, a place or an amount.
const THINGS: &str = "区县市镇乡村街路局院店厂所站队部类型期级日年月元费款证号率量库房车站口桥湾港岛湖河学校园区科系班组员长师工人们性式用品物机器件图表书证法权税金价值点线面体色味声光电水气油煤米面饭菜茶酒药病症";

static SURNAME: LazyLock<HashSet<char>> =
    LazyLock::new(|| SURNAMES.chars().chain("陳張劉楊趙吳孫馬羅鄭謝韓馮許蔣錢葉黃萬".chars()).collect());
static GIVEN_NAME: LazyLock<HashSet<char>> = LazyLock::new(|| GIVEN.chars().collect());
static THING: LazyLock<HashSet<char>> = LazyLock::new(|| THINGS.chars().filter(|c| !GIVEN.contains(*c)).collect());

/// How much likelier a text is among names of persons than among other texts, as a natural logarithm.
pub(super) fn odds(text: &str) -> f64 {
    let chars: Vec<char> = text.chars().collect();
    // 买买提·艾力: names of other peoples, parted by a dot.
    if let Some((first, last)) = text.split_once(['·', '•']) {
        let han = |part: &str| (1..=8).contains(&part.chars().count()) && part.chars().all(is_han);
        return if han(first) && han(last) { 2.0 } else { -3.0 };
    }
    if !(2..=4).contains(&chars.len()) || !chars.iter().copied().all(is_han) {
        return -3.0;
    }
    let compound = COMPOUND.iter().any(|name| text.starts_with(name));
    let given = chars.get(if compound { 2 } else { 1 }..).unwrap_or(&[]);
    let known = compound || chars.first().is_some_and(|first| SURNAME.contains(first));
    if !known || given.is_empty() || chars.last().is_some_and(|last| THING.contains(last)) {
        return -2.5;
    }
    let usual = given.iter().filter(|c| GIVEN_NAME.contains(c)).count();
    // Many a city has two characters that could be a name (金华, 宁波); three are a name far oftener.
    match (given.len(), usual) {
        (2, 2) => 2.2,
        (1, 1) | (2, 1) => 1.0,
        (1 | 2, _) => -0.3,
        _ => -0.6,
    }
}

pub(super) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{2ebef}' | '\u{f900}'..='\u{faff}')
}
