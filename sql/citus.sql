-- Distributes a migrated database by district: psql -f sql/citus.sql, once, as its owner, after
-- `create extension citus` and `citus_add_node` for each worker, with zhibaod stopped. zhibaod goes
-- on with the coordinator's address and needs no change. A later `zhibaod migrate` adds tables as
-- local ones: run this again, it distributes what is not yet.
\set ON_ERROR_STOP on
begin;
\ir distribution.sql

-- A session's scope (sql/views/scope.sql) does not reach the workers: without row-level security.
do $$
declare
    found record;
begin
    for found in select relname from pg_class
                 where relnamespace = 'zhibao'::regnamespace and relrowsecurity loop
        execute format('alter table zhibao.%I disable row level security', found.relname);
    end loop;
end $$;

-- Referenced tables before those that refer to them.
create function pg_temp.depth(name text) returns int language sql as $$
    with recursive up (relation, steps) as (
        select format('zhibao.%I', name)::regclass::oid, 0
        union all
        select f.confrelid, steps + 1 from up join pg_constraint f on f.conrelid = relation
        where f.contype = 'f' and f.confrelid <> relation)
    select max(steps) from up
$$;

do $$
declare
    found record;
begin
    for found in
        select d.name, d.lies, format('zhibao.%I', d.name)::regclass as relation
        from distribution d
        where d.lies <> 'local' and not exists (
            select from pg_dist_partition p
            where p.logicalrelid = format('zhibao.%I', d.name)::regclass)
        order by d.lies = 'distributed', pg_temp.depth(d.name), d.name
    loop
        raise notice '% %', found.lies, found.name;
        if found.lies = 'reference' then
            perform create_reference_table(found.relation);
        else
            perform create_distributed_table(found.relation, 'district', colocate_with =>
                coalesce((select p.logicalrelid::text from pg_dist_partition p
                          where p.partmethod = 'h'
                              and p.logicalrelid::text like 'zhibao.%' limit 1), 'none'));
        end if;
    end loop;
end $$;
commit;
