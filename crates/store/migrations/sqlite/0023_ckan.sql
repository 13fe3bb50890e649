-- Organizations and groups that were registered through the CKAN API; packages stand among others' records.
CREATE TABLE ckan_group (
    -- `organization` or `group`.
    kind    TEXT   NOT NULL,
    id      TEXT   NOT NULL,
    name    TEXT   NOT NULL,
    -- JSON, as CKAN tells it.
    body    TEXT   NOT NULL,
    changed BIGINT NOT NULL,
    PRIMARY KEY (kind, id)
);

CREATE UNIQUE INDEX ckan_group_name ON ckan_group (kind, name);
