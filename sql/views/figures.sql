-- What was reported and what is owed: one row an observation, completeness.

-- One row an observation, every revision; observation_counted has those that count. A cell that a
-- report does not list was not reported.
create view zhibao.observation as
select
    r.district, r.unit, r.unit / 1000 as place, r.id, f.plan, f.form, f.version as form_version,
    r.form_id, r.period, r.revision, r.demonstration, o.cell, c.element, c.stratum,
    case o.presence
        when 1 then 'value'
        when 2 then 'not_applicable'
        when 3 then 'not_collected'
        else 'not_reported'
    end as presence,
    case when o.presence = 1 then o.value end as value
from zhibao.report r
join zhibao.form f on f.form_id = r.form_id
cross join lateral unnest(r.cell, r.presence, r.value) o (cell, presence, value)
left join zhibao.form_cell c on c.form_id = r.form_id and c.cell = o.cell;

-- Those of reports that count. Lateral and offset 0: each report's own state is looked up; joined with
-- report_state, the planner may work out every report's state for each observation.
create view zhibao.observation_counted as
select o.*
from zhibao.observation o
cross join lateral (
    select s.counts
    from zhibao.report_state s
    where s.district = o.district and s.unit = o.unit and s.id = o.id
    offset 0) s
where s.counts;

-- Who owes which form in which period of its plan: a village the village form, a township the
-- township form, a department the form it is the reporter of; a year's report is for the places that
-- are there at its end. A unit belongs to the plans of one place, and each year to the one that
-- holds it, of several to the one that began last.
create view zhibao.form_owed as
select p.plan, f.form, f.reporter, y.period::smallint as period, u.district, u.unit
from zhibao.plan p
join (select distinct on (plan, form) plan, form, reporter
      from zhibao.form
      order by plan, form, version desc) f on f.plan = p.plan
join zhibao.plan_unit m on m.plan = p.plan
join zhibao.plan latest on latest.place = p.place
join zhibao.unit u
    on u.unit = m.unit and u.plan = latest.plan
    and case when f.reporter in ('village', 'township') then u.role = f.reporter
             when f.reporter = 'district'
                 then u.role = 'statistics' and u.place % 1000000 = 0 and u.place % 100000000 <> 0
                     and not exists (select from zhibao.place b -- else they report here themselves
                                     where b.place > u.place and b.place < u.place + 1000000)
             else u.department = f.reporter end
cross join lateral generate_series(m.first_year::int, m.last_year::int) y (period)
where zhibao.place_in_force(u.place, make_date(y.period, 12, 31))
    and exists (select from zhibao.plan_form o
                where o.plan = p.plan and o.form = f.form
                    and y.period between o.first_year and o.last_year)
    and not exists (select from zhibao.plan o
                    where o.place = p.place and o.first_year > p.first_year
                        and y.period between o.first_year and o.last_year);

-- Which reports each unit owes and what became of them, in every period that has begun.
create view zhibao.report_owed as
select
    o.plan, o.form, o.period::int as period, o.district, o.unit,
    s.received, s.accepted, s.confirmed, s.final
from zhibao.form_owed o
cross join lateral (
    select
        coalesce(bool_or(not r.bad_signature and not r.withdrawn), false) as received,
        coalesce(bool_or(r.counts), false) as accepted,
        coalesce(bool_or(r.counts and r.confirmed), false) as confirmed,
        coalesce(bool_or(r.counts and r.final), false) as final
    from zhibao.report_state r
    where r.district = o.district and r.unit = o.unit and r.period = o.period
        and r.plan = o.plan and r.form = o.form
) s
where o.period <= extract(year from now() at time zone 'Asia/Shanghai');

-- The same, counted for every place from the township up to the province.
create view zhibao.completeness as
select
    o.plan, o.form, o.period, a.place,
    count(*) as expected,
    count(*) filter (where o.received) as received,
    count(*) filter (where o.accepted) as accepted,
    count(*) filter (where o.confirmed) as confirmed,
    count(*) filter (where o.final) as final
from zhibao.report_owed o
cross join lateral (
    select distinct l.place
    from unnest(zhibao.place_ancestors(o.unit / 1000)) l (place)
    where l.place % 1000 = 0
) a
group by o.plan, o.form, o.period, a.place;
