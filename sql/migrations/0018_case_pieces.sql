-- Schema version 18: pieces of attachments of cases (kind 46), sealed like everything else of a case.
-- Whoever may have the record that names a piece may have the piece. Rows are inserted, never updated or deleted. See proto/CASES.md.

create table zhibao.case_piece (
    district bigint not null,
    case_id bytea not null,
    author_district bigint not null,
    unit bigint not null,       -- who brought it; of the reporter the district's mailbox
    id bytea not null check (octet_length(id) = 16),
    record bytea not null check (octet_length(record) = 16), -- that names it
    received_us bigint not null,
    chain smallint not null,
    batch bigint not null,
    leaf int not null,
    primary key (district, case_id, id),
    foreign key (district, case_id) references zhibao.case_report
);

grant insert on zhibao.case_piece to zhibao_ingest;
