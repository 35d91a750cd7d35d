-- What report_state, confirmation_state, report_current, observation, completeness and period_lock
-- say of a small round, step by step. Run as the tables' owner; rolled back after.
--
-- One district D with township T (villages 1 to 3) and a health department. Reports are called by a
-- letter and revision; their id is that text's MD5.

create function pg_temp.id(name text) returns bytea language sql as
    $$ select decode(md5(name), 'hex') $$;

create temp sequence step;

insert into zhibao.chain values (1, decode(md5('chain'), 'hex'));
insert into zhibao.signature_check values (1, 0);
insert into zhibao.department values ('statistics', 1, 's', 's'), ('health', 4, 'h', 'h');
insert into zhibao.plan (plan, place, name_zh, name_en, first_year, last_year, district, unit, id)
    values ('p', 450223000000, 'p', 'p', 2024, 2025, 450223000000, 450223000000003, '\x00');
insert into zhibao.place (place, valid_from, level, parent, name_zh)
    select place, '2021-01-01', 3, null, 'z'
    from unnest(array[450223000000, 450223101000, 450223101001, 450223101002, 450223101203])
        as places (place);
insert into zhibao.unit (unit, district, place, department, role, plan, name_zh, name_en)
    select place * 1000 + number, 450223000000, place, department, role, 'p', 'z', 'e'
    from (values (450223000000, 1, 'statistics', 'statistics'),
                 (450223000000, 4, 'health', 'department'),
                 (450223101000, 0, null, 'township'),
                 (450223101001, 0, null, 'village'), (450223101002, 0, null, 'village'),
                 (450223101203, 0, null, 'village')) u (place, number, department, role);
insert into zhibao.form (plan, form, version, reporter, title_zh, title_en)
    values ('p', 'village', 1, 'village', '', ''), ('p', 'village', 2, 'village', '', ''),
           ('p', 'township', 1, 'township', '', ''), ('p', 'health', 1, 'health', '', '');
insert into zhibao.plan_unit select plan, unit, 2024, 2025 from zhibao.unit where plan = 'p';
insert into zhibao.plan_form select distinct plan, form, 2024, 2025 from zhibao.form;
insert into zhibao.form_cell
    select form_id, cell, 'element_' || cell, case cell when 2 then 'sex=f' else '' end
    from zhibao.form, generate_series(1, 3) cell;

create function pg_temp.report(name text, unit bigint, form text, version int, period int,
                               revision int) returns void language sql as $$
    insert into zhibao.report
    select 450223000000, report.unit, pg_temp.id(name), f.form_id, report.period, report.revision,
           false, 0, report.unit, '\x00', 1, '\x00', '\x00', '\x00', 1, nextval('step'), 0,
           '{1,2,3}', '{1,2,3}', '{5,0,0}'
    from zhibao.form f
    where f.plan = 'p' and f.form = report.form and f.version = report.version
$$;

-- An event by `actor` on what is called `subject`.
create function pg_temp.event(actor bigint, what text, subject_kind int, unit bigint, subject text)
returns void language sql as $$
    insert into zhibao.report_event (district, unit, kind, id, received_us, carrier, key_id,
        algorithm, payload_sha256, payload, signature, chain, batch, leaf, event, subject_kind,
        subject_unit, subject_id)
    select 450223000000, actor, case what when 'bad_signature' then 8 else 2 end,
           pg_temp.id(what || subject || currval('step')), 0, actor, '\x00', 1, '\x00', '\x00',
           '\x00', 1, nextval('step'), 0, what, event.subject_kind, event.unit, pg_temp.id(subject)
$$;

create function pg_temp.confirm(name text, period int, revision int, variadic reports text[])
returns void language sql as $$
    insert into zhibao.report_event (district, unit, kind, id, received_us, carrier, key_id,
        algorithm, payload_sha256, payload, signature, chain, batch, leaf, event, plan, form_id,
        place, period, revision)
    select 450223000000, 450223101000000, 3, pg_temp.id(name), 0, 450223101000000, '\x00', 1,
           '\x00', '\x00', '\x00', 1, nextval('step'), 0, 'confirmed', 'p', f.form_id, 450223101000,
           confirm.period, confirm.revision
    from zhibao.form f
    where f.form = 'village' and f.version = 1;
    insert into zhibao.confirmation_item
    select 450223000000, 450223101000000, pg_temp.id(confirm.name), r.unit, r.id
    from zhibao.report r
    join unnest(reports) n (name) on r.id = pg_temp.id(n.name)
$$;

create function pg_temp.lock(place bigint, period int, what text) returns void language sql as $$
    insert into zhibao.report_event (district, unit, kind, id, received_us, carrier, key_id,
        algorithm, payload_sha256, payload, signature, chain, batch, leaf, event, plan, place,
        period)
    select 450223000000, 450223000000001, 4, pg_temp.id('lock' || nextval('step')), 0, 1, '\x00', 1,
           '\x00', '\x00', '\x00', 1, currval('step'), 0, what, 'p', lock.place, lock.period
