//! Whole city folders: one that is right, one that is wrong in every way.

use std::path::Path;

use data::city::{City, SourceFile};
use proptest::prelude::*;

/// Reads a folder beside the tests, in the order of the paths.
pub fn folder(name: &str) -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cities").join(name);
    let mut files = Vec::new();
    walk(&root, &root, &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<SourceFile>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            files.push(SourceFile { path: name, text: std::fs::read_to_string(&path).unwrap() });
        }
    }
}

#[test]
fn a_good_city_is_read_without_a_word() {
    let (city, diagnostics) = City::read(&folder("good"));
    let shown: String = diagnostics.iter().map(|d| d.render(kernel::Lang::En)).collect();
    assert_eq!(shown, "");
    let city = city.unwrap();
    assert_eq!(city.resources.keys().collect::<Vec<_>>(), ["bus_station", "passenger_count"]);
    assert_eq!(city.code_lists["district"].codes[1].aliases, ["330283", "奉化市"]);
    assert!(city.districts.is_some());
    let station = &city.resources["bus_station"];
    assert_eq!(city.provider(station).unwrap().short, "交通局");
}

/// Every mistake of the broken city, as a terminal shows it. The golden file is the promise to stewards.
#[test]
fn a_broken_city_is_told_every_mistake_at_once() {
    let (city, diagnostics) = City::read(&folder("broken"));
    assert!(city.is_none());
    let shown = |lang| diagnostics.iter().map(|d| d.render(lang)).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!("broken_zh", shown(kernel::Lang::Zh));
    insta::assert_snapshot!("broken_en", shown(kernel::Lang::En));
}

/// Every way to be wrong about how a system is reached.
#[test]
fn wrong_connectors_are_told_field_by_field() {
    let (city, diagnostics) = City::read(&folder("connectors"));
    assert!(city.is_none());
    let shown = |lang| diagnostics.iter().map(|d| d.render(lang)).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!("connectors_zh", shown(kernel::Lang::Zh));
    insta::assert_snapshot!("connectors_en", shown(kernel::Lang::En));
}

/// What is written for a resource reads back as the same resource, and says no more than a steward would.
#[test]
fn a_written_resource_reads_back_the_same() {
    let files = folder("good");
    let (city, _) = City::read(&files);
    let mut city = city.unwrap();
    let station = city.resources.get_mut("bus_station").unwrap();
    station.summary = "第一行\n\"第二行\" '引号' \\ 反斜杠\t制表 # 不是注释".into();
    station.items[1].aliases = vec!["站名".into(), "stop \"name\"".into()];
    for resource in city.resources.values() {
        let text = data::declare::write_resource(resource);
        let again: Vec<SourceFile> = files
            .iter()
            .map(|file| match file.path.ends_with(&format!("/{}.toml", resource.id)) {
                true => SourceFile { path: file.path.clone(), text: text.clone() },
                false => file.clone(),
            })
            .collect();
        let (read, diagnostics) = City::read(&again);
        assert!(diagnostics.is_empty(), "{text}\n{diagnostics:?}");
        let json = |resource| serde_json::to_value(resource).unwrap();
        assert_eq!(json(&read.unwrap().resources[&resource.id]), json(resource), "{text}");
    }
    insta::assert_snapshot!("written_resource", data::declare::write_resource(&city.resources["passenger_count"]));
}

proptest! {
    /// However a city's files are damaged, reading ends, every mistake has a place in its file, and can be shown.
    #[test]
    fn damage_is_told_not_suffered(which in 0usize..12, from in 0usize..2000, length in 0usize..40, put in "[\\[\\]={}\"'\n\\r.#0-9a-z_ 海\u{feff}]{0,12}") {
        let mut files = folder("good");
        let at = which % files.len();
        let chars: Vec<char> = files[at].text.chars().collect();
        let from = from % (chars.len() + 1);
        let to = (from + length).min(chars.len());
        files[at].text = chars[..from].iter().copied().chain(put.chars()).chain(chars[to..].iter().copied()).collect();
        let (city, diagnostics) = City::read(&files);
        let errors = diagnostics.iter().any(|d| d.severity == data::Severity::Error);
        prop_assert_eq!(city.is_none(), errors);
        for d in &diagnostics {
            let file = files.iter().find(|file| file.path == d.file).unwrap();
            let line = file.text.split('\n').nth(d.line - 1).unwrap().trim_end_matches('\r');
            prop_assert_eq!(&d.excerpt, line);
            prop_assert!(d.column >= 1 && d.column - 1 + d.length <= line.chars().count() + 1, "{:?}", d);
            prop_assert!(d.render(kernel::Lang::Zh).contains(&d.message.zh) && d.render(kernel::Lang::En).contains(&d.message.en));
        }
    }
}

