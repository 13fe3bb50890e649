//! One form for texts that mean the same: simplified characters, half width, lower case.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Folds a text for indexing and for searching alike; its number of characters does not change.
pub fn fold(text: &str) -> String {
    text.chars().map(fold_char).collect()
}

fn fold_char(found: char) -> char {
    let narrow = match found {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(found as u32 - 0xfee0).unwrap_or(found),
        'ü' | 'Ü' => 'v',
        other => other,
    };
    match narrow {
        '\0'..='\x7f' => narrow.to_ascii_lowercase(),
        _ => match SIMPLIFIED.get(&narrow) {
            Some(simple) => *simple,
            // Only lower cases of one character, so that places in the text stay the same.
            None => Some(narrow.to_lowercase()).filter(|lower| lower.len() == 1).and_then(|mut lower| lower.next()).unwrap_or(narrow),
        },
    }
}

/// Whether the character is a Chinese one.
pub fn is_han(found: char) -> bool {
    matches!(found, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3134f}' | '〇')
}

static SIMPLIFIED: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let mut pairs = HashMap::new();
    for pair in TRADITIONAL.split_whitespace() {
        let mut chars = pair.chars();
        if let (Some(from), Some(to)) = (chars.next(), chars.next()) {
            pairs.insert(from, to);
        }
    }
    pairs
});

