-- Schema version 24: keys of past years that their holders destroyed (kind 47). Rows are inserted, never
-- updated or deleted. See proto/CASES.md section 2.

create table zhibao.case_key_end (
    district bigint not null,
    unit bigint not null,
    holder bytea not null check (octet_length(holder) = 16),
    id bytea not null check (octet_length(id) = 16),
    year smallint not null,
    key bytea not null check (octet_length(key) = 16),
    received_us bigint not null,
    chain smallint not null,
    batch bigint not null,
    leaf int not null,
    primary key (district, chain, batch, leaf)
);

grant insert on zhibao.case_key_end to zhibao_ingest;

-- Another key of a unit that handles a case already (CASE_REWRAP).
alter table zhibao.case_event
    drop constraint case_event_action_check,
    add constraint case_event_action_check check (action between 1 and 19);
