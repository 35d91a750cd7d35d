-- Schema version 9: openings and cut-offs, exceptions, the aggregator's notices about them, and who
-- was last heard of when. Levels: 1 a unit's own report, 2 a township's total (enum CutoffLevel).

-- What a plan's forms.csv says, as moments; derived, made anew by every import.
create table zhibao.cutoff_default (
    plan text not null references zhibao.plan,
    form text not null,
    level smallint not null check (level in (1, 2)),
    period smallint not null,
    opens_us bigint not null,
    due_us bigint not null,
    primary key (plan, form, level, period)
);

-- CALENDAR records, one row an entry: the latest of (plan, period, form, level, place) is in force.
create table zhibao.calendar_entry (
    plan text not null,
    period smallint not null,
    form text not null,
    level smallint not null check (level in (1, 2)),
    place bigint not null,
    opens_us bigint not null,
    due_us bigint not null check (due_us > opens_us),
    reminder_days bigint[] not null,
    escalation_days smallint not null,
    received_us bigint not null,
    unit bigint not null,
    id bytea not null,          -- of the registry_event
    chain smallint not null,
    batch bigint not null,
    leaf int not null,
    primary key (plan, period, form, level, place, chain, batch, leaf)
);
create index calendar_entry_batch on zhibao.calendar_entry (batch);

-- EXTENSION records, one row a unit: its latest is in force.
create table zhibao.extension (
    district bigint not null,   -- home district of the unit it is for
    about_unit bigint not null,
    plan text not null,
    period smallint not null,
    form text not null,
    level smallint not null check (level in (1, 2)),
    until_us bigint not null,
    reason text not null,
    received_us bigint not null,
    unit bigint not null,       -- who granted it
    id bytea not null,
    chain smallint not null,
    batch bigint not null,
    leaf int not null,
    primary key (district, about_unit, plan, period, form, level, chain, batch, leaf)
);
create index extension_period on zhibao.extension (plan, period);

-- When the aggregator last could store something, and the times in which it could not.
create table zhibao.service_mark (
    chain smallint primary key references zhibao.chain,
    seen_us bigint not null
);
create table zhibao.outage (
    chain smallint not null references zhibao.chain,
    from_us bigint not null,
    to_us bigint not null check (to_us > from_us),
    primary key (chain, from_us)
);

-- The aggregator's own notices about cut-offs, what their report_event rows say unpacked. That each
-- is made once is the constraint's doing.
create table zhibao.cutoff_notice (
    district bigint not null,
    id bytea not null check (octet_length(id) = 16), -- of the report_event of kind 8, unit 0
    notice text not null check (notice in ('reminder', 'overdue', 'cutoff_moved')),
    plan text not null,
    period smallint not null,
    form text not null,
    level smallint not null check (level in (1, 2)),
    about_unit bigint not null, -- who has not reported; 0: everyone who reports the form
    told_unit bigint not null,  -- overdue: the next level; else 0
    due_us bigint not null,     -- the cut-off it is about
    days smallint not null,     -- reminder: before the cut-off
    until_us bigint not null,   -- cutoff_moved: to here
    outage_us bigint not null,  -- cutoff_moved: by the outage that began then
    made_us bigint not null,
    chain smallint not null,
    batch bigint not null,
    leaf int not null,
    primary key (district, id),
    unique (district, plan, period, form, level, about_unit, notice, due_us, days, outage_us)
);
create index cutoff_notice_period on zhibao.cutoff_notice (plan, period);
create index cutoff_notice_about on zhibao.cutoff_notice (about_unit);
create index cutoff_notice_told on zhibao.cutoff_notice (told_unit);
alter table zhibao.report_event
    drop constraint report_event_event_check,
    add constraint report_event_event_check check (event in
        ('accepted', 'returned', 'withdrawn', 'objected', 'confirmed', 'reopened', 'locked',
         'unlocked', 'bad_signature', 'reminder', 'overdue', 'cutoff_moved'));

-- Last contact of each unit, written about once a minute for those that were heard of.
create table zhibao.unit_seen (
    unit bigint primary key,
    seen_us bigint not null
);

grant insert on zhibao.calendar_entry, zhibao.extension, zhibao.outage, zhibao.cutoff_notice
    to zhibao_ingest;
grant insert, update on zhibao.service_mark, zhibao.unit_seen to zhibao_ingest;
grant insert, update, delete on zhibao.cutoff_default to zhibao_ingest;
