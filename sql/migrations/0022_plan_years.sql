-- Schema version 22: which units and forms a plan has in which of its years. A plan may be amended
-- from a year on, and is succeeded by another: what an earlier year expected stays as it was.
create table zhibao.plan_unit (
    plan text not null references zhibao.plan,
    unit bigint not null references zhibao.unit,
    first_year smallint not null,
    last_year smallint not null check (last_year >= first_year),
    primary key (plan, unit, first_year)
);
create table zhibao.plan_form (
    plan text not null references zhibao.plan,
    form text not null,
    first_year smallint not null,
    last_year smallint not null check (last_year >= first_year),
    primary key (plan, form, first_year)
);
insert into zhibao.plan_unit (plan, unit, first_year, last_year)
select p.plan, u.unit, p.first_year, p.last_year
from zhibao.unit u
join zhibao.plan p on p.plan = u.plan;
insert into zhibao.plan_form (plan, form, first_year, last_year)
select distinct p.plan, f.form, p.first_year, p.last_year
from zhibao.form f
join zhibao.plan p on p.plan = f.plan;
grant select on zhibao.plan_unit, zhibao.plan_form to zhibao_query;
grant select, insert, delete on zhibao.plan_unit, zhibao.plan_form to zhibao_ingest;
