-- What each role may do. Run as the login role, which may become all three; rolled back after.
-- pg_temp.denied(statement) fails unless PostgreSQL refuses it for want of privilege.

create function pg_temp.denied(statement text) returns void language plpgsql as $$
begin
    begin
        execute statement;
    exception when insufficient_privilege then
        return;
    end;
    raise exception 'role % was allowed to: %', current_user, statement;
end $$;

create function pg_temp.allowed(statement text) returns void language plpgsql as $$
begin
    execute statement;
exception when insufficient_privilege then
    raise exception 'role % was not allowed to: %', current_user, statement;
end $$;

-- every table is in exactly one of these lists: a new one has to be thought about
create temp table rule (name text primary key, verbs text);
insert into rule values
    ('chain', 'insert'), ('batch', 'insert'), ('report', 'insert'), ('report_event', 'insert'),
    ('confirmation_item', 'insert'), ('registry_event', 'insert'), ('access_log', 'insert'),
    ('form', 'insert'), ('form_cell', 'insert'), ('signature_checked', 'insert'),
    ('explanation', 'insert'),
    ('place', 'insert update'), ('department', 'insert update'), ('unit', 'insert update'),
    ('unit_key', 'insert update'), ('carrier', 'insert update'), ('enrol_code', 'insert update'),
    ('plan', 'insert update'), ('signature_check', 'insert update'),
    ('indicator', 'insert update delete'), ('target', 'insert update delete'),
    ('duty', 'insert update delete'),
    ('plan_unit', 'insert delete'), ('plan_form', 'insert delete'),
    ('task_event', 'insert'), ('document', 'insert'), ('document_chunk', 'insert delete'),
    ('document_upload', 'insert update delete'),
    ('place_change', 'insert'),
    ('calendar_entry', 'insert'), ('extension', 'insert'), ('outage', 'insert'),
    ('cutoff_notice', 'insert'), ('service_mark', 'insert update'),
    ('unit_seen', 'insert update'), ('cutoff_default', 'insert update delete'),
    ('uplink_state', 'insert update'), ('uplink_step', 'insert'), ('uplink_notice', 'insert'),
    ('task_notice', 'insert'), ('task_escalation', 'insert'), ('uplink_task', 'insert update'), ('comment_event', 'insert'),
    ('case_directory', 'insert'), ('case_report', 'insert'), ('case_event', 'insert'),
    ('case_recipient', 'insert'), ('case_wrap', 'insert'), ('case_read', 'insert'),
    ('case_notice', 'insert'), ('case_piece', 'insert'), ('case_key_end', 'insert'),
    ('contact', 'insert update'), ('notice_cursor', 'insert update'),
    ('notice_message', 'insert update'),
    ('schema_version', ''),
    ('views_applied', '');

do $$
declare
    found record;
    verb text;
begin
    for found in
        select coalesce(c.relname, r.name) as name, r.verbs, c.oid
        from (select relname, oid from pg_class
              where relnamespace = 'zhibao'::regnamespace and relkind = 'r') c
        full join rule r on r.name = c.relname
    loop
        if found.verbs is null or found.oid is null then
            raise exception 'table % has no rule here, or does not exist', found.name;
        end if;
        foreach verb in array array['insert', 'update', 'delete', 'truncate'] loop
            if has_table_privilege('zhibao_ingest', found.oid, verb)
                is distinct from (position(verb in found.verbs) > 0) then
                raise exception 'ingest and % on %: not as it should be', verb, found.name;
            end if;
            if has_table_privilege('zhibao_query', found.oid, verb) then
                raise exception 'query may % %', verb, found.name;
            end if;
        end loop;
        if has_table_privilege('public', found.oid, 'select, insert, update, delete') then
            raise exception 'public may use %', found.name;
        end if;
    end loop;
end $$;

-- Row-level security: a table that leads with its district either has the policies of
-- sql/views/scope.sql or is listed here, and every view reads as whoever asks it.
do $$
declare
    broken text;
begin
    select string_agg(c.relname, ', ') into broken
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'district' and not a.attisdropped
    where c.relnamespace = 'zhibao'::regnamespace and c.relkind = 'r'
        and c.relrowsecurity = (c.relname in
            -- what everybody may know, and what the server keeps of itself
            ('unit', 'place_change', 'plan', 'plan_unit', 'calendar_entry', 'uplink_state', 'uplink_step',
             -- sealed: whoever handles a case may be of another district
             'case_directory', 'case_report', 'case_event', 'case_key_end', 'case_piece',
             'case_recipient', 'case_wrap', 'case_read', 'case_notice'));
    if broken is not null then
        raise exception 'row-level security of % is not as it should be', broken;
    end if;
    select string_agg(relname, ', ') into broken
    from pg_class
    where relnamespace = 'zhibao'::regnamespace and relkind = 'v'
        and not coalesce('security_invoker=true' = any (reloptions), false);
    if broken is not null then
        raise exception 'views that read as their owner: %', broken;
    end if;
end $$;

-- the same by trying it
set role zhibao_ingest;
select pg_temp.denied(format('update zhibao.%I set %I = %I', t, c, c))
from (values ('report', 'payload'), ('report', 'value'), ('report_event', 'event'),
             ('registry_event', 'payload'), ('confirmation_item', 'id'), ('batch', 'header'),
             ('chain', 'chain_id')) v (t, c);
select pg_temp.denied(format('delete from zhibao.%I', t))
from unnest(array['report', 'report_event', 'registry_event', 'confirmation_item', 'batch',
                  'chain', 'unit', 'unit_key', 'plan', 'signature_check']) t;
select pg_temp.denied(format('truncate zhibao.%I', t))
from unnest(array['report', 'report_event', 'registry_event', 'confirmation_item', 'batch']) t;
select pg_temp.denied('drop table zhibao.report');
select pg_temp.denied('alter table zhibao.report disable trigger all');
select pg_temp.denied('create table zhibao.other (a int)');
select pg_temp.denied('insert into zhibao.schema_version values (99)');
select pg_temp.allowed('update zhibao.unit set changed = nextval(''zhibao.registry_change'')');
select pg_temp.allowed('update zhibao.signature_check set number = number');
select pg_temp.allowed('select count(*) from zhibao.report_state');
select pg_temp.allowed('lock table zhibao.unit in share row exclusive mode');

set role zhibao_query;
select pg_temp.allowed(format('select count(*) from zhibao.%I', relname))
from pg_class
where relnamespace = 'zhibao'::regnamespace and relkind in ('r', 'v') and relname <> 'enrol_code';
select pg_temp.denied('select count(*) from zhibao.enrol_code');
select pg_temp.denied('insert into zhibao.access_log (unit, what) values (1, ''x'')');
select pg_temp.denied('select nextval(''zhibao.registry_change'')');
reset role;
