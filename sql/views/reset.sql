-- Views and functions hold nothing: whenever a file of sql/views has changed, `zhibaod migrate` drops
-- them all and makes them anew from the files listed in server/store/migrate.c, in one transaction.
-- Functions that triggers call belong to the tables, so to the migrations, and stay.

do $$
declare
    commands text[]; -- all before the first: what one drop takes along cannot be looked up any more
    command text;
begin
    select pg_catalog.array_agg(pg_catalog.format('drop view if exists zhibao.%I cascade', relname))
    into commands
    from pg_catalog.pg_class
    where relnamespace = 'zhibao'::pg_catalog.regnamespace and relkind = 'v';
    select commands || pg_catalog.array_agg(
        pg_catalog.format('drop function if exists %s cascade', oid::pg_catalog.regprocedure))
    into commands
    from pg_catalog.pg_proc
    where pronamespace = 'zhibao'::pg_catalog.regnamespace
        and prorettype <> 'pg_catalog.trigger'::pg_catalog.regtype;
    foreach command in array coalesce(commands, '{}') loop
        execute command;
    end loop;
end
$$;
