// Bundles and runs rules.mjs: node bundle.mjs WORK VECTORS, where WORK has the pages' node_modules. 77: not there.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const [work, vectors] = process.argv.slice(2).map((name) => path.resolve(name));
if (!fs.existsSync(path.join(work, 'node_modules', 'esbuild'))) {
    console.log('skipped: the pages were not built (ZHIBAO_PAGES is off)');
    process.exit(77);
}
const esbuild = createRequire(path.join(work, 'package.json'))('esbuild');
const outfile = path.join(work, 'rules.bundle.mjs');
await esbuild.build({
    entryPoints: [path.join(path.dirname(fileURLToPath(import.meta.url)), 'rules.mjs')],
    outfile, bundle: true, platform: 'node', format: 'esm', nodePaths: [path.join(work, 'node_modules')], logLevel: 'warning',
    alias: { 'zhibao-messages': path.join(work, 'messages.js'), '@protobufjs/inquire': path.join(path.dirname(fileURLToPath(import.meta.url)), '../../client/web/pages/lib/no_inquire.cjs') },
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    define: { document: '{}', navigator: '{}' },
});
process.exit(spawnSync(process.execPath, [outfile, vectors], { stdio: 'inherit' }).status);
