-- That what one district asks is looked up by indexes, however many others there are: the plans of
-- the views behind completeness, timeliness and the clock over 60 districts of made-up rows, and that
-- none reads a large table from end to end. Run as the tables' owner; rolled back after. (Of 3,000
-- districts with 651,000 units and 1,028,570 reports an answer reads 5,600 buffers.)

insert into zhibao.chain values (1, decode(md5('chain'), 'hex'));
insert into zhibao.signature_check values (1, 0);
create temp table district as select (100000 + i) as six from generate_series(1, 60) i;
insert into zhibao.plan (plan, place, name_zh, name_en, first_year, last_year, district, unit, id)
    select 'p' || six, six * 1000000::bigint, 'p', 'p', 2021, 2030, six * 1000000::bigint,
        six * 1000000000::bigint + 3, '\x00'
    from district;
insert into zhibao.place (place, valid_from, level, parent, name_zh)
    select six * 1000000::bigint + 100000 + v, '2020-01-01', 5, null, 'z'
    from district, generate_series(200, 299) v;
insert into zhibao.unit (unit, district, place, department, role, plan, name_zh, name_en)
    select place * 1000, place / 1000000 * 1000000, place, null, 'village', 'p' || place / 1000000,
        'z', 'e'
    from zhibao.place where place between 100001000000 and 100061000000;
insert into zhibao.form (plan, form, version, reporter, title_zh, title_en)
    select 'p' || six, 'village', 1, 'village', '', '' from district;
insert into zhibao.plan_unit select plan, unit, 2021, 2030 from zhibao.unit where plan like 'p10%';
insert into zhibao.plan_form select plan, form, 2021, 2030 from zhibao.form where plan like 'p10%';
insert into zhibao.report (district, unit, id, form_id, period, revision, demonstration, received_us, carrier,
        key_id, algorithm, payload_sha256, payload, signature, chain, batch, leaf, cell, presence, value)
    select u.district, u.unit, decode(md5(u.unit::text), 'hex'), f.form_id, 2025, 1, true, 1, u.unit,
        decode(md5('k'), 'hex'), 1, sha256('p'), '\x00', '\x00', 1, 1, row_number() over (), '{1}', '{1}', '{1}'
    from zhibao.unit u join zhibao.form f on f.plan = u.plan;
insert into zhibao.report_event (district, unit, id, kind, event, subject_unit, subject_kind, subject_id, reason,
        received_us, carrier, key_id, algorithm, payload_sha256, payload, signature, chain, batch, leaf)
    select r.district, r.unit / 1000000 * 1000000, decode(md5(r.unit::text || 'e'), 'hex'), 2, 'accepted', r.unit,
        1, r.id, '', 2, r.unit, r.key_id, 1, r.payload_sha256, '\x00', '\x00', 1, 2, r.leaf
    from zhibao.report r;
analyze zhibao.unit, zhibao.plan, zhibao.plan_unit, zhibao.form, zhibao.report, zhibao.report_event, zhibao.place;

do $$
declare
    asked text;
    line text;
    read text;
    asked_of constant text := ' o where o.plan = ''p100030'' and o.period = 2025'
        ' and o.unit between 100030000000000 and 100030999999999';
begin
    foreach asked in array array['owed_report', 'timeliness_unit', 'form_owed', 'report_owed'] loop
        read := '';
        for line in execute 'explain (costs off) select * from zhibao.' || asked || asked_of loop
            read := read || line || chr(10);
        end loop;
        if read ~ 'Seq Scan on (unit|plan_unit|report|report_event|place)\M' then
            raise exception '% reads a large table from end to end: %', asked, read;
        end if;
    end loop;
    if (select count(*) from zhibao.owed_report o where o.plan = 'p100030' and o.period = 2025
            and o.unit between 100030000000000 and 100030999999999 and o.accepted) <> 100 then
        raise exception 'not what the district owes';
    end if;
end $$;
