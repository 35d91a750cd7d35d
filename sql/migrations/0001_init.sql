-- Schema version 1. Applied by `zhibaod migrate`; never changed after release.
--
-- Every large table (report, report_event, confirmation_item) leads its primary key and unique
-- constraints with `district`, the unchanging home district of the unit that owns the row; every
-- other table is small enough to be replicated everywhere. Rows are inserted, never updated or
-- deleted, in: report, report_event, registry_event, confirmation_item, batch.
-- Unit numbers: place code * 1000 + number within the place. Times ending in _us: microseconds
-- since 1970-01-01 UTC.

create schema zhibao;

create table zhibao.schema_version (
    version int primary key,
    applied_at timestamptz not null default now()
);

-- One row: the identity of this database's chain of batches.
create table zhibao.chain (
    chain smallint primary key,
    chain_id bytea not null unique check (octet_length(chain_id) = 16)
);

create table zhibao.batch (
    chain smallint not null references zhibao.chain,
    number bigint not null,
    time_us bigint not null,
    leaf_count int not null check (leaf_count > 0),
    leaves bytea not null check (octet_length(leaves) = leaf_count * 32), -- leaf hashes in order
    header bytea not null,      -- signed bytes, PROTOCOL.md section 5.3
    header_sha256 bytea not null,
    algorithm smallint not null,
    key_id bytea not null,
    signature bytea not null,
    primary key (chain, number)
);

-- Places, units and keys: the registry. `changed` orders changes for incremental reload.
create sequence zhibao.registry_change;

create table zhibao.place (
    place bigint not null,
    valid_from date not null,
    valid_to date,
    level smallint not null,
    parent bigint,
    name_zh text not null,
    primary key (place, valid_from)
);

create table zhibao.department (
    code text primary key,
    number smallint not null unique check (number between 1 and 99),
    name_zh text not null,
    name_en text not null
);

create table zhibao.unit (
    unit bigint primary key,
    district bigint not null,
    place bigint not null,
    department text references zhibao.department (code),
    role text not null check (role in ('village', 'township', 'department', 'statistics', 'office', 'admin')),
    plan text not null,
    name_zh text not null,
    name_en text not null,
    changed bigint not null default nextval('zhibao.registry_change')
);
create index unit_changed on zhibao.unit (changed);
create index unit_place on zhibao.unit (place);

create table zhibao.unit_key (
    key_id bytea primary key check (octet_length(key_id) = 16),
    unit bigint not null references zhibao.unit,
    algorithm smallint not null,
    sign_public bytea not null,
    transport_public bytea not null unique check (octet_length(transport_public) = 32),
    encrypt_public bytea not null,
    status text not null check (status in ('pending', 'active', 'revoked')),
    changed bigint not null default nextval('zhibao.registry_change')
);
create index unit_key_changed on zhibao.unit_key (changed);
create index unit_key_unit on zhibao.unit_key (unit);

-- Which subtree's reports a unit's connection may carry besides its own. Taken back by setting
-- `granted` to false and `changed` to the next number, never by deleting the row.
create table zhibao.carrier (
    unit bigint not null references zhibao.unit,
    subtree bigint not null,
    granted boolean not null default true,
    changed bigint not null default nextval('zhibao.registry_change'),
    primary key (unit, subtree)
);
create index carrier_changed on zhibao.carrier (changed);

create table zhibao.enrol_code (
    code_id bytea primary key check (octet_length(code_id) = 8),
    secret_sha256 bytea not null,
    unit bigint not null references zhibao.unit,
    issued_by bigint,
    expires_us bigint not null,
    used_by_key bytea
);

-- Plan imports, key changes: signed records about the registry itself.
create table zhibao.registry_event (
    district bigint not null,
    unit bigint not null,
    kind smallint not null,
    id bytea not null check (octet_length(id) = 16),
    received_us bigint not null,
    carrier bigint not null,
    key_id bytea not null,
    algorithm smallint not null,
    payload_sha256 bytea not null,
    payload bytea not null,
    signature bytea not null,
    chain smallint not null,
    batch bigint not null,
    leaf int not null,
    subject_unit bigint,
    primary key (district, unit, kind, id)
);
create unique index registry_event_leaf on zhibao.registry_event (district, chain, batch, leaf);

-- Plans: the newest import of each is in force; its files are in registry_event.payload.
create table zhibao.plan (
    plan text primary key,
    place bigint not null,
    name_zh text not null,
    name_en text not null,
    first_year smallint not null,
    last_year smallint not null,
    district bigint not null,
    unit bigint not null,
    id bytea not null,          -- the registry_event that holds its files
    changed bigint not null default nextval('zhibao.registry_change')
);

