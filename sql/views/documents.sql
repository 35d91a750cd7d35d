-- Where every document stands. A later document of the same unit, duty and period supersedes an
-- earlier one; an attachment is neither superseded nor reviewed. Record kind 12.
create view zhibao.document_state as
select
    d.district, d.unit, d.id, d.plan, d.duty, d.period, d.report_id, d.receiver, d.file_name,
    d.media_type, d.size, d.sha256, d.promulgated, d.received_us, d.chain, d.batch, d.leaf,
    v.verdict, v.by_unit as verdict_by, v.reason, v.received_us as verdict_us,
    x.newer,
    case
        when x.newer then 'superseded'
        when v.verdict = 'accepted' then 'accepted'
        when v.verdict = 'returned' then 'returned'
        else 'stored'
    end as state
from zhibao.document d
left join lateral zhibao.latest_review(12::smallint, d.unit, d.id) v on true
cross join lateral (
    select exists (
        select from zhibao.document n
        where d.duty <> '' and n.district = d.district and n.unit = d.unit and n.plan = d.plan
            and n.duty = d.duty and n.period = d.period
            and (n.chain, n.batch, n.leaf) > (d.chain, d.batch, d.leaf)) as newer
) x;
