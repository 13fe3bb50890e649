//! The figures of the sample city: path in the city folder and text.

pub const FIGURES: &[(&str, &str)] = &[
    ("figures/air_quality.toml", include_str!("../figures/air_quality.toml")),
    ("figures/base_stations.toml", include_str!("../figures/base_stations.toml")),
    ("figures/companies.toml", include_str!("../figures/companies.toml")),
    ("figures/good_air_share.toml", include_str!("../figures/good_air_share.toml")),
    ("figures/hotline_calls.toml", include_str!("../figures/hotline_calls.toml")),
    ("figures/hotline_done_rate.toml", include_str!("../figures/hotline_done_rate.toml")),
    ("figures/machines.toml", include_str!("../figures/machines.toml")),
    ("figures/persons_on_file.toml", include_str!("../figures/persons_on_file.toml")),
    ("figures/residents.toml", include_str!("../figures/residents.toml")),
    ("figures/subsidies_paid.toml", include_str!("../figures/subsidies_paid.toml")),
    ("figures/urban_cases.toml", include_str!("../figures/urban_cases.toml")),
    ("figures/visits.toml", include_str!("../figures/visits.toml")),
];
