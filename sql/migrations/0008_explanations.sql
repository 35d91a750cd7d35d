-- Schema version 8: explanations of figures under suspicion, unpacked from the reports they came
-- with. They travel upward with the figure, and next year's may not repeat them.

create table zhibao.explanation (
    district bigint not null,
    unit bigint not null,
    id bytea not null,          -- of the report
    cell int not null,
    form_id int not null,
    period smallint not null,
    revision smallint not null,
    text text not null,
    text_key bytea not null check (octet_length(text_key) = 16), -- of the folded text
    primary key (district, unit, id, cell)
);
create index explanation_series on zhibao.explanation (district, period, unit, form_id);

grant insert on zhibao.explanation to zhibao_ingest;
