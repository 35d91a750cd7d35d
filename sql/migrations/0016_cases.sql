-- Schema version 16: cases (强制报告). The signed records are in registry_event (kinds 30 report, 31
-- directory, 32 step, 33 reading), sealed; here is what they are looked up by: recipients, urgency,
-- times. No column says what happened, where below the district, or who reported. Rows are
-- inserted, never updated or deleted. See proto/CASES.md.

-- The committee's directories. What counts is in the record; these are the clocks.
create table zhibao.case_directory (
    district bigint not null,
    serial bigint not null,
    author_district bigint not null,
    unit bigint not null,       -- the record that brought it
    id bytea not null check (octet_length(id) = 16),
    acknowledge_us bigint not null,
    acknowledge_emergency_us bigint not null,
    assess_us bigint not null,
    outcome_us bigint not null,
    review_us bigint not null,
    received_us bigint not null,
    chain smallint not null,
    batch bigint not null,
    leaf int not null,
    primary key (district, serial)
);

-- A case: its clocks are those of the directory in force when it came.
create table zhibao.case_report (
    district bigint not null,
    id bytea not null check (octet_length(id) = 16), -- the case's: of its report
    lookup_sha256 bytea not null check (octet_length(lookup_sha256) = 32),
    acknowledge_us bigint not null,
    acknowledge_emergency_us bigint not null,
    assess_us bigint not null,
    outcome_us bigint not null,
    review_us bigint not null,
    chain smallint not null,
    batch bigint not null,
    leaf int not null,
    primary key (district, id)
);
create index case_report_lookup on zhibao.case_report (lookup_sha256);

-- Its steps, the report being the first.
create table zhibao.case_event (
    district bigint not null,
    case_id bytea not null,
    author_district bigint not null,
    unit bigint not null,       -- who did it; of the report the district's mailbox
    id bytea not null check (octet_length(id) = 16),
    action smallint not null check (action between 1 and 15), -- enum CaseAction
    actor smallint not null check (actor between 1 and 6),    -- enum case_actor
    emergency boolean not null, -- it says so
    state smallint not null check (state between 1 and 8),    -- that it led to
    due_us bigint not null,     -- by when a member is to have done its part; 0: none
    reply bytea not null,       -- to the reporter, sealed; empty: none
    received_us bigint not null,
    chain smallint not null,
    batch bigint not null,
    leaf int not null,
    primary key (district, case_id, chain, batch, leaf),
    foreign key (district, case_id) references zhibao.case_report
);

-- Who handles it, from a record on: the latest row of a holder in a case goes.
create table zhibao.case_recipient (
    district bigint not null,
    case_id bytea not null,
    unit bigint not null,
    holder bytea not null check (octet_length(holder) = 16),
    role smallint not null check (role between 1 and 5),      -- enum CaseRole
    level smallint not null check (level between 0 and 9),
    present boolean not null,
    chain smallint not null,
    batch bigint not null,
    leaf int not null,
    primary key (district, case_id, holder, chain, batch, leaf),
    foreign key (district, case_id) references zhibao.case_report
);
create index case_recipient_holder on zhibao.case_recipient (holder, district, case_id);

-- For whom a record of a case is wrapped, by itself or by a later grant.
create table zhibao.case_wrap (
    district bigint not null,
    case_id bytea not null,
    record bytea not null check (octet_length(record) = 16),
    holder bytea not null check (octet_length(holder) = 16),
    level smallint not null,
    primary key (district, case_id, holder, record),
    foreign key (district, case_id) references zhibao.case_report
);

-- Who said that they read it, when and for what: before they got it.
create table zhibao.case_read (
    district bigint not null,
    case_id bytea not null,
    unit bigint not null,
    holder bytea not null check (octet_length(holder) = 16),
    id bytea not null check (octet_length(id) = 16),
    purpose smallint not null check (purpose between 1 and 5), -- enum CasePurpose
    received_us bigint not null,
    chain smallint not null,
    batch bigint not null,
    leaf int not null,
    primary key (district, case_id, chain, batch, leaf),
    foreign key (district, case_id) references zhibao.case_report
);

grant insert on zhibao.case_directory, zhibao.case_report, zhibao.case_event,
    zhibao.case_recipient, zhibao.case_wrap, zhibao.case_read to zhibao_ingest;