/// Traditional characters that administration and daily life use, each followed by the simplified one.
const TRADITIONAL: &str = "
萬万 與与 專专 業业 東东 絲丝 兩两 嚴严 喪丧 個个 豐丰 臨临 為为 爲为 麗丽 舉举 義义 烏乌 樂乐 喬乔 習习 鄉乡 書书 買买 亂乱 爭争
虧亏 雲云 亞亚 產产 産产 畝亩 親亲 億亿 僅仅 從从 侖仑 倉仓 儀仪 們们 價价 眾众 衆众 優优 會会 傘伞 偉伟 傳传 傷伤 倫伦 偽伪 體体 餘余
傭佣 俠侠 侶侣 偵侦 側侧 僑侨 債债 傾倾 儲储 兒儿 黨党 蘭兰 關关 興兴 養养 獸兽 內内 岡冈 冊册 寫写 軍军 農农 馮冯 衝冲 決决 況况 凍冻
淨净 準准 涼凉 減减 湊凑 幾几 鳳凤 憑凭 凱凯 擊击 劃划 劉刘 則则 剛刚 創创 刪删 別别 劑剂 劍剑 劇剧 勸劝 辦办 務务 動动 勵励 勁劲 勞劳
勢势 勝胜 區区 醫医 華华 協协 單单 賣卖 盧卢 衛卫 卻却 廠厂 廳厅 歷历 曆历 厲厉 壓压 厭厌 廁厕 縣县 參参 雙双 發发 髮发 變变 敘叙 葉叶
號号 嘆叹 後后 嚇吓 嗎吗 啟启 吳吴 員员 聽听 詠咏 鹹咸 響响 喚唤 嘗尝 團团 園园 圍围 國国 圖图 圓圆 聖圣 場场 壞坏 塊块 堅坚 壇坛 壩坝
墳坟 墜坠 壟垄 墊垫 牆墙 壯壮 聲声 殼壳 壺壶 處处 備备 復复 複复 夠够 頭头 夾夹 奪夺 奮奋 獎奖 婦妇 媽妈 嬰婴 娛娱 孫孙 學学 寧宁 寶宝
實实 審审 憲宪 宮宫 寬宽 賓宾 對对 尋寻 導导 壽寿 將将 爾尔 塵尘 堯尧 屍尸 盡尽 層层 屬属 歲岁 豈岂 嶼屿 島岛 嶺岭 崗岗 峽峡 巖岩 幣币
帥帅 師师 帳帐 帶带 幫帮 幹干 乾干 並并 廣广 莊庄 慶庆 廬庐 庫库 應应 廟庙 龐庞 廢废 開开 異异 棄弃 張张 彌弥 彎弯 彈弹 強强 歸归 當当
錄录 彙汇 匯汇 徹彻 徑径 憶忆 懷怀 態态 憂忧 懇恳 惡恶 惱恼 悅悦 懸悬 憐怜 總总 戀恋 戲戏 戰战 戶户 撲扑 執执 擴扩 掃扫 揚扬 擾扰 撫抚
拋抛 搶抢 護护 報报 擔担 擬拟 攏拢 揀拣 擁拥 攔拦 擰拧 撥拨 擇择 掛挂 摯挚 撓挠 擋挡 掙挣 擠挤 揮挥 撈捞 損损 撿捡 換换 搗捣 據据 擲掷
摻掺 攬揽 攙搀 攜携 攝摄 擺摆 搖摇 攤摊 敵敌 數数 齊齐 齋斋 鬥斗 斷断 無无 舊旧 時时 曠旷 曉晓 暈晕 暫暂 術术 機机 殺杀 雜杂 權权 條条
來来 楊杨 極极 構构 樞枢 棗枣 槍枪 櫃柜 標标 棧栈 欄栏 樹树 樣样 橋桥 檢检 樓楼 檔档 橫横 檯台 臺台 颱台 歡欢 歐欧 殘残 毀毁 畢毕 氣气
漢汉 湯汤 溝沟 沒没 灃沣 滬沪 澤泽 濘泞 淚泪 潔洁 灑洒 漿浆 澆浇 濁浊 測测 濟济 渾浑 濃浓 濤涛 澇涝 渦涡 渙涣 滌涤 潤润 漲涨 漸渐 漁渔
滲渗 灣湾 濕湿 潰溃 濺溅 滾滚 滯滞 滿满 濾滤 濫滥 濱滨 灘滩 瀾澜 滅灭 燈灯 靈灵 災灾 燦灿 爐炉 點点 煉炼 爍烁 爛烂 煩烦 燒烧 燙烫 熱热
愛爱 爺爷 牽牵 犧牺 狀状 猶犹 獨独 獄狱 獵猎 獲获 穫获 環环 現现 瑪玛 電电 畫画 暢畅 療疗 瘋疯 癥症 瘡疮 瘧疟 癢痒 盜盗 監监
蓋盖 盤盘 矯矫 礦矿 碼码 磚砖 確确 禮礼 禍祸 種种 稱称 積积 穩稳 稅税 窮穷 竊窃 竄窜 競竞 筆笔 築筑 篩筛 簡简 籃篮 籌筹 簽签 籤签 糧粮
緊紧 糾纠 紅红 約约 級级 紀纪 緯纬 純纯 紗纱 綱纲 納纳 縱纵 紛纷 紙纸 紋纹 紡纺 線线 練练 組组 細细 織织 終终 紹绍 經经 結结 繞绕 繪绘
給给 絡络 絕绝 統统 絹绢 繼继 績绩 續续 繩绳 維维 綿绵 綜综 綠绿 緝缉 緞缎 緣缘 編编 緩缓 締缔 縮缩 繳缴 網网 羅罗 罰罚 罷罢 職职 聯联
聰聪 肅肃 腸肠 膚肤 腎肾 腫肿 脹胀 脅胁 膽胆 脈脉 髒脏 臟脏 腦脑 膠胶 臉脸 艦舰 艙舱 藝艺 節节 蘇苏 蘋苹 薦荐 藥药 蕩荡 榮荣 滎荥 螢萤
營营 蕭萧 薩萨 藍蓝 蘊蕴 虛虚 蟲虫 雖虽 蝦虾 蝕蚀 蠶蚕 補补 襯衬 襲袭 裝装 製制 褲裤 見见 觀观 規规 視视 覽览 覺觉 觸触 譽誉 計计 訂订
認认 討讨 讓让 訓训 議议 訊讯 記记 講讲 許许 論论 設设 訪访 證证 評评 識识 訴诉 診诊 詞词 譯译 試试 詩诗 誠诚 話话 誕诞 詢询 該该 詳详
語语 誤误 說说 請请 諸诸 諾诺 讀读 課课 誰谁 調调 談谈 謀谋 諮咨 謝谢 謠谣 譜谱 貝贝 貞贞 負负 貢贡 財财 責责 賢贤 敗败 賬账 貨货 質质
販贩 貪贪 貧贫 購购 貯贮 貫贯 貼贴 貴贵 貸贷 貿贸 費费 賀贺 賊贼 賄贿 資资 賦赋 賭赌 賞赏 賜赐 賠赔 賴赖 贈赠 贏赢 趙赵 趕赶 趨趋 躍跃
踐践 車车 軌轨 轉转 輪轮 軟软 轟轰 輕轻 載载 較较 輔辅 輛辆 輩辈 輝辉 輸输 轄辖 辭辞 辯辩 邊边 遼辽 達达 遷迁 過过 邁迈 運运 還还 這这
進进 遠远 違违 連连 遲迟 適适 選选 遜逊 遞递 邏逻 遺遗 郵邮 鄰邻 鄭郑 醞酝 釀酿 釋释 裡里 裏里 鑒鉴 鑑鉴 針针 釘钉 鋼钢 鈔钞 鐘钟 鍾钟
鑰钥 欽钦 鈉钠 鉀钾 鐵铁 鈴铃 鉛铅 銅铜 銘铭 銀银 鑄铸 鋪铺 鏈链 銷销 鎖锁 鋰锂 鍋锅 鏽锈 鋒锋 錯错 錢钱 錦锦 鍵键 鍛锻 鎮镇 鏡镜 長长
門门 閃闪 閉闭 問问 閏闰 闖闯 閒闲 間间 閘闸 鬧闹 聞闻 閱阅 閥阀 隊队 陽阳 陰阴 陣阵 階阶 際际 陸陆 陳陈 險险 隨随 隱隐 難难 雛雏 霧雾
靜静 韓韩 頁页 頂顶 項项 順顺 須须 頑顽 顧顾 頓顿 預预 領领 頗颇 頸颈 頻频 題题 顏颜 額额 願愿 類类 顯显 風风 飄飘 飛飞 飯饭 飲饮 飾饰
飽饱 飼饲 餅饼 餓饿 館馆 饑饥 馬马 馳驰 驅驱 駐驻 駕驾 駛驶 駱骆 驗验 騎骑 騙骗 驚惊 魚鱼 魯鲁 鮮鲜 鳥鸟 雞鸡 鳴鸣 鴨鸭 鷹鹰 鹽盐 麥麦
黃黄 齒齿 齡龄 龍龙 龜龟 採采 佈布 佔占 係系 繫系 纔才 範范 穀谷 後后 儘尽 裏里 麵面 鬆松 衹只 隻只 週周 註注 籲吁 餵喂 託托 證证 護护
導导 執执 撥拨 據据 戶户 訊讯 診诊 療疗 癒愈 參参 險险 養养 撫抚 卹恤 殯殡 氣气 廢废 汙污 污污 質质 監监 測测 報报 檔档
";
