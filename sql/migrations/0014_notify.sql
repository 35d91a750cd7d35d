-- Schema version 14: notices by e-mail and webhook. The signed CONTACT records are in registry_event
-- (kind 14); the queue is fed from events by one thread, beside the chain and never in its way.

-- Where each unit wants to be told: its latest CONTACT record, unpacked.
create table zhibao.contact (
    unit bigint primary key,
    email text not null,
    webhook text not null,
    language text not null check (language in ('zh', 'en')),
    set_by bigint not null,
    received_us bigint not null,
    chain smallint not null,
    batch bigint not null,
    leaf int not null
);

-- Up to which batch events have been looked at.
create table zhibao.notice_cursor (
    chain smallint primary key references zhibao.chain,
    batch bigint not null
);

-- One row for each event, unit told and channel. What it says is made from these columns when it is
-- sent; nothing here is a figure or a person's words.
create table zhibao.notice_message (
    unit bigint not null,       -- who is told
    channel text not null check (channel in ('email', 'webhook')),
    chain smallint not null,
    batch bigint not null,
    leaf int not null,
    id bytea not null check (octet_length(id) = 16), -- the same at each attempt
    event text not null,
    about_unit bigint not null, -- whose report or task; 0: everyone's
    actor bigint not null,      -- who did it; 0: the aggregator
    plan text not null,
    form text not null,
    period smallint not null,
    level smallint not null,    -- 2: a township's total; else 0 or 1
    due_us bigint not null,
    until_us bigint not null,
    days smallint not null,
    made_us bigint not null,    -- of the event
    state text not null check (state in ('waiting', 'sent', 'given_up')),
    tries int not null,
    next_us bigint not null,
    done_us bigint not null,
    error text not null,
    primary key (unit, channel, chain, batch, leaf)
);
create index notice_message_waiting on zhibao.notice_message (next_us) where state = 'waiting';
create index notice_message_made on zhibao.notice_message (made_us);

-- what is looked for, batch by batch
create index report_event_notice on zhibao.report_event (chain, batch)
    where event in ('returned', 'reopened', 'corrected', 'reminder', 'overdue', 'cutoff_moved');
create index task_event_batch on zhibao.task_event (chain, batch);

grant insert, update on zhibao.contact, zhibao.notice_cursor, zhibao.notice_message
    to zhibao_ingest;
