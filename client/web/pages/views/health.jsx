// How the aggregator and this portal do.
import * as api from '../lib/api.js';
import { T, timeText } from '../lib/i18n.js';
import { Load } from './parts.jsx';

const GIB = 2 ** 30;
const size = (bytes) => (Number(bytes) >= GIB ? `${(Number(bytes) / GIB).toFixed(1)} GiB` : `${(Number(bytes) / 2 ** 20).toFixed(1)} MiB`);

function lasting(fromUs, toUs) {
    const minutes = Math.max(0, Math.floor((Number(toUs) - Number(fromUs)) / 60e6));
    const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)];
    if (days) return T(`${days} 天 ${hours} 小时`, `${days} d ${hours} h`);
    return hours ? T(`${hours} 小时 ${minutes % 60} 分`, `${hours} h ${minutes % 60} min`) : T(`${minutes} 分钟`, `${minutes} min`);
}

const LOW_DISK = 0.1;
const BEHIND = 50; // batches

// What is to be minded, in words; nothing: all is well.
function concerns(health) {
    const found = [];
    if (Number(health.disk_bytes) && Number(health.disk_free_bytes) / Number(health.disk_bytes) < LOW_DISK) found.push(T('磁盘空间不足一成，请清理或扩容', 'less than a tenth of the disk is free: clear or enlarge it'));
    if (health.in_hand > health.in_hand_most / 2) found.push(T('积压过半，服务器忙不过来', 'more than half of the queue is full: the server cannot keep up'));
    if (Number(health.unchecked) > BEHIND) found.push(T('签名核验落后较多', 'the checking of signatures is far behind'));
    if (health.notices_failed) found.push(T(`${health.notices_failed} 条通知未能送达（见“联系方式”）`, `${health.notices_failed} notices could not be delivered (see Contact)`));
    return found;
}

function Facts({ health, portal }) {
    const facts = [
        [T('已运行', 'Running for'), lasting(health.started_us, health.now_us)],
        [T('手头的事', 'In hand'), `${health.in_hand} / ${health.in_hand_most}`],
        [T('启动以来办结', 'Answered since the start'), health.answered],
        [T('启动以来因忙谢绝', 'Turned away since the start'), health.turned_away],
        [T('近10分钟有联系的单位', 'Units heard of in 10 minutes'), health.units_heard],
        [T('已登记的单位', 'Units enrolled'), `${health.units_enrolled} / ${health.units}`],
        [T('最近一批', 'Latest batch'), `${health.batch} · ${timeText(health.batch_us)}`],
        [T('24小时内存入的材料', 'Records stored in 24 hours'), health.records_day],
        [T('待核验签名的批次', 'Batches with signatures to check'), health.unchecked],
        [T('数据库', 'Database'), size(health.database_bytes)],
        [T('磁盘可用', 'Disk free'), `${size(health.disk_free_bytes)} / ${size(health.disk_bytes)}`],
        [T('待送的通知', 'Notices waiting'), health.notices_waiting],
        [T('没传完的文件', 'Unfinished uploads'), health.uploads],
        [T('上次服务中断', 'Last outage'), health.outage_from_us === '0' ? T('没有', 'none') : `${timeText(health.outage_from_us)} · ${lasting(health.outage_from_us, health.outage_to_us)}`],
        [T('门户已运行', 'Portal running for'), lasting(portal.started_us, health.now_us)],
        [T('门户上登录着', 'Logged in at the portal'), portal.sessions],
    ];
    return <dl class="facts">{facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>;
}

async function load() {
    const [health, portal] = await Promise.all([api.ask('KIND_HEALTH'), api.get('/api/accounts')]);
    return { health, portal };
}

export function Health({ title }) {
    return (
        <section>
            <Load load={load}>{({ health, portal }, reload) => {
                const found = concerns(health);
                return (
                    <>
                        <div class="title"><h1>{title}</h1><button type="button" onClick={reload}>{T('刷新', 'Refresh')}</button></div>
                        <p class="help">{health.software} · {T('服务器时间', 'server’s clock')} {timeText(health.now_us)}</p>
                        {found.length ? found.map((text) => <p key={text} class="notice warn">{text}</p>) : <p class="notice good">{T('一切正常', 'all is well')}</p>}
                        <Facts health={health} portal={portal} />
                    </>
                );
            }}</Load>
        </section>
    );
}