$$;

create function pg_temp.expect(name text, wanted text) returns void language plpgsql as $$
declare
    got text;
begin
    select s.state || case when s.counts then ' counts' else '' end into got
    from zhibao.report_state s where s.id = pg_temp.id(name);
    if got is distinct from wanted then
        raise exception 'report % is "%", not "%"', name, got, wanted;
    end if;
end $$;

create function pg_temp.expect_total(name text, wanted text) returns void language plpgsql as $$
declare
    got text;
begin
    select s.state || case when s.is_current then ' current' else '' end
        || case when s.counts then ' counts' else '' end into got
    from zhibao.confirmation_state s where s.id = pg_temp.id(name);
    if got is distinct from wanted then
        raise exception 'total % is "%", not "%"', name, got, wanted;
    end if;
end $$;

create function pg_temp.expect_complete(form text, period int, place bigint, wanted text)
returns void language plpgsql as $$
declare
    got text;
begin
    select concat_ws(' ', c.expected, c.received, c.accepted, c.confirmed, c.final) into got
    from zhibao.completeness c
    where c.plan = 'p' and c.form = expect_complete.form and c.period = expect_complete.period
        and c.place = expect_complete.place;
    if got is distinct from wanted then
        raise exception 'completeness of % % % is "%", not "%"', form, period, place, got, wanted;
    end if;
end $$;

-- V1, V2, V3: villages; T: the township; S: statistics
select pg_temp.expect_complete('village', 2025, 450223000000, '3 0 0 0 0');
select pg_temp.report('a1', 450223101001000, 'village', 1, 2025, 1);
select pg_temp.report('b1', 450223101002000, 'village', 1, 2025, 1);
select pg_temp.expect('a1', 'stored');
update zhibao.signature_check set number = (select max(batch) from zhibao.report);
select pg_temp.expect('a1', 'checked');
select pg_temp.expect('b1', 'checked');

-- returned, amended on a newer form version, accepted
select pg_temp.event(450223101000000, 'returned', 1, 450223101001000, 'a1');
select pg_temp.expect('a1', 'returned');
select pg_temp.report('a2', 450223101001000, 'village', 2, 2025, 2);
select pg_temp.expect('a1', 'superseded');
select pg_temp.expect('a2', 'stored');
select pg_temp.event(450223101000000, 'accepted', 1, 450223101001000, 'a2');
select pg_temp.expect('a2', 'accepted counts');
select pg_temp.event(450223101000000, 'accepted', 1, 450223101002000, 'b1');
select pg_temp.expect('b1', 'accepted counts');
select pg_temp.expect_complete('village', 2025, 450223101000, '3 2 2 0 0');

-- an accepted revision counts until a newer one is accepted; a bad newer one changes nothing
select pg_temp.report('b2', 450223101002000, 'village', 1, 2025, 2);
select pg_temp.expect('b1', 'superseded counts');
select pg_temp.expect('b2', 'stored');
select pg_temp.event(0, 'bad_signature', 1, 450223101002000, 'b2');
select pg_temp.expect('b1', 'accepted counts');
select pg_temp.expect('b2', 'bad_signature');
select pg_temp.report('b3', 450223101002000, 'village', 1, 2025, 3);
select pg_temp.event(450223101000000, 'accepted', 1, 450223101002000, 'b3');
select pg_temp.expect('b1', 'superseded');
select pg_temp.expect('b3', 'accepted counts');

-- a report with nothing but a bad signature is not received
select pg_temp.report('c1', 450223101203000, 'village', 1, 2025, 1);
select pg_temp.expect_complete('village', 2025, 450223000000, '3 3 2 0 0');
select pg_temp.event(0, 'bad_signature', 1, 450223101203000, 'c1');
select pg_temp.expect_complete('village', 2025, 450223000000, '3 2 2 0 0');

-- confirmed, returned by statistics, confirmed again, accepted
select pg_temp.confirm('t1', 2025, 1, 'a2', 'b3');
select pg_temp.expect('a2', 'confirmed counts');
select pg_temp.expect_total('t1', 'confirmed current');
select pg_temp.event(450223000000001, 'returned', 3, 450223101000000, 't1');
select pg_temp.expect_total('t1', 'returned');
select pg_temp.expect('a2', 'accepted counts');
select pg_temp.confirm('t2', 2025, 2, 'a2');
select pg_temp.expect_total('t1', 'superseded');
select pg_temp.expect('a2', 'confirmed counts');
select pg_temp.expect('b3', 'accepted counts');
select pg_temp.event(450223000000001, 'accepted', 3, 450223101000000, 't2');
select pg_temp.expect_total('t2', 'final current counts');
select pg_temp.expect('a2', 'final counts');
select pg_temp.expect_complete('village', 2025, 450223000000, '3 2 2 1 1');

