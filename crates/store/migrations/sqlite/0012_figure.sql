-- Latest values of declared figures.
CREATE TABLE figure_value (
    figure   TEXT   NOT NULL,
    -- The columns that it is broken down by, joined by +; empty for the whole.
    cut      TEXT   NOT NULL,
    -- The SELECT that gave them: another one makes them void.
    sql      TEXT   NOT NULL,
    -- JSON array of rows: period (where it has one), what it is broken down by, value.
    rows     TEXT   NOT NULL,
    as_of    BIGINT NOT NULL,
    error_zh TEXT,
    error_en TEXT,
    PRIMARY KEY (figure, cut)
);

-- What figures without periods were on each day, by what they were at its end.
CREATE TABLE figure_day (
    figure TEXT NOT NULL,
    -- As declared then: a figure that is worked out otherwise begins anew.
    sql    TEXT NOT NULL,
    day    TEXT NOT NULL,
    -- JSON
    value  TEXT NOT NULL,
    PRIMARY KEY (figure, day)
);
