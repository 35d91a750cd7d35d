'use strict';
// node main.js vectors FILE
// node main.js live PROTO_DIR ENROLMENT_CODE FOREIGN_UNIT YEAR

const { check, finish } = require('./checks.js');

async function main([command, ...rest]) {
    if (command === 'vectors' && rest.length === 1) {
        require('./vectors.js').run(rest[0]);
    } else if (command === 'live' && rest.length === 4) {
        await require('./live.js').run(...rest);
    } else {
        console.error('usage: node main.js vectors FILE | live PROTO_DIR CODE FOREIGN_UNIT YEAR');
        process.exit(2);
    }
}

main(process.argv.slice(2))
    .catch((error) => check('no exception', false, error.stack))
    .then(() => process.exit(finish()));
