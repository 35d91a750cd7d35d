-- Row-level security: who asks sees rows of the districts that it may be concerned with, whatever a
-- query of ours forgets to ask for. The session says which (server/store/scope.c); one that says
-- nothing sees nothing. Not covered: what is sealed (cases, whose handlers may be of another
-- district), and what everybody may know (places, plans, units, the chain).
--
-- The comparison stands in a CASE so that the planner does not take it for selective: estimates, and
-- with them the plans, stay what they were. Its values are subqueries: looked up once a statement.
-- COPY, by which reports are stored, is not for roles that policies bind: the writer bypasses them.

do $$
declare
    found record;
    see constant text := $see$case
        when district between (select nullif(current_setting('zhibao.district_first', true), '')::bigint)
                          and (select nullif(current_setting('zhibao.district_last', true), '')::bigint)
        then true
        else district = any ((select nullif(current_setting('zhibao.districts', true), '')::bigint[])::bigint[])
        end$see$;
    bypasses constant boolean := (select rolbypassrls from pg_catalog.pg_roles where rolname = 'zhibao_ingest');
begin
    for found in
        select name, case when name = 'registry_event' then ' or kind between 30 and 52' else '' end as sealed
        from unnest(array['report', 'report_event', 'registry_event', 'confirmation_item', 'explanation',
                          'document', 'document_upload', 'document_chunk', 'extension', 'cutoff_notice', 'task_event', 'task_notice', 'task_escalation',
                          'uplink_notice', 'comment_event']) name
    loop
        execute format('drop policy if exists seen on zhibao.%I', found.name);
        execute format('drop policy if exists written on zhibao.%I', found.name);
        execute format('create policy seen on zhibao.%I for select to zhibao_query using (%s)',
                       found.name, see || found.sealed);
        execute format('create policy written on zhibao.%I to zhibao_ingest using (true) with check (true)',
                       found.name);
        if bypasses or found.name <> 'report' then
            execute format('alter table zhibao.%I enable row level security', found.name);
        else
            raise warning 'zhibao.report is without row-level security: a superuser has to run '
                'alter role zhibao_ingest bypassrls, and zhibaod migrate again';
            execute format('alter table zhibao.%I disable row level security', found.name);
        end if;
    end loop;
    -- a view reads as whoever asks it, not as its owner, whom no policy binds
    for found in
        select relname from pg_catalog.pg_class
        where relnamespace = 'zhibao'::regnamespace and relkind = 'v'
    loop
        execute format('alter view zhibao.%I set (security_invoker = true)', found.relname);
    end loop;
end
$$;