create table zhibao.indicator (
    plan text not null references zhibao.plan,
    indicator text not null,
    name_zh text not null,
    name_en text not null,
    domain text not null,
    kind text not null,
    unit text not null,
    numerator text not null,
    denominator text not null,
    factor float8 not null,
    polarity text not null,
    decimals smallint not null,
    owner text not null,
    primary key (plan, indicator)
);

create table zhibao.target (
    plan text not null references zhibao.plan,
    target text not null,
    indicator text,
    stratum text not null,
    operator text not null,
    value text not null,
    year text not null,
    scope text not null,
    base_year text not null,
    base_value text not null,
    section text not null,
    quote text not null,
    primary key (plan, target)
);

-- Forms keep a small number for the report table; a new version is a new row.
create table zhibao.form (
    form_id int primary key generated always as identity,
    plan text not null references zhibao.plan,
    form text not null,
    version int not null,
    reporter text not null,
    title_zh text not null,
    title_en text not null,
    unique (plan, form, version)
);

create table zhibao.form_cell (
    form_id int not null references zhibao.form,
    cell int not null,
    element text not null,
    stratum text not null,
    primary key (form_id, cell)
);

create table zhibao.duty (
    plan text not null references zhibao.plan,
    duty text not null,
    reporter text not null,
    receiver text not null,
    what text not null,
    form text not null,
    frequency text not null,
    due text not null,
    section text not null,
    quote text not null,
    primary key (plan, duty)
);

-- Reports: append-only revisions, the bytes as received beside the columns unpacked from them.
create table zhibao.report (
    district bigint not null,
    unit bigint not null,
    id bytea not null,
    form_id int not null,
    period smallint not null,
    revision smallint not null,
    demonstration boolean not null,
    received_us bigint not null,
    carrier bigint not null,
    key_id bytea not null,
    algorithm smallint not null,
    payload_sha256 bytea not null,
    payload bytea not null,
    signature bytea not null,
    chain smallint not null,
    batch bigint not null,
    leaf int not null,
    cell int2[] not null,
    presence int2[] not null,
    value float8[] not null,
    primary key (district, unit, id),
    unique (district, period, form_id, unit, revision)
);
alter table zhibao.report set (toast_tuple_target = 8160);
alter table zhibao.report
    alter payload set storage external,
    alter cell set storage main,
    alter presence set storage main,
    alter value set storage main;
create index report_batch on zhibao.report (chain, batch);

-- What happened to reports and totals: reviews, confirmations, locks, and the aggregator's own
-- finding that a signature is invalid (kind 0, no payload).
create table zhibao.report_event (
    district bigint not null,   -- home district of the acting unit
    unit bigint not null,       -- who did it; 0: the aggregator
    kind smallint not null,     -- RecordKind
    id bytea not null,
    received_us bigint not null,
    carrier bigint not null,
    key_id bytea not null,
    algorithm smallint not null,
    payload_sha256 bytea not null,
    payload bytea not null,
    signature bytea not null,
    chain smallint not null,
    batch bigint not null,
    leaf int not null,
    event text not null check (event in
        ('accepted', 'returned', 'confirmed', 'locked', 'unlocked', 'bad_signature')),
    subject_kind smallint,      -- of what it acts on
    subject_unit bigint,
    subject_id bytea,
    plan text,
    form_id int,                -- confirmations
    place bigint,               -- locks: the place; confirmations: the township
    period smallint,
    revision smallint,          -- confirmations
    reason text not null default '',
    primary key (district, unit, kind, id)
);
create index report_event_subject on zhibao.report_event (district, subject_unit, subject_id);
create index report_event_period on zhibao.report_event (district, period, event);
create index report_event_leaf on zhibao.report_event (district, chain, batch, leaf);

-- Which reports a confirmation names.
create table zhibao.confirmation_item (
    district bigint not null,
    confirmation_unit bigint not null,
    confirmation_id bytea not null,
    unit bigint not null,
    id bytea not null,
    primary key (district, confirmation_unit, confirmation_id, unit, id)
);
create index confirmation_item_report on zhibao.confirmation_item (district, unit, id);

-- How far client signatures have been checked: every report of batches up to `number` is either
-- good or has a bad_signature event.
create table zhibao.signature_check (
    chain smallint primary key references zhibao.chain,
    number bigint not null
);

create table zhibao.access_log (
    at timestamptz not null default now(),
    unit bigint not null,
    key_id bytea,
    what text not null,
    detail text not null default ''
);
