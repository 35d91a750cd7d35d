-- Schema version 4: which text of sql/views made the views that are there.

create table zhibao.views_applied (
    one_row boolean primary key default true check (one_row),
    sha256 bytea not null check (octet_length(sha256) = 32),
    applied_at timestamptz not null default now()
);
