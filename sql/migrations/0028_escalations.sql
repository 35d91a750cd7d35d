-- Schema version 28: overdue tasks that escalated from a server below to this one's office (kind 16), and,
-- below, what of one's own was told upward. PROTOCOL.md section 20.

-- One row a record, whose bytes are in registry_event. Rows are inserted, never updated or deleted.
create table zhibao.task_escalation (
    district bigint not null,   -- home district of the unit that told it
    unit bigint not null,       -- as whom the server below is a client of this one
    id bytea not null check (octet_length(id) = 16),
    action smallint not null check (action between 2 and 5), -- enum TaskAction of proto/duty.proto
    office bigint not null,     -- the task: who opened it there, and that record's id and hash
    task_id bytea not null check (octet_length(task_id) = 16),
    task_sha256 bytea not null check (octet_length(task_sha256) = 32),
    step_id bytea not null check (octet_length(step_id) = 16), -- the record below that this one tells of
    told_unit bigint not null,  -- the committee office here that it escalated to
    addressee bigint not null,
    office_name text not null,
    addressee_name text not null,
    due_us bigint not null,     -- 0: as before
    title text not null,
    text text not null,
    plan text not null,
    duty text not null,
    period smallint not null,
    indicator text not null,
    step_us bigint not null,    -- when it was stored there
    received_us bigint not null,
    chain smallint not null,
    batch bigint not null,
    leaf int not null,
    primary key (district, unit, id),
    unique (district, office, task_id, step_id)
);
create index task_escalation_task on zhibao.task_escalation (office, task_id, chain, batch, leaf);
create index task_escalation_batch on zhibao.task_escalation (chain, batch);
grant insert on zhibao.task_escalation to zhibao_ingest;

-- Which of its own steps this server has told the level above: its own note, as the records are in the
-- uplink's outbox and above.
create table zhibao.uplink_task (
    step_id bytea not null primary key check (octet_length(step_id) = 16),
    office bigint not null,
    task_id bytea not null check (octet_length(task_id) = 16),
    action smallint not null,
    state smallint not null check (state between 0 and 2), -- waits, stored there, refused there
    put_us bigint not null,
    settled_us bigint not null  -- 0: not yet
);
create index uplink_task_task on zhibao.uplink_task (office, task_id);
grant insert, update on zhibao.uplink_task to zhibao_ingest;