-- a newer total waits: what the accepted one names stays final
select pg_temp.confirm('t3', 2025, 3, 'a2', 'b3');
select pg_temp.expect_total('t2', 'superseded counts');
select pg_temp.expect_total('t3', 'confirmed current');
select pg_temp.expect('a2', 'final counts');
select pg_temp.expect('b3', 'confirmed counts');
select pg_temp.event(0, 'bad_signature', 3, 450223101000000, 't3');
select pg_temp.expect_total('t2', 'final current counts');
select pg_temp.expect_total('t3', 'bad_signature');
select pg_temp.expect('b3', 'accepted counts');

-- a report that is returned after it was counted is neither confirmed nor final
select pg_temp.event(450223000000001, 'returned', 1, 450223101001000, 'a2');
select pg_temp.expect('a2', 'returned');
select pg_temp.event(450223101000000, 'accepted', 1, 450223101001000, 'a2');
select pg_temp.expect('a2', 'final counts');

-- a withdrawn amendment leaves what it amended as it was; an objection makes it count no longer
select pg_temp.report('b4', 450223101002000, 'village', 1, 2025, 4);
select pg_temp.expect('b3', 'superseded counts');
select pg_temp.event(450223101002000, 'withdrawn', 1, 450223101002000, 'b4');
select pg_temp.expect('b4', 'withdrawn');
select pg_temp.expect('b3', 'accepted counts');
select pg_temp.report('b5', 450223101002000, 'village', 1, 2025, 5);
select pg_temp.expect('b4', 'withdrawn');
select pg_temp.event(450223101000000, 'accepted', 1, 450223101002000, 'b5');
select pg_temp.event(450223101002000, 'objected', 1, 450223101002000, 'b5');
select pg_temp.expect('b5', 'objected');
select pg_temp.expect('b3', 'superseded counts');

-- reopened, a total counts as before; withdrawn, it never was
select pg_temp.event(0, 'reopened', 3, 450223101000000, 't2');
select pg_temp.expect_total('t2', 'reopened current counts');
select pg_temp.confirm('t4', 2025, 4, 'a2', 'b3');
select pg_temp.expect_total('t2', 'superseded counts');
select pg_temp.event(450223101000000, 'withdrawn', 3, 450223101000000, 't4');
select pg_temp.expect_total('t4', 'withdrawn');
select pg_temp.expect_total('t2', 'reopened current counts');

-- direct forms: accepted by statistics is final, by anyone else accepted
select pg_temp.report('h1', 450223000000004, 'health', 1, 2025, 1);
select pg_temp.report('g1', 450223101000000, 'township', 1, 2025, 1);
select pg_temp.event(450223000000001, 'accepted', 1, 450223000000004, 'h1');
select pg_temp.event(450223000000002, 'accepted', 1, 450223101000000, 'g1');
select pg_temp.expect('h1', 'final counts');
select pg_temp.expect('g1', 'accepted counts');
select pg_temp.expect_complete('health', 2025, 450223000000, '1 1 1 0 1');
select pg_temp.expect_complete('township', 2025, 450223101000, '1 1 1 0 0');

-- locks: the latest decides, one above the district counts too, other periods do not
select pg_temp.report('d1', 450223101001000, 'village', 1, 2024, 1);
select pg_temp.event(450223101000000, 'accepted', 1, 450223101001000, 'd1');
select pg_temp.lock(450223000000, 2025, 'locked');
select pg_temp.expect('a2', 'locked counts');
select pg_temp.expect('h1', 'locked counts');
select pg_temp.expect_total('t2', 'locked current counts');
select pg_temp.expect('d1', 'accepted counts');
select pg_temp.expect('b1', 'superseded');
select pg_temp.lock(450223000000, 2025, 'unlocked');
select pg_temp.expect('a2', 'final counts');
select pg_temp.lock(450200000000, 2025, 'locked');
select pg_temp.expect('a2', 'locked counts');
do $$ begin
    if (select array_agg(locked order by place) from zhibao.period_lock where period = 2025)
        is distinct from array[true, false] then
        raise exception 'period_lock is wrong';
    end if;
end $$;

-- the current revisions, and the four kinds of nothing
do $$
declare
    got text;
begin
    select string_agg(unit / 1000 || ':' || revision, ' ' order by unit, period) into got
    from zhibao.report_current where form = 'village';
    if got is distinct from '450223101001:1 450223101001:2 450223101002:5' then
        raise exception 'report_current is "%"', got;
    end if;
    select string_agg(concat_ws(',', cell, element, stratum, presence, coalesce(value::text, '-')),
                      ' ' order by cell) into got
    from zhibao.observation where id = pg_temp.id('a2');
    if got is distinct from '1,element_1,,value,5 2,element_2,sex=f,not_applicable,-'
        ' 3,element_3,,not_collected,-' then
        raise exception 'observation is "%"', got;
    end if;
    select (select count(*) from zhibao.observation_counted) || ' of '
        || (select count(*) from zhibao.observation o
            where exists (select from zhibao.report_state s where s.district = o.district
                and s.unit = o.unit and s.id = o.id and s.counts)) into got;
    if got !~ '^([1-9][0-9]*) of \1$' then
        raise exception 'observation_counted has "%"', got;
    end if;
end $$;
