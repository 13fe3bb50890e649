//! What themes are called, and their twins in the European table of data themes.

use kernel::Text;

use crate::declare::Theme;

impl Theme {
    pub const ALL: [Theme; 16] = [
        Theme::Transport,
        Theme::Environment,
        Theme::Health,
        Theme::Education,
        Theme::Employment,
        Theme::Economy,
        Theme::Housing,
        Theme::Safety,
        Theme::Culture,
        Theme::Agriculture,
        Theme::Justice,
        Theme::Finance,
        Theme::Credit,
        Theme::Government,
        Theme::Geography,
        Theme::Living,
    ];

    /// The word in declarations and addresses, its title, and the European theme's code.
    fn facts(self) -> (&'static str, &'static str, &'static str, &'static str) {
        match self {
            Theme::Transport => ("transport", "交通运输", "Transport", "TRAN"),
            Theme::Environment => ("environment", "生态环境", "Environment", "ENVI"),
            Theme::Health => ("health", "医疗健康", "Health", "HEAL"),
            Theme::Education => ("education", "教育科技", "Education and science", "EDUC"),
            Theme::Employment => ("employment", "社保就业", "Employment and insurance", "SOCI"),
            Theme::Economy => ("economy", "经济建设", "Economy", "ECON"),
            Theme::Housing => ("housing", "城建住房", "Building and housing", "REGI"),
            Theme::Safety => ("safety", "公共安全", "Public safety", "JUST"),
            Theme::Culture => ("culture", "文化休闲", "Culture and leisure", "EDUC"),
            Theme::Agriculture => ("agriculture", "农业农村", "Agriculture", "AGRI"),
            Theme::Justice => ("justice", "法律服务", "Law", "JUST"),
            Theme::Finance => ("finance", "财税金融", "Taxes and finance", "ECON"),
            Theme::Credit => ("credit", "信用服务", "Credit", "ECON"),
            Theme::Government => ("government", "机构团体", "Government", "GOVE"),
            Theme::Geography => ("geography", "地理空间", "Geography", "REGI"),
            Theme::Living => ("living", "生活服务", "Daily life", "SOCI"),
        }
    }

    pub fn word(self) -> &'static str {
        self.facts().0
    }

    pub fn parse(word: &str) -> Option<Theme> {
        Theme::ALL.into_iter().find(|theme| theme.word() == word)
    }

    pub fn title(self) -> Text {
        let (_, zh, en, _) = self.facts();
        Text::new(zh, en)
    }

    /// Code in the Publications Office's table of data themes.
    pub fn europe(self) -> &'static str {
        self.facts().3
    }
}
