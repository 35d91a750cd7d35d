-- Which table lies where when the database is distributed by district, and whether the schema lets
-- it: the rules that Citus has for keys, references, triggers and identity columns. Fails with the
-- name of what breaks one. Needs no extension: tests/sql runs it on every build, and sql/citus.sql
-- before it distributes anything.

create temp table distribution (name text primary key, lies text not null);

-- Large: each row on the node of its district.
insert into distribution select name, 'distributed' from unnest(array[
    'report', 'report_event', 'registry_event', 'confirmation_item', 'explanation', 'document',
    'place_change', 'extension', 'cutoff_notice', 'task_event', 'task_notice', 'task_escalation', 'uplink_notice', 'comment_event',
    'case_directory', 'case_report', 'case_event', 'case_key_end', 'case_piece', 'case_recipient', 'case_wrap',
    'case_read', 'case_notice']) name;

-- Small or asked for with everything: whole on every node.
insert into distribution select name, 'reference' from unnest(array[
    'chain', 'batch', 'signature_check', 'signature_checked', 'place', 'department', 'unit', 'unit_key',
    'carrier', 'enrol_code', 'plan', 'plan_unit', 'plan_form', 'indicator', 'target', 'form',
    'form_cell', 'duty', 'calendar_entry', 'cutoff_default', 'unit_seen', 'contact', 'notice_cursor', 'notice_message',
    'uplink_state', 'uplink_step', 'uplink_task', 'service_mark', 'outage', 'access_log']) name;

-- Only where zhibaod connects. Documents: their triggers keep the contents of what is stored, and a
-- trigger of a distributed table cannot be relied on.
insert into distribution select name, 'local' from unnest(array[
    'schema_version', 'views_applied', 'document_upload', 'document_chunk']) name;

do $$
declare
    broken text;
begin
    select string_agg(coalesce(c.relname, d.name), ', ') into broken
    from (select relname from pg_class
          where relnamespace = 'zhibao'::regnamespace and relkind = 'r') c
    full join distribution d on d.name = c.relname
    where c.relname is null or d.name is null;
    if broken is not null then
        raise exception 'distribution: tables without a place, or gone: %', broken;
    end if;

    select string_agg(d.name, ', ') into broken
    from distribution d
    where d.lies = 'distributed' and not exists (
        select from pg_attribute a
        where a.attrelid = format('zhibao.%I', d.name)::regclass and a.attname = 'district'
            and a.attnotnull and a.atttypid = 'bigint'::regtype);
    if broken is not null then
        raise exception 'distribution: without district bigint not null: %', broken;
    end if;

    select string_agg(i.indexrelid::regclass::text, ', ') into broken
    from distribution d
    join pg_index i on i.indrelid = format('zhibao.%I', d.name)::regclass and i.indisunique
    where d.lies = 'distributed' and not exists (
        select from pg_attribute a
        where a.attrelid = i.indrelid and a.attname = 'district'
            and a.attnum = any (i.indkey[0:i.indnkeyatts - 1]));
    if broken is not null then
        raise exception 'distribution: unique without district: %', broken;
    end if;

    -- a reference from a distributed table: to a replicated one, or to one beside it by district
    select string_agg(f.conname, ', ') into broken
    from pg_constraint f
    join distribution d on f.conrelid = format('zhibao.%I', d.name)::regclass
    join distribution t on f.confrelid = format('zhibao.%I', t.name)::regclass
    where f.contype = 'f' and not coalesce(
        d.lies = t.lies and d.lies <> 'distributed'
        or d.lies = 'distributed' and t.lies = 'reference'
        or d.lies = 'distributed' and t.lies = 'distributed' and exists (
            select from unnest(f.conkey, f.confkey) k (here, there)
            join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.here
            join pg_attribute b on b.attrelid = f.confrelid and b.attnum = k.there
            where a.attname = 'district' and b.attname = 'district'), false);
    if broken is not null then
        raise exception 'distribution: references that Citus cannot keep: %', broken;
    end if;

    select string_agg(format('%s.%s', t.tgrelid::regclass, t.tgname), ', ') into broken
    from pg_trigger t
    join distribution d on t.tgrelid = format('zhibao.%I', d.name)::regclass
    where d.lies <> 'local' and not t.tgisinternal;
    if broken is not null then
        raise exception 'distribution: triggers: %', broken;
    end if;

    select string_agg(format('%s.%s', a.attrelid::regclass, a.attname), ', ') into broken
    from pg_attribute a
    join distribution d on a.attrelid = format('zhibao.%I', d.name)::regclass
    where d.lies <> 'local' and a.attidentity <> '';
    if broken is not null then
        raise exception 'distribution: identity columns: %', broken;
    end if;
end $$;
