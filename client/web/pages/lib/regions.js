// Outlines of townships that a person brings as GeoJSON, matched with places by code or name. Nothing of it is sent.
const CODE = /^\d{6,12}$/;
const BYTES_MOST = 20 * 1024 * 1024;
const FEATURES_MOST = 5000;
const SUFFIX = /(街道办事处|街道|民族乡|镇|乡|街)$/;

const shapes = ['Polygon', 'MultiPolygon'];
const plain = (name) => String(name).replace(/\s/g, '');
const short = (name) => plain(name).replace(SUFFIX, '') || plain(name);

// Whether it is rings of places on Earth.
function onEarth(coordinates) {
    if (!Array.isArray(coordinates) || !coordinates.length) return false;
    if (typeof coordinates[0] !== 'number') return coordinates.every(onEarth);
    const [longitude, latitude] = coordinates;
    return Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90;
}

// The features that are outlines: [{codes, names, geometry}]. Throws a problem in both languages for what is no such file.
export function readRegions(text) {
    const fail = (zh, en) => { throw Object.assign(new Error(en), { problem: { name: 'GEOJSON', zh, en, field: '', cell: 0 } }); };
    let file;
    if (text.length > BYTES_MOST) fail('文件超过 20 MB', 'the file is over 20 MB');
    try {
        file = JSON.parse(text);
    } catch (error) {
        fail('这不是 GeoJSON 文件（JSON 读不通）', 'this is no GeoJSON file: it is not JSON');
    }
    if (!file || file.type !== 'FeatureCollection' || !Array.isArray(file.features)) fail('这不是 GeoJSON 文件：应为 FeatureCollection', 'this is no GeoJSON file: a FeatureCollection is expected');
    if (file.features.length > FEATURES_MOST) fail(`图形超过 ${FEATURES_MOST} 个`, `more than ${FEATURES_MOST} features`);
    const outlines = file.features.filter((one) => one && one.geometry && shapes.includes(one.geometry.type));
    if (!outlines.length) fail('文件里没有面（Polygon、MultiPolygon）', 'the file has no outlines (Polygon, MultiPolygon)');
    if (!outlines.every((one) => onEarth(one.geometry.coordinates))) fail('坐标不是经纬度（须为 WGS 84 或 CGCS2000 的度）', 'its coordinates are no longitudes and latitudes in degrees');
    return outlines.map(({ geometry, properties }) => {
        const values = Object.values(properties || {}).filter((value) => typeof value === 'string' || typeof value === 'number').map(plain);
        return { codes: values.filter((value) => CODE.test(value)), names: values.filter((value) => value && !/^[\d.-]+$/.test(value)), geometry: { type: geometry.type, coordinates: geometry.coordinates } };
    });
}

// Which outline is which place: first by code, then by the whole name, then without 镇, 乡, 街道 where only one has it.
// {found: [{place, geometry}], rest: [{name, geometry}], missing: [place]}
export function matchRegions(regions, places) {
    const taken = new Map();
    const match = (is) => regions.forEach((region) => {
        if (taken.has(region)) return;
        const fits = places.filter((place) => ![...taken.values()].includes(place) && is(region, place));
        if (fits.length === 1) taken.set(region, fits[0]);
    });
    const coded = (region, { place }) => region.codes.some((code) => code.padEnd(12, '0') === place);
    match(coded);
    match((region, place) => region.names.includes(plain(place.name)));
    match((region, place) => region.names.some((name) => short(name) === short(place.name)));
    return {
        found: regions.filter((region) => taken.has(region)).map((region) => ({ place: taken.get(region).place, geometry: region.geometry })),
        rest: regions.filter((region) => !taken.has(region)).map((region) => ({ name: region.names[0] || region.codes[0] || '?', geometry: region.geometry })),
        missing: places.filter((place) => ![...taken.values()].includes(place)),
    };
}
