// Who receives a case, as common/case/case_route.c says it: by the district's directory, the place, the urgency, and who
// is named in it, which the reporter's browser alone knows. Rules: proto/CASES.md section 5; as data: tests/rules/case_route.rules.
export const DUTY = { township: 1, intake: 2, police: 3, supervisor: 4, above: 5, department: 6 };
export const ROLE = { lead: 1, handler: 2, member: 3, supervisor: 4, offered: 5 };

// From below upwards: whoever is left out, the next rung takes its place.
const LADDER = [DUTY.township, DUTY.intake, DUTY.supervisor, DUTY.above];
const INTAKE = 1;
const SUPERVISOR = 2;

const placeOf = (unit) => String(unit).padStart(15, '0').slice(0, 12);

// Whether `inner` lies within `outer` or is it: places are 12 digits, ended by zeros.
function contains(outer, inner) {
    const whole = outer.padStart(12, '0');
    const ends = [0, 2, 4, 6, 9, 12];
    const kept = ends.find((end) => /^0*$/.test(whole.slice(end)));
    return inner.padStart(12, '0').slice(0, kept) === whole.slice(0, kept);
}

class Route {
    constructor(seats, place, named) {
        Object.assign(this, { seats, place, named, found: [] });
    }

    fits(seat, duty, named = this.named) {
        if (seat.duty !== duty || named.units.includes(seat.unit) || named.holders.includes(seat.holder)) return false;
        return duty !== DUTY.township || (this.place !== '' && contains(placeOf(seat.unit), this.place));
    }

    // Everybody of the duty who is not listed yet; false when there was nobody.
    add(duty, role, level) {
        const before = this.found.length;
        for (const seat of this.seats)
            if (this.fits(seat, duty) && !this.found.some((one) => one.seat.holder === seat.holder)) this.found.push({ seat, role, level });
        return this.found.length > before;
    }

    climb(rung, role, level) {
        let at = rung;
        while (at < LADDER.length && !this.add(LADDER[at], role, level)) at++;
        return at;
    }

    // Nobody of the duty may have the case though the directory has some for this place.
    isLeftOut(duty) {
        const nobody = { units: [], holders: [] };
        return !this.seats.some((seat) => this.fits(seat, duty)) && this.seats.some((seat) => this.fits(seat, duty, nobody));
    }
}

// seats: {unit (text), duty, holder (hex)}; place: 12 digits or ''; named: {units, holders}. [{seat, role, level}] by
// level, those who lead first; null when nobody is left who could lead.
export function route(seats, place, emergency, named) {
    const way = new Route(seats, place, named);
    let top = way.climb(INTAKE, ROLE.lead, 0);
    if (top === LADDER.length) return null;
    // two see it at the same moment: where the township is left out, the next above the lead
    if (!way.add(DUTY.township, ROLE.handler, 0) && way.isLeftOut(DUTY.township)) {
        const next = way.climb(top + 1, ROLE.handler, 0);
        top = next === LADDER.length ? top : next;
    }
    if (emergency && !way.add(DUTY.police, ROLE.handler, 0)) {
        const next = way.climb(top < SUPERVISOR ? SUPERVISOR : top + 1, ROLE.handler, 0);
        top = next === LADDER.length ? top : next;
    }
    let level = 1;
    for (let rung = top + 1; rung < LADDER.length; rung++) if (way.add(LADDER[rung], ROLE.supervisor, level)) level++;
    return way.found;
}

// Whether what a report says of who is named in it (codes of units and ids of keys among other words) names this seat's
// unit or its holder: they are not to learn of the case.
export const textNames = (text, seat) => (text.match(/[0-9a-f:]+/gi) || []).some((word) => {
    const code = /^(\d{12})(?::(\d{1,3}))?$/.exec(word);
    return word.toLowerCase() === seat.holder || (code !== null && Number(code[1] + (code[2] || '').padStart(3, '0')) === Number(seat.unit));
});
