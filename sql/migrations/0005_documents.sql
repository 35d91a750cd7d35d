-- Schema version 5: documents. The signed record is in registry_event (kind 12); document holds what
-- is looked up by, document_chunk the content, shared by all documents of a unit with the same hash.
--
-- Chunks arrive before the record, in document_upload's stage "open", and may be taken away again
-- (too old, or not what they should be). Once a document is stored they stay for ever: the triggers
-- say so to whoever may delete.

create table zhibao.document_upload (
    district bigint not null,
    unit bigint not null,       -- whose document it will be
    sha256 bytea not null check (octet_length(sha256) = 32),
    size bigint not null check (size between 1 and 52428800),
    stage text not null check (stage in ('open', 'complete', 'stored', 'bad')),
    media_type text not null default '', -- by its first bytes; '' while they are missing
    error smallint not null default 0,   -- bad: why (PROTOCOL.md section 9)
    touched_us bigint not null,
    primary key (district, unit, sha256)
);
create index document_upload_unfinished on zhibao.document_upload (touched_us)
    where stage <> 'stored';

create table zhibao.document_chunk (
    district bigint not null,
    unit bigint not null,
    sha256 bytea not null,
    chunk int not null,         -- from 0, each of 262144 bytes but the last
    chunk_sha256 bytea not null check (octet_length(chunk_sha256) = 32),
    content bytea not null check (octet_length(content) between 1 and 262144),
    primary key (district, unit, sha256, chunk)
);
alter table zhibao.document_chunk alter content set storage external; -- PDF and DOCX are compressed

create table zhibao.document (
    district bigint not null,
    unit bigint not null,
    id bytea not null check (octet_length(id) = 16),
    plan text not null,
    duty text not null,         -- '' for an attachment
    period smallint not null,   -- 0: a duty that is owed once
    report_id bytea,            -- an attachment: the unit's own report
    receiver bigint not null,   -- who reviews it; 0: nobody
    file_name text not null,
    media_type text not null,
    size bigint not null,
    sha256 bytea not null,
    promulgated int not null default 0,
    received_us bigint not null,
    chain smallint not null,
    batch bigint not null,
    leaf int not null,
    primary key (district, unit, id)
);
create index document_duty on zhibao.document (district, unit, plan, duty, period);
create index document_report on zhibao.document (district, unit, report_id)
    where report_id is not null;
create index document_receiver on zhibao.document (receiver);

create function zhibao.document_chunk_stays() returns trigger language plpgsql as $$
begin
    if exists (select from zhibao.document_upload u
               where u.district = old.district and u.unit = old.unit and u.sha256 = old.sha256
                   and u.stage = 'stored') then
        raise exception 'the content of a stored document stays'
            using errcode = 'integrity_constraint_violation';
    end if;
    return old;
end
$$;
create trigger document_chunk_stays before delete on zhibao.document_chunk
    for each row execute function zhibao.document_chunk_stays();

create function zhibao.document_upload_stays() returns trigger language plpgsql as $$
begin
    if old.stage = 'stored' then
        raise exception 'the content of a stored document stays'
            using errcode = 'integrity_constraint_violation';
    end if;
    return case tg_op when 'DELETE' then old else new end;
end
$$;
create trigger document_upload_stays before update or delete on zhibao.document_upload
    for each row execute function zhibao.document_upload_stays();

grant insert on zhibao.document to zhibao_ingest;
grant insert, delete on zhibao.document_chunk to zhibao_ingest;
grant insert, update, delete on zhibao.document_upload to zhibao_ingest;
