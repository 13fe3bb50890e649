//! The models of the sample city: path in the city folder and text.

pub const MODELS: &[(&str, &str)] = &[
    ("models/master/legal_entities.sql", include_str!("../models/legal_entities.sql")),
    ("models/open/air_quality_by_month.sql", include_str!("../models/open_air_quality_by_month.sql")),
    ("models/open/building_sites.sql", include_str!("../models/open_building_sites.sql")),
    ("models/open/bus_stops.sql", include_str!("../models/open_bus_stops.sql")),
    ("models/open/car_parks.sql", include_str!("../models/open_car_parks.sql")),
    ("models/open/company_energy.sql", include_str!("../models/open_company_energy.sql")),
    ("models/open/hotline_by_day.sql", include_str!("../models/open_hotline_by_day.sql")),
    ("models/open/produce_prices.sql", include_str!("../models/open_produce_prices.sql")),
    ("models/open/shelters.sql", include_str!("../models/open_shelters.sql")),
    ("models/topic/air_by_month.sql", include_str!("../models/air_by_month.sql")),
    ("models/topic/credit_watch.sql", include_str!("../models/credit_watch.sql")),
    ("models/topic/hotline_by_day.sql", include_str!("../models/hotline_by_day.sql")),
    (
        "models/topic/industry_by_district.sql",
        include_str!("../models/industry_by_district.sql"),
    ),
    ("models/topic/parking_by_hour.sql", include_str!("../models/parking_by_hour.sql")),
    (
        "models/topic/population_by_age.sql",
        include_str!("../models/population_by_age.sql"),
    ),
];
