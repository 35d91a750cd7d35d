-- Schema version 12: tasks (督办). The signed records are in registry_event (kind 11); here is what they
-- are looked up by. Rows are inserted, never updated or deleted.

create table zhibao.task_event (
    district bigint not null,   -- home district of the acting unit
    unit bigint not null,       -- who did it
    id bytea not null check (octet_length(id) = 16),
    action smallint not null check (action between 1 and 4), -- enum TaskAction of proto/duty.proto
    office bigint not null,     -- the task: who opened it, and the id of the record that did
    task_id bytea not null check (octet_length(task_id) = 16),
    addressee bigint not null,
    due_us bigint not null,     -- 0: as before
    title text not null,
    text text not null,
    plan text not null,
    duty text not null,
    period smallint not null,
    indicator text not null,
    received_us bigint not null,
    chain smallint not null,
    batch bigint not null,
    leaf int not null,
    primary key (district, unit, id)
);
create index task_event_task on zhibao.task_event (office, task_id, chain, batch, leaf);
create index task_event_addressee on zhibao.task_event (addressee);

grant insert on zhibao.task_event to zhibao_ingest;
