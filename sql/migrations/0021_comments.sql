-- Schema version 21: comments on figures. The signed records are in registry_event (kind 20); here is
-- what they are looked up by. Rows are inserted, never updated or deleted.

create table zhibao.comment_event (
    district bigint not null,   -- home district of the acting unit
    unit bigint not null,       -- who did it
    id bytea not null check (octet_length(id) = 16),
    action smallint not null check (action between 1 and 3), -- enum CommentAction of proto/comment.proto
    author bigint not null,     -- the comment: who raised it, and the id of the record that did
    comment_id bytea not null check (octet_length(comment_id) = 16),
    reporter bigint not null,   -- who answers for the figure
    plan text not null,         -- the figure: of the record that raised it
    period smallint not null,
    form text not null,
    cell int not null,
    indicator text not null,
    stratum text not null,
    place bigint not null,
    follow_up boolean not null,
    shown text not null,
    text text not null,
    received_us bigint not null,
    chain smallint not null,
    batch bigint not null,
    leaf int not null,
    primary key (district, unit, id)
);
create index comment_event_comment on zhibao.comment_event (author, comment_id, chain, batch, leaf);
create index comment_event_reporter on zhibao.comment_event (reporter);
create index comment_event_place on zhibao.comment_event (place) where action = 1;

grant insert on zhibao.comment_event to zhibao_ingest;
