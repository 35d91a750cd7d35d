-- Cut-offs in force, and who reported in time. The rules are those of server/chain/calendar.h; a test
-- holds the two against each other. Levels: 1 a unit's own report, 2 a township's total.

-- What outages made of a cut-off.
create function zhibao.cutoff_moved(of_plan text, of_period smallint, of_form text,
                                    of_level smallint, of_district bigint, of_moment bigint)
returns bigint language sql stable parallel safe
begin atomic
    with recursive walk (moment, step) as (
        select of_moment, 0
        union all
        select m.until_us, w.step + 1
        from walk w
        join zhibao.cutoff_notice m
            on m.notice = 'cutoff_moved' and m.district = of_district and m.plan = of_plan
            and m.period = of_period and m.form = of_form and m.level = of_level
            and m.due_us = w.moment and m.until_us > w.moment
        where w.step < 100)
    select max(moment) from walk;
end;

-- The cut-off of a form at a level for a unit: the entry of the nearest place around it, else the
-- plan's default; its latest exception when that is later; then outages. No row: there is none.
create function zhibao.cutoff_of(of_plan text, of_period smallint, of_form text, of_level smallint,
                                 of_district bigint, of_unit bigint)
returns table (opens_us bigint, set_us bigint, due_us bigint)
language sql stable parallel safe
begin atomic
    select s.opens_us, s.due_us,
        zhibao.cutoff_moved(of_plan, of_period, of_form, of_level, of_district,
            greatest(s.due_us, (
                select x.until_us
                from zhibao.extension x
                where x.district = of_district and x.about_unit = of_unit and x.plan = of_plan
                    and x.period = of_period and x.form = of_form and x.level = of_level
                order by x.chain desc, x.batch desc, x.leaf desc
                limit 1)))
    from (
        (select e.opens_us, e.due_us, 0 as rank, e.place, e.chain, e.batch, e.leaf
         from zhibao.calendar_entry e
         where e.plan = of_plan and e.period = of_period and e.form = of_form
             and e.level = of_level and e.place = any (zhibao.place_ancestors(of_unit / 1000)))
        union all
        (select d.opens_us, d.due_us, 1, 0, 0::smallint, 0, 0
         from zhibao.cutoff_default d
         where d.plan = of_plan and d.period = of_period and d.form = of_form
             and d.level = of_level)
        ) s
    order by s.rank,
        array_position(zhibao.place_ancestors(of_unit / 1000), s.place),
        s.chain desc, s.batch desc, s.leaf desc
    limit 1;
end;

-- What each unit owes in each period of its plan, and when it first came.
create view zhibao.owed_report as
select
    w.plan, w.period, w.form, 1::smallint as level, w.district, w.unit,
    s.first_us, s.waiting, s.accepted, s.final
from zhibao.form_owed w
cross join lateral (
    select
        min(r.received_us) filter (where r.state not in ('bad_signature', 'withdrawn'))
            as first_us,
        coalesce(bool_or(r.state not in ('bad_signature', 'withdrawn', 'superseded', 'returned')),
                 false) as waiting, -- something stands that was not returned
        coalesce(bool_or(r.counts), false) as accepted,
        coalesce(bool_or(r.counts and r.final), false) as final
    from zhibao.report_state r
    where r.district = w.district and r.unit = w.unit and r.period = w.period
        and r.plan = w.plan and r.form = w.form
) s
union all
-- townships owe the total of each village form
select
    w.plan, w.period, f.form, 2::smallint, w.district, w.unit,
    s.first_us, s.waiting, s.accepted, s.accepted
from zhibao.form_owed w
join (select distinct plan, form from zhibao.form where reporter = 'village') f
    on f.plan = w.plan
cross join lateral (
    select
        min(c.received_us) filter (where c.state <> 'bad_signature') as first_us,
        coalesce(bool_or(c.state not in ('bad_signature', 'superseded', 'returned', 'reopened')),
                 false) as waiting,
        coalesce(bool_or(c.counts), false) as accepted
    from zhibao.confirmation_state c
    where c.district = w.district and c.unit = w.unit and c.period = w.period
        and c.plan = w.plan and c.form = f.form
) s
where w.reporter = 'township';

-- The same with the unit's cut-off in force. A report without any cut-off is on time.
create view zhibao.timeliness_unit as
select
    o.plan, o.period, o.form, o.level, o.district, o.unit, c.opens_us, c.set_us, c.due_us,
    o.first_us, o.accepted, o.final,
    o.first_us is not null and (c.due_us is null or o.first_us <= c.due_us) as on_time,
    o.first_us is not null and coalesce(o.first_us > c.due_us, false) as late
from zhibao.owed_report o
left join lateral zhibao.cutoff_of(o.plan, o.period, o.form, o.level, o.district, o.unit) c
    on true;

-- Counted for every place from the township up to the province; timeliness is on_time / expected.
create view zhibao.timeliness as
select
    t.plan, t.period, t.form, t.level, a.place,
    count(*) as expected,
    count(t.first_us) as received,
    count(*) filter (where t.on_time) as on_time,
    count(*) filter (where t.late) as late,
    count(*) filter (where t.accepted) as accepted,
    count(*) filter (where t.final) as final
from zhibao.timeliness_unit t
cross join lateral (
    select distinct l.place
    from unnest(zhibao.place_ancestors(t.unit / 1000)) l (place)
    where l.place % 1000 = 0
) a
group by t.plan, t.period, t.form, t.level, a.place;
