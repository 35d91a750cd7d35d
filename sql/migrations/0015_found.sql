-- Schema version 15: what the aggregator says by itself besides cut-offs, as signed notices: tasks
-- past their time, and what the level above did with the consolidations reported to it.

-- One row for each time a task escalated, its report_event row (kind 8, unit 0) unpacked. That each
-- is made once is the constraint's doing.
create table zhibao.task_notice (
    district bigint not null,   -- home district of the office that opened the task
    id bytea not null check (octet_length(id) = 16),
    office bigint not null,     -- the task: who opened it, and the id of the record that did
    task_id bytea not null check (octet_length(task_id) = 16),
    addressee bigint not null,
    due_us bigint not null,
    stage smallint not null check (stage in (1, 2)), -- 1: past its time; 2: long past it
    told_unit bigint not null,  -- whom it escalated to; 0: nobody but office and addressee
    made_us bigint not null,
    chain smallint not null,
    batch bigint not null,
    leaf int not null,
    primary key (district, id),
    unique (office, task_id, due_us, stage)
);
create index task_notice_batch on zhibao.task_notice (chain, batch);
create index task_event_due on zhibao.task_event (due_us) where due_us <> 0;

-- What the level above did with the consolidations, as it was asked: each step once. The records
-- are in its own database; `receipt` is its receipt of the one that made the step.
create table zhibao.uplink_step (
    unit bigint not null,       -- as whom they were reported
    report_id bytea not null check (octet_length(report_id) = 16),
    step_id bytea not null check (octet_length(step_id) = 16),
    plan text not null,
    form text not null,
    period smallint not null,
    revision int not null,
    state smallint not null,    -- enum State of query.proto
    actor bigint not null,
    actor_name text not null,
    reason text not null,
    time_us bigint not null,
    receipt bytea not null,
    primary key (unit, report_id, step_id)
);

-- The notice made of each step.
create table zhibao.uplink_notice (
    district bigint not null,   -- the district that reported
    id bytea not null check (octet_length(id) = 16),
    unit bigint not null,
    report_id bytea not null check (octet_length(report_id) = 16),
    step_id bytea not null check (octet_length(step_id) = 16),
    plan text not null,
    form text not null,
    period smallint not null,
    state smallint not null,
    actor bigint not null,
    made_us bigint not null,
    chain smallint not null,
    batch bigint not null,
    leaf int not null,
    primary key (district, id),
    unique (unit, report_id, step_id)
);
create index uplink_notice_batch on zhibao.uplink_notice (chain, batch);

alter table zhibao.report_event
    drop constraint report_event_event_check,
    add constraint report_event_event_check check (event in
        ('accepted', 'returned', 'withdrawn', 'objected', 'confirmed', 'reopened', 'locked',
         'unlocked', 'bad_signature', 'reminder', 'overdue', 'cutoff_moved', 'reviewed', 'signed',
         'corrected', 'task_overdue', 'uplink'));

grant insert on zhibao.task_notice, zhibao.uplink_step, zhibao.uplink_notice to zhibao_ingest;