/// Files saved on Windows: byte order mark and CRLF.
#[test]
fn byte_order_marks_and_crlf_are_no_mistakes() {
    let mut files = folder("good");
    for file in &mut files {
        file.text = format!("\u{feff}{}", file.text.replace('\n', "\r\n"));
    }
    let (city, diagnostics) = City::read(&files);
    let shown: String = diagnostics.iter().map(|d| d.render(kernel::Lang::En)).collect();
    assert_eq!(shown, "");
    assert_eq!(city.unwrap().code_lists["district"].title, "区县");
}

/// A citizen id that is declared harmless, by its own grade or by the resource's, is warned of where it is said.
#[test]
fn an_id_declared_harmless_is_warned_of() {
    let warnings = |item: &str| -> Vec<String> {
        let mut files = folder("good");
        let station = files.iter_mut().find(|file| file.path.ends_with("/bus_station.toml")).unwrap();
        station.text.push_str(&format!("\n[[item]]\nname = \"keeper_id\"\ntitle = \"看管人证件\"\ntitle_en = \"Keeper\"\n{item}\n"));
        let (city, diagnostics) = City::read(&files);
        assert!(city.is_some() || diagnostics.iter().any(|d| d.severity == data::Severity::Error));
        let warned = diagnostics.iter().filter(|d| d.severity == data::Severity::Warning);
        warned.map(|d| format!("{}|{}|{}", d.excerpt, d.message.zh, d.help.as_ref().unwrap().en)).collect()
    };
    let told = "`keeper_id` 的数据元是公民身份号码，分类分级不应低于 sensitive、L3，这里是 ";
    let help = "write `class = \"sensitive\"` `grade = \"L3\"`";
    assert_eq!(
        warnings("standard = \"citizen_id\"\ngrade = \"L1\""),
        [format!("grade = \"L1\"|{told}public、L1|{help}")]
    );
    assert_eq!(warnings("standard = \"citizen_id\""), [format!("standard = \"citizen_id\"|{told}public、L1|{help}")]);
    assert_eq!(warnings("standard = \"bank_card\"\nclass = \"sensitive\"").len(), 1);
    assert_eq!(warnings("standard = \"citizen_id\"\nclass = \"sensitive\"\ngrade = \"L4\""), Vec::<String>::new());
    assert_eq!(warnings("standard = \"plate_number\""), Vec::<String>::new());
}

/// A city's own working days stand in city.toml; a day that is none is told where it stands.
#[test]
fn own_working_days_are_declared_and_checked() {
    let read = |calendar: &str| {
        let mut files = folder("good");
        files.iter_mut().find(|file| file.path == "city.toml").unwrap().text.push_str(calendar);
        City::read(&files)
    };
    let (city, told) = read(
        "\n[calendar]\nyears = [2027]\n[[calendar.days]]\nfrom = \"2027-02-05\"\nto = \"2027-02-11\"\noccasion = \"春节\"\n\
         [[calendar.days]]\nfrom = \"2027-02-14\"\nworking = true\noccasion = \"春节\"\n",
    );
    assert!(told.is_empty(), "{told:?}");
    let due = city.unwrap().calendar().add_working_days(jiff::civil::date(2027, 2, 4), 2).unwrap();
    assert_eq!((due.value, due.known), (jiff::civil::date(2027, 2, 14), true));
    let (city, told) = read("\n[[calendar.days]]\nfrom = \"2027-02-30\"\noccasion = \"春节\"\n");
    assert!(city.is_none());
    assert_eq!((told[0].excerpt.as_str(), told[0].message.zh.as_str()), ("from = \"2027-02-30\"", "`2027-02-30` 不是日期，应写成 2027-01-01"));
}

