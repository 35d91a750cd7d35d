-- The roles that Zhibao's tables are owned and used by; none can log in. Applied by
-- `zhibaod migrate` before the migrations, harmless to repeat. Where zhibaod may not create roles,
-- an administrator runs this file once and then, for the login and database of its conninfo:
--   grant zhibao_owner, zhibao_ingest, zhibao_query to LOGIN;
--   grant create on database DATABASE to zhibao_owner;
do $$
declare
    name text;
begin
    -- owner: migrations; ingest: the writer; query: everything that only reads
    foreach name in array array['zhibao_owner', 'zhibao_ingest', 'zhibao_query'] loop
        if not exists (select from pg_catalog.pg_roles where rolname = name) then
            begin
                execute pg_catalog.format('create role %I nologin', name);
            exception when duplicate_object or unique_violation then
                null; -- made by another database's migration at the same time
            end;
        end if;
    end loop;
    -- reports are stored by COPY, which PostgreSQL refuses to roles that row policies bind
    if (select rolsuper from pg_catalog.pg_roles where rolname = current_user)
        and not (select rolbypassrls from pg_catalog.pg_roles where rolname = 'zhibao_ingest') then
        alter role zhibao_ingest bypassrls;
    end if;
end
$$;
