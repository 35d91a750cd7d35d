-- Schema version 10: what became of the consolidations reported to the level above.

-- One row a form and year, as the level above last said (PROTOCOL.md section 19). Its own records
-- are in its own database; this is what the district's people are shown.
create table zhibao.uplink_state (
    form text not null,
    period smallint not null,
    unit bigint not null,
    plan text not null,
    revision int not null,
    state smallint not null,        -- enum State of query.proto; 0: waits in the outbox
    reason text not null,           -- why it was returned or refused
    told_us bigint not null,        -- when it was last heard
    primary key (form, period)
);
grant insert, update on zhibao.uplink_state to zhibao_ingest;