/// Whom the city tells of defects stands in city.toml, held to the rules of connectors.
#[test]
fn whom_the_city_tells_is_declared_and_checked() {
    let read = |notify: &str| {
        let mut files = folder("good");
        files.iter_mut().find(|file| file.path == "city.toml").unwrap().text.push_str(notify);
        City::read(&files)
    };
    let (city, told) = read("\n[notify]\nurl = \"https://oa.example.gov.cn/robot?token=${OA_TOKEN}\"\nheaders = { Authorization = \"Bearer ${OA_TOKEN}\" }\n");
    assert!(told.is_empty(), "{told:?}");
    assert_eq!(city.unwrap().info.notify.unwrap().events, data::declare::Told::ALL);
    for (keys, zh) in [
        ("url = \"http://10.1.2.3/robot\"", "`10.1.2.3` 属于内部网络，city.toml 没有允许连接"),
        ("url = \"ftp://oa.example.gov.cn/\"", "地址应以 http:// 或 https:// 开头"),
        ("url = \"https://me:pw@oa.example.gov.cn/\"", "地址中不应有用户名和口令"),
        ("url = \"https://oa.example.gov.cn/${OA\"", "`${` 没有对应的 `}`"),
        ("url = \"https://oa.example.gov.cn/\"\nevents = []", "`events` 是空的"),
        ("url = \"https://oa.example.gov.cn/\"\nheaders = { Host = \"x\" }", "请求头 `Host` 不能声明"),
        ("url = \"https://oa.example.gov.cn/\"\nheaders = { content-type = \"x\" }", "请求头 `Content-Type` 不能声明"),
        ("url = \"https://oa.example.gov.cn/\"\nheaders = { Authorization = \"Bearer abc\" }", "密钥写在了声明里"),
    ] {
        let (_, told) = read(&format!("\n[notify]\n{keys}\n"));
        assert!(told.len() == 1 && told[0].message.zh == zh, "{keys}: {told:?}");
    }
    let (city, told) = read("\n[notify]\nurl = \"https://oa.example.gov.cn/\"\nevents = [\"defect.late\"]\n");
    assert!(city.is_none() && told.len() == 1, "{told:?}");
}

/// Whom staff log in by is declared right, or nobody is believed.
#[test]
fn a_wrong_identity_provider_is_told_field_by_field() {
    let told = |identity: &str| {
        let mut files = folder("good");
        let city = files.iter_mut().find(|file| file.path == "city.toml").expect("city.toml");
        city.text = format!("{}\n[identity]\n{identity}", city.text);
        City::read(&files).1.iter().map(|d| d.render(kernel::Lang::En)).collect::<String>()
    };
    let whole = "issuer = \"https://id.example.gov.cn/realms/city\"\nclient_id = \"sanjiang\"\nclient_secret = \"${IDENTITY_SECRET}\"\ntitle = \"统一身份认证\"\ntitle_en = \"City identity\"\n";
    assert_eq!(told(whole), "");
    for (right, wrong, said) in [
        ("https://id.example.gov.cn/realms/city", "http://id.example.gov.cn", "begins with https://"),
        ("https://id.example.gov.cn/realms/city", "https://id.example.gov.cn?x=1", "without ? and #"),
        ("https://id.example.gov.cn/realms/city", "https://10.0.0.7/", "does not allow"),
        ("client_id = \"sanjiang\"", "client_id = \"\"", "`client_id` is empty"),
        ("${IDENTITY_SECRET}", "s3cret", "a secret stands in the declaration"),
        ("title = \"统一身份认证\"", "title = \"\"", "`title` is empty"),
        ("client_id", "scopes = [\"open id\"]\nclient_id", "a list of at most 20 words"),
        ("client_id", "roles_claim = \"groups\"\nclient_id", "roles_claim"),
    ] {
        let told = told(&whole.replacen(right, wrong, 1));
        assert!(told.contains(said), "{wrong}: {told}");
    }
}
